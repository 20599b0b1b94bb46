/* actor_notify.c - notifies the other replicas with a commit, or soon after it, and acts on their notifications.
 *
 * A text is "ORIGIN LEFT TOPIC...": the sender, in how many microseconds the others should tick at the latest (0 for no such time), and hashes of
 * topics, all in hexadecimal; `*` for everything; without a topic it says only that the sender is there. A text of any other shape, or none
 * at all, wakes every waiting turn. */

#include "common/actor/actor_host.h"
#include "common/base/buffer.h"
#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/db/notify.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 17 // Hexadecimal digits and what follows them
_Static_assert((ANNOUNCE_TOPICS + 2) * NUMBER_SIZE <= NOTIFY_TEXT_MAX, "an announcement is too long");

typedef struct {
    actor_t *actor;
    uint64_t origin; // 0 where it is not known
    int64_t left_us; // Until the tick; NEVER
    bool lost;       // Some may have been missed
    bool all;
    size_t count;
    uint64_t topics[];
} notification_t;

void announcer_init (announcer_t *self)
{
    *self = (announcer_t){.tick_us = NEVER, .announce_us = NEVER, .hello_us = NEVER};
    randombytes_buf (&self->origin, sizeof self->origin);
}

// ---- what there is to tell ----

static void add_topic (announcer_t *self, uint64_t topic)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->topics[i] == topic)
            return;
    if (self->count < ANNOUNCE_TOPICS)
        self->topics[self->count++] = topic;
    else
        self->everything = true;
}

// True if it cannot wait.
static bool add_turn (announcer_t *self, const served_t *served)
{
    bool urgent = false;
    for (const wake_t *wake = served->wakes; wake; wake = wake->next) {
        if (wake->reach != HERE)
            add_topic (self, wake->topic);
        urgent |= wake->reach == EVERYWHERE;
    }
    // What is due now is done here; by a time in the future this process may be gone.
    int64_t tick_us = served_steady (served, served->tick_at_us);
    if (served->tick_at_us != NEVER && served->tick_at_us > served->turn.now_us && tick_us < self->tick_us)
        self->tick_us = tick_us;
    return urgent;
}

static void forget (announcer_t *self)
{
    self->count = 0;
    self->everything = false;
    self->tick_us = self->announce_us = NEVER;
}

static const char *text_of (const actor_t *self, arena_t *arena)
{
    const announcer_t *announcer = &self->announcer;
    buffer_t *text = buffer_new (NOTIFY_TEXT_MAX);
    int64_t left_us =
        announcer->tick_us == NEVER ? 0 : announcer->tick_us - clock_steady_us (bus_clock (self->bus));
    // One that is due meanwhile is due at once
    buffer_printf (text, "%" PRIx64 " %" PRIx64, announcer->origin,
                   announcer->tick_us == NEVER ? 0 : (uint64_t) (left_us > 1 ? left_us : 1));
    if (announcer->everything)
        buffer_puts (text, " *");
    for (size_t i = 0; i < announcer->count && !announcer->everything; i++)
        buffer_printf (text, " %" PRIx64, announcer->topics[i]);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// ---- to whom ----

// The directory knows replicas that say nothing: those of a version that does not.
static bool others_are_listed (actor_t *self)
{
    announcer_t *announcer = &self->announcer;
    if (announcer->version == bus_version (self->bus))
        return announcer->listed;
    char endpoints[BUS_REPLICAS][BUS_ENDPOINT];
    size_t count = bus_endpoints (self->bus, self->class->name, endpoints, &announcer->version);
    announcer->listed = false;
    for (size_t i = 0; i < count; i++)
        announcer->listed |= strcmp (endpoints[i], self->endpoint) != 0;
    return announcer->listed;
}

static bool is_alone (actor_t *self)
{
    return self->announcer.listens && self->announcer.replica_count == 0 && !others_are_listed (self);
}

static void hear (announcer_t *self, uint64_t origin, int64_t now_us)
{
    known_replica_t *replica = NULL;
    for (size_t i = 0; i < self->replica_count && !replica; i++)
        if (self->replicas[i].origin == origin)
            replica = &self->replicas[i];
    if (!replica) {
        replica = &self->replicas[self->replica_count < ANNOUNCE_REPLICAS ? self->replica_count++ : 0];
        self->everything = true; // It has missed what was not announced
        self->announce_us = clock_monotonic_us ();
    }
    *replica = (known_replica_t){origin, now_us + ANNOUNCE_SILENT};
}

// True if one was: it may have gone with something that it had still to announce.
static bool forget_silent (announcer_t *self, int64_t now_us)
{
    size_t kept = 0, before = self->replica_count;
    for (size_t i = 0; i < before; i++)
        if (self->replicas[i].until_us > now_us)
            self->replicas[kept++] = self->replicas[i];
    self->replica_count = kept;
    return kept < before;
}

// ---- sending ----

fault_t announce_batch (actor_t *self, served_t **batch, size_t count)
{
    announcer_t *announcer = &self->announcer;
    if (!self->endpoint || !self->class->announce)
        return OK;
    bool urgent = !announcer->listens;
    for (size_t i = 0; i < count; i++)
        if (batch[i]->fault == OK || batch[i]->fault == LATER)
            urgent |= add_turn (announcer, batch[i]);
    if (is_alone (self))
        forget (announcer);
    if (announcer->count == 0 && !announcer->everything)
        return OK;
    int64_t soon_us = announcer->announced_us + ACTOR_SOON;
    if (!urgent && clock_monotonic_us () < soon_us) {
        announcer->announce_us = soon_us < announcer->announce_us ? soon_us : announcer->announce_us;
        return OK;
    }
    announcer->announcing = true;
    turn_t *turn = &batch[0]->turn;
    return self->class->announce (self->self, turn, self->class->name, text_of (self, turn->arena));
}

void announced (actor_t *self, bool committed)
{
    announcer_t *announcer = &self->announcer;
    if (!announcer->announcing)
        return;
    announcer->announcing = false;
    announcer->announced_us = clock_monotonic_us ();
    if (committed)
        forget (announcer);
    else // An earlier commit may have left something, or this one has taken effect after all: at worst too many are woken
        announcer->announce_us = announcer->announced_us + ANNOUNCE_AGAIN;
}

static void tell (actor_t *self)
{
    announcer_t *announcer = &self->announcer;
    arena_t *arena = arena_new ();
    turn_t turn;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    turn_init (&turn, arena, self->class->name, clock_now_us (bus_clock (self->bus)));
    fault_t fault = self->class->announce (self->self, &turn, self->class->name, text_of (self, arena));
    announcer->announced_us = clock_monotonic_us ();
    announcer->hello_us = now_us + (fault ? ANNOUNCE_AGAIN : ANNOUNCE_HELLO);
    if (fault == OK)
        forget (announcer);
    else if (announcer->announce_us != NEVER)
        announcer->announce_us = announcer->announced_us + ANNOUNCE_AGAIN;
    arena_destroy (&arena);
}

int64_t announcer_due_us (const actor_t *self)
{
    const announcer_t *announcer = &self->announcer;
    int64_t due = announcer->hello_us;
    for (size_t i = 0; i < announcer->replica_count; i++)
        due = announcer->replicas[i].until_us < due ? announcer->replicas[i].until_us : due;
    return due;
}

void announcer_attend (actor_t *self)
{
    announcer_t *announcer = &self->announcer;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    if (now_us >= announcer_due_us (self) && forget_silent (announcer, now_us))
        look_again (self);
    if (now_us >= announcer->hello_us ||
        (announcer->announce_us != NEVER && clock_monotonic_us () >= announcer->announce_us))
        tell (self);
}

void announcer_end (actor_t *self)
{
    if (self->announcer.announce_us != NEVER)
        tell (self);
}

// ---- receiving ----

static void take_notification (void *data)
{
    const notification_t *notification = data;
    actor_t *self = notification->actor;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    if (notification->lost) {
        self->announcer.listens = true;
        self->announcer.hello_us = now_us;
    }
    if (notification->origin)
        hear (&self->announcer, notification->origin, now_us);
    if (notification->all)
        look_again (self);
    for (size_t i = 0; i < notification->count; i++)
        wake_topic (self, notification->topics[i]);
    if (notification->left_us < NEVER - now_us && now_us + notification->left_us < self->tick_us)
        self->tick_us = now_us + notification->left_us;
}

static bool read_number (const char **text, uint64_t *number)
{
    char *end;
    *number = strtoull (*text, &end, 16);
    bool good = end != *text && (*end == ' ' || *end == '\0');
    *text = *end == ' ' ? end + 1 : end;
    return good;
}

static bool read_text (const char *text, notification_t *notification)
{
    uint64_t origin, left_us;
    if (!read_number (&text, &origin) || !read_number (&text, &left_us))
        return false;
    notification->origin = origin;
    notification->left_us = left_us && left_us < NEVER ? (int64_t) left_us : NEVER;
    while (*text)
        if (!read_number (&text, &notification->topics[notification->count++]))
            return false;
    return true;
}

void actor_notified (void *context, const char *text)
{
    actor_t *self = context;
    size_t room = text ? strlen (text) / 2 + 1 : 0;
    notification_t *notification = calloc (1, sizeof (notification_t) + room * sizeof (uint64_t));
    if (!notification)
        abort ();
    notification->actor = self;
    notification->left_us = NEVER;
    notification->lost = !text;
    notification->all = !text || !read_text (text, notification);
    if (notification->origin == self->announcer.origin) {
        free (notification); // Our own: its turns were woken with the commit
        return;
    }
    if (notification->all)
        notification->count = 0;
    actor_between (self, take_notification, notification);
}
