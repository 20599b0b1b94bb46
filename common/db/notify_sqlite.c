/* notify_sqlite.c - a file to which announcements are appended, and which listeners watch.
 *
 * Each listener reads from where it was. If the file is shorter than that it was emptied meanwhile, and some may have been missed. */

#include "common/db/notify_engine.h"

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

static void notify_sqlite_close (void *state)
{
    listener_t *self = state;
    if (self->file >= 0)
        close (self->file);
    if (self->watch >= 0)
        close (self->watch);
    free (self);
}

static fault_t notify_sqlite_open (void **state, const char *url, const char *channel, turn_t *turn)
{
    (void) channel; // Processes sharing the file recognize their own texts by the sender in them
    struct stat about;
    const char *path = arena_printf (turn->arena, "%s" NOTIFY_FILE, url + strlen ("sqlite:"));
    listener_t *self = calloc (1, sizeof (listener_t));
    if (!self)
        abort ();
    self->file = open (path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    self->watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    if (self->file < 0 || self->watch < 0 || inotify_add_watch (self->watch, path, IN_MODIFY) < 0 ||
        fstat (self->file, &about) < 0) {
        fault_t fault = turn_fail (turn, UNAVAILABLE, "%s cannot be watched: %m", path);
        notify_sqlite_close (self);
        return fault;
    }
    self->at = about.st_size;
    *state = self;
    return OK;
}

static int notify_sqlite_fd (const void *state)
{
    return ((const listener_t *) state)->watch;
}

// The whole lines of `text`; gives how many bytes they are.
static size_t hand_on (char *text, size_t size, notify_fn notify, void *context)
{
    size_t at = 0;
    for (char *end; (end = memchr (text + at, '\n', size - at)); at = (size_t) (end - text) + 1) {
        *end = '\0';
        notify (context, text + at);
    }
    return at;
}

static bool notify_sqlite_take (void *state, notify_fn notify, void *context)
{
    listener_t *self = state;
    char text[2 * (NOTIFY_TEXT_MAX + 1)];
    struct stat about;
    // The events only say that something happened.
    while (read (self->watch, text, sizeof text) > 0)
        ;
    if (fstat (self->file, &about) < 0)
        return false;
    if (about.st_size < self->at) {
        self->at = about.st_size;
        notify (context, NULL);
        return true;
    }
    for (;;) {
        ssize_t got = pread (self->file, text, sizeof text, self->at);
        size_t taken = got > 0 ? hand_on (text, (size_t) got, notify, context) : 0;
        if (taken == 0)
            return got >= 0;
        self->at += (off_t) taken;
    }
}

const notify_engine_t notify_sqlite = {.open = notify_sqlite_open,
                                       .close = notify_sqlite_close,
                                       .fd = notify_sqlite_fd,
                                       .take = notify_sqlite_take};
