/* cache_folder.c - the folder of caches of `opencicd run`: what is found, what goes, and two that save the same key. */

#include "agent/cache_folder.h"

#include "common/base/clock.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define VERSION "4982f784e0a0e2a4d0b2b9f1d8d04f7b7b0c9b4f5d4b0ce6f6d5a9f0e1c2d3b4"

typedef struct {
    arena_t *arena;
    turn_t turn;
    cache_folder_t folder;
    cache_port_t port;
} place_t;

static void begin (place_t *self, int64_t most)
{
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "", clock_now_us (clock_system ()));
    self->folder = (cache_folder_t){folder_new (self->arena), most};
    self->port = cache_folder_port (&self->folder);
}

static void end (place_t *self)
{
    folder_remove (self->folder.folder);
    arena_destroy (&self->arena);
}

static fault_t save (place_t *self, const char *key, const char *text)
{
    const char *place;
    cache_port_t *port = &self->port;
    TRY (port->reserve (port->self, &self->turn, key, VERSION, &place));
    TRY (port->put (port->self, &self->turn, place, 0, text, strlen (text)));
    return port->commit (port->self, &self->turn, place, NULL, 0, (int64_t) strlen (text));
}

static bool take (void *into, const char *bytes, size_t size)
{
    strncat (into, bytes, size);
    return true;
}

// "key: bytes", or "none".
static const char *look (place_t *self, const char *key, const char *other)
{
    char bytes[100] = "";
    cache_hit_t hit;
    CHECK_INT (self->port.look (self->port.self, &self->turn, key, &other, other ? 1 : 0, VERSION, &hit), OK);
    if (!hit.key)
        return "none";
    CHECK_INT (self->port.fetch (self->port.self, &self->turn, &hit, 0, take, bytes), OK);
    return arena_printf (self->arena, "%s: %s", hit.key, bytes);
}

// Of the entry that the last look-up would find: `seconds` ago.
static void age (place_t *self, const char *key, const char *file, int seconds)
{
    cache_hit_t hit;
    CHECK_INT (self->port.look (self->port.self, &self->turn, key, NULL, 0, VERSION, &hit), OK);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = self->turn.now_us / 1000000 - seconds}};
    CHECK_INT (utimensat (AT_FDCWD, arena_printf (self->arena, "%s/%s", hit.place, file), times, 0), 0);
}

TEST (a_key_is_found_exactly_then_the_newest_that_begins_so)
{
    place_t place;
    begin (&place, 1 << 20);
    CHECK_STR (look (&place, "a-", NULL), "none");
    CHECK_INT (save (&place, "a-1", "one"), OK);
    CHECK_INT (save (&place, "a-2", "two"), OK);
    age (&place, "a-1", "archive", 60);
    CHECK_STR (look (&place, "a-1", NULL), "a-1: one");
    CHECK_STR (look (&place, "a-", NULL), "a-2: two");
    CHECK_STR (look (&place, "b", "a-"), "a-2: two");
    CHECK_STR (look (&place, "b", "c"), "none");
    age (&place, "a-2", "archive", 120);
    CHECK_STR (look (&place, "a-", NULL), "a-1: one");
    end (&place);
}

TEST (of_two_that_save_the_same_key_one_wins_and_nothing_is_left_of_the_other)
{
    place_t place;
    const char *first, *second;
    begin (&place, 1 << 20);
    cache_port_t *port = &place.port;
    CHECK_INT (port->reserve (port->self, &place.turn, "k", VERSION, &first), OK);
    CHECK_INT (port->reserve (port->self, &place.turn, "k", VERSION, &second), OK);
    CHECK_INT (port->put (port->self, &place.turn, first, 0, "1", 1), OK);
    CHECK_INT (port->put (port->self, &place.turn, second, 0, "2", 1), OK);
    CHECK_INT (port->commit (port->self, &place.turn, second, NULL, 0, 1), OK);
    CHECK_INT (port->commit (port->self, &place.turn, first, NULL, 0, 1), CONFLICT);
    CHECK_INT (save (&place, "k", "3"), CONFLICT);
    CHECK_STR (look (&place, "k", NULL), "k: 2");
    struct stat status;
    CHECK (stat (first, &status) != 0);
    end (&place);
}

TEST (the_least_recently_used_cache_goes_first)
{
    place_t place;
    begin (&place, 10);
    CHECK_INT (save (&place, "a", "1234"), OK);
    CHECK_INT (save (&place, "b", "1234"), OK);
    age (&place, "a", "key", 60);
    age (&place, "b", "key", 120);
    CHECK_INT (save (&place, "c", "1234"), OK);
    CHECK_STR (look (&place, "b", NULL), "none");
    CHECK_STR (look (&place, "a", NULL), "a: 1234");
    CHECK_INT (save (&place, "d", "more than ten"), TOO_LARGE);
    CHECK_STR (look (&place, "d", NULL), "none");
    end (&place);
}

TEST (what_a_killed_agent_left_is_removed_a_day_later)
{
    place_t place;
    const char *left;
    begin (&place, 1 << 20);
    CHECK_INT (place.port.reserve (place.port.self, &place.turn, "k", VERSION, &left), OK);
    CHECK_INT (place.port.put (place.port.self, &place.turn, left, 0, "half", 4), OK);
    CHECK_STR (look (&place, "k", NULL), "none");
    CHECK_INT (save (&place, "other", "1"), OK);
    struct stat status;
    CHECK (stat (left, &status) == 0); // It may still be written
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = place.turn.now_us / 1000000 - 90000}};
    CHECK_INT (utimensat (AT_FDCWD, arena_printf (place.arena, "%s/key", left), times, 0), 0);
    CHECK_INT (save (&place, "another", "1"), OK);
    CHECK (stat (left, &status) != 0);
    end (&place);
}

TEST (a_version_is_never_a_path)
{
    place_t place;
    cache_hit_t hit;
    const char *made;
    begin (&place, 1 << 20);
    CHECK_INT (place.port.look (place.port.self, &place.turn, "k", NULL, 0, "../x", &hit), INVALID);
    CHECK_INT (place.port.reserve (place.port.self, &place.turn, "k", "/tmp", &made), INVALID);
    end (&place);
}
