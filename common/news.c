/* news.c - the listener's thread: open, wait, hand on; open again what was lost. */

#include "common/news.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/news_engine.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AGAIN_MS 250 // After an attempt to open that failed

struct news {
    const news_engine_t *engine;
    char *url, *channel;
    news_hear_fn hear;
    void *context;
    void *state; // The engine's; NULL while it is lost
    int end;     // eventfd
    pthread_t thread;
    bool started;
};

static fault_t begin (news_t *self, turn_t *turn)
{
    fault_t fault = self->engine->open (&self->state, self->url, self->channel, turn);
    if (fault == OK)
        self->hear (self->context, NULL);
    return fault;
}

static void lose (news_t *self)
{
    if (self->state)
        self->engine->close (self->state);
    self->state = NULL;
}

static void begin_again (news_t *self, bool *told)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "news", 0);
    if (begin (self, &turn) == OK) {
        log_info ("announcements are heard again", "of", self->channel, NULL);
        *told = false;
    } else if (!*told) {
        log_warn ("announcements cannot be heard", "of", self->channel, "why", turn.detail, NULL);
        *told = true;
    }
    arena_destroy (&arena);
}

static void *run (void *context)
{
    news_t *self = context;
    bool told = false;
    log_name_thread ("news");
    for (;;) {
        struct pollfd polls[] = {{.fd = self->end, .events = POLLIN},
                                 {.fd = self->state ? self->engine->fd (self->state) : -1, .events = POLLIN}};
        if (poll (polls, 2, self->state ? -1 : AGAIN_MS) < 0 && errno != EINTR)
            break;
        if (polls[0].revents)
            break;
        if (!self->state)
            begin_again (self, &told);
        else if (polls[1].revents && !self->engine->take (self->state, self->hear, self->context))
            lose (self);
    }
    return NULL;
}

fault_t news_new (news_t **out, turn_t *turn, const char *url, const char *channel, news_hear_fn hear,
                  void *context)
{
    news_t *self = calloc (1, sizeof (news_t));
    if (!self)
        abort ();
    self->engine = strncmp (url, "sqlite:", 7) == 0 ? &news_sqlite : &news_pg;
    self->url = strdup (url);
    self->channel = strdup (channel);
    self->hear = hear;
    self->context = context;
    self->end = eventfd (0, EFD_CLOEXEC);
    fault_t fault = begin (self, turn);
    if (fault == OK) {
        self->started = pthread_create (&self->thread, NULL, run, self) == 0;
        if (!self->started)
            fault = turn_fail (turn, BROKEN, "a thread cannot be made: %m");
    }
    if (fault != OK)
        news_destroy (&self);
    *out = self;
    return fault;
}

void news_destroy (news_t **self_p)
{
    news_t *self = *self_p;
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
