/* http_self.h - what the files of the HTTP server share. Private to common/http/http_*.c.
 *
 * Who may touch a connection: while it is idle, only whoever holds the lock; the worker that took its event owns it until it is idle
 * again, and then must not touch it any more, because another worker may have it already. */

#ifndef OPENCICD_HTTP_SELF_H
#define OPENCICD_HTTP_SELF_H

#include "common/http/http_server.h"

#include <netinet/in.h>
#include <pthread.h>

#define HTTP_BUCKETS 4096      // Of addresses and of credentials; two that share one share the bound
#define HTTP_SPILL   (8 << 10) // Bytes that are read ahead of a body in chunks
#define HTTP_SPARE   2         // Workers beside `threads`: for heads and for what is urgent

// PLACED: it has waited, now has a place in its lane, and an event will hand it to the next free worker.
typedef enum { CONN_IDLE, CONN_WAITS, CONN_PLACED, CONN_BUSY } conn_state_t;

typedef struct {
    http_head_t head;
    char text[HTTP_HEAD_MAX + 1];
} head_space_t;

struct http_conn {
    http_server_t *server;
    http_conn_t *before, *after; // In the list of all; idle ones are in the order in which they became idle
    http_conn_t *next;           // In a lane's queue
    int fd;
    uint32_t bucket;     // Of its address
    uint32_t credential; // Bucket of its request's credential
    conn_state_t state;
    http_lane_t lane;
    int64_t until_us;    // Idle: when it is cut off. Waiting: when it is refused
    bool heading;        // A head has begun to arrive, and its time limit runs
    bool late;           // That limit has passed
    bool uncounted;      // Evicted: it no longer counts for the bounds
    bool draining;       // Answered; further bytes are discarded
    bool slow, stays;    // Its thread is not counted among the workers: it waits for its client, or streams
    bool goes_on;        // Its thread has something to do after this request
    size_t drained;      // Bytes
    head_space_t *space; // NULL until something has arrived
    size_t have, seen;   // Of the text: bytes, and how many were looked at for the end of the head
    char *rest;          // What follows the head and was not read yet
    size_t rest_size;
    char *spill; // Where `rest` lies when it was read after the head
    char peer[INET_ADDRSTRLEN];
};

typedef struct http_worker {
    http_server_t *server;
    pthread_t thread;
    struct http_worker *next; // Among those that ended
} http_worker_t;

struct http_server {
    http_server_config_t config;
    int listener, epoll, wake; // wake: eventfd, in the epoll set from the stop on
    uint16_t port;
    pthread_t acceptor;
    bool accepting;       // The acceptor runs
    pthread_mutex_t lock; // Of all that follows
    pthread_cond_t left;  // A request or a thread has ended; signalled only while somebody waits
    unsigned waiters;
    bool stop;
    bool quits; // No new request is started
    http_conn_t *first, *last;
    uint32_t open, counted; // Connections; of these, those that were not evicted
    uint16_t by_address[HTTP_BUCKETS];
    uint32_t working[HTTP_LANES];
    uint16_t working_by[HTTP_BUCKETS], slow_by[HTTP_BUCKETS]; // Of one credential
    uint32_t active;                                          // Threads that are counted among the workers
    uint32_t threads;                                         // All
    uint32_t idle;                                            // In epoll_wait
    uint32_t slow, stays;                                     // Threads that are not counted
    uint32_t served;                                          // Requests, those that stay included
    http_conn_t *queue[HTTP_LANES], *queue_last[HTTP_LANES];
    uint32_t waiting;
    http_worker_t *ended; // Threads to be joined
    uint64_t evicted, refused, late, cut;
    uint32_t seed; // Of the buckets
};

// http_conn.c
void conn_arm (http_conn_t *self,
               bool at_once); // Its next bytes make an event; `at_once`: there is one already
void conn_idle (http_conn_t *self, int64_t until_us, bool at_once);
void conn_close (http_conn_t *self);
// Without the lock: takes the thread of this connection out of the count of workers, or back.
bool conn_step_out (http_conn_t *self);
void conn_step_in (http_conn_t *self);

// http_worker.c, all under the lock
void workers_spawn (http_server_t *self); // Starts one more if none is free and the bound allows it
void workers_leave (http_conn_t *conn);   // Frees its place in its lane, for the next that waits
void workers_enter (http_conn_t *conn);   // Gives it a place in its lane, whether there is room or not
void workers_join (http_server_t *self);  // Joins those that have ended

#endif
