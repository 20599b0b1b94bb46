/* doctor_files.c - the data folder, the key and the blob store. */

#include "cli/doctor/doctor.h"
#include "common/base/id.h"
#include "common/base/job_token.h"
#include "common/s3/store.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FREE_WARNED  (INT64_C (2) << 30) // Bytes
#define FREE_NEEDED  (INT64_C (100) << 20)
#define FILES_WARNED 10000 // Inodes: an artifact, a log and a checkout take many

static const char *gib (const doctor_t *self, int64_t bytes)
{
    return arena_printf (self->turn->arena, "%.1f GiB", (double) bytes / (1 << 30));
}

static void check_room (doctor_t *self, const char *path)
{
    struct statvfs disk;
    if (statvfs (path, &disk) != 0)
        return;
    int64_t bytes = (int64_t) disk.f_bavail * (int64_t) disk.f_frsize;
    if (bytes < FREE_WARNED)
        doctor_find (self, bytes < FREE_NEEDED ? FINDING_ERROR : FINDING_WARNING,
                     "make room, or shorten the retention: docs/operating.md, Retention",
                     "only %s are free at %s", gib (self, bytes), path);
    else if (disk.f_files > 0 && disk.f_favail < FILES_WARNED)
        doctor_find (self, FINDING_WARNING, "remove small files, or make a file system with more inodes",
                     "only %llu more files fit at %s", (unsigned long long) disk.f_favail, path);
    else
        doctor_find (self, FINDING_OK, "", "%s, %s free", path, gib (self, bytes));
}

void check_folder (doctor_t *self)
{
    const char *path = self->settings->data_dir;
    struct stat status;
    if (stat (path, &status) != 0) {
        if (errno == ENOENT)
            doctor_find (self, FINDING_PASSED, "", "%s is not there yet: the first start makes it", path);
        else
            doctor_find (self, FINDING_ERROR, "run this as the user that the server runs as", "%s: %s", path,
                         strerror (errno));
        return;
    }
    if (!S_ISDIR (status.st_mode)) {
        doctor_find (self, FINDING_ERROR, "name another with --data-dir", "%s is not a folder", path);
        return;
    }
    if (access (path, R_OK | W_OK | X_OK) != 0) {
        doctor_find (self, FINDING_ERROR, "run this as the user that the server runs as, or chown it",
                     "%s cannot be written: %s", path, strerror (errno));
        return;
    }
    if (status.st_mode & 077)
        doctor_find (self, FINDING_WARNING, arena_printf (self->turn->arena, "chmod 700 %s", path),
                     "others of this machine may look into %s", path);
    check_room (self, path);
}

void check_key (doctor_t *self)
{
    const char *path = self->settings->secret_key_file;
    secret_key_t key;
    struct stat status;
    if (stat (path, &status) != 0) {
        if (errno == ENOENT)
            doctor_find (self, FINDING_PASSED,
                         "if secrets were stored before, restore the key that encrypted them",
                         "%s is not there: the next start makes one", path);
        else
            doctor_find (self, FINDING_ERROR, "", "%s: %s", path, strerror (errno));
        return;
    }
    if (status.st_mode & 077)
        doctor_find (self, FINDING_ERROR, arena_printf (self->turn->arena, "chmod 600 %s", path),
                     "others of this machine may read the key %s", path);
    self->turn->detail = NULL;
    if (secret_key_load (&key, self->turn, path) != OK)
        doctor_find (self, FINDING_ERROR, "restore it from the backup", "%s",
                     self->turn->detail ? self->turn->detail : "the key cannot be read");
    else
        doctor_find (self, FINDING_OK, "", "%s, %zu key%s", path, key.older_count + 1,
                     key.older_count ? "s" : "");
    explicit_bzero (&key, sizeof key);
}

// A folder would be made by being opened.
static bool is_there (const char *url)
{
    struct stat status;
    return strncmp (url, "dir:", 4) != 0 || stat (url + 4, &status) == 0;
}

static fault_t try_blob (turn_t *turn, blob_t *blob)
{
    static const char text[] = "opencicd doctor";
    char back[sizeof text] = "";
    size_t got = 0;
    const char *key = arena_printf (turn->arena, "doctor/%s", id_new (turn->arena, 'd', turn->now_us));
    TRY (blob_put (blob, turn, key, text, sizeof text));
    fault_t fault = blob_get (blob, turn, key, 0, back, sizeof back, &got);
    fault_t removed = blob_delete (blob, turn, key);
    if (fault == OK && (got != sizeof text || memcmp (back, text, sizeof text) != 0))
        fault = turn_fail (turn, BROKEN, "what was written is not what is read");
    return fault != OK ? fault : removed;
}

void check_blobs (doctor_t *self)
{
    const char *url = self->settings->blob_url;
    blob_t *blob = NULL;
    if (!is_there (url)) {
        doctor_find (self, FINDING_PASSED, "", "%s is not there yet: the first start makes it", url);
        return;
    }
    self->turn->detail = NULL;
    fault_t fault = store_open (&blob, self->turn, self->settings);
    if (fault == OK)
        fault = try_blob (self->turn, blob);
    if (fault == OK)
        doctor_find (self, FINDING_OK, "", "%s takes, gives and removes a blob", url);
    else
        doctor_find (self, FINDING_ERROR, "logs and artifacts cannot be stored until this is mended",
                     "%s: %s", url, self->turn->detail ? self->turn->detail : fault_text (fault));
    blob_close (&blob);
}
