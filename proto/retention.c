/* retention.c - see retention.h. */

#include "proto/retention.h"

#include "common/base/clock.h"

void retention_fill (turn_t *turn, retention_t *out, const retention_item_t *rows, size_t count)
{
    out->items.items = arena_copy (turn->arena, rows, count * sizeof *rows);
    out->items.count = count;
}

int64_t retention_days (int64_t us)
{
    return us / SECONDS (86400);
}
