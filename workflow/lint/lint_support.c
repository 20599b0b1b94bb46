/* lint_support.c - what a file asks for that this server does not run yet: the rows of support.h, at their place. */

#include "workflow/lint/lint_rules.h"
#include "workflow/model/support.h"

#include <string.h>

static void check (lint_t *self, feature_t feature, const node_t *node)
{
    const char *refusal = feature_refusal (feature);
    if (refusal && node)
        lint_add (self, RULE_SUPPORT, node, 0, "%s", refusal);
}

static const node_t *key_of (const node_t *map, const char *key)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (strcmp (map->keys[i]->text, key) == 0)
            return map->keys[i];
    return NULL;
}

void lint_support (lint_t *self, const job_t *job)
{
    static const struct {
        const char *key;
        feature_t feature;
    } keys[] = {{"snapshot", FEATURE_SNAPSHOT}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        check (self, keys[i].feature, key_of (job->node, keys[i].key));
    runner_t runner = lint_runner (job);
    if (runner == RUNNER_WINDOWS || runner == RUNNER_MACOS)
        check (self, FEATURE_OTHER_SYSTEM, job->labels.items[0].node);
}
