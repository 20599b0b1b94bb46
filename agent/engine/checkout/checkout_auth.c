/* checkout_auth.c - how git comes in: a token as a header, a key for ssh, in a configuration of their own.
 *
 * It lies in the job's temporary folder, which is emptied after the job, and is only included: no secret is in an argument, which every
 * process of the machine could read, nor in .git/config, which is easily put into an artifact. */

#include "agent/engine/checkout/checkout.h"
#include "agent/engine/folder/workspace.h"
#include "common/base/bytes.h"
#include "common/base/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "opencicd-git-" // Begins the names of our configurations

static bool write_file (const builtin_call_t *call, const char *path, const char *text, unsigned mode)
{
    int fd = file_reset (path, mode);
    size_t size = strlen (text);
    bool good = fd >= 0 && write (fd, text, size) == (ssize_t) size;
    int error = errno;
    if (fd >= 0 && close (fd) != 0)
        good = false;
    return good || builtin_fail (call, "%s cannot be written: %s", path, strerror (error));
}

// A name of this checkout's own: there may be several in a job, each with another key.
static const char *own_name (const checkout_t *self, const char *ending)
{
    unsigned long hash = 5381;
    for (const char *at = self->folder; *at; at++)
        hash = hash * 33 + (unsigned char) *at;
    return arena_printf (self->call->arena, "%s/" MARK "%lx%s", self->call->temp, hash, ending);
}

// In double quotes, as git's configuration takes it.
static const char *quoted (arena_t *arena, const char *text)
{
    char *out = arena_alloc (arena, strlen (text) * 2 + 3), *to = out;
    *to++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    *to = '"';
    return out;
}

// For a shell: GIT_SSH_COMMAND is one's line.
static const char *shell_quoted (arena_t *arena, const char *text)
{
    char *out = arena_alloc (arena, strlen (text) * 4 + 3), *to = out;
    *to++ = '\'';
    for (; *text; text++)
        to = *text == '\'' ? stpcpy (to, "'\\''") : (*to = *text, to + 1);
    *to = '\'';
    return out;
}

static const char *token_section (const checkout_t *self)
{
    arena_t *arena = self->call->arena;
    const char *url = url_redact (arena, self->url), *host = strstr (url, "://") + 3;
    int origin = (int) (host - url) + (int) strcspn (host, "/");
    const char *text = arena_printf (arena, "x-access-token:%s", self->token);
    const char *encoded = bytes_base64 (arena, text, strlen (text));
    self->call->mask (self->call->self, self->token);
    self->call->mask (self->call->self, encoded);
    // Submodules are often named by ssh addresses of the same host, where the token would open nothing
    return arena_printf (arena,
                         "[http \"%.*s/\"]\n\textraheader = AUTHORIZATION: basic %s\n"
                         "[url \"%.*s/\"]\n\tinsteadOf = git@%.*s:\n",
                         origin, url, encoded, origin, url, (int) strcspn (host, ":/"), host);
}

// The key's file and the hosts' file, and the command that uses them. Known hosts of the agent's user count too.
static const char *ssh_section (const checkout_t *self)
{
    arena_t *arena = self->call->arena;
    const char *key = own_name (self, ".key"), *hosts = own_name (self, ".known-hosts");
    const char *home = getenv ("HOME");
    size_t size = strlen (self->ssh_key);
    const char *ending = size && self->ssh_key[size - 1] == '\n' ? "" : "\n"; // ssh refuses a key without
    self->call->mask (self->call->self, self->ssh_key);
    if (!write_file (self->call, key, arena_printf (arena, "%s%s", self->ssh_key, ending), 0600) ||
        !write_file (self->call, hosts, arena_printf (arena, "%s\n", self->ssh_known_hosts), 0600))
        return NULL;
    const char *files =
        arena_printf (arena, "UserKnownHostsFile=%s %s/.ssh/known_hosts", hosts, home ? home : "");
    const char *command = arena_printf (
        arena, "ssh -i %s -o IdentitiesOnly=yes -o BatchMode=yes -o %s -o %s", shell_quoted (arena, key),
        self->ssh_strict ? "StrictHostKeyChecking=yes -o CheckHostIP=no" : "StrictHostKeyChecking=no",
        shell_quoted (arena, files));
    return arena_printf (arena, "[core]\n\tsshCommand = %s\n", quoted (arena, command));
}

static bool write_credentials (checkout_t *self)
{
    const char *section = *self->ssh_key ? ssh_section (self) : token_section (self);
    self->credentials = own_name (self, ".config");
    return section && write_file (self->call, self->credentials, section, 0600);
}

// What a URL holds in front of its host is a secret too.
static void mask_password (const checkout_t *self)
{
    const char *user = strstr (self->url, "://");
    const char *at = user ? strchr (user, '@') : NULL, *colon = user ? strchr (user + 3, ':') : NULL;
    if (at && colon && colon < at)
        self->call->mask (self->call->self,
                          arena_strndup (self->call->arena, colon + 1, (size_t) (at - colon - 1)));
}

// Git takes safe.directory, which a repository of another user needs, from a file alone.
bool checkout_configure (checkout_t *self)
{
    const builtin_call_t *call = self->call;
    mask_password (self);
    if ((*self->token || *self->ssh_key) && !write_credentials (self))
        return false;
    const char *path = arena_printf (call->arena, "%s/gitconfig", call->own_folder);
    const char *text = arena_printf (
        call->arena,
        "[include]\n\tpath = ~/.gitconfig\n%s%s%s[protocol]\n\tversion = 2\n[protocol \"file\"]\n\tallow = always\n"
        "[advice]\n\tdetachedHead = false\n[core]\n\thooksPath = /dev/null\n[gc]\n\tauto = 0\n",
        self->credentials ? "\tpath = " : "",
        self->credentials ? quoted (call->arena, self->credentials) : "",
        self->safe ? "\n[safe]\n\tdirectory = *\n" : "\n");
    call->variable (call->self, "GIT_CONFIG_GLOBAL", path);
    // A broken repository in the folder must not make git take one above it
    call->variable (
        call->self, "GIT_CEILING_DIRECTORIES",
        arena_strndup (call->arena, self->folder, (size_t) (strrchr (self->folder, '/') - self->folder)));
    call->variable (call->self, "GIT_TERMINAL_PROMPT", "0");
    if (!self->lfs)
        call->variable (call->self, "GIT_LFS_SKIP_SMUDGE", "1");
    return write_file (call, path, text, 0644);
}

// The job's container has the file under another path; git passes over what is not there.
static const char *include_inside (const checkout_t *self)
{
    const char *folder = self->call->temp_inside, *name = strrchr (self->credentials, '/');
    if (!folder)
        return "";
    return arena_printf (
        self->call->arena, "; git config --local --add include.path %s",
        shell_quoted (self->call->arena, arena_printf (self->call->arena, "%s%s", folder, name)));
}

// The includes of an earlier checkout here go in any case.
bool checkout_persist (const checkout_t *self)
{
    static const char unset[] = "git config --local --unset-all include.path '/" MARK "[^/]*$' || :";
    arena_t *arena = self->call->arena;
    const char *more = "", *each = self->submodules == SUBMODULES_ALL ? "--recursive" : "--quiet";
    if (self->credentials && self->persist)
        more = arena_printf (arena, "; git config --local --add include.path %s%s",
                             shell_quoted (arena, self->credentials), include_inside (self));
    const char *command = arena_printf (arena, "%s; git config --local gc.auto 0%s", unset, more);
    char *words[] = {(char *) "/bin/sh", (char *) "-c", (char *) command, NULL};
    if (!self->call->run (self->call->self, words, self->folder, NULL))
        return false;
    if (self->submodules != SUBMODULES_NONE &&
        !checkout_git (self, "submodule", "--quiet", "foreach", each, command, NULL))
        return false;
    if (self->credentials && !self->persist) {
        unlink (self->credentials);
        unlink (own_name (self, ".key"));
    }
    return true;
}
