/* why.c - `opencicd why`: the failure digest, as a person reads it: what failed and its lines first, then since when, what else, and how to run it here. */

#include "cli/show/show.h"

#include <inttypes.h>
#include <string.h>

#define SHA_SHOWN 8

static const char *safe (const cli_t *cli, const value_t *item, const char *key)
{
    return paint_safe (cli->turn->arena, value_get_text (item, key));
}

static const char *branch (const cli_t *cli, const char *ref)
{
    const char *name = strncmp (ref, "refs/heads/", 11) == 0 ? ref + 11 : ref;
    return paint_safe (cli->turn->arena, name);
}

// ---- one failure ----

static void print_location (const cli_t *cli, const value_t *failure)
{
    const char *called = safe (cli, failure, "called_by"), *signal = safe (cli, failure, "signal");
    if (*called)
        printf ("  In %s, which %s calls\n", safe (cli, failure, "workflow"), called);
    printf ("  Cause: %s", safe (cli, failure, "cause"));
    if (*value_get_text (failure, "step_name"))
        printf (", %s step %" PRId64, safe (cli, failure, "phase"), number_of (failure, "step"));
    if (number_of (failure, "exit_code"))
        printf (", exit code %" PRId64, number_of (failure, "exit_code"));
    printf ("%s%s\n", *signal ? ", " : "", signal);
}

static void print_lines (const cli_t *cli, const value_t *failure)
{
    const value_t *const *items;
    int64_t last = 0;
    size_t count = items_of (failure, "lines", &items);
    for (size_t i = 0; i < count; i++) {
        int64_t line = number_of (items[i], "line");
        if (last && line > last + 1)
            printf ("  %7s\n", "...");
        last = line;
        printf (
            "  %s  %s\n",
            paint (cli->turn->arena, cli->colour, DIM, arena_printf (cli->turn->arena, "%7" PRId64, line)),
            safe (cli, items[i], "text"));
    }
}

static void print_annotations (const cli_t *cli, const value_t *failure)
{
    const value_t *const *items;
    size_t count = items_of (failure, "annotations", &items);
    for (size_t i = 0; i < count; i++) {
        int64_t line = number_of (items[i], "line");
        const char *message = value_get_text (items[i], "message");
        message = arena_strndup (cli->turn->arena, message, strcspn (message, "\r\n"));
        printf ("  %s", safe (cli, items[i], "file"));
        if (line)
            printf (":%" PRId64, line);
        printf ("%s%s\n", *value_get_text (items[i], "file") ? ": " : "",
                paint_safe (cli->turn->arena, message));
    }
}

static void print_seen (const cli_t *cli, const value_t *digest, const value_t *failure)
{
    const char *since = value_get_text (failure, "since_run"),
               *branches = list_text (cli, failure, "branches");
    int64_t since_number = number_of (failure, "since_number");
    if (*since && since_number != number_of (digest, "number"))
        printf ("  Failing like this since run #%" PRId64 "\n", since_number);
    else if (*since)
        printf ("  New: no earlier run on this branch failed like this since it last passed\n");
    if (*branches)
        printf ("  Also seen on %s\n", paint_safe (cli->turn->arena, branches));
    if (bool_of (failure, "flaky"))
        printf ("  Flaky: %" PRId64 " of the last %" PRId64
                " runs failed like this on a commit that also passed\n",
                number_of (failure, "flaky_runs"), number_of (failure, "of_runs"));
}

static void print_failure (const cli_t *cli, const value_t *digest, const value_t *failure)
{
    arena_t *arena = cli->turn->arena;
    printf ("\n%s  %s\n", paint (arena, cli->colour, RED, safe (cli, failure, "job_name")),
            paint (arena, cli->colour, BOLD, safe (cli, failure, "summary")));
    print_location (cli, failure);
    print_annotations (cli, failure);
    print_lines (cli, failure);
    print_seen (cli, digest, failure);
    if (*value_get_text (failure, "reproduce"))
        printf ("  Run it here: %s\n", safe (cli, failure, "reproduce"));
}

static void print_tests (const cli_t *cli, const value_t *digest)
{
    const value_t *const *items;
    size_t count = items_of (digest, "tests", &items);
    int64_t all = number_of (digest, "failed_tests");
    if (count)
        printf ("\nFailed tests\n");
    for (size_t i = 0; i < count; i++) {
        const char *suite = safe (cli, items[i], "suite"), *message = safe (cli, items[i], "message");
        const char *past = bool_of (items[i], "flaky")   ? "flaky"
                           : bool_of (items[i], "known") ? "known"
                                                         : "new";
        printf ("  %s%s%s (%s)%s%s\n", suite, *suite ? ": " : "", safe (cli, items[i], "name"), past,
                *message ? ": " : "", message);
    }
    if ((int64_t) count < all)
        printf ("  ... and %" PRId64 " more: opencicd tests %s\n", all - (int64_t) count,
                safe (cli, digest, "run_id"));
}

// ---- around them ----

static void print_alike (const cli_t *cli, const value_t *const *items, size_t count)
{
    size_t alike = 0;
    for (size_t i = 0; i < count; i++)
        if (*value_get_text (items[i], "same_as"))
            printf ("%s%s", alike++ ? ", " : "\nFailed alike: ", safe (cli, items[i], "job_name"));
    if (alike)
        printf ("\n");
}

static void print_skipped (const cli_t *cli, const value_t *digest)
{
    const value_t *const *items;
    size_t count = items_of (digest, "skipped", &items);
    for (size_t i = 0; i < count; i++)
        printf ("%s%s is %s: %s\n", i == 0 ? "\n" : "", safe (cli, items[i], "job_name"),
                safe (cli, items[i], "result"), safe (cli, items[i], "reason"));
}

static void print_commits (const cli_t *cli, const value_t *digest)
{
    const value_t *const *items;
    arena_t *arena = cli->turn->arena;
    size_t count = items_of (digest, "commits", &items);
    if (*value_get_text (digest, "commits_unknown"))
        printf ("The commits since are not known: %s\n", safe (cli, digest, "commits_unknown"));
    for (size_t i = 0; i < count; i++)
        printf ("  %s  %s  %s\n",
                paint (arena, cli->colour, YELLOW,
                       arena_printf (arena, "%.*s", SHA_SHOWN, value_get_text (items[i], "id"))),
                safe (cli, items[i], "subject"),
                paint (arena, cli->colour, DIM, safe (cli, items[i], "author")));
    if (bool_of (digest, "more_commits"))
        printf ("  ... and earlier ones\n");
}

static void print_history (const cli_t *cli, const value_t *digest)
{
    const char *green = value_get_text (digest, "green_run"), *sha = value_get_text (digest, "sha");
    const char *ref = branch (cli, value_get_text (digest, "ref"));
    int64_t runs = number_of (digest, "red_runs");
    printf ("\n");
    if (!*green) {
        printf ("%s has not passed yet on %s\n", safe (cli, digest, "name"), ref);
        return;
    }
    printf ("%s last passed in run #%" PRId64 ", %s", ref, number_of (digest, "green_number"),
            ago (cli, digest, "green_at"));
    if (runs > 1)
        printf ("; %" PRId64 " runs have failed since, the first is #%" PRId64, runs,
                number_of (digest, "red_number"));
    bool same_commit = strcmp (sha, value_get_text (digest, "green_sha")) == 0;
    printf ("%s\n", same_commit ? ", on the same commit" : "");
    print_commits (cli, digest);
}

static void print_digest (const cli_t *cli, const value_t *digest)
{
    const value_t *const *items;
    size_t count = items_of (digest, "failures", &items);
    printf ("%s #%" PRId64 "  %s  %s %.*s\n", safe (cli, digest, "project"), number_of (digest, "number"),
            safe (cli, digest, "title"), branch (cli, value_get_text (digest, "ref")), SHA_SHOWN,
            value_get_text (digest, "sha"));
    if (count == 0) {
        printf ("Nothing failed in this run.\n");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!*value_get_text (items[i], "same_as"))
            print_failure (cli, digest, items[i]);
    print_alike (cli, items, count);
    print_tests (cli, digest);
    if (number_of (digest, "more"))
        printf ("And %" PRId64 " more jobs failed\n", number_of (digest, "more"));
    print_skipped (cli, digest);
    print_history (cli, digest);
    if (!bool_of (digest, "complete"))
        fprintf (stderr, "Some logs have not been looked at yet: ask again for their lines.\n");
}

static int why (cli_t *cli)
{
    const value_t *digest;
    int status =
        server_ask (cli, "GET", path_of (cli, "/runs/%s/failure", cli->args.items[0]), NULL, &digest);
    if (digest)
        print_digest (cli, digest);
    return status;
}

static const flag_t flags[] = {FLAG_JSON, {.name = NULL}};

const command_t command_why = {
    .name = "why",
    .group = GROUP_RUNS,
    .usage = "[--json] RUN",
    .summary = "Say why a run failed, since when, and where else.",
    .help =
        "The failed jobs with their step, exit code and the lines that matter; whether the branch passed before, and the commits since;\n"
        "whether the same failure was seen elsewhere or comes and goes; and the command that runs the job here.\n",
    .examples = "opencicd why RUN\n",
    .programs = CLIENT,
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = why};
