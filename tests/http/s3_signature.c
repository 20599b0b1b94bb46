/* s3_signature.c - see s3_signature.h. Written from the documentation, with OpenSSL: it shares no line with common/s3/sigv4.c. */

#include "tests/http/s3_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define TEXT  32768
#define PARTS 32

typedef struct {
    char credential[256], names[512], signature[80], date[32], sum[80], expires[16];
    bool in_query;
} claim_t;

static void hex_of (const unsigned char *bytes, size_t size, char *into)
{
    for (size_t i = 0; i < size; i++)
        snprintf (into + 2 * i, 3, "%02x", bytes[i]);
}

static void sha256_text (const void *data, size_t size, char into[65])
{
    unsigned char sum[32];
    EVP_Digest (data, size, sum, NULL, EVP_sha256 (), NULL);
    hex_of (sum, sizeof sum, into);
}

// "Signature=abc," -> abc
static void after (const char *text, const char *name, const char *end, char *into, size_t room)
{
    const char *at = strstr (text, name);
    size_t size = at ? strcspn (at + strlen (name), end) : 0;
    snprintf (into, room, "%.*s", (int) size, at ? at + strlen (name) : "");
}

static void decode (const char *from, size_t size, char *into)
{
    for (size_t i = 0; i < size; i++)
        if (from[i] == '%' && i + 2 < size) {
            char pair[3] = {from[i + 1], from[i + 2], 0};
            *into++ = (char) strtol (pair, NULL, 16);
            i += 2;
        } else
            *into++ = from[i];
    *into = 0;
}

static void encode (const char *from, bool slash, char *into)
{
    for (; *from; from++) {
        bool plain = strchr ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *from) ||
                     (slash && *from == '/');
        into += plain ? snprintf (into, 2, "%c", *from) : snprintf (into, 4, "%%%02X", (unsigned char) *from);
    }
    *into = 0;
}

static int by_text (const void *a, const void *b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

// Decoded, encoded anew, sorted; without the signature itself. A name and its value are joined by a letter that sorts before all others.
static void canonical_query (const char *query, char *into)
{
    char *parts[PARTS] = {NULL}, *copy = strdup (query ? query : "");
    size_t count = 0;
    for (char *rest = copy, *part; rest && *rest && count < PARTS && (part = strsep (&rest, "&"));) {
        char raw[4096], name[4096], value[4096];
        size_t size = strcspn (part, "=");
        if (strncmp (part, "X-Amz-Signature=", 16) == 0)
            continue;
        decode (part, size, raw);
        encode (raw, false, name);
        decode (part[size] ? part + size + 1 : "", part[size] ? strlen (part + size + 1) : 0, raw);
        encode (raw, false, value);
        if (asprintf (&parts[count++], "%s\001%s", name, value) < 0)
            abort ();
    }
    qsort (parts, count, sizeof *parts, by_text);
    *into = 0;
    for (size_t i = 0; i < count; i++) {
        *strchr (parts[i], '\001') = '=';
        into += snprintf (into, 8192, "%s%s", i ? "&" : "", parts[i]);
        free (parts[i]);
    }
    free (copy);
}

// Every x-amz- header and Host must be signed, names in order.
static bool names_are_right (const peer_request_t *request, const claim_t *claim)
{
    char last[128] = "", names[520], wrapped[520];
    snprintf (wrapped, sizeof wrapped, ";%s;", claim->names);
    if (!strstr (wrapped, ";host;"))
        return false;
    for (size_t i = 0; i < request->head->count; i++) {
        char name[128];
        snprintf (name, sizeof name, ";%s;", request->head->headers[i].name);
        for (char *at = name; *at; at++)
            *at = (char) (*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
        if (strncmp (name, ";x-amz-", 7) == 0 && !strstr (wrapped, name))
            return false;
    }
    snprintf (names, sizeof names, "%s", claim->names);
    for (char *rest = names, *name; (name = strsep (&rest, ";"));) {
        if (strcmp (last, name) >= 0)
            return false;
        snprintf (last, sizeof last, "%s", name);
    }
    return true;
}

static bool canonical_of (const peer_request_t *request, const claim_t *claim, char *into)
{
    char path[2048], canonical[4096], query[8192], names[512];
    const http_head_t *head = request->head;
    decode (head->path, strlen (head->path), path);
    encode (path, true, canonical);
    if (strcmp (canonical, head->path) != 0) // It came in another form than the one that is signed
        return false;
    canonical_query (head->query, query);
    into += snprintf (into, TEXT, "%s\n%s\n%s\n", head->method, canonical, query);
    snprintf (names, sizeof names, "%s", claim->names);
    for (char *rest = names, *name; (name = strsep (&rest, ";"));) {
        const char *value = http_head_get (head, name);
        if (!value)
            return false;
        into += snprintf (into, 8192, "%s:%s\n", name, value);
    }
    snprintf (into, 1024, "\n%s\n%s", claim->names, claim->in_query ? "UNSIGNED-PAYLOAD" : claim->sum);
    return true;
}

static void sign (const claim_t *claim, const s3_peer_key_t *key, const char *canonical, char into[65])
{
    char sum[65], text[1024], seed[256], day[9];
    unsigned char made[32];
    unsigned int size = 32;
    const char *steps[] = {key->region, "s3", "aws4_request", text};
    snprintf (day, sizeof day, "%.8s", claim->date);
    sha256_text (canonical, strlen (canonical), sum);
    snprintf (text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s/%s/s3/aws4_request\n%s", claim->date, day,
              key->region, sum);
    snprintf (seed, sizeof seed, "AWS4%s", key->secret);
    HMAC (EVP_sha256 (), seed, (int) strlen (seed), (unsigned char *) day, strlen (day), made, &size);
    for (size_t i = 0; i < 4; i++) {
        unsigned char next[32];
        HMAC (EVP_sha256 (), made, 32, (const unsigned char *) steps[i], strlen (steps[i]), next, &size);
        memcpy (made, next, 32);
    }
    hex_of (made, 32, into);
}

static void read_claim (const peer_request_t *request, claim_t *claim)
{
    const char *header = http_head_get (request->head, "Authorization"), *query = request->head->query;
    *claim = (claim_t){.in_query = !header && query && strstr (query, "X-Amz-Signature=")};
    if (header && strncmp (header, "AWS4-HMAC-SHA256 ", 17) == 0) {
        const char *date = http_head_get (request->head, "x-amz-date"),
                   *sum = http_head_get (request->head, "x-amz-content-sha256");
        after (header, "Credential=", ",", claim->credential, sizeof claim->credential);
        after (header, "SignedHeaders=", ",", claim->names, sizeof claim->names);
        after (header, "Signature=", ",", claim->signature, sizeof claim->signature);
        snprintf (claim->date, sizeof claim->date, "%s", date ? date : "");
        snprintf (claim->sum, sizeof claim->sum, "%s", sum ? sum : "");
    } else if (claim->in_query) {
        char credential[256];
        after (query, "X-Amz-Credential=", "&", credential, sizeof credential);
        decode (credential, strlen (credential), claim->credential);
        after (query, "X-Amz-SignedHeaders=", "&", claim->names, sizeof claim->names);
        after (query, "X-Amz-Signature=", "&", claim->signature, sizeof claim->signature);
        after (query, "X-Amz-Date=", "&", claim->date, sizeof claim->date);
        after (query, "X-Amz-Expires=", "&", claim->expires, sizeof claim->expires);
    }
}

static const char *check_time (const claim_t *claim)
{
    struct tm utc = {0};
    const char *end = strptime (claim->date, "%Y%m%dT%H%M%SZ", &utc);
    if (!end || *end)
        return "AccessDenied";
    long long late = (long long) time (NULL) - (long long) timegm (&utc);
    if (!claim->in_query)
        return late > 900 || late < -900 ? "RequestTimeTooSkewed" : NULL;
    long allowed = strtol (claim->expires, NULL, 10);
    return allowed < 1 || allowed > 604800 || late > allowed || late < -900 ? "AccessDenied" : NULL;
}

static const char *check_token (const peer_request_t *request, const claim_t *claim, const s3_peer_key_t *key)
{
    char token[512] = "", raw[512];
    const char *header = http_head_get (request->head, "x-amz-security-token");
    if (claim->in_query)
        after (request->head->query, "X-Amz-Security-Token=", "&", raw, sizeof raw);
    else
        snprintf (raw, sizeof raw, "%s", header ? header : "");
    if (claim->in_query)
        decode (raw, strlen (raw), token);
    else
        snprintf (token, sizeof token, "%s", raw);
    return strcmp (token, key->token ? key->token : "") == 0 ? NULL : "InvalidToken";
}

const char *s3_signature_check (const peer_request_t *request, const s3_peer_key_t *key)
{
    claim_t claim;
    char scope[256], sum[65], canonical[TEXT], made[65];
    read_claim (request, &claim);
    if (!*claim.signature)
        return "AccessDenied";
    const char *wrong = check_time (&claim);
    if (wrong)
        return wrong;
    if (strncmp (claim.credential, key->access, strcspn (claim.credential, "/")) != 0)
        return "InvalidAccessKeyId";
    snprintf (scope, sizeof scope, "%s/%.8s/%s/s3/aws4_request", key->access, claim.date, key->region);
    if (strcmp (scope, claim.credential) != 0)
        return "AuthorizationHeaderMalformed";
    sha256_text (request->body, request->size, sum);
    if (!claim.in_query && strcmp (sum, claim.sum) != 0)
        return "XAmzContentSHA256Mismatch";
    if (!names_are_right (request, &claim) || !canonical_of (request, &claim, canonical))
        return "SignatureDoesNotMatch";
    sign (&claim, key, canonical, made);
    if (strcmp (made, claim.signature) != 0)
        return "SignatureDoesNotMatch";
    return check_token (request, &claim, key);
}
