/* hook_routes.c - a forge's webhook: the bytes of its delivery and the headers that some forge sends, to scm, which knows whose it is.
 *
 * Nothing is decided here, and no answer says whether an address exists. The body goes packed: a push of thousands of commits is larger than a
 * message, and JSON packs well. A large one is read only for an address that exists: nobody else fills our memory. */

#include "common/base/pack.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/reply.h"

#include <string.h>

static const char *header (request_t *self, const char *const *names, size_t count, size_t most)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = http_head_get (self->info, names[i]);
        if (value && strlen (value) <= most)
            return value;
    }
    return "";
}

#define LARGE (1 << 20) // Bytes of a body that nobody sends us without a webhook

#define HEADER(most, ...)                             \
    header (self, (const char *const[]){__VA_ARGS__}, \
            sizeof ((const char *[]){__VA_ARGS__}) / sizeof (char *), most)

fault_t hook_take (request_t *self)
{
    hook_post_t ask = {.forge = pairs_get (&self->path, "forge"), .hook = pairs_get (&self->path, "hook")};
    hook_taken_t answer = {0};
    size_t packed;
    int64_t length = http_head_length (self->info);
    TRY (message_check (MESSAGE (hook_post), &self->turn, &ask));
    if (length < 0 || length > LARGE)
        TRY (gateway_call (self, MESSAGE (hook_post), &ask, &answer, 0));
    TRY (request_body (self, self->route->limit));
    if (self->body_size == 0)
        return turn_fail (&self->turn, INVALID, "a delivery has a body");
    ask.event = HEADER (MAX_NAME, "X-Gitea-Event", "X-GitHub-Event", "X-Gitlab-Event");
    ask.event_type = HEADER (MAX_NAME, "X-Gitea-Event-Type");
    ask.delivery =
        HEADER (MAX_NAME, "X-Gitea-Delivery", "X-GitHub-Delivery", "webhook-id", "Idempotency-Key");
    ask.hub = HEADER (MAX_NAME, "X-Hub-Signature-256");
    ask.gitea = HEADER (MAX_NAME, "X-Gitea-Signature", "X-Forgejo-Signature");
    ask.signature = HEADER (MAX_TEXT, "webhook-signature");
    ask.timestamp = HEADER (32, "webhook-timestamp");
    ask.token = HEADER (MAX_NAME, "X-Gitlab-Token");
    ask.size = (uint32_t) self->body_size;
    ask.body.data = pack (self->turn.arena, self->body ? self->body : "", self->body_size, &packed);
    ask.body.size = packed;
    if (packed > MAX_HOOK_PACKED)
        return turn_fail (&self->turn, TOO_LARGE, "the body has %zu bytes, packed; at most %d are taken",
                          packed, MAX_HOOK_PACKED);
    TRY (message_check (MESSAGE (hook_post), &self->turn, &ask));
    TRY (gateway_call (self, MESSAGE (hook_post), &ask, &answer, 0));
    return reply_message (self, 202, MESSAGE (hook_taken), &answer, false);
}
