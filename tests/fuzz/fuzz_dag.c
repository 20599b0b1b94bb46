/* fuzz_dag.c - a run thrown by the bytes: the first half makes its files, the second what happens to it.
 *
 * Holds: it ends, and every rule that dag_play.h knows of is kept after every settling. */

#include "tests/fuzz/fuzz.h"
#include "tests/unit/services/scheduler/run/dag_play.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    dice_t plan = {.data = data, .size = size / 2},
           order = {.data = data + size / 2, .size = size - size / 2};
    FUZZ_CHECK (!dag_play (&plan, &order, size % 2 == 1).wrong);
    return 0;
}
