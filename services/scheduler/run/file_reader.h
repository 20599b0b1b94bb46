/* file_reader.h - workflow files to plans: small ones when they are needed, large ones by a helper thread, while the scheduler serves others.
 *
 * A file is bounded in bytes, weight and keys, and so is the time that it takes to be read; but a large one takes longer than any request
 * should wait for the actor. */

#ifndef OPENCICD_SCHEDULER_FILE_READER_H
#define OPENCICD_SCHEDULER_FILE_READER_H

#include "services/scheduler/run/planner_calls.h"
#include "services/scheduler/unit/self.h"

#define READ_AT_ONCE   (64 << 10) // Bytes of a file; larger ones are read by a helper thread
#define READER_THREADS 2

// All large files of the list that have not been read. LATER while a helper thread is at them: call it before anything is written. What is
// wrong with one is kept with it.
MUST_USE fault_t files_read (scheduler_t *self, turn_t *turn, planned_files_t *files);
// The same of those alone that a run of the file at `path` may need.
MUST_USE fault_t files_read_for (scheduler_t *self, turn_t *turn, planned_files_t *files, const char *path);
// Those: itself, and what their texts name, as `uses` takes no expression. A name that stands there by chance does no harm, and one that is
// written in escapes is read when it is called. `found` has a place for each file.
void files_named (const planned_files_t *files, const char *path, bool *found);
// A run's own workflow: a file of its commit, by its path. INVALID as planner_read.
MUST_USE fault_t files_root (turn_t *turn, planned_files_t *files, const char *path, plan_t **out);
bool file_is_named (const char *path, const char *asked); // By its path or its name

#endif
