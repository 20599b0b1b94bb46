/* fields_excerpt.h - fields of a log's excerpt: the lines that matter of what a step printed, as people read them. */

#ifndef OPENCICD_FIELDS_EXCERPT_H
#define OPENCICD_FIELDS_EXCERPT_H

#include "proto/limits.h"

#define MAX_FAILURE_LINE  500 // Bytes of a line; the rest is cut
#define MAX_EXCERPT       200 // Lines of one excerpt
#define MAX_EXCERPT_WORDS 128

#define LOG_LINE(F, T)                                \
    F (T, I64, line, INT64_MAX, "its number, from 1") \
    F (T, STR, text, MAX_FAILURE_LINE, "without colour codes; what progress bars overwrote is left out")

#define LOG_EXCERPT(F, T)                                              \
    F (T, KEY, job, MAX_ID, "")                                        \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a log") \
    F (T, U32, step, 10000, "number of the step")                      \
    F (T, U32, lines, MAX_EXCERPT, "at most this many; default: 50")   \
    F (T, STRS, words, MAX_EXCERPT_WORDS,                              \
       "in lower case: not the last lines, but those that have one of these, with what surrounds them")
#define LOG_LINES(F, T) \
    F (T, LIST (log_line), items, MAX_EXCERPT, "of what the step printed, without empty ones")

//     number, name, fields, meaning (messages.h)
#define EXCERPT_MESSAGES(M)                                                        \
    M (200, log_line, LOG_LINE, "a line of a log")                                 \
    M (201, log_excerpt, LOG_EXCERPT, "the last lines of a step, or some of them") \
    M (202, log_lines, LOG_LINES, "lines of a log")

#endif
