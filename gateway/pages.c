/* pages.c - see pages.h. */

#include "gateway/pages.h"

#include "common/base/id.h"
#include "common/base/log.h"
#include "gateway/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_INDEX   "/index.html"
#define PAGES_FOREVER "/_app/immutable/"

struct pages {
    char *folder;
    char **paths; // Sorted; "/favicon.svg"
    size_t count;
};

// ---- the folder

static int compare (const void *a, const void *b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

static bool has (const pages_t *self, const char *path)
{
    return self->count && bsearch (&path, self->paths, self->count, sizeof (char *), compare);
}

static void list (pages_t *self)
{
    char *const roots[] = {self->folder, NULL};
    FTS *walk = fts_open (roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    self->paths = calloc (PAGES_FILES, sizeof (char *));
    if (!self->paths)
        abort ();
    for (FTSENT *entry; walk && (entry = fts_read (walk)) && self->count < PAGES_FILES;)
        if (entry->fts_info == FTS_F && entry->fts_statp->st_size <= PAGES_BYTES)
            self->paths[self->count++] = strdup (entry->fts_path + strlen (self->folder));
    if (walk)
        fts_close (walk);
    qsort (self->paths, self->count, sizeof (char *), compare);
}

static bool has_index (const char *folder)
{
    char path[PATH_MAX];
    return snprintf (path, sizeof path, "%s" PAGES_INDEX, folder) < (int) sizeof path &&
           access (path, R_OK) == 0;
}

// Beside this program, or where `cmake --install` puts them; NULL where neither is there.
static const char *usual_folder (arena_t *arena)
{
    static const char *const usual[] = {"web", "../share/opencicd/web"};
    char program[PATH_MAX];
    ssize_t size = readlink ("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = 0;
    char *slash = strrchr (program, '/');
    for (size_t i = 0; slash && i < sizeof usual / sizeof usual[0]; i++) {
        const char *folder = arena_printf (arena, "%.*s/%s", (int) (slash - program), program, usual[i]);
        if (has_index (folder))
            return folder;
    }
    return NULL;
}

fault_t pages_new (pages_t **out, turn_t *turn, const char *folder)
{
    *out = NULL;
    if (folder && *folder && !has_index (folder))
        return turn_fail (turn, NOT_FOUND, "web_dir: %s has no index.html", folder);
    if (folder && !*folder)
        folder = usual_folder (turn->arena);
    pages_t *self = calloc (1, sizeof (pages_t));
    if (!self || (folder && !(self->folder = strdup (folder))))
        abort ();
    if (folder)
        list (self);
    *out = self;
    return OK;
}

void pages_destroy (pages_t **self_p)
{
    pages_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        free (self->paths[i]);
    free (self->paths);
    free (self->folder);
    free (self);
    *self_p = NULL;
}

// ---- one file

static const char *type_of (const char *path)
{
    static const struct {
        const char *end, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript"},
                 {".css", "text/css"},
                 {".svg", "image/svg+xml"},
                 {".json", "application/json"},
                 {".woff2", "font/woff2"},
                 {".png", "image/png"},
                 {".webmanifest", "application/manifest+json"},
                 {".txt", "text/plain; charset=utf-8"}};
    size_t size = strlen (path);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t end = strlen (types[i].end);
        if (size > end && strcmp (path + size - end, types[i].end) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

// NULL where it cannot be read: it was there at the start.
static const char *read_file (const pages_t *self, arena_t *arena, const char *path, size_t *size)
{
    struct stat seen;
    int fd = open (arena_printf (arena, "%s%s", self->folder, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat (fd, &seen) != 0 || !S_ISREG (seen.st_mode) || seen.st_size > PAGES_BYTES) {
        if (fd >= 0)
            close (fd);
        return NULL;
    }
    char *data = arena_room (arena, (size_t) seen.st_size + 1);
    ssize_t got;
    for (*size = 0; *size < (size_t) seen.st_size; *size += (size_t) got)
        if ((got = read (fd, data + *size, (size_t) seen.st_size - *size)) <= 0)
            break;
    close (fd);
    return data;
}

// The packed one that the client takes, else the file itself.
static const char *choose (const pages_t *self, request_t *request, const char *path)
{
    static const struct {
        const char *coding, *end;
    } packed[] = {{"br", ".br"}, {"gzip", ".gz"}};
    reply_header (request, "Vary", "Accept, Accept-Encoding");
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        const char *name = arena_printf (request->turn.arena, "%s%s", path, packed[i].end);
        if (http_head_has (request->info, "Accept-Encoding", packed[i].coding) && has (self, name)) {
            reply_header (request, "Content-Encoding", "%s", packed[i].coding);
            return name;
        }
    }
    return path;
}

static void protect (request_t *request)
{
    // What the page itself may load is in the page; this is what only a header can say
    reply_header (request, "Content-Security-Policy", "frame-ancestors 'none'");
    reply_header (request, "Referrer-Policy", "same-origin");
    reply_header (request, "Cross-Origin-Opener-Policy", "same-origin");
}

static void send_file (const pages_t *self, request_t *request, const char *path)
{
    size_t size;
    bool forever = strncmp (path, PAGES_FOREVER, strlen (PAGES_FOREVER)) == 0;
    request->route = NULL; // It is not the API's answer
    const char *data = read_file (self, request->turn.arena, choose (self, request, path), &size);
    if (!data) {
        request->headers = NULL; // Of what is not sent
        reply_problem (request,
                       turn_fail (&request->turn, NOT_FOUND, "%s of the web pages cannot be read", path));
        return;
    }
    const char *etag =
        forever ? NULL : arena_printf (request->turn.arena, "\"%.32s\"", reply_sum (request, data, size));
    reply_header (request, "Cache-Control", "%s",
                  forever ? "public, max-age=31536000, immutable" : "no-cache");
    if (etag)
        reply_header (request, "ETag", "%s", etag);
    protect (request);
    bool known = etag && http_head_has (request->info, "If-None-Match", etag);
    reply_bytes (request, known ? 304 : 200, type_of (path), data, size);
}

// ---- whose request is it?

static bool is_navigation (const request_t *request)
{
    const char *accept = http_head_get (request->info, "Accept"), *path = request->info->path;
    bool plain = request->route && (request->route->handler->flags & (PLAIN | TOOLKIT));
    return accept && strstr (accept, "text/html") && strncmp (path, "/api/", 5) != 0 && !plain;
}

bool pages_serve (const pages_t *self, request_t *request)
{
    const char *path = request->info->path;
    bool reads = strcmp (request->info->method, "GET") == 0 || request->head;
    if (!self->count || !reads)
        return false;
    if (has (self, path))
        send_file (self, request, path);
    else if (is_navigation (request))
        send_file (self, request, PAGES_INDEX);
    else
        return false;
    return true;
}
