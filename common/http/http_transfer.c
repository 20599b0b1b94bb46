/* http_transfer.c - see http_transfer.h. Every option of curl's that is set is set here. */

#include "common/http/http_transfer.h"

#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static size_t take_head (char *line, size_t one, size_t count, void *self_)
{
    http_transfer_t *self = self_;
    size_t size = one * count;
    if (size >= 5 && memcmp (line, "HTTP/", 5) == 0) // What came before was a 1xx or a redirect
        buffer_clear (self->head);
    else
        buffer_add (self->head, line, size);
    return size;
}

static int status_of (http_transfer_t *self)
{
    long status = 0;
    if (!self->status && curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        self->status = (int) status;
    return self->status;
}

static size_t take_body (char *bytes, size_t one, size_t count, void *self_)
{
    http_transfer_t *self = self_;
    size_t size = one * count;
    int status = status_of (self);
    if (!self->take || status < 200 || status >= 300) {
        buffer_add (self->answer, bytes, size);
        return buffer_full (self->answer) ? 0 : size;
    }
    *self->called_back = true;
    self->stopped = !self->take (self->stream, bytes, size);
    return self->stopped ? 0 : size;
}

static size_t give_body (char *into, size_t one, size_t count, void *self_)
{
    http_transfer_t *self = self_;
    int64_t got = self->read (self->stream, self->read_at, into, one * count);
    self->stopped = got < 0;
    if (got < 0)
        return CURL_READFUNC_ABORT;
    self->read_at += got;
    return (size_t) got;
}

static int seek_body (void *self_, curl_off_t offset, int origin)
{
    http_transfer_t *self = self_;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    self->read_at = offset;
    return CURL_SEEKFUNC_OK;
}

// A child that is started at any moment must not inherit a connection.
static curl_socket_t open_socket (void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void) self, (void) purpose;
    return socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *append (struct curl_slist *list, const char *text)
{
    struct curl_slist *longer = curl_slist_append (list, text);
    if (!longer)
        abort ();
    return longer;
}

static void set_places (http_transfer_t *self, const http_client_options_t *options,
                        const http_request_t *request)
{
    CURL *easy = self->easy;
    bool https = strncmp (request->url, "https:", 6) == 0;
    curl_easy_setopt (easy, CURLOPT_URL, request->url);
    curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
    curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt (easy, CURLOPT_UNIX_SOCKET_PATH, options->unix_socket);
    if (options->proxy)
        curl_easy_setopt (easy, CURLOPT_PROXY, options->proxy);
    if (options->ca_file) {
        curl_easy_setopt (easy, CURLOPT_CAINFO, options->ca_file);
        curl_easy_setopt (easy, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt (easy, CURLOPT_CERTINFO, request->certificate ? 1L : 0L);
    curl_easy_setopt (easy, CURLOPT_SSLCERT, options->cert_file);
    curl_easy_setopt (easy, CURLOPT_SSLKEY, options->key_file);
    if (request->address) {
        char place[128];
        snprintf (place, sizeof place,
                  strchr (request->address, ':') ? "::[%s]:" : "::%s:", request->address);
        self->connect_to = append (NULL, place);
        curl_easy_setopt (easy, CURLOPT_CONNECT_TO, self->connect_to);
    }
}

static void set_times (CURL *easy, const http_request_t *request)
{
    uint32_t connect = request->connect_ms ? request->connect_ms : HTTP_CONNECT_MS;
    uint32_t total = request->total_ms ? request->total_ms : HTTP_TOTAL_MS;
    curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT_MS, (long) connect);
    if (total != HTTP_NO_END)
        curl_easy_setopt (easy, CURLOPT_TIMEOUT_MS, (long) total);
    if (request->silence_ms) {
        curl_easy_setopt (easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt (easy, CURLOPT_LOW_SPEED_TIME, (long) (request->silence_ms + 999) / 1000);
    }
}

static void set_body (http_transfer_t *self, const http_request_t *request)
{
    CURL *easy = self->easy;
    const void *body = request->body ? request->body : "";
    if (request->read) {
        curl_easy_setopt (easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt (easy, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt (easy, CURLOPT_READDATA, self);
        curl_easy_setopt (easy, CURLOPT_SEEKFUNCTION, seek_body);
        curl_easy_setopt (easy, CURLOPT_SEEKDATA, self);
        curl_easy_setopt (easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) request->read_size);
        return;
    }
    if (!request->borrow && request->size) {
        self->body = malloc (request->size);
        if (!self->body)
            abort ();
        body = memcpy (self->body, request->body, request->size);
    }
    curl_easy_setopt (easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->size);
}

static void set_method (http_transfer_t *self, const http_request_t *request)
{
    const char *method = request->method ? request->method : "GET";
    bool get = strcmp (method, "GET") == 0, head = strcmp (method, "HEAD") == 0;
    bool bare = get || head || (strcmp (method, "DELETE") == 0 && !request->size && !request->read);
    if (!bare)
        set_body (self, request);
    if (head)
        curl_easy_setopt (self->easy, CURLOPT_NOBODY, 1L);
    else if (!get)
        curl_easy_setopt (self->easy, CURLOPT_CUSTOMREQUEST, method);
    if (get && request->redirects) {
        curl_easy_setopt (self->easy, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt (self->easy, CURLOPT_MAXREDIRS, (long) request->redirects);
    }
}

// No `Expect`: it costs a round trip, and a second where the other side does not know it.
static void set_headers (http_transfer_t *self, const http_request_t *request)
{
    bool typed = false;
    self->headers = append (NULL, "Expect:");
    for (size_t i = 0; request->headers && request->headers[i]; i++) {
        typed |= strncasecmp (request->headers[i], "Content-Type:", 13) == 0;
        self->headers = append (self->headers, request->headers[i]);
    }
    if (!typed) // Else curl calls every body a form
        self->headers = append (self->headers, "Content-Type:");
    curl_easy_setopt (self->easy, CURLOPT_HTTPHEADER, self->headers);
}

static void set_answer (http_transfer_t *self, const http_request_t *request)
{
    CURL *easy = self->easy;
    size_t most = request->answer_max ? request->answer_max : HTTP_ANSWER_MAX;
    self->head = buffer_new (HTTP_ANSWER_HEAD);
    self->answer = buffer_new (most);
    curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt (easy, CURLOPT_HEADERDATA, self);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt (easy, CURLOPT_WRITEDATA, self);
    curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, self->error);
    curl_easy_setopt (easy, CURLOPT_PRIVATE, self);
}

http_transfer_t *transfer_new (CURL *easy, const http_client_options_t *options,
                               const http_request_t *request)
{
    http_transfer_t *self = calloc (1, sizeof (http_transfer_t));
    if (!self)
        abort ();
    self->easy = easy;
    self->read = request->read;
    self->take = request->take;
    self->stream = request->stream;
    set_places (self, options, request);
    set_times (easy, request);
    set_method (self, request);
    set_headers (self, request);
    set_answer (self, request);
    return self;
}

static fault_t fault_of (CURLcode code)
{
    switch (code) {
    case CURLE_OK: return OK;
    case CURLE_OPERATION_TIMEDOUT: return TIMEOUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return INVALID;
    case CURLE_TOO_MANY_REDIRECTS: return BROKEN;
    default: return UNAVAILABLE;
    }
}

// Of the server's own certificate, which comes first: "Expire date:Nov 30 12:00:00 2027 GMT".
static int64_t certificate_end (CURL *easy)
{
    static const char key[] = "Expire date:";
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo (easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1)
        return 0;
    for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
        if (strncmp (line->data, key, sizeof key - 1) == 0) {
            time_t end = curl_getdate (line->data + sizeof key - 1, NULL);
            return end > 0 ? SECONDS ((int64_t) end) : 0;
        }
    return 0;
}

http_answer_t transfer_answer (http_transfer_t *self, CURLcode code)
{
    curl_off_t sent = 0;
    long size = 0;
    curl_easy_getinfo (self->easy, CURLINFO_REQUEST_SIZE, &size);
    curl_easy_getinfo (self->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    http_answer_t answer = {.fault = fault_of (code),
                            .cancelled = self->cancelled,
                            .sent = size > 0 || sent > 0,
                            .status = status_of (self),
                            .head = buffer_text (self->head),
                            .body = buffer_text (self->answer),
                            .size = buffer_size (self->answer),
                            .certificate_until_us = certificate_end (self->easy)};
    if (code != CURLE_OK)
        answer.detail = *self->error ? self->error : curl_easy_strerror (code);
    if (self->cancelled) {
        answer.fault = UNAVAILABLE;
        answer.detail = "cancelled";
    } else if (self->stopped) { // Who stopped it has said why
        answer.fault = BROKEN;
        answer.detail = NULL;
    } else if (buffer_full (self->answer)) {
        answer.fault = TOO_LARGE;
        answer.detail = "the answer is larger than what is taken";
    }
    return answer;
}

CURL *transfer_destroy (http_transfer_t **self_p)
{
    http_transfer_t *self = *self_p;
    CURL *easy = self->easy;
    curl_easy_reset (easy); // Forgets what it borrowed of the transfer; keeps its TLS sessions
    curl_slist_free_all (self->headers);
    curl_slist_free_all (self->connect_to);
    buffer_destroy (&self->head);
    buffer_destroy (&self->answer);
    free (self->body);
    free (self);
    *self_p = NULL;
    return easy;
}
