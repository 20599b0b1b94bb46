/* tokens.c - see tokens.h. A table with one slot for each of the hash's first two digits: no list, no sorting, no growth. */

#include "gateway/tokens.h"

#include "common/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SIZE    65 // 64 hex digits and the NUL
#define SUBJECT_SIZE 65

typedef struct {
    char hash[HASH_SIZE];
    char subject[SUBJECT_SIZE];
    char *grants; // At most GRANTS_TEXT bytes; NULL for none
    char credential[SUBJECT_SIZE];
    role_t role;
    int64_t until_us;
} slot_t;

struct tokens {
    pthread_mutex_t lock; // Of the slots; held for a copy only, never while identity is asked
    int64_t forgotten_us; // When all were forgotten last
    slot_t slots[TOKENS_KEPT];
};

tokens_t *tokens_new (void)
{
    tokens_t *self = calloc (1, sizeof (tokens_t));
    if (!self)
        abort ();
    pthread_mutex_init (&self->lock, NULL);
    self->forgotten_us = -1;
    return self;
}

void tokens_destroy (tokens_t **self_p)
{
    if (!*self_p)
        return;
    pthread_mutex_destroy (&(*self_p)->lock);
    for (size_t i = 0; i < TOKENS_KEPT; i++)
        free ((*self_p)->slots[i].grants);
    free (*self_p);
    *self_p = NULL;
}

static slot_t *slot_of (tokens_t *self, const char *hash)
{
    char two[3] = {hash[0], hash[0] ? hash[1] : '\0', '\0'};
    return &self->slots[strtoul (two, NULL, 16) % TOKENS_KEPT];
}

bool tokens_find (tokens_t *self, arena_t *arena, const char *hash, int64_t now_us, caller_t *out,
                  const char **credential)
{
    pthread_mutex_lock (&self->lock);
    const slot_t *slot = slot_of (self, hash);
    bool found = now_us < slot->until_us && strcmp (slot->hash, hash) == 0;
    if (found) {
        *out = (caller_t){.role = slot->role,
                          .subject = arena_strdup (arena, slot->subject),
                          .grants = arena_strdup (arena, slot->grants)};
        *credential = arena_strdup (arena, slot->credential);
    }
    pthread_mutex_unlock (&self->lock);
    return found;
}

void tokens_keep (tokens_t *self, const char *hash, int64_t now_us, const caller_t *caller,
                  const char *credential)
{
    const char *granted = caller->grants;
    if (strlen (hash) >= HASH_SIZE || strlen (caller->subject) >= SUBJECT_SIZE ||
        strlen (credential) >= SUBJECT_SIZE || (granted && strlen (granted) > GRANTS_TEXT))
        return;
    char *grants = granted ? strdup (granted) : NULL;
    if (granted && !grants)
        abort ();
    pthread_mutex_lock (&self->lock);
    if (now_us <= self->forgotten_us) {
        pthread_mutex_unlock (&self->lock);
        free (grants);
        return;
    }
    slot_t *slot = slot_of (self, hash);
    memcpy (slot->hash, hash, strlen (hash) + 1);
    memcpy (slot->subject, caller->subject, strlen (caller->subject) + 1);
    free (slot->grants);
    slot->grants = grants;
    memcpy (slot->credential, credential, strlen (credential) + 1);
    slot->role = caller->role;
    slot->until_us = now_us + SECONDS (TOKENS_SECONDS);
    pthread_mutex_unlock (&self->lock);
}

void tokens_forget (tokens_t *self, int64_t now_us)
{
    pthread_mutex_lock (&self->lock);
    self->forgotten_us = now_us;
    for (size_t i = 0; i < TOKENS_KEPT; i++)
        self->slots[i].until_us = 0;
    pthread_mutex_unlock (&self->lock);
}
