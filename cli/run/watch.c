/* watch.c - see watch.h. A folder that is watched twice is watched once. */

#include "cli/run/watch.h"

#include "common/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EVENTS                                                                                       \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | \
     IN_EXCL_UNLINK)

struct watch {
    int fd;
};

fault_t watch_new (file_watch_t **out, turn_t *turn, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN};
    file_watch_t *self = calloc (1, sizeof (file_watch_t));
    if (!self)
        abort ();
    self->fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    *out = self;
    if (self->fd >= 0 && epoll_ctl (epoll, EPOLL_CTL_ADD, self->fd, &event) == 0)
        return OK;
    watch_destroy (out);
    return turn_fail (turn, BROKEN, "files cannot be watched: %s", strerror (errno));
}

void watch_destroy (file_watch_t **self_p)
{
    if (!*self_p)
        return;
    if ((*self_p)->fd >= 0)
        close ((*self_p)->fd);
    free (*self_p);
    *self_p = NULL;
}

// The kernel knows each folder once, however often it is added: so after every snapshot all are.
static fault_t add (file_watch_t *self, turn_t *turn, const char *folder)
{
    // What was removed meanwhile, or cannot be read, is not in the next snapshot either
    if (inotify_add_watch (self->fd, folder, EVENTS) >= 0 || errno == ENOENT || errno == EACCES ||
        errno == ENOTDIR)
        return OK;
    return turn_fail (turn, NO_SPACE, "%s cannot be watched: %s%s", folder, strerror (errno),
                      errno == ENOSPC ? " (fs.inotify.max_user_watches)" : "");
}

// Each folder on the way to a file: in one that has only folders a file may appear.
static fault_t add_parents (file_watch_t *self, turn_t *turn, const char *root, const char *path,
                            const char *before)
{
    for (const char *slash = strchr (path, '/'); slash; slash = strchr (slash + 1, '/')) {
        size_t size = (size_t) (slash - path);
        if (strncmp (path, before, size + 1) != 0)
            TRY (add (self, turn, arena_printf (turn->arena, "%s/%.*s", root, (int) size, path)));
    }
    return OK;
}

fault_t watch_files (file_watch_t *self, turn_t *turn, const working_tree_t *tree, const snapshot_t *snapshot)
{
    const char *list, *before = "";
    size_t size;
    TRY (add (self, turn, tree->root));
    TRY (snapshot_files (turn, tree, snapshot, false, &list, &size));
    for (const char *path = list; path < list + size; path += strlen (path) + 1) {
        TRY (add_parents (self, turn, tree->root, path, before));
        before = path;
    }
    return OK;
}

bool watch_take (file_watch_t *self, arena_t *arena, const char **name)
{
    _Alignas(struct inotify_event) char events[16384];
    const struct inotify_event *event = (const struct inotify_event *) events;
    int64_t until = clock_monotonic_us () + MILLISECONDS (WATCH_MOST_MS);
    ssize_t size = read (self->fd, events, sizeof events);
    if (size < (ssize_t) sizeof *event)
        return false;
    *name = arena_strdup (arena, event->len ? event->name : "a file");
    struct pollfd polled = {.fd = self->fd, .events = POLLIN};
    // A checkout writes thousands of files: one change, not thousands
    while (clock_monotonic_us () < until && poll (&polled, 1, WATCH_QUIET_MS) > 0)
        (void) !read (self->fd, events, sizeof events);
    return true;
}
