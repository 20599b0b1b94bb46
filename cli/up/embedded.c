/* embedded.c - see embedded.h. The gateway starts first, because the others need its address, and ends first, so that no request meets half
 * a system. */

#include "cli/up/embedded.h"

#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/lock.h"
#include "gateway/gateway.h"
#include "proto/codec.h"
#include "services/artifacts/service.h"
#include "services/host.h"
#include "services/identity/service.h"
#include "services/logs/service.h"
#include "services/scheduler/service.h"
#include "services/scm/service.h"

#include <czmq.h>
#include <stdlib.h>
#include <unistd.h>

// In start order; a service comes after those that it calls.
static const service_t *const services[] = {&identity_service, &scm_service, &logs_service,
                                            &artifacts_service, &scheduler_service};
#define SERVICES_HERE (sizeof services / sizeof services[0])

struct embedded {
    const settings_t *settings;
    int lock;
    bus_t *bus;
    host_t *host;
    gateway_t *gateway;
    local_agents_t *agents;
    char *url;
};

static fault_t take_lock (embedded_t *self, turn_t *turn)
{
    const char *path = arena_printf (turn->arena, "%s/up.lock", self->settings->data_dir);
    fault_t fault = folder_make (turn, self->settings->data_dir);
    if (fault != OK)
        return fault;
    fault = lock_take (&self->lock, turn, path);
    return fault == CONFLICT
               ? turn_fail (turn, CONFLICT, "another server is using this folder: %s", turn->detail)
               : fault;
}

static fault_t start_gateway (embedded_t *self, turn_t *turn)
{
    gateway_config_t config = gateway_config_of (self->settings);
    fault_t fault = gateway_new (&self->gateway, turn, &config, self->bus, host_key (self->host));
    if (fault == OK)
        self->url = strdup (*self->settings->public_url
                                ? self->settings->public_url
                                : arena_printf (turn->arena, "http://%s", gateway_address (self->gateway)));
    return fault;
}

static fault_t write_address (embedded_t *self, turn_t *turn)
{
    const char *data_dir = self->settings->data_dir;
    fault_t fault = file_write (turn, arena_printf (turn->arena, "%s/pid", data_dir),
                                arena_printf (turn->arena, "%d\n", (int) getpid ()));
    if (fault == OK)
        fault = file_write (turn, arena_printf (turn->arena, "%s/url", data_dir),
                            arena_printf (turn->arena, "http://%s\n", gateway_address (self->gateway)));
    return fault;
}

// The gateway comes first, because services put its address into what they send out; the url file comes after the services, because
// whoever finds it expects an answer; agents come last, because they register at once.
static fault_t start (embedded_t *self, turn_t *turn, const local_agents_spec_t *agents)
{
    fault_t fault = take_lock (self, turn);
    if (fault != OK)
        return fault;
    self->bus = bus_new (&proto_codec, clock_system ());
    fault = host_new (&self->host, turn, self->settings, self->bus);
    if (fault == OK)
        fault = start_gateway (self, turn);
    for (size_t i = 0; i < SERVICES_HERE && fault == OK; i++)
        fault = host_start (self->host, turn, services[i], self->url, NULL);
    if (fault == OK)
        fault = write_address (self, turn);
    if (fault == OK)
        fault = local_agents_new (&self->agents, turn, self->settings,
                                  arena_printf (turn->arena, "http://%s", gateway_address (self->gateway)),
                                  agents);
    return fault;
}

fault_t embedded_start (embedded_t **out, turn_t *turn, const settings_t *settings,
                        const local_agents_spec_t *agents)
{
    embedded_t *self = calloc (1, sizeof (embedded_t));
    if (!self)
        abort ();
    self->settings = settings;
    self->lock = -1;
    fault_t fault = start (self, turn, agents);
    if (fault != OK)
        embedded_stop (&self);
    *out = self;
    return fault;
}

void embedded_stop (embedded_t **self_p)
{
    embedded_t *self = *self_p;
    if (!self)
        return;
    local_agents_destroy (&self->agents); // While the server can still receive their last reports
    gateway_destroy (&self->gateway);
    host_destroy (&self->host);
    bus_destroy (&self->bus);
    if (self->lock >= 0)
        close (self->lock);
    free (self->url);
    free (self);
    *self_p = NULL;
    zsys_shutdown ();
}

void embedded_nudge (embedded_t *self)
{
    local_agents_nudge (self->agents);
}

const char *embedded_url (const embedded_t *self)
{
    return self->url;
}
