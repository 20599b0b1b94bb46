/* The ID token of a provider: what is signed by its key, for this client, for this sign-in and now is taken, and nothing else. */

#include "services/identity/providers/claims.h"

#include "services/identity/providers/providers.h"
#include "services/identity/rsa_key.h"
#include "tests/unit/test.h"

#include <string.h>

#define NOW    (1900000000LL * 1000000)
#define ISSUER "https://login.example.org/realm"
#define TIMES  "\"exp\":1900000300,\"iat\":1900000000"
#define CLAIMS "\"iss\":\"" ISSUER "\",\"sub\":\"248289761001\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES

typedef struct {
    arena_t *arena;
    turn_t turn;
    rsa_key_t key;
    jwks_t keys;
    claims_rules_t rules;
    id_claims_t claims;
} world_t;

static rsa_key_t one_key, other_key; // To make one takes long: once

static jwks_t keys_of (world_t *self, const char *members)
{
    jwks_t keys;
    const char *text =
        arena_printf (self->arena, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}]}",
                      self->key.modulus, self->key.exponent, members);
    CHECK_INT (jwks_parse (&self->turn, text, strlen (text), &keys), OK);
    return keys;
}

static world_t begin (void)
{
    static arena_t *keys;
    world_t self = {.arena = arena_new (), .rules = {ISSUER, "ci", "n-0S6", "groups", NOW}};
    if (!keys) {
        keys = arena_new ();
        CHECK (rsa_key_make (keys, &one_key) && rsa_key_make (keys, &other_key));
    }
    turn_init (&self.turn, self.arena, "test", NOW);
    self.key = one_key;
    self.keys = keys_of (&self, ",\"kid\":\"k1\",\"use\":\"sig\",\"alg\":\"RS256\"");
    return self;
}

static const char *in_base64 (world_t *self, const char *text)
{
    return bytes_base64url (self->arena, text, strlen (text));
}

// Signed by the key, whatever the head says of it.
static const char *token_of (world_t *self, const char *head, const char *body)
{
    const char *text = arena_printf (self->arena, "%s.%s", in_base64 (self, head), in_base64 (self, body));
    return arena_printf (self->arena, "%s.%s", text, rsa_key_sign (self->arena, self->key.pem, text));
}

#define HEAD "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"

static fault_t check (world_t *self, const char *token)
{
    self->turn.detail = NULL;
    return claims_check (&self->turn, &self->rules, &self->keys, token, &self->claims);
}

static fault_t check_claims (world_t *self, const char *claims)
{
    return check (self, token_of (self, HEAD, arena_printf (self->arena, "{%s}", claims)));
}

#define CHECK_REFUSED(world, claims, why)                         \
    do {                                                          \
        CHECK_INT (check_claims ((world), claims), UNAUTHORIZED); \
        CHECK (strstr ((world)->turn.detail, why));               \
    } while (0)

TEST (the_token_of_this_sign_in_names_a_person)
{
    world_t world = begin ();
    CHECK_INT (check_claims (&world, CLAIMS
                             ",\"preferred_username\":\"ada\",\"name\":\"Ada L\",\"email\":\"a@b.c\","
                             "\"email_verified\":true,\"groups\":[\"dev\",7,\"ops\"],\"more\":{\"a\":[1]}"),
               OK);
    CHECK_STR (world.claims.subject, "248289761001");
    CHECK_STR (world.claims.user_name, "ada");
    CHECK_STR (world.claims.name, "Ada L");
    CHECK_STR (world.claims.email, "a@b.c");
    CHECK (world.claims.has_groups);
    CHECK_INT (world.claims.groups.count, 2);
    CHECK_STR (world.claims.groups.items[1], "ops");
    CHECK_INT (check_claims (&world, CLAIMS ",\"groups\":\"dev\",\"email\":\"a@b.c\""), OK);
    CHECK_INT (world.claims.groups.count, 1);
    CHECK_STR (world.claims.email, ""); // Nobody has verified it
    CHECK_INT (check_claims (&world, CLAIMS), OK);
    CHECK (!world.claims.has_groups); // Which is not that there are none
    CHECK_INT (check_claims (&world, CLAIMS ",\"groups\":[]"), OK);
    CHECK (world.claims.has_groups && world.claims.groups.count == 0);
    arena_destroy (&world.arena);
}

TEST (a_token_of_another_issuer_client_or_sign_in_is_refused)
{
    world_t world = begin ();
    CHECK_REFUSED (&world, "\"iss\":\"" ISSUER "/\",\"sub\":\"1\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES,
                   "another issuer");
    CHECK_REFUSED (&world, "\"sub\":\"1\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES, "another issuer");
#define WITH(rest) "\"iss\":\"" ISSUER "\",\"sub\":\"1\"," rest "," TIMES
    CHECK_REFUSED (&world, WITH ("\"aud\":\"cd\",\"nonce\":\"n-0S6\""), "another client");
    CHECK_REFUSED (&world, WITH ("\"aud\":[],\"nonce\":\"n-0S6\""), "another client");
    CHECK_REFUSED (&world, WITH ("\"nonce\":\"n-0S6\""), "another client");
    CHECK_REFUSED (&world, WITH ("\"aud\":[\"ci\",\"cd\"],\"nonce\":\"n-0S6\""),
                   "asked for by another client");
    CHECK_REFUSED (&world, WITH ("\"aud\":\"ci\",\"azp\":\"cd\",\"nonce\":\"n-0S6\""),
                   "asked for by another client");
    CHECK_INT (check_claims (&world, WITH ("\"aud\":[\"cd\",\"ci\"],\"azp\":\"ci\",\"nonce\":\"n-0S6\"")),
               OK);
    CHECK_REFUSED (&world, WITH ("\"aud\":\"ci\",\"nonce\":\"n-0S7\""), "another sign-in");
    CHECK_REFUSED (&world, WITH ("\"aud\":\"ci\""), "another sign-in");
    world.rules.nonce = ""; // Nobody has begun one
    CHECK_REFUSED (&world, WITH ("\"aud\":\"ci\",\"nonce\":\"\""), "another sign-in");
    arena_destroy (&world.arena);
}

TEST (a_token_is_good_at_its_time_alone_and_clocks_may_differ_by_a_minute)
{
    world_t world = begin ();
#define AT(times) "\"iss\":\"" ISSUER "\",\"sub\":\"1\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"" times
    CHECK_INT (check_claims (&world, AT (",\"exp\":1899999941,\"iat\":1899999000")), OK);
    CHECK_REFUSED (&world, AT (",\"exp\":1899999940,\"iat\":1899999000"), "has expired");
    CHECK_INT (check_claims (&world, AT (",\"exp\":1900000300,\"iat\":1900000060,\"nbf\":1900000060")), OK);
    CHECK_REFUSED (&world, AT (",\"exp\":1900000300,\"iat\":1900000061"), "of the future");
    CHECK_REFUSED (&world, AT (",\"exp\":1900000300,\"iat\":1900000000,\"nbf\":1900000061"), "of the future");
    CHECK_REFUSED (&world, AT (",\"exp\":1900000300"), "does not say when");
    CHECK_REFUSED (&world, AT (",\"iat\":1900000000"), "does not say when");
    CHECK_REFUSED (&world, AT (",\"exp\":9300000000000000000,\"iat\":1900000000"), "cannot be read");
    CHECK_REFUSED (&world, AT (",\"exp\":\"1900000300\",\"iat\":1900000000"), "cannot be read");
    CHECK_REFUSED (&world, AT (",\"exp\":1,\"iat\":1900000000,\"exp\":1900000300"), "cannot be read");
    arena_destroy (&world.arena);
}

// Whoever may set a claim of theirs must not become somebody else by it.
TEST (a_claim_counts_by_its_exact_name_and_once)
{
    world_t world = begin ();
    CHECK_INT (check_claims (&world, CLAIMS ",\"SUB\":\"root\",\"Nonce\":\"x\",\"sub \":\"root\""), OK);
    CHECK_STR (world.claims.subject, "248289761001");
    CHECK_REFUSED (&world, CLAIMS ",\"sub\":\"root\"", "cannot be read");
    CHECK_REFUSED (&world, CLAIMS ",\"s\\u0075b\":\"root\"", "cannot be read");
    CHECK_REFUSED (&world, CLAIMS ",\"aud\":\"ci\"", "cannot be read");
    CHECK_REFUSED (&world, CLAIMS ",\"name\":\"a\\u0000b\"", "cannot be read");
    CHECK_REFUSED (&world, "\"iss\":\"" ISSUER "\",\"sub\":\"\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES,
                   "whose it is");
    CHECK_REFUSED (&world, "\"iss\":\"" ISSUER "\",\"sub\":5,\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES,
                   "whose it is");
    CHECK_REFUSED (&world,
                   "\"iss\":\"" ISSUER "\",\"sub\":\"a\\nb\",\"aud\":\"ci\",\"nonce\":\"n-0S6\"," TIMES,
                   "whose it is");
    arena_destroy (&world.arena);
}

TEST (nothing_but_a_signature_of_the_providers_own_key_counts)
{
    world_t world = begin ();
    const char *body = "{" CLAIMS "}", *token = token_of (&world, HEAD, body);
    CHECK_INT (check (&world, token), OK);
    // Another key than the one that it names
    world.key = other_key;
    CHECK_INT (check (&world, token_of (&world, HEAD, body)), UNAUTHORIZED);
    CHECK (strstr (world.turn.detail, "signature that is wrong"));
    world.key = one_key;
    CHECK_INT (check (&world, token_of (&world, "{\"alg\":\"RS256\",\"kid\":\"k2\"}", body)), NOT_FOUND);
    // Without a name there must be one alone
    CHECK_INT (check (&world, token_of (&world, "{\"alg\":\"RS256\"}", body)), OK);
    world.keys.items[1] = world.keys.items[0];
    world.keys.count = 2;
    CHECK_INT (check (&world, token_of (&world, "{\"alg\":\"RS256\"}", body)), NOT_FOUND);
    world.keys.count = 1;
    // No signature, a shared secret, a hash that is not ours, an extension
    static const char *const heads[] = {"{\"alg\":\"none\"}",
                                        "{\"alg\":\"None\",\"kid\":\"k1\"}",
                                        "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
                                        "{\"alg\":\"RS512\",\"kid\":\"k1\"}",
                                        "{\"alg\":\"PS256\",\"kid\":\"k1\"}",
                                        "{\"kid\":\"k1\"}",
                                        "{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"b64\"],\"b64\":false}",
                                        "{\"alg\":\"RS256\",\"alg\":\"none\"}",
                                        "[]",
                                        ""};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        CHECK_INT (check (&world, token_of (&world, heads[i], body)), UNAUTHORIZED);
    // A key is used as it says, and as its kind is
    CHECK_INT (check (&world, token_of (&world, "{\"alg\":\"ES256\",\"kid\":\"k1\"}", body)), NOT_FOUND);
    world.keys = keys_of (&world, ",\"kid\":\"k1\",\"use\":\"enc\"");
    CHECK_INT (check (&world, token), NOT_FOUND);
    world.keys = keys_of (&world, ",\"kid\":\"k1\",\"alg\":\"RS512\"");
    CHECK_INT (check (&world, token), NOT_FOUND);
    arena_destroy (&world.arena);
}

TEST (a_token_that_was_changed_anywhere_is_refused)
{
    world_t world = begin ();
    const char *token = token_of (&world, HEAD, "{" CLAIMS "}");
    size_t size = strlen (token);
    for (size_t i = 0; i < size; i += 7) {
        char *changed = arena_strdup (world.arena, token);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK (check (&world, changed) != OK);
    }
    static const char *const broken[] = {"",        ".",        "..",           "...",  "a.b",
                                         "a.b.c.d", "e30.e30.", "e30=.e30.e30", " . . "};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        CHECK_INT (check (&world, broken[i]), UNAUTHORIZED);
    CHECK_INT (check (&world, arena_printf (world.arena, "%s.x", token)), UNAUTHORIZED);
    CHECK_INT (
        check (&world, arena_strndup (world.arena, token, (size_t) (strrchr (token, '.') + 1 - token))),
        UNAUTHORIZED);
    arena_destroy (&world.arena);
}

// RFC 7515, A.3, and RFC 8037, A.4.
TEST (signatures_of_the_standards_are_right_and_are_wrong_by_one_bit_less)
{
    static const struct {
        const char *alg, *keys, *text, *signature;
    } rows[] = {
        {"ES256",
         "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
         "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
         "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
         "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
        {"EdDSA",
         "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
         "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
         "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"}};
    world_t world = begin ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jwks_t keys;
        bytes_t signature, text = {rows[i].text, strlen (rows[i].text)};
        CHECK_INT (jwks_parse (&world.turn, rows[i].keys, strlen (rows[i].keys), &keys), OK);
        CHECK (jwks_decode (world.arena, rows[i].signature, strlen (rows[i].signature), 64, &signature));
        const jwk_t *key = jwks_find (&keys, rows[i].alg, NULL);
        CHECK (key && jwk_signed (key, rows[i].alg, text, signature));
        CHECK (!jwk_signed (key, rows[1 - i].alg, text, signature)); // Of another kind
        CHECK (!jwk_signed (key, rows[i].alg, (bytes_t){text.data, text.size - 1}, signature));
        CHECK (!jwk_signed (key, rows[i].alg, text, (bytes_t){signature.data, signature.size - 1}));
        ((unsigned char *) (uintptr_t) signature.data)[40] ^= 1;
        CHECK (!jwk_signed (key, rows[i].alg, text, signature));
    }
    arena_destroy (&world.arena);
}

TEST (a_weak_key_or_a_point_off_the_curve_is_no_key)
{
    static const char *const keys[] = {
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"****\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}"};
    static const char *const algs[] = {"RS256", "ES256", "EdDSA"};
    unsigned char signature[64] = {0};
    world_t world = begin ();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t k = 0; k < 3; k++) {
            jwks_t found;
            const char *text = arena_printf (world.arena, "{\"keys\":[%s]}", keys[i]);
            CHECK_INT (jwks_parse (&world.turn, text, strlen (text), &found), OK);
            CHECK_INT (found.count, 1);
            CHECK (!jwk_signed (&found.items[0], algs[k], (bytes_t){"x", 1},
                                (bytes_t){signature, sizeof signature}));
        }
    jwks_t none;
    CHECK_INT (jwks_parse (&world.turn, "{}", 2, &none), INVALID);
    CHECK_INT (jwks_parse (&world.turn, "[]", 2, &none), INVALID);
    arena_destroy (&world.arena);
}

// RFC 7636, appendix B.
TEST (the_challenge_of_a_verifier_is_that_of_the_standard)
{
    arena_t *arena = arena_new ();
    CHECK_STR (flow_challenge (arena, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
               "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    arena_destroy (&arena);
}
