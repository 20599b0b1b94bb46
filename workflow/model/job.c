/* job.c - a job's node to its model. */

#include "workflow/model/job.h"
#include "workflow/model/model_read.h"
#include "workflow/schema/schema.h"

#include <string.h>

static container_t read_container (arena_t *arena, const node_t *node)
{
    if (!node || node->kind != NODE_MAP) // `container: IMAGE`
        return (container_t){.image = read_text (arena, node)};
    return (container_t){.image = read_key (arena, node, "image"),
                         .env = read_pairs (arena, node_get (node, "env")),
                         .credentials = read_pairs (arena, node_get (node, "credentials")),
                         .ports = read_texts (arena, node_get (node, "ports")),
                         .volumes = read_texts (arena, node_get (node, "volumes")),
                         .options = read_key (arena, node, "options"),
                         .entrypoint = read_key (arena, node, "entrypoint"),
                         .command = read_key (arena, node, "command")};
}

static void read_services (arena_t *arena, const node_t *node, job_t *out)
{
    if (node && node->template)
        out->services_whole = read_text (arena, node);
    if (!node || node->kind != NODE_MAP)
        return;
    service_container_t *services = arena_array (arena, node->count, sizeof (service_container_t));
    for (size_t i = 0; i < node->count; i++)
        services[i] =
            (service_container_t){read_text (arena, node->keys[i]), read_container (arena, node->items[i])};
    out->services = services;
    out->service_count = node->count;
}

static environment_t read_environment (arena_t *arena, const node_t *node)
{
    if (!node || node->kind != NODE_MAP) // `environment: NAME`
        return (environment_t){.name = read_text (arena, node)};
    return (environment_t){.name = read_key (arena, node, "name"),
                           .url = read_key (arena, node, "url"),
                           .deployment = read_key (arena, node, "deployment")};
}

static strategy_t read_strategy (arena_t *arena, const node_t *node)
{
    strategy_t self = {.matrix = node_get (node, "matrix"),
                       .fail_fast = read_key (arena, node, "fail-fast"),
                       .max_parallel = read_key (arena, node, "max-parallel")};
    if (node && node->template)
        self.whole = read_text (arena, node);
    return self;
}

static void read_runs_on (arena_t *arena, const node_t *node, job_t *out)
{
    bool map = node && node->kind == NODE_MAP; // {group, labels}; else labels alone, one or a list
    out->labels = read_texts (arena, map ? node_get (node, "labels") : node);
    if (map)
        out->group = read_key (arena, node, "group");
}

static void read_call (arena_t *arena, const node_t *node, job_t *out)
{
    out->uses = read_key (arena, node, "uses");
    out->with = read_pairs (arena, node_get (node, "with"));
    const node_t *secrets = node_get (node, "secrets");
    // The schema allows one scalar, `inherit`
    out->inherit_secrets = secrets && node_is_scalar (secrets);
    if (!out->inherit_secrets)
        out->secrets = read_pairs (arena, secrets);
}

static void inherit (const workflow_t *workflow, job_t *out)
{
    out->workflow_env = workflow->env;
    if (!out->has_permissions) { // The job's own replace them all: a scope that it does not name is none
        out->permissions = workflow->permissions;
        out->has_permissions = workflow->has_permissions;
    }
}

void read_job (arena_t *arena, const node_t *node, const workflow_t *workflow, findings_t *findings,
               job_t *out)
{
    out->node = node;
    out->name = read_key (arena, node, "name");
    out->needs = read_texts (arena, node_get (node, "needs"));
    out->condition = read_key (arena, node, "if");
    read_runs_on (arena, node_get (node, "runs-on"), out);
    out->strategy = read_strategy (arena, node_get (node, "strategy"));
    out->env = read_pairs (arena, node_get (node, "env"));
    out->defaults = read_defaults (arena, node_get (node, "defaults"), workflow ? &workflow->defaults : NULL);
    out->outputs = read_pairs (arena, node_get (node, "outputs"));
    out->steps = read_steps (arena, node_get (node, "steps"), findings, &out->step_count);
    out->container = read_container (arena, node_get (node, "container"));
    read_services (arena, node_get (node, "services"), out);
    out->environment = read_environment (arena, node_get (node, "environment"));
    out->concurrency = read_concurrency (arena, node_get (node, "concurrency"));
    out->permissions = read_pairs (arena, node_get (node, "permissions"));
    out->has_permissions = node_get (node, "permissions") != NULL;
    out->timeout_minutes = read_key (arena, node, "timeout-minutes");
    out->cancel_timeout_minutes = read_key (arena, node, "cancel-timeout-minutes");
    out->continue_on_error = read_key (arena, node, "continue-on-error");
    read_call (arena, node, out);
    // Last: what the job says itself is kept. Without a workflow it is a definition, which has all of it
    if (workflow)
        inherit (workflow, out);
}

fault_t job_load (arena_t *arena, const char *bytes, size_t size, findings_t *findings, const job_t **out)
{
    node_t *root = NULL;
    if (yaml_parse (arena, bytes, size, findings, &root) != OK)
        return INVALID;
    // Like a file: it comes over the network, perhaps from a server of another version
    schema_check (arena, root, &schema_definition, findings);
    job_t *self = arena_alloc (arena, sizeof (*self));
    if (findings->errors == 0) {
        read_job (arena, root, NULL, findings, self);
        self->key = read_key (arena, root, "key");
        self->workflow_env = read_pairs (arena, node_get (root, "workflow-env"));
    }
    *out = self;
    return findings->errors == 0 ? OK : INVALID;
}
