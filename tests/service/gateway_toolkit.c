/* GitHub's toolkit finds its artifact service at the gateway, with the real store behind it: Twirp, blocks by signed URLs, REST. */

#include "common/base/sha256.h"
#include "proto/codec.h"
#include "proto/limits.h"
#include "tests/service/gateway/toolkit.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION_4 "\"version\":4"
#define RAW_TEXT  "\"version\":7,\"mime_type\":\"text/plain\""
#define RUNS      "/repos/o/r/actions/runs/j1/artifacts"

static const char *const text = "a text that becomes smaller, smaller, smaller, smaller, smaller, smaller";

static void check_error (wire_answer_t answer, int status, const char *code, const char *said)
{
    CHECK_INT (answer.status, status);
    CHECK (strstr (answer.head, "Content-Type: application/json\r\n"));
    if (!strstr (answer.body, code) || !strstr (answer.body, "\"msg\":\"") || !strstr (answer.body, said))
        test_fail (__FILE__, __LINE__, "%s", answer.body);
    wire_forget (&answer);
}

static const char *upload_path (toolkit_t *self, const char *name)
{
    wire_answer_t answer = toolkit_call (
        self, "CreateArtifact", arena_printf (self->world->arena, ",\"name\":\"%s\"," RAW_TEXT, name));
    CHECK_INT (answer.status, 200);
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_upload_url"));
    wire_forget (&answer);
    return path;
}

TEST (an_archive_comes_back_as_it_was_sent_with_its_digest)
{
    toolkit_t *self = toolkit_new ();
    small_zip_t zip = toolkit_zip ("bin/app", text, 0);
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, zip.data, zip.size);
    const char *number = toolkit_upload (self, "app", VERSION_4, zip.data, zip.size, 10);
    wire_answer_t answer = toolkit_call (self, "ListArtifacts",
                                         arena_printf (self->world->arena, ",\"id_filter\":\"%s\"", number));
    CHECK_INT (answer.status, 200);
    CHECK_STR (toolkit_member (self, &answer, "database_id"), number);
    CHECK_STR (toolkit_member (self, &answer, "digest"),
               arena_printf (self->world->arena, "sha256:%s", sha256_hex (&sha, self->world->arena)));
    wire_forget (&answer);
    answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"app\"");
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", path, NULL, "", "");
    CHECK_INT (answer.status, 200);
    CHECK (strstr (answer.head, "Content-Type: application/zip\r\n"));
    CHECK_INT (answer.size, zip.size);
    CHECK (memcmp (answer.body, zip.data, zip.size) == 0);
    wire_forget (&answer);
    answer = toolkit_call (self, "DeleteArtifact", ",\"name\":\"app\"");
    CHECK_STR (toolkit_member (self, &answer, "artifact_id"), number);
    wire_forget (&answer);
    answer = toolkit_call (self, "ListArtifacts", "");
    CHECK_STR (answer.body, "{\"artifacts\":[]}\n");
    wire_forget (&answer);
    toolkit_destroy (&self);
}

TEST (a_block_of_several_pieces_arrives_whole)
{
    toolkit_t *self = toolkit_new ();
    size_t size = (9 << 20) + 5;
    char *data = malloc (size);
    for (size_t i = 0; i < size; i++)
        data[i] = world_byte (i);
    toolkit_upload (self, "raw.txt", RAW_TEXT, data, size, size);
    wire_answer_t answer =
        wire_ask (self->world->address, "GET", "/artifacts/1/files/raw.txt", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_INT (answer.size, size);
    CHECK (memcmp (answer.body, data, size) == 0);
    wire_forget (&answer);
    free (data);
    toolkit_destroy (&self);
}

TEST (one_file_keeps_its_name_and_its_type)
{
    toolkit_t *self = toolkit_new ();
    toolkit_upload (self, "\xc3\xbc.txt", RAW_TEXT, "hello", 5, 5);
    wire_answer_t answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"\xc3\xbc.txt\"");
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    CHECK (!strstr (path, ".zip"));
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", path, NULL, "", "");
    CHECK_STR (answer.body, "hello");
    CHECK (strstr (answer.head, "Content-Type: text/plain\r\n"));
    CHECK (strstr (answer.head, "filename*=UTF-8''%C3%BC.txt\r\n"));
    wire_forget (&answer);
    toolkit_destroy (&self);
}

TEST (a_file_of_an_archive_is_unpacked_as_it_is_sent)
{
    toolkit_t *self = toolkit_new ();
    small_zip_t zip = toolkit_zip ("bin/app", text, 0), damaged = toolkit_zip ("bin/app", text, 1);
    toolkit_upload (self, "app", VERSION_4, zip.data, zip.size, zip.size);
    toolkit_upload (self, "bad", VERSION_4, damaged.data, damaged.size, damaged.size);
    wire_answer_t answer =
        wire_ask (self->world->address, "GET", "/artifacts/1/files/bin/app", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_STR (answer.body, text);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1/files/bin/app", "viewer",
                       "Range: bytes=3-6\r\n", "");
    CHECK_INT (answer.status, 206);
    CHECK_INT (answer.size, 4);
    CHECK (memcmp (answer.body, text + 3, 4) == 0);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1/files/bin/app", "viewer",
                       arena_printf (self->world->arena, "Range: bytes=%zu-\r\n", strlen (text) - 2), "");
    CHECK_STR (answer.body, text + strlen (text) - 2);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1/files/bin/app", "viewer",
                       "Range: bytes=99999999-\r\n", "");
    CHECK_INT (answer.status, 416);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1/files/bin/none", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1", "viewer", "", "");
    CHECK (strstr (answer.body, "\"path\":\"bin/app\"") && strstr (answer.body, "\"archive\":true"));
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/artifacts/1/zip", "viewer", "", "");
    CHECK_INT (answer.size, zip.size);
    wire_forget (&answer);
    // Its checksum does not fit: the bytes are out by then, and the connection ends
    wire_t http = wire_open (self->world->address);
    wire_send (&http,
               "GET /artifacts/2/files/bin/app HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer viewer\r\n\r\n");
    answer = wire_answer (&http);
    CHECK_INT (answer.status, 200);
    CHECK (wire_ended (&http));
    wire_forget (&answer);
    wire_close (&http);
    toolkit_destroy (&self);
}

TEST (a_signed_url_is_good_for_what_it_was_signed_for_alone)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    toolkit_upload (self, "first", RAW_TEXT, "one", 3, 3);
    toolkit_upload (self, "second", RAW_TEXT, "two", 3, 3);
    const char *put = upload_path (self, "third");
    wire_answer_t answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"first\"");
    const char *get = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    wire_forget (&answer);
    answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"second\"");
    const char *other = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    wire_forget (&answer);
    const char *query = strchr (get, '?'), *sent = strchr (put, '?');
    char *forged = arena_strdup (arena, get), *sig = strstr (forged, "sig=") + 4;
    *sig = *sig == 'A' ? 'B' : 'A';
    const struct {
        const char *method, *path;
    } wrong[] = {
        {"GET", arena_printf (arena, "%.*s%s", (int) strcspn (other, "?"), other, query)}, // Another artifact
        {"GET", arena_printf (arena, "%.*s?se=9999999999&sig=%s", (int) strcspn (get, "?"), get,
                              strstr (get, "sig=") + 4)},                             // A longer life
        {"GET", arena_printf (arena, "%.*s", (int) strcspn (get, "?"), get)},         // No signature
        {"GET", arena_printf (arena, "%.*s%s", (int) strcspn (get, "?"), get, sent)}, // An upload's
        {"GET", forged},                                                              // Another signature
        {"PUT", arena_printf (arena, "/signed/uploads/%.*s/j1/1%s&comp=blocklist",
                              (int) strcspn (get + strlen ("/signed/downloads/"), "/"),
                              get + strlen ("/signed/downloads/"), query)}, // A download's
        {"PUT",
         arena_printf (arena, "%.*s/2%s&comp=blocklist", (int) (sent - put) - 2, put, sent)}, // An attempt's
        {"PUT", arena_printf (arena, "%.*s/4294967297%s&comp=blocklist", (int) (sent - put) - 2, put, sent)}};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        bool puts = strcmp (wrong[i].method, "PUT") == 0;
        answer = puts ? toolkit_put (self, wrong[i].path, "<BlockList/>", 12)
                      : wire_ask (self->world->address, "GET", wrong[i].path, NULL, "", "");
        if (answer.status != 403)
            test_fail (__FILE__, __LINE__, "%s is %d", wrong[i].path, answer.status);
        wire_forget (&answer);
    }
    answer =
        wire_ask (self->world->address, "GET", arena_printf (arena, "%s&rsct=x&more=1", get), NULL, "", "");
    CHECK_STR (answer.body, "one"); // What clients add is not signed
    wire_forget (&answer);
    toolkit_destroy (&self);
}

static void restart_with (toolkit_t *self, const secret_key_t *key)
{
    world_t *world = self->world;
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    gateway_destroy (&world->gateway);
    CHECK_INT (gateway_new (&world->gateway, &world->turn, &config, world->bus, key), OK);
    world->address = gateway_address (world->gateway);
}

// First it is an older one, then it is none of ours.
TEST (a_signed_url_is_valid_until_the_key_that_signed_it_is_gone)
{
    toolkit_t *self = toolkit_new ();
    secret_key_t key = {.bytes = {8}, .older = {{9}}, .older_count = 2};
    memcpy (key.older[1], self->world->key.bytes, sizeof (key.older[1]));
    toolkit_upload (self, "app", RAW_TEXT, "one", 3, 3);
    const char *put = arena_printf (self->world->arena, "%s&comp=blocklist", upload_path (self, "next"));
    wire_answer_t answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"app\"");
    const char *get = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    wire_forget (&answer);
    for (; key.older_count > 0; key.older_count--) {
        bool there = key.older_count == 2;
        restart_with (self, &key);
        answer = wire_ask (self->world->address, "GET", get, NULL, "", "");
        CHECK_INT (answer.status, there ? 200 : 403);
        wire_forget (&answer);
        answer = toolkit_put (self, put, "<BlockList/>", 12);
        CHECK_INT (answer.status, there ? 201 : 403);
        wire_forget (&answer);
    }
    toolkit_destroy (&self);
}

// At a gateway of its own, whose clock says that; behind it are no services.
static int status_at (toolkit_t *self, int64_t now_s, const char *path)
{
    gateway_t *gateway;
    gateway_config_t config = GATEWAY_CONFIG;
    wall_clock_t *clock = clock_by_hand (SECONDS (now_s));
    bus_t *bus = bus_new (&proto_codec, clock);
    config.listen = "127.0.0.1:0";
    CHECK_INT (gateway_new (&gateway, &self->world->turn, &config, bus, &self->world->key), OK);
    wire_answer_t answer = wire_ask (gateway_address (gateway), "GET", path, NULL, "", "");
    int status = answer.status;
    wire_forget (&answer);
    gateway_destroy (&gateway);
    bus_destroy (&bus);
    clock_destroy (&clock);
    return status;
}

TEST (a_signed_url_ends_at_its_time)
{
    toolkit_t *self = toolkit_new ();
    toolkit_upload (self, "app", RAW_TEXT, "one", 3, 3);
    wire_answer_t answer = toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"app\"");
    const char *get = toolkit_path (toolkit_member (self, &answer, "signed_url"));
    wire_forget (&answer);
    int64_t end_s = strtoll (strstr (get, "se=") + 3, NULL, 10);
    CHECK_INT (status_at (self, end_s - 1, get), 503);
    CHECK_INT (status_at (self, end_s, get), 403);
    toolkit_destroy (&self);
}

TEST (errors_are_what_the_toolkit_reads)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    toolkit_upload (self, "app", RAW_TEXT, "one", 3, 3);
    check_error (toolkit_call (self, "CreateArtifact", ",\"name\":\"app\"," VERSION_4), 409, "already_exists",
                 "an artifact with this name already exists on the workflow run");
    check_error (toolkit_call (self, "CreateArtifact", ",\"name\":\"a/b\"," VERSION_4), 400,
                 "invalid_argument", "is not allowed");
    check_error (toolkit_call (self, "CreateArtifact", ""), 400, "invalid_argument", "name");
    check_error (toolkit_call (self, "MigrateArtifact", ""), 404, "not_found", "no such path");
    check_error (toolkit_call (self, "GetSignedArtifactURL", ",\"name\":\"none\""), 404, "not_found", "none");
    check_error (toolkit_call (self, "ListArtifacts", ",\"id_filter\":\"x\""), 400, "invalid_argument",
                 "id_filter");
    check_error (toolkit_call (self, "FinalizeArtifact", ",\"name\":\"none\",\"size\":\"1\""), 404,
                 "not_found", "none");
    check_error (toolkit_call (self, "FinalizeArtifact", ",\"name\":\"app\",\"size\":\"x\""), 400,
                 "invalid_argument", "size");
    self->token = arena_printf (arena, "%sx", self->token);
    check_error (toolkit_call (self, "ListArtifacts", ""), 401, "unauthenticated", "token");
    self->token = "viewer";
    check_error (toolkit_call (self, "ListArtifacts", ""), 403, "permission_denied", "VIEWER");
    toolkit_destroy (&self);
}

TEST (what_is_not_a_block_or_a_list_is_refused)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    const char *path = upload_path (self, "app");
    static const struct {
        const char *query, *body, *said;
        int status;
    } cases[] = {{"", "x", "comp", 400},
                 {"&comp=block", "x", "comp", 400},
                 {"&comp=other&blockid=a", "x", "comp", 400},
                 {"&comp=block&blockid=a%20b", "x", "blockid", 400},
                 {"&comp=block&blockid=a", "", "empty", 400},
                 {"&comp=blocklist", "", "BlockList", 400},
                 {"&comp=blocklist", "<BlockList><Latest>a</Latest>", "byte", 400},
                 {"&comp=blocklist", "<BlockList><Latest>none</Latest></BlockList>", "no block none", 400}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        wire_answer_t answer = toolkit_put (self, arena_printf (arena, "%s%s", path, cases[i].query),
                                            cases[i].body, strlen (cases[i].body));
        check_error (answer, cases[i].status, "invalid_argument", cases[i].said);
    }
    wire_t http = wire_open (self->world->address);
    wire_send (&http, arena_printf (arena,
                                    "PUT %s&comp=block&blockid=a HTTP/1.1\r\nHost: a\r\n"
                                    "Content-Length: %d\r\n\r\n",
                                    path, MAX_BLOCK + 1));
    check_error (wire_answer (&http), 413, "out_of_range", "at most");
    wire_close (&http);
    toolkit_destroy (&self);
}

TEST (an_upload_is_published_only_by_the_attempt_that_began_it)
{
    toolkit_t *self = toolkit_new ();
    const char *path = upload_path (self, "app");
    wire_answer_t answer =
        toolkit_put (self, arena_printf (self->world->arena, "%s&comp=blocklist", path), "<BlockList/>", 12);
    CHECK_INT (answer.status, 201);
    wire_forget (&answer);
    self->world->attempt = 2;
    check_error (toolkit_call (self, "FinalizeArtifact", ",\"name\":\"app\",\"size\":\"0\""), 409,
                 "already_exists", "attempt 1 of job j1 is over");
    check_error (toolkit_call (self, "CreateArtifact", ",\"name\":\"b\"," VERSION_4), 409, "already_exists",
                 "attempt 1 of job j1 is over");
    toolkit_destroy (&self);
}

TEST (a_job_may_act_for_itself_and_its_run)
{
    toolkit_t *self = toolkit_new ();
    static const char *const bodies[] = {
        "{\"workflow_run_backend_id\":\"j1\",\"workflow_job_run_backend_id\":\"slow\",\"name\":\"a\"}",
        "{\"workflow_run_backend_id\":\"other\",\"workflow_job_run_backend_id\":\"j1\",\"name\":\"a\"}"};
    for (int i = 0; i < 2; i++)
        check_error (wire_ask (self->world->address, "POST",
                               "/twirp/github.actions.results.api.v1.ArtifactService/CreateArtifact",
                               self->token, "", bodies[i]),
                     403, "permission_denied", "job");
    toolkit_destroy (&self);
}

TEST (other_clients_find_artifacts_by_rest)
{
    toolkit_t *self = toolkit_new ();
    arena_t *arena = self->world->arena;
    const char *token = world_job_token (self->world, "j1", 1);
    const char *header = arena_printf (arena, "Authorization: token %s\r\n", token);
    toolkit_upload (self, "first", RAW_TEXT, "one", 3, 3);
    toolkit_upload (self, "second", RAW_TEXT, "two", 3, 3);
    toolkit_upload (self, "third", RAW_TEXT, "three", 5, 3);
    wire_answer_t answer =
        wire_ask (self->world->address, "GET", RUNS "?per_page=2&page=1", NULL, header, "");
    CHECK_INT (answer.status, 200);
    CHECK_STR (toolkit_member (self, &answer, "total_count"), "3");
    CHECK_STR (toolkit_member (self, &answer, "id"), "3"); // The latest first
    CHECK (strstr (answer.body, "\"second\"") && !strstr (answer.body, "\"first\""));
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", RUNS "?per_page=2&page=2", NULL, header, "");
    CHECK_STR (toolkit_member (self, &answer, "name"), "first");
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/api/v1" RUNS "?name=second", token, "", "");
    CHECK_STR (toolkit_member (self, &answer, "size_in_bytes"), "3");
    CHECK_STR (toolkit_member (self, &answer, "total_count"), "1");
    wire_forget (&answer);
    char location[1024];
    answer = wire_ask (self->world->address, "GET", "/repos/o/r/actions/artifacts/2/zip", NULL, header, "");
    CHECK_INT (answer.status, 302);
    const char *path =
        arena_strdup (arena, toolkit_path (wire_header (&answer, "Location", location, sizeof (location))));
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", path, NULL, "", "");
    CHECK_STR (answer.body, "two");
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "DELETE", "/repos/o/r/actions/artifacts/2", NULL, header, "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    answer = wire_ask (self->world->address, "GET", "/repos/o/r/actions/artifacts/2", NULL, header, "");
    CHECK_INT (answer.status, 404);
    CHECK (strstr (answer.body, "\"message\":\""));
    wire_forget (&answer);
    toolkit_destroy (&self);
}
