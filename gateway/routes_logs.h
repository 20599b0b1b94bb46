/* routes_logs.h - the rows of routes.h about what jobs print and write: logs (docs/logs.md) and summaries. */

#ifndef OPENCICD_GATEWAY_ROUTES_LOGS_H
#define OPENCICD_GATEWAY_ROUTES_LOGS_H

#include "proto/fields_summary.h"

#include "gateway/routes_shell.h"

#define LOG_HANDLERS(H)                           \
    SHELL_HANDLERS (H)                            \
    H (log_put, BYTES_TYPE, JSON_TYPE, NULL, 0)   \
    H (log_text, NULL, TEXT_TYPE, "format", 0)    \
    H (log_follow, NULL, SSE_TYPE, NULL, 0)       \
    H (summary_put, MARKDOWN_TYPE, NULL, NULL, 0) \
    H (summary_show, NULL, MARKDOWN_TYPE, NULL, 0)

#define LOG_ROUTES(R)                                                                                      \
    SHELL_ROUTES (R)                                                                                       \
    R (PATCH, "/jobs/{job}/log", log_append, MAY_JOB, MAX_CHUNK, 202, log_put,                             \
       "a chunk of the log; 416: go back to `offset`")                                                     \
    R (GET, "/jobs/{job}/log", log_read, MAY_READ, 0, 200, log_text, "the log, or a window of it")         \
    R (GET, "/jobs/{job}/log/info", log_show, MAY_READ, 0, 200, api_show, "its size, lines and steps")     \
    R (GET, "/jobs/{job}/log/times", log_clock, MAY_READ, 0, 200, api_call, "when its parts were printed") \
    R (GET, "/jobs/{job}/log/search", log_search, MAY_READ, 0, 200, api_search, "lines that match")        \
    R (GET, "/jobs/{job}/log/stream", log_read, MAY_READ, 0, 200, log_follow,                              \
       "the log from line 1, then as it grows")                                                            \
    R (PUT, "/jobs/{job}/summaries/{step}", summary_put, MAY_JOB, MAX_SUMMARY, 204, summary_put,           \
       "what a step wrote as its summary")                                                                 \
    R (GET, "/jobs/{job}/summaries", summary_list, MAY_READ, 0, 200, api_call,                             \
       "which steps wrote a summary")                                                                      \
    R (GET, "/jobs/{job}/summary", summary_read, MAY_READ, 0, 200, summary_show,                           \
       "the summaries of its steps, or of one, in markdown")

#endif
