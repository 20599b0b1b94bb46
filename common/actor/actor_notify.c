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
_Static_assert((NEWS_TOPICS + 2) * NUMBER_SIZE <= NOTIFY_TEXT_MAX, "an announcement is too long");

typedef struct {
    actor_t *actor;
    uint64_t origin; // 0 where it is not known
    int64_t left_us; // Until the tick; NEVER
    bool lost;       // Some may have been missed
    bool all;
    size_t count;
    uint64_t topics[];
} notification_t;

void news_init (news_t *self)
{
    *self = (news_t){.tick_us = NEVER, .tell_us = NEVER, .hello_us = NEVER};
    randombytes_buf (&self->origin, sizeof self->origin);
}

// ---- what there is to tell ----

static void add_topic (news_t *self, uint64_t topic)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->topics[i] == topic)
            return;
    if (self->count < NEWS_TOPICS)
        self->topics[self->count++] = topic;
    else
        self->everything = true;
}

// True if it cannot wait.
static bool add_turn (news_t *self, const served_t *served)
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

static void forget (news_t *self)
{
    self->count = 0;
    self->everything = false;
    self->tick_us = self->tell_us = NEVER;
}

static const char *text_of (const actor_t *self, arena_t *arena)
{
    const news_t *news = &self->news;
    buffer_t *text = buffer_new (NOTIFY_TEXT_MAX);
    int64_t left_us = news->tick_us == NEVER ? 0 : news->tick_us - clock_steady_us (bus_clock (self->bus));
    // One that is due meanwhile is due at once
    buffer_printf (text, "%" PRIx64 " %" PRIx64, news->origin,
                   news->tick_us == NEVER ? 0 : (uint64_t) (left_us > 1 ? left_us : 1));
    if (news->everything)
        buffer_puts (text, " *");
    for (size_t i = 0; i < news->count && !news->everything; i++)
        buffer_printf (text, " %" PRIx64, news->topics[i]);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// ---- to whom ----

// The directory knows replicas that say nothing: those of a version that does not.
static bool others_are_listed (actor_t *self)
{
    news_t *news = &self->news;
    if (news->version == bus_version (self->bus))
        return news->listed;
    char endpoints[BUS_REPLICAS][BUS_ENDPOINT];
    size_t count = bus_endpoints (self->bus, self->class->name, endpoints, &news->version);
    news->listed = false;
    for (size_t i = 0; i < count; i++)
        news->listed |= strcmp (endpoints[i], self->endpoint) != 0;
    return news->listed;
}

static bool is_alone (actor_t *self)
{
    return self->news.listens && self->news.peer_count == 0 && !others_are_listed (self);
}

static void hear (news_t *self, uint64_t origin, int64_t now_us)
{
    heard_peer_t *peer = NULL;
    for (size_t i = 0; i < self->peer_count && !peer; i++)
        if (self->peers[i].origin == origin)
            peer = &self->peers[i];
    if (!peer) {
        peer = &self->peers[self->peer_count < NEWS_PEERS ? self->peer_count++ : 0];
        self->everything = true; // It has missed what was not announced
        self->tell_us = clock_monotonic_us ();
    }
    *peer = (heard_peer_t){origin, now_us + NEWS_SILENT};
}

// True if one was: it may have gone with something that it had still to announce.
static bool forget_silent (news_t *self, int64_t now_us)
{
    size_t kept = 0, before = self->peer_count;
    for (size_t i = 0; i < before; i++)
        if (self->peers[i].until_us > now_us)
            self->peers[kept++] = self->peers[i];
    self->peer_count = kept;
    return kept < before;
}

// ---- sending ----

fault_t announce_batch (actor_t *self, served_t **batch, size_t count)
{
    news_t *news = &self->news;
    if (!self->endpoint || !self->class->announce)
        return OK;
    bool urgent = !news->listens;
    for (size_t i = 0; i < count; i++)
        if (batch[i]->fault == OK || batch[i]->fault == LATER)
            urgent |= add_turn (news, batch[i]);
    if (is_alone (self))
        forget (news);
    if (news->count == 0 && !news->everything)
        return OK;
    int64_t soon_us = news->told_us + ACTOR_SOON;
    if (!urgent && clock_monotonic_us () < soon_us) {
        news->tell_us = soon_us < news->tell_us ? soon_us : news->tell_us;
        return OK;
    }
    news->telling = true;
    turn_t *turn = &batch[0]->turn;
    return self->class->announce (self->self, turn, self->class->name, text_of (self, turn->arena));
}

void announced (actor_t *self, bool committed)
{
    news_t *news = &self->news;
    if (!news->telling)
        return;
    news->telling = false;
    news->told_us = clock_monotonic_us ();
    if (committed)
        forget (news);
    else // An earlier commit may have left something, or this one has taken effect after all: at worst too many are woken
        news->tell_us = news->told_us + NEWS_AGAIN;
}

static void tell (actor_t *self)
{
    news_t *news = &self->news;
    arena_t *arena = arena_new ();
    turn_t turn;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    turn_init (&turn, arena, self->class->name, clock_now_us (bus_clock (self->bus)));
    fault_t fault = self->class->announce (self->self, &turn, self->class->name, text_of (self, arena));
    news->told_us = clock_monotonic_us ();
    news->hello_us = now_us + (fault ? NEWS_AGAIN : NEWS_HELLO);
    if (fault == OK)
        forget (news);
    else if (news->tell_us != NEVER)
        news->tell_us = news->told_us + NEWS_AGAIN;
    arena_destroy (&arena);
}

int64_t news_due_us (const actor_t *self)
{
    const news_t *news = &self->news;
    int64_t due = news->hello_us;
    for (size_t i = 0; i < news->peer_count; i++)
        due = news->peers[i].until_us < due ? news->peers[i].until_us : due;
    return due;
}

void news_attend (actor_t *self)
{
    news_t *news = &self->news;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    if (now_us >= news_due_us (self) && forget_silent (news, now_us))
        look_again (self);
    if (now_us >= news->hello_us || (news->tell_us != NEVER && clock_monotonic_us () >= news->tell_us))
        tell (self);
}

void news_end (actor_t *self)
{
    if (self->news.tell_us != NEVER)
        tell (self);
}

// ---- receiving ----

static void take_notification (void *data)
{
    const notification_t *notification = data;
    actor_t *self = notification->actor;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    if (notification->lost) {
        self->news.listens = true;
        self->news.hello_us = now_us;
    }
    if (notification->origin)
        hear (&self->news, notification->origin, now_us);
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
    if (notification->origin == self->news.origin) {
        free (notification); // Our own: its turns were woken with the commit
        return;
    }
    if (notification->all)
        notification->count = 0;
    actor_between (self, take_notification, notification);
}
