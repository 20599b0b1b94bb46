/* toolkit_services.c - see toolkit_services.h. */

#include "agent/toolkit_services.h"

#include "common/base/clock.h"
#include "common/base/runtime_token.h"

#include <string.h>

// "https://server:8080/ci/" gives "https://server:8080/".
static const char *origin_of (arena_t *arena, const char *url)
{
    const char *host = strstr (url, "://");
    size_t size = host ? (size_t) (host + 3 - url) + strcspn (host + 3, "/?#") : strlen (url);
    return arena_printf (arena, "%.*s/", (int) size, url);
}

static const char *runtime_token (arena_t *arena, const job_offer_t *offer)
{
    return runtime_token_of_job (arena, offer->token, offer->run, offer->job, offer->ref ? offer->ref : "",
                                 clock_now_us (clock_system ()));
}

// A client appends "&audience=...", so there must be a query already.
void toolkit_identity (arena_t *arena, const char *url, const job_offer_t *offer,
                       engine_variable_t out[IDENTITY_SERVICES])
{
    size_t size = strlen (url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    out[0] = out[1] = out[2] = (engine_variable_t){NULL, NULL};
    if (!offer->id_token)
        return;
    out[0] = (engine_variable_t){"ACTIONS_ID_TOKEN_REQUEST_URL",
                                 arena_printf (arena, "%.*s/api/v1/jobs/%s/id-token?attempt=%u", (int) size,
                                               url, offer->job, offer->attempt)};
    out[1] = (engine_variable_t){"ACTIONS_ID_TOKEN_REQUEST_TOKEN", runtime_token (arena, offer)};
}

void toolkit_services (arena_t *arena, const char *url, const job_offer_t *offer,
                       engine_variable_t out[TOOLKIT_SERVICES])
{
    const char *origin = origin_of (arena, url);
    out[0] = (engine_variable_t){"ACTIONS_RUNTIME_URL", origin};
    out[1] = (engine_variable_t){"ACTIONS_RESULTS_URL", origin};
    out[2] = (engine_variable_t){"ACTIONS_RUNTIME_TOKEN", runtime_token (arena, offer)};
    // The packages choose: version 2 only where GITHUB_SERVER_URL looks like GitHub, else version 1, which wants the slash at the end
    out[3] = (engine_variable_t){"ACTIONS_CACHE_URL", origin};
    out[4] = (engine_variable_t){"ACTIONS_CACHE_SERVICE_V2", "True"};
    out[5] = (engine_variable_t){NULL, NULL};
}
