/* checkout_inputs.c - what was asked for: which repository, what of it, and how. */

#include "agent/engine/checkout/checkout.h"
#include "common/base/commit_id.h"
#include "common/base/url.h"
#include "common/os/git_source.h"

#include <string.h>
#include <strings.h>

static const char *input (const checkout_t *self, const char *name)
{
    return self->call->input (self->call->self, name);
}

// ---- the repository

// OWNER/NAME lies where the run's own repository lies, if that is called so too; else at the server that the job names.
static const char *sibling_url (const builtin_call_t *call, const char *name)
{
    const char *forge = git_source_forge (call->arena, call->repository, call->name);
    if (!forge) // As the agent's own address is no forge
        forge = "https://github.com";
    const char *end = strchr (forge, '{'); // user@host:{repository}
    return end ? arena_printf (call->arena, "%.*s%s.git", (int) (end - forge), forge, name)
               : arena_printf (call->arena, "%s/%s", forge, name);
}

static const char *server_url (const checkout_t *self, const char *name)
{
    const char *server = input (self, "github-server-url");
    size_t size = strlen (server);
    while (size > 0 && server[size - 1] == '/')
        size--;
    return arena_printf (self->call->arena, "%.*s/%s", (int) size, server, name);
}

static bool is_name (const char *text)
{
    const char *slash = strchr (text, '/');
    return slash && slash != text && slash[1] && !strchr (slash + 1, '/');
}

// With a key http and https become ssh, as only there a key opens anything.
static const char *ssh_url (const checkout_t *self, const char *url)
{
    const char *host = strstr (url, "://");
    if (!*self->ssh_key || strncmp (url, "http", 4) != 0 || !host)
        return url;
    host += 3;
    size_t size = strcspn (host, ":/");
    const char *path = strchr (host, '/');
    bool ended = path && strlen (path) > 4 && strcmp (path + strlen (path) - 4, ".git") == 0;
    return arena_printf (self->call->arena, "%s@%.*s:%s%s", self->ssh_user, (int) size, host,
                         path ? path + 1 : "", ended ? "" : ".git");
}

static bool choose_url (checkout_t *self)
{
    const builtin_call_t *call = self->call;
    const char *asked = input (self, "repository"), *server = input (self, "github-server-url");
    if (asked[0] == '-' || server[0] == '-' || strstr (asked, "::") || strstr (server, "::"))
        return builtin_fail (call, "\"%s\" is not a repository", asked[0] ? asked : server);
    bool own = !*asked || strcasecmp (asked, call->name) == 0;
    if (*server && is_name (own ? call->name : asked))
        self->url = server_url (self, own ? call->name : asked);
    else if (own)
        self->url = call->repository;
    else
        self->url = asked[0] == '/' || strchr (asked, ':') ? asked : sibling_url (call, asked);
    self->url = ssh_url (self, self->url);
    return *self->url || builtin_fail (call, "this job belongs to no repository: set `repository`");
}

// ---- what of it

static bool is_ref (const char *text)
{
    if (text[0] == '-' || strstr (text, "..") || strstr (text, "@{"))
        return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char) *at <= ' ' || *at == 0x7F || strchr ("~^:?*[\\", *at))
            return false;
    return true;
}

static bool choose_ref (checkout_t *self)
{
    const builtin_call_t *call = self->call;
    const char *asked = input (self, "ref"), *repository = input (self, "repository");
    bool own = !*repository || strcasecmp (repository, call->name) == 0 ||
               strcmp (repository, call->repository) == 0;
    self->ref = asked;
    self->commit = "";
    if (!is_ref (asked))
        return builtin_fail (call, "\"%s\" is not a ref", asked);
    if (commit_id_is_meant (asked)) {
        self->commit = asked;
        self->ref = "";
    } else if (!*asked && own) {
        self->commit = commit_id_is_meant (call->sha) ? call->sha : "";
        self->ref = call->ref;
    }
    bool same = strcmp (self->commit, call->sha) == 0 || strcmp (self->ref, call->ref) == 0;
    self->trial = own && same && builtin_is_trial (call->ref);
    return true;
}

// A text that is not a number is 0: everything, as the original takes it.
static const char *read_depth (const checkout_t *self)
{
    const char *text = input (self, "fetch-depth");
    if (!*text)
        return "1";
    size_t zeros = strspn (text, "0");
    bool number = !text[strspn (text, "0123456789")] && text[zeros] && strlen (text + zeros) < 10;
    return number ? text + zeros : NULL;
}

// ---- how

static bool read_submodules (checkout_t *self)
{
    const char *text = input (self, "submodules");
    self->submodules = strcasecmp (text, "recursive") == 0 ? SUBMODULES_ALL
                       : strcasecmp (text, "true") == 0    ? SUBMODULES_FIRST
                                                           : SUBMODULES_NONE;
    return self->submodules != SUBMODULES_NONE || !*text || strcasecmp (text, "false") == 0 ||
           builtin_fail (self->call, "`submodules: %s` must be true, false or recursive", text);
}

static bool read_flags (checkout_t *self)
{
    const struct {
        const char *name;
        bool fallback, *out;
    } flags[] = {{"clean", true, &self->clean},
                 {"fetch-tags", false, &self->tags},
                 {"persist-credentials", true, &self->persist},
                 {"lfs", false, &self->lfs},
                 {"sparse-checkout-cone-mode", true, &self->cone},
                 {"show-progress", false, &self->progress},
                 {"set-safe-directory", true, &self->safe},
                 {"ssh-strict", true, &self->ssh_strict}};
    for (size_t i = 0; i < sizeof (flags) / sizeof (flags[0]); i++)
        if (!builtin_flag (self->call, flags[i].name, flags[i].fallback, flags[i].out))
            return false;
    return true;
}

// scheme://host[:port], in lower case; NULL for what is not http.
static const char *origin (arena_t *arena, const char *url)
{
    url_t parts;
    turn_t turn;
    turn_init (&turn, arena, "checkout", 0);
    if (url_parse (&turn, url, &parts) != OK || strncmp (parts.scheme, "http", 4) != 0)
        return NULL;
    return parts.port ? arena_printf (arena, "%s://%s:%u", parts.scheme, parts.host, parts.port)
                      : arena_printf (arena, "%s://%s", parts.scheme, parts.host);
}

// The token of the job goes to the server that gave it, and to no other.
static const char *choose_token (const checkout_t *self)
{
    const builtin_call_t *call = self->call;
    const char *given = input (self, "token"), *to = origin (call->arena, self->url);
    if (!to)
        return "";
    const char *server = *call->token && *call->server_url ? origin (call->arena, call->server_url) : NULL;
    bool is_own = !*given || strcmp (given, call->token) == 0;
    return !is_own || (server && strcmp (server, to) == 0) ? (*given ? given : call->token) : "";
}

bool checkout_inputs (checkout_t *self)
{
    self->filter = input (self, "filter");
    self->sparse = input (self, "sparse-checkout");
    self->ssh_key = input (self, "ssh-key");
    self->ssh_known_hosts = input (self, "ssh-known-hosts");
    self->ssh_user = *input (self, "ssh-user") ? input (self, "ssh-user") : "git";
    self->depth = read_depth (self);
    if (!self->sparse[strspn (self->sparse, " \t\r\n")])
        self->sparse = "";
    if (!*self->filter && *self->sparse)
        self->filter = "blob:none";
    if (!read_flags (self) || !read_submodules (self) || !choose_url (self) || !choose_ref (self))
        return false;
    self->token = choose_token (self);
    self->folder = builtin_path (self->call, input (self, "path"));
    return self->folder != NULL;
}
