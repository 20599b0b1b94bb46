/* A job that takes too much of the disk is stopped, and the reason is kept for it alone. */

#include "agent/engine/folder/job_limits.h"

#include "common/base/clock.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define MIB 1048576

typedef struct {
    arena_t *arena;
    turn_t turn;
    const char *root;
    workspace_t folders;
    cancel_t *cancel;
    job_limits_t *limits;
} world_t;

static void begin (world_t *self)
{
    const char *error;
    const limit_rules_t *rules;
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    self->root = folder_new (self->arena);
    const char *work = arena_printf (self->arena, "%s/work", self->root);
    CHECK_INT (workspace_open (&self->folders, self->arena, work, NULL, &error), OK);
    CHECK_INT (limits_parse (self->arena, "disk=2M", &rules, &error), OK);
    CHECK_INT (job_limits_new (&self->limits, &self->turn, rules, &self->folders), OK);
    CHECK (!job_limits_entries (self->limits));
    CHECK_INT (cancel_new (&self->cancel), OK);
}

static void end (world_t *self)
{
    job_limits_destroy (&self->limits);
    cancel_destroy (&self->cancel);
    folder_remove (self->root);
    arena_destroy (&self->arena);
}

static void fill (world_t *self, const char *folder, const char *name, size_t bytes)
{
    char *text = arena_alloc (self->arena, bytes + 1);
    memset (text, 'x', bytes);
    folder_put (folder, name, text);
}

// For a job without one, and then one that may take that much.
static void begin_job (world_t *self, int64_t disk)
{
    const limits_t limits = {.disk_bytes = disk};
    CHECK_INT (job_limits_begin (self->limits, &self->turn, &limits, self->cancel), OK);
}

TEST (a_job_that_takes_too_much_of_the_disk_is_stopped_at_once)
{
    world_t world;
    job_limits_end_t ended;
    begin (&world);
    begin_job (&world, 2 * MIB);
    fill (&world, world.folders.workspace, "a/b", 3 * MIB / 2);
    fill (&world, world.folders.temp, "c", 3 * MIB / 2);
    struct pollfd cancelled = {cancel_handle (world.cancel), POLLIN, 0};
    CHECK_INT (poll (&cancelled, 1, 60000), 1);
    CHECK_INT (cancel_level (world.cancel), CANCEL_HARD);
    job_limits_end (world.limits, world.arena, &ended);
    CHECK_STR (ended.broken, "it used more than 2 MiB of the disk, this agent's limit");
    // The next one is not blamed for it
    begin_job (&world, 0);
    job_limits_end (world.limits, world.arena, &ended);
    CHECK (!ended.broken);
    CHECK (ended.group.peak_bytes == -1);
    end (&world);
}

TEST (a_job_within_its_limit_goes_on_and_its_end_waits_for_no_look)
{
    world_t world;
    job_limits_end_t ended;
    begin (&world);
    fill (&world, world.folders.workspace, "a", MIB);
    begin_job (&world, 64 * MIB);
    job_limits_end (world.limits, world.arena, &ended);
    CHECK (!ended.broken);
    CHECK_INT (cancel_level (world.cancel), CANCEL_NONE);
    job_limits_end (world.limits, world.arena, &ended); // Twice does no harm
    end (&world);
}
