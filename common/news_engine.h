/* news_engine.h - what news.c asks of an engine. Private to common/news*.c and common/db*.c. */

#ifndef OPENCICD_NEWS_ENGINE_H
#define OPENCICD_NEWS_ENGINE_H

#include "common/news.h"

#include <stdbool.h>

typedef struct {
    fault_t (*open) (void **state, const char *url, const char *channel, turn_t *turn);
    void (*close) (void *state);
    int (*fd) (const void *state); // Readable when take() has something to do
    // Hands on what is there; false where the source was lost and must be opened again.
    bool (*take) (void *state, news_hear_fn hear, void *context);
} news_engine_t;

extern const news_engine_t news_pg, news_sqlite;

// The file of a SQLite database's announcements: one line each. A longer file is emptied by the next who writes.
#define NEWS_FILE     "-news"
#define NEWS_FILE_MAX (64 << 10) // Bytes

#endif
