/* notify.c - the listener's thread: open, wait, deliver; reopen a lost source. */

#include "common/db/notify.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/db/notify_engine.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AGAIN_MS 250 // After an attempt to open that failed

struct notify {
    const notify_engine_t *engine;
    char *url, *channel;
    notify_fn notify;
    void *context;
    void *state; // The engine's; NULL while it is lost
    int end;     // eventfd
    pthread_t thread;
    bool started;
    bool late; // It could not listen at once, and that was logged
};

static fault_t begin (notify_t *self, turn_t *turn)
{
    fault_t fault = self->engine->open (&self->state, self->url, self->channel, turn);
    if (fault == OK)
        self->notify (self->context, NULL);
    return fault;
}

static void lose (notify_t *self)
{
    if (self->state)
        self->engine->close (self->state);
    self->state = NULL;
}

static void begin_again (notify_t *self, bool *reported)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "notify", 0);
    if (begin (self, &turn) == OK) {
        log_info ("announcements are received again", "of", self->channel, NULL);
        *reported = false;
    } else if (!*reported) {
        log_warn ("announcements cannot be received", "of", self->channel, "reason", turn.detail, NULL);
        *reported = true;
    }
    arena_destroy (&arena);
}

static void *run (void *context)
{
    notify_t *self = context;
    bool reported = self->late;
    log_name_thread ("notify");
    for (;;) {
        struct pollfd polls[] = {{.fd = self->end, .events = POLLIN},
                                 {.fd = self->state ? self->engine->fd (self->state) : -1, .events = POLLIN}};
        if (poll (polls, 2, self->state ? -1 : AGAIN_MS) < 0 && errno != EINTR)
            break;
        if (polls[0].revents)
            break;
        if (!self->state)
            begin_again (self, &reported);
        else if (polls[1].revents && !self->engine->take (self->state, self->notify, self->context))
            lose (self);
    }
    return NULL;
}

fault_t notify_new (notify_t **out, turn_t *turn, const char *url, const char *channel, notify_fn notify,
                    void *context)
{
    notify_t *self = calloc (1, sizeof (notify_t));
    if (!self)
        abort ();
    self->engine = strncmp (url, "sqlite:", 7) == 0 ? &notify_sqlite : &notify_pg;
    self->url = strdup (url);
    self->channel = strdup (channel);
    self->notify = notify;
    self->context = context;
    self->end = eventfd (0, EFD_CLOEXEC);
    fault_t fault = begin (self, turn);
    if (fault == UNAVAILABLE) { // The thread goes on trying, as after a connection that was lost
        log_warn ("announcements cannot be received yet", "of", channel, "reason", turn->detail, NULL);
        self->late = true;
        fault = OK;
    }
    if (fault == OK) {
        self->started = pthread_create (&self->thread, NULL, run, self) == 0;
        if (!self->started)
            fault = turn_fail (turn, BROKEN, "cannot start a thread: %m");
    }
    if (fault != OK)
        notify_destroy (&self);
    *out = self;
    return fault;
}

void notify_destroy (notify_t **self_p)
{
    notify_t *self = *self_p;
    if (!self)
        return;
    (void) !write (self->end, &(uint64_t){1}, sizeof (uint64_t));
    if (self->started)
        pthread_join (self->thread, NULL);
    lose (self);
    close (self->end);
    free (self->url);
    free (self->channel);
    free (self);
    *self_p = NULL;
}
