/* action_cache.c - what is kept between jobs: its bounds, and many who use it at once. */

#include "agent/engine/actions/action_cache.h"

#include "agent/engine/folder/folder_copy.h"
#include "common/base/clock.h"
#include "tests/unit/agent/engine/actions/action_world.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMIT_OF "%02d00000000000000000000000000000000000000"

static const char *commit_of (action_world_t *world, int number)
{
    return arena_printf (world->arena, COMMIT_OF, number);
}

// A commit with a file of that size, used so long ago.
static void put (action_world_t *world, const action_cache_t *cache, int number, int kib, int days)
{
    const char *folder, *commit = commit_of (world, number);
    CHECK_INT (action_cache_begin (&world->turn, cache, &folder), OK);
    action_world_sh (world,
                     arena_printf (world->arena, "head -c %d /dev/zero >%s/tree/f", kib << 10, folder));
    CHECK_INT (action_cache_end (&world->turn, cache, folder, "Own/Act", commit, true), OK);
    const struct timespec used = {.tv_sec = (time_t) (world->turn.now_us / SECONDS (1)) - days * 86400};
    const char *entry = arena_printf (world->arena, "%s/trees/own/act/%s", cache->folder, commit);
    CHECK_INT (utimensat (AT_FDCWD, entry, (struct timespec[]){used, used}, 0), 0);
}

static const char *left (action_world_t *world)
{
    return action_world_sh (world, "cd cache/trees/own/act; ls | cut -c1-2 | tr '\\n' ' '; ls ../../../new");
}

TEST (the_longest_unused_actions_go_past_each_bound)
{
    action_world_t world;
    action_world_begin (&world);
    action_cache_t cache = {.folder = world.settings.cache};
    CHECK_INT (action_cache_open (&world.turn, &cache), OK);
    for (int i = 1; i <= 6; i++)
        put (&world, &cache, i, 300, 10 * i);
    CHECK_INT (action_cache_prune (&world.turn, &cache), 0); // No bound
    cache.max_days = 55;
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    CHECK_STR (left (&world), "01 02 03 04 05 ");
    cache.max_count = 4;
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    CHECK_STR (left (&world), "01 02 03 04 ");
    cache.max_mib = 1;
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    CHECK_STR (left (&world), "01 02 03 ");
    CHECK (action_cache_tree (world.arena, &cache, "own/act", commit_of (&world, 3))); // It is used
    cache.max_count = 2;
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    CHECK_STR (left (&world), "01 03 ");
    action_world_end (&world);
}

TEST (an_action_that_somebody_copies_is_not_pruned)
{
    action_world_t world;
    int lock;
    action_world_begin (&world);
    const action_cache_t cache = {.folder = world.settings.cache, .max_days = 1};
    CHECK_INT (action_cache_open (&world.turn, &cache), OK);
    put (&world, &cache, 1, 1, 10);
    put (&world, &cache, 2, 1, 10);
    CHECK_INT (action_cache_lock (&world.turn, &cache, commit_of (&world, 1), false, NULL, &lock), OK);
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    CHECK_STR (left (&world), "01 ");
    close (lock);
    CHECK_INT (action_cache_prune (&world.turn, &cache), 1);
    action_world_end (&world);
}

TEST (what_a_killed_agent_was_fetching_is_removed_when_nobody_can_have_it_any_more)
{
    action_world_t world;
    const char *dead, *alive;
    action_world_begin (&world);
    const action_cache_t cache = {.folder = world.settings.cache};
    CHECK_INT (action_cache_open (&world.turn, &cache), OK);
    CHECK_INT (action_cache_begin (&world.turn, &cache, &dead), OK);
    CHECK_INT (action_cache_begin (&world.turn, &cache, &alive), OK);
    action_world_sh (&world, arena_printf (world.arena, "touch -d '3 hours ago' %s", dead));
    action_cache_prune (&world.turn, &cache);
    CHECK (access (dead, F_OK) != 0 && access (alive, F_OK) == 0);
    action_world_end (&world);
}

TEST (a_tree_past_its_bounds_is_not_copied)
{
    action_world_t world;
    action_world_begin (&world);
    int64_t size;
    action_world_sh (&world,
                     "mkdir deep; cd deep; i=0; while test $i -lt 101; do mkdir d; cd d; i=$((i+1)); done");
    CHECK_INT (folder_size (&world.turn, action_world_path (&world, "deep"), &size), TOO_LARGE);
    CHECK (strstr (world.turn.detail, "folders more than 100 deep"));
    CHECK_INT (
        folder_copy (&world.turn, action_world_path (&world, "deep"), action_world_path (&world, "to")),
        TOO_LARGE);
    action_world_sh (&world, "mkdir big; truncate -s 3G big/sparse"); // Takes no room
    CHECK_INT (folder_size (&world.turn, action_world_path (&world, "big"), &size), TOO_LARGE);
    action_world_end (&world);
}

#define THREADS 6

typedef struct {
    const action_store_options_t *shared;
    char folder[300], uses[64];
    fault_t fault;
    char detail[500];
} user_t;

static void *use_it (void *self_)
{
    user_t *self = self_;
    action_store_options_t options = *self->shared;
    options.folder = self->folder;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", clock_now_us (clock_system ()));
    action_store_t *store = action_store_new (&options);
    action_found_t found;
    self->fault = action_store_resolve (store, &turn, self->uses, NULL, NULL, &found);
    snprintf (self->detail, sizeof (self->detail), "%s", turn.detail ? turn.detail : "");
    action_store_destroy (&store);
    arena_destroy (&arena);
    return NULL;
}

// The bound of one action makes each who comes remove what the others fetched, unless they have it.
TEST (many_threads_that_use_one_cache_at_once_all_get_whole_copies)
{
    action_world_t world;
    user_t users[THREADS];
    pthread_t threads[THREADS];
    action_world_begin (&world);
    const char *commits[] = {action_world_commit (&world, "own/act", "one"),
                             action_world_commit (&world, "own/act", "two"),
                             action_world_commit (&world, "own/act", "three")};
    world.settings.max_count = 1;
    world.options.pins = NULL;
    world.options.log = NULL;
    for (int i = 0; i < THREADS; i++) {
        users[i] = (user_t){.shared = &world.options};
        snprintf (users[i].folder, sizeof (users[i].folder), "%s/job%d", world.root, i);
        snprintf (users[i].uses, sizeof (users[i].uses), "own/act@%s", commits[i % 3]);
        CHECK_INT (pthread_create (&threads[i], NULL, use_it, &users[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    static const char *const versions[] = {"one\n", "two\n", "three\n"};
    for (int i = 0; i < THREADS; i++) {
        CHECK_STR (users[i].detail, "");
        const char *root = arena_printf (world.arena, "%s/own/act/%s", users[i].folder, commits[i % 3]);
        CHECK_STR (action_world_read (&world, root, "version"), versions[i % 3]);
    }
    action_world_end (&world);
}
