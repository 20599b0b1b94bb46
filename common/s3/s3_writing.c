/* s3_writing.c - see s3_writing.h.
 *
 * Bytes are collected until there are parts for one round, which is sent in parallel; what fits into one part is put as any other blob. Until the
 * last request there is no object, and a writing that is dropped, or whose process dies, leaves at most parts, which cost space until the sweep of a
 * later start, or the bucket's own rule, ends the upload. */

#include "common/s3/s3_writing.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/blob/blob_engine.h"
#include "common/s3/s3_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART        (8 << 20) // S3 wants at least 5 MiB of all but the last, and at most PARTS of them: 80 GB
#define ROUND       (BLOB_WRITER_MEMORY / PART)
#define PARTS       10000
#define ETAG_MAX    128
#define ABANDONED_S 86400 // No object takes longer to write
#define SWEPT       1000  // Uploads of one answer

typedef struct {
    s3_t *s3;
    char *key;
    char *upload; // "": not begun
    char *bytes;  // ROUND parts
    size_t size;
    int64_t written; // Bytes in sent parts
    char (*etags)[ETAG_MAX];
    size_t parts;
} s3_writing_t;

static char *copy (const char *text)
{
    char *made = strdup (text);
    if (!made)
        abort ();
    return made;
}

fault_t s3_writing_begin (void **writing, void *state, turn_t *turn, const char *key)
{
    s3_writing_t *self = calloc (1, sizeof *self);
    if (!self || !(self->bytes = malloc ((size_t) ROUND * PART)))
        abort ();
    (void) turn;
    self->s3 = state;
    self->key = copy (key);
    self->upload = copy ("");
    *writing = self;
    return OK;
}

static void writing_free (s3_writing_t *self)
{
    free (self->key);
    free (self->upload);
    free (self->bytes);
    free (self->etags);
    free (self);
}

static const char *upload_query (turn_t *turn, const char *upload)
{
    return arena_printf (turn->arena, "uploadId=%s", sigv4_escape (turn->arena, upload, false));
}

static void abort_upload (s3_t *s3, turn_t *turn, const char *key, const char *upload)
{
    s3_exchange_t exchange = {.operation = "abort",
                              .method = "DELETE",
                              .key = key,
                              .query = upload_query (turn, upload),
                              .attempts = 2};
    fault_t fault = s3_exchange (s3, turn, &exchange, 1);
    if (fault && fault != NOT_FOUND)
        log_warn ("a multipart upload could not be ended; a later start will", "key", key, "why",
                  exchange.detail, NULL);
}

void s3_writing_drop (void *writing)
{
    s3_writing_t *self = writing;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "", 0);
    if (*self->upload)
        abort_upload (self->s3, &turn, self->key, self->upload);
    arena_destroy (&arena);
    writing_free (self);
}

static fault_t begin_upload (s3_writing_t *self, turn_t *turn)
{
    s3_exchange_t exchange = {.operation = "begin", .method = "POST", .key = self->key, .query = "uploads="};
    TRY (s3_exchange (self->s3, turn, &exchange, 1));
    const char *upload = s3_xml_value (turn->arena, exchange.answer.body, exchange.answer.size, "UploadId");
    if (!*upload)
        return turn_fail (turn, BROKEN, "blob store s3://%s: it began an upload without a name",
                          self->s3->place.bucket);
    free (self->upload);
    self->upload = copy (upload);
    self->etags = calloc (PARTS, sizeof *self->etags);
    if (!self->etags)
        abort ();
    return OK;
}

static fault_t keep_etag (s3_writing_t *self, turn_t *turn, const s3_exchange_t *exchange, size_t part)
{
    const char *etag = http_answer_header (&exchange->answer, turn->arena, "ETag");
    if (!etag || strlen (etag) >= ETAG_MAX || strpbrk (etag, "<>&"))
        return turn_fail (turn, BROKEN, "blob store s3://%s: it stored a part without an ETag",
                          self->s3->place.bucket);
    snprintf (self->etags[part], ETAG_MAX, "%s", etag);
    return OK;
}

// Sends all that was collected. What the turn's arena takes for it is given back, as there may be hundreds of rounds.
static fault_t send_round (s3_writing_t *self, turn_t *outer)
{
    s3_exchange_t parts[ROUND];
    size_t count = (self->size + PART - 1) / PART;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, outer->request_id, outer->now_us);
    fault_t fault = *self->upload ? OK : begin_upload (self, &turn);
    if (!fault && self->parts + count > PARTS)
        fault = turn_fail (&turn, TOO_LARGE, "a blob has at most %d parts of %d bytes", PARTS, PART);
    for (size_t i = 0; i < count; i++)
        parts[i] = (s3_exchange_t){.operation = "part",
                                   .method = "PUT",
                                   .key = self->key,
                                   .query = arena_printf (arena, "partNumber=%zu&%s", self->parts + i + 1,
                                                          upload_query (&turn, self->upload)),
                                   .body = self->bytes + i * PART,
                                   .size = self->size - i * PART < PART ? self->size - i * PART : PART};
    if (!fault)
        fault = s3_exchange (self->s3, &turn, parts, count);
    for (size_t i = 0; i < count && !fault; i++)
        fault = keep_etag (self, &turn, &parts[i], self->parts + i);
    if (fault)
        fault = turn_fail (outer, fault, "%s", turn.detail ? turn.detail : fault_text (fault));
    arena_destroy (&arena);
    self->parts += count;
    self->written += (int64_t) self->size;
    self->size = 0;
    return fault;
}

fault_t s3_writing_write (void *writing, turn_t *turn, const void *data, size_t size)
{
    s3_writing_t *self = writing;
    for (const char *at = data; size > 0;) {
        size_t room = (size_t) ROUND * PART - self->size, take = size < room ? size : room;
        memcpy (self->bytes + self->size, at, take);
        self->size += take;
        at += take;
        size -= take;
        if (take == room)
            TRY (send_round (self, turn));
    }
    return OK;
}

static fault_t put_whole (s3_writing_t *self, turn_t *turn, const char *sha256)
{
    s3_exchange_t exchange = {.operation = "put",
                              .method = "PUT",
                              .key = self->key,
                              .headers = {arena_printf (turn->arena, "x-amz-meta-sha256: %s", sha256)},
                              .body = self->bytes,
                              .size = self->size};
    return s3_exchange (self->s3, turn, &exchange, 1);
}

// The answer of the attempt that completed it may be lost: then the upload is gone, and the object there.
static fault_t is_whole (s3_writing_t *self, turn_t *turn)
{
    s3_exchange_t exchange = {.operation = "size", .method = "HEAD", .key = self->key};
    TRY (s3_exchange (self->s3, turn, &exchange, 1));
    const char *size = http_answer_header (&exchange.answer, turn->arena, "Content-Length");
    return size && strtoll (size, NULL, 10) == self->written
               ? OK
               : turn_fail (turn, BROKEN, "blob store s3://%s: %s does not have its size",
                            self->s3->place.bucket, self->key);
}

static fault_t complete (s3_writing_t *self, turn_t *turn)
{
    buffer_t *list = buffer_new (S3_ANSWER);
    buffer_puts (list, "<CompleteMultipartUpload>");
    for (size_t i = 0; i < self->parts; i++)
        buffer_printf (list, "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag></Part>", i + 1,
                       self->etags[i]);
    buffer_puts (list, "</CompleteMultipartUpload>");
    s3_exchange_t exchange = {.operation = "complete",
                              .method = "POST",
                              .key = self->key,
                              .query = upload_query (turn, self->upload),
                              .body = buffer_text (list),
                              .size = buffer_size (list),
                              .late = true};
    fault_t fault = s3_exchange (self->s3, turn, &exchange, 1);
    buffer_destroy (&list);
    return fault == NOT_FOUND ? is_whole (self, turn) : fault;
}

fault_t s3_writing_end (void *writing, turn_t *turn, const char *sha256)
{
    s3_writing_t *self = writing;
    fault_t fault = OK;
    if (!*self->upload && self->size <= PART) {
        fault = put_whole (self, turn, sha256);
        writing_free (self);
        return fault;
    }
    if (self->size > 0)
        fault = send_round (self, turn);
    if (!fault)
        fault = complete (self, turn);
    if (fault) {
        s3_writing_drop (self);
        return fault;
    }
    writing_free (self);
    return OK;
}

// ---- what was left

static void sweep_one (s3_t *self, turn_t *turn, const s3_xml_row_t *row, int64_t now_us)
{
    int64_t begun_us;
    size_t prefix = strlen (self->place.prefix);
    const char *key = row->fields[0], *upload = row->fields[1];
    bool ours = strncmp (key, self->place.prefix, prefix) == 0 && *upload;
    if (ours && clock_parse (row->fields[2], &begun_us) == OK && begun_us < now_us - SECONDS (ABANDONED_S))
        abort_upload (self, turn, key + prefix, upload);
}

fault_t s3_writing_sweep (s3_t *self, turn_t *turn)
{
    static const char *const names[] = {"Key", "UploadId", "Initiated", NULL};
    s3_xml_row_t *rows;
    size_t count;
    bool more;
    int64_t now_us = clock_now_us (clock_system ());
    s3_exchange_t exchange = {.operation = "list",
                              .method = "GET",
                              .query = arena_printf (turn->arena, "max-uploads=%d&prefix=%s&uploads=", SWEPT,
                                                     sigv4_escape (turn->arena, self->place.prefix, false)),
                              .attempts = 2};
    TRY (s3_exchange (self, turn, &exchange, 1));
    TRY (s3_xml_rows (turn, exchange.answer.body, exchange.answer.size, "Upload", names, SWEPT, &rows, &count,
                      &more));
    for (size_t i = 0; i < count; i++)
        sweep_one (self, turn, &rows[i], now_us);
    return OK;
}
