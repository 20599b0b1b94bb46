/* rest_routes.c - artifacts as GitHub's REST API has them, for clients that name another run (download-artifact with `github-token`).
 *
 * A run and an artifact are found by their ids alone: what the path says of the repository is not looked at, the token decides what is
 * seen. Source: GitHub's documentation of the REST API, "Artifacts". */

#include "common/base/clock.h"
#include "common/base/json.h"
#include "gateway/artifact_routes.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/run_artifacts.h"
#include "gateway/signed.h"

#include <inttypes.h>
#include <string.h>

#define PER_PAGE 30

static void put_text (buffer_t *into, const char *key, const char *text)
{
    buffer_printf (into, "\"%s\":", key);
    json_put (into, text, strlen (text));
    buffer_putc (into, ',');
}

static void put_time (buffer_t *into, arena_t *arena, const char *key, int64_t time_us)
{
    if (time_us)
        put_text (into, key, clock_format (arena, time_us));
    else
        buffer_printf (into, "\"%s\":null,", key);
}

static void put_artifact (buffer_t *into, request_t *self, const artifact_t *artifact)
{
    arena_t *arena = self->turn.arena;
    const char *digest = artifact_digest (arena, artifact);
    buffer_printf (into, "{\"id\":%" PRId64 ",\"size_in_bytes\":%" PRId64 ",", artifact->number,
                   artifact->size);
    put_text (into, "node_id", artifact->id);
    put_text (into, "name", artifact->name);
    put_text (into, "archive_download_url", signed_download_url (self, artifact->id, "artifact.zip"));
    if (*digest)
        put_text (into, "digest", digest);
    put_time (into, arena, "created_at", artifact->created_at);
    put_time (into, arena, "updated_at", artifact->created_at);
    put_time (into, arena, "expires_at", artifact->expires_at);
    buffer_puts (into, "\"expired\":false}");
}

static fault_t reply_json (request_t *self, buffer_t *body)
{
    if (buffer_full (body))
        return turn_fail (&self->turn, TOO_LARGE, "the answer has more than %d bytes of JSON", REPLY_MAX);
    reply_bytes (self, 200, JSON_TYPE, buffer_text (body), buffer_size (body));
    return OK;
}

fault_t rest_artifacts (request_t *self)
{
    rest_artifacts_t ask = {.per_page = PER_PAGE, .page = 1};
    artifact_items_t found;
    TRY (request_fields (self, &ask));
    TRY (run_artifacts (self, ask.run, ask.name ? ask.name : "", 0, &found));
    size_t size = ask.per_page ? ask.per_page : PER_PAGE, from = (ask.page ? ask.page - 1 : 0) * size;
    buffer_t *body = buffer_new (REPLY_MAX);
    buffer_printf (body, "{\"total_count\":%zu,\"artifacts\":[", found.count);
    for (size_t i = from; i < found.count && i < from + size; i++) { // The latest first
        buffer_puts (body, i > from ? "," : "");
        put_artifact (body, self, &found.items[found.count - 1 - i]);
    }
    buffer_puts (body, "]}\n");
    fault_t fault = reply_json (self, body);
    buffer_destroy (&body);
    return fault;
}

fault_t rest_artifact (request_t *self)
{
    artifact_t artifact;
    TRY (artifact_find (self, &artifact));
    buffer_t *body = buffer_new (REPLY_MAX);
    put_artifact (body, self, &artifact);
    buffer_putc (body, '\n');
    fault_t fault = reply_json (self, body);
    buffer_destroy (&body);
    return fault;
}

fault_t rest_artifact_zip (request_t *self)
{
    artifact_t artifact;
    TRY (artifact_find (self, &artifact));
    reply_header (self, "Location", "%s", artifact_signed_url (self, &artifact));
    reply_bytes (self, 302, NULL, "", 0);
    return OK;
}

fault_t rest_artifact_delete (request_t *self)
{
    artifact_remove_t ask = {0};
    TRY (request_fields (self, &ask));
    TRY (gateway_call (self, MESSAGE (artifact_remove), &ask, &(done_t){0}, 0));
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}
