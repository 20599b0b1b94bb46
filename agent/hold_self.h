/* hold_self.h - what hold.c and hold_shell.c share: one loop, in the thread that runs the job, over requests and the terminal. */

#ifndef OPENCICD_AGENT_HOLD_SELF_H
#define OPENCICD_AGENT_HOLD_SELF_H

#include "agent/engine/state/engine_port.h"
#include "common/http/http_client.h"
#include "common/os/process.h"
#include "proto/messages.h"

#define HOLD_WAIT    20                 // Seconds that a request waits for news
#define HOLD_AGAIN   SECONDS (1)        // After a request that failed
#define SHELL_IDLE_S 900                // Without a key for this long a shell is ended
#define SHELL_AGAIN  MILLISECONDS (200) // A piece that there was no room for is sent again
#define SHELL_BUFFER (32 << 10)         // Bytes that were printed and not sent yet; then the shell waits

// A request of the loop: one of each kind at a time.
typedef struct holding holding_t;
typedef struct {
    holding_t *of;
    void (*answered) (holding_t *self, const http_answer_t *answer, fault_t fault);
    bool open;
    uint64_t id;
    int64_t again_us; // Not before; monotonic
} hold_request_t;

// The shell that is open; `id` empty: none is.
typedef struct {
    char id[MAX_ID + 1];
    process_t *process; // NULL once it has ended
    int master;         // -1: none
    uint32_t columns, rows;
    int64_t typed_at_us; // When a key came last; monotonic
    // Typed: read from the server up to `typed`, and not yet taken by the terminal
    char keys[MAX_SHELL_PIECE];
    size_t key_count;
    int64_t typed;
    // Printed, and not yet taken by the server, which has all before `printed`
    char screen[SHELL_BUFFER];
    size_t screen_size, in_flight;
    int64_t printed;
    bool drained; // The terminal has nothing more
    bool ending;  // The last request was made
    uint32_t exit_status;
    const char *reason; // A literal; "" where it exited
} held_shell_t;

struct holding {
    arena_t *arena; // Of the whole hold
    arena_t *now;   // Of one turn of the loop
    turn_t turn;
    const char *url;
    const job_offer_t *offer;
    const engine_hold_t *port;
    http_client_t *http;
    int events;       // epoll: the cancel, the terminal, the process
    int64_t until_us; // Monotonic
    bool begun, over;
    const char *why;           // It is over
    char wanted[MAX_ID + 1];   // The shell that the server knows
    char finished[MAX_ID + 1]; // The last one, which the server may not know to have ended
    char terminal[65];
    uint32_t columns, rows; // Of its window at first
    hold_request_t ask, read, write;
    held_shell_t shell;
};

// The job's own request; `path` below /jobs/{job}. The answer comes in the loop.
void hold_send (holding_t *self, hold_request_t *request_of, const char *method, const char *path,
                const char *type, const void *body, size_t size);

// ---- hold_shell.c ----
void shell_begin (holding_t *self);                   // The one that is wanted
void shell_step (holding_t *self);                    // What can be done now
void shell_end (holding_t *self, const char *reason); // Kills it; reported to the server with the next step
bool shell_is_open (const holding_t *self);
int64_t shell_due_us (const holding_t *self); // When the next step is due at the latest; monotonic

#endif
