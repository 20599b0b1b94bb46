/* runtime_token.c - see runtime_token.h. Source: RFC 7519; @actions/artifact and @actions/cache for the claims. */

#include "common/base/runtime_token.h"

#include "common/base/buffer.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/json.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CLAIMS_MAX (64 << 10) // A ref of 4096 bytes, each of which may be escaped twice

// What caches this job may write to: a text that holds JSON.
static void put_scopes (buffer_t *into, const char *ref)
{
    buffer_t *scopes = buffer_new (CLAIMS_MAX / 2);
    buffer_puts (scopes, "[");
    if (*ref) {
        buffer_puts (scopes, "{\"Scope\":");
        json_put (scopes, ref, strlen (ref));
        buffer_puts (scopes, ",\"Permission\":3}");
    }
    buffer_puts (scopes, "]");
    json_put (into, buffer_text (scopes), buffer_size (scopes));
    buffer_destroy (&scopes);
}

const char *runtime_token_make (arena_t *arena, const runtime_token_t *from)
{
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"none\"}";
    buffer_t *claims = buffer_new (CLAIMS_MAX);
    const char *scope =
        arena_printf (arena, "Actions.Results:%s:%s", *from->run ? from->run : from->job, from->job);
    buffer_puts (claims, "{\"scp\":");
    json_put (claims, scope, strlen (scope));
    buffer_printf (claims, ",\"nbf\":%lld,\"exp\":%lld,\"ac\":", (long long) (from->issued_us / SECONDS (1)),
                   (long long) (from->expires_us / SECONDS (1)));
    put_scopes (claims, from->ref);
    buffer_puts (claims, "}");
    const char *token = arena_printf (arena, "%s.%s.%s", bytes_base64url (arena, header, sizeof (header) - 1),
                                      bytes_base64url (arena, buffer_text (claims), buffer_size (claims)),
                                      bytes_base64url (arena, from->token, strlen (from->token)));
    buffer_destroy (&claims);
    return token;
}

const char *runtime_token_of_job (arena_t *arena, const char *token, const char *run, const char *job,
                                  const char *ref, int64_t now_us)
{
    long long issued = 0, expires = 0;
    runtime_token_t from = {.token = token,
                            .run = run,
                            .job = job,
                            .ref = ref,
                            .issued_us = now_us,
                            .expires_us = now_us + SECONDS (86400)};
    // "ocj_2." key "." job "." attempt "." issued "." expires "." MAC
    if (sscanf (token, "ocj_2.%*[^.].%*[^.].%*[0-9].%15lld.%15lld.", &issued, &expires) == 2) {
        from.issued_us = SECONDS (issued);
        from.expires_us = SECONDS (expires);
    }
    return runtime_token_make (arena, &from);
}

const char *runtime_token_job (arena_t *arena, const char *text)
{
    const char *first = strchr (text, '.'), *last = first ? strchr (first + 1, '.') : NULL;
    size_t size = 0;
    if (strncmp (text, "eyJ", 3) != 0 || !last || strchr (last + 1, '.'))
        return text;
    size_t room = strlen (last + 1);
    char *token = arena_alloc (arena, room + 1);
    bool good = sodium_base642bin ((unsigned char *) token, room, last + 1, room, NULL, &size, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return good && strlen (token) == size ? token : text;
}
