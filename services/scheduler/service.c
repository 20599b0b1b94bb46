/* service.c - the scheduler as a row that any process can host. */

#include "services/scheduler/service.h"

#include "common/settings/dotenv.h"
#include "services/scheduler/scheduler.h"
#include "workflow/expression/value.h"

// Until projects have variables of their own.
static fault_t read_variables (turn_t *turn, const settings_t *settings, const char **out)
{
    dotenv_t pairs = {0};
    value_t *variables = value_object (turn->arena);
    if (*settings->variables_file)
        TRY (dotenv_read (turn, settings->variables_file, &pairs));
    for (size_t i = 0; i < pairs.count; i++)
        value_set (turn->arena, variables, pairs.items[i].name,
                   value_string (turn->arena, pairs.items[i].value));
    *out = value_to_json (turn->arena, variables, 0);
    return OK;
}

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    const settings_t *settings = world->settings;
    const char *variables;
    TRY (read_variables (turn, settings, &variables));
    scheduler_keeps_t keeps = {.runs_us = SECONDS (86400) * settings->run_retention_days,
                               .runs = settings->run_keep,
                               .events_us = SECONDS (86400) * settings->event_retention_days,
                               .events = settings->event_keep};
    *self = scheduler_new (&(scheduler_options_t){.db = world->db,
                                                  .lease_seconds = settings->lease_seconds,
                                                  .max_attempts = settings->max_attempts,
                                                  .agent_retention_days = settings->agent_retention_days,
                                                  .key = world->key,
                                                  .server_url = world->url,
                                                  .variables = variables,
                                                  .keeps = keeps});
    return OK;
}

static void destroy (void **self_p)
{
    scheduler_destroy ((scheduler_t **) self_p);
}

const service_t scheduler_service = {
    .class = &scheduler_class, .has_database = true, .make = make, .destroy = destroy};
