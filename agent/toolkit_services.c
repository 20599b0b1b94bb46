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

void toolkit_services (arena_t *arena, const char *url, const job_offer_t *offer,
                       toolkit_service_t out[TOOLKIT_SERVICES])
{
    const char *origin = origin_of (arena, url);
    out[0] = (toolkit_service_t){"ACTIONS_RUNTIME_URL", origin};
    out[1] = (toolkit_service_t){"ACTIONS_RESULTS_URL", origin};
    out[2] = (toolkit_service_t){"ACTIONS_RUNTIME_TOKEN",
                                 runtime_token_of_job (arena, offer->token, offer->run, offer->job,
                                                       offer->ref ? offer->ref : "",
                                                       clock_now_us (clock_system ()))};
    // The packages choose: version 2 only where GITHUB_SERVER_URL looks like GitHub, else version 1, which wants the slash at the end
    out[3] = (toolkit_service_t){"ACTIONS_CACHE_URL", origin};
    out[4] = (toolkit_service_t){"ACTIONS_CACHE_SERVICE_V2", "True"};
    out[5] = (toolkit_service_t){NULL, NULL};
}
