/* Caches: saved under a key of a ref, found by later runs of it and of what is based on it, immutable, bounded, forgotten. */

#include "services/artifacts/cache_store.h"
#include "tests/service/artifacts/cache_play.h"

#include <string.h>

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_bytes_of (world_t *world, const char *id, char fill, size_t size)
{
    artifact_bytes_t bytes;
    char *data = arena_alloc (world->own, size);
    memset (data, fill, size);
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = "signed"};
    CHECK_INT (tell (world, MSG_cache_read, &(cache_read_t){.cache = id}, &bytes), OK);
    CHECK_INT (bytes.data.size, size);
    CHECK (memcmp (bytes.data.data, data, size) == 0);
    CHECK_INT (tell (world, MSG_cache_read, &(cache_read_t){.cache = id, .offset = 3, .size = 4}, &bytes),
               OK);
    CHECK_INT (bytes.data.size, 4);
    world->caller = before;
}

TEST_ON_ENGINES (a_cache_is_found_by_its_key_else_the_newest_by_what_it_begins_with)
{
    play_as (world, "main-1");
    CHECK_STR (play_find_one (world, "lin-a"), "");
    const char *first = play_save (world, "lin-b", 'b', 1000);
    play_save (world, "lin-a-2", 'a', 2000);
    play_save (world, "win-x", 'x', 10);
    CHECK_STR (play_find_one (world, "lin-b"), "lin-b");
    CHECK_STR (play_find_one (world, "lin-"), "lin-a-2"); // The newest
    CHECK_STR (play_find (world, KEYS ("lin-b", "win-")), "lin-b");
    CHECK_STR (play_find (world, KEYS ("mac-", "win-", "lin-")), "win-x"); // In their order
    CHECK_STR (play_find (world, KEYS ("lin-bb", "LIN-")), "");
    check_bytes_of (world, first, 'b', 1000);
    cache_found_t found = {0};
    const char *key = "lin-b";
    cache_look_t ask = {.job = "main-1", .attempt = 1, .keys = {&key, 1}, .version = "other"};
    CHECK_INT (tell (world, MSG_cache_look, &ask, &found), OK);
    CHECK_INT (found.caches.count, 0); // Another version is another cache
}

TEST_ON_ENGINES (keys_with_bytes_of_any_kind_are_compared_byte_by_byte)
{
    play_as (world, "main-1");
    play_save (world, "k-\xc3\xbf", 'a', 10);
    play_save (world, "k-%_\"", 'b', 10);
    CHECK_STR (play_find_one (world, "k-\xc3\xbf"), "k-\xc3\xbf");
    CHECK_STR (play_find_one (world, "k-%"), "k-%_\"");
    CHECK_STR (play_find_one (world, "k_"), "");
    CHECK_STR (play_find_one (world, "K-%"), "");
}

TEST_ON_ENGINES (a_pull_request_sees_its_base_and_main_and_none_of_them_sees_what_it_saved)
{
    play_as (world, "main-1");
    play_save (world, "main-key", 'm', 10);
    play_as (world, "release-1");
    play_save (world, "release-key", 'r', 10);
    play_as (world, "pull-1");
    CHECK_STR (play_find_one (world, "main-key"), "main-key");
    CHECK_STR (play_find_one (world, "release-key"), "release-key");
    play_save (world, "poison", 'p', 10);
    CHECK_STR (play_find_one (world, "poison"), "poison");
    static const char *const others[] = {"main-1", "release-1", "side-1", "tag-1", "stranger-1"};
    for (size_t i = 0; i < sizeof (others) / sizeof (others[0]); i++) {
        play_as (world, others[i]);
        CHECK_STR (play_find_one (world, "poison"), "");
    }
    play_as (world, "side-1");
    CHECK_STR (play_find_one (world, "main-key"), "main-key");
    CHECK_STR (play_find_one (world, "release-key"), ""); // A sibling's
    play_as (world, "stranger-1");
    CHECK_STR (play_find_one (world, "main-key"), "");
}

TEST_ON_ENGINES (a_cache_of_the_own_ref_comes_before_that_of_its_base)
{
    play_as (world, "main-1");
    play_save (world, "deps-7", 'm', 10);
    play_as (world, "release-1");
    play_save (world, "deps-7", 'r', 10);
    play_as (world, "pull-1");
    CHECK_STR (play_ref (world, "deps-7"), "refs/heads/release");
    play_save (world, "deps-6", 'p', 10);
    // What begins so in the own ref comes before the very key in another
    CHECK_STR (play_find (world, KEYS ("deps-7", "deps-")), "deps-6");
    play_as (world, "tag-1");
    CHECK_STR (play_ref (world, "deps-7"), "refs/heads/main");
}

TEST_ON_ENGINES (a_saved_key_is_immutable_and_taken_in_its_scope_alone)
{
    cache_t cache;
    play_as (world, "main-1");
    const char *id = play_save (world, "deps", 'a', 100);
    CHECK_INT (play_reserves (world, "deps", &cache), CONFLICT);
    CHECK (strstr (world->turn.detail, "already exists"));
    play_as (world, "main-2");
    CHECK_INT (play_reserves (world, "deps", &cache), CONFLICT);
    play_as (world, "main-1");
    CHECK_INT (play_put (world, id, "more", "x", 1), CONFLICT);
    CHECK_INT (play_close (world, "deps", 100, &cache), OK); // The same request again
    check_bytes_of (world, id, 'a', 100);
    play_as (world, "side-1");
    play_save (world, "deps", 'b', 100);
}

TEST_ON_ENGINES (two_jobs_do_not_save_the_same_key_at_once)
{
    cache_t cache;
    play_as (world, "main-1");
    const char *id = play_reserve (world, "deps");
    CHECK_INT (play_put (world, id, "whole", "one", 3), OK);
    play_as (world, "main-2");
    CHECK_INT (play_reserves (world, "deps", &cache), CONFLICT);
    CHECK (strstr (world->turn.detail, "another job"));
    CHECK_INT (play_put (world, id, "whole", "two", 3), FORBIDDEN); // It is the other's
    CHECK_STR (play_find_one (world, "deps"), "");                  // Nor is it found yet
    play_as (world, "main-1");
    const char *again = play_reserve (world, "deps"); // Its own it begins anew
    CHECK (strcmp (id, again) != 0);
    CHECK_INT (play_put (world, id, "whole", "one", 3), NOT_FOUND);
    clock_turn (world->clock, CACHE_IDLE + SECONDS (1));
    play_as (world, "main-2"); // The first one is silent for long
    id = play_reserve (world, "deps");
    CHECK_INT (play_put (world, id, "whole", "two", 3), OK);
    CHECK_INT (play_gather (world, id, "whole"), OK);
    play_as (world, "main-1");
    CHECK_INT (play_close (world, "deps", 3, &cache), NOT_FOUND);
    play_as (world, "main-2");
    CHECK_INT (play_close (world, "deps", 4, &cache), INVALID); // Not its size
    CHECK_INT (play_close (world, "deps", 3, &cache), OK);
}

TEST_ON_ENGINES (only_the_attempt_that_holds_its_job_saves_and_looks)
{
    cache_t cache;
    cache_found_t found;
    const char *key = "deps";
    cache_look_t look = {.job = "main-1", .attempt = 1, .keys = {&key, 1}, .version = VERSION};
    play_as (world, "main-1");
    world->attempt = 2;
    CHECK_INT (play_reserves (world, key, &cache), CONFLICT);
    CHECK_INT (tell (world, MSG_cache_look, &look, &found), CONFLICT);
    world->attempt = 1;
    world->state = job_finished;
    CHECK_INT (play_reserves (world, key, &cache), CONFLICT);
    world->state = job_running;
    play_as (world, "main-2");
    CHECK_INT (tell (world, MSG_cache_look, &look, &found), FORBIDDEN); // In another's name
    play_as (world, "homeless-1");
    CHECK_INT (play_reserves (world, key, &cache), FORBIDDEN);
    CHECK (strstr (world->turn.detail, "cache write denied: "));
    CHECK_STR (play_find_one (world, key), "");
}

TEST_ON_ENGINES (another_attempt_or_job_neither_fills_nor_saves_what_this_one_reserved)
{
    cache_t cache;
    staged_blocks_t staged;
    play_as (world, "main-1");
    const char *id = play_reserve (world, "deps");
    const cache_staged_t ask = {.cache = id};
    CHECK_INT (play_put (world, id, "whole", "one", 3), OK);
    CHECK_INT (tell (world, MSG_cache_staged, &ask, &staged), OK);
    CHECK_INT (staged.blocks.count, 1);
    CHECK_INT (play_gather (world, id, "whole"), OK);
    play_as (world, "main-2");
    CHECK_INT (tell (world, MSG_cache_staged, &ask, &staged), FORBIDDEN);
    CHECK_INT (tell (world, MSG_cache_show, &(cache_show_t){.cache = id}, &cache), NOT_FOUND);
    CHECK_INT (play_gather (world, id, "whole"), FORBIDDEN);
    world->attempt = 2; // The job is run again
    play_as (world, "main-1");
    CHECK_INT (play_close (world, "deps", 3, &cache), CONFLICT); // The first attempt comes late
    world->caller.attempt = 2;
    CHECK_INT (play_put (world, id, "more", "two", 3), FORBIDDEN);
    CHECK_INT (tell (world, MSG_cache_staged, &ask, &staged), FORBIDDEN);
    CHECK_INT (play_close (world, "deps", 3, &cache), NOT_FOUND);
    CHECK_STR (play_find_one (world, "deps"), "");
}

TEST_ON_ENGINES (a_cache_that_has_expired_frees_its_key_before_it_is_swept)
{
    cache_t cache;
    play_as (world, "main-1");
    play_save (world, "deps", 'a', 10);
    CHECK_INT (play_reserves (world, "deps", &cache), CONFLICT);
    CHECK_INT (db_exec (world->db, &world->turn, "update caches set due_at = 1"), OK);
    CHECK_STR (play_find_one (world, "deps"), "");
    play_save (world, "deps", 'b', 10);
    CHECK_STR (play_find_one (world, "deps"), "deps");
}

// As though so many were being saved already.
static void reserve_many (world_t *world, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_INT (
            db_exec (
                world->db, &world->turn,
                "insert into caches (id, number, project, scope, key, version, job, attempt, upload, size,"
                " complete, gone, saved, created_at, used_at, due_at) select $1, -1 - $2, project, scope, key, $1,"
                " job, attempt, upload, 0, 0, 0, 0, created_at, used_at, due_at from caches where complete = 0 and"
                " number > 0 limit 1",
                P_STR (arena_printf (world->own, "many%d", i)), P_I64 (i)),
            OK);
}

TEST_ON_ENGINES (a_project_saves_256_caches_at_once_and_not_one_more)
{
    cache_t cache;
    play_as (world, "main-1");
    play_reserve (world, "first");
    reserve_many (world, 254);
    play_reserve (world, "last");
    CHECK_INT (play_reserves (world, "one more", &cache), CONFLICT);
    CHECK (strstr (world->turn.detail, "256 caches"));
    play_as (world, "stranger-1"); // Of another project
    play_reserve (world, "first");
}

TEST_ON_ENGINES (only_who_may_removes_caches_and_artifacts)
{
    static const role_t people[] = {ROLE_NOBODY, ROLE_AGENT, ROLE_REGISTRAR, ROLE_VIEWER};
    cache_removed_t removed;
    play_as (world, "main-1");
    play_save (world, "deps", 'a', 10);
    const caller_t job = world->caller;
    const cache_remove_t all = {.project = "app", .cache = "", .key = "", .ref = "", .all = true};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        world->caller = (caller_t){.role = people[i], .subject = "vic"};
        CHECK_INT (tell (world, MSG_cache_remove, &all, &removed), FORBIDDEN);
        CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){.artifact = "f1"}, &(done_t){0}),
                   FORBIDDEN);
    }
    for (role_t role = ROLE_NOBODY; role < ROLE_SERVICE; role++) {
        world->caller = (caller_t){.role = role, .subject = "main-1", .attempt = 1};
        CHECK_INT (tell (world, MSG_cache_purge, &(cache_purge_t){.project = "p-1"}, &(done_t){0}),
                   FORBIDDEN);
        CHECK_INT (tell (world, MSG_artifact_purge, &(artifact_purge_t){.run = "run-main", .project = ""},
                         &(done_t){0}),
                   FORBIDDEN);
    }
    world->caller = job;
    CHECK_STR (play_find_one (world, "deps"), "deps");
}

TEST_ON_ENGINES (a_key_has_512_characters_and_no_comma_and_a_look_up_ten_keys)
{
    cache_t cache;
    cache_found_t found;
    char key[2 * 513 + 1];
    const char *keys[11];
    play_as (world, "main-1");
    CHECK_INT (play_reserves (world, "a,b", &cache), INVALID);
    CHECK (strstr (world->turn.detail, "comma"));
    for (size_t i = 0; i < 513; i++)
        memcpy (key + 2 * i, "\xc3\xbc", 3);
    CHECK_INT (play_reserves (world, key, &cache), INVALID);
    CHECK (strstr (world->turn.detail, "512"));
    key[2 * 512] = '\0';
    CHECK_INT (play_reserves (world, key, &cache), OK);
    for (size_t i = 0; i < 11; i++)
        keys[i] = "k";
    cache_look_t ask = {.job = "main-1", .attempt = 1, .keys = {keys, 11}, .version = VERSION};
    CHECK (tell (world, MSG_cache_look, &ask, &found) != OK);
    ask.keys.count = 10;
    CHECK_INT (tell (world, MSG_cache_look, &ask, &found), OK);
    ask.keys.count = 0;
    CHECK_INT (tell (world, MSG_cache_look, &ask, &found), INVALID);
}

// ---- limits ----

TEST_ON_ENGINES (over_the_limit_of_its_project_the_least_recently_used_cache_makes_way)
{
    play_as (world, "main-1");
    play_save (world, "a", 'a', 400000);
    play_save (world, "b", 'b', 400000);
    CHECK_STR (play_find_one (world, "a"), "a"); // It is used
    clock_turn (world->clock, SECONDS (61));
    play_as (world, "side-1"); // All refs of the project share the limit
    play_save (world, "c", 'c', 400000);
    CHECK_STR (play_find_one (world, "a"), "a");
    CHECK_STR (play_find_one (world, "b"), "");
    CHECK_STR (play_find_one (world, "c"), "c");
    CHECK_INT (play_listed (world, (cache_list_t){.key = ""}), 2);
    play_as (world, "stranger-1"); // Another project's room is its own
    play_save (world, "d", 'd', 900000);
    play_as (world, "main-1");
    CHECK_STR (play_find_one (world, "a"), "a");
    play_save (world, "b", 'b', 10); // An evicted key can be saved again
    wait_for_blobs (world, 4);
}

TEST_ON_ENGINES (what_is_larger_than_the_limit_is_refused_before_it_fills_the_store)
{
    cache_t cache;
    cache_reserve_t ask = {
        .job = "main-1", .attempt = 1, .key = "k", .version = VERSION, .size = CACHES_LIMIT + 1};
    char *data = arena_alloc (world->own, CACHES_LIMIT);
    memset (data, 'x', CACHES_LIMIT);
    play_as (world, "main-1");
    CHECK_INT (tell (world, MSG_cache_reserve, &ask, &cache), TOO_LARGE);
    const char *one = play_reserve (world, "one"), *two = play_reserve (world, "two");
    CHECK_INT (play_put (world, one, "a", data, CACHES_LIMIT / 2), OK);
    CHECK_INT (play_put (world, two, "a", data, CACHES_LIMIT / 2), OK);
    CHECK_INT (play_put (world, two, "b", data, 1), TOO_LARGE); // Together they have no more
    CHECK_INT (play_put (world, one, "b", data, CACHES_LIMIT), TOO_LARGE);
}

TEST_ON_ENGINES (a_cache_that_nobody_finds_for_seven_days_goes)
{
    play_as (world, "main-1");
    play_save (world, "used", 'a', 1000);
    play_save (world, "unused", 'b', 1000);
    clock_turn (world->clock, 5 * DAY);
    CHECK_STR (play_find_one (world, "used"), "used");
    clock_turn (world->clock, 3 * DAY);
    CHECK_STR (play_find_one (world, "unused"), "");
    CHECK_STR (play_find_one (world, "used"), "used");
    wait_for_blobs (world, 1);
    const char *id = play_save (world, "unused", 'c', 1000);
    check_bytes_of (world, id, 'c', 1000);
}

TEST_ON_ENGINES (an_upload_that_its_job_left_is_removed_with_its_bytes)
{
    play_as (world, "main-1");
    const char *id = play_reserve (world, "deps");
    CHECK_INT (play_put (world, id, "one", "some bytes", 10), OK);
    CHECK_INT (count_blobs (world), 1);
    replica_stop (&world->one); // In the middle of it
    replica_start (world, &world->one);
    CHECK_INT (play_put (world, id, "two", "more", 4), OK); // It goes on
    clock_turn (world->clock, CACHE_IDLE + SECONDS (1));
    wait_for_blobs (world, 0);
    CHECK_INT (play_put (world, id, "two", "more", 4), NOT_FOUND);
    play_save (world, "deps", 'x', 10);
}

// ---- people ----

static fault_t remove_some (world_t *world, cache_remove_t ask, int64_t *count)
{
    cache_removed_t removed = {0};
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_DEVELOPER, .subject = "dora"};
    ask.project = "app";
    ask.cache = ask.cache ? ask.cache : "";
    ask.key = ask.key ? ask.key : "";
    ask.ref = ask.ref ? ask.ref : "";
    fault_t fault = tell (world, MSG_cache_remove, &ask, &removed);
    world->caller = before;
    *count = removed.count;
    return fault;
}

TEST_ON_ENGINES (people_list_caches_and_remove_them_by_key_ref_and_id)
{
    int64_t count;
    play_as (world, "main-1");
    play_save (world, "lin-a", 'a', 10);
    const char *id = play_save (world, "lin-b", 'b', 10);
    play_save (world, "win", 'c', 10);
    play_as (world, "side-1");
    play_save (world, "lin-a", 'd', 10);
    CHECK_INT (play_listed (world, (cache_list_t){.key = ""}), 4);
    CHECK_INT (play_listed (world, (cache_list_t){.key = "lin-"}), 3);
    CHECK_INT (play_listed (world, (cache_list_t){.key = "lin-", .ref = "side"}), 1);
    CHECK_INT (play_listed (world, (cache_list_t){.key = "", .ref = "refs/heads/main", .limit = 2}), 2);
    CHECK_INT (remove_some (world, (cache_remove_t){.all = false}, &count), INVALID);
    CHECK_INT (remove_some (world, (cache_remove_t){.cache = id}, &count), OK);
    CHECK_INT (count, 1);
    CHECK_INT (remove_some (world, (cache_remove_t){.key = "lin-a", .ref = "main"}, &count), OK);
    CHECK_INT (count, 1);
    CHECK_INT (remove_some (world, (cache_remove_t){.key = "lin-"}, &count), OK); // Not what begins so
    CHECK_INT (count, 0);
    CHECK_STR (play_find_one (world, "lin-a"), "lin-a");
    CHECK_INT (remove_some (world, (cache_remove_t){.all = true}, &count), OK);
    CHECK_INT (count, 2);
    CHECK_STR (play_find_one (world, "lin-a"), "");
    wait_for_blobs (world, 0);
    cache_list_t list = {.project = "app"};
    CHECK_INT (tell (world, MSG_cache_list, &list, &(cache_page_t){0}), FORBIDDEN); // A job may not
}

// ---- replicas ----

static fault_t tell_two (world_t *world, uint16_t number, const void *ask, void *answer)
{
    replica_t one = world->one;
    world->one = world->two;
    fault_t fault = tell (world, number, ask, answer);
    world->one = one;
    return fault;
}

TEST_ON_ENGINES (a_cache_is_saved_by_one_replica_with_what_came_to_another)
{
    cache_t cache;
    cache_found_t found = {0};
    const char *key = "deps";
    replica_start (world, &world->two);
    play_as (world, "main-1");
    const char *id = play_reserve (world, key);
    play_as (world, "main-2");
    cache_reserve_t ask = {.job = "main-2", .attempt = 1, .key = key, .version = VERSION};
    CHECK_INT (tell_two (world, MSG_cache_reserve, &ask, &cache), CONFLICT);
    play_as (world, "main-1");
    CHECK_INT (play_put (world, id, "whole", "bytes", 5), OK);
    CHECK_INT (play_gather (world, id, "whole"), OK);
    cache_close_t close = {.job = "main-1", .attempt = 1, .key = key, .version = VERSION, .size = 5};
    CHECK_INT (tell_two (world, MSG_cache_close, &close, &cache), OK);
    cache_look_t look = {.job = "main-1", .attempt = 1, .keys = {&key, 1}, .version = VERSION};
    CHECK_INT (tell_two (world, MSG_cache_look, &look, &found), OK);
    CHECK_INT (found.caches.count, 1);
    CHECK_STR (play_find_one (world, key), key);
}
