/* GitHub's toolkit finds its cache service at the gateway, with the real store behind it, in both versions of its protocol. */

#include "common/base/sha256.h"
#include "proto/limits.h"
#include "tests/service/gateway/toolkit.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V2   "/twirp/github.actions.results.api.v1.CacheService/"
#define V1   "/_apis/artifactcache/"
#define SIZE 5000

static void fill (char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        data[i] = world_byte (i);
}

static wire_answer_t post (toolkit_t *self, const char *path, const char *body)
{
    return wire_ask (self->world->address, "POST", path, self->token, "Content-Type: application/json\r\n",
                     body);
}

static wire_answer_t get (toolkit_t *self, const char *path, const char *token)
{
    return wire_ask (self->world->address, "GET", path, token, "", "");
}

static void check_answer (wire_answer_t answer, int status, const char *said)
{
    if (answer.status != status || (said && !strstr (answer.body, said)))
        test_fail (__FILE__, __LINE__, "%d %s", answer.status, answer.body ? answer.body : "");
    wire_forget (&answer);
}

// ---- version 2 ----

static const char *create (toolkit_t *self, const char *key)
{
    wire_answer_t answer =
        post (self, V2 "CreateCacheEntry",
              arena_printf (self->world->arena, "{\"key\":\"%s\",\"version\":\"v\",\"new\":{}}", key));
    CHECK_INT (answer.status, 200);
    CHECK (strstr (answer.body, "\"ok\":true"));
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_upload_url"));
    wire_forget (&answer);
    return path;
}

static void put_whole (toolkit_t *self, const char *path, const char *data, size_t size)
{
    char head[1024];
    wire_t http = wire_open (self->world->address);
    snprintf (head, sizeof (head),
              "PUT %s HTTP/1.1\r\nHost: a\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: %zu\r\n\r\n", path,
              size);
    wire_send (&http, head);
    wire_send_bytes (&http, data, size);
    check_answer (wire_answer (&http), 201, NULL);
    wire_close (&http);
}

static void save (toolkit_t *self, const char *key, const char *data, size_t size)
{
    put_whole (self, create (self, key), data, size);
    check_answer (
        post (self, V2 "FinalizeCacheEntryUpload",
              arena_printf (self->world->arena, "{\"key\":\"%s\",\"version\":\"v\",\"size_bytes\":\"%zu\"}",
                            key, size)),
        200, "\"ok\":true,\"entry_id\":\"");
}

// Where what is found under the key, or these others, is downloaded.
static const char *find (toolkit_t *self, const char *key, const char *others, const char *matched)
{
    wire_answer_t answer =
        post (self, V2 "GetCacheEntryDownloadURL",
              arena_printf (self->world->arena, "{\"key\":\"%s\",\"restore_keys\":[%s],\"version\":\"v\"}",
                            key, others));
    CHECK_INT (answer.status, 200);
    CHECK_STR (toolkit_member (self, &answer, "matched_key"), matched);
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_download_url"));
    wire_forget (&answer);
    return path;
}

TEST (a_cache_that_was_put_at_once_is_found_and_comes_back)
{
    toolkit_t *self = toolkit_new ();
    char *data = malloc (SIZE);
    fill (data, SIZE);
    check_answer (post (self, V2 "GetCacheEntryDownloadURL", "{\"key\":\"lin-a\",\"version\":\"v\"}"), 200,
                  "{\"ok\":false,");
    save (self, "lin-a", data, SIZE);
    const char *path = find (self, "lin-b", "\"win-\",\"lin-\"", "lin-a");
    wire_answer_t answer = get (self, path, NULL);
    CHECK_INT (answer.status, 200);
    CHECK_INT (answer.size, SIZE);
    CHECK (memcmp (answer.body, data, SIZE) == 0);
    CHECK (strstr (answer.head, "Connection: close\r\n")); // An action would live on until then
    CHECK (strstr (answer.head, "ETag: \""));
    wire_forget (&answer);
    static const char *const headers[] = {"Range: bytes=10-19\r\n", "x-ms-range: bytes=10-19\r\n"};
    for (int i = 0; i < 2; i++) {
        answer = wire_ask (self->world->address, "GET", path, NULL, headers[i], "");
        CHECK_INT (answer.status, 206);
        CHECK_INT (answer.size, 10);
        CHECK (memcmp (answer.body, data + 10, 10) == 0);
        wire_forget (&answer);
    }
    answer = wire_ask (self->world->address, "GET", path, NULL, "x-ms-range: bytes=4990-\r\n", "");
    CHECK_INT (answer.size, 10);
    wire_forget (&answer);
    check_answer (get (self, arena_printf (self->world->arena, "%sx", path), NULL), 403, "not signed");
    free (data);
    toolkit_destroy (&self);
}

static wire_answer_t copy_block (toolkit_t *self, const char *upload, const char *name, const char *source,
                                 const char *range)
{
    arena_t *arena = self->world->arena;
    return wire_ask (
        self->world->address, "PUT", arena_printf (arena, "%s&comp=block&blockid=%s", upload, name), NULL,
        arena_printf (arena, "x-ms-copy-source: http://a%s\r\nx-ms-source-range: %s\r\n", source, range), "");
}

// As the builtin action does with what a cache has already: Azure's Put Block From URL.
TEST (a_block_can_be_a_range_of_a_cache_that_the_job_has_found)
{
    toolkit_t *self = toolkit_new ();
    char *data = malloc (SIZE);
    fill (data, SIZE);
    save (self, "old", data, SIZE);
    const char *source = find (self, "old", "", "old"), *upload = create (self, "new");
    check_answer (copy_block (self, upload, "AAAA", source, "bytes=100-299"), 201, NULL);
    check_answer (copy_block (self, upload, "BBBB", source, "bytes=4000-4999"), 201, NULL);
    check_answer (wire_ask (self->world->address, "PUT",
                            arena_printf (self->world->arena, "%s&comp=blocklist", upload), NULL, "",
                            "<BlockList><Latest>BBBB</Latest><Latest>AAAA</Latest></BlockList>"),
                  201, NULL);
    check_answer (post (self, V2 "FinalizeCacheEntryUpload",
                        "{\"key\":\"new\",\"version\":\"v\",\"size_bytes\":\"1200\"}"),
                  200, "\"ok\":true");
    wire_answer_t answer = get (self, find (self, "new", "", "new"), NULL);
    CHECK_INT (answer.size, 1200);
    CHECK (memcmp (answer.body, data + 4000, 1000) == 0 && memcmp (answer.body + 1000, data + 100, 200) == 0);
    wire_forget (&answer);
    free (data);
    toolkit_destroy (&self);
}

// For agents that keep copies: who may read the bytes may know their sums.
TEST (the_chunks_of_a_cache_are_listed_at_its_signed_address)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    char *data = malloc (SIZE);
    sha256_t sum;
    fill (data, SIZE);
    save (self, "old", data, SIZE);
    sha256_init (&sum);
    sha256_add (&sum, data, SIZE);
    const char *path = find (self, "old", "", "old");
    check_answer (get (self, arena_printf (arena, "%s&comp=chunks", path), NULL), 200,
                  arena_printf (arena,
                                "{\"chunks\":[{\"sha256\":\"%s\",\"offset\":0,\"size\":5000}],\"size\":5000}",
                                sha256_hex (&sum, arena)));
    check_answer (get (self, arena_printf (arena, "%s&comp=chunks&offset=5000", path), NULL), 200,
                  "{\"chunks\":[],\"size\":5000}");
    check_answer (get (self, arena_printf (arena, "%s&comp=chunks&offset=x", path), NULL), 400, "offset");
    check_answer (get (self, arena_printf (arena, "%sx&comp=chunks", path), NULL), 403, "not signed");
    free (data);
    toolkit_destroy (&self);
}

// Only an address that the server signed proves that a job may read what it copies.
TEST (a_block_is_not_copied_from_what_the_job_was_not_given)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    save (self, "old", "0123456789", 10);
    save (self, "other", "secret", 6);
    const char *source = find (self, "old", "", "old"), *other = find (self, "other", "", "other");
    const char *upload = create (self, "new"), *query = strchr (source, '?');
    const struct {
        const char *source, *range;
        int status;
    } cases[] = {
        {arena_printf (arena, "%.*s%s", (int) (strchr (other, '?') - other), other, query), "bytes=0-5", 403},
        {arena_printf (arena, "%.*s", (int) (query - source), source), "bytes=0-5", 403},
        {arena_printf (arena, "%sx", source), "bytes=0-5", 403},
        {"/signed/downloads/", "bytes=0-5", 403},
        {"/elsewhere", "bytes=0-5", 403},
        {upload, "bytes=0-5", 403},
        {source, "bytes=5-10", 416},
        {source, "bytes=10-19", 416},
        {source, "bytes=-5", 416},
        {source, "bytes=5-4", 400},
        {source, "bytes=0-99999999999", 400},
        {source, "0-5", 400},
        {source, "", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_answer (copy_block (self, upload, "AAAA", cases[i].source, cases[i].range), cases[i].status,
                      NULL);
    toolkit_destroy (&self);
}

TEST (a_key_that_is_taken_is_an_answer_and_no_failure)
{
    toolkit_t *self = toolkit_new ();
    save (self, "deps", "x", 1);
    check_answer (post (self, V2 "CreateCacheEntry", "{\"key\":\"deps\",\"version\":\"v\"}"), 200,
                  "{\"ok\":false,\"signed_upload_url\":\"\",\"message\":\"cache entry with the same key");
    check_answer (post (self, V2 "CreateCacheEntry", "{\"key\":\"a,b\",\"version\":\"v\"}"), 400, "comma");
    check_answer (post (self, V2 "CreateCacheEntry", "{\"version\":\"v\"}"), 400, "key: is missing");
    self->world->homeless = true;
    check_answer (post (self, V2 "CreateCacheEntry", "{\"key\":\"a\",\"version\":\"v\"}"), 403,
                  "\"msg\":\"cache write denied: ");
    toolkit_destroy (&self);
}

TEST (go_clients_say_a_size_as_a_number)
{
    toolkit_t *self = toolkit_new ();
    put_whole (self, create (self, "a"), "x", 1);
    static const char *const sizes[] = {"\"\"", "1.5", "-1", "\"1", "{}", "true"};
    for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++)
        check_answer (post (self, V2 "FinalizeCacheEntryUpload",
                            arena_printf (self->world->arena,
                                          "{\"key\":\"a\",\"version\":\"v\",\"size_bytes\":%s}", sizes[i])),
                      400, NULL);
    check_answer (
        post (self, V2 "FinalizeCacheEntryUpload", "{\"key\":\"a\",\"version\":\"v\",\"size_bytes\":1}"), 200,
        "\"ok\":true");
    put_whole (self, create (self, "empty"), "", 0);
    check_answer (post (self, V2 "FinalizeCacheEntryUpload",
                        "{\"key\":\"empty\",\"version\":\"v\",\"size_bytes\":\"0\"}"),
                  200, "\"ok\":true");
    toolkit_destroy (&self);
}

// ---- version 1 ----

static const char *reserve (toolkit_t *self, const char *key)
{
    wire_answer_t answer = post (
        self, V1 "caches",
        arena_printf (self->world->arena, "{\"key\":\"%s\",\"version\":\"v\",\"cacheSize\":5000}", key));
    CHECK_INT (answer.status, 201);
    const char *number = toolkit_member (self, &answer, "cacheId");
    wire_forget (&answer);
    return number;
}

// In chunks of at most 1000 bytes, without a length, as this client sends them.
static wire_answer_t patch (toolkit_t *self, const char *number, const char *range, const char *data,
                            size_t size)
{
    char head[2048];
    wire_t http = wire_open (self->world->address);
    snprintf (head, sizeof (head),
              "PATCH " V1 "caches/%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
              "Content-Range: bytes %s/*\r\nTransfer-Encoding: chunked\r\n\r\n",
              number, self->token, range);
    wire_send (&http, head);
    for (size_t at = 0; at < size; at += 1000) {
        size_t some = size - at < 1000 ? size - at : 1000;
        wire_send (&http, arena_printf (self->world->arena, "%zx\r\n", some));
        wire_send_bytes (&http, data + at, some);
        wire_send (&http, "\r\n");
    }
    wire_send (&http, "0\r\n\r\n");
    wire_answer_t answer = wire_answer (&http);
    wire_close (&http);
    return answer;
}

static wire_answer_t commit (toolkit_t *self, const char *number, int size)
{
    return post (self, arena_printf (self->world->arena, V1 "caches/%s", number),
                 arena_printf (self->world->arena, "{\"size\":%d}", size));
}

TEST (ranges_in_any_order_become_the_cache_of_version_1)
{
    toolkit_t *self = toolkit_new ();
    char *data = malloc (SIZE);
    fill (data, SIZE);
    check_answer (get (self, V1 "cache?keys=a%2Cb&version=v", self->token), 204, NULL);
    const char *number = reserve (self, "a-1");
    check_answer (patch (self, number, "3000-4999", data + 3000, 2000), 204, NULL);
    check_answer (commit (self, number, SIZE), 400, "follow one another");
    check_answer (patch (self, number, "0-2999", data, 3000), 204, NULL);
    check_answer (commit (self, number, SIZE - 1), 400, "announced");
    check_answer (commit (self, number, SIZE), 204, NULL);
    check_answer (commit (self, number, SIZE), 204, NULL);     // The same request again
    check_answer (commit (self, number, SIZE - 1), 400, NULL); // Not of another size
    check_answer (post (self, V1 "caches", "{\"key\":\"a-1\",\"version\":\"v\"}"), 409, "\"message\":\"");
    wire_answer_t answer = get (self, V1 "cache?keys=b%2Ca-&version=v", self->token);
    CHECK_INT (answer.status, 200);
    CHECK (strstr (answer.head, "Connection: close\r\n"));
    CHECK_STR (toolkit_member (self, &answer, "cacheKey"), "a-1");
    CHECK_STR (toolkit_member (self, &answer, "scope"), "refs/heads/main");
    const char *path = toolkit_path (toolkit_member (self, &answer, "archiveLocation"));
    wire_forget (&answer);
    answer = get (self, path, NULL);
    CHECK_INT (answer.size, SIZE);
    CHECK (memcmp (answer.body, data, SIZE) == 0);
    wire_forget (&answer);
    CHECK_STR (find (self, "a-1", "", "a-1") ? "found" : "", "found"); // Version 2 sees the same
    free (data);
    toolkit_destroy (&self);
}

TEST (a_range_that_is_not_what_it_says_is_no_part_of_a_cache)
{
    toolkit_t *self = toolkit_new ();
    const char *number = reserve (self, "a");
    check_answer (patch (self, number, "0-9", "too short", 9), 400, "must have 10 bytes");
    check_answer (patch (self, number, "0-1", "long", 4), 400, "must have 2 bytes");
    check_answer (patch (self, number, "9-3", "x", 1), 400, "Content-Range");
    check_answer (patch (self, number, "0-", "x", 1), 400, "Content-Range");
    check_answer (patch (self, number, "0-268435456", "x", 1), 413, "at most");
    check_answer (patch (self, number, "0-0", "", 0), 400, "empty");
    check_answer (patch (self, "999", "0-0", "x", 1), 404, "no cache");
    check_answer (commit (self, number, 0), 204, NULL); // Nothing of it was kept
    number = reserve (self, "b");
    check_answer (patch (self, number, "0-2", "abc", 3), 204, NULL);
    check_answer (patch (self, number, "5-6", "fg", 2), 204, NULL);
    check_answer (commit (self, number, 3), 400,
                  "follow one another"); // Though up to there nothing is missing
    toolkit_destroy (&self);
}

TEST (a_range_of_several_pieces_in_chunks_arrives_whole)
{
    toolkit_t *self = toolkit_new ();
    size_t size = 2 * MAX_PART + 5;
    char *data = malloc (size);
    fill (data, size);
    const char *number = reserve (self, "big");
    check_answer (patch (self, number, arena_printf (self->world->arena, "0-%zu", 2 * (size_t) MAX_PART - 1),
                         data, 2 * (size_t) MAX_PART),
                  204, NULL); // Its last byte ends a piece
    check_answer (patch (self, number,
                         arena_printf (self->world->arena, "%zu-%zu", 2 * (size_t) MAX_PART, size - 1),
                         data + 2 * (size_t) MAX_PART, 5),
                  204, NULL);
    check_answer (commit (self, number, (int) size), 204, NULL);
    wire_answer_t answer = get (self, find (self, "big", "", "big"), NULL);
    CHECK_INT (answer.size, size);
    CHECK (memcmp (answer.body, data, size) == 0);
    wire_forget (&answer);
    free (data);
    toolkit_destroy (&self);
}

// ---- people ----

TEST (people_list_and_remove_caches_and_jobs_do_not)
{
    toolkit_t *self = toolkit_new ();
    save (self, "deps-1", "one", 3);
    save (self, "deps-2", "three", 5);
    check_answer (get (self, "/projects/web/caches", "viewer"), 200, "\"count\":2,\"bytes\":8,");
    check_answer (get (self, "/projects/web/caches?key=deps-1", "viewer"), 200, "\"key\":\"deps-1\"");
    check_answer (get (self, "/projects/web/caches", self->token), 403, NULL);
    const char *address = self->world->address;
    check_answer (wire_ask (address, "DELETE", "/projects/web/caches", "developer", "", ""), 422,
                  "which caches");
    check_answer (wire_ask (address, "DELETE", "/projects/web/caches?all=true", "viewer", "", ""), 403, NULL);
    check_answer (wire_ask (address, "DELETE", "/projects/web/caches?key=deps-2", "developer", "", ""), 200,
                  "{\"count\":1,\"bytes\":5}");
    check_answer (wire_ask (address, "DELETE", "/projects/web/caches?all=true", "developer", "", ""), 200,
                  "{\"count\":1,\"bytes\":3}");
    toolkit_destroy (&self);
}
