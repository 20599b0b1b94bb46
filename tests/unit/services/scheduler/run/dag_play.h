/* dag_play.h - plays a run that was thrown by dice against the graph: random files that call each other, matrices, groups, and what can
 * happen to them, in any order. After every settling it holds the graph against what must always be so. Also what fuzz_dag.c plays. */

#ifndef OPENCICD_TEST_DAG_PLAY_H
#define OPENCICD_TEST_DAG_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data; // Dice that were thrown before; past them, or without them, by `state`
    size_t size, at;
    uint64_t state; // 0: past the data every die shows 0
} dice_t;

typedef struct {
    const char *wrong; // What was found, with where; NULL for nothing. A static text
    uint64_t digest;   // Of all results, in whatever order they came
    uint32_t result;   // Of the run
    size_t ends;       // Jobs that ended
} played_t;

// `plan` throws the files, `order` what happens and when. Calm: nothing is stopped, and no failure stops others, so that the order cannot
// matter.
played_t dag_play (dice_t *plan, dice_t *order, bool calm);

#endif
