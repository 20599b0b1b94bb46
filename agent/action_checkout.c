/* action_checkout.c - actions/checkout: the run's commit, or another repository's, into the workspace, by git.
 *
 * A shallow fetch of one commit by default, as GitHub's does. Git asks for no password and runs no hook of the machine. The input
 * `token` is not used: what this server calls a token is no business of another. */

#include "agent/action.h"

#include "agent/shell.h"
#include "agent/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const action_checkout_inputs[] = {"repository",
                                              "ref",
                                              "token",
                                              "path",
                                              "clean",
                                              "fetch-depth",
                                              "fetch-tags",
                                              "submodules",
                                              "persist-credentials",
                                              "set-safe-directory",
                                              "show-progress",
                                              "lfs",
                                              NULL};

#define GIT_WORDS 24

typedef struct {
    const action_call_t *call;
    const char *git;    // The program
    const char *folder; // Where the files go
    const char *url;
    const char *want;  // What is fetched: a commit or a ref
    const char *ref;   // The full ref, or ""
    const char *depth; // "1"; "0" for everything
    bool tags;
    bool fresh; // Nothing was checked out there before
} checkout_t;

// Runs git with further words; the list ends with NULL.
static bool git (const checkout_t *self, buffer_t *capture, ...) __attribute__ ((sentinel));

static bool git (const checkout_t *self, buffer_t *capture, ...)
{
    char *words[GIT_WORDS + 1] = {(char *) self->git};
    size_t count = 1;
    va_list args;
    va_start (args, capture);
    const char *word;
    while (count < GIT_WORDS && (word = va_arg (args, const char *)))
        words[count++] = (char *) word;
    va_end (args);
    return self->call->run (self->call->self, words, self->folder, capture);
}

// Git takes safe.directory, which a repository of another user needs, from a file alone.
static bool configure (const checkout_t *self)
{
    const action_call_t *call = self->call;
    static const char text[] = "[include]\n\tpath = ~/.gitconfig\n[safe]\n\tdirectory = *\n"
                               "[protocol \"file\"]\n\tallow = always\n[advice]\n\tdetachedHead = false\n"
                               "[core]\n\thooksPath = /dev/null\n";
    const char *path = arena_printf (call->arena, "%s/gitconfig", call->own_folder);
    int fd = file_anew (path, 0644);
    bool good = fd >= 0 && write (fd, text, sizeof (text) - 1) == (ssize_t) sizeof (text) - 1;
    if (fd >= 0)
        close (fd);
    call->variable (call->self, "GIT_CONFIG_GLOBAL", path);
    call->variable (call->self, "GIT_TERMINAL_PROMPT", "0");
    return good || action_fail (call, "%s cannot be written: %s", path, strerror (errno));
}

// OWNER/NAME lies where the run's own repository lies, if that is called so too; else on GitHub.
static const char *sibling_url (const action_call_t *call, const char *name)
{
    const char *own = call->repository;
    size_t size = strlen (own), ending = size > 4 && strcmp (own + size - 4, ".git") == 0 ? 4 : 0;
    size_t own_name = strlen (call->name);
    if (own_name && size > own_name + ending &&
        strncmp (own + size - ending - own_name, call->name, own_name) == 0)
        return arena_printf (call->arena, "%.*s%s%s", (int) (size - ending - own_name), own, name,
                             own + size - ending);
    return arena_printf (call->arena, "https://github.com/%s", name);
}

static bool choose_url (checkout_t *self)
{
    const action_call_t *call = self->call;
    const char *asked = call->input (call->self, "repository");
    if (asked[0] == '-')
        return action_fail (call, "\"%s\" is no repository", asked);
    if (!*asked || strcmp (asked, call->name) == 0)
        self->url = call->repository;
    else if (asked[0] == '/' || strchr (asked, ':'))
        self->url = asked;
    else
        self->url = sibling_url (call, asked);
    return *self->url || action_fail (call, "this job belongs to no repository: say `repository`");
}

static bool choose_want (checkout_t *self)
{
    const action_call_t *call = self->call;
    const char *asked = call->input (call->self, "ref");
    bool own = strcmp (self->url, call->repository) == 0;
    self->ref = *asked ? asked : own ? call->ref : "";
    self->want = *asked ? asked : own && *call->sha ? call->sha : *self->ref ? self->ref : "HEAD";
    if (self->want[0] == '-')
        return action_fail (call, "\"%s\" is no ref", self->want);
    self->depth = call->input (call->self, "fetch-depth");
    if (!*self->depth)
        self->depth = "1";
    if (self->depth[strspn (self->depth, "0123456789")])
        return action_fail (call, "`fetch-depth: %s` must be a number", self->depth);
    return action_flag (call, "fetch-tags", false, &self->tags);
}

static bool prepare_folder (checkout_t *self)
{
    const action_call_t *call = self->call;
    const char *folder = action_path (call, call->input (call->self, "path"));
    struct stat status;
    if (!folder)
        return false;
    self->fresh = stat (arena_printf (call->arena, "%s/.git", folder), &status) != 0;
    self->folder = call->workspace;
    bool good = !self->fresh || git (self, NULL, "init", "--quiet", "--initial-branch=main", folder, NULL);
    self->folder = folder;
    return good && git (self, NULL, "remote", self->fresh ? "add" : "set-url", "origin", self->url, NULL);
}

static bool fetch (checkout_t *self)
{
    const char *tags = self->tags ? "--tags" : "--no-tags";
    if (strcmp (self->depth, "0") == 0)
        return git (self, NULL, "fetch", "--quiet", "--force", "--prune", "--tags", self->url,
                    "+refs/heads/*:refs/remotes/origin/*", NULL) &&
               git (self, NULL, "fetch", "--quiet", "--force", self->url, self->want, NULL);
    const char *depth = arena_printf (self->call->arena, "--depth=%s", self->depth);
    return git (self, NULL, "fetch", "--quiet", "--force", tags, depth, self->url, self->want, NULL);
}

// A branch is checked out as a branch, anything else as a bare commit.
static bool check_out (checkout_t *self)
{
    static const char heads[] = "refs/heads/";
    size_t size = sizeof (heads) - 1;
    if (strncmp (self->ref, heads, size) == 0)
        return git (self, NULL, "checkout", "--quiet", "--force", "-B", self->ref + size, "FETCH_HEAD", NULL);
    return git (self, NULL, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD", NULL);
}

static bool submodules (checkout_t *self)
{
    const char *asked = self->call->input (self->call->self, "submodules");
    if (!*asked || strcmp (asked, "false") == 0)
        return true;
    const char *depth = arena_printf (self->call->arena, "--depth=%s", self->depth);
    bool all = strcmp (asked, "recursive") == 0, deep = strcmp (self->depth, "0") == 0;
    if (!all && strcmp (asked, "true") != 0)
        return action_fail (self->call, "`submodules: %s` must be true, false or recursive", asked);
    return git (self, NULL, "submodule", "--quiet", "update", "--init", "--force",
                all ? "--recursive" : "--checkout", deep ? NULL : depth, NULL);
}

static bool tell_commit (checkout_t *self)
{
    buffer_t *captured = buffer_new (4096);
    bool good = git (self, captured, "rev-parse", "HEAD", NULL);
    const char *text = buffer_text (captured);
    const char *commit = arena_strndup (self->call->arena, text, strcspn (text, "\n"));
    buffer_destroy (&captured);
    if (!good)
        return false;
    self->call->output (self->call->self, "ref", self->ref);
    self->call->output (self->call->self, "commit", commit);
    action_say (self->call, "%s is at %s", self->url, commit);
    return true;
}

bool action_checkout (const action_call_t *call)
{
    checkout_t self = {.call = call, .git = program_find (call->arena, NULL, "git")};
    bool clean;
    if (!self.git)
        return action_fail (call, "git is not on this machine");
    if (!choose_url (&self) || !choose_want (&self) || !action_flag (call, "clean", true, &clean) ||
        !configure (&self))
        return false;
    bool good = prepare_folder (&self) && fetch (&self) && check_out (&self);
    if (good && clean && !self.fresh)
        good = git (&self, NULL, "clean", "-ffdxq", NULL);
    good = good && submodules (&self) && tell_commit (&self);
    return good || (!call->stopped (call->self) &&
                    action_fail (call, "%s of %s cannot be checked out", self.want, self.url));
}
