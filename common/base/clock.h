/* clock.h - what time it is. Services ask a clock_t, never the system, so that a test can turn it by hand. */

#ifndef OPENCICD_CLOCK_H
#define OPENCICD_CLOCK_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

#define MILLISECONDS(n) ((int64_t) (n) *1000)
#define SECONDS(n)      ((int64_t) (n) *1000000)
#define NEVER           INT64_MAX

typedef struct wall_clock wall_clock_t;

wall_clock_t *clock_system (void);            // UTC microseconds since 1970; never destroyed
wall_clock_t *clock_by_hand (int64_t now_us); // Stands still until it is turned, by any thread
void clock_destroy (wall_clock_t **self_p);
int64_t clock_now_us (wall_clock_t *self);
// Never steps, whatever happens to the time of day: for waits and deadlines. Comparable on one machine until it reboots.
int64_t clock_steady_us (wall_clock_t *self);
void clock_turn (wall_clock_t *self, int64_t by_us); // A manual clock only: time passes
void clock_step (wall_clock_t *self, int64_t by_us); // A manual clock only: the time of day is set
bool clock_is_by_hand (const wall_clock_t *self);
int64_t clock_monotonic_us (void); // For measuring a duration
int64_t clock_boottime_us (void);  // Likewise; goes on while the machine sleeps
int64_t clock_thread_us (void);    // Processor time of the calling thread

#define CLOCK_TEXT 96                                      // Room for clock_print, whatever the time
void clock_print (char text[CLOCK_TEXT], int64_t time_us); // RFC 3339 UTC with microseconds
// The same in an arena, "2026-11-23T18:08:00.000000Z"; "" for 0.
const char *clock_format (arena_t *arena, int64_t time_us);
MUST_USE fault_t clock_parse (const char *text, int64_t *out); // BAD_INPUT where it is not RFC 3339

#endif
