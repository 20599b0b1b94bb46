/* action_source.c - see action_source.h.
 *
 * A commit is fetched alone (depth 1). Servers that give no commit by its id are asked for all their branches and tags instead. */

#include "agent/engine/actions/action_source.h"

#include "agent/engine/process/stop.h"
#include "common/base/clock.h"

#include <stdarg.h>
#include <string.h>

// ---- git

static git_location_t place_of (const source_git_t *self, const char *git_dir)
{
    return (git_location_t){.folder = git_dir, .config = self->config, .local_folders = true};
}

static git_bounds_t bounds_of (const source_git_t *self, int64_t seconds)
{
    return (git_bounds_t){.until_us = clock_monotonic_us () + SECONDS (seconds),
                          .silence_us = SECONDS (60),
                          .stop = self->cancel ? cancel_handle (self->cancel) : 0};
}

static fault_t cancelled (const source_git_t *self, turn_t *turn, fault_t fault)
{
    bool asked = self->cancel && cancel_level (self->cancel) != CANCEL_NONE;
    return fault == UNAVAILABLE && asked ? turn_fail (turn, UNAVAILABLE, "it was cancelled") : fault;
}

static fault_t run (turn_t *turn, const source_git_t *self, const char *git_dir, int64_t seconds,
                    process_output_t *output, ...) __attribute__ ((sentinel));

static fault_t run (turn_t *turn, const source_git_t *self, const char *git_dir, int64_t seconds,
                    process_output_t *output, ...)
{
    const char *args[GIT_ARGS] = {NULL};
    size_t count = 0;
    va_list list;
    va_start (list, output);
    const char *arg;
    while (count < GIT_ARGS - 1 && (arg = va_arg (list, const char *)))
        args[count++] = arg;
    va_end (list);
    const git_location_t place = place_of (self, git_dir);
    const git_bounds_t bounds = bounds_of (self, seconds);
    turn->detail = NULL;
    fault_t fault = cancelled (self, turn, git_run (turn, args, &place, &bounds, NULL, output));
    return fault == TIMEOUT ? UNAVAILABLE : fault;
}

fault_t source_look (turn_t *turn, const source_git_t *self, const char *url, const char *ref,
                     const char **commit)
{
    const git_location_t place = place_of (self, NULL);
    const git_bounds_t bounds = bounds_of (self, GIT_SOURCE_LOOK_SECONDS);
    return cancelled (self, turn, git_source_look (turn, &place, &bounds, url, ref, commit));
}

static fault_t fetch_alone (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                            const char *git_dir)
{
    process_output_t output;
    fault_t fault = run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, "fetch", "--progress",
                         "--depth=1", "--no-tags", "--no-write-fetch-head", "--", url, commit, NULL);
    bool refused =
        fault && (strstr (output.err, "not our ref") || strstr (output.err, "unadvertised object"));
    if (!refused)
        return git_source_fault (turn, fault, &output);
    return git_source_fault (turn,
                             run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, "fetch", "--progress",
                                  "--no-tags", "--no-write-fetch-head", "--", url,
                                  "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", NULL),
                             &output);
}

// An id may be of a tag, or of nothing that came.
static fault_t check_commit (turn_t *turn, const source_git_t *git, const char *commit, const char *git_dir)
{
    process_output_t output;
    fault_t fault =
        run (turn, git, git_dir, GIT_SOURCE_LOOK_SECONDS, &output, "cat-file", "-t", commit, NULL);
    if (!fault && strcmp (output.out, "commit\n") == 0)
        return OK;
    return turn_fail (turn, NOT_FOUND, "it has no commit %s", commit);
}

fault_t source_fetch (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                      const char *folder)
{
    const char *git_dir = arena_printf (turn->arena, "%s/git", folder);
    const char *tree = arena_printf (turn->arena, "--work-tree=%s/tree", folder);
    const char *format = strlen (commit) == 64 ? "--object-format=sha256" : "--object-format=sha1";
    process_output_t output;
    TRY (run (turn, git, NULL, GIT_SOURCE_LOOK_SECONDS, &output, "init", "--quiet", "--bare",
              "--template=", format, git_dir, NULL));
    TRY (fetch_alone (turn, git, url, commit, git_dir));
    TRY (check_commit (turn, git, commit, git_dir));
    return run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, tree, "reset", "--hard", "--quiet", commit,
                NULL);
}
