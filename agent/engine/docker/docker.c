/* docker.c - see docker.h. */

#include "agent/engine/docker/docker.h"

#include "common/base/clock.h"
#include "common/http/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MESSAGE_MAX 2000 // Bytes of the engine's message that a detail repeats
#define OPEN_MS     10000

struct docker {
    http_client_t *http;
    docker_stop_t stop;
    char *base; // "http://docker/v1.41": of a socket the host is only a name
    char *host; // As it was given, for messages
    char version[128];
    unsigned api;
};

static fault_t set_host (docker_t *self, turn_t *turn, const char *host)
{
    http_client_options_t options = {.transfers = 2, .kept = 1, .proxy = ""};
    const char *origin = "http://docker";
    self->host = strdup (host);
    if (strncmp (host, "unix://", 7) == 0)
        host += 7;
    if (host[0] == '/')
        options.unix_socket = host;
    else if (strncmp (host, "tcp://", 6) == 0 && host[6] && !strchr (host + 6, '/'))
        origin = arena_printf (turn->arena, "http://%s", host + 6);
    else
        return turn_fail (
            turn, INVALID,
            "docker_host is \"%s\": write the path of a socket, unix:///path, or tcp://host:port; TLS and ssh"
            " are not spoken, as the engine must be on the agent's machine",
            self->host);
    if (options.unix_socket &&
        access (host, R_OK | W_OK) != 0) // curl would name neither the path nor the reason
        return turn_fail (turn, UNAVAILABLE, "the container engine at %s: %m", self->host);
    self->base = strdup (origin);
    self->http = self->base && self->host ? http_client_new (&options) : NULL;
    return self->http ? OK : turn_fail (turn, UNAVAILABLE, "no HTTP client can be made");
}

// ---- one request

typedef struct {
    turn_t *turn;
    bool done;
    http_answer_t answer;
} docker_wait_t;

// Its strings live only until it returns.
static void keep_answer (void *self_, const http_answer_t *answer)
{
    docker_wait_t *self = self_;
    arena_t *arena = self->turn->arena;
    self->done = true;
    self->answer = *answer;
    self->answer.body = arena_copy (arena, answer->body ? answer->body : "", answer->body ? answer->size : 0);
    self->answer.head = NULL;
    self->answer.detail = arena_strdup (arena, answer->detail);
}

static fault_t wait_for (docker_t *self, docker_wait_t *call, uint64_t id)
{
    int fd = self->stop.fd;
    while (!call->done) {
        bool readable = false;
        TRY (http_client_drive (self->http, call->turn, fd, clock_monotonic_us () + SECONDS (3600),
                                &readable));
        if (!readable || call->done)
            continue;
        if (self->stop.stopped (self->stop.self))
            http_client_cancel (self->http, id);
        fd = -1; // A cancel that does not concern this step stays readable: asked once
    }
    return OK;
}

static fault_t exchange (docker_t *self, turn_t *turn, const http_request_t *request, http_answer_t *out)
{
    docker_wait_t call = {.turn = turn};
    uint64_t id;
    TRY (http_client_begin (self->http, request, keep_answer, &call, &id));
    TRY (wait_for (self, &call, id));
    *out = call.answer;
    if (out->cancelled)
        return turn_fail (turn, UNAVAILABLE, "stopped");
    if (out->fault)
        return turn_fail (turn, out->fault, "the container engine at %s: %s", self->host,
                          out->detail ? out->detail : fault_own_text (out->fault));
    return OK;
}

static fault_t fault_of_status (int status)
{
    switch (status) {
    case 400: return INVALID;
    case 401:
    case 403: return UNAUTHORIZED;
    case 404: return NOT_FOUND;
    case 409: return CONFLICT;
    default: return BROKEN;
    }
}

static const char *message_of (turn_t *turn, const http_answer_t *answer)
{
    const value_t *body = NULL;
    const char *error;
    if (value_from_json_within (turn->arena, answer->body, answer->size, DOCKER_MEMORY_MAX, &body, &error) ==
            OK &&
        *value_get_text (body, "message"))
        return arena_strndup (turn->arena, value_get_text (body, "message"), MESSAGE_MAX);
    return arena_printf (turn->arena, "HTTP status %d", answer->status);
}

static fault_t read_answer (turn_t *turn, const docker_request_t *request, const http_answer_t *answer,
                            const value_t **out)
{
    const char *error;
    *out = value_null ();
    if (answer->status / 100 != 2 && answer->status != 304)
        return turn_fail (turn, fault_of_status (answer->status), "%s", message_of (turn, answer));
    if (request->take || answer->size == 0)
        return OK;
    if (value_from_json_within (turn->arena, answer->body, answer->size, DOCKER_MEMORY_MAX, out, &error) !=
        OK)
        return turn_fail (turn, BROKEN, "the container engine's answer is not JSON: %s", error);
    return OK;
}

static const char *const *headers_of (arena_t *arena, const docker_request_t *request)
{
    const char **headers = arena_array (arena, 3, sizeof (char *));
    size_t count = 0;
    if (request->body || request->type)
        headers[count++] =
            arena_printf (arena, "Content-Type: %s", request->body ? "application/json" : request->type);
    if (request->registry_auth)
        headers[count++] = arena_printf (arena, "X-Registry-Auth: %s", request->registry_auth);
    return headers;
}

fault_t docker_call (docker_t *self, turn_t *turn, const docker_request_t *request, const value_t **answer)
{
    const char *body = request->body ? value_to_json (turn->arena, request->body, 0) : NULL;
    const value_t *ignored;
    http_answer_t got;
    const http_request_t sent = {.method = request->method,
                                 .url = arena_printf (turn->arena, "%s%s", self->base, request->path),
                                 .headers = headers_of (turn->arena, request),
                                 .body = body,
                                 .size = body ? strlen (body) : 0,
                                 .borrow = true,
                                 .read = request->read,
                                 .read_size = request->read_size,
                                 .take = request->take,
                                 .stream = request->stream,
                                 .answer_max = DOCKER_ANSWER_MAX,
                                 .total_ms = request->total_ms ? request->total_ms : DOCKER_CALL_MS};
    TRY (exchange (self, turn, &sent, &got));
    return read_answer (turn, request, &got, answer ? answer : &ignored);
}

const value_t *docker_get (const value_t *value, const char *path)
{
    while (value && *path) {
        char name[64];
        size_t size = strcspn (path, ".");
        if (size >= sizeof (name))
            return value_null ();
        snprintf (name, sizeof (name), "%.*s", (int) size, path);
        value = value_get (value, name);
        path += size + (path[size] == '.');
    }
    return value ? value : value_null ();
}

// ---- which version

static bool parse_api (const char *text, unsigned *out)
{
    char *end;
    if (strncmp (text, "1.", 2) != 0)
        return false;
    unsigned long minor = strtoul (text + 2, &end, 10);
    *out = (unsigned) minor;
    return end > text + 2 && !*end && minor < 1000;
}

// The oldest is missing where a server speaks one version only.
static fault_t negotiate (docker_t *self, turn_t *turn, const value_t *found)
{
    const char *newest = value_get_text (found, "ApiVersion"),
               *oldest = value_get_text (found, "MinAPIVersion");
    unsigned most = 0, least = 0;
    if (!parse_api (newest, &most) || (*oldest && !parse_api (oldest, &least)))
        return turn_fail (turn, BROKEN, "%s is not a container engine: it says nothing of its API",
                          self->host);
    if (most < DOCKER_OLDEST || least > DOCKER_NEWEST)
        return turn_fail (
            turn, UNAVAILABLE,
            "the container engine at %s speaks the API from %s to %s, this agent from 1.%d to 1.%d",
            self->host, *oldest ? oldest : newest, newest, DOCKER_OLDEST, DOCKER_NEWEST);
    self->api = most < DOCKER_NEWEST ? most : DOCKER_NEWEST;
    const value_t *components = docker_get (found, "Components");
    const value_t *first =
        components->kind == VALUE_ARRAY && components->list.count ? components->list.items[0] : NULL;
    const char *name = value_get_text (first, "Name");
    snprintf (self->version, sizeof (self->version), "%.40s %.40s, API 1.%u",
              !*name || strcmp (name, "Engine") == 0 ? "Docker" : name, value_get_text (found, "Version"),
              self->api);
    char *versioned = NULL;
    if (asprintf (&versioned, "%s/v1.%u", self->base, self->api) < 0)
        abort ();
    free (self->base);
    self->base = versioned;
    return OK;
}

fault_t docker_open (docker_t **out, turn_t *turn, const char *host, const docker_stop_t *stop)
{
    docker_t *self = calloc (1, sizeof (docker_t));
    if (!self)
        abort ();
    self->stop = stop ? *stop : (docker_stop_t){.fd = -1};
    const docker_request_t request = {.path = "/version", .total_ms = OPEN_MS};
    const value_t *found = NULL;
    fault_t fault = set_host (self, turn, *host ? host : DOCKER_HOST_DEFAULT);
    if (!fault)
        fault = docker_call (self, turn, &request, &found);
    if (!fault)
        fault = negotiate (self, turn, found);
    if (fault)
        docker_close (&self);
    *out = self;
    return fault;
}

void docker_close (docker_t **self_p)
{
    docker_t *self = *self_p;
    if (!self)
        return;
    http_client_destroy (&self->http);
    free (self->base);
    free (self->host);
    free (self);
    *self_p = NULL;
}

const char *docker_version (const docker_t *self)
{
    return self->version;
}

unsigned docker_api (const docker_t *self)
{
    return self->api;
}
