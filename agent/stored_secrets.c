/* stored_secrets.c - see stored_secrets.h. */

#include "agent/stored_secrets.h"

#include "common/base/clock.h"
#include "workflow/plan/context.h"

#include <poll.h>
#include <string.h>

#define PAUSE_MS 500 // Between two tries; a cancel ends it at once

static const value_t *object_of (arena_t *arena, const char *json)
{
    const value_t *value;
    const char *error, *text = json && *json ? json : "{}";
    if (value_from_json (arena, text, strlen (text), &value, &error) != OK || value->kind != VALUE_OBJECT)
        return NULL;
    return value;
}

// What a call passed as a text stays. What it only named is the value now; what nobody has may still be one of this machine's.
static const value_t *merged_secrets (arena_t *arena, const value_t *given, const value_t *stored)
{
    value_t *all = value_object (arena);
    for (size_t i = 0; given && given->kind == VALUE_OBJECT && i < given->list.count; i++)
        if (strcmp (given->list.keys[i], "*") != 0) // `inherit`: what it stands for is among the stored ones
            value_set (arena, all, given->list.keys[i], given->list.items[i]);
    for (size_t i = 0; i < stored->list.count; i++)
        if (!*value_get_text (all, stored->list.keys[i]))
            value_set (arena, all, stored->list.keys[i], stored->list.items[i]);
    return all;
}

fault_t stored_secrets_merge (arena_t *arena, const char *contexts, const job_values_t *values,
                              const char **out)
{
    const value_t *given = object_of (arena, contexts), *secrets = object_of (arena, values->secrets);
    const value_t *variables = object_of (arena, values->variables);
    if (!given || !secrets || !variables)
        return INVALID;
    value_t *all = context_copy (arena, given), *vars = context_copy (arena, value_get (given, "vars"));
    for (size_t i = 0; i < variables->list.count; i++)
        value_set (arena, vars, variables->list.keys[i], variables->list.items[i]);
    value_set (arena, all, "vars", vars);
    value_set (arena, all, "secrets", merged_secrets (arena, value_get (given, "secrets"), secrets));
    *out = value_to_json (arena, all, 0);
    return OK;
}

static bool may_retry (fault_t fault, int cancel, int64_t until_us)
{
    struct pollfd stop = {cancel, POLLIN, 0};
    return fault_is_transient (fault) && clock_monotonic_us () < until_us && poll (&stop, 1, PAUSE_MS) == 0;
}

static fault_t fail (arena_t *arena, const turn_t *turn, fault_t fault, const char **error)
{
    *error = arena_printf (arena, "the secrets of this job cannot be read: %s",
                           turn->detail ? turn->detail : fault_own_text (fault));
    return fault;
}

fault_t stored_secrets (arena_t *arena, server_t *server, const job_offer_t *offer, int cancel,
                        const char **contexts, const char **error)
{
    const job_secrets_t ask = {.job = offer->job, .attempt = offer->attempt, .key = offer->secrets_key};
    int64_t until_us = clock_monotonic_us () + SECONDS (ARTIFACT_RETRY_SECONDS);
    job_values_t values;
    turn_t turn;
    fault_t fault;
    *contexts = offer->contexts;
    *error = "";
    if (!offer->secrets_key || !*offer->secrets_key)
        return OK;
    turn_init (&turn, arena, "secrets", 0);
    do {
        values = (job_values_t){.secrets = "{}", .variables = "{}"};
        fault = server_secrets (server, &turn, offer->token, &ask, &values);
    } while (may_retry (fault, cancel, until_us));
    if (fault)
        return fail (arena, &turn, fault, error);
    fault = stored_secrets_merge (arena, offer->contexts, &values, contexts);
    return fault ? fail (arena, &turn, fault, error) : OK;
}
