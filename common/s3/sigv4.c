/* sigv4.c - see sigv4.h. */

#include "common/s3/sigv4.h"

#include "common/base/buffer.h"
#include "common/base/sha256.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALGORITHM   "AWS4-HMAC-SHA256"
#define TEXT_MAX    (64 << 10) // A canonical request; longer ones are refused by every store
#define QUERY_PARTS 32

typedef unsigned char hmac_t[crypto_auth_hmacsha256_BYTES];

typedef struct {
    char day[9];   // 20130524
    char time[17]; // 20130524T000000Z
} stamp_t;

static stamp_t stamp_of (int64_t now_us)
{
    stamp_t stamp;
    struct tm utc;
    time_t seconds = (time_t) (now_us / 1000000);
    gmtime_r (&seconds, &utc);
    strftime (stamp.day, sizeof stamp.day, "%Y%m%d", &utc);
    strftime (stamp.time, sizeof stamp.time, "%Y%m%dT%H%M%SZ", &utc);
    return stamp;
}

const char *sigv4_escape (arena_t *arena, const char *text, bool slash)
{
    static const char digits[] = "0123456789ABCDEF";
    char *made = arena_alloc (arena, 3 * strlen (text) + 1), *to = made;
    for (; *text; text++) {
        unsigned char c = (unsigned char) *text;
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr ("-._~", c) ||
                     (slash && c == '/');
        if (plain) {
            *to++ = (char) c;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    return made;
}

static int compare (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

// Names before values: "a=1" sorts before "a-b=1", as `a` does.
static int compare_parts (const void *a_, const void *b_)
{
    const char *a = *(const char *const *) a_, *b = *(const char *const *) b_;
    size_t one = strcspn (a, "="), other = strcspn (b, "=");
    int order = strncmp (a, b, one < other ? one : other);
    if (order == 0 && one != other)
        order = one < other ? -1 : 1;
    return order ? order : strcmp (a, b);
}

static const char *sorted_query (arena_t *arena, const char *query)
{
    const char *parts[QUERY_PARTS];
    size_t count = 0;
    for (char *at = arena_strdup (arena, query), *part; *at && (part = strsep (&at, "&"));) {
        assert (count < QUERY_PARTS);
        parts[count++] = strchr (part, '=') ? part : arena_printf (arena, "%s=", part);
        if (!at)
            break;
    }
    qsort (parts, count, sizeof *parts, compare_parts);
    buffer_t *made = buffer_new (TEXT_MAX);
    for (size_t i = 0; i < count; i++)
        buffer_printf (made, "%s%s", i ? "&" : "", parts[i]);
    const char *text = arena_strdup (arena, buffer_text (made));
    buffer_destroy (&made);
    return text;
}

// "name:value", its blanks trimmed and those within made one.
static const char *canonical_header (arena_t *arena, const char *header)
{
    const char *colon = strchr (header, ':');
    char *made = arena_strndup (arena, header, strlen (header)), *to = made + (colon - header) + 1;
    bool blank = true; // Leading ones go
    for (const char *at = colon + 1; *at; at++) {
        bool is_blank = *at == ' ' || *at == '\t';
        if (!is_blank || !blank)
            *to++ = is_blank ? ' ' : *at;
        blank = is_blank;
    }
    while (to > made && to[-1] == ' ')
        to--;
    *to = 0;
    return made;
}

const char *sigv4_canonical (arena_t *arena, const sigv4_request_t *request, const char **signed_names)
{
    const char *lines[SIGV4_HEADERS];
    size_t count = 0;
    lines[count++] = arena_printf (arena, "host:%s", request->host);
    for (const char *const *header = request->headers; header && *header; header++) {
        assert (count < SIGV4_HEADERS);
        lines[count++] = canonical_header (arena, *header);
    }
    qsort (lines, count, sizeof *lines,
           compare); // `:` sorts after `-`, but no name of ours begins another one
    buffer_t *made = buffer_new (TEXT_MAX), *names = buffer_new (TEXT_MAX);
    buffer_printf (made, "%s\n%s\n%s\n", request->method, request->path,
                   sorted_query (arena, request->query));
    for (size_t i = 0; i < count; i++) {
        buffer_printf (made, "%s\n", lines[i]);
        buffer_printf (names, "%s%.*s", i ? ";" : "", (int) strcspn (lines[i], ":"), lines[i]);
    }
    *signed_names = arena_strdup (arena, buffer_text (names));
    buffer_printf (made, "\n%s\n%s", *signed_names, request->sum);
    const char *text = arena_strdup (arena, buffer_text (made));
    buffer_destroy (&made);
    buffer_destroy (&names);
    return text;
}

static void hmac (hmac_t out, const void *key, size_t size, const char *text)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init (&state, key, size);
    crypto_auth_hmacsha256_update (&state, (const unsigned char *) text, strlen (text));
    crypto_auth_hmacsha256_final (&state, out);
    sodium_memzero (&state, sizeof state);
}

static const char *scope_of (arena_t *arena, const sigv4_key_t *key, const stamp_t *stamp)
{
    return arena_printf (arena, "%s/%s/%s/aws4_request", stamp->day, key->region, key->service);
}

static const char *signature_of (arena_t *arena, const sigv4_key_t *key, const stamp_t *stamp,
                                 const char *canonical)
{
    hmac_t made, next;
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, canonical, strlen (canonical));
    const char *signs[] = {key->region, key->service, "aws4_request",
                           arena_printf (arena, ALGORITHM "\n%s\n%s\n%s", stamp->time,
                                         scope_of (arena, key, stamp), sha256_hex (&sum, arena))};
    char *secret = arena_printf (arena, "AWS4%s", key->secret_key);
    hmac (made, secret, strlen (secret), stamp->day);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        hmac (next, made, sizeof made, signs[i]);
        memcpy (made, next, sizeof made);
    }
    char *hex = arena_alloc (arena, 2 * sizeof made + 1);
    sodium_bin2hex (hex, 2 * sizeof made + 1, made, sizeof made);
    sodium_memzero (secret, strlen (secret));
    return hex;
}

const char *const *sigv4_headers (arena_t *arena, const sigv4_key_t *key, const sigv4_request_t *request)
{
    const char **headers = arena_array (arena, SIGV4_HEADERS + 2, sizeof *headers), *names;
    stamp_t stamp = stamp_of (request->now_us);
    sigv4_request_t whole = *request;
    size_t count = 0;
    while (request->headers && request->headers[count]) {
        assert (count < SIGV4_HEADERS - 4);
        headers[count] = request->headers[count];
        count++;
    }
    headers[count++] = arena_printf (arena, "x-amz-content-sha256: %s", request->sum);
    headers[count++] = arena_printf (arena, "x-amz-date: %s", stamp.time);
    if (*key->token)
        headers[count++] = arena_printf (arena, "x-amz-security-token: %s", key->token);
    whole.headers = headers;
    const char *canonical = sigv4_canonical (arena, &whole, &names);
    headers[count] = arena_printf (
        arena, "Authorization: " ALGORITHM " Credential=%s/%s,SignedHeaders=%s,Signature=%s", key->access_key,
        scope_of (arena, key, &stamp), names, signature_of (arena, key, &stamp, canonical));
    return headers;
}

const char *sigv4_query (arena_t *arena, const sigv4_key_t *key, const sigv4_request_t *request,
                         uint32_t seconds)
{
    stamp_t stamp = stamp_of (request->now_us);
    sigv4_request_t whole = *request;
    const char *names,
        *credential = arena_printf (arena, "%s/%s", key->access_key, scope_of (arena, key, &stamp));
    whole.headers = NULL;
    whole.sum = SIGV4_UNSIGNED;
    whole.query =
        arena_printf (arena,
                      "%s%sX-Amz-Algorithm=" ALGORITHM
                      "&X-Amz-Credential=%s&X-Amz-Date=%s&X-Amz-Expires=%u%s%s&X-Amz-SignedHeaders=host",
                      request->query, *request->query ? "&" : "", sigv4_escape (arena, credential, false),
                      stamp.time, seconds < SIGV4_SECONDS ? seconds : SIGV4_SECONDS,
                      *key->token ? "&X-Amz-Security-Token=" : "", sigv4_escape (arena, key->token, false));
    whole.query = sorted_query (arena, whole.query);
    const char *canonical = sigv4_canonical (arena, &whole, &names);
    return arena_printf (arena, "%s&X-Amz-Signature=%s", whole.query,
                         signature_of (arena, key, &stamp, canonical));
}
