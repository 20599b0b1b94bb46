/* git.c - see git.h. */

#include "services/scm/git.h"

#include "common/clock.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGUMENTS 32

static const char *const ours[] = {
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=true",
    "GIT_ALLOW_PROTOCOL=file:git:http:https:ssh",
    "GIT_CONFIG_COUNT=1",
    "GIT_CONFIG_KEY_0=safe.directory", // The operator registered it: whose files they are does not matter
    "GIT_CONFIG_VALUE_0=*",
    "GIT_OPTIONAL_LOCKS=0",
    "LC_ALL=C",
};
#define OURS (sizeof ours / sizeof ours[0])

const char *const *git_environment (arena_t *arena)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    const char **list = arena_array (arena, count + OURS + 1, sizeof (char *));
    for (size_t i = 0; i < count; i++)
        if (strncmp (environ[i], "GIT_", 4) != 0 && strncmp (environ[i], "LC_ALL=", 7) != 0)
            list[kept++] = environ[i];
    for (size_t i = 0; i < OURS; i++)
        list[kept++] = ours[i];
    return list;
}

// git's own words: its last line that says "fatal:" or "error:", else all of it.
static const char *words_of (turn_t *turn, const char *err)
{
    const char *found = err;
    for (const char *at = err; at; at = strchr (at, '\n')) {
        at += *at == '\n';
        if (strncmp (at, "fatal: ", 7) == 0 || strncmp (at, "error: ", 7) == 0)
            found = at + 7;
    }
    char *text =
        arena_strndup (turn->arena, found, strcspn (found, "\n") < 1000 ? strcspn (found, "\n") : 1000);
    return *text ? text : "it gave no reason";
}

fault_t git_run (turn_t *turn, const char *const *arguments, const git_bounds_t *bounds,
                 process_output_t *output)
{
    const char *argv[MAX_ARGUMENTS + 2] = {"git"};
    for (size_t i = 0; arguments[i] && i < MAX_ARGUMENTS; i++)
        argv[i + 1] = arguments[i];
    process_spec_t spec = {
        .argv = argv, .environment = git_environment (turn->arena), .folder = "/", .stop = bounds->stop};
    int64_t left_us = bounds->until_us - clock_monotonic_us ();
    fault_t fault = process_run (turn, &spec, left_us > 0 ? left_us : 0, GIT_OUT_MAX, output);
    if (fault == TIMEOUT)
        return turn_fail (turn, TIMEOUT, "git did not end in time");
    if (fault != OK || output->end.status == 0)
        return fault;
    bool locked = strstr (output->err, ".lock': File exists") != NULL;
    return turn_fail (turn, locked ? CONFLICT : NOT_FOUND, "git: %s", words_of (turn, output->err));
}
