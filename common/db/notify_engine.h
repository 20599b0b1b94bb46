/* notify_engine.h - the interface of an engine of notify.c. Private to common/db. */

#ifndef OPENCICD_NOTIFY_ENGINE_H
#define OPENCICD_NOTIFY_ENGINE_H

#include "common/db/notify.h"

#include <stdbool.h>

typedef struct {
    fault_t (*open) (void **state, const char *url, const char *channel, turn_t *turn);
    void (*close) (void *state);
    int (*fd) (const void *state); // Readable when take() has something to do
    // Delivers what is there; false if the source was lost and must be reopened.
    bool (*take) (void *state, notify_fn notify, void *context);
} notify_engine_t;

extern const notify_engine_t notify_pg, notify_sqlite;

// The file of a SQLite database's announcements: one line each. A longer file is emptied by the next writer.
#define NOTIFY_FILE     "-notify"
#define NOTIFY_FILE_MAX (64 << 10) // Bytes

#endif
