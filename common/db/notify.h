/* notify.h - receives what other processes announce with db_announce() on the same database.
 *
 * An announcement is only a wake-up: its receiver reads the database. It is made with the commit or after it, so that none
 * arrives before the change can be read, and every process on the database receives it, whether or not the directory lists it yet.
 * PostgreSQL: LISTEN on a connection of its own. SQLite, whose processes are on one machine: lines that are appended to the
 * file PATH-notify, which inotify watches. When some may have been missed, after a connection was lost and reopened or a file was
 * emptied, the text is NULL. */

#ifndef OPENCICD_NOTIFY_H
#define OPENCICD_NOTIFY_H

#include "common/base/turn.h"

#define NOTIFY_TEXT_MAX 7000 // Bytes of an announcement; PostgreSQL takes 8000

typedef struct notify notify_t;

// Called from the listener's thread, first with NULL, when it listens. Own announcements arrive as well.
typedef void (*notify_fn) (void *context, const char *text);

// Of this channel, "logs", in the database of db_open(). It listens when this returns, or, where the database cannot be reached, as soon as it
// can; BAD_INPUT with detail.
MUST_USE fault_t notify_new (notify_t **out, turn_t *turn, const char *url, const char *channel,
                             notify_fn notify, void *context);
void notify_destroy (notify_t **self_p);

#endif
