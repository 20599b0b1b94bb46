/* db_cache.c - a connection's prepared statements: open addressing, never more than three quarters full. */

#include "common/db/db_engine.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 512 // A power of two, more than DB_MAX_STATEMENTS

typedef struct {
    char *sql; // NULL where the slot is free
    uint64_t kinds;
    void *statement; // NULL if it was dropped: the slot must stay used for those probed after it
} slot_t;

struct db_cache {
    void (*drop) (void *owner, void *statement);
    void *owner;
    size_t count;
    slot_t slots[SLOTS];
};

db_cache_t *db_cache_new (void (*drop) (void *owner, void *statement), void *owner)
{
    db_cache_t *self = calloc (1, sizeof (db_cache_t));
    if (!self)
        abort ();
    self->drop = drop;
    self->owner = owner;
    return self;
}

void db_cache_clear (db_cache_t *self)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (!self->slots[i].sql)
            continue;
        if (self->slots[i].statement)
            self->drop (self->owner, self->slots[i].statement);
        free (self->slots[i].sql);
    }
    memset (self->slots, 0, sizeof (self->slots));
    self->count = 0;
}

void db_cache_destroy (db_cache_t **self_p)
{
    if (!*self_p)
        return;
    db_cache_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

// As FNV-1a, but eight bytes at once: texts are long, and each statement that runs is looked up.
static uint64_t hash_of (const char *sql, uint64_t kinds)
{
    uint64_t hash = 0xcbf29ce484222325 ^ kinds, word = 0;
    size_t size = strlen (sql);
    for (; size >= sizeof (word); size -= sizeof (word), sql += sizeof (word)) {
        memcpy (&word, sql, sizeof (word));
        hash = (hash ^ word) * 0x100000001b3;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy (&word, sql, size);
    hash = (hash ^ word) * 0x100000001b3;
    return hash ^ hash >> 32;
}

// The slot that holds it, or the free one for it.
static size_t slot_index (const db_cache_t *self, const char *sql, uint64_t kinds)
{
    size_t at = hash_of (sql, kinds) % SLOTS;
    while (self->slots[at].sql && (self->slots[at].kinds != kinds || strcmp (self->slots[at].sql, sql) != 0))
        at = (at + 1) % SLOTS;
    return at;
}

void *db_cache_find (const db_cache_t *self, const char *sql, uint64_t kinds)
{
    return self->slots[slot_index (self, sql, kinds)].statement;
}

void db_cache_add (db_cache_t *self, const char *sql, uint64_t kinds, void *statement)
{
    if (self->count == DB_MAX_STATEMENTS)
        db_cache_clear (self);
    slot_t *slot = &self->slots[slot_index (self, sql, kinds)];
    slot->statement = statement;
    if (slot->sql)
        return;
    slot->sql = strdup (sql);
    if (!slot->sql)
        abort ();
    slot->kinds = kinds;
    self->count++;
}

void db_cache_forget (db_cache_t *self, const void *statement)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (self->slots[i].statement == statement)
            self->slots[i].statement = NULL;
}

bool db_cache_is_full (const db_cache_t *self)
{
    return self->count == DB_MAX_STATEMENTS;
}
