/* plan_secrets.c - the secrets that a call passes.
 *
 * Nobody who plans knows a secret. Where an expression comes to nothing but one, the call passes which one is meant, {"from": "TOKEN"}; its
 * value is put there once the job runs: a stored one by identity (services/scheduler/api/grant.c), one that the agent's machine has by
 * agent/engine/job/contexts.c. An expression that makes something else of it sees it as empty.
 *
 * The run's own workflow may pass any; with `inherit` it passes all, {"*": {"from": "*"}}. A called workflow may pass on what it was given: of
 * another name, which only the agent can have, it passes {"from": "TOKEN", "of": "agent"}, for which no stored one is looked up. */

#include "workflow/plan/plan_scope.h"

#include <string.h>

static bool is_meant (const value_t *secret)
{
    return secret && secret->kind == VALUE_OBJECT;
}

// Of the run's own workflow, or one that inherited all of that.
static bool may_pass_any (const value_t *given)
{
    return !given || value_get (given, "*");
}

static const value_t *meant_by (plan_scope_t *self, const char *name, bool of_agent)
{
    value_t *meant = value_object (self->arena);
    value_set (self->arena, meant, "from", value_string (self->arena, name));
    if (of_agent)
        value_set (self->arena, meant, "of", value_string (self->arena, "agent"));
    return meant;
}

// What the caller has, and for whatever else the expression names, which one it means.
static const value_t *with_meant (plan_scope_t *self, const expression_t *expression)
{
    const value_t *given = self->context->secrets;
    value_t *all = given ? value_copy (self->arena, given) : value_object (self->arena);
    expression_ref_t *refs;
    size_t count;
    expression_refs (expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++) {
        if (refs[i].count != 2 || strcmp (refs[i].path[0], "secrets") != 0)
            continue;
        const char *name = refs[i].path[1];
        if (is_meant (value_get (all, name)) || *value_get_text (all, name))
            continue;
        value_set (self->arena, all, name, meant_by (self, name, !may_pass_any (given)));
    }
    return all;
}

static const value_t *without_meant (plan_scope_t *self)
{
    const value_t *given = self->context->secrets;
    value_t *known = value_object (self->arena);
    for (size_t i = 0; given && i < given->list.count; i++)
        if (!is_meant (given->list.items[i]))
            value_set (self->arena, known, given->list.keys[i], given->list.items[i]);
    return known;
}

static const value_t *evaluate (plan_scope_t *self, const text_t *text, const value_t *secrets)
{
    plan_context_t context = *self->context;
    plan_scope_t scope = *self;
    context.secrets = secrets;
    scope.context = &context;
    return plan_text (&scope, text);
}

static const value_t *value_of (plan_scope_t *self, const text_t *text)
{
    const value_t *value = NULL;
    if (text->expression) {
        size_t before = self->findings->count;
        value = evaluate (self, text, with_meant (self, text->expression));
        if (is_meant (value) && *value_get_text (value, "from"))
            return value;
        if (self->findings->count > before)
            return value_string (self->arena, "");
    }
    value = evaluate (self, text, without_meant (self));
    return value_string (self->arena, value ? value_to_text (self->arena, value) : "");
}

const value_t *plan_secrets (plan_scope_t *self, const job_t *job)
{
    if (!job->uses.text)
        return NULL;
    if (job->inherit_secrets && self->context->secrets)
        return self->context->secrets;
    value_t *secrets = value_object (self->arena);
    if (job->inherit_secrets)
        value_set (self->arena, secrets, "*", meant_by (self, "*", false));
    for (size_t i = 0; i < job->secrets.count; i++) {
        const pair_t *pair = &job->secrets.items[i];
        value_set (self->arena, secrets, pair->key.text, value_of (self, &pair->value));
    }
    return secrets;
}
