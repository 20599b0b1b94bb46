/* s3_peer_objects.c - objects and multipart uploads of the played S3 server: what each operation does, and how it answers. */

#include "common/base/buffer.h"
#include "tests/http/s3_peer_self.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BUCKET     "bucket"
#define PART_LEAST (5 << 20) // Of all but the last

// ---- answers

void s3_peer_refuse (s3_call_t *call, int status, const char *code)
{
    char text[512];
    bool head = strcmp (call->request->head->method, "HEAD") == 0;
    if (call->harm == S3_CUT_ANSWERS) {
        peer_close (call->request->conn);
        return;
    }
    snprintf (
        text, sizeof text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>It is &quot;%s&quot;.</Message>%s</Error>",
        code, code,
        strcmp (code, "AuthorizationHeaderMalformed") == 0 ? "<Region>" S3_PEER_REGION "</Region>" : "");
    if (head) {
        char line[64];
        snprintf (line, sizeof line, "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", status);
        peer_say (call->request->conn, line);
    } else
        peer_answer (call->request->conn, status, "Content-Type: application/xml\r\n", text);
}

static void say (s3_call_t *call, int status, const char *headers, const void *bytes, size_t size)
{
    if (call->harm == S3_CUT_AFTER || call->harm == S3_CUT_ANSWERS) {
        peer_close (call->request->conn);
        return;
    }
    if (call->harm == S3_CUT_BODY && size > 1) {
        char line[128];
        snprintf (line, sizeof line, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n", status, headers, size);
        peer_say (call->request->conn, line);
        peer_write (call->request->conn, bytes, size / 2);
        peer_close (call->request->conn);
        return;
    }
    peer_answer_bytes (call->request->conn, status, headers, bytes, size);
}

void s3_peer_say (s3_call_t *call, int status, const char *text)
{
    say (call, status, "Content-Type: application/xml\r\n", text, strlen (text));
}

static void etag_of (const char *bytes, size_t size, char into[64])
{
    unsigned char sum[16];
    unsigned int length = sizeof sum;
    EVP_Digest (bytes, size, sum, &length, EVP_md5 (), NULL);
    *into++ = '"';
    for (size_t i = 0; i < sizeof sum; i++)
        into += snprintf (into, 3, "%02x", sum[i]);
    snprintf (into, 2, "\"");
}

// "partNumber=3" of the query; "" without.
static void parameter (const s3_call_t *call, const char *name, char *into, size_t room)
{
    *into = 0;
    char *copy = strdup (call->query), *rest = copy;
    for (char *part; rest && (part = strsep (&rest, "&"));)
        if (strncmp (part, name, strlen (name)) == 0 && part[strlen (name)] == '=')
            snprintf (into, room, "%s", part + strlen (name) + 1);
    free (copy);
}

// ---- objects; under the lock

static s3_object_t **place_of (s3_peer_t *self, const char *key)
{
    s3_object_t **at = &self->objects;
    while (*at && strcmp ((*at)->key, key) < 0)
        at = &(*at)->next;
    return at;
}

s3_object_t *s3_peer_find (s3_peer_t *self, const char *key)
{
    s3_object_t *at = *place_of (self, key);
    return at && strcmp (at->key, key) == 0 ? at : NULL;
}

static void remove_object (s3_peer_t *self, const char *key)
{
    s3_object_t **at = place_of (self, key), *gone = *at;
    if (!gone || strcmp (gone->key, key) != 0)
        return;
    *at = gone->next;
    free (gone->bytes);
    free (gone);
}

static void add_object (s3_peer_t *self, const char *key, const char *sum, char *bytes, size_t size)
{
    remove_object (self, key);
    s3_object_t **at = place_of (self, key), *made = calloc (1, sizeof *made);
    snprintf (made->key, sizeof made->key, "%s", key);
    snprintf (made->sum, sizeof made->sum, "%s", sum ? sum : "");
    made->bytes = bytes;
    made->size = size;
    made->next = *at;
    *at = made;
}

static void put_object (s3_call_t *call)
{
    const peer_request_t *request = call->request;
    const char *none = http_head_get (request->head, "If-None-Match"),
               *sum = http_head_get (request->head, "x-amz-meta-sha256");
    char headers[128] = "ETag: ", etag[64];
    if (none && call->harm == S3_UNKNOWN) {
        s3_peer_refuse (call, 501, "NotImplemented");
        return;
    }
    if (none && s3_peer_find (call->peer, call->key)) {
        s3_peer_refuse (call, 412, "PreconditionFailed");
        return;
    }
    char *bytes = malloc (request->size + 1);
    memcpy (bytes, request->body, request->size);
    add_object (call->peer, call->key, sum, bytes, request->size);
    etag_of (bytes, request->size, etag);
    snprintf (headers, sizeof headers, "ETag: %s\r\n", etag);
    say (call, 200, headers, "", 0);
}

static void get_object (s3_call_t *call)
{
    const s3_object_t *object = s3_peer_find (call->peer, call->key);
    const char *range = http_head_get (call->request->head, "Range");
    unsigned long long first = 0, last;
    char headers[256];
    if (!object) {
        s3_peer_refuse (call, 404, "NoSuchKey");
        return;
    }
    snprintf (headers, sizeof headers, "x-amz-meta-sha256: %s\r\n", object->sum);
    if (!range || call->harm == S3_WHOLE) {
        say (call, 200, headers, object->bytes, object->size);
        return;
    }
    if (sscanf (range, "bytes=%llu-%llu", &first, &last) != 2 || first >= object->size) {
        s3_peer_refuse (call, 416, "InvalidRange");
        return;
    }
    if (last >= object->size)
        last = object->size - 1;
    snprintf (headers, sizeof headers, "Content-Range: bytes %llu-%llu/%zu\r\n", first, last, object->size);
    say (call, 206, headers, object->bytes + first, (size_t) (last - first + 1));
}

static void head_object (s3_call_t *call)
{
    const s3_object_t *object = s3_peer_find (call->peer, call->key);
    char text[256];
    if (!object || call->harm == S3_CUT_ANSWERS) {
        s3_peer_refuse (call, 404, "NoSuchKey");
        return;
    }
    snprintf (text, sizeof text, "HTTP/1.1 200 X\r\nContent-Length: %zu\r\nx-amz-meta-sha256: %s\r\n\r\n",
              object->size, object->sum);
    peer_say (call->request->conn, text);
}

// "<Key>a</Key>" after *at, which moves on.
static bool next_element (const char **at, const char *name, char *into, size_t room)
{
    char open[32], shut[32];
    snprintf (open, sizeof open, "<%s>", name);
    snprintf (shut, sizeof shut, "</%s>", name);
    const char *begin = strstr (*at, open), *end = begin ? strstr (begin, shut) : NULL;
    if (!end)
        return false;
    begin += strlen (open);
    snprintf (into, room, "%.*s", (int) (end - begin), begin);
    *at = end;
    return true;
}

static void delete_many (s3_call_t *call)
{
    const char *at = call->request->body, *given = http_head_get (call->request->head, "Content-MD5");
    unsigned char sum[16], coded[32];
    unsigned int length = sizeof sum;
    char key[600];
    EVP_Digest (call->request->body, call->request->size, sum, &length, EVP_md5 (), NULL);
    EVP_EncodeBlock (coded, sum, sizeof sum);
    if (call->harm == S3_UNKNOWN || !given || strcmp (given, (char *) coded) != 0) {
        s3_peer_refuse (call, call->harm == S3_UNKNOWN ? 501 : 400,
                        call->harm == S3_UNKNOWN ? "NotImplemented" : "BadDigest");
        return;
    }
    buffer_t *answer = buffer_new (1 << 20);
    buffer_puts (answer, "<?xml version=\"1.0\"?><DeleteResult>");
    while (next_element (&at, "Key", key, sizeof key))
        if (call->harm == S3_LATE_ERROR)
            buffer_printf (
                answer, "<Error><Key>%s</Key><Code>InternalError</Code><Message>no</Message></Error>", key);
        else
            remove_object (call->peer, key);
    buffer_puts (answer, "</DeleteResult>");
    s3_peer_say (call, 200, buffer_text (answer));
    buffer_destroy (&answer);
}

// ---- multipart uploads; under the lock

static s3_upload_t **upload_of (s3_call_t *call)
{
    char id[32];
    parameter (call, "uploadId", id, sizeof id);
    s3_upload_t **at = &call->peer->uploads;
    while (*at && (strcmp ((*at)->id, id) != 0 || strcmp ((*at)->key, call->key) != 0))
        at = &(*at)->next;
    return at;
}

static void end_upload (s3_upload_t **at)
{
    s3_upload_t *gone = *at;
    *at = gone->next;
    for (size_t i = 0; i <= PARTS_MAX; i++)
        free (gone->parts[i].bytes);
    free (gone);
}

static void begin_upload (s3_call_t *call)
{
    s3_upload_t *made = calloc (1, sizeof *made);
    char text[1024];
    snprintf (made->key, sizeof made->key, "%s", call->key);
    snprintf (made->id, sizeof made->id, "upload-%zu", ++call->peer->made);
    made->next = call->peer->uploads;
    call->peer->uploads = made;
    snprintf (text, sizeof text,
              "<InitiateMultipartUploadResult><Bucket>" BUCKET
              "</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>",
              call->key, made->id);
    s3_peer_say (call, 200, text);
}

static void put_part (s3_call_t *call)
{
    s3_upload_t *upload = *upload_of (call);
    char number[16], headers[128], etag[64];
    parameter (call, "partNumber", number, sizeof number);
    size_t part = strtoul (number, NULL, 10);
    if (!upload || part < 1 || part > PARTS_MAX) {
        s3_peer_refuse (call, 404, "NoSuchUpload");
        return;
    }
    free (upload->parts[part].bytes);
    upload->parts[part].bytes = malloc (call->request->size + 1);
    memcpy (upload->parts[part].bytes, call->request->body, call->request->size);
    upload->parts[part].size = call->request->size;
    etag_of (call->request->body, call->request->size, etag);
    snprintf (upload->parts[part].etag, sizeof upload->parts[part].etag, "%s", etag);
    if (call->harm == S3_WRONG_ETAG)
        etag[3] = etag[3] == 'a' ? 'b' : 'a';
    snprintf (headers, sizeof headers, "ETag: %s\r\n", etag);
    say (call, 200, headers, "", 0);
}

static void complete_upload (s3_call_t *call)
{
    s3_upload_t **at = upload_of (call), *upload = *at;
    const char *text = call->request->body;
    char number[16], etag[128], *bytes = NULL;
    size_t size = 0, before = PART_LEAST;
    if (!upload) {
        s3_peer_refuse (call, 404, "NoSuchUpload");
        return;
    }
    while (next_element (&text, "PartNumber", number, sizeof number) &&
           next_element (&text, "ETag", etag, sizeof etag)) {
        size_t part = strtoul (number, NULL, 10);
        if (part < 1 || part > PARTS_MAX || strcmp (upload->parts[part].etag, etag) != 0 ||
            before < PART_LEAST) {
            free (bytes);
            s3_peer_refuse (call, 400, before < PART_LEAST ? "EntityTooSmall" : "InvalidPart");
            return;
        }
        before = upload->parts[part].size;
        bytes = realloc (bytes, size + before + 1);
        memcpy (bytes + size, upload->parts[part].bytes, before);
        size += before;
    }
    if (call->harm == S3_LATE_ERROR) {
        free (bytes);
        s3_peer_say (
            call, 200,
            "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>try again</Message></Error>");
        return;
    }
    add_object (call->peer, call->key, "", bytes, size);
    end_upload (at);
    s3_peer_say (
        call, 200,
        "<CompleteMultipartUploadResult><ETag>&quot;a-1&quot;</ETag></CompleteMultipartUploadResult>");
}

static void abort_upload (s3_call_t *call)
{
    s3_upload_t **at = upload_of (call);
    if (!*at) {
        s3_peer_refuse (call, 404, "NoSuchUpload");
        return;
    }
    end_upload (at);
    say (call, 204, "", "", 0);
}

static void list_uploads (s3_call_t *call)
{
    buffer_t *answer = buffer_new (1 << 20);
    buffer_puts (answer, "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>");
    for (const s3_upload_t *at = call->peer->uploads; at; at = at->next) {
        char when[32];
        struct tm utc;
        time_t now = time (NULL) - (at->old ? 2 * 86400 : 0);
        strftime (when, sizeof when, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r (&now, &utc));
        buffer_printf (answer,
                       "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>",
                       at->key, at->id, when);
    }
    if (call->harm == S3_STALE_LIST)
        buffer_puts (
            answer,
            "<Upload><Key>ended</Key><UploadId>gone</UploadId><Initiated>2001-01-01T00:00:00.000Z</Initiated></Upload>");
    buffer_puts (answer, "</ListMultipartUploadsResult>");
    s3_peer_say (call, 200, buffer_text (answer));
    buffer_destroy (&answer);
}

static void list_objects (s3_call_t *call)
{
    s3_peer_say (call, 200, "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>");
}

void s3_peer_remove_all (s3_peer_t *self)
{
    while (self->objects)
        remove_object (self, self->objects->key);
    while (self->uploads)
        end_upload (&self->uploads);
}

// ---- requests

static const struct {
    const char *method, *parameter; // "": none is looked for
    bool bucket;
    void (*serve) (s3_call_t *call);
} operations[] = {
    {"POST", "uploads", false, begin_upload}, {"POST", "uploadId", false, complete_upload},
    {"PUT", "partNumber", false, put_part},   {"DELETE", "uploadId", false, abort_upload},
    {"POST", "delete", true, delete_many},    {"GET", "uploads", true, list_uploads},
    {"GET", "list-type", true, list_objects}, {"PUT", "", false, put_object},
    {"GET", "", false, get_object},           {"HEAD", "", false, head_object},
};

static bool has_parameter (const s3_call_t *call, const char *name)
{
    char *copy = strdup (call->query), *rest = copy;
    bool found = false;
    for (char *part; rest && (part = strsep (&rest, "&"));)
        found |= strncmp (part, name, strlen (name)) == 0 && part[strlen (name)] == '=';
    free (copy);
    return found;
}

void s3_peer_operate (s3_call_t *call)
{
    const char *method = call->request->head->method;
    bool bucket = !*call->key;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp (operations[i].method, method) == 0 && operations[i].bucket == bucket &&
            (!*operations[i].parameter || has_parameter (call, operations[i].parameter))) {
            operations[i].serve (call);
            return;
        }
    if (strcmp (method, "DELETE") == 0 && !bucket) {
        remove_object (call->peer, call->key);
        say (call, 204, "", "", 0);
        return;
    }
    s3_peer_refuse (call, 405, "MethodNotAllowed");
}
