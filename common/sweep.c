/* sweep.c - see sweep.h. */

#include "common/sweep.h"

#include "common/clock.h"
#include "common/db_unit.h"
#include "common/log.h"

#define EVERY_US  SECONDS (600)     // Where nothing is known to be over
#define PAUSE_US  MILLISECONDS (50) // Between two steps
#define FAILED_US SECONDS (10)      // After a step that did not work

static fault_t remove_over (const sweep_t *self, db_t *db, turn_t *turn, int64_t before_us, size_t *count)
{
    const rows_t *over;
    fault_t fault = self->over (db, turn, before_us, &over);
    if (fault || rows_count (over) == 0)
        return fault;
    *count += rows_count (over);
    fault = db_unit_write (db, turn);
    for (size_t i = 0; !fault && i < rows_count (over); i++)
        fault = self->remove (db, turn, rows_str (over, i, 0), rows_i64 (over, i, 1));
    return fault;
}

static fault_t remove_garbage (const sweep_t *self, db_t *db, blob_t *blob, turn_t *turn, size_t *count)
{
    const rows_t *blobs;
    fault_t fault = self->garbage (db, turn, &blobs);
    if (fault || rows_count (blobs) == 0)
        return fault;
    *count += rows_count (blobs);
    for (size_t i = 0; !fault && i < rows_count (blobs); i++) {
        fault = blob_delete (blob, turn, rows_str (blobs, i, 0));
        if (!fault)
            fault = db_unit_write (db, turn);
        if (!fault)
            fault = self->gone (db, turn, rows_str (blobs, i, 0));
    }
    return fault;
}

int64_t sweep (const sweep_t *self, db_t *db, blob_t *blob, turn_t *turn, int64_t before_us, int64_t *at_us)
{
    size_t count = 0;
    if (turn->now_us < *at_us)
        return *at_us;
    fault_t fault = remove_over (self, db, turn, before_us, &count);
    if (!fault)
        fault = remove_garbage (self, db, blob, turn, &count);
    if (fault)
        log_warn ("what is over could not be removed", "what", self->what, "fault", fault_name (fault),
                  "detail", turn->detail ? turn->detail : "", NULL);
    return *at_us = turn->now_us + (fault ? FAILED_US : count > 0 ? PAUSE_US : EVERY_US);
}
