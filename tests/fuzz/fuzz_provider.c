/* What an OpenID provider sends: its discovery document, its keys, an ID token. Whatever the bytes are, nobody is signed in by them: they
 * are signed by no key that is there, or the signature is of something else. */

#include "services/identity/providers/claims.h"
#include "services/identity/providers/discovery.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char known[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
    "{\"kty\":\"OKP\",\"kid\":\"k\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static void check_token (turn_t *turn, const jwks_t *keys, const char *token)
{
    const claims_rules_t rules = {"https://a.example.org", "ci", "nonce", "groups", 1900000000000000};
    id_claims_t claims;
    FUZZ_CHECK (claims_check (turn, &rules, keys, token, &claims) != OK);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    turn_t turn;
    discovery_t found;
    jwks_t keys;
    arena_t *arena = arena_new ();
    const char *text = arena_strndup (arena, (const char *) data, size);
    turn_init (&turn, arena, "fuzz", 0);
    if (discovery_parse (&turn, "https://a.example.org", false, text, strlen (text), &found) == OK) {
        FUZZ_CHECK (strcmp (found.issuer, "https://a.example.org") == 0);
        FUZZ_CHECK (strncmp (found.token_endpoint, "https://", 8) == 0);
        FUZZ_CHECK (strncmp (found.authorization_endpoint, "https://", 8) == 0);
        FUZZ_CHECK (strncmp (found.jwks_uri, "https://", 8) == 0);
    }
    if (jwks_parse (&turn, text, strlen (text), &keys) == OK) {
        FUZZ_CHECK (keys.count <= JWKS_KEYS);
        for (size_t i = 0; i < keys.count; i++)
            FUZZ_CHECK (!jwk_signed (&keys.items[i], keys.items[i].alg ? keys.items[i].alg : "RS256",
                                     (bytes_t){"x", 1}, (bytes_t){known, 64}));
    }
    FUZZ_CHECK (jwks_parse (&turn, known, strlen (known), &keys) == OK && keys.count == 2);
    check_token (&turn, &keys, text);
    // Head and claims alone, each before a signature that is none
    const char *head = bytes_base64url (arena, text, strlen (text));
    check_token (&turn, &keys, arena_printf (arena, "%s.%s.AAAA", head, head));
    check_token (&turn, &keys, arena_printf (arena, "eyJhbGciOiJFUzI1NiJ9.%s.AAAA", head));
    arena_destroy (&arena);
    return 0;
}
