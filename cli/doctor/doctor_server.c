/* doctor_server.c - this machine's clock, the HTTP API as clients reach it, and the agents. */

#include "cli/doctor/doctor.h"
#include "cli/server/client.h"
#include "cli/server/endpoint.h"
#include "common/base/clock.h"
#include "common/http/http_client.h"

#include <string.h>
#include <sys/timex.h>

#define LOOK_MS            5000
#define CERTIFICATE_WARNED SECONDS (INT64_C (21) * 86400)
#define AGENTS_LOOKED_AT   "200"

void check_clock (doctor_t *self)
{
    struct timex state = {0};
    int known = adjtimex (&state);
    if (known < 0 || known == TIME_ERROR)
        doctor_find (self, FINDING_WARNING, "run chrony, systemd-timesyncd or another NTP client",
                     "this machine's clock is not synchronised");
    else
        doctor_find (self, FINDING_OK, "", "this machine's clock is synchronised");
}

static bool get (doctor_t *self, http_client_t *http, const char *url, const char *path, http_answer_t *out)
{
    const http_request_t request = {
        .url = arena_printf (self->turn->arena, "%s%s", url, path), .total_ms = LOOK_MS, .certificate = true};
    self->turn->detail = NULL;
    return http_client_send (http, self->turn, &request, out) == OK;
}

static void check_certificate (doctor_t *self, const char *url, const http_answer_t *answer)
{
    int64_t left = answer->certificate_until_us - clock_now_us (clock_system ());
    if (answer->certificate_until_us == 0)
        return;
    const char *end = clock_format (self->turn->arena, answer->certificate_until_us);
    if (left < CERTIFICATE_WARNED)
        doctor_find (self, FINDING_WARNING, "renew it, and see why that did not happen by itself",
                     "the certificate of %s ends on %.10s", url, end);
    else
        doctor_find (self, FINDING_OK, "", "the certificate of %s is valid until %.10s", url, end);
}

// At one address: is it there, does it serve?
static bool check_address (doctor_t *self, http_client_t *http, const char *url)
{
    http_answer_t answer;
    if (!get (self, http, url, "/healthz", &answer)) {
        doctor_find (self, FINDING_ERROR,
                     "is the gateway running, and is that its address (--url, --public-url)?", "%s: %s", url,
                     self->turn->detail ? self->turn->detail : "no answer");
        return false;
    }
    check_certificate (self, url, &answer);
    if (answer.status != 200) {
        doctor_find (self, FINDING_ERROR, "something else listens there, or a proxy leads elsewhere",
                     "%s/healthz answers %d", url, answer.status);
        return false;
    }
    if (!get (self, http, url, "/readyz", &answer) || answer.status != 200)
        doctor_find (self, FINDING_ERROR, "its log and that of the service that it names say more",
                     "%s is there but cannot serve: %.300s", url, answer.size ? answer.body : "no answer");
    else
        doctor_find (self, FINDING_OK, "", "%s serves", url);
    return true;
}

static void check_versions (doctor_t *self, http_client_t *http, const char *url)
{
    http_answer_t answer;
    const char *version = arena_printf (self->turn->arena, "\"%s\"", OPENCICD_VERSION);
    if (get (self, http, url, "/version", &answer) && answer.status == 200 && !strstr (answer.body, version))
        doctor_find (self, FINDING_WARNING, "finish the upgrade: gateways, services, agents",
                     "it runs %.100s, this is %s", answer.body, OPENCICD_VERSION);
}

void check_server (doctor_t *self)
{
    endpoint_t endpoint;
    const settings_t *settings = self->settings;
    self->turn->detail = NULL;
    if (endpoint_find (self->turn, settings, &endpoint) != OK) {
        doctor_find (self, FINDING_PASSED, "", "%s",
                     self->turn->detail ? self->turn->detail : "no server is named");
        return;
    }
    http_client_t *http = http_client_new (NULL);
    if (check_address (self, http, endpoint.url))
        check_versions (self, http, endpoint.url);
    if (*settings->public_url && strcmp (settings->public_url, endpoint.url) != 0)
        (void) check_address (self, http, settings->public_url);
    http_client_destroy (&http);
}

static void count_agents (doctor_t *self, const value_t *page)
{
    const value_t *items = value_get (page, "items");
    size_t online = 0, bare = 0, all = items && items->kind == VALUE_ARRAY ? items->list.count : 0;
    for (size_t i = 0; i < all; i++) {
        const value_t *agent = items->list.items[i];
        bool there = strcmp (value_get_text (agent, "state"), "offline") != 0;
        online += there;
        bare += there && *value_get_text (agent, "not_isolated");
    }
    if (online == 0)
        doctor_find (self, FINDING_WARNING,
                     "opencicd tokens issue REGISTRAR, then start opencicd-agent with that token",
                     "no agent is there to run jobs");
    else
        doctor_find (self, FINDING_OK, "", "%zu of %zu agents are there", online, all);
    if (bare)
        doctor_find (self, FINDING_WARNING,
                     "opencicd agents show AGENT says why; docs/security.md, Isolation",
                     "%zu agents do not isolate their jobs", bare);
}

void check_agents (doctor_t *self)
{
    client_t *client = NULL;
    answer_t answer;
    self->turn->detail = NULL;
    fault_t fault = client_new (&client, self->turn, self->settings);
    if (fault == OK)
        fault = client_ask (client, self->turn, "GET", "/agents?limit=" AGENTS_LOOKED_AT, NULL, &answer);
    if (fault == OK)
        count_agents (self, answer.json);
    else
        doctor_find (self, FINDING_PASSED, "give a token (--token-file) to look at the agents", "%s",
                     self->turn->detail ? self->turn->detail : fault_text (fault));
    client_destroy (&client);
}
