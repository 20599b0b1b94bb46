/* fork.c - see fork.h. */

#include "workflow/plan/fork.h"

#include <string.h>
#include <strings.h>

// Events whose commit is a pull request's: its head, or its merge into the base.
static const char *const events[] = {"pull_request", "pull_request_review", "pull_request_review_comment"};

// What only those can push who may write the repository; a trial is what a developer of the project sent.
static const char *const own_refs[] = {"refs/heads/", "refs/tags/", "refs/opencicd/try/"};

// refs/pull/7/head and the like hold a stranger's code whatever the event is: anybody may ask for a change.
static bool is_own (const char *ref, const char *sha)
{
    for (size_t i = 0; i < sizeof (own_refs) / sizeof (own_refs[0]); i++)
        if (strncmp (ref, own_refs[i], strlen (own_refs[i])) == 0)
            return true;
    return !*ref && !*sha; // A job without a repository; a commit that is in no branch may be anybody's
}

static bool runs_pull_request (const value_t *github)
{
    const char *event = value_get_text (github, "event_name");
    for (size_t i = 0; i < sizeof (events) / sizeof (events[0]); i++)
        if (strcmp (events[i], event) == 0)
            return true;
    return !is_own (value_get_text (github, "ref"), value_get_text (github, "sha"));
}

// Names are compared only where no ids are there: a renamed repository has a new name.
static bool is_same (const value_t *head, const value_t *base)
{
    const value_t *one = value_get (head, "id"), *other = value_get (base, "id");
    if (one && other && one->kind == VALUE_NUMBER && other->kind == VALUE_NUMBER)
        return value_equal (one, other);
    const char *name = value_get_text (head, "full_name");
    return *name && strcasecmp (name, value_get_text (base, "full_name")) == 0;
}

bool fork_is (const value_t *github)
{
    if (!runs_pull_request (github))
        return false;
    const value_t *request = value_get (value_get (github, "event"), "pull_request");
    const value_t *head = value_get (request, "head"), *base = value_get (request, "base");
    const value_t *repository = value_get (head, "repo");
    if (!repository || repository->kind != VALUE_OBJECT) // The fork was deleted, or nobody says whose it is
        return true;
    // Whoever may read a Gitea repository can push refs/for/...: such a request names the base as its head
    const value_t *flow = value_get (request, "flow");
    if (strncmp (value_get_text (head, "ref"), "refs/pull/", 10) == 0 ||
        (flow && value_to_number (flow) == 1))
        return true;
    return !is_same (repository, value_get (base, "repo"));
}
