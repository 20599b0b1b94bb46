/* fields_summary.h - fields of step summaries: the markdown that a step wrote into GITHUB_STEP_SUMMARY. */

#ifndef OPENCICD_FIELDS_SUMMARY_H
#define OPENCICD_FIELDS_SUMMARY_H

#include "proto/limits.h"

#define MAX_SUMMARY   (1 << 20) // Bytes of one step's, as GitHub has it
#define MAX_SUMMARIES 20        // Of one attempt, likewise

#define SUMMARY(F, T)                                           \
    F (T, U32, step, 10000, "number of the step that wrote it") \
    F (T, I64, size, MAX_SUMMARY, "bytes")                      \
    F (T, TIME, created_at, 0, "when it came in, at the step's end")

#define SUMMARY_PUT(F, T)                                                           \
    F (T, KEY, job, MAX_ID, "")                                                     \
    F (T, U32, attempt, UINT32_MAX, "")                                             \
    F (T, U32, step, 10000, "number of the step; what it wrote before is replaced") \
    F (T, BYTES, data, MAX_SUMMARY, "markdown")
#define SUMMARY_LIST(F, T)      \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a summary")
#define SUMMARIES(F, T)                                                       \
    F (T, U32, attempt, UINT32_MAX, "the attempt they are of; 0 without any") \
    F (T, LIST (summary), items, MAX_SUMMARIES, "in the order of the steps")
#define SUMMARY_READ(F, T)                                                 \
    F (T, KEY, job, MAX_ID, "")                                            \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a summary") \
    F (T, U32, step, 10000, "number of the step; of the route: 0 for all")
#define SUMMARY_TEXT(F, T) F (T, BYTES, data, MAX_SUMMARY, "markdown")

#define SUMMARY_MESSAGES(M)                                                    \
    M (160, summary_put, SUMMARY_PUT, "keep what a step wrote as its summary") \
    M (161, summary, SUMMARY, "a step's summary")                              \
    M (162, summary_list, SUMMARY_LIST, "the summaries of a job")              \
    M (163, summaries, SUMMARIES, "summaries")                                 \
    M (164, summary_read, SUMMARY_READ, "one summary")                         \
    M (165, summary_text, SUMMARY_TEXT, "its markdown")

#endif
