/* The files of an artifact arrive whole, out of an archive too, or not at all. */

#include "agent/engine/builtin/builtin_files.h"

#include "common/base/path.h"
#include "common/base/sha256.h"
#include "proto/messages.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

typedef struct {
    const char *bytes;
    size_t size;
    char said[500];
    bool stopped;
} store_t;

static fault_t read_bytes (void *self_, turn_t *turn, const char *artifact, int64_t offset, void *into,
                           size_t size, size_t *got)
{
    const store_t *self = self_;
    size_t left = self->size - (size_t) offset, some = left < size ? left : size;
    (void) artifact, (void) turn;
    *got = some < 7 ? some : 7; // As little at once as a server may give
    if (size == 30 && some == 30)
        *got = 30;
    memcpy (into, self->bytes + offset, *got);
    return OK;
}

static void fail (void *self_, const char *text)
{
    store_t *self = self_;
    snprintf (self->said, sizeof (self->said), "%s", text);
}

static bool stopped (void *self)
{
    return ((store_t *) self)->stopped;
}

static bool write_all (store_t *store, const artifact_t *artifact, const char *folder)
{
    static char bytes[MAX_CHUNK];
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    const artifact_port_t port = {.self = store, .read = read_bytes};
    const builtin_call_t call = {
        .self = store, .arena = arena, .artifacts = &port, .fail = fail, .stopped = stopped};
    bool good = builtin_write_files (&call, &turn, artifact, folder, bytes);
    arena_destroy (&arena);
    return good;
}

static void check_file (const char *folder, const char *name, const char *text, unsigned mode)
{
    char path[600], data[500] = "";
    struct stat info;
    snprintf (path, sizeof (path), "%s/%s", folder, name);
    FILE *file = fopen (path, "r");
    CHECK (file);
    CHECK_INT (fread (data, 1, sizeof (data) - 1, file), strlen (text));
    fclose (file);
    CHECK_STR (data, text);
    CHECK_INT (stat (path, &info), 0);
    CHECK_INT (info.st_mode & 0777, mode);
}

static bool is_there (const char *folder, const char *name)
{
    char path[600];
    struct stat info;
    snprintf (path, sizeof (path), "%s/%s", folder, name);
    return lstat (path, &info) == 0;
}

static const char *const text = "much of the same, much of the same, much of the same";

// A header, deflated data, then a header and stored ones; as an archive has them.
static size_t make_archive (char *into, artifact_file_t files[2])
{
    memset (into, 0, 1000);
    memcpy (into, "PK\3\4", 4);
    into[26] = 1; // Of its name
    z_stream stream = {.next_in = (unsigned char *) (uintptr_t) text, .avail_in = (uInt) strlen (text)};
    stream.next_out = (unsigned char *) into + 31;
    stream.avail_out = 900;
    CHECK_INT (deflateInit2 (&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    CHECK_INT (deflate (&stream, Z_FINISH), Z_STREAM_END);
    size_t at = 31 + stream.total_out;
    files[0] =
        (artifact_file_t){.path = "bin/app",
                          .size = (int64_t) strlen (text),
                          .sha256 = "",
                          .mode = 0755,
                          .packed = (int64_t) stream.total_out,
                          .method = 8,
                          .crc32 = (uint32_t) crc32 (0, (const unsigned char *) text, (uInt) strlen (text))};
    deflateEnd (&stream);
    memcpy (into + at, "PK\3\4", 4);
    memcpy (into + at + 30, "abc", 3);
    files[1] = (artifact_file_t){.path = "plain",
                                 .size = 3,
                                 .sha256 = "",
                                 .offset = (int64_t) at,
                                 .packed = 3,
                                 .crc32 = (uint32_t) crc32 (0, (const unsigned char *) "abc", 3)};
    return at + 33;
}

TEST (the_files_of_an_archive_are_unpacked_into_the_folder)
{
    char folder[256], archive[1000];
    artifact_file_t files[2];
    test_folder (folder, sizeof (folder));
    store_t store = {.bytes = archive, .size = make_archive (archive, files)};
    const artifact_t artifact = {.id = "f1", .archive = true, .files = {files, 2}};
    CHECK (write_all (&store, &artifact, folder));
    check_file (folder, "bin/app", text, 0755);
    check_file (folder, "plain", "abc", 0644);
    test_folder_remove (folder);
}

TEST (a_damaged_entry_is_not_written)
{
    char folder[256], archive[1000];
    artifact_file_t files[2];
    test_folder (folder, sizeof (folder));
    store_t store = {.bytes = archive, .size = make_archive (archive, files)};
    const artifact_t artifact = {.id = "f1", .archive = true, .files = {files, 2}};
    files[1].crc32++;
    CHECK (!write_all (&store, &artifact, folder));
    CHECK_STR (store.said, "plain was damaged on the way: it is not what was uploaded");
    CHECK (is_there (folder, "bin/app") && !is_there (folder, "plain") && !is_there (folder, ".plain.part"));
    files[0].size--;
    CHECK (!write_all (&store, &artifact, folder));
    CHECK_STR (store.said, "bin/app was damaged on the way: it is not what was uploaded");
    archive[0] = 'X';
    CHECK (!write_all (&store, &artifact, folder));
    test_folder_remove (folder);
}

TEST (plain_files_are_checked_and_stay_below_the_folder)
{
    char folder[256];
    test_folder (folder, sizeof (folder));
    store_t store = {.bytes = "helloworld!", .size = 11};
    sha256_t sha;
    arena_t *arena = arena_new ();
    sha256_init (&sha);
    sha256_add (&sha, "hello", 5);
    artifact_file_t files[2] = {{.path = "a/b", .size = 5, .sha256 = sha256_hex (&sha, arena)},
                                {.path = "c", .size = 6, .sha256 = ""}};
    artifact_t artifact = {.id = "f1", .files = {files, 2}};
    CHECK (write_all (&store, &artifact, folder));
    check_file (folder, "a/b", "hello", 0644);
    check_file (folder, "c", "world!", 0644);
    store.bytes = "jelloworld!";
    CHECK (!write_all (&store, &artifact, folder));
    CHECK_STR (store.said, "a/b was damaged on the way: it is not what was uploaded");
    check_file (folder, "a/b", "hello", 0644); // What was there stays
    static const char *const wrong[] = {"../x", "/x", "a/../../x", "a//x", "", "."};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        files[0].path = wrong[i];
        CHECK (!path_is_inside (wrong[i]) && !write_all (&store, &artifact, folder));
    }
    store.stopped = true;
    files[0].path = "late";
    CHECK (!write_all (&store, &artifact, folder) && !is_there (folder, "late"));
    arena_destroy (&arena);
    test_folder_remove (folder);
}

TEST (no_file_is_written_through_a_link)
{
    char folder[256], outside[256], path[600];
    test_folder (folder, sizeof (folder));
    test_folder (outside, sizeof (outside));
    store_t store = {.bytes = "hello", .size = 5};
    artifact_file_t file = {.path = "out/b", .size = 5, .sha256 = ""};
    artifact_t artifact = {.id = "f1", .files = {&file, 1}};
    snprintf (path, sizeof (path), "%s/out", folder);
    CHECK_INT (symlink (outside, path), 0);
    CHECK (!write_all (&store, &artifact, folder) && !is_there (outside, "b"));
    file.path = "a/out/b"; // Nor deeper in it
    snprintf (path, sizeof (path), "%s/a", folder);
    CHECK_INT (mkdir (path, 0700), 0);
    snprintf (path, sizeof (path), "%s/a/out", folder);
    CHECK_INT (symlink (outside, path), 0);
    CHECK (!write_all (&store, &artifact, folder) && !is_there (outside, "b"));
    file.path = "b"; // A link in the file's own place is replaced
    snprintf (path, sizeof (path), "%s/b", folder);
    CHECK_INT (symlink ("a/missing", path), 0);
    CHECK (write_all (&store, &artifact, folder));
    check_file (folder, "b", "hello", 0644);
    CHECK (!is_there (folder, "a/missing"));
    test_folder_remove (outside);
    test_folder_remove (folder);
}
