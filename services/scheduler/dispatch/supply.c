/* supply.c - see supply.h. */

#include "services/scheduler/dispatch/supply.h"

#include "common/base/line.h"
#include "proto/strs.h"

#include <string.h>

// The label that the closest agent lacks.
static const char *closest_lacks (arena_t *arena, const supply_t *supply, const char *labels)
{
    strs_t asked = strs_split (arena, labels);
    for (size_t i = 0; i < asked.count; i++) {
        bool offered = false;
        for (size_t j = 0; j < supply->count; j++)
            offered |= line_is_in (supply->items[j].labels, asked.items[i], strlen (asked.items[i]));
        if (!offered)
            return arena_printf (arena, "no agent has the label %s", asked.items[i]);
    }
    const char *text = "";
    for (size_t i = 0; i < asked.count; i++)
        text = arena_printf (arena, "%s%s%s", text, *text ? ", " : "", asked.items[i]);
    return arena_printf (arena, "no agent has all of the labels %s", text);
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

bool supply_is_ready (const supply_t *supply, const char *labels)
{
    return supply->count == SUPPLY_SETS || sum_of (supply, labels).ready > 0;
}

const char *supply_reason (arena_t *arena, const supply_t *supply, const char *labels, bool *busy)
{
    supply_set_t fit = sum_of (supply, labels);
    *busy = false;
    if (supply->count == 0)
        return "no agent is registered";
    if (fit.all == 0)
        return closest_lacks (arena, supply, labels);
    if (fit.online == 0)
        return fit.all == 1 ? "the only agent for it is offline"
                            : arena_printf (arena, "all %lld agents for it are offline", (long long) fit.all);
    if (fit.ready > 0)
        return "an agent for it is free";
    if (fit.draining == fit.online)
        return "all agents for it are about to end";
    *busy = fit.idle == 0;
    if (*busy)
        return "all agents for it are busy";
    return fit.resting == fit.idle
               ? "the free agents for it did not take a job, and are not asked for a while"
               : "the free agents for it are not asking for a job";
}
