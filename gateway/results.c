/* results.c - the artifact service as @actions/artifact speaks it: Twirp, in JSON. The bytes go by signed URLs (signed_routes.c).
 *
 * The token says which run and job it is; what a request says of them must be the same, but where it repeats what a list said. Sources: the
 * packages @actions/artifact 2.0 to 6.2, and what they were seen to send. */

#include "common/base/utf8.h"
#include "gateway/artifact_routes.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/run_artifacts.h"
#include "gateway/signed.h"

#include <inttypes.h>
#include <string.h>

// Texts that were not said are empty.
static void fill (const message_t *message, char *ask)
{
    for (size_t i = 0; i < message->count; i++) {
        const char **text = (const char **) (void *) (ask + message->fields[i].offset);
        if (message->fields[i].kind == KIND_STR && !*text)
            *text = "";
    }
}

static fault_t read_ask (request_t *self, void *ask)
{
    if (!utf8_valid (self->body, self->body_size))
        return turn_fail (&self->turn, BAD_INPUT, "the body is not UTF-8");
    // A newer client may say more
    TRY (message_read_newer (self->route->ask, &self->turn, self->body, self->body_size, ask));
    fill (self->route->ask, ask);
    return message_check (self->route->ask, &self->turn, ask);
}

static fault_t reply (request_t *self, const message_t *message, const void *answer)
{
    return reply_message (self, 200, message, answer, false);
}

static const char *text_of (request_t *self, int64_t number)
{
    return arena_printf (self->turn.arena, "%" PRId64, number);
}

fault_t results_create (request_t *self)
{
    results_create_t ask = {0};
    artifact_t artifact = {0};
    TRY (read_ask (self, &ask));
    bool zip = ask.version < 7 || !*ask.mime_type; // Before version 7 there was nothing else
    artifact_open_t open = {.job = ask.workflow_job_run_backend_id,
                            .run = ask.workflow_run_backend_id,
                            .attempt = self->turn.caller.attempt,
                            .name = ask.name,
                            .expires_at = ask.expires_at,
                            .type = zip ? ZIP_TYPE : ask.mime_type};
    TRY (gateway_call (self, MESSAGE (artifact_open), &open, &artifact, 0));
    return reply (
        self, MESSAGE (results_created),
        &(results_created_t){.ok = true, .signed_upload_url = signed_upload_url (self, artifact.id)});
}

static fault_t read_hash (request_t *self, const char *hash, const char **out)
{
    static const char kind[] = "sha256:";
    *out = *hash ? hash + sizeof (kind) - 1 : "";
    if (*hash && strncmp (hash, kind, sizeof (kind) - 1) != 0)
        return turn_fail (&self->turn, INVALID, "hash: must be sha256: and 64 hexadecimal digits");
    return OK;
}

fault_t results_finalize (request_t *self)
{
    results_finalize_t ask = {0};
    artifact_t artifact = {0};
    artifact_close_t close = {.attempt = self->turn.caller.attempt};
    TRY (read_ask (self, &ask));
    TRY (read_hash (self, ask.hash, &close.sha256));
    if (!http_number (ask.size, strlen (ask.size), &close.size))
        return turn_fail (&self->turn, INVALID, "size: must be a number of bytes");
    close.job = ask.workflow_job_run_backend_id;
    close.name = ask.name;
    TRY (gateway_call (self, MESSAGE (artifact_close), &close, &artifact, 0));
    return reply (self, MESSAGE (results_done),
                  &(results_done_t){.ok = true, .artifact_id = text_of (self, artifact.number)});
}

static results_artifact_t entry_of (request_t *self, const char *run, const artifact_t *artifact)
{
    return (results_artifact_t){.workflow_run_backend_id = run,
                                .workflow_job_run_backend_id = artifact->job_id,
                                .database_id = text_of (self, artifact->number),
                                .name = artifact->name,
                                .size = text_of (self, artifact->size),
                                .created_at = artifact->created_at,
                                .digest = artifact_digest (self->turn.arena, artifact)};
}

fault_t results_list (request_t *self)
{
    results_list_t ask = {0};
    artifact_items_t found;
    int64_t number = 0;
    TRY (read_ask (self, &ask));
    if (*ask.id_filter && (!http_number (ask.id_filter, strlen (ask.id_filter), &number) || number == 0))
        return turn_fail (&self->turn, INVALID, "id_filter: must be a number above 0");
    TRY (run_artifacts (self, ask.workflow_run_backend_id, ask.name_filter, number, &found));
    results_artifacts_t answer = {{0}};
    answer.artifacts.items = arena_array (self->turn.arena, found.count + 1, sizeof (results_artifact_t));
    for (; answer.artifacts.count < found.count; answer.artifacts.count++)
        answer.artifacts.items[answer.artifacts.count] =
            entry_of (self, ask.workflow_run_backend_id, &found.items[answer.artifacts.count]);
    return reply (self, MESSAGE (results_artifacts), &answer);
}

static fault_t find_named (request_t *self, const char *run, const char *name, artifact_t *out)
{
    artifact_items_t found;
    TRY (run_artifacts (self, run, name, 0, &found));
    if (found.count == 0)
        return turn_fail (&self->turn, NOT_FOUND, "the run has no artifact \"%s\"", name);
    *out = found.items[found.count - 1];
    return OK;
}

fault_t results_url (request_t *self)
{
    results_url_t ask = {0};
    artifact_t artifact;
    TRY (read_ask (self, &ask));
    TRY (find_named (self, ask.workflow_run_backend_id, ask.name, &artifact));
    return reply (self, MESSAGE (results_signed),
                  &(results_signed_t){.signed_url = artifact_signed_url (self, &artifact)});
}

fault_t results_delete (request_t *self)
{
    results_delete_t ask = {0};
    artifact_t artifact;
    TRY (read_ask (self, &ask));
    TRY (find_named (self, ask.workflow_run_backend_id, ask.name, &artifact));
    TRY (gateway_call (self, MESSAGE (artifact_remove), &(artifact_remove_t){artifact.id}, &(done_t){0}, 0));
    return reply (self, MESSAGE (results_done),
                  &(results_done_t){.ok = true, .artifact_id = text_of (self, artifact.number)});
}
