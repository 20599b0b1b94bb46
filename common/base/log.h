/* log.h - this process's log for its operator: one line per event on standard error.
 *
 * `text` for people: "18:08:01.123 info  scheduler  job offered job=j01.. agent=a01..", or `json`, one object per line.
 * Log once, at the actor's edge; never a secret. Thread safe; a line is one write. */

#ifndef OPENCICD_LOG_H
#define OPENCICD_LOG_H

#include <stdbool.h>

// Not LOG_...: czmq.h includes syslog.h, whose macros have those names.
typedef enum { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR } log_level_t;

void log_setup (log_level_t least, bool json);
void log_name_thread (
    const char *part); // Names the calling thread ("scheduler") in its lines and in `top -H`
// From here on this thread logs as that part; NULL: as what it is named after. Borrows; returns what it was before.
const char *log_as (const char *part);

// Key and value pairs of strings follow the text and end with NULL: log_info ("job offered", "job", id, NULL).
void log_write (log_level_t level, const char *text, ...) __attribute__ ((sentinel));

#define log_debug(...) log_write (LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)  log_write (LEVEL_INFO, __VA_ARGS__)
#define log_warn(...)  log_write (LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_write (LEVEL_ERROR, __VA_ARGS__)

#endif
