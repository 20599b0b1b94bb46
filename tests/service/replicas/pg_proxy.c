/* pg_proxy.c - see pg_proxy.h. One thread, one poll; writes wait, for WRITE_SECONDS at most. */

#include "tests/service/replicas/pg_proxy.h"

#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS         64
#define PIECE         (64 << 10)
#define WRITE_SECONDS 5

// CommandComplete as the server sends it: 'C', its size, the tag.
static const char begun[] = "C\0\0\0\12BEGIN", committed[] = "C\0\0\0\13COMMIT"; // Each with its NUL
#define TAIL (sizeof committed - 1) // Of what came before: a tag may come in two pieces

typedef struct {
    int link, near, far; // near 0: free
    char commit[24];     // Names its prepared statement; "" until it was prepared
    char tail[TAIL];
    size_t tail_size;
} pair_t;

struct pg_proxy {
    struct sockaddr_in server;
    pthread_t thread;
    int wake[2];
    int links;
    int listeners[PG_LINKS];
    uint16_t ports[PG_LINKS];
    pair_t pairs[PAIRS];  // The thread's
    pthread_mutex_t lock; // Of what follows
    harm_t harm;
    pid_t pid;
    bool armed, done;
};

static bool last_of (const char *data, size_t size, const char *tag, size_t tag_size, size_t *at)
{
    for (size_t i = size; i >= tag_size; i--)
        if (memcmp (data + i - tag_size, tag, tag_size) == 0) {
            *at = i;
            return true;
        }
    return false;
}

// Parse is 'P', a size, the statement's name ("s12"), its text; Bind is 'B', a size, a portal's name, the statement's.
static bool asks_for_commit (pair_t *pair, const char *data, size_t size)
{
    static const char text[] = "\0commit"; // With its NUL
    const char *end = memmem (data, size, text, sizeof text), *name = end;
    while (name && name > data && isdigit ((unsigned char) name[-1]))
        name--;
    if (name && name > data && name[-1] == 's')
        snprintf (pair->commit, sizeof pair->commit, "s%.*s", (int) (end - name), name);
    size_t length = strlen (pair->commit) + 1; // With its NUL
    for (size_t i = 6; length > 1 && i + length <= size; i++)
        if (data[i - 6] == 'B' && !data[i - 1] && memcmp (data + i, pair->commit, length) == 0)
            return true;
    return false;
}

static bool has_come (moment_t moment, const char *data, size_t size)
{
    size_t begin = 0, commit = 0;
    bool commits = last_of (data, size, committed, sizeof committed, &commit);
    if (moment == AFTER_A_COMMIT)
        return commits;
    return last_of (data, size, begun, sizeof begun, &begin) && begin > commit;
}

// Does what was armed, its moment having come. False: the pair is lost with what is under way.
static bool harm_now (pg_proxy_t *self, const pair_t *pair, bool from_server, const char *text, size_t size)
{
    bool goes_on = true;
    pthread_mutex_lock (&self->lock);
    bool ours =
        self->armed && self->harm.link == pair->link && from_server == (self->harm.moment != BEFORE_A_COMMIT);
    bool now = ours && (!from_server || has_come (self->harm.moment, text, size));
    if (now && self->harm.skip-- == 0) {
        if (self->harm.signal)
            kill (self->pid, self->harm.signal);
        goes_on = self->harm.signal == SIGSTOP;
        self->armed = false;
        self->done = true;
    }
    pthread_mutex_unlock (&self->lock);
    return goes_on;
}

static bool hear_server (pg_proxy_t *self, pair_t *pair, const char *piece, size_t size)
{
    static char text[TAIL + PIECE];
    memcpy (text, pair->tail, pair->tail_size);
    memcpy (text + pair->tail_size, piece, size);
    size_t all = pair->tail_size + size, kept = all < TAIL ? all : TAIL;
    bool goes_on = harm_now (self, pair, true, text, all);
    memcpy (pair->tail, text + all - kept, kept);
    pair->tail_size = kept;
    return goes_on;
}

static bool hear_program (pg_proxy_t *self, pair_t *pair, const char *piece, size_t size)
{
    return !asks_for_commit (pair, piece, size) || harm_now (self, pair, false, piece, size);
}

static bool write_all (int fd, const char *data, size_t size)
{
    for (ssize_t sent; size > 0; data += sent, size -= (size_t) sent)
        if ((sent = send (fd, data, size, MSG_NOSIGNAL)) <= 0)
            return false;
    return true;
}

static void end (pair_t *pair)
{
    close (pair->near);
    close (pair->far);
    pair->near = 0;
}

static void pass_on (pg_proxy_t *self, pair_t *pair, bool from_server)
{
    static char piece[PIECE];
    ssize_t got = read (from_server ? pair->far : pair->near, piece, sizeof piece);
    bool good = got > 0 && (from_server ? hear_server : hear_program) (self, pair, piece, (size_t) got) &&
                write_all (from_server ? pair->near : pair->far, piece, (size_t) got);
    if (!good)
        end (pair);
}

static void limit_writes (int fd)
{
    struct timeval patience = {.tv_sec = WRITE_SECONDS};
    setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

// Where there is no room, or no server, the program finds its connection closed.
static void take (pg_proxy_t *self, int link)
{
    int near = accept4 (self->listeners[link], NULL, NULL, SOCK_CLOEXEC),
        far = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pair_t *pair = NULL;
    for (size_t i = 0; i < PAIRS && !pair; i++)
        pair = self->pairs[i].near ? NULL : &self->pairs[i];
    if (near < 0 || !pair || connect (far, (struct sockaddr *) &self->server, sizeof self->server) != 0) {
        close (near);
        close (far);
        return;
    }
    limit_writes (near);
    limit_writes (far);
    *pair = (pair_t){.link = link, .near = near, .far = far};
}

// In this order: what wakes the thread, the listeners, both ends of each pair.
enum { LISTENERS = 1, ENDS = LISTENERS + PG_LINKS, POLLS = ENDS + 2 * PAIRS };

static void look (const pg_proxy_t *self, struct pollfd polls[POLLS])
{
    polls[0] = (struct pollfd){.fd = self->wake[0], .events = POLLIN};
    for (size_t i = 0; i < PG_LINKS; i++)
        polls[LISTENERS + i] = (struct pollfd){.fd = self->listeners[i], .events = POLLIN};
    for (size_t i = 0; i < PAIRS; i++) {
        const pair_t *pair = &self->pairs[i];
        polls[ENDS + 2 * i] = (struct pollfd){.fd = pair->near ? pair->near : -1, .events = POLLIN};
        polls[ENDS + 2 * i + 1] = (struct pollfd){.fd = pair->near ? pair->far : -1, .events = POLLIN};
    }
}

static void *run (void *data)
{
    pg_proxy_t *self = data;
    struct pollfd polls[POLLS];
    do {
        look (self, polls);
        if (poll (polls, POLLS, -1) <= 0)
            continue;
        for (size_t i = 0; i < 2 * PAIRS; i++)
            if (polls[ENDS + i].revents && self->pairs[i / 2].near)
                pass_on (self, &self->pairs[i / 2], i % 2 == 1);
        for (int i = 0; i < self->links; i++)
            if (polls[LISTENERS + i].revents)
                take (self, i);
    } while (!polls[0].revents);
    return NULL;
}

static void open_link (pg_proxy_t *self, int link)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (fd, (struct sockaddr *) &address, size) == 0 && listen (fd, 64) == 0);
    CHECK (getsockname (fd, (struct sockaddr *) &address, &size) == 0);
    self->listeners[link] = fd;
    self->ports[link] = ntohs (address.sin_port);
}

pg_proxy_t *pg_proxy_new (const char *host, uint16_t port, int links)
{
    pg_proxy_t *self = calloc (1, sizeof *self);
    CHECK (self && links <= PG_LINKS && pipe2 (self->wake, O_CLOEXEC) == 0);
    self->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons (port)};
    CHECK (inet_pton (AF_INET, host, &self->server.sin_addr) == 1);
    pthread_mutex_init (&self->lock, NULL);
    for (int i = 0; i < PG_LINKS; i++)
        self->listeners[i] = -1;
    for (self->links = 0; self->links < links; self->links++)
        open_link (self, self->links);
    CHECK (pthread_create (&self->thread, NULL, run, self) == 0);
    return self;
}

void pg_proxy_destroy (pg_proxy_t **self_p)
{
    pg_proxy_t *self = *self_p;
    CHECK (write (self->wake[1], "x", 1) == 1);
    pthread_join (self->thread, NULL);
    for (size_t i = 0; i < PAIRS; i++)
        if (self->pairs[i].near)
            end (&self->pairs[i]);
    for (int i = 0; i < self->links; i++)
        close (self->listeners[i]);
    close (self->wake[0]);
    close (self->wake[1]);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

uint16_t pg_proxy_port (const pg_proxy_t *self, int link)
{
    return self->ports[link];
}

void pg_proxy_arm (pg_proxy_t *self, const harm_t *harm, pid_t pid)
{
    pthread_mutex_lock (&self->lock);
    self->harm = *harm;
    self->pid = pid;
    self->armed = true;
    self->done = false;
    pthread_mutex_unlock (&self->lock);
}

bool pg_proxy_done (pg_proxy_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool done = self->done;
    pthread_mutex_unlock (&self->lock);
    return done;
}
