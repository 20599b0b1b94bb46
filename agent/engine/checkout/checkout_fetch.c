/* checkout_fetch.c - from what was asked for to the commit: which refs are fetched, and which branch or commit it is then.
 *
 * A name without refs/ is a branch if there is one, else a tag. A commit that was named is what is checked out, wherever its branch is by
 * now. All that is fetched has a name below refs/remotes or refs/tags, so that later steps find it. */

#include "agent/engine/checkout/checkout.h"
#include "common/base/commit_id.h"
#include "common/os/rooted.h"

#include <string.h>
#include <sys/stat.h>

#define HEADS    "refs/heads/"
#define PULL     "refs/pull/"
#define TAGS     "refs/tags/"
#define ALL_TAGS "+refs/tags/*:refs/tags/*"

static bool begins (const char *text, const char *with)
{
    return strncmp (text, with, strlen (with)) == 0;
}

void checkout_add (checkout_specs_t *self, const char *spec)
{
    if (self->count < CHECKOUT_SPECS)
        self->items[self->count++] = spec;
}

// Where a ref of the other side is kept here.
static const char *local_name (const checkout_t *self)
{
    if (begins (self->ref, HEADS))
        return arena_printf (self->call->arena, "refs/remotes/origin/%s", self->ref + strlen (HEADS));
    if (begins (self->ref, PULL))
        return arena_printf (self->call->arena, "refs/remotes/pull/%s", self->ref + strlen (PULL));
    return self->ref;
}

static bool is_known (const checkout_t *self, const char *commit)
{
    const char *what = arena_printf (self->call->arena, "%s^{commit}", commit);
    return checkout_ask (self, "rev-parse", "--verify", "--quiet", what, NULL) &&
           checkout_ask (self, "cat-file", "-e", what, NULL);
}

static bool is_shallow (const checkout_t *self)
{
    struct stat status;
    return rooted_stat (self->call->view, arena_printf (self->call->arena, "%s/.git/shallow", self->folder),
                        true, &status) == 0;
}

bool checkout_fetch_specs (const checkout_t *self, const checkout_specs_t *specs)
{
    const char *args[CHECKOUT_SPECS + 16] = {"fetch", "--force", "--prune", "--no-recurse-submodules",
                                             self->progress ? "--progress" : "--quiet"};
    size_t count = 5;
    arena_t *arena = self->call->arena;
    if (!self->tags)
        args[count++] = "--no-tags";
    if (*self->filter)
        args[count++] = arena_printf (arena, "--filter=%s", self->filter);
    if (self->depth)
        args[count++] = arena_printf (arena, "--depth=%s", self->depth);
    else if (is_shallow (self))
        args[count++] = "--unshallow";
    else
        args[count++] =
            "--update-shallow"; // The other side may be shallow itself: a working tree of `opencicd run`
    args[count++] = "origin";
    for (size_t i = 0; i < specs->count; i++)
        args[count++] = specs->items[i];
    return checkout_git_args (self, self->folder, NULL, args);
}

// Does the other side have exactly that ref?
static bool has (const char *listed, const char *ref)
{
    size_t size = strlen (ref);
    for (const char *at = listed; (at = strstr (at, ref)); at += size)
        if (at > listed && at[-1] == '\t' && (at[size] == '\n' || !at[size]))
            return true;
    return false;
}

// What the other side listed shows how long its ids are.
static bool take_width (checkout_t *self, const char *listed)
{
    for (const char *at = listed; at && *at; at = strchr (at, '\n'), at = at ? at + 1 : NULL) {
        size_t digits = commit_id_size (at);
        if (digits)
            return checkout_set_width (self, digits == 64);
    }
    return true;
}

// A short name to a full one; no name and no commit to the default branch.
static bool choose_ref (checkout_t *self)
{
    arena_t *arena = self->call->arena;
    if (!*self->ref && !*self->commit) {
        const char *listed = checkout_ask (self, "ls-remote", "--symref", "origin", "HEAD", NULL);
        const char *found = listed ? strstr (listed, "ref: " HEADS) : NULL;
        if (found) {
            self->ref = arena_strndup (arena, found + 5, strcspn (found + 5, "\t\n"));
            return take_width (self, listed);
        }
        return builtin_fail (self->call, "the default branch of the repository cannot be found");
    }
    if (!*self->ref || begins (self->ref, "refs/"))
        return *self->commit ||
               take_width (self, checkout_ask (self, "ls-remote", "origin", self->ref, NULL));
    const char *head = arena_printf (arena, HEADS "%s", self->ref);
    const char *tag = arena_printf (arena, TAGS "%s", self->ref);
    const char *listed = checkout_ask (self, "ls-remote", "origin", head, tag, NULL);
    if (!listed) {
        checkout_git (self, "ls-remote", "origin", head, NULL); // Again, so that its words are in the log
        return false;
    }
    if (!has (listed, head) && !has (listed, tag))
        return builtin_fail (self->call, "there is no branch or tag \"%s\"", self->ref);
    self->ref = has (listed, head) ? head : tag;
    return take_width (self, listed);
}

// The one ref or commit. A tag is fetched as what it is: annotated ones keep their text, for `git describe`.
static void add_one (const checkout_t *self, checkout_specs_t *specs)
{
    arena_t *arena = self->call->arena;
    const char *local = local_name (self);
    if (!*self->ref)
        checkout_add (specs, self->commit);
    else if (*self->commit && !begins (self->ref, TAGS))
        checkout_add (specs, begins (local, "refs/remotes/")
                                 ? arena_printf (arena, "+%s:%s", self->commit, local)
                                 : self->commit);
    else
        checkout_add (specs, arena_printf (arena, "+%s:%s", self->ref, local));
}

static bool fetch_all (checkout_t *self)
{
    checkout_specs_t specs = {.count = 0};
    checkout_add (&specs, "+refs/heads/*:refs/remotes/origin/*");
    checkout_add (&specs, ALL_TAGS);
    if (begins (self->ref, PULL))
        add_one (self, &specs);
    return checkout_fetch_specs (self, &specs);
}

static bool fetch_needed (checkout_t *self)
{
    checkout_specs_t specs = {.count = 0};
    add_one (self, &specs);
    if (self->tags && !begins (self->ref, TAGS))
        checkout_add (&specs, ALL_TAGS);
    return checkout_fetch_specs (self, &specs);
}

// The commit that was named, where its branch or tag has gone on meanwhile, or was never on one.
static bool fetch_commit (checkout_t *self)
{
    checkout_specs_t specs = {.count = 0};
    const char *local = local_name (self);
    bool named = begins (self->ref, HEADS) || begins (self->ref, PULL);
    const char *at = named ? checkout_ask (self, "rev-parse", "--verify", "--quiet", local, NULL) : NULL;
    if (!*self->commit || (at ? strcmp (at, self->commit) == 0 : !named && is_known (self, self->commit)))
        return true;
    if (named && is_known (self, self->commit))
        return checkout_git (self, "update-ref", local, self->commit, NULL);
    checkout_add (&specs,
                  named ? arena_printf (self->call->arena, "+%s:%s", self->commit, local) : self->commit);
    return checkout_fetch_specs (self, &specs);
}

bool checkout_fetch (checkout_t *self)
{
    if (self->trial)
        return checkout_trial (self);
    if (!choose_ref (self) || !(self->depth ? fetch_needed (self) : fetch_all (self)) || !fetch_commit (self))
        return false;
    if (begins (self->ref, HEADS)) {
        self->branch = self->ref + strlen (HEADS);
        self->start = local_name (self);
    } else {
        self->start = *self->commit ? self->commit : local_name (self);
    }
    return true;
}
