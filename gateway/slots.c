/* slots.c - see slots.h. Of the credentials only those are kept that have a slot; their number is bounded by that of the slots.
 * Rates are kept in a table with one entry for each first two digits of a credential's hash: two that share one share the rate. */

#include "gateway/slots.h"

#include "common/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS         256
#define CREDENTIAL_SIZE 65 // 64 hex digits, or the id of a job, and the NUL

typedef struct holder {
    struct holder *next;
    char credential[CREDENTIAL_SIZE];
    uint32_t taken[SLOT_KINDS];
} holder_t;

typedef struct {
    int64_t full_us; // When the bucket would be full again, if no more were taken
} rate_t;

struct slots {
    slot_limit_t limits[SLOT_KINDS];
    int64_t refill_us[PACE_KINDS]; // Time in which one more is allowed
    int64_t burst_us;              // A bucket holds that much time
    pthread_mutex_t lock;          // Of what follows
    uint32_t taken[SLOT_KINDS];
    holder_t *holders[BUCKETS];
    rate_t rates[PACE_KINDS][BUCKETS];
};

#define SLOT_ROW(kind, label, text) {label, text},
static const struct {
    const char *label, *text;
} kinds[] = {SLOTS (SLOT_ROW)};
#undef SLOT_ROW

#define PACE_ROW(kind, minute, text) {minute, text},
static const struct {
    uint32_t minute;
    const char *text;
} paces[] = {PACES (PACE_ROW)};
#undef PACE_ROW

const char *slot_label (slot_kind_t kind)
{
    return kinds[kind].label;
}

const char *slot_text (slot_kind_t kind)
{
    return kinds[kind].text;
}

slots_t *slots_new (const slot_limit_t limits[SLOT_KINDS], uint32_t registrations)
{
    slots_t *self = calloc (1, sizeof (slots_t));
    if (!self)
        abort ();
    memcpy (self->limits, limits, sizeof self->limits);
    self->burst_us = SECONDS (60);
    for (int i = 0; i < PACE_KINDS; i++)
        self->refill_us[i] = self->burst_us / paces[i].minute;
    self->refill_us[PACE_REGISTER] = self->burst_us / (registrations ? registrations : 1);
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

void slots_destroy (slots_t **self_p)
{
    if (!*self_p)
        return;
    pthread_mutex_destroy (&(*self_p)->lock);
    free (*self_p);
    *self_p = NULL;
}

// FNV-1a; credentials are hashes already, or ids that clients cannot choose.
static size_t bucket_of (const char *credential)
{
    uint32_t hash = 2166136261u;
    for (; *credential; credential++)
        hash = (hash ^ (unsigned char) *credential) * 16777619u;
    return hash % BUCKETS;
}

static holder_t **find (slots_t *self, const char *credential)
{
    holder_t **at = &self->holders[bucket_of (credential)];
    while (*at && strncmp ((*at)->credential, credential, CREDENTIAL_SIZE - 1) != 0)
        at = &(*at)->next;
    return at;
}

static void take (slots_t *self, slot_kind_t kind, holder_t **at, const char *credential)
{
    if (!*at) {
        holder_t *holder = calloc (1, sizeof (holder_t));
        if (!holder)
            abort ();
        memcpy (holder->credential, credential, strnlen (credential, CREDENTIAL_SIZE - 1));
        *at = holder;
    }
    (*at)->taken[kind]++;
    self->taken[kind]++;
}

fault_t slots_take (slots_t *self, turn_t *turn, slot_kind_t kind, const char *credential)
{
    const slot_limit_t *limit = &self->limits[kind];
    pthread_mutex_lock (&self->lock);
    holder_t **at = find (self, credential);
    bool all = self->taken[kind] >= limit->all, each = *at && (*at)->taken[kind] >= limit->each;
    if (!all && !each)
        take (self, kind, at, credential);
    pthread_mutex_unlock (&self->lock);
    if (all)
        return turn_fail (turn, OVERLOADED, "all %u slots for %s are taken", limit->all, kinds[kind].label);
    if (each)
        return turn_fail (turn, OVERLOADED, "this token has all %u slots for %s that one may have",
                          limit->each, kinds[kind].label);
    return OK;
}

void slots_give (slots_t *self, slot_kind_t kind, const char *credential)
{
    pthread_mutex_lock (&self->lock);
    holder_t **at = find (self, credential), *holder = *at;
    uint32_t left = 0;
    self->taken[kind]--;
    holder->taken[kind]--;
    for (int i = 0; i < SLOT_KINDS; i++)
        left += holder->taken[i];
    if (left == 0) {
        *at = holder->next;
        free (holder);
    }
    pthread_mutex_unlock (&self->lock);
}

uint32_t slots_taken (slots_t *self, slot_kind_t kind)
{
    pthread_mutex_lock (&self->lock);
    uint32_t taken = self->taken[kind];
    pthread_mutex_unlock (&self->lock);
    return taken;
}

fault_t slots_pace (slots_t *self, turn_t *turn, asking_pace_t pace, const char *credential, int64_t now_us)
{
    pthread_mutex_lock (&self->lock);
    rate_t *rate = &self->rates[pace][bucket_of (credential)];
    int64_t from_us = rate->full_us > now_us ? rate->full_us : now_us;
    bool allowed = from_us + self->refill_us[pace] - now_us <= self->burst_us;
    if (allowed)
        rate->full_us = from_us + self->refill_us[pace];
    pthread_mutex_unlock (&self->lock);
    return allowed ? OK : turn_fail (turn, OVERLOADED, "%s", paces[pace].text);
}
