/* news.h - hears what other processes announce with db_announce() on the same database.
 *
 * An announcement is only a wake-up: who hears it reads the database. It is made where the commit is made, so that none is
 * heard before what it tells of can be read, and whoever shares the database hears it, whether or not a directory names him yet.
 * PostgreSQL: LISTEN on a connection of its own. SQLite, whose processes are on one machine: lines that are appended to the
 * file PATH-news, of which inotify tells. What may have been missed, after a connection was lost and made again or a file was
 * emptied, is heard as NULL. */

#ifndef OPENCICD_NEWS_H
#define OPENCICD_NEWS_H

#include "common/turn.h"

#define NEWS_TEXT_MAX 7000 // Bytes of an announcement; PostgreSQL takes 8000

typedef struct news news_t;

// Called from the listener's thread, first with NULL. One's own announcements are heard as well.
typedef void (*news_hear_fn) (void *context, const char *text);

// Of this channel, "logs", in the database of db_open(). It listens when this returns; UNAVAILABLE or BAD_INPUT with detail.
MUST_USE fault_t news_new (news_t **out, turn_t *turn, const char *url, const char *channel,
                           news_hear_fn hear, void *context);
void news_destroy (news_t **self_p);

#endif
