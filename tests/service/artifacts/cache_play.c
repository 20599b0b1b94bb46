/* cache_play.c - see cache_play.h. */

#include "tests/service/artifacts/cache_play.h"

#include <string.h>

void play_as (world_t *world, const char *job)
{
    world->caller = (caller_t){.role = ROLE_JOB, .subject = job, .attempt = 1};
}

fault_t play_reserves (world_t *world, const char *key, cache_t *out)
{
    cache_reserve_t ask = {
        .job = world->caller.subject, .attempt = world->caller.attempt, .key = key, .version = VERSION};
    return tell (world, MSG_cache_reserve, &ask, out);
}

const char *play_reserve (world_t *world, const char *key)
{
    cache_t cache;
    CHECK_INT (play_reserves (world, key, &cache), OK);
    CHECK (!cache.complete && cache.number > 0);
    return arena_strdup (world->own, cache.id);
}

fault_t play_put (world_t *world, const char *id, const char *block, const void *data, size_t size)
{
    artifact_block_t ask = {.artifact = id,
                            .block = block,
                            .take = id_new (world->own, 'q', BEGINS),
                            .last = true,
                            .data = {data, size}};
    return tell (world, MSG_artifact_block, &ask, &(done_t){0});
}

fault_t play_gather (world_t *world, const char *id, const char *block)
{
    artifact_gather_t ask = {.artifact = id,
                             .list = sum_of (world->own, block, strlen (block) + 1),
                             .blocks = {&block, 1},
                             .last = true};
    return tell (world, MSG_artifact_gather, &ask, &(gathered_t){0});
}

fault_t play_close (world_t *world, const char *key, size_t size, cache_t *out)
{
    cache_close_t ask = {.job = world->caller.subject,
                         .attempt = world->caller.attempt,
                         .key = key,
                         .version = VERSION,
                         .size = (int64_t) size};
    return tell (world, MSG_cache_close, &ask, out);
}

const char *play_save (world_t *world, const char *key, char fill, size_t size)
{
    cache_t cache;
    char *data = arena_alloc (world->own, size);
    memset (data, fill, size);
    const char *id = play_reserve (world, key);
    CHECK_INT (play_put (world, id, "whole", data, size), OK);
    CHECK_INT (play_gather (world, id, "whole"), OK);
    CHECK_INT (play_close (world, key, size, &cache), OK);
    CHECK (cache.complete);
    CHECK_STR (cache.sha256, sum_of (world->own, data, size));
    clock_turn (world->clock, SECONDS (61)); // Its use has a time of its own
    return id;
}

static const cache_t *find (world_t *world, const char *const *keys)
{
    cache_found_t found = {0};
    size_t count = 0;
    while (keys[count])
        count++;
    cache_look_t ask = {.job = world->caller.subject,
                        .attempt = world->caller.attempt,
                        .keys = {(const char **) (uintptr_t) keys, count},
                        .version = VERSION};
    CHECK_INT (tell (world, MSG_cache_look, &ask, &found), OK);
    CHECK (found.caches.count <= 1);
    if (found.caches.count == 0)
        return NULL;
    CHECK_INT (found.exact, strcmp (found.caches.items[0].key, keys[0]) == 0);
    return &found.caches.items[0];
}

const char *play_find (world_t *world, const char *const *keys)
{
    const cache_t *cache = find (world, keys);
    return cache ? arena_strdup (world->own, cache->key) : "";
}

const char *play_find_one (world_t *world, const char *key)
{
    return play_find (world, (const char *const[]){key, NULL});
}

const char *play_ref (world_t *world, const char *key)
{
    const cache_t *cache = find (world, (const char *const[]){key, NULL});
    return cache ? arena_strdup (world->own, cache->ref) : "";
}

size_t play_listed (world_t *world, cache_list_t ask)
{
    cache_page_t page = {0};
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = "vera"};
    ask.project = "app";
    CHECK_INT (tell (world, MSG_cache_list, &ask, &page), OK);
    world->caller = before;
    return page.items.count;
}
