/* probe.c - probes for operators and orchestrators: liveness, readiness, version, metrics. */

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/http/probe_server.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "gateway/reply.h"

#include <stdio.h>

#define READY_MS      1000               // Of a service that is needed to answer
#define OTHERS_MS     250                // Of one that is not
#define READY_KEPT_US MILLISECONDS (500) // How long a result is reused

fault_t probe_alive (request_t *self)
{
    reply_text (self, 200, JSON_TYPE, PROBE_ALIVE);
    return OK;
}

fault_t probe_version (request_t *self)
{
    reply_text (self, 200, JSON_TYPE,
                "{\"name\":\"open-cicd\",\"version\":\"" OPENCICD_VERSION "\",\"api\":\"/api/v1\"}\n");
    return OK;
}

fault_t probe_metrics (request_t *self)
{
    buffer_t *text = buffer_new (PROBE_METRICS_MAX);
    gateway_measure (self->gateway);
    metrics_print (text);
    bool full = buffer_full (text); // A part of them would be taken for all
    if (!full)
        reply_bytes (self, 200, PROBE_METRICS_TYPE, buffer_text (text), buffer_size (text));
    buffer_destroy (&text);
    return full ? turn_fail (&self->turn, TOO_LARGE, "the metrics have more than %d bytes", PROBE_METRICS_MAX)
                : OK;
}

// A cheap request to each service; NOT_FOUND is an answer too. scm reads repositories: nothing about it is cheap.
static const project_list_t some_projects = {.limit = 1};
static const log_show_t some_log = {.job = "j0"};
static const artifact_list_t some_artifacts = {.run = "r0", .limit = 1};
static const token_check_t some_token = {.hash = "0"};
static const struct {
    const char *service;
    const message_t *ask_message;
    const void *ask;
    bool needed; // Without it nobody can be authenticated, or no agent renews its lease
} services[] = {{"identity", MESSAGE (token_check), &some_token, true},
                {"scheduler", MESSAGE (project_list), &some_projects, true},
                {"logs", MESSAGE (log_show), &some_log, false},
                {"artifacts", MESSAGE (artifact_list), &some_artifacts, false}};
#define SERVICE_COUNT (sizeof (services) / sizeof (services[0]))

static bool answers (request_t *self, size_t i)
{
    const message_t *message = services[i].ask_message;
    uint32_t ms = services[i].needed ? READY_MS : OTHERS_MS;
    fault_t fault = gateway_call_within (self, message, services[i].ask, gateway_answer (self, message), ms);
    measure_service (services[i].service, fault == OK || fault == NOT_FOUND);
    return fault == OK || fault == NOT_FOUND;
}

// Calls with our own authority: the route is open, and the answer reveals only names.
static void look (request_t *self, readiness_t *seen)
{
    buffer_t *body = buffer_new (sizeof (seen->text) / 2);
    bool ready = true;
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        bool up = answers (self, i);
        ready = ready && (up || !services[i].needed);
        buffer_printf (body, "%s\"%s\":\"%s\"", i ? "," : "", services[i].service, up ? "up" : "down");
    }
    snprintf (seen->text, sizeof (seen->text), "{\"status\":\"%s\",\"services\":{%s}}\n",
              ready ? "ready" : "not ready", buffer_text (body));
    seen->ready = ready;
    seen->until_us = clock_monotonic_us () + READY_KEPT_US;
    buffer_destroy (&body);
}

// Ready is a gateway that can authenticate and reach the scheduler: if it were taken out of service because artifacts are down, agents
// could not renew their leases. The others are shown, and measured (opencicd_service_up). One request at a time checks, so that
// nobody can make many wait; those that come meanwhile get the previous result.
fault_t probe_ready (request_t *self)
{
    readiness_t seen;
    if (gateway_stopping (self->gateway))
        return turn_fail (&self->turn, UNAVAILABLE, "it is being stopped");
    if (!gateway_readiness (self->gateway, &seen, clock_monotonic_us ())) {
        look (self, &seen);
        gateway_set_readiness (self->gateway, &seen);
    }
    if (!seen.ready)
        reply_header (self, "Retry-After", "1");
    reply_text (self, seen.ready ? 200 : 503, JSON_TYPE, seen.text);
    return OK;
}
