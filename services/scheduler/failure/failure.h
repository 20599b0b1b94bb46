/* failure.h - why a job failed: pure functions over what its agent reported and the last lines of the step that failed.
 *
 * Nothing here reads a log or a database. What is found is a guess where only lines tell (cause.c says by what); exit codes, signals,
 * reasons and the lines themselves are as they were reported. */

#ifndef OPENCICD_SCHEDULER_FAILURE_H
#define OPENCICD_SCHEDULER_FAILURE_H

#include "proto/messages.h"

// Does a job that ended like this need an explanation? One that a person stopped does not.
bool failure_is (result_t result, const char *reason);
// The step that failed, or the one under way when the job was stopped or its agent was lost; NULL where none began.
const step_row_t *failure_step (const job_t *job);
phase_t failure_phase (const job_t *job, const step_row_t *step);

// All that one job says by itself: without other runs, and without the command that reproduces it. `lines` are the last ones of that
// step. Texts are those of `job` and `lines`, or in the arena.
void failure_read (arena_t *arena, const job_t *job, const log_line_items_t *lines, failure_t *out);

// ---- its parts ----

typedef struct {
    cause_t cause;
    size_t line; // Which of the lines says so; their count where none does
} verdict_t;

// Do its reason, its exit code, its errors or these lines tell? Where not, those may that the whole step printed.
bool failure_is_told (const job_t *job, const log_line_items_t *lines);
strs_t failure_words (arena_t *arena); // In lower case, one of which they have then
verdict_t failure_cause (const job_t *job, const step_row_t *step, const log_line_items_t *lines);
const char *failure_signal (int64_t exit_code); // "SIGSEGV"; "" where no signal ended it
bool failure_is_error (const char *line);       // Does it look like an error, whichever?
// What the agent itself wrote for an error: `line` without its mark.
const char *failure_text (const char *line);
bool failure_is_exit (const char *line); // "Process completed with exit code 2."

// A line without what changes from run to run: numbers, hexadecimal, times, durations, folders. Ends within `most` bytes.
const char *failure_normalise (arena_t *arena, const char *line, size_t most);
// SHA-256, in hex, of the step's name and what it says; "" where there is nothing to compare.
const char *failure_fingerprint (arena_t *arena, const failure_t *failure, const log_line_items_t *lines,
                                 const verdict_t *verdict);

// `opencicd run ...` for that job of that run, whose inputs are JSON; "" for a run without a workflow file.
const char *failure_command (arena_t *arena, const run_t *run, const failure_t *failure);

#endif
