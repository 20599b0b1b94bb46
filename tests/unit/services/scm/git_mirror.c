/* Who may write into a mirror: one at a time, also when it was removed meanwhile. */

#include "services/scm/git_mirror.h"
#include "common/base/clock.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char root[128], folder[160], lock[192], remote[64];
    int silent; // A host that takes connections and says nothing
    pthread_t thread;
    fault_t fault; // Of the update
} world_t;

static void world_new (world_t *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    test_folder (self->root, sizeof self->root);
    snprintf (self->folder, sizeof self->folder, "%s/mirror", self->root);
    snprintf (self->lock, sizeof self->lock, "%s/mirror.lock", self->folder);
    self->silent = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (self->silent, (struct sockaddr *) &address, size) == 0 && listen (self->silent, 8) == 0);
    CHECK (getsockname (self->silent, (struct sockaddr *) &address, &size) == 0);
    snprintf (self->remote, sizeof self->remote, "git://127.0.0.1:%u/x", ntohs (address.sin_port));
}

static void world_destroy (world_t *self)
{
    close (self->silent);
    test_folder_remove (self->root);
}

static void *update (void *data)
{
    world_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const git_mirror_t mirror = {.folder = self->folder,
                                 .location = {.folder = self->folder, .remote = self->remote},
                                 .bounds = {.until_us = clock_monotonic_us () + SECONDS (60)}};
    self->fault = git_mirror_update (&mirror, &turn);
    arena_destroy (&arena);
    return NULL;
}

// How many descriptors of ours are of that file, also where it was removed. By their names: they are another thread's, which closes them.
static int descriptors_of (const struct stat *file)
{
    struct stat status;
    char name[40];
    int count = 0;
    for (int fd = 3; fd < 256; fd++) {
        snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
        count += stat (name, &status) == 0 && status.st_ino == file->st_ino && status.st_dev == file->st_dev;
    }
    return count;
}

TEST (who_waited_for_a_mirror_that_was_removed_meanwhile_locks_the_one_that_is_made_anew)
{
    world_t world;
    struct stat removed;
    struct pollfd poller;
    int64_t until_us = test_until_us ();
    world_new (&world);
    CHECK (mkdir (world.folder, 0700) == 0);
    int ours = open (world.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK (ours >= 0 && flock (ours, LOCK_EX) == 0 && fstat (ours, &removed) == 0);
    CHECK (pthread_create (&world.thread, NULL, update, &world) == 0);
    while (descriptors_of (&removed) < 2 && clock_monotonic_us () < until_us)
        poll (NULL, 0, 5);
    CHECK_INT (descriptors_of (&removed), 2); // It waits for us, who remove the mirror and go
    CHECK (unlink (world.lock) == 0 && rmdir (world.folder) == 0);
    close (ours);
    poller = (struct pollfd){.fd = world.silent, .events = POLLIN};
    CHECK (poll (&poller, 1, 20000) == 1); // Its git has come
    int client = accept (world.silent, NULL, NULL), next = open (world.lock, O_RDWR | O_CLOEXEC);
    CHECK (client >= 0 && next >= 0);
    CHECK (flock (next, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK);
    close (client);
    pthread_join (world.thread, NULL);
    CHECK_INT (world.fault, UNAVAILABLE);
    CHECK (flock (next, LOCK_EX | LOCK_NB) == 0);
    close (next);
    world_destroy (&world);
}
