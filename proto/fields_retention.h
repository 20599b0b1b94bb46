/* fields_retention.h - how long the server keeps what it keeps (docs/operating.md): each service says what it goes by. */

#ifndef OPENCICD_FIELDS_RETENTION_H
#define OPENCICD_FIELDS_RETENTION_H

#include "proto/limits.h"

#define MAX_RETENTION 32 // Rows

#define RETENTION_ITEM(F, T)                                                           \
    F (T, KEY, setting, MAX_NAME,                                                      \
       "its name in the settings file; `OPENCICD_` and upper case in the environment") \
    F (T, STR, what, MAX_NAME, "what is kept")                                         \
    F (T, I64, value, INT64_MAX, "0: no limit")                                        \
    F (T, STR, unit, 32, "days, MiB, GiB, or what is counted")

#define RETENTION_OF(F, T) NO_FIELDS (F, T)
#define RETENTION(F, T) \
    F (T, LIST (retention_item), items, MAX_RETENTION, "in the order in which they are shown")

// Rows of MESSAGES (messages.h).
#define RETENTION_MESSAGES(M)                                                                \
    M (576, retention_item, RETENTION_ITEM, "how long something is kept")                    \
    M (577, retention, RETENTION, "how long things are kept")                                \
    M (578, retention_of_runs, RETENTION_OF, "how long are runs, events and agents kept?")   \
    M (579, retention_of_logs, RETENTION_OF, "how long are logs kept?")                      \
    M (580, retention_of_artifacts, RETENTION_OF, "how long are artifacts and caches kept?") \
    M (581, retention_of_audit, RETENTION_OF, "how long is the audit kept?")

#define RETENTION_CALLS(C)                                  \
    C (retention_of_runs, scheduler, retention, AGAIN)      \
    C (retention_of_logs, logs, retention, AGAIN)           \
    C (retention_of_artifacts, artifacts, retention, AGAIN) \
    C (retention_of_audit, identity, retention, AGAIN)

#endif
