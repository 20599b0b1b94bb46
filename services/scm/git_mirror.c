/* git_mirror.c - see git_mirror.h. */

#include "services/scm/git_mirror.h"

#include "common/folder.h"
#include "services/scm/git.h"
#include "services/scm/git_object.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static fault_t take_lock (turn_t *turn, const char *folder, int *out)
{
    const char *path = arena_printf (turn->arena, "%s/mirror.lock", folder);
    fault_t fault = folder_make (turn, folder);
    if (fault != OK)
        return fault;
    *out = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*out < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", path);
    if (flock (*out, LOCK_EX) == 0)
        return OK;
    close (*out);
    return turn_fail (turn, BROKEN, "%s cannot be locked: %m", path);
}

// "ref: refs/heads/main\tHEAD" is the first line where the other side has a branch at HEAD.
static fault_t follow_head (turn_t *turn, const char *url, const char *folder, int64_t for_us)
{
    process_output_t output;
    const char *ask[] = {"ls-remote", "--symref", "--", url, "HEAD", NULL};
    fault_t fault = git_run (turn, ask, for_us, &output);
    if (fault != OK)
        return fault;
    const char *name = git_head_read (turn->arena, output.out, strcspn (output.out, "\t\n"));
    if (!name || !git_name_ok (name))
        return OK; // An empty repository, or a detached HEAD
    const char *set[] = {"--git-dir", folder, "symbolic-ref", "HEAD", name, NULL};
    return git_run (turn, set, for_us, &output);
}

static fault_t update (turn_t *turn, const char *url, const char *folder, int64_t for_us)
{
    process_output_t output;
    const char *init[] = {"init", "--bare", "--quiet", "--", folder, NULL};
    const char *fetch[] = {"--git-dir",
                           folder,
                           "fetch",
                           "--prune",
                           "--force",
                           "--quiet",
                           "--no-write-fetch-head",
                           "--",
                           url,
                           "+refs/heads/*:refs/heads/*",
                           "+refs/tags/*:refs/tags/*",
                           NULL};
    fault_t fault = git_run (turn, init, for_us, &output);
    if (fault == OK)
        fault = git_run (turn, fetch, for_us, &output);
    return fault == OK ? follow_head (turn, url, folder, for_us) : fault;
}

fault_t git_mirror_update (turn_t *turn, const char *url, const char *folder, int64_t for_us)
{
    int lock;
    fault_t fault = take_lock (turn, folder, &lock);
    if (fault != OK)
        return fault;
    fault = update (turn, url, folder, for_us);
    close (lock); // Gives it back
    return fault;
}
