/* Where the kernel's texts say that our control group is; and, where this machine lets us make one, what it does. */

#include "common/os/cgroup.h"

#include "common/base/clock.h"
#include "common/os/cgroup_place.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIB 1048576

static const char two[] = "24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw\n"
                          "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char one[] =
    "33 32 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "34 32 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "36 32 0:31 /docker/12ab /sys/fs/cgroup/memory ro,nosuid master:9 - cgroup cgroup rw,memory\n"
    "37 32 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n";

TEST (our_group_is_found_in_the_kernels_texts)
{
    static const struct {
        const char *mounts, *own, *controller, *place;
    } cases[] = {
        {two, "0::/user.slice/a.scope\n", NULL, "/sys/fs/cgroup/user.slice/a.scope"},
        {two, "0::/\n", NULL, "/sys/fs/cgroup"},
        {two, "0::/a:b\n", NULL, "/sys/fs/cgroup/a:b"},
        {two, "0::/\n", "memory", NULL},
        {one, "4:cpuset:/set\n3:cpu,cpuacct:/work\n0::/new\n", "cpu", "/sys/fs/cgroup/cpu,cpuacct/work"},
        {one, "4:cpuset:/set\n3:cpu,cpuacct:/work\n0::/new\n", NULL, "/sys/fs/cgroup/unified/new"},
        {one, "5:memory:/docker/12ab\n", "memory", "/sys/fs/cgroup/memory"},
        {one, "5:memory:/docker/12ab/job\n", "memory", "/sys/fs/cgroup/memory/job"},
        {one, "5:memory:/docker/12abc\n", "memory", "/sys/fs/cgroup/memory"},
        {one, "5:memory:/docker/12ab\n", "pids", NULL},
        {"", "5:memory:/\n", "memory", NULL},
        {one, "", "memory", NULL},
        {"garbage\n - cgroup\n1 2 - cgroup x\n", "5:memory:/\n0::\n:\n\n", "memory", NULL},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cgroup_texts_t texts = {cases[i].mounts, cases[i].own};
        const char *place = cgroup_place (arena, &texts, cases[i].controller);
        CHECK_STR (place ? place : "none", cases[i].place ? cases[i].place : "none");
    }
    arena_destroy (&arena);
}

typedef struct {
    arena_t *arena;
    turn_t turn;
    cgroup_t *group; // NULL: this machine lets us make none
} world_t;

static void world_begin (world_t *self, const cgroup_limits_t *limits)
{
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    const char *name = arena_printf (self->arena, "opencicd-test-%d", (int) getpid ());
    if (cgroup_new (&self->group, &self->turn, name, limits) != OK) {
        printf ("not tried: %s\n", self->turn.detail);
        return;
    }
    CHECK_INT (cgroup_limit (self->group, &self->turn, limits), OK);
}

static void world_end (world_t *self)
{
    const char *entry = self->group ? arena_strdup (self->arena, *cgroup_entries (self->group)) : NULL;
    cgroup_destroy (&self->group);
    CHECK (!entry || access (entry, F_OK) != 0);
    arena_destroy (&self->arena);
}

// A script in the group; what it prints.
static process_output_t run (world_t *self, const char *script)
{
    process_output_t output = {.out = ""};
    const char *enter = "";
    for (const char *const *entry = cgroup_entries (self->group); *entry; entry++)
        enter = arena_printf (self->arena, "%secho 0 >%s || exit 99\n", enter, *entry);
    const process_spec_t spec = {
        .argv = (const char *const[]){"sh", "-c", arena_printf (self->arena, "%s%s", enter, script), NULL}};
    CHECK_INT (process_run (&self->turn, &spec, SECONDS (60), 4096, &output), OK);
    CHECK (output.end.status != 99);
    return output;
}

// What a script left behind ends by itself.
static void wait_until_empty (world_t *self)
{
    const char *text = "x";
    while (*text) {
        CHECK (clock_monotonic_us () < test_until_us ());
        CHECK_INT (file_read (&self->turn, *cgroup_entries (self->group), MIB, &text), OK);
    }
}

TEST (a_process_that_takes_more_memory_than_its_group_may_is_killed)
{
    const cgroup_limits_t limits = {.memory_bytes = 32 * MIB};
    cgroup_usage_t usage;
    world_t world;
    world_begin (&world, &limits);
    if (world.group) {
        // `tail` keeps what has no line end
        CHECK_STR (run (&world, "head -c 4000000 /dev/zero | tail | wc -c").out, "4000000\n");
        CHECK_INT (run (&world, "head -c 100000000 /dev/zero | tail >/dev/null").end.status, 137);
        cgroup_usage (world.group, &usage);
        CHECK (usage.peak_bytes == -1 || (usage.peak_bytes > 24 * MIB && usage.peak_bytes <= 32 * MIB));
        // Without the limit it is not
        CHECK_INT (cgroup_limit (world.group, &world.turn, &(cgroup_limits_t){0}), OK);
        CHECK_INT (run (&world, "head -c 100000000 /dev/zero | tail >/dev/null").end.status, 0);
    }
    world_end (&world);
}

TEST (a_group_starts_no_more_processes_than_it_may)
{
    const cgroup_limits_t limits = {.processes = 10};
    cgroup_usage_t usage;
    world_t world;
    world_begin (&world, &limits);
    if (world.group) {
        process_output_t output = run (&world, "for i in 1 2 3 4 5; do sleep 0 & done; wait; echo five");
        CHECK_STR (output.out, "five\n");
        cgroup_usage (world.group, &usage);
        CHECK_INT (usage.refused, 0);
        output = run (&world, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; echo twelve");
        CHECK (strcmp (output.out, "twelve\n") != 0);
        cgroup_usage (world.group, &usage);
        CHECK (usage.refused > 0);
        wait_until_empty (&world);
    }
    world_end (&world);
}

TEST (a_group_gets_no_more_of_the_processors_than_it_may)
{
    const cgroup_limits_t limits = {.milli_cpus = 100};
    world_t world;
    world_begin (&world, &limits);
    if (world.group) {
        // It spins for a second of the clock: of its own time that is a tenth, or two with what it had in hand
        process_output_t output =
            run (&world, "end=$(( $(date +%s) + 2 ))\nwhile [ $(date +%s) -lt $end ]; do :; done\n"
                         "read -r a b c d e f g h i j k l m user system own all rest </proc/$$/stat\n"
                         "echo $(( user + system + own + all ))");
        int ticks = 0;
        CHECK_INT (sscanf (output.out, "%d", &ticks), 1);
        CHECK (ticks < 60); // Of 100 a second
    }
    world_end (&world);
}

TEST (what_one_needs_that_is_not_there_is_named)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    cgroup_t *group = NULL;
    turn_init (&turn, arena, "test", 0);
    CHECK (cgroup_new (&group, &turn, "no/such/group", &(cgroup_limits_t){.processes = 9}) != OK);
    CHECK (turn.detail && (strstr (turn.detail, "no/such/group") || strstr (turn.detail, "pids") ||
                           strstr (turn.detail, "delegated")));
    CHECK (!group);
    arena_destroy (&arena);
}
