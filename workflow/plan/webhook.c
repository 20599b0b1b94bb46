/* webhook.c - see webhook.h. What the caller gave is never changed, only completed. */

#include "workflow/plan/webhook.h"

#include "workflow/plan/context.h"

#include <string.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define SHORT 12 // Digits of a commit in the address of a comparison

static void put (arena_t *arena, value_t *object, const char *key, const value_t *item)
{
    if (!value_get (object, key))
        value_set (arena, object, key, item);
}

static void put_text (arena_t *arena, value_t *object, const char *key, const char *text)
{
    put (arena, object, key, value_string (arena, text));
}

static void put_bool (arena_t *arena, value_t *object, const char *key, bool boolean)
{
    put (arena, object, key, value_bool (boolean));
}

// A page that a browser can open: the repository's own, where its address is one, else the project's on this server.
static const char *page_of (arena_t *arena, const webhook_t *from)
{
    size_t size = strlen (from->url);
    bool web = strncmp (from->url, "https://", 8) == 0 || strncmp (from->url, "http://", 7) == 0;
    if (!web)
        return arena_printf (arena, "%s/projects/%s", from->server_url, from->project);
    while (size > 0 && from->url[size - 1] == '/')
        size--;
    if (size > 4 && strncmp (from->url + size - 4, ".git", 4) == 0)
        size -= 4;
    return arena_strndup (arena, from->url, size);
}

static value_t *user (arena_t *arena, const char *login)
{
    value_t *object = value_object (arena);
    put_text (arena, object, "login", login);
    put (arena, object, "id", value_number (arena, context_number (login)));
    put_text (arena, object, "type", "User");
    return object;
}

static const value_t *owner_of (arena_t *arena, const char *repository)
{
    const char *name = arena_strndup (arena, repository, strcspn (repository, "/"));
    value_t *owner = user (arena, name);
    put_text (arena, owner, "name", name);
    return owner;
}

static const value_t *repository_of (arena_t *arena, const webhook_t *from)
{
    const char *full = context_repository (arena, from->url, from->project), *slash = strchr (full, '/');
    value_t *object = value_object (arena);
    put (arena, object, "id", value_number (arena, context_number (from->project_id)));
    put_text (arena, object, "name", slash ? slash + 1 : full);
    put_text (arena, object, "full_name", full);
    put (arena, object, "owner", owner_of (arena, full));
    put_bool (arena, object, "private", true); // Nobody but this server's users is known to see it
    put_text (arena, object, "visibility", "private");
    put_bool (arena, object, "fork", false);
    put_bool (arena, object, "archived", false);
    put_text (arena, object, "html_url", page_of (arena, from));
    put_text (arena, object, "url",
              arena_printf (arena, "%s/api/v1/projects/%s", from->server_url, from->project));
    put_text (arena, object, "clone_url", from->url);
    put_text (arena, object, "git_url", from->url);
    put_text (arena, object, "default_branch", from->default_branch);
    put_text (arena, object, "master_branch", from->default_branch);
    return object;
}

static const value_t *person (arena_t *arena, const char *name, const char *email)
{
    value_t *object = value_object (arena);
    put_text (arena, object, "name", name);
    put_text (arena, object, "email", email);
    return object;
}

static const value_t *commit_of (arena_t *arena, const char *page, const webhook_commit_t *from)
{
    value_t *object = value_object (arena);
    put_text (arena, object, "id", from->id);
    put_text (arena, object, "tree_id", from->tree);
    put_bool (arena, object, "distinct", true);
    put_text (arena, object, "message", from->message);
    put_text (arena, object, "timestamp", *from->committed_at ? from->committed_at : from->authored_at);
    put_text (arena, object, "url", arena_printf (arena, "%s/commit/%s", page, from->id));
    put (arena, object, "author", person (arena, from->author, from->author_email));
    put (arena, object, "committer", person (arena, from->committer, from->committer_email));
    return object;
}

static bool is_zeros (const char *sha)
{
    return *sha && sha[strspn (sha, "0")] == '\0';
}

static void put_commits (arena_t *arena, const webhook_t *from, const char *page, value_t *payload)
{
    value_t *commits = value_array (arena);
    for (size_t i = 0; i < from->commit_count; i++)
        value_push (arena, commits, commit_of (arena, page, &from->commits[i]));
    put (arena, payload, "commits", commits);
    put (arena, payload, "head_commit",
         from->commit_count ? commits->list.items[from->commit_count - 1] : value_null ());
}

static void put_push (arena_t *arena, const webhook_t *from, value_t *payload)
{
    const char *page = page_of (arena, from);
    // As many as the repository's commits have digits: 40 or 64
    const char *zeros = arena_strndup (arena, ZEROS, strlen (from->sha));
    put_text (arena, payload, "ref", from->ref);
    put_text (arena, payload, "before", *from->before ? from->before : zeros);
    put_text (arena, payload, "after", from->sha);
    // Read back, because what the caller gave stayed: all that follows must agree with it
    const char *before = value_get_text (payload, "before"), *after = value_get_text (payload, "after");
    put (arena, payload, "base_ref", value_null ());
    put_bool (arena, payload, "created", is_zeros (before));
    put_bool (arena, payload, "deleted", is_zeros (after));
    put_bool (arena, payload, "forced", from->forced);
    put_text (arena, payload, "compare",
              is_zeros (before)
                  ? arena_printf (arena, "%s/commit/%s", page, after)
                  : arena_printf (arena, "%s/compare/%.*s...%.*s", page, SHORT, before, SHORT, after));
    put (arena, payload, "pusher", person (arena, from->actor, ""));
    put_commits (arena, from, page, payload);
}

const value_t *webhook_complete (arena_t *arena, const webhook_t *from, const value_t *given)
{
    value_t *payload = context_copy (arena, given);
    if (strcmp (from->event, "push") == 0)
        put_push (arena, from, payload);
    put (arena, payload, "repository", repository_of (arena, from));
    put (arena, payload, "sender", user (arena, from->actor));
    return payload;
}
