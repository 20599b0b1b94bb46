/* job_sink.h - what the engine says about a job, put into its attempt. */

#ifndef OPENCICD_AGENT_JOB_SINK_H
#define OPENCICD_AGENT_JOB_SINK_H

#include "agent/attempt.h"
#include "agent/engine/engine.h"

typedef struct {
    job_attempt_t *attempt;
    void (*much) (void *self); // Once, when the log has so many bytes that they should be on their way
    void *self;
    size_t printed;  // Until then
    const char *url; // The server's, where a job that fails is held; NULL: none is
} job_sink_t;

// Borrows all, for as long as the engine runs the job.
engine_sink_t job_sink (job_sink_t *self, const struct artifact_port *artifacts,
                        const struct cache_port *caches);

#endif
