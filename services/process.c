/* process.c - one service, hosted as in `opencicd up`, reached over TCP instead of within a process. */

#include "services/process.h"

#include "common/base/log.h"
#include "common/bus/directory.h"
#include "common/http/probe_server.h"
#include "common/settings/program.h"
#include "proto/codec.h"
#include "services/host.h"

#include <czmq.h>

typedef struct {
    const settings_t *settings;
    const service_t *service;
    bus_t *bus;
    host_t *host;
    directory_t *directory;
    probe_server_t *probes;
} process_service_t;

// ZeroMQ takes `*` where an address of ours has port 0.
static const char *endpoint_of (const settings_t *settings, arena_t *arena)
{
    const char *colon = strrchr (settings->bus_listen, ':');
    bool any = strcmp (colon, ":0") == 0;
    return arena_printf (arena, "tcp://%.*s:%s", (int) (colon - settings->bus_listen), settings->bus_listen,
                         any ? "*" : colon + 1);
}

static const char *url_of (const settings_t *settings, arena_t *arena)
{
    return *settings->public_url ? settings->public_url : arena_printf (arena, "http://%s", settings->listen);
}

static fault_t is_ready (void *context, turn_t *turn)
{
    process_service_t *self = context;
    return host_ready (self->host, turn);
}

static fault_t start (process_service_t *self, turn_t *turn)
{
    self->bus = bus_new (&proto_codec, clock_system ());
    bus_set_apart (self->bus);
    fault_t fault = host_new (&self->host, turn, self->settings, self->bus);
    if (fault != OK)
        return fault;
    bus_protect (self->bus, host_key (self->host)->bytes);
    fault = host_directory (self->host, turn, &self->directory);
    if (fault == OK)
        fault = host_start (self->host, turn, self->service, url_of (self->settings, turn->arena),
                            endpoint_of (self->settings, turn->arena));
    const char *name = self->service->class->name;
    if (fault == OK)
        fault = probe_server_new (&self->probes, turn, self->settings->probe_listen, is_ready, self);
    if (fault == OK)
        fault = directory_announce (self->directory, turn, name, host_endpoint (self->host, name));
    if (fault == OK)
        log_info ("the service is up", "service", name, "endpoint", host_endpoint (self->host, name),
                  "probes", probe_server_address (self->probes), NULL);
    return fault;
}

// Others send to us until they have read the directory anew, and requests that must run only once do not go to another replica: so we
// keep serving for as long as that takes. Waiting requests are sent to another replica at the end.
static void leave (process_service_t *self)
{
    int64_t linger_us = SECONDS (DIRECTORY_HEARTBEAT_S) + MILLISECONDS (500);
    int64_t allowed_us = SECONDS (self->settings->shutdown_seconds);
    probe_server_stopping (self->probes);
    directory_destroy (&self->directory);
    program_linger (linger_us < allowed_us ? linger_us : allowed_us);
}

int service_main (const service_t *service, int argc, char **argv)
{
    static settings_t settings;
    int status;
    turn_t turn;
    arena_t *arena = arena_new ();
    process_service_t self = {.settings = &settings, .service = service};
    if (program_settings (&settings, arena, service->class->name, argc, argv, &status)) {
        program_begin (&settings, service->class->name);
        turn_init (&turn, arena, "start", clock_now_us (clock_system ()));
        bool up = start (&self, &turn) == OK;
        status = up || program_must_end (0) ? 0 : 1;
        if (up) {
            program_wait ();
            leave (&self);
        } else if (status)
            fprintf (stderr, "%s: %s\n", argv[0], turn.detail ? turn.detail : "it cannot start");
        if (self.probes)
            probe_server_stopping (self.probes); // Before the services that it checks are gone
        directory_destroy (&self.directory);
        host_destroy (&self.host);
        probe_server_destroy (&self.probes); // Last: it shows that the process has not ended yet
        bus_destroy (&self.bus);
        zsys_shutdown ();
    }
    arena_destroy (&arena);
    return status;
}
