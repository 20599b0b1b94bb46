/* http.c - see http.h. Redirects are not followed: a token goes to the address that was configured and to no other. */

#include "agent/http.h"

#include "common/buffer.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct http {
    char *url;
    CURL *easy;
    buffer_t *answer;
    char error[CURL_ERROR_SIZE];
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start_curl (void)
{
    curl_global_init (CURL_GLOBAL_DEFAULT);
}

http_t *http_new (const char *url)
{
    http_t *self = calloc (1, sizeof (http_t));
    if (!self || !(self->url = strdup (url)))
        abort ();
    size_t size = strlen (self->url);
    while (size && self->url[size - 1] == '/')
        self->url[--size] = 0;
    self->answer = buffer_new (HTTP_ANSWER_MAX);
    return self;
}

void http_destroy (http_t **self_p)
{
    http_t *self = *self_p;
    if (!self)
        return;
    if (self->easy)
        curl_easy_cleanup (self->easy);
    buffer_destroy (&self->answer);
    free (self->url);
    free (self);
    *self_p = NULL;
}

static size_t take (char *data, size_t one, size_t size, void *self_)
{
    http_t *self = self_;
    buffer_add (self->answer, data, one * size);
    return buffer_full (self->answer) ? 0 : size;
}

static int progress (void *abandon, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void) a, (void) b, (void) c, (void) d;
    return atomic_load ((const atomic_bool *) abandon);
}

// What a job starts must not inherit the connection.
static int close_on_exec (void *self, curl_socket_t fd, curlsocktype purpose)
{
    (void) self, (void) purpose;
    fcntl (fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

static void prepare (http_t *self)
{
    pthread_once (&started, start_curl);
    if (!self->easy && !(self->easy = curl_easy_init ()))
        abort ();
    CURL *easy = self->easy;
    curl_easy_reset (easy);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, self->error);
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT_MS, (long) HTTP_CONNECT_MS);
    curl_easy_setopt (easy, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt (easy, CURLOPT_WRITEDATA, self);
    self->error[0] = 0;
    buffer_clear (self->answer);
}

static struct curl_slist *make_headers (turn_t *turn, const http_ask_t *ask)
{
    struct curl_slist *headers = curl_slist_append (NULL, "Expect:");
    headers = curl_slist_append (headers, "Accept: application/json");
    if (ask->token)
        headers =
            curl_slist_append (headers, arena_printf (turn->arena, "Authorization: Bearer %s", ask->token));
    if (ask->type)
        headers = curl_slist_append (headers, arena_printf (turn->arena, "Content-Type: %s", ask->type));
    for (size_t i = 0; ask->headers[i]; i++)
        headers = curl_slist_append (headers, ask->headers[i]);
    return headers;
}

static void fill_in (http_t *self, turn_t *turn, const http_ask_t *ask, struct curl_slist *headers,
                     const atomic_bool *abandon)
{
    CURL *easy = self->easy;
    curl_easy_setopt (easy, CURLOPT_URL, arena_printf (turn->arena, "%s%s", self->url, ask->path));
    curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST, ask->method);
    curl_easy_setopt (easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt (easy, CURLOPT_TIMEOUT_MS, ask->timeout_ms ? ask->timeout_ms : (long) HTTP_TIMEOUT_MS);
    if (strcmp (ask->method, "GET") != 0 && strcmp (ask->method, "DELETE") != 0) {
        curl_easy_setopt (easy, CURLOPT_POSTFIELDS, ask->body ? ask->body : "");
        curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) ask->size);
    }
    if (abandon) {
        curl_easy_setopt (easy, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt (easy, CURLOPT_XFERINFOFUNCTION, progress);
        curl_easy_setopt (easy, CURLOPT_XFERINFODATA, abandon);
    }
}

fault_t http_send (http_t *self, turn_t *turn, const http_ask_t *ask, http_answer_t *out,
                   const atomic_bool *abandon)
{
    prepare (self);
    struct curl_slist *headers = make_headers (turn, ask);
    fill_in (self, turn, ask, headers, abandon);
    CURLcode code = curl_easy_perform (self->easy);
    long status = 0;
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all (headers);
    if (code != CURLE_OK)
        return turn_fail (turn, code == CURLE_OPERATION_TIMEDOUT ? TIMEOUT : UNAVAILABLE, "%s: %s", self->url,
                          self->error[0] ? self->error : curl_easy_strerror (code));
    out->status = (int) status;
    out->size = buffer_size (self->answer);
    out->body = arena_copy (turn->arena, buffer_text (self->answer), out->size);
    return OK;
}
