/* artifact_port.h - where a job's artifacts go to and come from, and its summaries. The agent's speaks HTTP; a test's is a folder. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_ARTIFACT_PORT_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_ARTIFACT_PORT_H

#include "common/base/turn.h"
#include "common/report/test_report.h"

#include <stddef.h>

// Declared here, because proto/messages.h cannot be included together with workflow/model/job.h: both have a `struct job`.
struct artifact;
struct artifact_begin;
struct artifact_page;

typedef struct artifact_port {
    void *self;
    const char *url; // Of the server, without a / at its end: for links
    // Begins an upload, or resumes it: *out says how many parts the server has.
    fault_t (*begin) (void *self, turn_t *turn, const struct artifact_begin *ask, struct artifact *out);
    fault_t (*put) (void *self, turn_t *turn, const char *artifact, uint32_t part, const void *data,
                    size_t size);
    fault_t (*finish) (void *self, turn_t *turn, const char *artifact, const char *sha256,
                       struct artifact *out);
    // The artifacts of a run, "" for the job's own; `name` "" for all.
    fault_t (*list) (void *self, turn_t *turn, const char *run, const char *name, const char *cursor,
                     struct artifact_page *out);
    // By its id or its number.
    fault_t (*show) (void *self, turn_t *turn, const char *artifact, struct artifact *out);
    // Its bytes: those of all its files, one after the other, or an archive of them.
    fault_t (*read) (void *self, turn_t *turn, const char *artifact, int64_t offset, void *into, size_t size,
                     size_t *got);
    // The artifacts that the job itself has published. NULL: that is not known.
    fault_t (*own) (void *self, turn_t *turn, const char *cursor, struct artifact_page *out);
    // Bytes of one file of an artifact, unpacked where it is an archive.
    fault_t (*file) (void *self, turn_t *turn, const char *artifact, const char *path, int64_t offset,
                     void *into, size_t size, size_t *got);
    // Of the bundle with the commit that runs, where that is in no repository (proto/fields_trial.h). NULL: there is none.
    fault_t (*trial) (void *self, turn_t *turn, int64_t offset, void *into, size_t size, size_t *got);
    // The markdown of a step, masked. NULL: summaries are not kept here.
    fault_t (*summary) (void *self, turn_t *turn, uint32_t step, const void *text, size_t size);
    // What a test report of a step says, masked: its numbers, and the cases worth telling. NULL: reports are not kept here.
    fault_t (*tests) (void *self, turn_t *turn, uint32_t step, const char *file, const test_report_t *report,
                      const test_brief_t *brief);
} artifact_port_t;

#endif
