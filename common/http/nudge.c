/* nudge.c - see nudge.h. */

#include "common/http/nudge.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_US MILLISECONDS (10) // Between two connections

typedef struct {
    void (*stop) (void *server);
    void *server;
} task_t;

static void *run (void *context)
{
    const task_t *task = context;
    task->stop (task->server);
    return NULL;
}

static void nudge (const char *address)
{
    char host[INET_ADDRSTRLEN];
    const char *colon = strrchr (address, ':');
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (!colon || (size_t) (colon - address) >= sizeof host)
        return;
    snprintf (host, sizeof host, "%.*s", (int) (colon - address), address);
    to.sin_port = htons ((uint16_t) strtol (colon + 1, NULL, 10));
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && inet_pton (AF_INET, host, &to.sin_addr) == 1)
        (void) !connect (fd, (struct sockaddr *) &to, sizeof to); // Whether it is taken does not matter
    if (fd >= 0)
        close (fd);
}

void nudge_while (void (*stop) (void *server), void *server, const char *address)
{
    task_t task = {stop, server};
    pthread_t thread;
    if (pthread_create (&thread, NULL, run, &task) != 0) {
        stop (server);
        return;
    }
    struct timespec until;
    do {
        nudge (address);
        clock_gettime (CLOCK_REALTIME, &until);
        int64_t us = until.tv_nsec / 1000 + PAUSE_US;
        until.tv_sec += us / 1000000;
        until.tv_nsec = us % 1000000 * 1000;
    } while (pthread_timedjoin_np (thread, NULL, &until) != 0);
}
