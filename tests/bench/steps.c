/* steps.c - what a step costs beside the bare process that it starts: a script, the same within a composite action, a JavaScript
 * action. And how much memory a step that prints a gigabyte takes.
 *
 * The engine and the bare processes take turns; the median of their rounds is shown, as one JSON object. */

#include "agent/engine/engine.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/os/folder_empty.h"
#include "tests/bench/memory.h"
#include "workflow/expression/value.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS     9
#define STEPS      50
#define NODE_STEPS 8
#define INNER      10 // Steps of the composite action
#define FIRST      2 // Number of the first that counts: after "Set up job" and the one that writes the actions
#define TEXT_MAX   (1 << 20)

extern char **environ;

typedef struct {
    int64_t began_us, ended_us; // Of the steps that count, monotonic
    uint32_t last;              // Number of the last of them
} seen_t;

static fault_t drop_log (void *self, uint32_t step, const void *data, size_t size)
{
    (void) self, (void) step, (void) data, (void) size;
    return OK;
}

static void see_step (void *self_, const engine_step_t *step)
{
    seen_t *self = self_;
    if (step->number == FIRST && step->state == step_running && self->began_us == 0)
        self->began_us = clock_monotonic_us ();
    if (step->number == self->last && step->state == step_finished)
        self->ended_us = clock_monotonic_us ();
}

static const char *definition (arena_t *arena, const char *step, uint32_t count)
{
    static const char setup[] =
        "mkdir c js; { echo 'runs: {using: composite, steps: ['; yes '{run: \"true\", shell: sh},' | head -n 10; echo ']}'; } > c/action.yml; "
        "echo '{runs: {using: node20, main: a.js}}' > js/action.yml; touch js/a.js";
    buffer_t *text = buffer_new (TEXT_MAX);
    buffer_printf (text, "{\"key\":\"k\",\"steps\":[{\"shell\":\"sh\",\"run\":%s}",
                   value_to_json (arena, value_string (arena, setup), 0));
    for (uint32_t i = 0; i < count; i++)
        buffer_printf (text, ",%s", step);
    buffer_puts (text, "]}");
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// Microseconds a step.
static double run_steps (engine_t *engine, const char *step, uint32_t count)
{
    const char *error;
    arena_t *arena = arena_new ();
    seen_t seen = {.last = FIRST + count - 1};
    engine_job_t job = {.id = "j", .contexts = "{}", .definition = definition (arena, step, count)};
    const engine_sink_t sink = {.self = &seen, .log = drop_log, .step = see_step};
    engine_result_t result;
    if (cancel_new (&job.cancel) != OK)
        abort ();
    engine_run (engine, arena, &job, &sink, &result);
    if (result.result != result_success || engine_clean (engine, &error) != OK) {
        fprintf (stderr, "bench-steps: %s: %s\n", step, result.reason);
        exit (1);
    }
    cancel_destroy (&job.cancel);
    arena_destroy (&arena);
    return (double) (seen.ended_us - seen.began_us) / count;
}

static bool runs (const char *const *argv)
{
    pid_t child;
    int status;
    return posix_spawnp (&child, argv[0], NULL, NULL, (char *const *) argv, environ) == 0 &&
           waitpid (child, &status, 0) == child && status == 0;
}

// Microseconds a process.
static double run_bare (const char *const *argv, uint32_t count)
{
    int64_t began_us = clock_monotonic_us ();
    for (uint32_t i = 0; i < count; i++)
        if (!runs (argv)) {
            fprintf (stderr, "bench-steps: %s does not run\n", argv[0]);
            exit (1);
        }
    return (double) (clock_monotonic_us () - began_us) / count;
}

static int by_size (const void *a, const void *b)
{
    double one = *(const double *) a, two = *(const double *) b;
    return (one > two) - (one < two);
}

static double median (double *rounds)
{
    qsort (rounds, ROUNDS, sizeof *rounds, by_size);
    return rounds[ROUNDS / 2] / 1000;
}

static void compare (engine_t *engine, const char *name, const char *step, const char *const *argv,
                     uint32_t count, uint32_t processes)
{
    double ours[ROUNDS], bare[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = run_steps (engine, step, count) / processes;
        bare[i] = run_bare (argv, count);
    }
    double of_step = median (ours), of_process = median (bare);
    printf ("\"%s\": {\"step_ms\": %.2f, \"bare_ms\": %.2f, \"overhead_ms\": %.2f}, ", name, of_step,
            of_process, of_step - of_process);
}

int main (void)
{
    static const char *const sh[] = {"sh", "-c", "true", NULL}, *const node[] = {"node", "/dev/null", NULL};
    char folder[] = "/tmp/bench-steps-XXXXXX";
    const char *error = "";
    arena_t *arena = arena_new ();
    engine_t *engine;
    const engine_options_t options = {.work_dir = folder, .name = "bench", .server = "http://server"};
    if (!mkdtemp (folder) || engine_new (&engine, arena, &options, &error) != OK) {
        fprintf (stderr, "bench-steps: %s\n", error);
        return 1;
    }
    printf ("{");
    compare (engine, "script", "{\"shell\":\"sh\",\"run\":\"true\"}", sh, STEPS, 1);
    compare (engine, "composite", "{\"uses\":\"./c\"}", sh, STEPS / INNER, INNER);
    if (runs (node))
        compare (engine, "javascript", "{\"uses\":\"./js\"}", node, NODE_STEPS, 1);
    double before = most_megabytes ();
    double us = run_steps (
        engine,
        "{\"shell\":\"sh\",\"run\":\"yes 0123456789012345678901234567890123456789 | head -c 1073741824\"}",
        1);
    printf ("\"gigabyte\": {\"seconds\": %.2f, \"memory_growth_mb\": %.1f}}\n", us / 1e6,
            most_megabytes () - before);
    engine_destroy (&engine);
    if (folder_empty (folder) != OK || rmdir (folder) != 0)
        fprintf (stderr, "bench-steps: %s stays\n", folder);
    arena_destroy (&arena);
    return 0;
}
