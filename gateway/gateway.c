/* gateway.c - starts and stops the server; holds what all requests share. */

#include "gateway/gateway.h"

#include "common/log.h"
#include "common/nudge.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "gateway/openapi.h"
#include "gateway/reply.h"
#include "gateway/tokens.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_SIZE 64
#define WHY_SIZE     256
#define FLOW_SECONDS "10" // A head, or the next bytes either way, must come in this time

struct gateway {
    gateway_config_t config;
    bus_t *bus;
    secret_key_t key;
    bus_client_t *client;
    tokens_t *tokens;
    flights_t *flights;
    struct mg_context *server;
    atomic_bool started;
    atomic_bool stopping;
    atomic_uint places;   // Streams that are being served
    pthread_mutex_t lock; // Of the document
    gateway_text_t openapi;
    char address[ADDRESS_SIZE];
    char why[WHY_SIZE]; // What civetweb said last while it started
};

// ---- what requests see ----

const gateway_config_t *gateway_config (const gateway_t *self)
{
    return &self->config;
}

const secret_key_t *gateway_key (const gateway_t *self)
{
    return &self->key;
}

struct tokens *gateway_tokens (gateway_t *self)
{
    return self->tokens;
}

flights_t *gateway_flights (gateway_t *self)
{
    return self->flights;
}

int64_t gateway_now_us (gateway_t *self)
{
    return clock_now_us (bus_clock (self->bus));
}

bool gateway_stopping (gateway_t *self)
{
    return atomic_load (&self->stopping);
}

bool gateway_take_place (gateway_t *self)
{
    unsigned taken = atomic_load (&self->places);
    while (taken < self->config.streams)
        if (atomic_compare_exchange_weak (&self->places, &taken, taken + 1)) {
            measure_streams (taken + 1);
            return true;
        }
    return false;
}

void gateway_give_place (gateway_t *self)
{
    measure_streams (atomic_fetch_sub (&self->places, 1) - 1);
}

const char *gateway_address (const gateway_t *self)
{
    return self->address;
}

const gateway_text_t *gateway_openapi (gateway_t *self)
{
    pthread_mutex_lock (&self->lock);
    if (!self->openapi.text) {
        buffer_t *document = buffer_new (OPENAPI_MAX);
        unsigned char hash[16];
        openapi_print (document);
        self->openapi.size = buffer_size (document);
        self->openapi.text = strdup (buffer_text (document));
        crypto_generichash (hash, sizeof (hash), (const unsigned char *) self->openapi.text,
                            self->openapi.size, NULL, 0);
        self->openapi.etag[0] = '"';
        sodium_bin2hex (self->openapi.etag + 1, 2 * sizeof (hash) + 1, hash, sizeof (hash));
        self->openapi.etag[2 * sizeof (hash) + 1] = '"';
        buffer_destroy (&document);
    }
    pthread_mutex_unlock (&self->lock);
    return &self->openapi;
}

void *gateway_answer (request_t *request, const message_t *ask_message)
{
    return arena_alloc (request->turn.arena, call_of (ask_message)->answer->size);
}

fault_t gateway_call (request_t *request, const message_t *ask_message, const void *ask, void *answer,
                      uint32_t wait_seconds)
{
    gateway_t *self = request->gateway;
    int64_t patience_us = MILLISECONDS (self->config.deadline_ms);
    if (wait_seconds) { // The bus asks only once what has more time than its own deadline
        if (patience_us < MILLISECONDS (BUS_DEADLINE_MS))
            patience_us = MILLISECONDS (BUS_DEADLINE_MS);
        patience_us += SECONDS (wait_seconds);
        flights_until (self->flights, &request->flight, clock_monotonic_us () + 2 * patience_us);
    }
    request->turn.now_us = gateway_now_us (self);
    request->turn.deadline_us = request->turn.now_us + patience_us;
    return bus_client_call (self->client, &request->turn, ask_message->number, ask, answer);
}

fault_t gateway_call_in (request_t *request, arena_t *window, const message_t *ask_message, const void *ask,
                         void *answer, uint32_t wait_seconds)
{
    arena_t *whole = request->turn.arena;
    arena_reset (window);
    memset (answer, 0, call_of (ask_message)->answer->size);
    request->turn.arena = window;
    fault_t fault = gateway_call (request, ask_message, ask, answer, wait_seconds);
    request->turn.arena = whole;
    request->turn.detail = arena_strdup (whole, fault == OK ? NULL : request->turn.detail);
    return fault;
}

// ---- civetweb's own words ----

static int take_log (const struct mg_connection *conn, const char *message)
{
    gateway_t *self = mg_get_user_data (mg_get_context (conn));
    if (self && !atomic_load (&self->started)) {
        if (!*self->why) // The first words are about the cause
            snprintf (self->why, sizeof (self->why), "%s", message);
    } else
        log_debug ("civetweb", "says", message, NULL);
    return 1;
}

static int take_error (struct mg_connection *conn, int status, const char *text)
{
    reply_refusal (conn, status, text ? text : "");
    return 0;
}

// ---- start ----

// "127.0.0.1:8080" for civetweb, which would take "8080s", lists and more.
static fault_t check_address (turn_t *turn, const char *listen, const char **host, int64_t *port)
{
    const char *colon = strrchr (listen, ':');
    struct in_addr address;
    if (!colon || colon == listen)
        return turn_fail (turn, BAD_INPUT, "listen: %s: must be HOST:PORT", listen);
    size_t size = strlen (colon + 1);
    if (size && strchr ("sro", colon[size]))
        return turn_fail (turn, BAD_INPUT,
                          "listen: %s: TLS is not spoken here; end it in front, by a proxy or an ingress",
                          listen);
    if (!header_number (colon + 1, size, port) || *port > 65535)
        return turn_fail (turn, BAD_INPUT, "listen: %s: the port must be a number from 0 to 65535", listen);
    *host = arena_strndup (turn->arena, listen, (size_t) (colon - listen));
    if (strcmp (*host, "localhost") == 0)
        *host = "127.0.0.1";
    if (inet_pton (AF_INET, *host, &address) != 1)
        return turn_fail (turn, BAD_INPUT, "listen: %s: the host must be an IPv4 address or localhost",
                          listen);
    return OK;
}

static fault_t start (gateway_t *self, turn_t *turn, const char *host, int64_t port)
{
    const char *threads = arena_printf (turn->arena, "%u", self->config.threads + self->config.streams);
    const char *where = arena_printf (turn->arena, "%s:%d", host, (int) port);
    const char *options[] = {"listening_ports", where, "num_threads", threads,
                             // One write an answer, kept connections that soon give their thread back
                             "tcp_nodelay", "1", "enable_keep_alive", "yes", "keep_alive_timeout_ms", "1000",
                             "request_timeout_ms", FLOW_SECONDS "000", "listen_backlog", "1024",
                             "connection_queue", "128",
                             // Nothing is decoded, allowed or served but by us
                             "decode_url", "no", "decode_query_string", "no", "enable_directory_listing",
                             "no", "enable_auth_domain_check", "no", "access_control_allow_origin", "",
                             "access_control_allow_methods", "", "access_control_allow_headers", "", NULL};
    const struct mg_callbacks callbacks = {
        .begin_request = gateway_serve, .log_message = take_log, .http_error = take_error};
    struct mg_context *server = mg_start (&callbacks, self, options);
    if (!server)
        return turn_fail (turn, CONFLICT, "cannot listen on %s: %s", where,
                          *self->why ? self->why : "the address is taken or not ours");
    struct mg_server_port bound[1] = {0};
    if (mg_get_server_ports (server, 1, bound) > 0)
        port = bound[0].port;
    snprintf (self->address, sizeof (self->address), "%s:%d", host, (int) port);
    self->server = server;
    atomic_store (&self->started, true);
    return OK;
}

fault_t gateway_new (gateway_t **out, turn_t *turn, const gateway_config_t *config, bus_t *bus,
                     const secret_key_t *key)
{
    const char *host = NULL;
    int64_t port = 0;
    *out = NULL;
    fault_t fault = check_address (turn, config->listen, &host, &port);
    if (fault != OK)
        return fault;
    gateway_t *self = calloc (1, sizeof (gateway_t));
    if (!self)
        abort ();
    self->config = *config;
    self->config.listen = NULL; // The caller's; the address is ours
    pthread_mutex_init (&self->lock, NULL);
    self->bus = bus;
    self->key = *key;
    self->client = bus_client_new (bus);
    self->tokens = tokens_new ();
    self->flights = flights_new ();
    fault = start (self, turn, host, port);
    if (fault == OK)
        *out = self;
    else
        gateway_destroy (&self);
    return fault;
}

// ---- stop ----

// civetweb loses answers that are under way when it is stopped, so nothing may be.
static void land (gateway_t *self)
{
    int64_t until_us = clock_monotonic_us () + SECONDS (self->config.shutdown_seconds);
    atomic_store (&self->stopping, true);
    if (!flights_wait (self->flights, false, until_us))
        log_warn ("requests were cut off by the stop", NULL);
    bus_client_close (self->client); // Streams and parked agents wake up
    if (!flights_wait (self->flights, true, clock_monotonic_us () + SECONDS (1)))
        flights_cut (self->flights);
}

static void stop_server (void *server)
{
    mg_stop (server);
}

void gateway_destroy (gateway_t **self_p)
{
    gateway_t *self = *self_p;
    if (!self)
        return;
    if (self->server) {
        land (self);
        nudge_while (stop_server, self->server, self->address);
    }
    bus_client_destroy (&self->client);
    flights_destroy (&self->flights);
    tokens_destroy (&self->tokens);
    pthread_mutex_destroy (&self->lock);
    free (self->openapi.text);
    free (self);
    *self_p = NULL;
}
