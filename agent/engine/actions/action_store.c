/* action_store.c - see action_store.h. What is locked decides first; then where a tag or branch is now; then the commit is looked for in
 * the cache, and fetched from the first source that has it.
 *
 * A source that says that it has no such repository or ref is passed over. One that cannot be asked ends the search for a tag or branch:
 * a stranger's repository of the same name at the next source must not be taken because a server was down. A commit may come from any. */

#include "agent/engine/actions/action_store.h"

#include "agent/engine/actions/action_cache.h"
#include "agent/engine/actions/action_file.h"
#include "agent/engine/actions/action_source.h"
#include "agent/engine/builtin/builtin.h"
#include "agent/engine/folder/folder_copy.h"
#include "agent/engine/process/counters.h"
#include "common/base/commit_id.h"
#include "common/base/sha256.h"
#include "common/base/url.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "common/os/rooted.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIES_MAX 1000 // Repositories of one job

typedef struct {
    char *key, *commit, *root;
} copied_t;

struct action_store {
    const action_store_options_t *options;
    action_cache_t cache;
    arena_t *arena; // The job's copies so far, and what was found at the start
    const char *forge, *config;
    copied_t *copies;
    size_t count, capacity;
    bool opened;
};

// What one resolve is about.
typedef struct {
    action_store_t *store;
    turn_t *turn;
    const action_ref_t *ref;
    const char *repository; // As the cache names it
    git_sources_t sources;
    source_git_t git;
    const char *tried; // "\n  URL: git's words" for each source that did not have it
} search_t;

action_store_t *action_store_new (const action_store_options_t *options)
{
    action_store_t *self = calloc (1, sizeof (action_store_t));
    if (!self)
        abort ();
    self->options = options;
    self->arena = arena_new ();
    self->cache = (action_cache_t){.folder = options->settings->cache,
                                   .max_mib = options->settings->max_mib,
                                   .max_count = options->settings->max_count,
                                   .max_days = options->settings->max_days};
    self->forge = git_source_forge (self->arena, options->repository, options->name);
    return self;
}

void action_store_destroy (action_store_t **self_p)
{
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

static void say (action_store_t *self, turn_t *turn, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

static void say (action_store_t *self, turn_t *turn, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (self->options->log)
        self->options->log (self->options->self, arena_vprintf (turn->arena, format, args));
    va_end (args);
}

// Git takes safe.directory, which a folder of another user needs, from a file alone.
static fault_t write_config (action_store_t *self, turn_t *turn)
{
    const char *more = self->options->settings->git_config;
    const char *text = arena_printf (
        turn->arena,
        "%s%s%s[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n[advice]\n\tdetachedHead = false\n",
        *more ? "[include]\n\tpath = \"" : "", more, *more ? "\"\n" : "");
    self->config = arena_printf (self->arena, "%s/gitconfig-%s", self->options->settings->cache,
                                 *more ? "more" : "none");
    return file_write (turn, self->config, text);
}

static fault_t open_store (action_store_t *self, turn_t *turn)
{
    if (self->opened)
        return OK;
    TRY (folder_make (turn, self->options->folder));
    TRY (action_cache_open (turn, &self->cache));
    TRY (write_config (self, turn));
    self->opened = true;
    return OK;
}

// ---- which commit

static void not_here (search_t *self, const char *url)
{
    const char *why = self->turn->detail ? self->turn->detail : "it was not asked";
    self->tried = arena_printf (self->turn->arena, "%s\n  %s: %s", self->tried,
                                url_redact (self->turn->arena, url), why);
}

static fault_t fail_search (search_t *self, fault_t fault, const char *what)
{
    return turn_fail (self->turn, fault, "%s: %s%s", self->ref->text, what, self->tried);
}

static fault_t look_at (search_t *self, const char *url, const char **commit)
{
    action_store_t *store = self->store;
    const char *known = action_cache_ref (self->turn, &store->cache, url, self->ref->ref,
                                          store->options->settings->ref_seconds);
    if ((*commit = known))
        return OK;
    TRY (source_look (self->turn, &self->git, url, self->ref->ref, commit));
    action_cache_set_ref (self->turn, &store->cache, url, self->ref->ref, *commit);
    return OK;
}

// Where the tag or branch is now. NOT_FOUND: no source has it; UNAVAILABLE: one could not be asked.
static fault_t look (search_t *self, const char **commit)
{
    for (size_t i = 0; i < self->sources.count; i++) {
        fault_t fault = look_at (self, self->sources.urls[i], commit);
        if (!fault)
            return OK;
        not_here (self, self->sources.urls[i]);
        if (fault != NOT_FOUND)
            return fail_search (self, fault, "a source of actions cannot be asked");
    }
    return fail_search (self, NOT_FOUND, "no source has this action");
}

static fault_t pin_look (search_t *self, const char *commit, pin_t *pin)
{
    const action_pins_t *pins = self->store->options->pins;
    *pin = (pin_t){PIN_NONE, ""};
    if (!pins)
        return OK;
    fault_t fault = pins->look (pins->self, self->turn, self->ref->key, commit, pin);
    const char *detail = self->turn->detail ? self->turn->detail : fault_own_text (fault);
    return fault ? turn_fail (self->turn, fault, "%s: the commit it is locked to cannot be determined: %s",
                              self->ref->text, detail)
                 : OK;
}

static fault_t fail_moved (search_t *self, const char *locked, const char *now)
{
    const char *help = self->store->options->accept_command;
    return turn_fail (self->turn, CONFLICT,
                      "%s was moved: it is locked to commit %s and is now commit %s.%s%s", self->ref->text,
                      locked, now, *help ? " If you trust the new one: " : "",
                      *help ? arena_printf (self->turn->arena, "%s %s", help, self->ref->key) : "");
}

// The record has it: it must still be there. Offline, what it was locked to runs.
static fault_t check_pin (search_t *self, const pin_t *pin)
{
    const char *now = "";
    fault_t fault = look (self, &now);
    if (fault == UNAVAILABLE) {
        say (self->store, self->turn, "%s cannot be looked up; commit %s runs, to which it is locked.%s",
             self->ref->text, pin->commit, self->tried);
        self->turn->detail = NULL;
        self->tried = "";
        return OK;
    }
    if (fault || strcmp (now, pin->commit) == 0)
        return fault;
    pin_t recorded;
    TRY (pin_look (self, now,
                   &recorded)); // So that the record knows where it went; it may have been accepted meanwhile
    return strcmp (recorded.commit, now) == 0 ? OK : fail_moved (self, recorded.commit, now);
}

static fault_t first_use (search_t *self, const char **commit)
{
    pin_t pin;
    TRY (look (self, commit));
    TRY (pin_look (self, *commit, &pin));
    if (pin.source != PIN_NONE && strcmp (pin.commit, *commit) != 0) // Another job was first
        return fail_moved (self, pin.commit, *commit);
    return OK;
}

static fault_t choose_commit (search_t *self, const char **commit)
{
    pin_t pin;
    *commit = self->ref->ref;
    if (self->ref->is_commit)
        return OK;
    TRY (pin_look (self, "", &pin));
    *commit = pin.commit;
    switch (pin.source) {
    case PIN_NONE: return first_use (self, commit);
    case PIN_RECORD: TRY (check_pin (self, &pin)); break;
    case PIN_MISSING:
        return turn_fail (self->turn, CONFLICT,
                          "%s is not in the lock file of this repository, which covers this workflow: update"
                          " it (opencicd actions lock)",
                          self->ref->text);
    case PIN_FILE: break;
    }
    return commit_id_is (*commit)
               ? OK
               : turn_fail (self->turn, INVALID, "%s is locked to \"%s\", which is not a commit",
                            self->ref->text, *commit);
}

// ---- its files

// With the exclusive lock.
static fault_t fetch (search_t *self, const char *commit)
{
    turn_t *turn = self->turn;
    const action_cache_t *cache = &self->store->cache;
    for (size_t i = 0; i < self->sources.count; i++) {
        const char *folder, *url = self->sources.urls[i];
        TRY (action_cache_begin (turn, cache, &folder));
        fault_t fault = source_fetch (turn, &self->git, url, commit, folder);
        const char *why = turn->detail;
        fault_t kept = action_cache_end (turn, cache, folder, self->repository, commit, fault == OK);
        if (!fault)
            return kept;
        turn->detail = why;
        not_here (self, url);
        if (fault != NOT_FOUND && fault != UNAVAILABLE)
            return fault;
    }
    return fail_search (self, NOT_FOUND, arena_printf (turn->arena, "commit %s cannot be fetched", commit));
}

// The job's copy of the commit's files. The lock is kept while they are copied, so that nobody prunes them.
static fault_t copy_out (search_t *self, const char *commit, const char *to)
{
    const action_cache_t *cache = &self->store->cache;
    turn_t *turn = self->turn;
    for (bool exclusive = false;; exclusive = true) {
        int lock;
        TRY (action_cache_lock (turn, cache, commit, exclusive, self->git.cancel, &lock));
        const char *tree = action_cache_tree (turn->arena, cache, self->repository, commit);
        fault_t fault = OK;
        if (!tree && exclusive) {
            fault = fetch (self, commit);
            tree = fault ? NULL : action_cache_tree (turn->arena, cache, self->repository, commit);
        }
        if (tree)
            fault = folder_copy (turn, tree, to);
        if (fault || tree)
            count_add (fault ? COUNT_ACTION_FAILED : exclusive ? COUNT_ACTION_FETCHED : COUNT_ACTION_KEPT, 1);
        close (lock);
        if (tree && exclusive)
            action_cache_prune (turn, cache);
        if (fault || tree || exclusive)
            return fault;
    }
}

static const char *copied (const action_store_t *self, const char *key, const char **commit)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->copies[i].key, key) == 0) {
            *commit = self->copies[i].commit;
            return self->copies[i].root;
        }
    return NULL;
}

static void remember (action_store_t *self, const char *key, const char *commit, const char *root)
{
    self->copies = arena_grow (self->arena, self->copies, self->count, &self->capacity, sizeof (copied_t));
    self->copies[self->count++] =
        (copied_t){arena_strdup (self->arena, key), arena_strdup (self->arena, commit),
                   arena_strdup (self->arena, root)};
}

// A ref as the name of one folder.
static const char *folder_of (arena_t *arena, const char *ref)
{
    char *name = arena_alloc (arena, strlen (ref) * 3 + 1), *to = name;
    for (; *ref; ref++)
        to = *ref == '/' ? stpcpy (to, "%2F") : *ref == '%' ? stpcpy (to, "%25") : (*to = *ref, to + 1);
    return name;
}

static fault_t place_copy (search_t *self, const char *key, const char *commit, const char *parent,
                           const char *name, action_found_t *out)
{
    turn_t *turn = self->turn;
    const char *root = arena_printf (turn->arena, "%s/%s", parent, name);
    if (self->store->count == COPIES_MAX)
        return turn_fail (turn, TOO_LARGE, "%s: a job may use actions from at most %d repositories",
                          self->ref->text, COPIES_MAX);
    TRY (folder_make_open (turn, parent));
    fault_t fault = copy_out (self, commit, root);
    if (fault) { // Half a copy would be in the way of the next try
        const char *why = turn->detail;
        fault_t ignored = folder_empty (root);
        (void) ignored;
        rmdir (root);
        turn->detail = why;
        return fault;
    }
    remember (self->store, key, commit, root);
    out->root = root;
    out->commit = arena_strdup (turn->arena, commit);
    return OK;
}

// ---- the kinds of references

static fault_t list_sources (search_t *self)
{
    const action_ref_t *ref = self->ref;
    arena_t *arena = self->turn->arena;
    if (!*ref->site)
        return git_sources_list (self->turn, self->store->options->settings->sources, self->store->forge,
                                 ref->repository, &self->sources);
    self->sources =
        (git_sources_t){.urls = {arena_printf (arena, "%s/%s", ref->site, ref->repository)}, .count = 1};
    return OK;
}

// Below the job's folder. By key, whose owner and repository are in lower case: A/b and a/B are one. Before that the server where one is
// named: % is in no owner's name, and a colon would end an entry of PATH.
static const char *parent_of (arena_t *arena, const char *folder, const action_ref_t *ref)
{
    size_t site = strlen (ref->site), size = strlen (ref->repository);
    char *host = arena_strdup (arena, site ? strstr (ref->site, "//") + 2 : "");
    for (char *at = host; (at = strchr (at, ':'));)
        *at = '%';
    return site ? arena_printf (arena, "%s/%%%s/%.*s", folder, host, (int) size, ref->key + site + 1)
                : arena_printf (arena, "%s/%.*s", folder, (int) size, ref->key);
}

static fault_t resolve_repository (search_t *self, action_found_t *out)
{
    const action_store_options_t *options = self->store->options;
    const action_ref_t *ref = self->ref;
    turn_t *turn = self->turn;
    const char *commit;
    out->repository = self->repository = ref->repository;
    out->root = copied (self->store, ref->key, &out->commit);
    if (out->root)
        return OK;
    TRY (list_sources (self));
    TRY (choose_commit (self, &commit));
    return place_copy (self, ref->key, commit, parent_of (turn->arena, options->folder, ref),
                       folder_of (turn->arena, ref->ref), out);
}

static bool is_called (const action_store_options_t *options)
{
    return options->workflow && *options->workflow && commit_id_is (options->workflow_sha);
}

// Of a called workflow: its repository, from where the server found it, or where this agent finds actions. By commit, all are the same.
static fault_t resolve_called (search_t *self, action_found_t *out)
{
    const action_store_options_t *options = self->store->options;
    turn_t *turn = self->turn;
    out->repository = self->repository = options->workflow_name;
    if (git_sources_list (turn, options->settings->sources, self->store->forge, options->workflow_name,
                          &self->sources) != OK)
        self->sources.count = 0;
    turn->detail = NULL;
    if (self->sources.count == GIT_SOURCES)
        self->sources.count--;
    memmove (self->sources.urls + 1, self->sources.urls, self->sources.count++ * sizeof *self->sources.urls);
    self->sources.urls[0] = options->workflow;
    const char *parent = arena_printf (turn->arena, "%s/%%own", options->folder);
    return place_copy (self, "$", options->workflow_sha, parent, "repository", out);
}

// The workflow's own repository, at the commit that runs.
static fault_t resolve_own (search_t *self, action_found_t *out)
{
    const action_store_options_t *options = self->store->options;
    turn_t *turn = self->turn;
    out->repository = is_called (options) ? options->workflow_name : options->name;
    out->root = copied (self->store, "$", &out->commit);
    if (out->root)
        return OK;
    if (is_called (options))
        return resolve_called (self, out);
    if (builtin_is_trial (options->ref))
        return turn_fail (turn, INVALID,
                          "%s: the commit of a trial is in no repository: check it out, and use ./%s",
                          self->ref->text, self->ref->path);
    if (!*options->repository || !commit_id_is (options->sha))
        return turn_fail (turn, INVALID, "%s: this job belongs to no repository", self->ref->text);
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, options->repository, strlen (options->repository));
    // % is in no owner's name
    self->repository = arena_printf (turn->arena, "%%own/%.32s", sha256_hex (&sum, turn->arena));
    self->sources = (git_sources_t){.urls = {options->repository}, .count = 1};
    const char *parent = arena_printf (turn->arena, "%s/%%own", options->folder);
    return place_copy (self, "$", options->sha, parent, "repository", out);
}

static fault_t resolve (search_t *self, const action_found_t *inside, action_found_t *out)
{
    const action_store_options_t *options = self->store->options;
    switch (self->ref->kind) {
    case USES_IMAGE: return OK;
    case USES_WORKSPACE: out->root = options->workspace; break;
    case USES_SELF:
        if (!inside || inside->ref.kind == USES_WORKSPACE) {
            TRY (resolve_own (self, out));
            break;
        }
        out->root = inside->root;
        out->repository = inside->repository;
        out->commit = inside->commit;
        break;
    case USES_REPOSITORY: TRY (resolve_repository (self, out)); break;
    }
    out->folder =
        *self->ref->path ? arena_printf (self->turn->arena, "%s/%s", out->root, self->ref->path) : out->root;
    int view = self->ref->kind == USES_WORKSPACE ? self->store->options->view : ROOTED_OURS;
    return action_file_load (self->turn, self->ref, view, out->folder, &out->action);
}

fault_t action_store_resolve (action_store_t *self, turn_t *turn, const char *uses,
                              const action_found_t *inside, struct cancel *cancel, action_found_t *out)
{
    const char *error = NULL;
    *out = (action_found_t){.root = "", .folder = "", .repository = "", .commit = ""};
    if (action_ref_parse (turn->arena, uses, &out->ref, &error) != OK)
        return turn_fail (turn, INVALID, "%s", error);
    if (out->ref.kind == USES_REPOSITORY || out->ref.kind == USES_SELF)
        TRY (open_store (self, turn));
    search_t search = {.store = self,
                       .turn = turn,
                       .ref = &out->ref,
                       .tried = "",
                       .git = {.config = self->config, .cancel = cancel}};
    return resolve (&search, inside, out);
}
