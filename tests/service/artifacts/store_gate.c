/* store_gate.c - see store_gate.h. */

#include "tests/service/artifacts/store_gate.h"

#include "common/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int awaited, arrived;
static atomic_int failing;

void gate_meet (int count)
{
    pthread_mutex_lock (&lock);
    awaited = count;
    arrived = 0;
    pthread_mutex_unlock (&lock);
}

void gate_fail (int error)
{
    failing = error;
}

// In the place of the C library's.
int renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock (&lock);
    arrived++;
    pthread_cond_broadcast (&changed);
    int error = 0;
    while (arrived < awaited && error == 0)
        error = pthread_cond_timedwait (&changed, &lock, &until);
    pthread_mutex_unlock (&lock);
    return (int) syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
}

// The database's files are left alone.
static int is_of_store (int fd)
{
    char link[64], path[512] = "";
    snprintf (link, sizeof (link), "/proc/self/fd/%d", fd);
    return readlink (link, path, sizeof (path) - 1) > 0 && strstr (path, "/blobs/") != NULL;
}

int fdatasync (int fd)
{
    if (!failing || !is_of_store (fd))
        return fsync (fd);
    errno = failing;
    return -1;
}
