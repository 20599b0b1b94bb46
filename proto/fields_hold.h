/* fields_hold.h - a job that failed and is held for debugging, and the shell that its owner opens in it (docs/debugging.md).
 *
 * What is typed and what is printed are two streams of bytes with offsets, kept by the scheduler until the other side has read them: so
 * neither side needs a connection that lives, nor the same gateway, and a request that is sent again does no harm. */

#ifndef OPENCICD_FIELDS_HOLD_H
#define OPENCICD_FIELDS_HOLD_H

#include "proto/limits.h"

#define MAX_HOLD_MINUTES 480
#define MAX_SHELL_PIECE  (16 << 10) // Bytes of one message
#define MAX_SHELL_AHEAD  (64 << 10) // Of one direction that were not read yet: past it a writer waits
#define MAX_SHELL_SIDE   1000       // Columns, rows

#define HELD_JOB(F, T)                                                         \
    F (T, STR, job, MAX_ID, "")                                                \
    F (T, U32, attempt, UINT32_MAX, "that is held")                            \
    F (T, TIME, until, 0, "when it ends by itself; null: the job is not held") \
    F (T, BOOL, over, 1, "somebody has ended it")                              \
    F (T, STR, shell, MAX_ID, "the shell that is open in it; empty for none")  \
    F (T, STR, opened_by, MAX_ID, "by whom")                                   \
    F (T, STR, terminal, 64, "of its user: TERM")                              \
    F (T, U32, columns, MAX_SHELL_SIDE, "")                                    \
    F (T, U32, rows, MAX_SHELL_SIDE, "")                                       \
    F (T, STR, reason, MAX_TEXT, "why the job failed")                         \
    F (T, U32, seconds_left, UINT32_MAX, "until it ends by itself: clocks differ")

#define HOLD_BEGIN(F, T)        \
    F (T, KEY, job, MAX_ID, "") \
    F (T, STR, reason, MAX_TEXT, "why the job failed")
#define HOLD_SHOW(F, T)                                                  \
    F (T, KEY, job, MAX_ID, "")                                          \
    F (T, STR, shell, MAX_ID, "the one that is known: wait for another") \
    F (T, U32, wait, 30, "seconds to wait for another shell, or for its end")
#define HOLD_END(F, T) F (T, KEY, job, MAX_ID, "")

#define SHELL_OPEN(F, T)                                              \
    F (T, KEY, job, MAX_ID, "")                                       \
    F (T, STR, terminal, 64, "TERM")                                  \
    F (T, U32, columns, MAX_SHELL_SIDE, "of the window; default: 80") \
    F (T, U32, rows, MAX_SHELL_SIDE, "default: 24")

// By its user: what was typed, and the size of the window. By the job's agent: what it printed, and how it ended.
#define SHELL_WRITE(F, T)                                                                                 \
    F (T, KEY, job, MAX_ID, "")                                                                           \
    F (T, KEY, shell, MAX_ID, "")                                                                         \
    F (T, I64, at, INT64_MAX, "where the bytes belong in their stream; what is there already is ignored") \
    F (T, U32, columns, MAX_SHELL_SIDE, "of the window, where it has changed; 0: it has not")             \
    F (T, U32, rows, MAX_SHELL_SIDE, "")                                                                  \
    F (T, BOOL, ended, 1, "the shell has ended, or is to")                                                \
    F (T, U32, exit_status, 255, "by the agent: of the shell")                                            \
    F (T, STR, reason, MAX_NAME, "by the agent: why it ended, where it did not exit")                     \
    F (T, BYTES, data, MAX_SHELL_PIECE, "")
#define SHELL_READ(F, T)                                                           \
    F (T, KEY, job, MAX_ID, "")                                                    \
    F (T, KEY, shell, MAX_ID, "")                                                  \
    F (T, I64, at, INT64_MAX, "from where on: what is before it may be forgotten") \
    F (T, U32, columns, MAX_SHELL_SIDE, "by the agent: the size that it knows")    \
    F (T, U32, rows, MAX_SHELL_SIDE, "")                                           \
    F (T, U32, wait, 30, "seconds to wait for something")
#define SHELL_BYTES(F, T)                                               \
    F (T, I64, next, INT64_MAX, "where the bytes after these are")      \
    F (T, U32, columns, MAX_SHELL_SIDE, "of the window")                \
    F (T, U32, rows, MAX_SHELL_SIDE, "")                                \
    F (T, BOOL, ended, 1, "and there will be no more")                  \
    F (T, U32, exit_status, 255, "")                                    \
    F (T, STR, reason, MAX_NAME, "why it ended, where it did not exit") \
    F (T, BYTES, data, MAX_SHELL_PIECE, "")

// Rows of MESSAGES (messages.h).
#define HOLD_MESSAGES(M)                                                       \
    M (582, held_job, HELD_JOB, "a job that is held for debugging")            \
    M (583, hold_begin, HOLD_BEGIN, "an agent asks whether to hold its job")   \
    M (584, hold_show, HOLD_SHOW, "is this job held, and is a shell open?")    \
    M (585, hold_end, HOLD_END, "let a held job end")                          \
    M (586, shell_open, SHELL_OPEN, "open a shell in a held job")              \
    M (587, shell_write, SHELL_WRITE, "bytes for a shell, or from it")         \
    M (588, shell_read, SHELL_READ, "what comes from a shell, or goes to it?") \
    M (589, shell_bytes, SHELL_BYTES, "bytes of a shell")

#define HOLD_CALLS(C)                          \
    C (hold_begin, scheduler, held_job, AGAIN) \
    C (hold_show, scheduler, held_job, AGAIN)  \
    C (hold_end, scheduler, held_job, AGAIN)   \
    C (shell_open, scheduler, held_job, ONCE)  \
    C (shell_write, scheduler, done, AGAIN)    \
    C (shell_read, scheduler, shell_bytes, AGAIN)

#endif
