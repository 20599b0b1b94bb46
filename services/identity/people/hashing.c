/* hashing.c - see hashing.h. */

#include "services/identity/people/hashing.h"

#include "common/actor/background.h"
#include "common/base/metrics.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Of 32 random bytes that nobody kept, with the parameters above: comparing with it is never right.
#define OF_NOBODY \
    "$argon2id$v=19$m=65536,t=3,p=1$x5940DGjHli3I7B1moj+HQ$oArSDUsMd4yNF5UGpsn5GvErl81eXF7NqxqkHuWyP/s"

struct hashing {
    background_t *threads;
    unsigned char
        seed[crypto_generichash_KEYBYTES]; // Of the keys of tasks, which say nothing of the passwords
    const char *nobody;                    // Of the same cost as all others
    char made_nobody[crypto_pwhash_STRBYTES];
    uint64_t passes;
    size_t memory;
    metric_t *waiting;
    atomic_int count; // That have begun and are not done
};

// In the arena of its task.
typedef struct {
    hashing_t *hashing;
    char *stored, *password, *renewed;
    bool right;
    char made[crypto_pwhash_STRBYTES];
} hash_work_t;

hashing_t *hashing_new (void)
{
    hashing_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->threads = background_new (HASHES_AT_ONCE);
    randombytes_buf (self->seed, sizeof (self->seed));
    self->nobody = OF_NOBODY;
    self->passes = HASHING_PASSES;
    self->memory = HASHING_MEMORY;
    self->waiting = metrics_gauge ("opencicd_password_hashes_waiting", NULL, NULL,
                                   "Passwords that are hashed, or wait for it");
    return self;
}

void hashing_set_cost (hashing_t *self, uint64_t passes, size_t memory)
{
    unsigned char random[16];
    randombytes_buf (random, sizeof (random));
    if (crypto_pwhash_str_alg (self->made_nobody, (const char *) random, sizeof (random), passes, memory,
                               crypto_pwhash_ALG_ARGON2ID13) != 0)
        abort ();
    self->nobody = self->made_nobody;
    self->passes = passes;
    self->memory = memory;
}

void hashing_stop (hashing_t *self)
{
    background_stop (self->threads);
}

void hashing_destroy (hashing_t **self_p)
{
    if (*self_p) {
        background_destroy (&(*self_p)->threads);
        metric_add ((*self_p)->waiting, -(int64_t) atomic_load (&(*self_p)->count));
    }
    free (*self_p);
    *self_p = NULL;
}

static void wipe (char *text)
{
    if (text)
        sodium_memzero (text, strlen (text));
}

static void make (hash_work_t *self, const char *password)
{
    // It fails only without memory: then no hash is made, and whoever asked is refused
    if (crypto_pwhash_str_alg (self->made, password, strlen (password), self->hashing->passes,
                               self->hashing->memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        self->made[0] = '\0';
}

static void work (void *data)
{
    hash_work_t *self = data;
    const char *stored = self->stored && !*self->stored ? self->hashing->nobody : self->stored;
    self->right = !stored || crypto_pwhash_str_verify (stored, self->password, strlen (self->password)) == 0;
    if (self->right && self->renewed)
        make (self, self->renewed);
    else if (self->right && stored &&
             crypto_pwhash_str_needs_rehash (stored, self->hashing->passes, self->hashing->memory) != 0)
        make (self, self->password);
    wipe (self->password);
    wipe (self->renewed);
    atomic_fetch_sub (&self->hashing->count, 1);
    metric_add (self->hashing->waiting, -1);
}

// All that the answer depends on: who asks the same gets the same.
static const char *key_of (const hashing_t *self, turn_t *turn, const hashing_ask_t *ask)
{
    unsigned char sum[crypto_generichash_BYTES];
    crypto_generichash_state state;
    const char *const parts[] = {turn->request_id, ask->stored, ask->password, ask->renewed};
    char *hex = arena_alloc (turn->arena, 2 * sizeof (sum) + 1);
    crypto_generichash_init (&state, self->seed, sizeof (self->seed), sizeof (sum));
    for (size_t i = 0; i < sizeof (parts) / sizeof (*parts); i++) // With their ends: none runs into the next
        crypto_generichash_update (&state, (const unsigned char *) (parts[i] ? parts[i] : "\n"),
                                   strlen (parts[i] ? parts[i] : "\n") + 1);
    crypto_generichash_final (&state, sum, sizeof (sum));
    return sodium_bin2hex (hex, 2 * sizeof (sum) + 1, sum, sizeof (sum));
}

fault_t hashing_find (hashing_t *self, turn_t *turn, const hashing_ask_t *ask, hashing_answer_t *out)
{
    hash_work_t *found;
    const char *key = key_of (self, turn, ask);
    TRY (background_find (self->threads, turn, key, (void **) &found));
    background_release (self->threads, turn, key); // Of a wrong password too: else a few would fill the table
    bool must_be_made = found->right && ask->renewed;
    if (must_be_made && !*found->made)
        return turn_fail (turn, OVERLOADED, "there is no memory for a password's hash; try again later");
    *out = (hashing_answer_t){.right = found->right,
                              .made = *found->made ? arena_strdup (turn->arena, found->made) : NULL};
    return OK;
}

fault_t hashing_begin (hashing_t *self, turn_t *turn, const hashing_ask_t *ask, int most)
{
    if (atomic_load (&self->count) >= most)
        return turn_fail (turn, OVERLOADED, "many passwords are being checked; try again in a moment");
    arena_t *arena = arena_new ();
    hash_work_t *task = arena_alloc (arena, sizeof (*task));
    *task = (hash_work_t){.hashing = self,
                          .stored = arena_strdup (arena, ask->stored),
                          .password = arena_strdup (arena, ask->password),
                          .renewed = arena_strdup (arena, ask->renewed)};
    atomic_fetch_add (&self->count, 1);
    metric_add (self->waiting, 1);
    fault_t fault = background_begin (self->threads, turn, key_of (self, turn, ask), work, &arena, task);
    if (fault == LATER)
        return fault;
    atomic_fetch_sub (&self->count, 1);
    metric_add (self->waiting, -1);
    return fault;
}
