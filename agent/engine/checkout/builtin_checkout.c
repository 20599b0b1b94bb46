/* builtin_checkout.c - actions/checkout: the run's commit, or another repository's, into the workspace, by git.
 *
 * As GitHub's does: a shallow fetch of one commit, a branch as a local branch with its upstream, so that a step can push and pull. Git
 * asks for no password and runs no hook of the machine. */

#include "agent/engine/checkout/checkout.h"
#include "agent/engine/process/shell.h"
#include "common/base/url.h"

#include <stdarg.h>
#include <string.h>

const char *const builtin_checkout_inputs[] = {"repository",
                                               "ref",
                                               "token",
                                               "ssh-key",
                                               "ssh-known-hosts",
                                               "ssh-strict",
                                               "ssh-user",
                                               "persist-credentials",
                                               "path",
                                               "clean",
                                               "filter",
                                               "sparse-checkout",
                                               "sparse-checkout-cone-mode",
                                               "fetch-depth",
                                               "fetch-tags",
                                               "show-progress",
                                               "lfs",
                                               "submodules",
                                               "set-safe-directory",
                                               "github-server-url",
                                               "allow-unsafe-pr-checkout",
                                               NULL};

const char *const builtin_checkout_secrets[] = {"token", "ssh-key", NULL};

bool checkout_git_args (const checkout_t *self, const char *folder, buffer_t *capture,
                        const char *const *args)
{
    char *words[CHECKOUT_ARGS + CHECKOUT_LINES + 2] = {(char *) self->git};
    size_t count = 1;
    for (; *args && count < CHECKOUT_ARGS + CHECKOUT_LINES; args++)
        words[count++] = (char *) *args;
    return self->call->run (self->call->self, words, folder, capture);
}

static void collect (const char **args, va_list list)
{
    size_t count = 0;
    const char *arg;
    while (count < CHECKOUT_ARGS && (arg = va_arg (list, const char *)))
        args[count++] = arg;
}

bool checkout_git (const checkout_t *self, ...)
{
    const char *args[CHECKOUT_ARGS + 1] = {NULL};
    va_list list;
    va_start (list, self);
    collect (args, list);
    va_end (list);
    return checkout_git_args (self, self->folder, NULL, args);
}

const char *checkout_ask (const checkout_t *self, ...)
{
    const char *args[CHECKOUT_ARGS + 1] = {NULL};
    buffer_t *captured = buffer_new (1 << 20);
    va_list list;
    va_start (list, self);
    collect (args, list);
    va_end (list);
    bool good = checkout_git_args (self, self->folder, captured, args) && !buffer_full (captured);
    size_t size = buffer_size (captured);
    while (size > 0 && buffer_text (captured)[size - 1] == '\n')
        size--;
    const char *text = good ? arena_strndup (self->call->arena, buffer_text (captured), size) : NULL;
    buffer_destroy (&captured);
    return text;
}

// One pattern a line.
static bool sparse (const checkout_t *self)
{
    const char *args[CHECKOUT_LINES + 3] = {"sparse-checkout", "set"};
    size_t count = 2;
    char *save = NULL;
    for (char *line = strtok_r (arena_strdup (self->call->arena, self->sparse), "\r\n", &save); line;
         line = strtok_r (NULL, "\r\n", &save)) {
        line += strspn (line, " \t");
        if (*line == '-' || count == CHECKOUT_LINES + 2)
            return builtin_fail (self->call, "`sparse-checkout` holds %s",
                                 *line == '-' ? line : "too many lines");
        if (*line)
            args[count++] = line;
    }
    return checkout_git (self, "sparse-checkout", "init", self->cone ? "--cone" : "--no-cone", NULL) &&
           checkout_git_args (self, self->folder, NULL, args);
}

static bool large_files (const checkout_t *self)
{
    if (!self->lfs)
        return true;
    if (!checkout_ask (self, "lfs", "version", NULL))
        return builtin_fail (self->call, "`lfs: true` needs git-lfs, which is not on this machine");
    return checkout_git (self, "lfs", "install", "--local", "--skip-repo", NULL) &&
           checkout_git (self, "lfs", "fetch", "origin", self->start, NULL);
}

static bool check_out (const checkout_t *self)
{
    if (!*self->sparse && checkout_ask (self, "config", "--get", "core.sparseCheckout", NULL) &&
        !checkout_git (self, "sparse-checkout", "disable", NULL)) // Of an earlier checkout
        return false;
    if (*self->sparse && !sparse (self))
        return false;
    if (!self->branch)
        return checkout_git (self, "checkout", "--quiet", "--force", "--detach", self->start, NULL);
    return checkout_git (self, "checkout", "--quiet", "--force", "-B", self->branch, self->start, NULL);
}

static bool update_submodules (const checkout_t *self)
{
    const char *args[12] = {"submodule", "--quiet", "update", "--init", "--force"};
    size_t count = 5;
    bool all = self->submodules == SUBMODULES_ALL;
    if (self->submodules == SUBMODULES_NONE)
        return true;
    if (self->depth)
        args[count++] = arena_printf (self->call->arena, "--depth=%s", self->depth);
    if (all)
        args[count++] = "--recursive";
    return checkout_git (self, "submodule", "--quiet", "sync", all ? "--recursive" : NULL, NULL) &&
           checkout_git_args (self, self->folder, NULL, args);
}

static bool report (const checkout_t *self)
{
    const char *commit = checkout_ask (self, "rev-parse", "HEAD", NULL);
    if (!commit)
        return false;
    self->call->output (self->call->self, "ref", self->ref);
    self->call->output (self->call->self, "commit", commit);
    builtin_log (self->call, "%s is at %s", url_redact (self->call->arena, self->url), commit);
    return true;
}

bool builtin_checkout (const builtin_call_t *call)
{
    checkout_t self = {.call = call, .git = program_find (call->arena, NULL, "git")};
    if (!self.git)
        return builtin_fail (call, "git is not on this machine");
    if (!checkout_inputs (&self) || !checkout_configure (&self))
        return false;
    bool good = checkout_prepare (&self) && checkout_fetch (&self) && large_files (&self) &&
                check_out (&self) && update_submodules (&self) && checkout_persist (&self) && report (&self);
    const char *what = *self.ref ? self.ref : *self.commit ? self.commit : "HEAD";
    return good || (!call->stopped (call->self) && builtin_fail (call, "%s of %s cannot be checked out", what,
                                                                 url_redact (call->arena, self.url)));
}
