/* server_clock.h - the server's time, estimated from its answers.
 *
 * An answer's time is a little old when it arrives, never too new: so of the last few answers the one that gives the latest time is the best.
 * Between answers CLOCK_BOOTTIME advances it, also while this process is stopped or the machine sleeps. */

#ifndef OPENCICD_AGENT_SERVER_CLOCK_H
#define OPENCICD_AGENT_SERVER_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define SERVER_CLOCK_SAMPLES 4 // If the server's clock was set back, we follow after this many answers

typedef struct {
    pthread_mutex_t lock;                   // Of what follows: several threads of the agent use it
    int64_t ahead_us[SERVER_CLOCK_SAMPLES]; // Of our boot time
    unsigned samples;                       // Taken so far
} server_clock_t;

void server_clock_init (server_clock_t *self);
void server_clock_set (server_clock_t *self,
                       int64_t server_us); // An answer's time; 0, from an older server, is ignored
// The server's time, or a little earlier, never later. False, and 0, if no answer has said it yet.
bool server_clock_now (server_clock_t *self, int64_t *now_us);
// The age of something with that time stamp of the server; negative: it is in the future. False if no answer has said the time yet.
bool server_clock_age (server_clock_t *self, int64_t server_us, int64_t *age_us);

#endif
