/* client_http.c - see client_http.h. */

#include "cli/client_http.h"

#include "cli/place.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_MAX 65536 // Bytes of a refusal's body

struct client {
    char *url, *token;
    CURL *easy;
    buffer_t *body;
    char error[CURL_ERROR_SIZE];
    client_take_fn *take; // Of a download
    void *take_self;
    bool stopped; // By take
};

fault_t client_new (client_t **out, turn_t *turn, const settings_t *settings)
{
    place_t place;
    *out = NULL;
    fault_t fault = place_find (turn, settings, &place);
    if (fault != OK)
        return fault;
    curl_global_init (CURL_GLOBAL_DEFAULT);
    client_t *self = calloc (1, sizeof (client_t));
    if (!self || !(self->url = strdup (place.url)) || !(self->token = strdup (place.token)) ||
        !(self->easy = curl_easy_init ()))
        abort ();
    self->body = buffer_new (CLIENT_ANSWER_MAX);
    *out = self;
    return OK;
}

void client_destroy (client_t **self_p)
{
    client_t *self = *self_p;
    if (!self)
        return;
    curl_easy_cleanup (self->easy);
    buffer_destroy (&self->body);
    free (self->url);
    free (self->token);
    free (self);
    curl_global_cleanup ();
    *self_p = NULL;
}

const char *client_url (const client_t *self)
{
    return self->url;
}

const char *client_escape (arena_t *arena, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *escaped = arena_alloc (arena, 3 * strlen (text) + 1), *to = escaped;
    for (; *text; text++)
        if (strchr (plain, *text))
            *to++ = *text;
        else
            to += snprintf (to, 4, "%%%02X", (unsigned) (unsigned char) *text);
    return escaped;
}

// ---- what an answer means ----

static fault_t fault_of (const value_t *problem, int status)
{
    const char *code = value_get_text (problem, "code");
    for (int fault = OK + 1; fault < FAULT_COUNT; fault++)
        if (strcmp (fault_name ((fault_t) fault), code) == 0)
            return (fault_t) fault;
    for (int fault = BAD_INPUT; fault < FAULT_COUNT; fault++)
        if (fault_http ((fault_t) fault) == status)
            return (fault_t) fault;
    return BROKEN;
}

fault_t client_judge (turn_t *turn, const char *url, int status, const char *body, size_t size)
{
    const value_t *problem = NULL;
    const char *error;
    if (status >= 200 && status < 300)
        return OK;
    if (value_from_json (turn->arena, body, size < PROBLEM_MAX ? size : PROBLEM_MAX, &problem, &error) != OK)
        problem = NULL;
    const char *detail = value_get_text (problem, "detail");
    fault_t fault = fault_of (problem, status);
    if (!*detail)
        detail = value_get_text (problem, "title");
    if (*detail)
        return turn_fail (turn, fault, "%s", detail);
    return turn_fail (turn, fault, "%s answered %d: is this an open-cicd server?", url, status);
}

// ---- asking ----

static size_t take (char *bytes, size_t one, size_t count, void *self_)
{
    client_t *self = self_;
    size_t size = one * count;
    long status = 0;
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    if (self->take && status >= 200 && status < 300) {
        self->stopped = !self->take (self->take_self, bytes, size);
        return self->stopped ? 0 : size;
    }
    buffer_add (self->body, bytes, size);
    return buffer_full (self->body) ? 0 : size;
}

void client_prepare (client_t *self, void *easy, const char *path, struct curl_slist **headers)
{
    buffer_t *text = buffer_new (CLIENT_ANSWER_MAX);
    buffer_printf (text, "%s/api/v1%s", self->url, path);
    curl_easy_setopt (easy, CURLOPT_URL, buffer_text (text)); // Copied, as the headers are
    if (*self->token) {
        buffer_clear (text);
        buffer_printf (text, "Authorization: Bearer %s", self->token);
        *headers = curl_slist_append (*headers, buffer_text (text));
    }
    buffer_destroy (&text);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT_MS, (long) CLIENT_CONNECT_MS);
    curl_easy_setopt (easy, CURLOPT_HTTPHEADER, *headers);
}

static struct curl_slist *prepare (client_t *self, const char *method, const char *path, const char *body)
{
    struct curl_slist *headers = curl_slist_append (NULL, "Expect:");
    CURL *easy = self->easy;
    curl_easy_reset (easy);
    if (body)
        headers = curl_slist_append (headers, "Content-Type: application/json");
    client_prepare (self, easy, path, &headers);
    curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, self->error);
    curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt (easy, CURLOPT_WRITEDATA, self);
    if (body || strcmp (method, "POST") == 0) {
        curl_easy_setopt (easy, CURLOPT_POSTFIELDS, body ? body : "");
        curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) (body ? strlen (body) : 0));
    }
    self->error[0] = 0;
    self->stopped = false;
    buffer_clear (self->body);
    return headers;
}

static fault_t perform (client_t *self, turn_t *turn)
{
    long status = 0;
    CURLcode code = curl_easy_perform (self->easy);
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    const char *why = self->error[0] ? self->error : curl_easy_strerror (code);
    if (self->stopped)
        return BROKEN; // Who stopped it has said why
    if (buffer_full (self->body))
        return turn_fail (turn, TOO_LARGE, "%s: an answer of more than %d bytes", self->url,
                          CLIENT_ANSWER_MAX);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return turn_fail (turn, TIMEOUT, "%s: %s", self->url, why);
    if (code != CURLE_OK)
        return turn_fail (turn, UNAVAILABLE, "cannot reach the server %s: %s", self->url, why);
    return client_judge (turn, self->url, (int) status, buffer_text (self->body), buffer_size (self->body));
}

fault_t client_ask (client_t *self, turn_t *turn, const char *method, const char *path, const char *body,
                    answer_t *out)
{
    const char *error;
    self->take = NULL;
    *out = (answer_t){.json = value_null (), .text = ""};
    struct curl_slist *headers = prepare (self, method, path, body);
    curl_easy_setopt (self->easy, CURLOPT_TIMEOUT_MS, (long) CLIENT_TIMEOUT_MS);
    fault_t fault = perform (self, turn);
    curl_slist_free_all (headers);
    if (fault != OK || buffer_size (self->body) == 0)
        return fault;
    out->size = buffer_size (self->body);
    out->text = arena_copy (turn->arena, buffer_text (self->body), out->size);
    if (value_from_json (turn->arena, out->text, out->size, &out->json, &error) != OK)
        return turn_fail (turn, BROKEN, "%s did not answer in JSON: is this an open-cicd server?", self->url);
    return OK;
}

fault_t client_download (client_t *self, turn_t *turn, const char *path, client_take_fn *take_fn,
                         void *take_self)
{
    self->take = take_fn;
    self->take_self = take_self;
    struct curl_slist *headers = prepare (self, "GET", path, NULL);
    curl_easy_setopt (self->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt (self->easy, CURLOPT_LOW_SPEED_TIME, (long) CLIENT_STALL_S);
    fault_t fault = perform (self, turn);
    curl_slist_free_all (headers);
    return fault;
}
