/* blob_keys.c - see blob_keys.h. */

#include "services/artifacts/blob_keys.h"

#include "common/actor/actor.h"
#include "common/base/id.h"
#include "common/db/db_unit.h"

#include <stdio.h>

typedef struct {
    blob_keys_t *keys;
    const char *items[KEYS_RESERVED];
    int64_t until_us;
} reserved_t;

// Only after the commit: a blob under an unlisted key would never be found again.
static void add (void *service, void *data)
{
    const reserved_t *reserved = data;
    blob_keys_t *self = reserved->keys;
    (void) service;
    for (size_t i = 0; i < KEYS_RESERVED && self->count < KEYS_KEPT; i++) {
        snprintf (self->items[self->count].key, sizeof (self->items[0].key), "%s", reserved->items[i]);
        self->items[self->count++].until_us = reserved->until_us;
    }
}

static fault_t reserve (blob_keys_t *self, db_t *db, turn_t *turn)
{
    reserved_t *reserved = arena_alloc (turn->arena, sizeof (*reserved));
    *reserved = (reserved_t){.keys = self, .until_us = turn->now_us + KEY_LIFE - KEY_MARGIN};
    for (size_t i = 0; i < KEYS_RESERVED; i++)
        reserved->items[i] =
            arena_printf (turn->arena, "uploads/%s", id_new (turn->arena, 'b', turn->now_us));
    TRY (db_unit_write (db, turn));
    TRY (upload_store_reserve (db, turn, reserved->items, KEYS_RESERVED));
    actor_after (turn, add, reserved);
    return LATER;
}

// Those of which the time is over are left to the sweeper.
static void forget_ended (blob_keys_t *self, const turn_t *turn)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].until_us > turn->now_us)
            self->items[kept++] = self->items[i];
    self->count = kept;
}

fault_t blob_keys_take_some (blob_keys_t *self, db_t *db, turn_t *turn, arena_t *arena, size_t count,
                             blob_keys_taken_t *out)
{
    forget_ended (self, turn);
    if (self->count < count)
        return reserve (self, db, turn);
    *out = (blob_keys_taken_t){arena_array (arena, count, sizeof (char *)), count, INT64_MAX};
    for (size_t i = 0; i < count; i++) {
        self->count--;
        out->items[i] = arena_strdup (arena, self->items[self->count].key);
        if (self->items[self->count].until_us < out->until_us)
            out->until_us = self->items[self->count].until_us;
    }
    return OK;
}

void blob_keys_give_back (blob_keys_t *self, const blob_keys_taken_t *taken, size_t used)
{
    for (size_t i = used; i < taken->count && self->count < KEYS_KEPT; i++) {
        snprintf (self->items[self->count].key, sizeof (self->items[0].key), "%s", taken->items[i]);
        self->items[self->count++].until_us = taken->until_us;
    }
}

fault_t blob_keys_take (blob_keys_t *self, db_t *db, turn_t *turn, arena_t *arena, const char **key)
{
    blob_keys_taken_t taken;
    TRY (blob_keys_take_some (self, db, turn, arena, 1, &taken));
    *key = taken.items[0];
    return OK;
}
