/* toolkit.c - see toolkit.h. */

#include "tests/service/gateway/toolkit.h"

#include "common/base/runtime_token.h"
#include "common/base/sha256.h"
#include "services/artifacts/artifacts.h"
#include "tests/database/fresh.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SERVICE "/twirp/github.actions.results.api.v1.ArtifactService/"

toolkit_t *toolkit_new (void)
{
    toolkit_t *self = calloc (1, sizeof (*self));
    self->world = world_new ();
    turn_t *turn = &self->world->turn;
    test_folder (self->folder, sizeof (self->folder));
    const char *url = arena_printf (self->world->arena, "sqlite:%s/db", self->folder);
    const char *blobs = arena_printf (self->world->arena, "dir:%s/blobs", self->folder);
    fresh_database (url, "artifacts audit");
    CHECK_INT (db_open (&self->artifacts_db, url, turn), OK);
    CHECK_INT (blob_open (&self->artifacts_blob, blobs, turn), OK);
    self->store =
        artifacts_new (&(artifacts_options_t){.db = self->artifacts_db, .blob = self->artifacts_blob});
    actor_destroy (&self->world->artifacts); // The pretended one
    self->world->artifacts = actor_new (&artifacts_class, self->store, self->world->bus, NULL);
    const runtime_token_t token = {
        .token = world_job_token (self->world, "j1", 1), .run = "", .job = "j1", .ref = ""};
    self->token = runtime_token_make (self->world->arena, &token);
    return self;
}

void toolkit_destroy (toolkit_t **self_p)
{
    toolkit_t *self = *self_p;
    world_destroy (&self->world);
    artifacts_destroy (&self->store);
    blob_close (&self->artifacts_blob);
    db_close (&self->artifacts_db);
    test_folder_remove (self->folder);
    free (self);
    *self_p = NULL;
}

wire_answer_t toolkit_call (toolkit_t *self, const char *method, const char *fields)
{
    arena_t *arena = self->world->arena;
    const char *body = arena_printf (
        arena, "{\"workflow_run_backend_id\":\"j1\",\"workflow_job_run_backend_id\":\"j1\"%s}", fields);
    return wire_ask (self->world->address, "POST", arena_printf (arena, SERVICE "%s", method), self->token,
                     "Content-Type: application/json\r\n", body);
}

const char *toolkit_member (toolkit_t *self, const wire_answer_t *answer, const char *name)
{
    const char *key = arena_printf (self->world->arena, "\"%s\":", name);
    const char *at = answer->body ? strstr (answer->body, key) : NULL;
    if (!at)
        test_fail (__FILE__, __LINE__, "no %s in %s", name, answer->body ? answer->body : "nothing");
    at += strlen (key);
    at += *at == '"';
    return arena_strndup (self->world->arena, at, strcspn (at, "\",}"));
}

const char *toolkit_path (const char *url)
{
    const char *host = strstr (url, "://");
    return host ? strchr (host + 3, '/') : url;
}

wire_answer_t toolkit_put (toolkit_t *self, const char *path, const void *data, size_t size)
{
    char head[1024];
    wire_t http = wire_open (self->world->address);
    snprintf (head, sizeof (head), "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", path, size);
    wire_send (&http, head);
    wire_send_bytes (&http, data, size);
    wire_answer_t answer = wire_answer (&http);
    wire_close (&http);
    return answer;
}

static void put_all (toolkit_t *self, const char *path, const char *data, size_t size, size_t step)
{
    arena_t *arena = self->world->arena;
    size_t count = (size + step - 1) / step;
    for (size_t i = count; i-- > 0;) {
        size_t at = i * step, some = size - at < step ? size - at : step;
        wire_answer_t answer =
            toolkit_put (self, arena_printf (arena, "%s&comp=block&blockid=B%zu", path, i), data + at, some);
        CHECK_INT (answer.status, 201);
        wire_forget (&answer);
    }
    const char *names = "";
    for (size_t i = 0; i < count; i++)
        names = arena_printf (arena, "%s<Latest>B%zu</Latest>", names, i);
    const char *list = arena_printf (arena, "<?xml version=\"1.0\"?><BlockList>%s</BlockList>", names);
    wire_answer_t answer =
        toolkit_put (self, arena_printf (arena, "%s&comp=blocklist", path), list, strlen (list));
    CHECK_INT (answer.status, 201);
    wire_forget (&answer);
}

const char *toolkit_upload (toolkit_t *self, const char *name, const char *version, const void *data,
                            size_t size, size_t step)
{
    arena_t *arena = self->world->arena;
    sha256_t sha;
    wire_answer_t answer =
        toolkit_call (self, "CreateArtifact", arena_printf (arena, ",\"name\":\"%s\",%s", name, version));
    CHECK_INT (answer.status, 200);
    const char *path = toolkit_path (toolkit_member (self, &answer, "signed_upload_url"));
    wire_forget (&answer);
    put_all (self, path, data, size, step);
    sha256_init (&sha);
    sha256_add (&sha, data, size);
    answer = toolkit_call (self, "FinalizeArtifact",
                           arena_printf (arena, ",\"name\":\"%s\",\"size\":\"%zu\",\"hash\":\"sha256:%s\"",
                                         name, size, sha256_hex (&sha, arena)));
    CHECK_INT (answer.status, 200);
    const char *number = toolkit_member (self, &answer, "artifact_id");
    wire_forget (&answer);
    return number;
}

// ---- a zip ----

static void put (small_zip_t *zip, uint64_t number, int bytes)
{
    for (; bytes > 0; bytes--, number >>= 8)
        zip->data[zip->size++] = (char) number;
}

static void put_entry (small_zip_t *zip, uint32_t crc, size_t packed, size_t size, const char *name)
{
    put (zip, 0, 2);
    put (zip, 8, 2); // Deflated
    put (zip, 0, 4);
    put (zip, crc, 4);
    put (zip, packed, 4);
    put (zip, size, 4);
    put (zip, strlen (name), 2);
    put (zip, 0, 2);
}

static void put_text (small_zip_t *zip, const void *text, size_t size)
{
    memcpy (zip->data + zip->size, text, size);
    zip->size += size;
}

small_zip_t toolkit_zip (const char *name, const char *text, uint32_t crc_off)
{
    static unsigned char packed[4096];
    small_zip_t zip = {.size = 0};
    z_stream stream = {.next_in = (unsigned char *) (uintptr_t) text, .avail_in = (uInt) strlen (text)};
    stream.next_out = packed;
    stream.avail_out = sizeof (packed);
    CHECK_INT (deflateInit2 (&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    CHECK_INT (deflate (&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    deflateEnd (&stream);
    uint32_t crc = (uint32_t) crc32 (0, (const unsigned char *) text, (uInt) strlen (text)) + crc_off;
    put (&zip, 0x04034b50, 4);
    put (&zip, 20, 2);
    put_entry (&zip, crc, size, strlen (text), name);
    put_text (&zip, name, strlen (name));
    put_text (&zip, packed, size);
    size_t directory = zip.size;
    put (&zip, 0x02014b50, 4);
    put (&zip, 3 << 8 | 20, 2);
    put (&zip, 20, 2);
    put_entry (&zip, crc, size, strlen (text), name);
    put (&zip, 0, 6);
    put (&zip, (uint64_t) 0100755 << 16, 4);
    put (&zip, 0, 4);
    put_text (&zip, name, strlen (name));
    size_t end = zip.size;
    put (&zip, 0x06054b50, 4);
    put (&zip, 0, 4);
    put (&zip, 1 << 16 | 1, 4);
    put (&zip, end - directory, 4);
    put (&zip, directory, 4);
    put (&zip, 0, 2);
    return zip;
}
