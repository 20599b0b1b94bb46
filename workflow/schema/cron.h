/* cron.h - `schedule.cron` as GitHub accepts it: five POSIX fields, UTC or a timezone.
 *
 * minute hour day-of-month month day-of-week, each `*`, a number, a name (JAN, MON), a range, a step, or a list of
 * these. Where both day fields are restricted a day that meets either is taken. @daily and its like, seconds, L, W, #
 * and ? are refused. Pure: now comes in, and what a zone's offset is comes from the caller. */

#ifndef OPENCICD_WORKFLOW_CRON_H
#define OPENCICD_WORKFLOW_CRON_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

typedef struct {
    uint64_t minutes;
    uint32_t hours, days, months, weekdays; // Bit n: n is in; months from 1, weekdays from 0 (Sunday)
    bool any_day, any_weekday;
} cron_t;

// Seconds to add to UTC at that UTC time, in the schedule's zone.
typedef int32_t cron_offset_fn (void *self, int64_t utc_seconds);

// INVALID with *error (in the arena) naming the field and what would be right.
MUST_USE fault_t cron_parse (arena_t *arena, const char *text, cron_t *out, const char **error);

// The first time after `after_us` (microseconds UTC) that matches; -1 where none comes within eight years (31 2 *).
// `offset` NULL: UTC. A local time that a change of clocks skips fires when the gap ends; one that it repeats fires
// once, the first time.
int64_t cron_next (const cron_t *self, int64_t after_us, cron_offset_fn *offset, void *offset_self);

#endif
