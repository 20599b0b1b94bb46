/* actor_notify.c - notifies the other replicas with a commit, and acts on their notifications.
 *
 * A text is "ORIGIN LEFT TOPIC...": the sender, in how many microseconds the others should tick at the latest (0 for no such time), and hashes of
 * topics, all in hexadecimal; `*` for more topics than fit. A text of any other shape, or none at all, wakes every waiting turn. */

#include "common/actor/actor_host.h"
#include "common/base/buffer.h"
#include "common/db/notify.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 17 // Hexadecimal digits and what follows them
#define TOPICS_MAX  (NOTIFY_TEXT_MAX / NUMBER_SIZE - 3)

typedef struct {
    actor_t *actor;
    int64_t left_us; // Until the tick; NEVER
    bool all;
    size_t count;
    uint64_t topics[];
} notification_t;

uint64_t actor_origin (void)
{
    uint64_t origin;
    randombytes_buf (&origin, sizeof origin);
    return origin;
}

// ---- sending ----

typedef struct {
    int64_t left_us; // Until the tick; NEVER
    size_t count;
    uint64_t topics[TOPICS_MAX + 1];
} telling_t;

static void add_topic (telling_t *self, uint64_t topic)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->topics[i] == topic)
            return;
    if (self->count <= TOPICS_MAX)
        self->topics[self->count++] = topic;
}

static void add_turn (telling_t *self, const served_t *served)
{
    for (const wake_t *wake = served->wakes; wake; wake = wake->next)
        if (wake->everywhere)
            add_topic (self, wake->topic);
    // What is due now is done here; by a time in the future this process may be gone.
    int64_t left_us = served->tick_at_us == NEVER ? NEVER : served->tick_at_us - served->turn.now_us;
    if (left_us > 0 && left_us < self->left_us)
        self->left_us = left_us;
}

static const char *telling_text (const telling_t *self, arena_t *arena, uint64_t origin)
{
    buffer_t *text = buffer_new (NOTIFY_TEXT_MAX);
    uint64_t left_us = self->left_us == NEVER ? 0 : (uint64_t) self->left_us;
    buffer_printf (text, "%" PRIx64 " %" PRIx64, origin, left_us);
    if (self->count > TOPICS_MAX)
        buffer_puts (text, " *");
    for (size_t i = 0; i < self->count && self->count <= TOPICS_MAX; i++)
        buffer_printf (text, " %" PRIx64, self->topics[i]);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

fault_t announce_batch (actor_t *self, served_t **batch, size_t count)
{
    if (!self->endpoint || !self->class->announce)
        return OK;
    telling_t telling = {.left_us = NEVER};
    for (size_t i = 0; i < count; i++)
        if (batch[i]->fault == OK || batch[i]->fault == LATER)
            add_turn (&telling, batch[i]);
    if (telling.count == 0)
        return OK;
    turn_t *turn = &batch[0]->turn;
    return self->class->announce (self->self, turn, self->class->name,
                                  telling_text (&telling, turn->arena, self->origin));
}

// ---- receiving ----

static void take_notification (void *data)
{
    const notification_t *notification = data;
    actor_t *self = notification->actor;
    if (notification->all)
        wake_all (self, false);
    for (size_t i = 0; i < notification->count; i++)
        wake_topic (self, notification->topics[i]);
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
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

static bool read_text (const char *text, uint64_t *origin, notification_t *notification)
{
    uint64_t left_us;
    if (!read_number (&text, origin) || !read_number (&text, &left_us))
        return false;
    notification->left_us = left_us && left_us < NEVER ? (int64_t) left_us : NEVER;
    while (*text)
        if (!read_number (&text, &notification->topics[notification->count++]))
            return false;
    return notification->count > 0;
}

void actor_notified (void *context, const char *text)
{
    actor_t *self = context;
    uint64_t origin = 0;
    size_t room = text ? strlen (text) / 2 + 1 : 0;
    notification_t *notification = calloc (1, sizeof (notification_t) + room * sizeof (uint64_t));
    if (!notification)
        abort ();
    notification->actor = self;
    notification->left_us = NEVER;
    notification->all = !text || !read_text (text, &origin, notification);
    if (origin == self->origin) {
        free (notification); // Our own: its turns were woken with the commit
        return;
    }
    if (notification->all)
        notification->count = 0;
    actor_between (self, take_notification, notification);
}
