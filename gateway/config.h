/* config.h - what an operator decides about the gateway: where it listens, and how much of everything there may be at once. */

#ifndef OPENCICD_GATEWAY_CONFIG_H
#define OPENCICD_GATEWAY_CONFIG_H

#include "common/bus/bus.h"
#include "common/settings/settings.h"

typedef struct gateway gateway_t; // gateway.h

typedef struct {
    const char *listen;        // "127.0.0.1:8080"; IPv4; port 0: any free port
    uint32_t threads;          // Requests served at once
    uint32_t streams;          // In addition: followed logs, and as many event streams; past it 503
    uint32_t downloads;        // ... logs and artifacts being sent
    uint32_t parked;           // ... agents that wait for a job
    uint32_t connections;      // In all
    uint32_t per_address;      // ... of one address
    uint32_t registrations;    // Of agents, a minute and token
    uint32_t deadline_ms;      // Of one call to a service
    uint32_t head_seconds;     // Time for a head to arrive
    uint32_t body_seconds;     // Time for a body to arrive
    uint32_t idle_seconds;     // How long a connection may be idle between two requests
    uint32_t wait_seconds;     // How long a request may wait for a thread; then 503
    uint32_t shutdown_seconds; // How long requests in progress may take at a shutdown
    const char *pages;         // Folder of the built web pages; NULL: none are served
    const char *url;           // How others reach it, without a slash at the end; "": by where it listens
    bool secure;               // Browsers reach it over TLS
    bool public_projects;      // Who is not signed in may see those
    const char *proxies;       // Whose X-Forwarded-For is believed (address.h); NULL: nobody's
} gateway_config_t;

#define GATEWAY_CONFIG                                  \
    ((gateway_config_t){.listen = "127.0.0.1:8080",     \
                        .threads = 64,                  \
                        .streams = 1024,                \
                        .downloads = 64,                \
                        .parked = 2048,                 \
                        .connections = 8192,            \
                        .per_address = 4096,            \
                        .registrations = 1200,          \
                        .deadline_ms = BUS_DEADLINE_MS, \
                        .head_seconds = 10,             \
                        .body_seconds = 60,             \
                        .idle_seconds = 30,             \
                        .public_projects = true,        \
                        .wait_seconds = 10,             \
                        .shutdown_seconds = 10})
gateway_config_t gateway_config_of (const settings_t *settings); // GATEWAY_CONFIG with what an operator chose

#endif
