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

fault_t blob_keys_take (blob_keys_t *self, db_t *db, turn_t *turn, arena_t *arena, const char **key)
{
    while (self->count > 0 && self->items[self->count - 1].until_us <= turn->now_us)
        self->count--;
    if (self->count == 0)
        return reserve (self, db, turn);
    *key = arena_strdup (arena, self->items[--self->count].key);
    return OK;
}
