/* client.c - measures a CI server over HTTP, as one of its users would see it. `floor` and the server are asked the same way.
 *
 *     bench-client latency URL TOKEN COUNT SOCKET POST-PATH BODY-FILE SHOW-PREFIX   one after the other
 *     bench-client burst   URL TOKEN COUNT POST-PATH BODY-FILE SHOW-PREFIX          all at once, until all have ended
 *     bench-client queue   URL TOKEN COUNT POST-PATH BODY-FILE SHOW-PREFIX          all at once, not waited for
 *     bench-client get     URL TOKEN SECONDS CONNECTIONS PAUSE-US PATH
 *
 * Prints one JSON object; times are milliseconds. A job tells when its process started through bench-stamp and SOCKET. */

#include "tests/bench/client_http.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_COUNT       100000
#define MAX_CONNECTIONS 256
#define BURST_SENDERS   8
#define JOB_SECONDS     120
#define WORST_RATE      50 // Jobs a second that a burst must reach
#define BODY_MAX        65536
#define PAUSE_NS        200000  // Between two looks at a job whose latency is measured
#define BURST_PAUSE_NS  1000000 // Between two looks at a burst: they must not be what is measured
#define PAUSE_SHARE     100     // A look comes no sooner than after this part of the time that was waited

typedef struct {
    const char *url, *token, *post_path, *show_prefix;
    char body[BODY_MAX];
    char (*ids)[64];
    int count;
} work_t;

static void read_body (work_t *work, const char *path)
{
    FILE *file = fopen (path, "r");
    if (!file)
        client_give_up ("cannot read %s", path);
    work->body[fread (work->body, 1, BODY_MAX - 1, file)] = 0;
    fclose (file);
}

static int number (const char *text, int most)
{
    char *end;
    long value = strtol (text, &end, 10);
    if (*end || value < 0 || value > most)
        client_give_up ("expected a number from 0 to %d, not %s", most, text);
    return (int) value;
}

static void rest (int64_t ns)
{
    ppoll (NULL, 0, &(struct timespec){.tv_nsec = ns}, NULL);
}

static void post (client_t *client, const work_t *work, char id[64])
{
    int status = client_ask (client, "POST", work->post_path, work->body);
    if (status != 201 || !client_value (client, "id", id, 64))
        client_give_up ("POST %s: %d %.300s", work->post_path, status, client_body (client));
}

static bool has_finished (client_t *client, const work_t *work, const char *id)
{
    char path[512], state[32] = "", result[32] = "";
    snprintf (path, sizeof (path), "%s%s", work->show_prefix, id);
    int status = client_ask (client, "GET", path, "");
    if (status != 200 || !client_value (client, "state", state, sizeof (state)))
        client_give_up ("GET %s: %d %.300s", path, status, client_body (client));
    if (strcmp (state, "finished") != 0)
        return false;
    if (!client_value (client, "result", result, sizeof (result)) || strcmp (result, "success") != 0)
        client_give_up ("%s ended with %s: %.2000s", id, result, client_body (client));
    return true;
}

// True where it had not finished at the first look.
static bool wait_until_finished (client_t *client, const work_t *work, const char *id, int64_t pause_ns)
{
    int64_t began = now_ns (), waited_ns = 0;
    int64_t longest = (JOB_SECONDS + work->count / WORST_RATE) * INT64_C (1000000000);
    bool waited = false;
    for (; !has_finished (client, work, id); waited = true) {
        waited_ns = now_ns () - began;
        if (waited_ns > longest)
            client_give_up ("%s did not end: %.2000s", id, client_body (client));
        rest (waited_ns / PAUSE_SHARE > pause_ns ? waited_ns / PAUSE_SHARE : pause_ns);
    }
    return waited;
}

static int by_size (const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

static double percentile (double *values, int count, int percent)
{
    qsort (values, (size_t) count, sizeof (double), by_size);
    int at = (count * percent + 99) / 100 - 1;
    return values[at < 0 ? 0 : at];
}

static int stamp_listen (const char *path)
{
    struct timeval limit = {.tv_sec = JOB_SECONDS};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf (at.sun_path, sizeof (at.sun_path), "%s", path);
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof (limit));
    unlink (path);
    if (bind (fd, (struct sockaddr *) &at, sizeof (at)) != 0)
        client_give_up ("cannot listen on %s", path);
    return fd;
}

static int latency (work_t *work, const char *socket_path)
{
    client_t *client = client_new (work->url, work->token);
    double *started = calloc ((size_t) work->count, sizeof (double));
    double *finished = calloc ((size_t) work->count, sizeof (double));
    double *ran = calloc ((size_t) work->count, sizeof (double));
    int stamps = stamp_listen (socket_path);
    char id[64] = "";
    for (int i = 0; i < work->count; i++) {
        int64_t began = now_ns (), stamp;
        post (client, work, id);
        if (recv (stamps, &stamp, sizeof (stamp), 0) != sizeof (stamp))
            client_give_up ("%s: its first process did not start", id);
        wait_until_finished (client, work, id, PAUSE_NS);
        int64_t end = now_ns ();
        started[i] = (double) (stamp - began) / 1e6;
        finished[i] = (double) (end - began) / 1e6;
        ran[i] = (double) (end - stamp) / 1e6;
    }
    printf ("{\"started_p50\": %.3f, \"started_p99\": %.3f, \"finished_p50\": %.3f, \"finished_p99\": %.3f, "
            "\"ran_p50\": %.3f, \"id\": \"%s\"}\n",
            percentile (started, work->count, 50), percentile (started, work->count, 99),
            percentile (finished, work->count, 50), percentile (finished, work->count, 99),
            percentile (ran, work->count, 50), id);
    free (started);
    free (finished);
    free (ran);
    close (stamps);
    client_destroy (&client);
    return 0;
}

typedef struct {
    const work_t *work;
    pthread_t thread;
    int number; // Which share of the work
} sender_t;

static void *send_share (void *argument)
{
    sender_t *self = argument;
    client_t *client = client_new (self->work->url, self->work->token);
    for (int i = self->number; i < self->work->count; i += BURST_SENDERS)
        post (client, self->work, self->work->ids[i]);
    client_destroy (&client);
    return NULL;
}

static int burst (work_t *work, bool wait)
{
    sender_t senders[BURST_SENDERS];
    work->ids = calloc ((size_t) work->count, sizeof (*work->ids));
    int64_t began = now_ns ();
    for (int i = 0; i < BURST_SENDERS; i++) {
        senders[i] = (sender_t){.work = work, .number = i};
        pthread_create (&senders[i].thread, NULL, send_share, &senders[i]);
    }
    for (int i = 0; i < BURST_SENDERS; i++)
        pthread_join (senders[i].thread, NULL);
    int64_t queued = now_ns (), ended = queued;
    client_t *client = client_new (work->url, work->token);
    // The last are the likeliest to be waited for; that all others have ended too is looked at when the time has been taken.
    for (int i = wait ? work->count - 1 : -1; i >= 0; i--)
        if (wait_until_finished (client, work, work->ids[i], BURST_PAUSE_NS))
            ended = now_ns ();
    double seconds = (double) (ended - began) / 1e9;
    printf ("{\"jobs_per_second\": %.1f, \"seconds\": %.3f, \"queued_after\": %.1f}\n", work->count / seconds,
            seconds, (double) (queued - began) / 1e6);
    free (work->ids);
    client_destroy (&client);
    return 0;
}

typedef struct {
    const char *url, *token, *path;
    int64_t until, count, slowest, pause_ns;
    pthread_t thread;
} getter_t;

static void *get_until (void *argument)
{
    getter_t *self = argument;
    client_t *client = client_new (self->url, self->token);
    for (int64_t now = now_ns (); now < self->until; self->count++) {
        int status = client_ask (client, "GET", self->path, "");
        int64_t after = now_ns ();
        if (status != 200)
            client_give_up ("GET %s: %d %.300s", self->path, status, client_body (client));
        if (after - now > self->slowest)
            self->slowest = after - now;
        if (self->pause_ns > 0)
            rest (self->pause_ns);
        now = self->pause_ns > 0 ? now_ns () : after;
    }
    client_destroy (&client);
    return NULL;
}

static int get (char **argv)
{
    static getter_t getters[MAX_CONNECTIONS];
    int seconds = number (argv[2], 3600), connections = number (argv[3], MAX_CONNECTIONS);
    int64_t total = 0, slowest = 0, until = now_ns () + seconds * INT64_C (1000000000);
    for (int i = 0; i < connections; i++) {
        getters[i] = (getter_t){.url = argv[0],
                                .token = argv[1],
                                .path = argv[5],
                                .until = until,
                                .pause_ns = number (argv[4], 999999) * INT64_C (1000)};
        pthread_create (&getters[i].thread, NULL, get_until, &getters[i]);
    }
    for (int i = 0; i < connections; i++) {
        pthread_join (getters[i].thread, NULL);
        total += getters[i].count;
        if (getters[i].slowest > slowest)
            slowest = getters[i].slowest;
    }
    printf ("{\"requests_per_second\": %.0f, \"slowest\": %.3f}\n", (double) total / seconds,
            (double) slowest / 1e6);
    return 0;
}

int main (int argc, char **argv)
{
    static work_t work;
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp (mode, "get") == 0 && argc == 8)
        return get (argv + 2);
    bool one_by_one = strcmp (mode, "latency") == 0 && argc == 9;
    bool wait = strcmp (mode, "burst") == 0;
    if (!one_by_one && ((!wait && strcmp (mode, "queue") != 0) || argc != 8)) {
        fprintf (stderr, "usage: see the top of client.c\n");
        return 2;
    }
    char **rest = argv + (one_by_one ? 6 : 5);
    work.url = argv[2];
    work.token = argv[3];
    work.count = number (argv[4], MAX_COUNT);
    work.post_path = rest[0];
    read_body (&work, rest[1]);
    work.show_prefix = rest[2];
    return one_by_one ? latency (&work, argv[5]) : burst (&work, wait);
}
