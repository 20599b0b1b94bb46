/* gateway.c - starts and stops the server; holds what all requests share. */

#include "gateway/gateway.h"

#include "common/base/log.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/feed.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "gateway/openapi.h"
#include "gateway/pages.h"
#include "gateway/reply.h"
#include "gateway/tokens.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_SIZE    64
#define SLOW_PER_THREAD 4 // Threads that may wait for slow clients
#define PARKED_EACH     4 // An agent that came back may still have its last request here
#define SEARCHES        4 // At once; one a token

struct gateway {
    gateway_config_t config;
    bus_t *bus;
    secret_key_t key;
    bus_client_t *client;
    tokens_t *tokens;
    audit_queue_t *audit;
    slots_t *slots;
    feed_t *feed;
    pages_t *pages;
    http_server_t *server;
    atomic_bool stopping; // Read by every thread that serves; set once
    pthread_mutex_t lock; // Of what follows
    readiness_t readiness;
    bool looking; // A request looks at the services
    gateway_text_t openapi;
    char address[ADDRESS_SIZE];
    char *url; // How others reach it
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

bus_client_t *gateway_client (gateway_t *self)
{
    return self->client;
}

struct audit_queue *gateway_audit (gateway_t *self)
{
    return self->audit;
}

struct tokens *gateway_tokens (gateway_t *self)
{
    return self->tokens;
}

struct feed *gateway_feed (gateway_t *self)
{
    return self->feed;
}

struct pages *gateway_pages (gateway_t *self)
{
    return self->pages;
}

slots_t *gateway_slots (gateway_t *self)
{
    return self->slots;
}

int64_t gateway_now_us (gateway_t *self)
{
    return clock_now_us (bus_clock (self->bus));
}

bool gateway_stopping (gateway_t *self)
{
    return atomic_load (&self->stopping);
}

bool gateway_readiness (gateway_t *self, readiness_t *out, int64_t now_us)
{
    pthread_mutex_lock (&self->lock);
    bool known = self->looking || now_us < self->readiness.until_us;
    *out = self->readiness;
    self->looking = self->looking || !known;
    pthread_mutex_unlock (&self->lock);
    return known;
}

void gateway_set_readiness (gateway_t *self, const readiness_t *seen)
{
    pthread_mutex_lock (&self->lock);
    self->readiness = *seen;
    self->looking = false;
    pthread_mutex_unlock (&self->lock);
}

void gateway_measure (gateway_t *self)
{
    http_server_stats_t stats;
    http_server_stats (self->server, &stats);
    measure_server (&stats);
    for (slot_kind_t kind = 0; kind < SLOT_KINDS; kind++)
        measure_slots (kind, slots_taken (self->slots, kind));
}

const char *gateway_address (const gateway_t *self)
{
    return self->address;
}

const char *gateway_url (const gateway_t *self)
{
    return self->url;
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

// ---- start ----

// "127.0.0.1:8080"
static fault_t check_address (turn_t *turn, const char *listen, const char **host, int64_t *port)
{
    const char *colon = strrchr (listen, ':');
    struct in_addr address;
    if (!colon || colon == listen)
        return turn_fail (turn, BAD_INPUT, "listen: %s: must be HOST:PORT", listen);
    size_t size = strlen (colon + 1);
    if (size && strchr ("sro", colon[size]))
        return turn_fail (turn, BAD_INPUT,
                          "listen: %s: TLS is not supported; terminate it in a proxy or an ingress", listen);
    if (!http_number (colon + 1, size, port) || *port > 65535)
        return turn_fail (turn, BAD_INPUT, "listen: %s: the port must be a number from 0 to 65535", listen);
    *host = arena_strndup (turn->arena, listen, (size_t) (colon - listen));
    if (strcmp (*host, "localhost") == 0)
        *host = "127.0.0.1";
    if (inet_pton (AF_INET, *host, &address) != 1)
        return turn_fail (turn, BAD_INPUT, "listen: %s: the host must be an IPv4 address or localhost",
                          listen);
    return OK;
}

static uint32_t quarter (uint32_t all)
{
    return all / 4 > 2 ? all / 4 : all < 2 ? all : 2;
}

static slots_t *make_slots (const gateway_config_t *config)
{
    const slot_limit_t limits[SLOT_KINDS] = {
        [SLOT_LOG] = {config->streams, quarter (config->streams)},
        [SLOT_EVENTS] = {config->streams, quarter (config->streams)},
        [SLOT_DOWNLOAD] = {config->downloads, quarter (config->downloads)},
        [SLOT_UPLOAD] = {config->downloads, quarter (config->downloads)},
        [SLOT_PARKED] = {config->parked, PARKED_EACH},
        [SLOT_SEARCH] = {SEARCHES, 1}};
    return slots_new (limits, config->registrations);
}

static char *url_of (const char *chosen, const char *address)
{
    char *url = NULL;
    if (asprintf (&url, "%s%s", chosen && *chosen ? chosen : "http://", chosen && *chosen ? "" : address) < 0)
        abort ();
    size_t size = strlen (url);
    while (size && url[size - 1] == '/')
        url[--size] = '\0';
    return url;
}

static fault_t start (gateway_t *self, turn_t *turn, const char *host, int64_t port)
{
    const gateway_config_t *config = &self->config;
    const http_server_config_t server = {.host = host,
                                         .port = (uint16_t) port,
                                         .threads = config->threads,
                                         .slow = SLOW_PER_THREAD * config->threads,
                                         .connections = config->connections,
                                         .per_address = config->per_address,
                                         .head_ms = config->head_seconds * 1000,
                                         .idle_ms = config->idle_seconds * 1000,
                                         .wait_ms = config->wait_seconds * 1000,
                                         .context = self,
                                         .serve = gateway_serve,
                                         .refuse = reply_refusal,
                                         .lane = gateway_lane};
    fault_t fault = http_server_new (&self->server, turn, &server);
    if (fault == OK) {
        snprintf (self->address, sizeof (self->address), "%s:%u", host, http_server_port (self->server));
        self->url = url_of (config->url, self->address);
    }
    return fault;
}

fault_t gateway_new (gateway_t **out, turn_t *turn, const gateway_config_t *config, bus_t *bus,
                     const secret_key_t *key)
{
    const char *host = NULL;
    int64_t port = 0;
    *out = NULL;
    fault_t fault = check_address (turn, config->listen, &host, &port);
    if (fault == OK && config->proxies && !address_is_list (config->proxies))
        fault = turn_fail (turn, BAD_INPUT,
                           "trusted_proxies: must be addresses and networks, as 10.0.0.7, 10.1.0.0/16");
    if (fault != OK)
        return fault;
    gateway_t *self = calloc (1, sizeof (gateway_t));
    if (!self)
        abort ();
    self->config = *config;
    self->config.listen = NULL; // The caller's; the address is ours
    if (config->proxies && !(self->config.proxies = strdup (config->proxies)))
        abort ();
    self->config.url = NULL; // Likewise
    pthread_mutex_init (&self->lock, NULL);
    self->bus = bus;
    self->key = *key;
    self->client = bus_client_new (bus);
    snprintf (self->readiness.text, sizeof (self->readiness.text), "{\"status\":\"not looked at yet\"}\n");
    self->feed = feed_new (bus, self->client);
    self->tokens = tokens_new ();
    self->audit = audit_queue_new (self->client);
    self->slots = make_slots (&self->config);
    fault = pages_new (&self->pages, turn, config->pages);
    self->config.pages = NULL; // Likewise
    if (fault == OK)
        fault = start (self, turn, host, port);
    if (fault == OK)
        *out = self;
    else
        gateway_destroy (&self);
    return fault;
}

// ---- stop ----

// Waits for answers in progress, ends streams.
static void land (gateway_t *self)
{
    int64_t until_us = clock_monotonic_us () + SECONDS (self->config.shutdown_seconds);
    atomic_store (&self->stopping, true);
    if (!http_server_wait (self->server, false, until_us))
        log_warn ("requests were cut off by the shutdown", NULL);
    http_server_quit (
        self->server); // A request that starts now would be answered 503, as if the service were down
    (void) http_server_wait (self->server, false,
                             clock_monotonic_us () + SECONDS (1)); // Requests that came just before
    feed_stop (self->feed);
    audit_queue_stop (self->audit);  // Before services cannot be reached any more
    bus_client_close (self->client); // Streams and parked agents wake up
    (void) http_server_wait (self->server, true, clock_monotonic_us () + SECONDS (1));
}

void gateway_destroy (gateway_t **self_p)
{
    gateway_t *self = *self_p;
    if (!self)
        return;
    if (self->server)
        land (self);
    http_server_destroy (&self->server);
    audit_queue_destroy (&self->audit);
    if (self->client)
        bus_client_close (self->client);
    feed_destroy (&self->feed);
    bus_client_destroy (&self->client);
    slots_destroy (&self->slots);
    tokens_destroy (&self->tokens);
    pages_destroy (&self->pages);
    pthread_mutex_destroy (&self->lock);
    free (self->openapi.text);
    free ((char *) self->config.proxies);
    free (self->url);
    free (self);
    *self_p = NULL;
}
