/* news_sqlite.c - a file that is appended to by who announces, and watched by who listens.
 *
 * Each listener reads from where it was. Where the file is shorter than that it was emptied meanwhile, and some may be missed. */

#include "common/news_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    int file, watch;
    off_t at; // How far it was read
} listener_t;

static void news_sqlite_close (void *state)
{
    listener_t *self = state;
    if (self->file >= 0)
        close (self->file);
    if (self->watch >= 0)
        close (self->watch);
    free (self);
}

static fault_t news_sqlite_open (void **state, const char *url, const char *channel, turn_t *turn)
{
    (void) channel; // Who shares the file tells his texts from others'
    struct stat about;
    const char *path = arena_printf (turn->arena, "%s" NEWS_FILE, url + strlen ("sqlite:"));
    listener_t *self = calloc (1, sizeof (listener_t));
    if (!self)
        abort ();
    self->file = open (path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    self->watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    if (self->file < 0 || self->watch < 0 || inotify_add_watch (self->watch, path, IN_MODIFY) < 0 ||
        fstat (self->file, &about) < 0) {
        fault_t fault = turn_fail (turn, UNAVAILABLE, "%s cannot be watched: %m", path);
        news_sqlite_close (self);
        return fault;
    }
    self->at = about.st_size;
    *state = self;
    return OK;
}

static int news_sqlite_fd (const void *state)
{
    return ((const listener_t *) state)->watch;
}

// The whole lines of `text`; gives how many bytes they are.
static size_t hand_on (char *text, size_t size, news_hear_fn hear, void *context)
{
    size_t at = 0;
    for (char *end; (end = memchr (text + at, '\n', size - at)); at = (size_t) (end - text) + 1) {
        *end = '\0';
        hear (context, text + at);
    }
    return at;
}

static bool news_sqlite_take (void *state, news_hear_fn hear, void *context)
{
    listener_t *self = state;
    char text[2 * (NEWS_TEXT_MAX + 1)];
    struct stat about;
    // That something happened is all that the events tell.
    while (read (self->watch, text, sizeof text) > 0)
        ;
    if (fstat (self->file, &about) < 0)
        return false;
    if (about.st_size < self->at) {
        self->at = about.st_size;
        hear (context, NULL);
        return true;
    }
    for (;;) {
        ssize_t got = pread (self->file, text, sizeof text, self->at);
        size_t taken = got > 0 ? hand_on (text, (size_t) got, hear, context) : 0;
        if (taken == 0)
            return got >= 0;
        self->at += (off_t) taken;
    }
}

const news_engine_t news_sqlite = {
    .open = news_sqlite_open, .close = news_sqlite_close, .fd = news_sqlite_fd, .take = news_sqlite_take};
