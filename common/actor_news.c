/* actor_news.c - what one replica tells the others with its commit, and what it makes of what they tell.
 *
 * A text is "ORIGIN TIME TOPIC...": who tells it, when the others should tick at the latest (0 for no such time), and hashes of
 * topics, all in hexadecimal; `*` for more topics than fit. A text of any other shape, and none at all, wakes everybody who waits. */

#include "common/actor_host.h"
#include "common/buffer.h"
#include "common/news.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 17 // Hexadecimal digits and what follows them
#define TOPICS_MAX  (NEWS_TEXT_MAX / NUMBER_SIZE - 3)

typedef struct {
    actor_t *actor;
    int64_t tick_us; // NEVER
    bool all;
    size_t count;
    uint64_t topics[];
} heard_t;

uint64_t actor_origin (void)
{
    uint64_t origin;
    randombytes_buf (&origin, sizeof origin);
    return origin;
}

// ---- telling ----

typedef struct {
    int64_t tick_us;
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
    // What is due at once is done here; what lies ahead may find us gone.
    if (served->tick_at_us > served->turn.now_us && served->tick_at_us < self->tick_us)
        self->tick_us = served->tick_at_us;
}

static const char *telling_text (const telling_t *self, arena_t *arena, uint64_t origin)
{
    buffer_t *text = buffer_new (NEWS_TEXT_MAX);
    uint64_t tick_us = self->tick_us == NEVER ? 0 : (uint64_t) self->tick_us;
    buffer_printf (text, "%" PRIx64 " %" PRIx64, origin, tick_us);
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
    telling_t telling = {.tick_us = NEVER};
    for (size_t i = 0; i < count; i++)
        if (batch[i]->fault == OK || batch[i]->fault == LATER)
            add_turn (&telling, batch[i]);
    if (telling.count == 0)
        return OK;
    turn_t *turn = &batch[0]->turn;
    return self->class->announce (self->self, turn, self->class->name,
                                  telling_text (&telling, turn->arena, self->origin));
}

// ---- hearing ----

static void take_heard (void *data)
{
    const heard_t *heard = data;
    actor_t *self = heard->actor;
    if (heard->all)
        wake_all (self, false);
    for (size_t i = 0; i < heard->count; i++)
        wake_topic (self, heard->topics[i]);
    if (heard->tick_us < self->tick_us)
        self->tick_us = heard->tick_us;
}

static bool read_number (const char **text, uint64_t *number)
{
    char *end;
    *number = strtoull (*text, &end, 16);
    bool good = end != *text && (*end == ' ' || *end == '\0');
    *text = *end == ' ' ? end + 1 : end;
    return good;
}

static bool read_text (const char *text, uint64_t *origin, heard_t *heard)
{
    uint64_t tick_us;
    if (!read_number (&text, origin) || !read_number (&text, &tick_us))
        return false;
    heard->tick_us = tick_us && tick_us < NEVER ? (int64_t) tick_us : NEVER;
    while (*text)
        if (!read_number (&text, &heard->topics[heard->count++]))
            return false;
    return heard->count > 0;
}

void actor_hear (void *context, const char *text)
{
    actor_t *self = context;
    uint64_t origin = 0;
    size_t room = text ? strlen (text) / 2 + 1 : 0;
    heard_t *heard = calloc (1, sizeof (heard_t) + room * sizeof (uint64_t));
    if (!heard)
        abort ();
    heard->actor = self;
    heard->tick_us = NEVER;
    heard->all = !text || !read_text (text, &origin, heard);
    if (origin == self->origin) {
        free (heard); // It woke its own turns with the commit
        return;
    }
    if (heard->all)
        heard->count = 0;
    actor_between (self, take_heard, heard);
}
