/* status_shape.c - see status_shape.h. */

#include "services/scm/forges/status_shape.h"

#include "services/scm/forges/hook_shape.h"
#include "workflow/expression/text.h"

#include <sodium.h>
#include <string.h>

static const struct {
    const char *name, *rest, *gitlab;
} states[STATUS_STATES] = {[STATUS_PENDING] = {"pending", "pending", "pending"},
                           [STATUS_RUNNING] = {"running", "pending", "running"},
                           [STATUS_SUCCESS] = {"success", "success", "success"},
                           [STATUS_FAILURE] = {"failure", "failure", "failed"},
                           [STATUS_CANCELLED] = {"cancelled", "error", "canceled"},
                           [STATUS_SKIPPED] = {"skipped", "success", "success"}};

const char *status_state_name (forge_state_t state)
{
    return states[state].name;
}

bool status_state_from (const char *name, forge_state_t *out)
{
    for (size_t i = 0; i < STATUS_STATES; i++)
        if (strcmp (states[i].name, name) == 0) {
            *out = (forge_state_t) i;
            return true;
        }
    return false;
}

static char *in_one_line (arena_t *arena, const char *text, size_t size)
{
    char *line = arena_strndup (arena, text, size);
    for (char *at = line; *at; at++)
        if ((unsigned char) *at < ' ' || *at == 0x7F)
            *at = ' ';
    return line;
}

// Characters of four bytes count twice, for whoever counts as UTF-16 does.
const char *status_description (arena_t *arena, const char *text)
{
    size_t size = strlen (text), fits = 0, units = 0;
    for (size_t at = 0, length; at < size && units <= STATUS_DESCRIPTION; at += length) {
        text_decode (text + at, size - at, &length);
        if (units < STATUS_DESCRIPTION)
            fits = at;
        units += length == 4 ? 2 : 1;
    }
    return units <= STATUS_DESCRIPTION ? in_one_line (arena, text, size)
                                       : arena_printf (arena, "%s\u2026", in_one_line (arena, text, fits));
}

const char *status_context (arena_t *arena, const char *name)
{
    unsigned char sum[4];
    size_t size = strlen (name), room = STATUS_CONTEXT - (2 + 2 * sizeof sum);
    if (size <= STATUS_CONTEXT)
        return in_one_line (arena, name, size);
    // SHA-256 does not change with the version of the library
    unsigned char whole[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof sum + 1];
    crypto_hash_sha256 (whole, (const unsigned char *) name, size);
    memcpy (sum, whole, sizeof sum);
    return arena_printf (arena, "%s ~%s", in_one_line (arena, name, text_cut (name, size, room)),
                         sodium_bin2hex (hex, sizeof hex, sum, sizeof sum));
}

static value_t *body_of (arena_t *arena, const forge_shown_t *status, const char *state)
{
    value_t *body = value_object (arena);
    hook_put_text (arena, body, "state", state);
    hook_put_text (arena, body, "context", status->context);
    hook_put_text (arena, body, "description", status->description);
    return body;
}

const value_t *status_shape_rest (arena_t *arena, const forge_shown_t *status)
{
    value_t *body = body_of (arena, status, states[status->state].rest);
    hook_put_text (arena, body, "target_url", status->url);
    return body;
}

// Without a ref GitLab takes any branch that has the commit, and makes a second job there.
const value_t *status_shape_gitlab (arena_t *arena, const forge_shown_t *status)
{
    value_t *body = body_of (arena, status, states[status->state].gitlab);
    if (text_length (status->url, strlen (status->url)) <= STATUS_URL)
        hook_put_text (arena, body, "target_url", status->url);
    if (hook_begins (status->ref, "refs/heads/") || hook_begins (status->ref, "refs/tags/"))
        hook_put_text (arena, body, "ref", hook_short_ref (status->ref));
    return body;
}
