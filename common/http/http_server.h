/* http_server.h - an HTTP/1.1 server whose threads wait for services, never for clients.
 *
 * One idea: a connection costs a thread only while its request is worked on. All connections that are idle, or in the middle of
 * a head, are in one epoll set; any free worker takes the next that has bytes. A worker that must wait for its
 * client (a body on its way, an answer that is not taken) or that stays long (a stream) steps out of the count of workers, and
 * another takes its place. So 2,000 agents that keep their connections, or 300 clients that send a byte now and then, cost
 * their sockets and nothing else.
 *
 * Everything has a bound: threads, threads that wait for slow clients, connections in all and for one address, bytes and time of a
 * head, time at rest. When connections run out, the one that has been idle longest is closed. Requests are served in lanes, so
 * that many of one kind leave threads for the others, and one credential has at most half of the threads. A request without room waits
 * in order, for a bounded time. A worker that comes back from waiting for a slow client continues at once, beside the others: its request was begun
 * before theirs, and `slow` bounds how many there are.
 *
 * It speaks IPv4 and no TLS (a proxy in front does), no HTTP/2, and no upgrade. */

#ifndef OPENCICD_HTTP_SERVER_H
#define OPENCICD_HTTP_SERVER_H

#include "common/base/turn.h"
#include "common/http/http_head.h"

typedef struct http_server http_server_t;
typedef struct http_conn http_conn_t;

// Urgent requests are always served at once, the first may use every worker, the others three of four.
typedef enum { LANE_URGENT, LANE_FIRST, LANE_OTHERS, HTTP_LANES } http_lane_t;

// What becomes of a connection after an answer. DRAIN: its client may still be sending; what it sends is discarded for a moment, so
// that a reset does not destroy the answer.
typedef enum { HTTP_KEEP, HTTP_CLOSE, HTTP_DRAIN } http_after_t;

typedef struct {
    const char *host; // "127.0.0.1"
    uint16_t port;    // 0: any free port
    uint32_t threads; // Requests that are worked on at once
    uint32_t
        slow; // Threads beside them that wait for a client, a quarter for one credential; past it the client is cut off
    uint32_t connections, per_address;
    uint32_t head_ms; // From the first byte of a head to its last
    uint32_t idle_ms; // Between two requests
    uint32_t wait_ms; // In a lane's queue, then 503
    void *context;
    // On a worker: reads the body, answers.
    http_after_t (*serve) (void *context, http_conn_t *conn, const http_head_t *head);
    // Answers what was refused before there was a request. `conn` can only be written to.
    void (*refuse) (void *context, http_conn_t *conn, int status, const char *text);
    http_lane_t (*lane) (const http_head_t *head);
    // After `serve` where that called http_conn_go_on: in the same thread. NULL where nobody calls it.
    void (*go_on) (void *context);
} http_server_config_t;

typedef struct {
    uint32_t open;                       // Connections
    uint32_t working, idle, slow, stays; // Threads: in a request, free, waiting for a client, in a stream
    uint32_t threads;                    // All that exist: more are made as they are needed
    uint32_t waiting;                    // Requests in a lane's queue
    uint64_t evicted;                    // Connections closed to make room for others
    uint64_t refused;                    // Connections that found no room
    uint64_t late;                       // Heads that did not arrive in time
    uint64_t cut;                        // Clients cut off because too many were slow
} http_server_stats_t;

// Listens and serves. CONFLICT, naming the address, if it is taken or not ours. Borrows the context.
MUST_USE fault_t http_server_new (http_server_t **out, turn_t *turn, const http_server_config_t *config);
// Cuts every connection; waits for the threads, so what they wait for must have ended.
void http_server_destroy (http_server_t **self_p);
uint16_t http_server_port (const http_server_t *self);
void http_server_stats (http_server_t *self, http_server_stats_t *out);
// From now on no request starts and no connection is accepted; idle connections end. Requests in progress go on. A client whose connection
// ends before its answer began knows that nothing was done for it.
void http_server_quit (http_server_t *self);
// Waits until no request is being served, or only streams if `streams_too` is false. False if the time runs out first.
bool http_server_wait (http_server_t *self, bool streams_too, int64_t until_us);

// ---- for `serve` ----

const char *http_conn_peer (const http_conn_t *self); // "192.0.2.7"
// Reads up to `size` bytes after the head, waiting for the first of them. 0: no more will come; -1: not in time.
int http_conn_read (http_conn_t *self, void *into, size_t size, int64_t until_us);
// Looks at bytes that have arrived and were not read; waits for some. They stay until http_conn_skip.
int http_conn_peek (http_conn_t *self, const char **data, int64_t until_us);
void http_conn_skip (http_conn_t *self, size_t size);
// False if the client has gone or has not taken it in time. Then nothing more can be sent.
bool http_conn_write (http_conn_t *self, const void *data, size_t size, int64_t until_us);
// This request stays for long: its thread is not counted among the workers until the end of `serve`. The caller bounds how many.
void http_conn_stay (http_conn_t *self);
// Once this request is answered and its connection is free for the next, its thread calls `go_on`, which may take as long as it likes: it is
// not counted among the workers then. For work that a request begins: handing it to another thread would cost a wake-up.
void http_conn_go_on (http_conn_t *self);

#endif
