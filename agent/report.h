/* report.h - the reporter: sends a job's log from this machine's disk, tells how far its steps are, and has the last word.
 *
 * A short wait gathers what belongs together, so that a job of a few milliseconds costs one request. While the server is
 * away it tries again and again, until it was lost for too long. */

#ifndef OPENCICD_AGENT_REPORT_H
#define OPENCICD_AGENT_REPORT_H

#include "agent/server_api.h"
#include "agent/work.h"

#include <stdatomic.h>

typedef struct {
    void *self;
    void (*last_word) (void *self); // The last status is about to be sent
} report_listener_t;

// Where the server wants the job to stop, its cancel is asked. Returns when the server has accepted the last word, or wants to
// hear no more of this job (both OK), or was silent for `*lost_seconds`, which may change meanwhile (UNAVAILABLE); the work has
// ended then.
fault_t report (server_t *server, work_t *work, const atomic_uint *lost_seconds,
                const report_listener_t *listener);

#endif
