/* actor_park.c - the life of an actor's turns: made, ready, parked, ended. */

#include "common/actor/actor_host.h"

#include <stdlib.h>

served_t *turn_begin (actor_t *self)
{
    served_t *served = self->spare;
    if (served) {
        self->spare = served->next;
        self->spare_count--;
        served_reset (served, self->bus);
    } else
        served = served_new (self->bus);
    served->host = self;
    metric_set (self->waiting, (int64_t) ++self->turns);
    return served;
}

void turn_end (actor_t *self, served_t **served_p)
{
    self->bytes -= (*served_p)->bytes;
    metric_set (self->waiting, (int64_t) --self->turns);
    if (self->spare_count == SPARE_TURNS) {
        served_destroy (served_p);
        return;
    }
    served_reset (*served_p, self->bus);
    (*served_p)->next = self->spare;
    self->spare = *served_p;
    self->spare_count++;
    *served_p = NULL;
}

void end_spare_turns (actor_t *self)
{
    while (self->spare) {
        served_t *served = self->spare;
        self->spare = served->next;
        served_destroy (&served);
    }
}

// Ticks and acts are quick: they are few, and what they do is due.
int64_t usual_us (const actor_t *self, const served_t *served)
{
    return served->handler ? self->metrics[served->handler - self->class->handlers].usual_us : 0;
}

void make_ready (actor_t *self, served_t *served)
{
    queue_t *queue = &self->ready[usual_us (self, served) > SLOW_US ? SLOW : QUICK];
    served->next = NULL;
    *queue->end = served;
    queue->end = &served->next;
}

bool is_any_ready (const actor_t *self)
{
    return self->ready[QUICK].first || self->ready[SLOW].first;
}

pace_t next_pace (const actor_t *self)
{
    pace_t other = self->pace == QUICK ? SLOW : QUICK;
    return self->ready[other].first ? other : self->pace;
}

served_t *take_ready (actor_t *self, pace_t pace)
{
    queue_t *queue = &self->ready[pace];
    served_t *first = queue->first;
    if (first)
        queue->first = first->next;
    if (!queue->first)
        queue->end = &queue->first;
    return first;
}

static void link_wait (actor_t *self, wait_t *wait)
{
    wait->at = &self->topics[wait->topic % TOPIC_BUCKETS];
    wait->next = *wait->at;
    if (wait->next)
        wait->next->at = &wait->next;
    *wait->at = wait;
}

static void unlink_wait (wait_t *wait)
{
    if (!wait->at)
        return;
    *wait->at = wait->next;
    if (wait->next)
        wait->next->at = wait->at;
    wait->at = NULL;
}

void park (actor_t *self, served_t *served)
{
    if (self->parked_count == self->parked_capacity) {
        self->parked_capacity = self->parked_capacity ? self->parked_capacity * 2 : 64;
        self->parked = realloc (self->parked, self->parked_capacity * sizeof (served_t *));
        if (!self->parked)
            abort ();
    }
    for (size_t i = 0; i < served->wait_count && served->waiting; i++)
        link_wait (self, &served->waits[i]);
    served->parked = true;
    served->parked_at = self->parked_count;
    self->parked[self->parked_count++] = served;
    if (served->waiting && served->until_us < self->due_us)
        self->due_us = served->until_us;
}

void unpark (actor_t *self, served_t *served)
{
    for (size_t i = 0; i < served->wait_count; i++)
        unlink_wait (&served->waits[i]);
    served_t *last = self->parked[--self->parked_count];
    self->parked[served->parked_at] = last;
    last->parked_at = served->parked_at;
    served->parked = false;
}

static void wake (actor_t *self, served_t *served)
{
    unpark (self, served);
    make_ready (self, served);
}

void wake_topic (actor_t *self, uint64_t topic)
{
    // Collect first, then wake: waking takes a turn's other topics out of the list, too.
    served_t *woken = NULL;
    for (wait_t *wait = self->topics[topic % TOPIC_BUCKETS]; wait; wait = wait->next)
        if (wait->topic == topic && !wait->by->woken) {
            wait->by->woken = true;
            wait->by->next = woken;
            woken = wait->by;
        }
    for (served_t *next; woken; woken = next) {
        next = woken->next;
        woken->woken = false;
        wake (self, woken);
    }
}

void wake_all (actor_t *self, bool waited)
{
    for (size_t i = self->parked_count; i-- > 0;)
        if (self->parked[i]->waiting) {
            self->parked[i]->waited = waited;
            wake (self, self->parked[i]);
        }
}

void wake_due (actor_t *self)
{
    int64_t now = clock_steady_us (bus_clock (self->bus));
    if (now < self->due_us)
        return;
    self->due_us = NEVER;
    for (size_t i = self->parked_count; i-- > 0;) {
        served_t *served = self->parked[i];
        if (!served->waiting)
            continue;
        if (served->until_us <= now) {
            served->waited = true;
            wake (self, served);
        } else if (served->until_us < self->due_us)
            self->due_us = served->until_us;
    }
}
