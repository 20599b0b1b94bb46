/* probe.c - what operators and orchestrators ask: alive, ready, version, metrics. */

#include "common/metrics.h"
#include "common/probe_server.h"
#include "gateway/inside.h"
#include "gateway/reply.h"

#include <string.h>

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
    metrics_print (text);
    reply_bytes (self, 200, PROBE_METRICS_TYPE, buffer_text (text), buffer_size (text));
    buffer_destroy (&text);
    return OK;
}

// A cheap question for each service; that there is no such thing is an answer too.
static fault_t ask_cheaply (request_t *self, const char *service)
{
    static const project_list_t projects = {.limit = 1};
    static const log_show_t log = {.job = "j0"};
    static const artifact_list_t artifacts = {.run = "r0", .limit = 1};
    static const token_check_t token = {.hash = "0"};
    static const struct {
        const char *service;
        const message_t *ask_message;
        const void *ask;
    } questions[] = {{"scheduler", MESSAGE (project_list), &projects},
                     {"logs", MESSAGE (log_show), &log},
                     {"artifacts", MESSAGE (artifact_list), &artifacts},
                     {"identity", MESSAGE (token_check), &token}};
    for (size_t i = 0; i < sizeof (questions) / sizeof (questions[0]); i++)
        if (strcmp (questions[i].service, service) == 0) {
            const message_t *message = questions[i].ask_message;
            return gateway_call (self, message, questions[i].ask, gateway_answer (self, message), 0);
        }
    return OK; // scm reads repositories: nothing about it is cheap, and reading is served without it
}

// Asks with our own authority: the route is open, and the answer tells nothing but a name.
fault_t probe_ready (request_t *self)
{
    if (gateway_stopping (self->gateway))
        return turn_fail (&self->turn, UNAVAILABLE, "it is being stopped");
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    for (size_t i = 0; all_services[i]; i++) {
        fault_t fault = ask_cheaply (self, all_services[i]);
        if (fault != OK && fault != NOT_FOUND)
            return turn_fail (&self->turn, UNAVAILABLE, "%s does not answer: %s", all_services[i],
                              self->turn.detail ? self->turn.detail : fault_text (fault));
    }
    reply_text (self, 200, JSON_TYPE, PROBE_READY);
    return OK;
}
