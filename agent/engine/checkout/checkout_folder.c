/* checkout_folder.c - the folder before the fetch: new, or what an earlier checkout of the same repository left, made clean.
 *
 * What is in the way is removed: a file in the folder's place, another repository, a repository that git cannot clean; and locks of a git
 * that was killed. */

#include "agent/engine/checkout/checkout.h"
#include "common/base/url.h"
#include "common/os/rooted.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists (const checkout_t *self, const char *name)
{
    struct stat status;
    return rooted_stat (self->call->view, arena_printf (self->call->arena, "%s/%s", self->folder, name),
                        false, &status) == 0;
}

static bool make_folder (const checkout_t *self)
{
    turn_t turn;
    struct stat status;
    turn_init (&turn, self->call->arena, "checkout", 0);
    if (rooted_stat (self->call->view, self->folder, false, &status) == 0 && S_ISREG (status.st_mode))
        rooted_unlink (self->call->view, self->folder);
    return rooted_make_folders (&turn, self->call->view, self->folder) == OK ||
           builtin_fail (self->call, "%s", turn.detail ? turn.detail : self->folder);
}

static void remove_locks (const checkout_t *self)
{
    static const char *const locks[] = {".git/index.lock", ".git/shallow.lock"};
    for (size_t i = 0; i < sizeof (locks) / sizeof (locks[0]); i++)
        rooted_unlink (self->call->view, arena_printf (self->call->arena, "%s/%s", self->folder, locks[i]));
}

// Branches of before: what is fetched may need their names, as `a` is in the way of `a/b`.
static bool remove_refs (const checkout_t *self)
{
    static const char command[] = "git for-each-ref --format='delete %(refname)' refs/heads refs/remotes |"
                                  " git update-ref --no-deref --stdin";
    char *words[] = {(char *) "/bin/sh", (char *) "-c", (char *) command, NULL};
    return self->call->run (self->call->self, words, self->folder, NULL);
}

static bool clean (const checkout_t *self)
{
    if (!checkout_ask (self, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", NULL))
        return true; // Nothing was checked out yet
    bool good = checkout_git (self, "checkout", "--quiet", "--detach", NULL) && remove_refs (self);
    if (good && self->clean)
        good = checkout_git (self, "clean", "-ffdxq", NULL) &&
               checkout_git (self, "reset", "--quiet", "--hard", "HEAD", NULL);
    return good;
}

// Is what is there a repository of this very address, and can it be made clean?
static bool can_stay (const checkout_t *self)
{
    if (!exists (self, ".git"))
        return false;
    const char *url = checkout_ask (self, "config", "--local", "--get", "remote.origin.url", NULL);
    if (!url || strcmp (url, self->url) != 0)
        return false;
    remove_locks (self);
    return clean (self);
}

static bool make_repository (const checkout_t *self)
{
    const char *format = self->wide ? "--object-format=sha256" : "--object-format=sha1";
    if (rooted_empty (self->call->view, self->folder) != OK)
        builtin_log (self->call, "##[warning]%s cannot be emptied", self->folder);
    return checkout_git (self, "init", "--quiet", "--initial-branch=main", format, self->folder, NULL) &&
           checkout_git (self, "remote", "add", "origin", self->url, NULL);
}

bool checkout_set_width (checkout_t *self, bool wide)
{
    if (self->wide == wide)
        return true;
    self->wide = wide;
    const char *format = checkout_ask (self, "rev-parse", "--show-object-format", NULL);
    return (format && strcmp (format, wide ? "sha256" : "sha1") == 0) || make_repository (self);
}

bool checkout_prepare (checkout_t *self)
{
    const builtin_call_t *call = self->call;
    self->wide = strlen (self->commit) == 64;
    if (!make_folder (self))
        return false;
    if (can_stay (self))
        return true;
    return !call->stopped (call->self) && make_repository (self);
}
