/* server_caches.c - see server_caches.h. Bytes go by signed addresses, of which only the path is used: the server is the one that was
 * configured, whatever it believes its name to be. */

#include "agent/server_caches.h"

#include "agent/chunked_fetch.h"
#include "agent/server_call.h"
#include "common/base/buffer.h"

#include <inttypes.h>
#include <string.h>

#define SERVICE     "/twirp/github.actions.results.api.v1.CacheService/"
#define SIGNED      "/signed/"
#define LIST_MAX    (2 << 20) // Bytes of a list of blocks
#define GATHER_MS   600000    // The server puts the blocks of a large cache in their order
#define TRANSFER_MS 120000    // Of one piece, beside the usual

static fault_t path_of (turn_t *turn, const char *url, const char **path)
{
    *path = strstr (url, SIGNED);
    return *path ? OK : turn_fail (turn, BROKEN, "the server's address for a cache is not one of its own");
}

static fault_t look (void *self_, turn_t *turn, const char *key, const char *const *others, size_t count,
                     const char *version, cache_hit_t *hit)
{
    const server_artifacts_t *self = self_;
    cache_entry_found_t found = {.ok = false};
    const cache_entry_url_t ask = {
        .key = key, .restore_keys = {(const char **) (uintptr_t) others, count}, .version = version};
    *hit = (cache_hit_t){NULL, NULL};
    TRY (server_call (self->server, turn, "POST", SERVICE "GetCacheEntryDownloadURL", self->token,
                      MESSAGE (cache_entry_url), &ask, MESSAGE (cache_entry_found), &found));
    if (!found.ok)
        return OK;
    hit->key = found.matched_key;
    return path_of (turn, found.signed_download_url, &hit->place);
}

static fault_t fetch (void *self_, turn_t *turn, const cache_hit_t *hit, int64_t offset, cache_take_fn *take,
                      void *stream)
{
    server_artifacts_t *self = self_;
    server_ask_t ask = {.method = "GET", .path = hit->place, .take = take, .stream = stream};
    http_answer_t answer;
    fault_t fault = chunked_fetch (self, turn, hit->place, offset, take, stream);
    if (fault != NOT_FOUND)
        return fault;
    turn->detail = NULL;
    if (offset > 0)
        ask.headers[0] = arena_printf (turn->arena, "Range: bytes=%" PRId64 "-", offset);
    return server_exchange (self->server, turn, &ask, &answer);
}

static int64_t copied (void *self_)
{
    const server_artifacts_t *self = self_;
    return self->copied_bytes;
}

// "PATH\nKEY\nVERSION": a key has no line end, or the server would have refused it.
static fault_t reserve (void *self_, turn_t *turn, const char *key, const char *version, const char **place)
{
    const server_artifacts_t *self = self_;
    cache_entry_created_t created = {.ok = false};
    const cache_create_entry_t ask = {.key = key, .version = version};
    const char *path;
    TRY (server_call (self->server, turn, "POST", SERVICE "CreateCacheEntry", self->token,
                      MESSAGE (cache_create_entry), &ask, MESSAGE (cache_entry_created), &created));
    if (!created.ok)
        return turn_fail (turn, CONFLICT, "%s", created.message);
    TRY (path_of (turn, created.signed_upload_url, &path));
    *place = arena_printf (turn->arena, "%s\n%s\n%s", path, version, key);
    return OK;
}

static fault_t put_to (void *self_, turn_t *turn, const char *place, const char *query, server_ask_t *ask)
{
    const server_artifacts_t *self = self_;
    http_answer_t answer;
    ask->method = "PUT";
    ask->path = arena_printf (turn->arena, "%.*s&%s", (int) strcspn (place, "\n"), place, query);
    return server_exchange (self->server, turn, ask, &answer);
}

// Of one width, as Azure wants them.
static const char *block_name (arena_t *arena, int64_t offset)
{
    return arena_printf (arena, "%020" PRId64, offset);
}

static fault_t put (void *self, turn_t *turn, const char *place, int64_t offset, const void *data,
                    size_t size)
{
    server_ask_t ask = {
        .type = "application/octet-stream", .body = data, .size = size, .wait_ms = TRANSFER_MS};
    return put_to (self, turn, place,
                   arena_printf (turn->arena, "comp=block&blockid=%s", block_name (turn->arena, offset)),
                   &ask);
}

// As Azure's "Put Block From URL": the signed address is the proof that this job may read what it copies.
static fault_t copy (void *self_, turn_t *turn, const char *place, int64_t offset, const cache_hit_t *of,
                     int64_t from, int64_t size)
{
    const server_artifacts_t *self = self_;
    server_ask_t ask = {.wait_ms = TRANSFER_MS};
    ask.headers[0] = arena_printf (turn->arena, "x-ms-copy-source: %s%s", self->url, of->place);
    ask.headers[1] =
        arena_printf (turn->arena, "x-ms-source-range: bytes=%" PRId64 "-%" PRId64, from, from + size - 1);
    return put_to (self_, turn, place,
                   arena_printf (turn->arena, "comp=block&blockid=%s", block_name (turn->arena, offset)),
                   &ask);
}

static fault_t gather (void *self, turn_t *turn, const char *place, const int64_t *starts, size_t count)
{
    buffer_t *list = buffer_new (LIST_MAX);
    buffer_puts (list, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    for (size_t i = 0; i < count; i++)
        buffer_printf (list, "<Latest>%s</Latest>", block_name (turn->arena, starts[i]));
    buffer_puts (list, "</BlockList>");
    server_ask_t ask = {.type = "application/xml",
                        .body = buffer_text (list),
                        .size = buffer_size (list),
                        .wait_ms = GATHER_MS};
    fault_t fault = buffer_full (list) ? turn_fail (turn, TOO_LARGE, "the cache has too many bytes")
                                       : put_to (self, turn, place, "comp=blocklist", &ask);
    buffer_destroy (&list);
    return fault;
}

static fault_t commit (void *self_, turn_t *turn, const char *place, const int64_t *starts, size_t count,
                       int64_t size)
{
    const server_artifacts_t *self = self_;
    const char *version = strchr (place, '\n') + 1, *key = strchr (version, '\n') + 1;
    cache_entry_finalized_t saved = {.ok = false};
    const cache_finalize_entry_t ask = {.key = key,
                                        .version =
                                            arena_strndup (turn->arena, version, strcspn (version, "\n")),
                                        .size_bytes = arena_printf (turn->arena, "%" PRId64, size)};
    TRY (gather (self_, turn, place, starts, count));
    TRY (server_call (self->server, turn, "POST", SERVICE "FinalizeCacheEntryUpload", self->token,
                      MESSAGE (cache_finalize_entry), &ask, MESSAGE (cache_entry_finalized), &saved));
    return saved.ok ? OK : turn_fail (turn, CONFLICT, "%s", saved.message);
}

cache_port_t server_cache_port (server_artifacts_t *self)
{
    return (cache_port_t){.self = self,
                          .look = look,
                          .fetch = fetch,
                          .reserve = reserve,
                          .put = put,
                          .copy = copy,
                          .copied = copied,
                          .commit = commit};
}
