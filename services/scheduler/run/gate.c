/* gate.c - see gate.h. */

#include "services/scheduler/run/gate.h"

#include "common/base/clock.h"
#include "workflow/schema/pattern.h"

#include <string.h>

#define BRANCH "refs/heads/"
#define TAG    "refs/tags/"

static bool is_allowed (const strs_t *patterns, const char *ref, const char *prefix)
{
    size_t size = strlen (prefix);
    return strncmp (ref, prefix, size) == 0 &&
           patterns_match (patterns->items, patterns->count, ref + size, NULL);
}

static const char *listed (turn_t *turn, const char *before, const strs_t *texts, const char *last)
{
    const char *text = before;
    for (size_t i = 0; i < texts->count; i++)
        text = arena_printf (turn->arena, "%s%s%s", text,
                             i == 0                           ? ""
                             : i + 1 == texts->count && *last ? last
                                                              : ", ",
                             texts->items[i]);
    return text;
}

const char *gate_refusal (turn_t *turn, const environment_t *rules, const char *ref)
{
    if (rules->branches.count + rules->tags.count == 0 || is_allowed (&rules->branches, ref, BRANCH) ||
        is_allowed (&rules->tags, ref, TAG))
        return NULL;
    const char *branches = rules->branches.count ? listed (turn, "branches ", &rules->branches, "") : "";
    const char *tags = rules->tags.count ? listed (turn, "tags ", &rules->tags, "") : "";
    return arena_printf (turn->arena, "the environment %s does not allow %s: only %s%s%s", rules->name,
                         *ref ? ref : "a job without a branch", branches, *branches && *tags ? ", " : "",
                         tags);
}

void gate_begin (deployment_row_t *row, const environment_t *rules)
{
    row->shown.state = deployment_waiting;
    row->shown.approvers = rules->approvers;
    row->shown.wait_until =
        rules->wait_minutes ? row->shown.created_at + SECONDS (60) * rules->wait_minutes : 0;
    row->no_self_review = rules->no_self_review;
}

bool gate_needs_approval (const deployment_row_t *row)
{
    return row->shown.approvers.count > 0 && !*row->shown.decided_by;
}

bool gate_opens (deployment_row_t *row, int64_t now_us)
{
    bool early = row->shown.wait_until > now_us;
    row->due_at = early && !gate_needs_approval (row) ? row->shown.wait_until : 0;
    if (early || gate_needs_approval (row))
        return false;
    row->shown.state = deployment_open;
    return true;
}

bool gate_may_decide (const deployment_row_t *row, const caller_t *caller)
{
    bool person = role_rank (caller->role) > 0 && caller_may (caller, row->project_id, false, ROLE_VIEWER);
    const char *subject = caller->subject ? caller->subject : "";
    if (!person || !*subject || row->shown.state != deployment_waiting || !gate_needs_approval (row))
        return false;
    if (row->no_self_review && strcmp (subject, row->shown.actor) == 0)
        return false;
    for (size_t i = 0; i < row->shown.approvers.count; i++)
        if (strcmp (row->shown.approvers.items[i], subject) == 0)
            return true;
    return caller_may (caller, row->project_id, false, ROLE_MAINTAINER);
}

const char *gate_reason (turn_t *turn, const deployment_row_t *row)
{
    const deployment_t *shown = &row->shown;
    if (shown->state == deployment_asked)
        return arena_printf (turn->arena, "the rules of the environment %s are being read",
                             shown->environment);
    if (gate_needs_approval (row))
        return listed (
            turn, arena_printf (turn->arena, "deploying to %s needs an approval by ", shown->environment),
            &shown->approvers, " or ");
    return arena_printf (turn->arena, "the environment %s has its jobs wait, this one until %s",
                         shown->environment, clock_format (turn->arena, shown->wait_until));
}
