/* Identities of jobs: who gets one, what is in it, and which keys verify it. Verified with libcrypto from what is published. */

#include "common/base/bytes.h"
#include "services/identity/oidc_keys.h"
#include "tests/service/identity/world.h"
#include "workflow/expression/value.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

#define CLAIMS \
    "{\"sub\":\"repo:acme/site:ref:refs/heads/main\",\"sha\":\"c0ffee\",\"iss\":\"https://evil\",\"aud\":\"evil\",\"exp\":1}"
#define ISSUER "https://ci.example.org"

#define PATIENCE SECONDS (60) // A key takes a second of a processor, and a busy machine gives it late

static fault_t ask_patiently (world_t *world, role_t role, uint16_t number, const void *ask, void *answer)
{
    world->turn.caller = (caller_t){.role = role, .subject = "test"};
    world->turn.deadline_us = clock_now_us (world->clock) + PATIENCE;
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, number, ask, answer);
}

static fault_t get (world_t *world, const char *audience, id_token_t *out)
{
    const id_token_get_t ask = {.job = "j1", .attempt = 2, .audience = audience};
    world->turn.caller = (caller_t){.role = ROLE_JOB, .subject = "j1", .attempt = 2};
    world->turn.deadline_us = clock_now_us (world->clock) + PATIENCE;
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, MSG_id_token_get, &ask, out);
}

static void may_have_one (world_t *world)
{
    world->scheduler.claims = (job_identity_t){.owner = "acme", .claims = CLAIMS};
}

static const char *given (world_t *world, const char *audience)
{
    id_token_t token = {0};
    may_have_one (world);
    CHECK_INT (get (world, audience, &token), OK);
    return arena_strdup (world->arena, token.value);
}

static oidc_jwks_t published (world_t *world)
{
    oidc_jwks_t keys = {0};
    oidc_jwks_show_t ask = {};
    CHECK_INT (ask_patiently (world, ROLE_NOBODY, MSG_oidc_jwks_show, &ask, &keys), OK);
    return keys;
}

static size_t decoded (const char *text, size_t size, unsigned char *out, size_t room)
{
    size_t written = 0;
    CHECK_INT (sodium_base642bin (out, room, text, size, NULL, &written, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               0);
    return written;
}

static EVP_PKEY *key_of (const oidc_jwk_t *jwk)
{
    unsigned char n[512], e[16];
    EVP_PKEY *key = NULL;
    size_t n_size = decoded (jwk->n, strlen (jwk->n), n, sizeof n);
    size_t e_size = decoded (jwk->e, strlen (jwk->e), e, sizeof e);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new ();
    BIGNUM *modulus = BN_bin2bn (n, (int) n_size, NULL), *exponent = BN_bin2bn (e, (int) e_size, NULL);
    OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_N, modulus);
    OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_E, exponent);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param (build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
    EVP_PKEY_fromdata_init (context);
    CHECK_INT (EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free (context);
    OSSL_PARAM_free (params);
    OSSL_PARAM_BLD_free (build);
    BN_free (modulus);
    BN_free (exponent);
    CHECK_INT (EVP_PKEY_get_bits (key), 2048);
    return key;
}

static bool verifies (const oidc_jwk_t *jwk, const char *token)
{
    unsigned char signature[512];
    const char *dot = strrchr (token, '.');
    size_t size = decoded (dot + 1, strlen (dot + 1), signature, sizeof signature);
    EVP_PKEY *key = key_of (jwk);
    EVP_MD_CTX *context = EVP_MD_CTX_new ();
    EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key);
    bool good = EVP_DigestVerify (context, signature, size, (const unsigned char *) token,
                                  (size_t) (dot - token)) == 1;
    EVP_MD_CTX_free (context);
    EVP_PKEY_free (key);
    return good;
}

static const value_t *part (world_t *world, const char *token, int number)
{
    unsigned char json[8192];
    const value_t *value;
    const char *error;
    for (; number > 0; number--)
        token = strchr (token, '.') + 1;
    size_t size = decoded (token, strcspn (token, "."), json, sizeof json);
    CHECK_INT (value_from_json (world->arena, (char *) json, size, &value, &error), OK);
    return value;
}

// The one that its head names, as others find it; NULL where it is not published.
static const oidc_jwk_t *named (world_t *world, const oidc_jwks_t *keys, const char *token)
{
    const char *kid = value_get_text (part (world, token, 0), "kid");
    for (size_t i = 0; i < keys->keys.count; i++)
        if (strcmp (keys->keys.items[i].kid, kid) == 0)
            return &keys->keys.items[i];
    return NULL;
}

static bool is_good (world_t *world, const char *token)
{
    oidc_jwks_t keys = published (world);
    const oidc_jwk_t *jwk = named (world, &keys, token);
    return jwk && verifies (jwk, token);
}

static fault_t rotate (world_t *world, role_t role, bool revoke, oidc_key_rows_t *out)
{
    return ask_patiently (world, role, MSG_oidc_rotate, &(oidc_rotate_t){.revoke = revoke}, out);
}

TEST_ON_ENGINES (an_identity_is_signed_and_says_what_the_scheduler_knows_of_the_job)
{
    identity_set_url (world->identity, ISSUER "/");
    const char *token = given (world, "sts.example.org");
    CHECK (is_good (world, token));
    const value_t *claims = part (world, token, 1), *head = part (world, token, 0);
    CHECK_STR (value_get_text (head, "alg"), "RS256");
    CHECK_STR (value_get_text (claims, "sub"), "repo:acme/site:ref:refs/heads/main");
    CHECK_STR (value_get_text (claims, "sha"), "c0ffee");
    // Of these the scheduler has no say
    CHECK_STR (value_get_text (claims, "iss"), ISSUER);
    CHECK_STR (value_get_text (claims, "aud"), "sts.example.org");
    int64_t now = BEGINS / SECONDS (1);
    CHECK_INT ((int64_t) value_to_number (value_get (claims, "iat")), now);
    CHECK_INT ((int64_t) value_to_number (value_get (claims, "exp")), now + OIDC_TOKEN_SECONDS);
    CHECK ((int64_t) value_to_number (value_get (claims, "nbf")) <= now);
    const char *other = given (world, "");
    CHECK_STR (value_get_text (part (world, other, 1), "aud"), ISSUER "/acme");
    CHECK (strcmp (value_get_text (claims, "jti"), value_get_text (part (world, other, 1), "jti")) != 0);
    char *forged = arena_strdup (world->arena, token);
    forged[strcspn (forged, ".") + 30] ^= 1;
    CHECK (!is_good (world, forged));
}

TEST_ON_ENGINES (whoever_is_not_the_attempt_itself_gets_no_identity)
{
    id_token_t token = {0};
    may_have_one (world);
    const caller_t others[] = {{.role = ROLE_JOB, .subject = "j1", .attempt = 1},
                               {.role = ROLE_JOB, .subject = "j2", .attempt = 2},
                               {.role = ROLE_AGENT, .subject = "j1", .attempt = 2},
                               {.role = ROLE_ADMIN, .subject = "j1", .attempt = 2}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const id_token_get_t ask = {.job = "j1", .attempt = 2, .audience = ""};
        world->turn.caller = others[i];
        world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (10);
        CHECK_INT (bus_client_call (world->client, &world->turn, MSG_id_token_get, &ask, &token), FORBIDDEN);
    }
    CHECK_INT (world->scheduler.asked, 0);
    world->scheduler.fault = CONFLICT; // The attempt is over
    CHECK_INT (get (world, "", &token), CONFLICT);
    world->scheduler.fault = OK;
    world->scheduler.claims.withheld = true; // A fork's code
    CHECK_INT (get (world, "", &token), FORBIDDEN);
    CHECK (!token.value);
}

TEST_ON_ENGINES (an_audience_has_bounds)
{
    id_token_t token = {0};
    char *longest = arena_alloc (world->arena, MAX_AUDIENCE + 2);
    memset (longest, 'a', MAX_AUDIENCE);
    CHECK_STR (value_get_text (part (world, given (world, longest), 1), "aud"), longest);
    longest[MAX_AUDIENCE] = 'a';
    CHECK (get (world, longest, &token) != OK);
    CHECK_INT (get (world, "a b", &token), INVALID);
    CHECK_INT (get (world, "a\nb", &token), INVALID);
    const char *quoted = "x\",\"sub\":\"repo:acme/other";
    CHECK_STR (value_get_text (part (world, given (world, quoted), 1), "aud"), quoted);
    CHECK_STR (value_get_text (part (world, given (world, quoted), 1), "sub"),
               "repo:acme/site:ref:refs/heads/main");
}

TEST_ON_ENGINES (after_a_rotation_the_old_key_verifies_until_its_last_identity_has_expired)
{
    oidc_key_rows_t rows;
    const char *before = given (world, "");
    CHECK_INT (rotate (world, ROLE_ADMIN, false, &rows), OK);
    CHECK_INT (rows.items.count, 2);
    CHECK_STR (rows.items.items[0].state, "next");
    CHECK_STR (rows.items.items[1].state, "current");
    CHECK_INT (rotate (world, ROLE_ADMIN, false, &rows), CONFLICT); // One is on its way
    CHECK_INT (published (world).keys.count, 2);
    const char *still = given (world, "");
    CHECK_STR (value_get_text (part (world, still, 0), "kid"),
               value_get_text (part (world, before, 0), "kid"));
    clock_turn (world->clock, OIDC_WAIT_US - SECONDS (1));
    const char *last = given (world, "");
    clock_turn (world->clock, SECONDS (1));
    const char *first = given (world, "");
    CHECK (strcmp (value_get_text (part (world, last, 0), "kid"),
                   value_get_text (part (world, first, 0), "kid")) != 0);
    clock_turn (world->clock, SECONDS (OIDC_TOKEN_SECONDS));
    CHECK (is_good (world, last));
    CHECK (is_good (world, first));
    clock_turn (world->clock, OIDC_AFTER_US);
    CHECK_INT (published (world).keys.count, 1);
    CHECK (!is_good (world, last)); // Long expired
    CHECK (is_good (world, first));
}

TEST_ON_ENGINES (a_key_that_leaked_is_valid_no_more_at_once)
{
    oidc_key_rows_t rows;
    const char *before = given (world, "");
    CHECK_INT (rotate (world, ROLE_ADMIN, true, &rows), OK);
    CHECK_INT (rows.items.count, 1);
    CHECK_STR (rows.items.items[0].state, "current");
    CHECK (!is_good (world, before));
    CHECK (is_good (world, given (world, "")));
}

TEST_ON_ENGINES (only_an_admin_sees_and_rotates_keys_and_everybody_reads_the_public_ones)
{
    oidc_key_rows_t rows;
    oidc_discovery_t found = {0};
    static const role_t others[] = {ROLE_NOBODY,    ROLE_JOB,    ROLE_AGENT,
                                    ROLE_REGISTRAR, ROLE_VIEWER, ROLE_DEVELOPER};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK_INT (rotate (world, others[i], true, &rows), FORBIDDEN);
        CHECK_INT (ask_as (world, others[i], MSG_oidc_key_list, &(oidc_key_list_t){}, &rows), FORBIDDEN);
    }
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_oidc_key_list, &(oidc_key_list_t){}, &rows), OK);
    CHECK_INT (rows.items.count, 0); // Nobody has asked yet
    CHECK_INT (published (world).keys.count, 1);
    identity_set_url (world->identity, ISSUER "/ci/");
    CHECK_INT (ask_as (world, ROLE_NOBODY, MSG_oidc_discovery_show, &(oidc_discovery_show_t){}, &found), OK);
    CHECK_STR (found.issuer, ISSUER "/ci");
    CHECK_STR (found.jwks_uri, ISSUER "/ci/.well-known/jwks");
    CHECK_STR (found.id_token_signing_alg_values_supported.items[0], "RS256");
}

TEST_ON_ENGINES (a_key_is_replaced_by_its_age)
{
    const char *before = given (world, "");
    clock_turn (world->clock, OIDC_AGE_US);
    const char *same = given (world, "");
    CHECK_STR (value_get_text (part (world, same, 0), "kid"),
               value_get_text (part (world, before, 0), "kid"));
    CHECK_INT (published (world).keys.count, 2);
    clock_turn (world->clock, OIDC_WAIT_US);
    const char *after = given (world, "");
    CHECK (strcmp (value_get_text (part (world, after, 0), "kid"),
                   value_get_text (part (world, same, 0), "kid")) != 0);
    CHECK_INT (published (world).keys.count, 2);
}

TEST_ON_ENGINES (a_key_of_the_key_file_is_replaced_without_another_key_of_identities)
{
    id_token_t token = {0};
    const char *before = given (world, "");
    secret_key_t both = {.bytes = "the second key of the test", .older_count = 1};
    memcpy (both.older[0], world->key.bytes, SECRET_KEY_SIZE);
    restart_actor (world, &both);
    CHECK (is_good (world, before));
    secret_key_t last = {.bytes = "the second key of the test"};
    restart_actor (world, &last); // The first may go: all was sealed again
    CHECK (is_good (world, before));
    CHECK (is_good (world, given (world, "")));
    secret_key_t lost = {.bytes = "a key that was never used before"};
    restart_actor (world, &lost);
    CHECK_INT (get (world, "", &token), INVALID);
    CHECK (strstr (world->turn.detail, "opencicd oidc rotate --revoke"));
    CHECK_INT (published (world).keys.count, 0);
    oidc_key_rows_t rows;
    CHECK_INT (rotate (world, ROLE_ADMIN, true, &rows), OK);
    CHECK (is_good (world, given (world, "")));
}

TEST_ON_ENGINES (a_key_that_was_written_into_the_database_is_not_published)
{
    id_token_t token = {0};
    oidc_jwks_t keys = published (world);
    CHECK_INT (keys.keys.count, 1);
    CHECK_INT (db_exec (world->db, &world->turn, "update oidc_keys set modulus = $1",
                        P_STR ("AQAB" /* the attacker's */)),
               OK);
    CHECK_INT (published (world).keys.count, 0);
    may_have_one (world);
    CHECK_INT (get (world, "", &token), INVALID);
}

TEST_ON_ENGINES (no_table_holds_a_private_key)
{
    const rows_t *rows;
    size_t size;
    given (world, "");
    CHECK_INT (
        db_query (world->db, &world->turn, "select sealed from oidc_keys where id <> $1", &rows, P_STR ("")),
        OK);
    CHECK_INT (rows_count (rows), 1);
    const void *sealed = rows_bytes (rows, 0, 0, &size);
    CHECK (size > 1000);
    CHECK (!memmem (sealed, size, "PRIVATE", 7));
}
