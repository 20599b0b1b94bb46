/* signature.c - see signature.h. */

#include "common/http/signature.h"

#include "common/base/id.h"

#include <sodium.h>
#include <string.h>

const char *push_key_of (arena_t *arena, const char *secret)
{
    return secret_hash (arena, arena_printf (arena, "push:%s", secret));
}

void signature_make (const signed_request_t *request, char into[SIGNATURE_SIZE])
{
    const char *lines[] = {"v1", request->method, request->target, request->agent, request->time};
    unsigned char sum[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init (&state, (const unsigned char *) request->key, strlen (request->key));
    for (size_t i = 0; i < sizeof (lines) / sizeof (lines[0]); i++) {
        crypto_auth_hmacsha256_update (&state, (const unsigned char *) lines[i], strlen (lines[i]));
        crypto_auth_hmacsha256_update (&state, (const unsigned char *) "\n", 1);
    }
    crypto_auth_hmacsha256_update (&state, (const unsigned char *) request->body, strlen (request->body));
    crypto_auth_hmacsha256_final (&state, sum);
    sodium_bin2hex (into, SIGNATURE_SIZE, sum, sizeof (sum));
    sodium_memzero (&state, sizeof (state));
}

bool signature_is (const signed_request_t *request, const char *given)
{
    char made[SIGNATURE_SIZE];
    size_t prefix = strlen (SIGNATURE_PREFIX);
    if (!given || strncmp (given, SIGNATURE_PREFIX, prefix) != 0 ||
        strlen (given + prefix) != SIGNATURE_SIZE - 1)
        return false;
    signature_make (request, made);
    return sodium_memcmp (made, given + prefix, SIGNATURE_SIZE - 1) == 0;
}
