/* context.c - see context.h. */

#include "workflow/plan/context.h"

#include <string.h>

const char *context_ref_name (arena_t *arena, const char *ref)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/tags/", "refs/pull/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp (ref, prefixes[i], strlen (prefixes[i])) == 0)
            return arena_strdup (arena, ref + strlen (prefixes[i]));
    return arena_strdup (arena, ref);
}

const char *context_repository (arena_t *arena, const char *url, const char *project)
{
    char *copy = arena_strdup (arena, url);
    size_t size = strlen (copy);
    while (size > 0 && copy[size - 1] == '/')
        copy[--size] = 0;
    if (size > 4 && strcmp (copy + size - 4, ".git") == 0)
        copy[size -= 4] = 0;
    char *name = copy + size;
    // git@host:owner/name has a colon where others have a slash
    while (name > copy && name[-1] != '/' && name[-1] != ':')
        name--;
    if (name <= copy + 1)
        return arena_printf (arena, "local/%s", *project ? project : "none");
    char *end = name - 1, *owner = end;
    *end = 0;
    while (owner > copy && !strchr ("/:@", owner[-1]))
        owner--;
    return arena_printf (arena, "%s/%s", *owner ? owner : "local", name);
}

double context_number (const char *name)
{
    uint64_t hash = 14695981039346656037U; // FNV-1a
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char) *at) * 1099511628211U;
    return (
        double) (hash >> 15 |
                 1); // 49 bits, 15 digits: what an expression prints of a number, and every reader of JSON keeps them
}

value_t *context_copy (arena_t *arena, const value_t *object)
{
    value_t *copy = value_object (arena);
    if (object && object->kind == VALUE_OBJECT)
        for (size_t i = 0; i < object->list.count; i++)
            value_set (arena, copy, object->list.keys[i], object->list.items[i]);
    return copy;
}

static void put (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static void put_id (arena_t *arena, value_t *object, const char *key, const char *name)
{
    put (arena, object, key, arena_printf (arena, "%.0f", context_number (name)));
}

static void put_repository (arena_t *arena, value_t *github, const context_t *from)
{
    const char *repository = context_repository (arena, from->url, from->project);
    const char *owner = arena_strndup (arena, repository, strcspn (repository, "/"));
    put (arena, github, "repository", repository);
    put_id (arena, github, "repository_id", from->project_id);
    put (arena, github, "repository_owner", owner);
    put_id (arena, github, "repository_owner_id", owner);
    put (arena, github, "repository_visibility", "private");
    put (arena, github, "workflow_ref", arena_printf (arena, "%s/%s@%s", repository, from->path, from->ref));
    put (arena, github, "workflow_sha", from->sha);
}

static void put_urls (arena_t *arena, value_t *github, const context_t *from)
{
    put (arena, github, "server_url", from->server_url);
    put (arena, github, "api_url", arena_printf (arena, "%s/api/v1", from->server_url));
    put (arena, github, "graphql_url", arena_printf (arena, "%s/graphql", from->server_url));
    put (arena, github, "repositoryUrl", from->url);
}

static void put_ref (arena_t *arena, value_t *github, const context_t *from)
{
    bool tag = strncmp (from->ref, "refs/tags/", 10) == 0;
    const value_t *pull = value_get (from->payload, "pull_request");
    put (arena, github, "ref", from->ref);
    put (arena, github, "ref_name", context_ref_name (arena, from->ref));
    put (arena, github, "ref_type", tag ? "tag" : "branch");
    value_set (arena, github, "ref_protected", value_bool (false));
    put (arena, github, "head_ref", value_get_text (value_get (pull, "head"), "ref"));
    put (arena, github, "base_ref", value_get_text (value_get (pull, "base"), "ref"));
    put (arena, github, "sha", from->sha);
}

const value_t *context_github (arena_t *arena, const context_t *from)
{
    value_t *github = value_object (arena);
    put_ref (arena, github, from);
    put_repository (arena, github, from);
    put_urls (arena, github, from);
    put_id (arena, github, "run_id", from->run_id); // GitHub's toolkit reads an integer
    put (arena, github, "run_number", arena_printf (arena, "%lld", (long long) from->run_number));
    put (arena, github, "actor", from->actor);
    put_id (arena, github, "actor_id", from->actor);
    put (arena, github, "triggering_actor", from->actor);
    put (arena, github, "workflow", from->workflow);
    put (arena, github, "event_name", from->event);
    put (arena, github, "retention_days", "90");
    put (arena, github, "secret_source", "None");
    value_set (arena, github, "event", from->payload ? from->payload : value_object (arena));
    return github;
}
