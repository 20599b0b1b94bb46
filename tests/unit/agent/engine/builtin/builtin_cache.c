/* builtin_cache.c - actions/cache: what jobs with real tar save in a folder, and what later jobs get from it. */

#include "agent/engine/builtin/builtin_cache.h"

#include "agent/cache_folder.h"
#include "agent/engine/process/shell.h"
#include "proto/states.h"
#include "tests/unit/agent/engine/job_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    world_t world;
    cache_folder_t folder;
    cache_port_t port;
} saver_t;

static void begin (saver_t *self)
{
    world_begin (&self->world);
    self->folder = (cache_folder_t){folder_new (self->world.arena), 1 << 30};
    self->port = cache_folder_port (&self->folder);
    self->world.caches = &self->port;
}

static void end (saver_t *self)
{
    world_end (&self->world); // Its arena has the path
}

// One job with these steps; the log is only its own.
static void job (saver_t *self, const char *steps)
{
    const char *error;
    buffer_clear (self->world.log);
    self->world.step_count = 0;
    run (&self->world, arena_printf (self->world.arena, "\"steps\":[%s]", steps));
    CHECK_INT (engine_clean (self->world.engine, &error), OK);
}

#define CACHE(KEY, MORE)                                                                                  \
    "{\"id\":\"c\",\"uses\":\"actions/cache@v4\",\"with\":{\"path\":\"kept\\nmore/*.txt\",\"key\":\"" KEY \
    "\"" MORE "}}"
#define SHOW "{\"run\":\"echo; echo hit=${{ steps.c.outputs.cache-hit }}\"}"

TEST (the_version_is_the_hash_that_the_original_makes)
{
    arena_t *arena = arena_new ();
    static const char *const paths[] = {"cdir"}; // FACTS of the recorded requests
    CHECK (strncmp (cache_version (arena, paths, 1, "zstd-without-long"), "4982f784", 8) == 0);
    CHECK (strcmp (cache_version (arena, paths, 1, "gzip"),
                   cache_version (arena, paths, 1, "zstd-without-long")) != 0);
    arena_destroy (&arena);
}

TEST (a_path_is_written_as_seen_from_the_workspace)
{
    static const struct {
        const char *from, *path, *wanted;
    } cases[] = {
        {"/w/x", "/w/x", "."},
        {"/w/x", "/w/x/a/b", "a/b"},
        {"/w/x", "/w", ".."},
        {"/w/x", "/w/xy", "../xy"},
        {"/w/xy", "/w/x", "../x"},
        {"/w/x", "/home/u/.npm", "../../home/u/.npm"},
        {"/", "/a", "a"},
        {"/w/x", "/", "../.."},
        {"/w/x/y", "/w/z", "../../z"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STR (cache_relative (arena, cases[i].from, cases[i].path), cases[i].wanted);
    arena_destroy (&arena);
}

TEST (a_job_restores_what_an_earlier_one_saved)
{
    saver_t saver;
    begin (&saver);
    job (
        &saver,
        CACHE (
            "k-1",
            "") "," SHOW
                ",{\"run\":\"mkdir -p kept/deep more; echo one > kept/deep/f; chmod 751 kept/deep/f; ln -s deep/f kept/link; "
                "echo two > more/a.txt; echo no > more/a.log\"}");
    CHECK_STR (state_name (&states_result, saver.world.result.result), "success");
    CHECK (logged (&saver.world, "Cache not found for input keys: k-1\n"));
    CHECK (logged (&saver.world, "\nhit=\n"));
    CHECK (logged (&saver.world, "Cache saved with key: k-1\n"));
    job (&saver, CACHE ("k-1", "") "," SHOW ",{\"run\":\"stat -c %a kept/deep/f; cat kept/link more/*\"}");
    CHECK (logged (&saver.world, "Cache hit for: k-1\n"));
    CHECK (logged (&saver.world, "Cache restored from key: k-1\n"));
    CHECK (logged (&saver.world, "\nhit=true\n"));
    CHECK (logged (&saver.world, "\n751\none\ntwo\n"));
    CHECK (logged (&saver.world, "Cache hit occurred on the primary key k-1, not saving cache.\n"));
    job (&saver,
         CACHE ("k-2", ",\"restore-keys\":\"no-\\nk-\"") "," SHOW
                                                         ",{\"run\":\"cat kept/link; ls -A $RUNNER_TEMP\"}");
    CHECK (logged (&saver.world, "Cache hit for restore-key: k-1\n"));
    CHECK (logged (&saver.world, "\nhit=false\n"));
    CHECK (!logged (&saver.world, "cache-")); // The archive is gone
    CHECK (logged (&saver.world, "Cache saved with key: k-2\n"));
    end (&saver);
}

TEST (a_job_that_fails_saves_nothing)
{
    saver_t saver;
    begin (&saver);
    job (&saver, CACHE ("k", "") ",{\"run\":\"mkdir kept; exit 1\"}");
    CHECK (!logged (&saver.world, "Cache saved"));
    job (&saver, CACHE ("k", ""));
    CHECK (logged (&saver.world, "Cache not found for input keys: k\n"));
    end (&saver);
}

TEST (restore_and_save_are_steps_of_their_own)
{
    saver_t saver;
    begin (&saver);
    const char *home = arena_printf (saver.world.arena, "%s/home", saver.world.root);
    static const char saves[] =
        "{\"run\":\"mkdir -p ~/.kept; echo mine > ~/.kept/f; echo HOME=$HOME >> $GITHUB_ENV\",\"env\":{\"HOME\":\"%s\"}},"
        "{\"uses\":\"actions/cache/save@v4\",\"env\":{\"HOME\":\"%s\"},\"with\":{\"path\":\"~/.kept\",\"key\":\"k\"}}";
    job (&saver, arena_printf (saver.world.arena, saves, home, home));
    CHECK (logged (&saver.world, "Cache saved with key: k\n"));
    folder_remove (home);
    static const char restores[] =
        "{\"id\":\"l\",\"uses\":\"actions/cache/restore@v4\",\"with\":{\"path\":\"~/.kept\",\"key\":\"k\",\"lookup-only\":true}},"
        "{\"run\":\"echo; test ! -e %s && echo looked=${{ steps.l.outputs.cache-hit }}\"},"
        "{\"id\":\"r\",\"uses\":\"actions/cache/restore@v4\",\"with\":{\"path\":\"~/.kept\",\"key\":\"kx\",\"restore-keys\":\"k\"}},"
        "{\"run\":\"echo; cat %s/.kept/f; echo ${{ steps.r.outputs.cache-primary-key }} ${{ steps.r.outputs.cache-matched-key }} "
        "${{ steps.r.outputs.cache-hit }}\"}";
    job (&saver, arena_printf (saver.world.arena, restores, home, home));
    CHECK (logged (&saver.world, "\nlooked=true\n"));
    CHECK (logged (&saver.world, "Cache found and can be restored from key: k\n"));
    CHECK (logged (&saver.world, "\nmine\nkx k false\n"));
    end (&saver);
}

TEST (what_is_wrong_with_a_cache_fails_a_step_only_where_it_is_asked_for)
{
    static const struct {
        const char *with, *outcome, *said;
    } cases[] = {
        {"\"path\":\"x\",\"key\":\"a,b\"", "failure", "Key Validation Error: a,b cannot contain commas."},
        {"\"path\":\"x\",\"key\":\"k\",\"restore-keys\":\"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\"",
         "failure", "Keys are limited to a maximum of 10."},
        {"\"path\":\"x\"", "failure", "Input required and not supplied: key"},
        {"\"path\":\" \\n\",\"key\":\"k\"", "failure", "Input required and not supplied: path"},
        {"\"path\":\"x\",\"key\":\"k\",\"fail-on-cache-miss\":true", "failure",
         "Exiting as fail-on-cache-miss is set. Input key: k"},
        {"\"path\":\"x\",\"key\":\"k\",\"lookup-only\":\"yes\"", "success", "is neither true nor false"},
        {"\"path\":\"x\",\"key\":\"k\",\"save-always\":true", "success", "`save-always` has no effect"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        saver_t saver;
        begin (&saver);
        job (&saver, arena_printf (saver.world.arena, "{\"uses\":\"actions/cache@v4\",\"with\":{%s}}",
                                   cases[i].with));
        CHECK_STR (outcome (&saver.world, 1), cases[i].outcome);
        CHECK (logged (&saver.world, cases[i].said));
        job (&saver, arena_printf (saver.world.arena, "{\"uses\":\"actions/cache/save@v4\",\"with\":{%s}}",
                                   cases[i].with));
        CHECK_STR (outcome (&saver.world, 1), "success"); // Saving fails no step
        CHECK (!logged (&saver.world, "Cache saved"));
        end (&saver);
    }
}

// A container without zstd does not find what a machine with it saved: the version says how it is packed.
TEST (without_zstd_a_cache_is_packed_by_gzip)
{
    saver_t saver;
    begin (&saver);
    const char *bin = folder_new (saver.world.arena);
    static const char *const programs[] = {"tar", "gzip", "sh", "bash", "mkdir", "cat"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        const char *found = program_find (saver.world.arena, getenv ("PATH"), programs[i]);
        CHECK (found && symlink (found, arena_printf (saver.world.arena, "%s/%s", bin, programs[i])) == 0);
    }
    static const char form[] =
        "{\"uses\":\"actions/cache@v4\",\"env\":{\"PATH\":\"%s\"},\"with\":{\"path\":\"kept\",\"key\":\"k\"}},"
        "{\"run\":\"mkdir -p kept; echo packed >> kept/f; echo; cat kept/f\"}";
    const char *steps = arena_printf (saver.world.arena, form, bin);
    job (&saver, steps);
    CHECK (logged (&saver.world, "Cache saved with key: k\n"));
    job (&saver,
         "{\"uses\":\"actions/cache@v4\",\"with\":{\"path\":\"kept\",\"key\":\"k\",\"lookup-only\":true}}");
    CHECK (logged (&saver.world, "Cache not found for input keys: k\n"));
    job (&saver, steps);
    CHECK (logged (&saver.world, "\npacked\npacked\n"));
    folder_remove (bin);
    end (&saver);
}

// ---- a server that is away, full, or ends in the middle

typedef struct {
    saver_t saver;
    fault_t fault;
    int times; // So often each request fails with it
    int looks, fetches, puts, commits;
    int64_t resumed_at;
} away_t;

static fault_t fail (away_t *self, turn_t *turn, int number)
{
    return number <= self->times ? turn_fail (turn, self->fault, "nobody is there") : OK;
}

static fault_t away_look (void *self_, turn_t *turn, const char *key, const char *const *others, size_t count,
                          const char *version, cache_hit_t *hit)
{
    away_t *self = self_;
    TRY (fail (self, turn, ++self->looks));
    return self->saver.port.look (self->saver.port.self, turn, key, others, count, version, hit);
}

typedef struct {
    cache_take_fn *take;
    void *stream;
} half_t;

static bool take_half (void *self_, const char *bytes, size_t size)
{
    half_t *self = self_;
    (void) self->take (self->stream, bytes, size / 2);
    return false;
}

static fault_t away_fetch (void *self_, turn_t *turn, const cache_hit_t *hit, int64_t offset,
                           cache_take_fn *take, void *stream)
{
    away_t *self = self_;
    const cache_port_t *port = &self->saver.port;
    half_t half = {take, stream};
    self->resumed_at = offset;
    if (++self->fetches > self->times)
        return port->fetch (port->self, turn, hit, offset, take, stream);
    (void) !port->fetch (port->self, turn, hit, offset, take_half, &half);
    return turn_fail (turn, self->fault, "it broke off");
}

static fault_t away_reserve (void *self_, turn_t *turn, const char *key, const char *version,
                             const char **place)
{
    away_t *self = self_;
    return self->saver.port.reserve (self->saver.port.self, turn, key, version, place);
}

static fault_t away_put (void *self_, turn_t *turn, const char *place, int64_t offset, const void *data,
                         size_t size)
{
    away_t *self = self_;
    TRY (fail (self, turn, ++self->puts));
    return self->saver.port.put (self->saver.port.self, turn, place, offset, data, size);
}

static fault_t away_commit (void *self_, turn_t *turn, const char *place, const int64_t *starts, size_t count,
                            int64_t size)
{
    away_t *self = self_;
    TRY (fail (self, turn, ++self->commits));
    return self->saver.port.commit (self->saver.port.self, turn, place, starts, count, size);
}

static void play_away (away_t *self, fault_t fault, int times)
{
    const cache_port_t port = {.self = self,
                               .look = away_look,
                               .fetch = away_fetch,
                               .reserve = away_reserve,
                               .put = away_put,
                               .commit = away_commit};
    *self = (away_t){.fault = fault, .times = times};
    begin (&self->saver);
    self->saver.world.caches = &port;
    job (
        &self->saver,
        "{\"run\":\"mkdir kept; head -c 3000000 /dev/urandom > kept/f; sha256sum < kept/f > sum\"},"
        "{\"uses\":\"actions/cache/save@v4\",\"with\":{\"path\":\"kept\\nsum\",\"key\":\"k\"}},"
        "{\"run\":\"rm -r kept sum\"},"
        "{\"id\":\"r\",\"uses\":\"actions/cache/restore@v4\",\"with\":{\"path\":\"kept\\nsum\",\"key\":\"k\"}},"
        "{\"run\":\"echo; echo hit=${{ steps.r.outputs.cache-hit }}; sha256sum -c sum < kept/f\"}");
    self->saver.world.caches = NULL;
}

TEST (what_breaks_off_goes_on_where_it_ended)
{
    away_t away;
    play_away (&away, UNAVAILABLE, 2);
    CHECK (logged (&away.saver.world, "Cache saved with key: k\n"));
    CHECK (logged (&away.saver.world, "; trying again\n"));
    CHECK (logged (&away.saver.world, "\nhit=true\n-: OK\n"));
    CHECK_INT (away.fetches, 3);
    CHECK (away.resumed_at > 0);
    end (&away.saver);
}

TEST (a_server_that_is_full_or_refuses_costs_the_cache_and_no_time)
{
    static const fault_t faults[] = {NO_SPACE, TOO_LARGE, FORBIDDEN};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        away_t away;
        play_away (&away, faults[i], 1000);
        CHECK_STR (outcome (&away.saver.world, 2), "success");
        CHECK_STR (outcome (&away.saver.world, 4), "success");
        CHECK (logged (&away.saver.world, "##[warning]Failed to save: nobody is there\n"));
        CHECK (logged (&away.saver.world, "##[warning]Failed to restore: nobody is there\n"));
        CHECK (!logged (&away.saver.world, "trying again"));
        CHECK_INT (away.puts + away.looks, 2);
        end (&away.saver);
    }
}

// ---- what changed little

typedef struct {
    saver_t saver;
    int64_t put, copied; // Bytes
    int copies;
} copier_t;

static fault_t copier_put (void *self_, turn_t *turn, const char *place, int64_t offset, const void *data,
                           size_t size)
{
    copier_t *self = self_;
    self->put += (int64_t) size;
    return self->saver.port.put (self->saver.port.self, turn, place, offset, data, size);
}

static fault_t copier_copy (void *self_, turn_t *turn, const char *place, int64_t offset,
                            const cache_hit_t *of, int64_t from, int64_t size)
{
    copier_t *self = self_;
    char *bytes = arena_alloc (turn->arena, (size_t) size);
    FILE *file = fopen (arena_printf (turn->arena, "%s/archive", of->place), "rb");
    CHECK (file && fseek (file, from, SEEK_SET) == 0 &&
           fread (bytes, 1, (size_t) size, file) == (size_t) size);
    CHECK_INT (fclose (file), 0);
    self->copied += size;
    self->copies++;
    return self->saver.port.put (self->saver.port.self, turn, place, offset, bytes, (size_t) size);
}

static fault_t copier_look (void *self_, turn_t *turn, const char *key, const char *const *others,
                            size_t count, const char *version, cache_hit_t *hit)
{
    const saver_t *self = self_;
    return self->port.look (self->port.self, turn, key, others, count, version, hit);
}

static fault_t copier_fetch (void *self_, turn_t *turn, const cache_hit_t *hit, int64_t offset,
                             cache_take_fn *take, void *stream)
{
    const saver_t *self = self_;
    return self->port.fetch (self->port.self, turn, hit, offset, take, stream);
}

static fault_t copier_reserve (void *self_, turn_t *turn, const char *key, const char *version,
                               const char **place)
{
    const saver_t *self = self_;
    return self->port.reserve (self->port.self, turn, key, version, place);
}

static fault_t copier_commit (void *self_, turn_t *turn, const char *place, const int64_t *starts,
                              size_t count, int64_t size)
{
    const saver_t *self = self_;
    CHECK (count > 0 && starts[0] == 0);
    for (size_t i = 1; i < count; i++)
        CHECK (starts[i] > starts[i - 1] && starts[i] < size);
    return self->port.commit (self->port.self, turn, place, starts, count, size);
}

#define MAKE "{\"run\":\"mkdir kept; head -c 40000000 /dev/urandom > kept/big; echo one > kept/small\"}"
#define SUMS "{\"run\":\"echo; cat kept/* | sha256sum | cut -c 1-64 | sed s/^/sum=/\"}"
#define SAVE "{\"uses\":\"actions/cache/save@v4\",\"with\":{\"path\":\"kept\",\"key\":\"%s\"}}"
#define GET \
    "{\"uses\":\"actions/cache/restore@v4\",\"with\":{\"path\":\"kept\",\"key\":\"%s\",\"restore-keys\":\"k-\"}}"

static const char *sum_in_log (const world_t *world)
{
    const char *at = strstr (buffer_text (world->log), "\nsum=");
    return at ? arena_strndup (world->arena, at + 5, 64) : "none";
}

TEST (of_a_cache_that_changed_little_little_travels)
{
    copier_t self = {.put = 0};
    const cache_port_t port = {.self = &self,
                               .look = copier_look,
                               .fetch = copier_fetch,
                               .reserve = copier_reserve,
                               .put = copier_put,
                               .copy = copier_copy,
                               .commit = copier_commit};
    begin (&self.saver);
    world_t *world = &self.saver.world;
    world->caches = &port;
    job (&self.saver, arena_printf (world->arena, MAKE "," SAVE, "k-1"));
    CHECK (logged (world, "Cache saved with key: k-1\n"));
    CHECK (self.put > 40000000 && self.copies == 0);
    self.put = 0;
    job (
        &self.saver,
        arena_printf (
            world->arena,
            GET
            ",{\"run\":\"echo two >> kept/small; { head -c 20000000 kept/big; echo between; tail -c +20000001 "
            "kept/big; } > b; mv b kept/big\"}," SUMS "," SAVE,
            "k-2", "k-2"));
    CHECK (logged (world, "Cache saved with key: k-2\n"));
    CHECK (logged (world, " B were sent: the rest is in the cache k-1\n"));
    CHECK (self.copied > 25000000 && self.put < 15000000);
    const char *sum = sum_in_log (world);
    job (&self.saver, arena_printf (world->arena, GET "," SUMS, "k-2"));
    CHECK (logged (world, "Cache restored from key: k-2\n"));
    CHECK_STR (sum_in_log (world), sum);
    end (&self.saver);
}

// A restore sets times anew, and a folder's entries have another order: neither is in the archive.
TEST (of_small_files_that_were_restored_only_the_changed_ones_travel)
{
    copier_t self = {.put = 0};
    const cache_port_t port = {.self = &self,
                               .look = copier_look,
                               .fetch = copier_fetch,
                               .reserve = copier_reserve,
                               .put = copier_put,
                               .copy = copier_copy,
                               .commit = copier_commit};
    begin (&self.saver);
    world_t *world = &self.saver.world;
    world->caches = &port;
    job (&self.saver,
         arena_printf (
             world->arena,
             "{\"run\":\"mkdir kept; head -c 20000000 /dev/urandom | split -b 50000 -a 4 - kept/f\"}," SAVE,
             "k-1"));
    int64_t all = self.put;
    self.put = 0;
    job (&self.saver,
         arena_printf (world->arena, GET ",{\"run\":\"echo more >> kept/faaaa\"}," SAVE, "k-2", "k-2"));
    CHECK (logged (world, "Cache saved with key: k-2\n"));
    CHECK (self.put > 0 && self.put < all / 2);
    end (&self.saver);
}

TEST (a_list_of_pieces_that_a_job_has_changed_is_not_used)
{
    copier_t self = {.put = 0};
    const cache_port_t port = {.self = &self,
                               .look = copier_look,
                               .fetch = copier_fetch,
                               .reserve = copier_reserve,
                               .put = copier_put,
                               .copy = copier_copy,
                               .commit = copier_commit};
    begin (&self.saver);
    world_t *world = &self.saver.world;
    world->caches = &port;
    job (&self.saver, arena_printf (world->arena, MAKE "," SAVE, "k-1"));
    job (&self.saver,
         arena_printf (world->arena,
                       GET ",{\"run\":\"sed -i '2s/.*/elsewhere/' $RUNNER_TEMP/cache-*.pieces\"}," SAVE,
                       "k-2", "k-2"));
    CHECK (logged (world, "Cache saved with key: k-2\n"));
    CHECK_INT (self.copies, 0);
    end (&self.saver);
}

TEST (without_tar_a_job_goes_on_without_its_cache)
{
    saver_t saver;
    begin (&saver);
    const char *steps =
        "{\"run\":\"mkdir -p kept\"},{\"uses\":\"actions/cache/save@v4\",\"env\":{\"PATH\":\"/nowhere\"},"
        "\"with\":{\"path\":\"kept\",\"key\":\"k\"}}";
    job (&saver, steps);
    CHECK_STR (outcome (&saver.world, 2), "success");
    CHECK (logged (&saver.world, "Failed to save: there is no tar where the steps run"));
    end (&saver);
}
