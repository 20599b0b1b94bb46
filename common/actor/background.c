/* background.c - see background.h. A table of slots under one lock; threads take the oldest that waits. */

#include "common/actor/background.h"

#include "common/os/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FORGET_AFTER SECONDS (1) // Beyond the deadline of the turn that asked
#define HANDED_FOR \
    SECONDS (30) // After it was handed out: no unit of work takes so long, and answers point into it
#define SENT_FOR SECONDS (60) // How long an unclaimed result is kept, in case its commit fails

typedef enum { FREE, WAITING, RUNNING, DONE } state_t;

typedef struct {
    state_t state;
    uint64_t number; // Sequence number: the order of tasks
    char *key;       // NULL for one that was sent
    arena_t *arena;
    void *data;
    void (*work) (void *data);
    actor_act_fn done;
    actor_t *actor;
    int64_t until_us; // A result is kept; steady
    uint64_t handed;  // How often its result was handed out
    bool served;      // The actor was notified that its work is done
} task_t;

struct background {
    crew_t crew; // Its lock: of what follows
    task_t slots[BACKGROUND_TASKS];
    uint64_t count; // So far
    int thread_count;
};

// What a thread posts to the actor, and what a turn leaves for after its commit.
typedef struct {
    background_t *tasks;
    uint64_t number;
    uint64_t handed; // Of the task by then: one that was handed out since is still used
} ticket_t;

background_t *background_new (int threads)
{
    background_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    crew_open (&self->crew);
    self->thread_count = threads < BACKGROUND_THREADS_MAX ? threads : BACKGROUND_THREADS_MAX;
    return self;
}

static void slot_free (task_t *slot)
{
    free (slot->key);
    arena_destroy (&slot->arena);
    *slot = (task_t){0};
}

void background_stop (background_t *self)
{
    crew_stop (&self->crew);
}

void background_destroy (background_t **self_p)
{
    background_t *self = *self_p;
    if (!self)
        return;
    background_stop (self);
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        slot_free (&self->slots[i]);
    crew_close (&self->crew);
    free (self);
    *self_p = NULL;
}

static task_t *by_number (background_t *self, uint64_t number)
{
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        if (self->slots[i].state != FREE && self->slots[i].number == number)
            return &self->slots[i];
    return NULL;
}

static task_t *by_key (background_t *self, const char *key)
{
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        if (self->slots[i].key && strcmp (self->slots[i].key, key) == 0)
            return &self->slots[i];
    return NULL;
}

static task_t *oldest_waiting (background_t *self)
{
    task_t *oldest = NULL;
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        if (self->slots[i].state == WAITING && (!oldest || self->slots[i].number < oldest->number))
            oldest = &self->slots[i];
    return oldest;
}

static const char *topic_for (turn_t *turn, const char *key)
{
    return arena_printf (turn->arena, "task:%s", key);
}

static ticket_t *ticket_new (background_t *self, uint64_t number)
{
    ticket_t *ticket = malloc (sizeof (*ticket));
    if (!ticket)
        abort ();
    *ticket = (ticket_t){.tasks = self, .number = number};
    return ticket;
}

static fault_t forget (void *service, turn_t *turn, void *data)
{
    const ticket_t *ticket = data;
    background_t *self = ticket->tasks;
    (void) service, (void) turn;
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = by_number (self, ticket->number);
    if (slot && slot->handed == ticket->handed)
        slot_free (slot);
    pthread_mutex_unlock (&self->crew.lock);
    return OK;
}

// After the commit of the batch that used a result. The answer, which may point into it, is sent after this: so it is
// dropped in the next batch.
static void used (void *service, void *data)
{
    const ticket_t *ticket = data;
    background_t *self = ticket->tasks;
    (void) service;
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = by_number (self, ticket->number);
    if (slot) {
        ticket_t *after = ticket_new (self, ticket->number);
        after->handed = slot->handed;
        actor_post (slot->actor, forget, after);
    }
    pthread_mutex_unlock (&self->crew.lock);
}

static void forget_after_commit (background_t *self, turn_t *turn, uint64_t number)
{
    ticket_t *ticket = arena_alloc (turn->arena, sizeof (*ticket));
    *ticket = (ticket_t){.tasks = self, .number = number};
    actor_after (turn, used, ticket);
}

// Its data is used until this batch has ended, even where the turn came so late that it was about to be dropped: another turn of the batch
// may want the slot. Under the lock.
static void hand_out (task_t *slot, const turn_t *turn)
{
    int64_t until_us = actor_steady_us (turn) + HANDED_FOR;
    slot->until_us = slot->until_us > until_us ? slot->until_us : until_us;
    slot->handed++;
}

// In the actor's thread, once the work of a task is done.
static fault_t finished (void *service, turn_t *turn, void *data)
{
    const ticket_t *ticket = data;
    background_t *self = ticket->tasks;
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = by_number (self, ticket->number);
    bool waited_for = slot && slot->key;
    if (slot)
        slot->served = true;
    if (slot && !waited_for)
        hand_out (slot, turn);
    if (waited_for)
        actor_wake (turn, topic_for (turn, slot->key));
    pthread_mutex_unlock (&self->crew.lock);
    if (!slot || waited_for)
        return OK;
    // Its work is done: this thread alone looks at it from now on.
    forget_after_commit (self, turn, ticket->number);
    return slot->done (service, turn, slot->data);
}

static void *serve (void *argument)
{
    background_t *self = argument;
    pthread_mutex_lock (&self->crew.lock);
    while (!self->crew.stopping) {
        task_t *slot = oldest_waiting (self);
        if (!slot) {
            pthread_cond_wait (&self->crew.changed, &self->crew.lock);
            continue;
        }
        slot->state = RUNNING;
        pthread_mutex_unlock (&self->crew.lock);
        slot->work (slot->data);
        pthread_mutex_lock (&self->crew.lock);
        slot->state = DONE;
        actor_post (slot->actor, finished, ticket_new (self, slot->number));
    }
    pthread_mutex_unlock (&self->crew.lock);
    return NULL;
}

fault_t background_find (background_t *self, turn_t *turn, const char *key, void **data)
{
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = by_key (self, key);
    bool done = slot && slot->state == DONE;
    uint64_t number = slot ? slot->number : 0;
    if (done) {
        hand_out (slot, turn);
        *data = slot->data;
    }
    pthread_mutex_unlock (&self->crew.lock);
    if (!slot)
        return NOT_FOUND;
    if (!done)
        return actor_wait (turn, topic_for (turn, key), turn->deadline_us);
    forget_after_commit (self, turn, number);
    return OK;
}

void background_release (background_t *self, turn_t *turn, const char *key)
{
    ticket_t *ticket = NULL;
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = by_key (self, key);
    if (slot) {
        ticket = ticket_new (self, slot->number);
        ticket->handed =
            slot->handed; // Where this batch is undone and served again, it is handed out again, and released again
    }
    pthread_mutex_unlock (&self->crew.lock);
    if (ticket)
        actor_post (actor_of (turn), forget, ticket);
}

// A free slot, if need be that of a result whose caller's deadline has passed.
static task_t *take_slot (background_t *self, int64_t now_us)
{
    task_t *found = NULL;
    for (int i = 0; i < BACKGROUND_TASKS; i++) {
        task_t *slot = &self->slots[i];
        // A sent task is kept until its end was served, however late the actor gets to it
        if (slot->state == DONE && slot->until_us < now_us && (slot->key || slot->served))
            slot_free (slot);
        if (slot->state == FREE)
            found = slot;
    }
    return found;
}

static fault_t begin (background_t *self, turn_t *turn, const task_t *task)
{
    pthread_mutex_lock (&self->crew.lock);
    task_t *slot = self->crew.stopping ? NULL : take_slot (self, actor_steady_us (turn));
    if (slot) {
        while (self->crew.started < self->thread_count && crew_start (&self->crew, serve, self))
            ; // With the first task: most services never have one
        *slot = *task;
        slot->state = WAITING;
        slot->number = ++self->count;
        slot->actor = actor_of (turn);
        int64_t left_us = slot->key ? turn->deadline_us - turn->now_us + FORGET_AFTER : SENT_FOR;
        slot->until_us = actor_steady_us (turn) + left_us;
        pthread_cond_signal (&self->crew.changed);
    }
    pthread_mutex_unlock (&self->crew.lock);
    if (slot)
        return OK;
    task_t refused = *task;
    slot_free (&refused);
    return turn_fail (turn, OVERLOADED, "%d background tasks are under way", BACKGROUND_TASKS);
}

fault_t background_begin (background_t *self, turn_t *turn, const char *key, void (*work) (void *data),
                          arena_t **arena_p, void *data)
{
    task_t task = {.key = strdup (key), .arena = *arena_p, .data = data, .work = work};
    *arena_p = NULL;
    fault_t fault = begin (self, turn, &task);
    return fault ? fault : actor_wait (turn, topic_for (turn, key), turn->deadline_us);
}

fault_t background_send (background_t *self, turn_t *turn, void (*work) (void *data), actor_act_fn done,
                         arena_t **arena_p, void *data)
{
    task_t task = {.arena = *arena_p, .data = data, .work = work, .done = done};
    *arena_p = NULL;
    return begin (self, turn, &task);
}
