/* fields_log.h - fields of logs: append, seal, read, search. */

#ifndef OPENCICD_FIELDS_LOG_H
#define OPENCICD_FIELDS_LOG_H

#include "proto/limits.h"

#define LOG_STEP(F, T)                            \
    F (T, U32, step, 10000, "number of the step") \
    F (T, I64, first_line, INT64_MAX, "from 1")   \
    F (T, I64, lines, INT64_MAX, "how many")      \
    F (T, I64, offset, INT64_MAX, "first byte")   \
    F (T, TIME, at, 0, "when its first byte came in")

#define LOG_MATCH(F, T)                                                                 \
    F (T, I64, line, INT64_MAX, "from 1")                                               \
    F (T, U32, step, 10000, "number of the step")                                       \
    F (T, U32, column, UINT32_MAX, "from 1, in bytes of the line without colour codes") \
    F (T, U32, length, UINT32_MAX, "bytes that match")                                  \
    F (T, STR, text, MAX_TEXT, "the line without colour codes, cut at the limit")

// From this byte on, until the next one.
#define LOG_TIME(F, T)                           \
    F (T, I64, offset, INT64_MAX, "of the byte") \
    F (T, TIME, at, 0, "when it was printed")

#define LOG_APPEND(F, T)                                                                                     \
    F (T, KEY, job, MAX_ID, "")                                                                              \
    F (T, U32, attempt, UINT32_MAX, "")                                                                      \
    F (T, I64, offset, INT64_MAX, "where `data` begins in the whole log; BAD_RANGE where that leaves a gap") \
    F (T, U32, step, 10000, "the step that all of `data` comes from")                                        \
    F (T, BYTES, data, MAX_CHUNK, "")                                                                        \
    F (T, TIME, at, 0, "when the first byte of `data` was printed; empty: now")
// The end of a log that is sent with the final status instead of in appends of its own, if it is short and text.
#define LOG_TRAILER(F, T)                                  \
    F (T, U32, step, 10000, "the step that it comes from") \
    F (T, STR, text, MAX_TRAILER, "")                      \
    F (T, TIME, at, 0, "when its first byte was printed; empty: now")
#define LOG_OFFSET(F, T)                                                                 \
    F (T, I64, offset, INT64_MAX,                                                        \
       "bytes stored durably: continue from here. With HTTP 416 it is before the chunk " \
       "that was sent, which left a gap: go back to here")                               \
    F (T, BOOL, sealed, 1, "no more bytes are accepted")
#define LOG_SEAL(F, T)                                                                                    \
    F (T, KEY, job, MAX_ID, "")                                                                           \
    F (T, U32, attempt, UINT32_MAX, "")                                                                   \
    F (T, I64, size, INT64_MAX, "of the whole log; BAD_RANGE if less or more is stored")                  \
    F (T, STR, sha256, 64, "hex; INVALID if it differs. Empty: seal what is stored (the agent was lost)") \
    F (T, I64, trailer_offset, INT64_MAX, "where `trailer` begins in the whole log")                      \
    F (T, LIST (log_trailer), trailer, MAX_TRAILERS,                                                      \
       "appended first; BAD_RANGE if there is a gap before it")                                           \
    F (T, STR, project, MAX_ID, "whose log it is, as a service says; \"\" for nobody's")
#define LOG_SHOW(F, T)          \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a log")
#define LOG_INFORMATION(F, T)                                            \
    F (T, STR, job, MAX_ID, "")                                          \
    F (T, U32, attempt, UINT32_MAX, "")                                  \
    F (T, I64, size, INT64_MAX, "bytes")                                 \
    F (T, I64, lines, INT64_MAX, "a last one without a line end counts") \
    F (T, BOOL, sealed, 1, "complete and checked")                       \
    F (T, STR, sha256, 64, "of the whole, once sealed")                  \
    F (T, LIST (log_step), steps, 10000, "where each step begins")
#define LOG_READ(F, T)                                                      \
    F (T, KEY, job, MAX_ID, "")                                             \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a log")      \
    F (T, I64, line, INT64_MAX, "first line, from 1; 0: by `offset`")       \
    F (T, I64, offset, INT64_MAX, "first byte, with line = 0")              \
    F (T, U32, step, 10000, "with line = 0 and offset = 0: only this step") \
    F (T, U32, lines, 100000, "at most this many; 0: as many as fit")       \
    F (T, U32, wait, 60, "seconds to wait for a first byte while the log is not sealed")
#define LOG_WINDOW(F, T)                                                          \
    F (T, U32, attempt, UINT32_MAX, "the attempt it is of")                       \
    F (T, I64, line, INT64_MAX, "number of the first line in `data`")             \
    F (T, I64, offset, INT64_MAX, "of the first byte of `data` in the whole log") \
    F (T, I64, next_line, INT64_MAX, "where to go on")                            \
    F (T, I64, next_offset, INT64_MAX, "where to go on")                          \
    F (T, U32, step, 10000, "the step of the first byte")                         \
    F (T, BOOL, complete, 1, "sealed, and this window reaches the requested end") \
    F (T, BYTES, data, MAX_CHUNK, "")                                             \
    F (T, I64, size, INT64_MAX, "bytes of the log so far")                        \
    F (T, I64, lines, INT64_MAX, "lines of the log so far")
#define LOG_SEARCH(F, T)                                                           \
    F (T, KEY, job, MAX_ID, "")                                                    \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a log")             \
    F (T, KEY, pattern, 1000, "literal text, or a regular expression")             \
    F (T, BOOL, regex, 1, "PCRE2 syntax, matched line by line")                    \
    F (T, BOOL, ignore_case, 1, "")                                                \
    F (T, I64, line, INT64_MAX, "list matches from this line on; all are counted") \
    F (T, U32, limit, 1000, "matches listed; default: 100")
#define LOG_MATCHES(F, T)                                                      \
    F (T, I64, count, INT64_MAX, "lines that match in the whole log, exactly") \
    F (T, LIST (log_match), items, 1000, "")                                   \
    F (T, I64, next_line, INT64_MAX, "where to go on; 0 at the end")
#define LOG_CLOCK(F, T)                                                \
    F (T, KEY, job, MAX_ID, "")                                        \
    F (T, U32, attempt, UINT32_MAX, "0 for the latest that has a log") \
    F (T, I64, offset, INT64_MAX, "`next` of the answer before")
#define LOG_TIMES(F, T)                                                                            \
    F (T, U32, attempt, UINT32_MAX, "the attempt it is of")                                        \
    F (T, LIST (log_time), items, MAX_TIMES, "where a step begins, and where a second has passed") \
    F (T, I64, next, INT64_MAX, "where to go on; 0 at the end")
#define LOG_PURGE(F, T) F (T, STRS, jobs, 64, "their logs, of all attempts, are removed")

//     number, name, fields, meaning (messages.h)
#define LOG_MESSAGES(M)                                                \
    M (80, log_append, LOG_APPEND, "a chunk of a log")                 \
    M (81, log_offset, LOG_OFFSET, "the collector's offset")           \
    M (82, log_seal, LOG_SEAL, "seal a log")                           \
    M (83, log_show, LOG_SHOW, "describe a log")                       \
    M (84, log_info, LOG_INFORMATION, "a log's size, lines and steps") \
    M (85, log_read, LOG_READ, "a window of a log")                    \
    M (86, log_window, LOG_WINDOW, "a part of a log")                  \
    M (87, log_search, LOG_SEARCH, "find lines in the whole log")      \
    M (88, log_matches, LOG_MATCHES, "lines that match")               \
    M (89, log_purge, LOG_PURGE, "remove the logs of jobs")            \
    M (78, log_clock, LOG_CLOCK, "when was it printed?")               \
    M (79, log_times, LOG_TIMES, "when the parts of a log were printed")

#endif
