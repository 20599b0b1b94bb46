/* hook_proof.c - see hook_proof.h. */

#include "services/scm/forges/hook_proof.h"

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SUM        32 // Bytes of a SHA-256
#define SECRET     "whsec_"
#define TOKEN_MOST 256 // Bytes of a secret that is sent in clear

static bool hmac_is (const void *key, size_t key_size, const void *data, size_t size,
                     const unsigned char given[SUM])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned made = 0;
    return key_size > 0 && HMAC (EVP_sha256 (), key, (int) key_size, data, size, sum, &made) && made == SUM &&
           sodium_memcmp (sum, given, SUM) == 0;
}

static bool hex_is (const hook_request_t *request, const char *secret, const char *hex)
{
    unsigned char given[SUM];
    size_t size = 0;
    if (strlen (hex) != SUM * 2 || sodium_hex2bin (given, SUM, hex, SUM * 2, NULL, &size, NULL) != 0 ||
        size != SUM)
        return false;
    return hmac_is (secret, strlen (secret), request->body, request->size, given);
}

bool hook_proof_hub (const hook_request_t *request, const char *secret)
{
    return strncmp (request->hub, "sha256=", 7) == 0 && hex_is (request, secret, request->hub + 7);
}

bool hook_proof_gitea (const hook_request_t *request, const char *secret)
{
    return hex_is (request, secret, request->gitea);
}

// ---- GitLab ----

static bool is_near (const hook_request_t *request)
{
    char *end;
    long long seconds = strtoll (request->timestamp, &end, 10);
    int64_t now = request->now_us / SECONDS (1), most = HOOK_OLD_US / SECONDS (1);
    return end != request->timestamp && !*end && seconds > now - most && seconds < now + most;
}

// "v1,<base64> v1,<base64>": of the secret and, while it is being replaced, of the one before.
static bool one_is (const char *list, const unsigned char *key, size_t key_size, const char *text,
                    size_t size)
{
    bool any = false;
    for (const char *at = list; *at; at += strspn (at, " ")) {
        size_t length = strcspn (at, " ");
        unsigned char given[SUM];
        size_t got = 0;
        if (length > 3 && strncmp (at, "v1,", 3) == 0 &&
            sodium_base642bin (given, SUM, at + 3, length - 3, NULL, &got, NULL,
                               sodium_base64_VARIANT_ORIGINAL) == 0 &&
            got == SUM)
            any = hmac_is (key, key_size, text, size, given) || any;
        at += length;
    }
    return any;
}

static bool is_signed (const hook_request_t *request, const char *secret)
{
    unsigned char key[64];
    size_t key_size = 0, before = strlen (request->delivery) + strlen (request->timestamp) + 2;
    if (strncmp (secret, SECRET, strlen (SECRET)) != 0 ||
        sodium_base642bin (key, sizeof key, secret + strlen (SECRET), strlen (secret + strlen (SECRET)), NULL,
                           &key_size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        !is_near (request))
        return false;
    char *text = malloc (before + request->size);
    if (!text)
        abort ();
    memcpy (text, request->delivery, strlen (request->delivery));
    text[strlen (request->delivery)] = '.';
    memcpy (text + strlen (request->delivery) + 1, request->timestamp, strlen (request->timestamp));
    text[before - 1] = '.';
    memcpy (text + before, request->body, request->size);
    bool good = one_is (request->signature, key, key_size, text, before + request->size);
    sodium_memzero (key, sizeof key);
    free (text);
    return good;
}

bool hook_proof_gitlab (const hook_request_t *request, const char *secret)
{
    size_t size = strlen (secret);
    if (*request->signature)
        return is_signed (request, secret);
    return size > 0 && size <= TOKEN_MOST && strlen (request->token) == size &&
           sodium_memcmp (request->token, secret, size) == 0;
}

const char *hook_secret_new (arena_t *arena)
{
    unsigned char bytes[32];
    randombytes_buf (bytes, sizeof bytes);
    const char *text = arena_printf (arena, SECRET "%s", bytes_base64 (arena, bytes, sizeof bytes));
    sodium_memzero (bytes, sizeof bytes);
    return text;
}

const char *hook_delivery_key (arena_t *arena, const hook_request_t *request, bool names_proven)
{
    sha256_t sum;
    if (names_proven && *request->delivery)
        return request->delivery;
    sha256_init (&sum);
    sha256_add (&sum, request->body, request->size);
    return sha256_hex (&sum, arena);
}
