/* jwks.c - see jwks.h. */

#include "services/identity/providers/jwks.h"

#include "services/identity/providers/members.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

#define RSA_LEAST  256 // Bytes of a modulus
#define RSA_MOST   1024
#define EXPONENT   8 // Bytes at most: a larger one only takes time
#define P256_BYTES 32
#define ED25519    32

static const struct {
    const char *alg, *kty, *crv; // crv NULL: the kind has none
} kinds[] = {{"RS256", "RSA", NULL}, {"ES256", "EC", "P-256"}, {"EdDSA", "OKP", "Ed25519"}};

static bool is_same (const char *one, const char *other)
{
    return one && other && strcmp (one, other) == 0;
}

bool jwks_decode (arena_t *arena, const char *text, size_t size, size_t most, bytes_t *out)
{
    size_t room = size / 4 * 3 + 3, bytes = 0;
    unsigned char *data = arena_alloc (arena, room);
    if (sodium_base642bin (data, room, text, size, NULL, &bytes, NULL,
                           sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        bytes > most)
        return false;
    *out = (bytes_t){data, bytes};
    return true;
}

// ---- reading ----

typedef struct {
    jwks_t keys;
    bool seen;
} reading_t;

static bool take_key (arena_t *arena, json_reader_t *reader, jwks_t *keys)
{
    static const member_t texts[] = {{"kty", offsetof (jwk_t, kty)}, {"kid", offsetof (jwk_t, kid)},
                                     {"alg", offsetof (jwk_t, alg)}, {"use", offsetof (jwk_t, use)},
                                     {"crv", offsetof (jwk_t, crv)}, {"n", offsetof (jwk_t, n)},
                                     {"e", offsetof (jwk_t, e)},     {"x", offsetof (jwk_t, x)},
                                     {"y", offsetof (jwk_t, y)},     {NULL, 0}};
    if (keys->count == JWKS_KEYS || json_reader_next (reader) != JSON_IS_OBJECT)
        return json_reader_skip (reader);
    members_t members = {.texts = texts, .into = &keys->items[keys->count], .arena = arena};
    if (!members_object (&members, reader))
        return false;
    keys->count++;
    return true;
}

static bool take_other (members_t *members, json_reader_t *reader, const char *name)
{
    reading_t *self = members->into;
    if (strcmp (name, "keys") != 0 || json_reader_next (reader) != JSON_IS_ARRAY)
        return json_reader_skip (reader);
    if (self->seen || !json_reader_enter (reader))
        return false;
    self->seen = true;
    while (json_reader_more (reader, ']'))
        if (!take_key (members->arena, reader, &self->keys))
            return false;
    return !reader->error;
}

fault_t jwks_parse (turn_t *turn, const char *text, size_t size, jwks_t *out)
{
    static const member_t none[] = {{NULL, 0}};
    reading_t reading = {.keys = {arena_array (turn->arena, JWKS_KEYS, sizeof (jwk_t)), 0}};
    members_t members = {.texts = none, .into = &reading, .other = take_other, .arena = turn->arena};
    *out = (jwks_t){0};
    TRY (members_read (&members, turn, text, size));
    *out = reading.keys;
    return reading.seen ? OK : turn_fail (turn, INVALID, "it has no keys");
}

// ---- finding ----

bool jwks_alg_is (const char *alg)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_same (kinds[i].alg, alg))
            return true;
    return false;
}

// May this key be used so? What it says of itself is a limit.
static bool fits (const jwk_t *self, const char *alg)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_same (kinds[i].alg, alg))
            return is_same (self->kty, kinds[i].kty) &&
                   (!kinds[i].crv || is_same (self->crv, kinds[i].crv)) &&
                   (!self->alg || is_same (self->alg, alg)) && (!self->use || is_same (self->use, "sig"));
    return false;
}

const jwk_t *jwks_find (const jwks_t *self, const char *alg, const char *kid)
{
    const jwk_t *found = NULL;
    for (size_t i = 0; i < self->count; i++) {
        const jwk_t *key = &self->items[i];
        if (!fits (key, alg) || (kid && !is_same (key->kid, kid)))
            continue;
        if (found) // Which one is meant is not said
            return NULL;
        found = key;
    }
    return found;
}

// ---- verifying ----

static EVP_PKEY *key_of (const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param (build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, type, NULL);
    if (!params || !context || EVP_PKEY_fromdata_init (context) != 1 ||
        EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free (context);
    OSSL_PARAM_free (params);
    return key;
}

static EVP_PKEY *rsa_of (bytes_t modulus, bytes_t exponent)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn (modulus.data, (int) modulus.size, NULL);
    BIGNUM *e = BN_bin2bn (exponent.data, (int) exponent.size, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new ();
    bool good = n && e && build && BN_num_bits (n) >= RSA_LEAST * 8 && BN_is_odd (n) && BN_is_odd (e) &&
                !BN_is_one (e);
    if (good && OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_of ("RSA", build);
    OSSL_PARAM_BLD_free (build);
    BN_free (n);
    BN_free (e);
    return key;
}

// A point that is not on the curve is refused by libcrypto.
static EVP_PKEY *p256_of (bytes_t x, bytes_t y)
{
    EVP_PKEY *key = NULL;
    unsigned char point[1 + 2 * P256_BYTES] = {4};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new ();
    memcpy (point + 1, x.data, P256_BYTES);
    memcpy (point + 1 + P256_BYTES, y.data, P256_BYTES);
    if (build && OSSL_PARAM_BLD_push_utf8_string (build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string (build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
        key = key_of ("EC", build);
    OSSL_PARAM_BLD_free (build);
    return key;
}

static bool decoded (arena_t *arena, const char *text, size_t least, size_t most, bytes_t *out)
{
    return text && jwks_decode (arena, text, strlen (text), most, out) && out->size >= least;
}

static EVP_PKEY *open_key (arena_t *arena, const jwk_t *self, const char *alg)
{
    bytes_t one, other;
    if (is_same (alg, "RS256"))
        return decoded (arena, self->n, RSA_LEAST, RSA_MOST, &one) &&
                       decoded (arena, self->e, 1, EXPONENT, &other)
                   ? rsa_of (one, other)
                   : NULL;
    if (is_same (alg, "ES256"))
        return decoded (arena, self->x, P256_BYTES, P256_BYTES, &one) &&
                       decoded (arena, self->y, P256_BYTES, P256_BYTES, &other)
                   ? p256_of (one, other)
                   : NULL;
    return decoded (arena, self->x, ED25519, ED25519, &one)
               ? EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, one.data, one.size)
               : NULL;
}

// Of ES256 the two numbers follow each other; libcrypto wants them in DER. Empty where they are not 64 bytes.
static bytes_t der_of (arena_t *arena, bytes_t raw)
{
    unsigned char *der = NULL;
    const unsigned char *from = raw.data;
    bytes_t out = {NULL, 0};
    if (raw.size != 2 * P256_BYTES)
        return out;
    ECDSA_SIG *pair = ECDSA_SIG_new ();
    BIGNUM *r = BN_bin2bn (from, P256_BYTES, NULL), *s = BN_bin2bn (from + P256_BYTES, P256_BYTES, NULL);
    if (!pair || ECDSA_SIG_set0 (pair, r, s) != 1) {
        BN_free (r);
        BN_free (s);
    } else {
        int size = i2d_ECDSA_SIG (pair, &der);
        if (size > 0)
            out = (bytes_t){arena_copy (arena, der, (size_t) size), (size_t) size};
    }
    OPENSSL_free (der);
    ECDSA_SIG_free (pair);
    return out;
}

static bool verify (EVP_PKEY *key, const EVP_MD *digest, bytes_t text, bytes_t signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new ();
    // 1 alone: for a signature that cannot be read it is -1
    bool right = context && EVP_DigestVerifyInit (context, NULL, digest, NULL, key) == 1 &&
                 EVP_DigestVerify (context, signature.data, signature.size, text.data, text.size) == 1;
    EVP_MD_CTX_free (context);
    return right;
}

bool jwk_signed (const jwk_t *self, const char *alg, bytes_t text, bytes_t signature)
{
    arena_t *arena = arena_new ();
    EVP_PKEY *key = fits (self, alg) ? open_key (arena, self, alg) : NULL;
    if (is_same (alg, "ES256"))
        signature = der_of (arena, signature);
    const EVP_MD *digest = is_same (alg, "EdDSA") ? NULL : EVP_sha256 ();
    bool right = key && signature.size > 0 && verify (key, digest, text, signature);
    EVP_PKEY_free (key);
    arena_destroy (&arena);
    return right;
}
