/* work.c - see work.h. One lock over the list of those that wait and what each thread has. */

#include "services/scm/work.h"

#include "common/os/crew.h"

#include <stdlib.h>
#include <string.h>

struct work {
    int threads_max, of_one_host;
    crew_t crew;               // Its lock: of what follows
    work_item_t *first, **end; // That wait
    size_t waiting;
    const char *hosts[WORK_THREADS]; // Of what each thread does; NULL: it is idle
    int idle;
};

work_t *work_new (int threads, int of_one_host)
{
    work_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->threads_max = threads < WORK_THREADS ? threads : WORK_THREADS;
    self->of_one_host = of_one_host;
    self->end = &self->first;
    crew_open (&self->crew);
    return self;
}

void work_stop (work_t *self)
{
    crew_stop (&self->crew);
}

void work_destroy (work_t **self_p)
{
    work_t *self = *self_p;
    if (!self)
        return;
    work_stop (self);
    crew_close (&self->crew);
    free (self);
    *self_p = NULL;
}

static bool may_begin (const work_t *self, const char *host)
{
    int under_way = 0;
    for (int i = 0; i < WORK_THREADS; i++)
        under_way += self->hosts[i] && strcmp (self->hosts[i], host) == 0;
    return !*host || under_way < self->of_one_host;
}

// The first that may begin, out of the list.
static work_item_t *take (work_t *self)
{
    for (work_item_t **at = &self->first; *at; at = &(*at)->next) {
        work_item_t *task = *at;
        if (!may_begin (self, task->host))
            continue;
        *at = task->next;
        if (!*at)
            self->end = at;
        self->waiting--;
        atomic_store (&task->begun, true);
        return task;
    }
    return NULL;
}

static fault_t done (void *service, turn_t *turn, void *data)
{
    work_item_t *task = *(work_item_t **) data;
    task->done (service, turn, task);
    return OK;
}

static void post (work_item_t *task)
{
    work_item_t **copy = malloc (sizeof *copy);
    if (!copy)
        abort ();
    *copy = task;
    actor_post (task->actor, done, copy);
}

typedef struct {
    work_t *work;
    int number;
} thread_t;

static void *serve (void *argument)
{
    thread_t *me = argument;
    work_t *self = me->work;
    pthread_mutex_lock (&self->crew.lock);
    while (!self->crew.stopping) {
        work_item_t *task = take (self);
        if (!task) {
            self->idle++;
            pthread_cond_wait (&self->crew.changed, &self->crew.lock);
            self->idle--;
            continue;
        }
        self->hosts[me->number] = task->host;
        pthread_mutex_unlock (&self->crew.lock);
        task->run (task);
        pthread_mutex_lock (&self->crew.lock);
        self->hosts[me->number] = NULL;
        post (task); // Last: the task is the actor's from here on
    }
    pthread_mutex_unlock (&self->crew.lock);
    free (me);
    return NULL;
}

static void start_thread (work_t *self)
{
    thread_t *thread = malloc (sizeof *thread);
    if (!thread)
        abort ();
    *thread = (thread_t){self, self->crew.started};
    if (!crew_start (&self->crew, serve, thread))
        free (thread);
}

bool work_add (work_t *self, work_item_t *task)
{
    pthread_mutex_lock (&self->crew.lock);
    bool taken = !self->crew.stopping && self->waiting < WORK_WAITING;
    if (taken) {
        atomic_store (&task->begun, false);
        task->next = NULL;
        *self->end = task;
        self->end = &task->next;
        self->waiting++;
        // A thread that was signalled counts as idle until it runs: tasks are held against threads, not against their sleep
        if (self->waiting > (size_t) self->idle && self->crew.started < self->threads_max)
            start_thread (self);
        pthread_cond_signal (&self->crew.changed);
    }
    pthread_mutex_unlock (&self->crew.lock);
    return taken;
}
