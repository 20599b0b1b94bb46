/* server_clock.h - what time it is for the server, as far as its answers say.
 *
 * An answer's time is a little old when it arrives, never too new: of the last few answers the one that makes it latest is the best.
 * Between them the machine's boot time goes on, which also counts while this process, or the whole machine, stands still. */

#ifndef OPENCICD_AGENT_SERVER_CLOCK_H
#define OPENCICD_AGENT_SERVER_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define SERVER_CLOCK_SAMPLES 4 // So many heartbeats after a step of the server's clock we follow it

typedef struct {
    pthread_mutex_t lock;                   // Of what follows: several threads of the agent use it
    int64_t ahead_us[SERVER_CLOCK_SAMPLES]; // Of our boot time
    unsigned samples;                       // Taken so far
} server_clock_t;

void server_clock_init (server_clock_t *self);
void server_clock_set (server_clock_t *self,
                       int64_t server_us); // An answer's; 0, an older server's, is passed over
// What time it is for the server; a little less, never more. False, and 0, where no answer has said the time.
bool server_clock_now (server_clock_t *self, int64_t *now_us);
// How long ago, for the server, something was that it dated so; negative where it lies ahead. False where no answer has said the time.
bool server_clock_age (server_clock_t *self, int64_t server_us, int64_t *age_us);

#endif
