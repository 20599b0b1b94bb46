/* blob_s3.c - see blob_s3.h. What is asked of the bucket, and what its answers mean for a blob; how it is asked is s3_exchange.c. */

#include "common/s3/blob_s3.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/blob/blob_engine.h"
#include "common/s3/s3_exchange.h"
#include "common/s3/s3_writing.h"
#include "common/s3/s3_xml.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY SECONDS (5) // While the store fails
#define LOOK_MS    1500

static const char *sum_of (turn_t *turn, const void *data, size_t size)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, data, size);
    return sha256_hex (&sum, turn->arena);
}

// ---- put

// The key is taken: harmless where it holds the same bytes.
static fault_t compare (s3_t *self, turn_t *turn, const char *key, const char *sum, size_t size)
{
    s3_exchange_t exchange = {.operation = "size", .method = "HEAD", .key = key};
    TRY (s3_exchange (self, turn, &exchange, 1));
    const char *stored = http_answer_header (&exchange.answer, turn->arena, "x-amz-meta-sha256"),
               *length = http_answer_header (&exchange.answer, turn->arena, "Content-Length");
    bool same = stored && strcmp (stored, sum) == 0 && length && strtoull (length, NULL, 10) == size;
    return same ? OK : turn_fail (turn, CONFLICT, "the blob %s already has other content", key);
}

static fault_t s3_put (void *state, turn_t *turn, const char *key, const void *data, size_t size)
{
    s3_t *self = state;
    const char *sum = sum_of (turn, data, size);
    s3_exchange_t exchange = {
        .operation = "put",
        .method = "PUT",
        .key = key,
        .headers = {arena_printf (turn->arena, "x-amz-meta-sha256: %s", sum), "if-none-match: *"},
        .body = data,
        .size = size};
    if (atomic_load (&self->unconditional))
        exchange.headers[1] = NULL;
    fault_t fault = s3_exchange (self, turn, &exchange, 1);
    if (fault == INVALID && exchange.headers[1]) { // NotImplemented
        atomic_store (&self->unconditional, true);
        exchange.headers[1] = NULL;
        fault = s3_exchange (self, turn, &exchange, 1);
    }
    return fault == CONFLICT ? compare (self, turn, key, sum, size) : fault;
}

// ---- read

static fault_t judge_range (const s3_t *self, turn_t *turn, blob_range_t *range, s3_exchange_t *exchange)
{
    range->got = exchange->got;
    if (exchange->fault == BAD_RANGE) { // It begins at the end, or past it
        range->got = 0;
        return OK;
    }
    if (exchange->fault == OK && exchange->status != 206) { // It has sent all of it, from its beginning
        range->got = 0;
        return turn_fail (turn, BROKEN, "blob store s3://%s at %s: it does not serve ranges",
                          self->place.bucket, self->place.origin);
    }
    if (exchange->fault == NOT_FOUND)
        return turn_fail (turn, NOT_FOUND, "no such blob: %s", range->key);
    turn->detail = exchange->detail;
    return exchange->fault;
}

static fault_t s3_read (void *state, turn_t *turn, blob_range_t *ranges, size_t count)
{
    s3_t *self = state;
    s3_exchange_t *list = arena_array (turn->arena, count + 1, sizeof *list);
    size_t asked = 0;
    fault_t first = OK;
    const char *detail = NULL;
    for (size_t i = 0; i < count; i++) {
        const blob_range_t *range = &ranges[i];
        // An empty range cannot be asked for: one byte says whether there is the blob
        uint64_t last = range->offset + (range->size ? range->size : 1) - 1;
        if (last < range->offset || last > INT64_MAX)
            last = INT64_MAX;
        list[asked++] = (s3_exchange_t){
            .operation = "get",
            .method = "GET",
            .key = range->key,
            .headers = {arena_printf (turn->arena, "range: bytes=%" PRIu64 "-%" PRIu64,
                                      range->offset < INT64_MAX ? range->offset : INT64_MAX, last)},
            .into = range->size ? range->into : arena_alloc (turn->arena, 1),
            .room = range->size ? range->size : 1};
    }
    (void) !s3_exchange (self, turn, list, asked); // Each is looked at
    for (size_t i = 0; i < count; i++) {
        ranges[i].fault = judge_range (self, turn, &ranges[i], &list[i]);
        if (ranges[i].size == 0)
            ranges[i].got = 0;
        detail = first ? detail : turn->detail;
        first = first ? first : ranges[i].fault;
    }
    turn->detail = first ? detail : NULL;
    return first;
}

static fault_t s3_size (void *state, turn_t *turn, const char *key, uint64_t *size)
{
    s3_t *self = state;
    s3_exchange_t exchange = {.operation = "size", .method = "HEAD", .key = key};
    fault_t fault = s3_exchange (self, turn, &exchange, 1);
    if (fault == NOT_FOUND)
        return turn_fail (turn, NOT_FOUND, "no such blob: %s", key);
    TRY (fault);
    const char *length = http_answer_header (&exchange.answer, turn->arena, "Content-Length");
    if (!length || !*length || strspn (length, "0123456789") != strlen (length))
        return turn_fail (turn, BROKEN, "blob store s3://%s: %s has no Content-Length", self->place.bucket,
                          key);
    *size = strtoull (length, NULL, 10);
    return OK;
}

// ---- remove

// Several requests, each for one.
static fault_t remove_each (s3_t *self, turn_t *turn, const char *const *keys, size_t count, fault_t *faults)
{
    s3_exchange_t *list = arena_array (turn->arena, count + 1, sizeof *list);
    fault_t first = OK;
    const char *detail = NULL;
    for (size_t i = 0; i < count; i++)
        list[i] = (s3_exchange_t){.operation = "delete", .method = "DELETE", .key = keys[i]};
    (void) !s3_exchange (self, turn, list, count); // Each is looked at
    for (size_t i = 0; i < count; i++) {
        faults[i] = list[i].fault == NOT_FOUND ? OK : list[i].fault;
        detail = first ? detail : list[i].detail;
        first = first ? first : faults[i];
    }
    turn->detail = first ? detail : NULL;
    return first;
}

// RFC 1864: stores want it of this request, though its body is signed.
static const char *md5_header (arena_t *arena, const char *text, size_t size)
{
    unsigned char sum[EVP_MAX_MD_SIZE], coded[2 * EVP_MAX_MD_SIZE];
    unsigned int length;
    if (EVP_Digest (text, size, sum, &length, EVP_md5 (), NULL) != 1)
        return NULL; // A library that is restricted to FIPS
    EVP_EncodeBlock (coded, sum, (int) length);
    return arena_printf (arena, "content-md5: %s", (const char *) coded);
}

// The answer lists what could not be removed.
static fault_t judge_removed (const s3_t *self, turn_t *turn, const s3_exchange_t *exchange,
                              const char *const *keys, size_t count, fault_t *faults)
{
    static const char *const names[] = {"Key", "Code", "Message", NULL};
    s3_xml_row_t *rows;
    size_t failed;
    bool more;
    fault_t first = OK;
    TRY (s3_xml_rows (turn, exchange->answer.body, exchange->answer.size, "Error", names, count, &rows,
                      &failed, &more));
    for (size_t row = 0; row < failed; row++)
        for (size_t i = 0; i < count; i++) {
            const char *key = rows[row].fields[0], *code = rows[row].fields[1];
            size_t prefix = strlen (self->place.prefix);
            if (strncmp (key, self->place.prefix, prefix) != 0 || strcmp (key + prefix, keys[i]) != 0 ||
                strcmp (code, "NoSuchKey") == 0)
                continue;
            faults[i] = UNAVAILABLE;
            if (!first)
                first =
                    turn_fail (turn, UNAVAILABLE, "blob store s3://%s at %s: %s cannot be removed: %s: %s",
                               self->place.bucket, self->place.origin, keys[i], code, rows[row].fields[2]);
        }
    return first;
}

static fault_t s3_remove (void *state, turn_t *turn, const char *const *keys, size_t count, fault_t *faults)
{
    s3_t *self = state;
    if (count <= 1)
        return remove_each (self, turn, keys, count, faults);
    buffer_t *list = buffer_new (S3_ANSWER); // Keys have no letter that XML would want escaped
    buffer_puts (list, "<Delete><Quiet>true</Quiet>");
    for (size_t i = 0; i < count; i++)
        buffer_printf (list, "<Object><Key>%s%s</Key></Object>", self->place.prefix, keys[i]);
    buffer_puts (list, "</Delete>");
    const char *md5 = md5_header (turn->arena, buffer_text (list), buffer_size (list));
    s3_exchange_t exchange = {.operation = "delete",
                              .method = "POST",
                              .query = "delete=",
                              .headers = {md5},
                              .body = buffer_text (list),
                              .size = buffer_size (list)};
    fault_t fault = md5 ? s3_exchange (self, turn, &exchange, 1) : INVALID;
    buffer_destroy (&list);
    if (fault == INVALID) // NotImplemented
        return remove_each (self, turn, keys, count, faults);
    if (!fault)
        return judge_removed (self, turn, &exchange, keys, count, faults);
    for (size_t i = 0; i < count; i++)
        faults[i] = fault;
    return fault;
}

// ---- its state

// Lists, which proves bucket, key, region and clock and needs the right that tells a missing object from a forbidden one; then writes and removes.
static fault_t s3_check (void *state, turn_t *turn)
{
    s3_t *self = state;
    const char *key =
        arena_printf (turn->arena, "check/%s", id_new (turn->arena, 'b', clock_now_us (clock_system ())));
    s3_exchange_t list = {.operation = "list",
                          .method = "GET",
                          .query = arena_printf (turn->arena, "list-type=2&max-keys=1&prefix=%s",
                                                 sigv4_escape (turn->arena, self->place.prefix, false))};
    TRY (s3_exchange (self, turn, &list, 1));
    TRY (s3_put (self, turn, key, "open-cicd", 9));
    fault_t fault;
    TRY (s3_remove (self, turn, (const char *const[]){key}, 1, &fault));
    if (s3_writing_sweep (self, turn) != OK) // Not every store can list them
        log_debug ("unfinished uploads are not looked for", "why", turn->detail ? turn->detail : "", NULL);
    turn->detail = NULL;
    return OK;
}

static fault_t s3_ready (void *state, turn_t *turn)
{
    s3_t *self = state;
    int64_t now_us = clock_monotonic_us ();
    pthread_mutex_lock (&self->lock);
    fault_t fault = self->failing;
    bool due = fault && now_us - self->looked_us > LOOK_EVERY;
    if (due)
        self->looked_us = now_us;
    if (fault)
        turn->detail = arena_strdup (turn->arena, self->reason);
    pthread_mutex_unlock (&self->lock);
    s3_exchange_t look = {.operation = "list",
                          .method = "GET",
                          .query = "list-type=2&max-keys=1",
                          .attempts = 1,
                          .total_ms = LOOK_MS};
    if (due)
        fault = s3_exchange (self, turn, &look, 1);
    return fault ? UNAVAILABLE : OK;
}

static void s3_leave (void *state)
{
    s3_t *self = state;
    pthread_mutex_lock (&self->lock);
    self->leaving = true;
    self->leave_us = clock_monotonic_us () + S3_LEAVE;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

static fault_t s3_link (void *state, turn_t *turn, const blob_link_t *link, const char **url)
{
    s3_t *self = state;
    arena_t *arena = turn->arena;
    sigv4_key_t key = {.region = self->place.region, .service = "s3"};
    TRY (s3_credentials_find (self->credentials, turn, &key));
    const char *disposition =
        arena_printf (arena, "attachment; filename*=UTF-8''%s", sigv4_escape (arena, link->name, false));
    const sigv4_request_t request = {
        .method = "GET",
        .host = self->place.host,
        .path = s3_place_path (arena, &self->place, link->key),
        .query =
            arena_printf (arena, "response-content-disposition=%s&response-content-type=%s",
                          sigv4_escape (arena, disposition, false), sigv4_escape (arena, link->type, false)),
        .now_us = clock_now_us (clock_system ())};
    *url = arena_printf (arena, "%s%s?%s", self->place.origin, request.path,
                         sigv4_query (arena, &key, &request, link->seconds));
    return OK;
}

static void s3_close (void *state)
{
    s3_t *self = state;
    http_client_destroy (&self->client);
    s3_credentials_destroy (&self->credentials);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
    arena_destroy (&self->arena);
    free (self);
}

static const blob_engine_t blob_s3 = {
    .close = s3_close,
    .check = s3_check,
    .ready = s3_ready,
    .leave = s3_leave,
    .parallel = S3_PARALLEL,
    .put = s3_put,
    .read = s3_read,
    .size = s3_size,
    .remove = s3_remove,
    .begin = s3_writing_begin,
    .write = s3_writing_write,
    .end = s3_writing_end,
    .drop = s3_writing_drop,
    .link = s3_link,
};

// In an arena that lives as long as the store.
static fault_t make_place (s3_t *self, turn_t *turn, const s3_options_t *options)
{
    turn_t own = *turn;
    s3_options_t copy = *options;
    own.arena = self->arena;
    copy.url = arena_strdup (self->arena, copy.url);
    copy.region = arena_strdup (self->arena, copy.region);
    fault_t fault = s3_place_make (&self->place, &own, &copy);
    return fault ? turn_fail (turn, fault, "%s", own.detail) : OK;
}

fault_t blob_s3_open (blob_t **out, turn_t *turn, const blob_s3_options_t *options)
{
    s3_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->changed, &monotonic);
    pthread_condattr_destroy (&monotonic);
    *out = NULL;
    self->arena = arena_new ();
    self->slots = S3_SLOTS;
    self->total_ms = options->total_ms;
    fault_t fault = make_place (self, turn, &options->place);
    if (!fault) {
        s3_credentials_options_t keys = options->credentials;
        keys.region = self->place.region;
        self->client = http_client_new (
            &(http_client_options_t){.transfers = 2 * S3_SLOTS,
                                     .kept = S3_SLOTS,
                                     .ca_file = *options->ca_file ? options->ca_file : NULL});
        self->credentials = s3_credentials_new (self->client, &keys);
        if (!http_client_start (self->client, "blobs"))
            fault = turn_fail (turn, UNAVAILABLE, "no thread can be started for the blob store");
    }
    if (fault) {
        s3_close (self);
        return fault;
    }
    *out = blob_new (&blob_s3, self);
    return OK;
}
