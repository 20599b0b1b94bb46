/* supply.c - see supply.h. */

#include "services/scheduler/dispatch/supply.h"

#include "common/base/line.h"
#include "proto/strs.h"

#include <string.h>

static const char *missing_label (arena_t *arena, const supply_t *supply, const char *labels)
{
    strs_t asked = strs_split (arena, labels);
    for (size_t i = 0; i < asked.count; i++) {
        bool offered = false;
        for (size_t j = 0; j < supply->count; j++)
            offered |= line_is_in (supply->items[j].labels, asked.items[i], strlen (asked.items[i]));
        if (!offered)
            return asked.items[i];
    }
    return NULL;
}

static const char *joined (arena_t *arena, const char *labels, const char *between)
{
    const char *text = "";
    strs_t asked = strs_split (arena, labels);
    for (size_t i = 0; i < asked.count; i++)
        text = arena_printf (arena, "%s%s%s", text, *text ? between : "", asked.items[i]);
    return text;
}

// The label that the closest agent lacks.
static const char *closest_lacks (arena_t *arena, const char *missing, const char *labels)
{
    if (missing)
        return arena_printf (arena, "no agent has the label %s", missing);
    return arena_printf (arena, "no agent has all of the labels %s", joined (arena, labels, ", "));
}

static supply_set_t sum_of (const supply_t *supply, const char *labels)
{
    supply_set_t sum = {.labels = labels};
    for (size_t i = 0; i < supply->count; i++) {
        const supply_set_t *set = &supply->items[i];
        if (!labels_include (set->labels, labels))
            continue;
        sum.all += set->all;
        sum.online += set->online;
        sum.draining += set->draining;
        sum.idle += set->idle;
        sum.resting += set->resting;
        sum.ready += set->ready;
    }
    return sum;
}

static supply_state_t state_of (const supply_set_t *fit)
{
    if (fit->all == 0)
        return SUPPLY_NONE;
    if (fit->online == 0)
        return SUPPLY_OFFLINE;
    if (fit->ready > 0)
        return SUPPLY_READY;
    if (fit->draining == fit->online)
        return SUPPLY_ENDING;
    if (fit->idle == 0)
        return SUPPLY_BUSY;
    return fit->resting == fit->idle ? SUPPLY_RESTING : SUPPLY_SILENT;
}

standing_t supply_standing (arena_t *arena, const supply_t *supply, const char *labels)
{
    supply_set_t fit = sum_of (supply, labels);
    standing_t standing = {.state = state_of (&fit), .all = fit.all, .any = supply->count > 0};
    if (standing.state == SUPPLY_NONE)
        standing.missing = missing_label (arena, supply, labels);
    return standing;
}

const char *supply_reason (arena_t *arena, const standing_t *standing, const char *labels)
{
    switch (standing->state) {
    case SUPPLY_NONE:
        return standing->any ? closest_lacks (arena, standing->missing, labels) : "no agent is registered";
    case SUPPLY_OFFLINE:
        return standing->all == 1
                   ? "the only agent for it is offline"
                   : arena_printf (arena, "all %lld agents for it are offline", (long long) standing->all);
    case SUPPLY_ENDING: return "all agents for it are drained or about to end";
    case SUPPLY_BUSY: return "all agents for it are busy";
    case SUPPLY_RESTING: return "the free agents for it did not take a job, and are not asked for a while";
    case SUPPLY_SILENT: return "the free agents for it are not asking for a job";
    default: return "an agent for it is free";
    }
}

const char *supply_help (arena_t *arena, const standing_t *standing, const char *labels)
{
    const char *command =
        *labels ? arena_printf (arena, "opencicd-agent --labels %s", joined (arena, labels, ","))
                : "opencicd-agent";
    switch (standing->state) {
    case SUPPLY_NONE:
        return standing->any && standing->missing
                   ? arena_printf (arena, "give an agent the label %s, or start one: %s", standing->missing,
                                   command)
                   : arena_printf (arena, "start an agent: %s", command);
    case SUPPLY_OFFLINE:
        return standing->all == 1 ? "start that agent again" : "start one of these agents again";
    case SUPPLY_ENDING:
        return arena_printf (arena, "resume one that was drained, or start another: %s", command);
    case SUPPLY_BUSY: return arena_printf (arena, "wait for one of them, or start another: %s", command);
    case SUPPLY_RESTING: return "see in the logs of these agents why they take no job";
    case SUPPLY_SILENT: return "see whether these agents still run and can reach the server";
    default: return "";
    }
}
