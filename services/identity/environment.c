/* environment.c - environments of projects: their rules. What they do to a job, the scheduler decides (services/scheduler). */

#include "common/db/db_unit.h"
#include "services/identity/environment_store.h"
#include "services/identity/inside.h"
#include "workflow/schema/pattern.h"

#include <string.h>

#define ENVIRONMENTS_SHOWN 50 // Of one page, unless more are asked for

static bool is_plain (const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char) *at < 0x20 || *at == 0x7f)
            return false;
    return *text && *text != ' ' && text[strlen (text) - 1] != ' ';
}

static fault_t check_patterns (turn_t *turn, const char *field, const strs_t *patterns)
{
    pattern_error_t error;
    for (size_t i = 0; i < patterns->count; i++) {
        const char *pattern = patterns->items[i];
        if (!is_plain (pattern) || strlen (pattern) > MAX_NAME)
            return turn_fail (turn, INVALID,
                              "%s[%zu]: a pattern has 1 to %d characters, no control characters", field, i,
                              MAX_NAME);
        if (pattern_check (turn->arena, pattern, &error) != OK)
            return turn_fail (turn, INVALID, "%s[%zu]: %s: %s", field, i, pattern, error.message);
    }
    return OK;
}

static fault_t check_rules (turn_t *turn, const environment_set_t *ask)
{
    if (!is_plain (ask->environment))
        return turn_fail (turn, INVALID,
                          "environment: a name has no control characters, and no blank at either end");
    for (size_t i = 0; i < ask->approvers.count; i++)
        if (!is_plain (ask->approvers.items[i]) || strlen (ask->approvers.items[i]) > MAX_ID)
            return turn_fail (turn, INVALID, "approvers[%zu]: a subject has 1 to %d characters", i, MAX_ID);
    if (ask->no_self_review && ask->approvers.count == 0)
        return turn_fail (turn, INVALID, "no_self_review: there are no approvers");
    TRY (check_patterns (turn, "branches", &ask->branches));
    return check_patterns (turn, "tags", &ask->tags);
}

HANDLER (environment_set)
{
    identity_t *self = context;
    const environment_set_t *ask = asked;
    environment_t *row = answered;
    environment_t there;
    const char *project;
    int64_t count;
    TRY (identity_in_project (turn, MAY_CHANGE, ask->project, ask->environment, &project));
    TRY (check_rules (turn, ask));
    const char *key = identity_key (turn->arena, ask->environment);
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (environment_store_count (self->db, turn, project, &count));
    TRY (environment_store_find (self->db, turn, project, key, &there));
    if (!there.name && count >= MAX_ENVIRONMENTS)
        return turn_fail (turn, CONFLICT, "the project %s has %d environments already; remove some",
                          ask->project, MAX_ENVIRONMENTS);
    *row = (environment_t){.name = ask->environment,
                           .wait_minutes = ask->wait_minutes,
                           .approvers = ask->approvers,
                           .no_self_review = ask->no_self_review,
                           .branches = ask->branches,
                           .tags = ask->tags,
                           .created_at = there.name ? there.created_at : turn->now_us,
                           .updated_at = turn->now_us,
                           .updated_by = turn->caller.subject ? turn->caller.subject : ""};
    TRY (environment_store_put (self->db, turn, project, key, row));
    identity_record (turn, "an environment was set", &(value_scope_t){project, key}, ask->environment);
    return OK;
}

HANDLER (environment_list)
{
    identity_t *self = context;
    const environment_list_t *ask = asked;
    environment_page_t *page = answered;
    value_scope_t scope;
    uint32_t limit = ask->limit ? ask->limit : ENVIRONMENTS_SHOWN;
    TRY (identity_scope (self, turn, MAY_SEE, ask->project, "", &scope));
    TRY (environment_store_page (self->db, turn, scope.project, ask->cursor ? ask->cursor : "", limit + 1,
                                 &page->items));
    if (page->items.count > limit) {
        page->items.count = limit;
        page->next = identity_key (turn->arena, page->items.items[limit - 1].name);
    }
    return OK;
}

// Services name the project by its id, and of an environment that is not there get one without rules.
static fault_t find (identity_t *self, turn_t *turn, const environment_show_t *ask, environment_t *out)
{
    value_scope_t scope = {.project = ask->project};
    bool service = turn->caller.role == ROLE_SERVICE;
    if (!service)
        TRY (identity_scope (self, turn, MAY_SEE, ask->project, "", &scope));
    TRY (environment_store_find (self->db, turn, scope.project, identity_key (turn->arena, ask->environment),
                                 out));
    if (!out->name && !service)
        return turn_fail (turn, NOT_FOUND, "the project %s has no environment %s", ask->project,
                          ask->environment);
    return OK;
}

HANDLER (environment_show)
{
    const environment_show_t *ask = asked;
    environment_t *row = answered;
    TRY (find (context, turn, ask, row));
    if (!row->name)
        *row = (environment_t){.name = ask->environment};
    return OK;
}

HANDLER (environment_remove)
{
    identity_t *self = context;
    const environment_remove_t *ask = asked;
    value_scope_t scope;
    (void) answered;
    TRY (identity_scope (self, turn, MAY_CHANGE, ask->project, ask->environment, &scope));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (value_store_remove_of (self->db, turn, &scope));
    TRY (environment_store_remove (self->db, turn, scope.project, scope.environment));
    identity_record (turn, "an environment was removed", &scope, ask->environment);
    return OK;
}
