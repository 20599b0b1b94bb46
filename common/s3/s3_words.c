/* s3_words.c - what a store's refusals mean: for the caller a fault, for the operator a sentence that says what to do. */

#include "common/s3/s3_exchange.h"
#include "common/s3/s3_xml.h"

#include <string.h>

#define MESSAGE_SHOWN 300 // Characters of a store's own words

// What is known of a code beside its name. Sources: "Error responses", Amazon S3 API Reference; those of Ceph, MinIO and Swift are among them.
static const struct {
    const char *code;
    fault_t fault;
    bool again;
    const char *advice; // NULL: the store's own words are enough
} known[] = {
    {"NoSuchKey", NOT_FOUND, false, NULL},
    {"NoSuchUpload", NOT_FOUND, false, NULL},
    {"PreconditionFailed", CONFLICT, false, NULL},
    {"InvalidRange", BAD_RANGE, false, NULL},
    {"NoSuchBucket", UNAVAILABLE, false,
     "there is no such bucket at this endpoint: create it, or set blob_url"},
    {"AllAccessDisabled", UNAVAILABLE, false, "the bucket's owner has closed it"},
    {"AccessDenied", UNAVAILABLE, false,
     "the credentials may not do this: they need ListBucket on the bucket, GetObject, PutObject, DeleteObject and"
     " AbortMultipartUpload on its objects"},
    {"InvalidAccessKeyId", UNAVAILABLE, false,
     "the store does not know this access key: set blob_access_key or AWS_ACCESS_KEY_ID"},
    {"SignatureDoesNotMatch", UNAVAILABLE, false,
     "the secret key does not belong to the access key, or a proxy changes the request"},
    {"ExpiredToken", UNAVAILABLE, false, "the temporary credentials have expired: renew them"},
    {"InvalidToken", UNAVAILABLE, false, "the session token does not belong to the access key"},
    {"RequestTimeTooSkewed", UNAVAILABLE, false,
     "this machine's clock and the store's differ too much: synchronise it (NTP)"},
    {"AuthorizationHeaderMalformed", UNAVAILABLE, false,
     "the region is probably another one: set blob_region"},
    {"PermanentRedirect", UNAVAILABLE, false,
     "the bucket is at another endpoint: set blob_region or blob_endpoint"},
    {"TemporaryRedirect", UNAVAILABLE, false,
     "the bucket is at another endpoint: set blob_region or blob_endpoint"},
    {"IllegalLocationConstraintException", UNAVAILABLE, false, "the region is another one: set blob_region"},
    {"QuotaExceeded", NO_SPACE, false, "the store's quota is used up"},
    {"XMinioStorageFull", NO_SPACE, false, "the store's disks are full"},
    {"InsufficientStorage", NO_SPACE, false, "the store's disks are full"},
    {"NotImplemented", INVALID, false, NULL},
    {"SlowDown", OVERLOADED, true, "it wants fewer requests"},
    {"RequestTimeout", UNAVAILABLE, true, NULL},
    {"RequestLimitExceeded", OVERLOADED, true, NULL},
    {"InternalError", UNAVAILABLE, true, NULL},
    {"OperationAborted", UNAVAILABLE, true, NULL},
    {"ConditionalRequestConflict", UNAVAILABLE, true, NULL},
    // Damaged on the way: the same bytes may get through
    {"BadDigest", UNAVAILABLE, true, NULL},
    {"IncompleteBody", UNAVAILABLE, true, NULL},
    {"XAmzContentSHA256Mismatch", UNAVAILABLE, true, NULL},
};

// A HEAD has no body, and a proxy in front speaks no XML.
static const char *code_of_status (int status)
{
    switch (status) {
    case 301: return "PermanentRedirect";
    case 307: return "TemporaryRedirect";
    case 403: return "AccessDenied";
    case 404: return "NoSuchKey";
    case 412: return "PreconditionFailed";
    case 416: return "InvalidRange";
    case 429: return "RequestLimitExceeded";
    case 501: return "NotImplemented";
    case 503: return "SlowDown";
    case 507: return "InsufficientStorage";
    default: return status == 408 || status >= 500 ? "InternalError" : "";
    }
}

static void judge_code (turn_t *turn, s3_exchange_t *exchange, const char **advice, bool *again)
{
    exchange->fault = BROKEN;
    *again = exchange->status >= 500 && exchange->status != 501 && exchange->status != 507;
    if (*again)
        exchange->fault = UNAVAILABLE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp (exchange->code, known[i].code) == 0) {
            exchange->fault = known[i].fault;
            *again = known[i].again;
            *advice = known[i].advice;
        }
    if (!*advice && strncmp (exchange->code, "Throttl", 7) == 0)
        *again = true;
    (void) turn;
}

static const char *where (const s3_t *self, turn_t *turn, const s3_exchange_t *exchange)
{
    return arena_printf (turn->arena, "blob store s3://%s at %s: %s %s%s", self->place.bucket,
                         self->place.origin, exchange->method,
                         exchange->key ? self->place.prefix : "the bucket",
                         exchange->key ? exchange->key : "");
}

// The region that an answer names where ours is another.
static const char *region_of (turn_t *turn, const s3_exchange_t *exchange)
{
    const http_answer_t *answer = &exchange->answer;
    const char *region = http_answer_header (answer, turn->arena, "x-amz-bucket-region");
    return region ? region : s3_xml_value (turn->arena, answer->body, answer->size, "Region");
}

static bool judge_refusal (const s3_t *self, turn_t *turn, s3_exchange_t *exchange)
{
    const http_answer_t *answer = &exchange->answer;
    const char *advice = NULL, *message = s3_xml_value (turn->arena, answer->body, answer->size, "Message"),
               *region = "";
    bool again;
    exchange->code = s3_xml_value (turn->arena, answer->body, answer->size, "Code");
    if (!*exchange->code)
        exchange->code = code_of_status (exchange->status);
    judge_code (turn, exchange, &advice, &again);
    if (advice && strstr (advice, "blob_region"))
        region = region_of (turn, exchange);
    exchange->detail = arena_printf (
        turn->arena, "%s: %d%s%s%s%.*s%s%s%s%s%s", where (self, turn, exchange), exchange->status,
        *exchange->code ? " " : "", exchange->code, *message ? ": " : "", MESSAGE_SHOWN, message,
        advice ? " (" : "", advice ? advice : "", *region ? "; it says " : "", region, advice ? ")" : "");
    return again;
}

// Ended without an answer.
static bool judge_failure (const s3_t *self, turn_t *turn, s3_exchange_t *exchange)
{
    const http_answer_t *answer = &exchange->answer;
    exchange->fault =
        answer->fault == TOO_LARGE || (answer->fault == BROKEN && !answer->detail) ? BROKEN : answer->fault;
    exchange->detail =
        arena_printf (turn->arena, "%s: %s", where (self, turn, exchange),
                      answer->detail ? answer->detail : "the store sent more bytes than it was asked for");
    return !answer->cancelled && exchange->fault != BROKEN && exchange->fault != INVALID;
}

bool s3_judge (const s3_t *self, turn_t *turn, s3_exchange_t *exchange)
{
    if (exchange->answer.fault)
        return judge_failure (self, turn, exchange);
    bool good = exchange->status >= 200 && exchange->status < 300;
    bool late = good && exchange->late &&
                *s3_xml_value (turn->arena, exchange->answer.body, exchange->answer.size, "Code") != '\0';
    if (good && !late) {
        exchange->fault = OK;
        return false;
    }
    bool again = judge_refusal (self, turn, exchange);
    return again || late;
}
