/* signed.c - see signed.h. The signature is keyed BLAKE2b-256 in base64url: 43 characters, long enough that masking it in a log masks nothing
 * else. Any key of the key file verifies, so that keys can be replaced while URLs live. */

#include "gateway/signed.h"

#include "common/base/clock.h"
#include "gateway/inside.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SIG_CHARS 43

static void signature_of (const unsigned char *key, const char *text, char into[SIG_CHARS + 1])
{
    unsigned char sum[32];
    crypto_generichash (sum, sizeof (sum), (const unsigned char *) text, strlen (text), key, SECRET_KEY_SIZE);
    sodium_bin2base64 (into, SIG_CHARS + 1, sum, sizeof (sum), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

// What is signed. Ids have no newlines.
static const char *upload_text (arena_t *arena, const char *artifact, const char *job, uint32_t attempt,
                                const char *end)
{
    return arena_printf (arena, "open-cicd: signed upload\n%s\n%s\n%u\n%s", artifact, job, attempt, end);
}

static const char *download_text (arena_t *arena, const char *artifact, const char *end)
{
    return arena_printf (arena, "open-cicd: signed download\n%s\n%s", artifact, end);
}

// "http://127.0.0.1:8080". A client that lies about itself gets a URL that is of no use to it.
static const char *origin_of (request_t *request)
{
    const char *host = http_head_get (request->info, "Host");
    const char *scheme = http_head_get (request->info, "X-Forwarded-Proto");
    bool plain = host && *host &&
                 strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_") ==
                     strlen (host);
    return arena_printf (request->turn.arena, "%s://%s",
                         scheme && strcmp (scheme, "https") == 0 ? "https" : "http",
                         plain ? host : "localhost");
}

static const char *url_of (request_t *request, const char *path, const char *text, const char *end)
{
    char signature[SIG_CHARS + 1];
    signature_of (gateway_key (request->gateway)->bytes, text, signature);
    return arena_printf (request->turn.arena, "%s%s?se=%s&sig=%s", origin_of (request), path, end, signature);
}

static const char *end_in (request_t *request, int64_t seconds)
{
    return arena_printf (request->turn.arena, "%lld",
                         (long long) (request->turn.now_us / SECONDS (1) + seconds));
}

const char *signed_upload_url (request_t *request, const char *artifact)
{
    arena_t *arena = request->turn.arena;
    const caller_t *caller = &request->turn.caller;
    const char *end = end_in (request, SIGNED_UPLOAD_SECONDS);
    const char *path =
        arena_printf (arena, "/signed/uploads/%s/%s/%u", artifact, caller->subject, caller->attempt);
    return url_of (request, path, upload_text (arena, artifact, caller->subject, caller->attempt, end), end);
}

const char *signed_download_url (request_t *request, const char *artifact, const char *name)
{
    arena_t *arena = request->turn.arena;
    const char *end = end_in (request, SIGNED_DOWNLOAD_SECONDS);
    return url_of (request, arena_printf (arena, "/signed/downloads/%s/%s", artifact, name),
                   download_text (arena, artifact, end), end);
}

static fault_t check_given (request_t *request, const char *text, const char *given, const char *end)
{
    const secret_key_t *key = gateway_key (request->gateway);
    bool good = false;
    for (size_t i = 0; i <= key->older_count && given && strlen (given) == SIG_CHARS; i++) {
        char signature[SIG_CHARS + 1];
        signature_of (i == 0 ? key->bytes : key->older[i - 1], text, signature);
        good |= sodium_memcmp (signature, given, SIG_CHARS) == 0;
    }
    int64_t until = 0;
    if (!good || !http_number (end, strlen (end), &until))
        return turn_fail (&request->turn, FORBIDDEN, "this URL is not signed by this server");
    if (request->turn.now_us / SECONDS (1) >= until)
        return turn_fail (&request->turn, FORBIDDEN, "this URL has expired");
    return OK;
}

static fault_t check (request_t *request, const char *text, const char *end)
{
    return check_given (request, text, pairs_get (&request->query, "sig"), end);
}

static const char *end_of (const request_t *request)
{
    const char *end = pairs_get (&request->query, "se");
    return end ? end : "";
}

fault_t signed_check_upload (request_t *request)
{
    const char *job = pairs_get (&request->path, "job"), *attempt = pairs_get (&request->path, "attempt");
    int64_t number;
    if (!http_number (attempt, strlen (attempt), &number) || number > UINT32_MAX)
        return turn_fail (&request->turn, FORBIDDEN, "this URL is not signed by this server");
    TRY (check (request,
                upload_text (request->turn.arena, pairs_get (&request->path, "artifact"), job,
                             (uint32_t) number, end_of (request)),
                end_of (request)));
    request->turn.caller = (caller_t){.role = ROLE_JOB, .subject = job, .attempt = (uint32_t) number};
    request->credential = job;
    return OK;
}

fault_t signed_check_download (request_t *request)
{
    const char *artifact = pairs_get (&request->path, "artifact");
    TRY (check (request, download_text (request->turn.arena, artifact, end_of (request)), end_of (request)));
    request->turn.caller = (caller_t){.role = ROLE_VIEWER, .subject = "signed"};
    request->credential = artifact;
    return OK;
}

#define DOWNLOADS "/signed/downloads/"

// A field of an address's query, which has no escapes where we made it; "" where it is not there.
static const char *query_field (arena_t *arena, const char *query, const char *name)
{
    size_t size = strlen (name);
    while (*query) {
        query++; // The ? or &
        if (strncmp (query, name, size) == 0 && query[size] == '=')
            return arena_strndup (arena, query + size + 1, strcspn (query + size + 1, "&"));
        query += strcspn (query, "&");
    }
    return "";
}

fault_t signed_check_source (request_t *request, const char *url, const char **id)
{
    arena_t *arena = request->turn.arena;
    const char *path = strstr (url, DOWNLOADS), *at = path ? path + strlen (DOWNLOADS) : "";
    *id = arena_strndup (arena, at, strcspn (at, "/?&"));
    const char *query = at + strcspn (at, "?"), *end = query_field (arena, query, "se");
    return check_given (request, download_text (arena, *id, end), query_field (arena, query, "sig"), end);
}

// A view's ticket is END.SCRIPTS.SIGNATURE, of which the second is "s" where scripts run, and "n" else.
static const char *view_text (arena_t *arena, const char *artifact, const char *end, const char *scripts)
{
    return arena_printf (arena, "open-cicd: signed view\n%s\n%s\n%s", artifact, end, scripts);
}

const char *signed_view_path (request_t *request, const char *artifact, bool scripts, int64_t *expires_us)
{
    arena_t *arena = request->turn.arena;
    char signature[SIG_CHARS + 1];
    const char *end = end_in (request, SIGNED_VIEW_SECONDS), *flag = scripts ? "s" : "n";
    signature_of (gateway_key (request->gateway)->bytes, view_text (arena, artifact, end, flag), signature);
    *expires_us = (request->turn.now_us / SECONDS (1) + SIGNED_VIEW_SECONDS) * SECONDS (1);
    return arena_printf (arena, "/api/v1/signed/views/%s/%s.%s.%s/", artifact, end, flag, signature);
}

fault_t signed_check_view (request_t *request, bool *scripts)
{
    arena_t *arena = request->turn.arena;
    const char *artifact = pairs_get (&request->path, "artifact");
    char *end = arena_strdup (arena, pairs_get (&request->path, "ticket"));
    char *flag = strchr (end, '.'), *given = flag ? strchr (flag + 1, '.') : NULL;
    if (!given)
        return turn_fail (&request->turn, FORBIDDEN, "this URL is not signed by this server");
    *flag++ = *given++ = 0;
    TRY (check_given (request, view_text (arena, artifact, end, flag), given, end));
    *scripts = strcmp (flag, "s") == 0;
    request->turn.caller = (caller_t){.role = ROLE_VIEWER, .subject = "signed"};
    request->credential = artifact;
    return OK;
}
