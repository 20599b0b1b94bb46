/* called.c - see called.h. */

#include "services/scm/called.h"

#include "common/base/clock.h"
#include "common/base/url.h"
#include "common/os/folder.h"
#include "common/os/git_source.h"
#include "services/scm/called_cache.h"
#include "services/scm/called_git.h"
#include "services/scm/self.h"

#include <string.h>
#include <strings.h>

typedef struct {
    called_git_t git;
    const char *folder, *sources;
    scm_called_t ask;
    turn_t turn; // In the task's arena
    git_sources_t list;
    const char *tried; // "; URL: git's words" for each source that did not have it
    scm_called_files_t got;
    fault_t fault;
} called_work_t;

static bool is_commit (const char *ref)
{
    size_t size = strlen (ref);
    return (size == 40 || size == 64) && strspn (ref, "0123456789abcdef") == size;
}

static bool is_trusted (const called_work_t *self, size_t source)
{
    return !self->list.of_forge[source] || self->ask.trusted;
}

static void not_here (called_work_t *self, size_t source)
{
    const char *why = self->turn.detail ? self->turn.detail : "it does not have it";
    self->tried = arena_printf (self->turn.arena, "%s; %s: %.500s", self->tried,
                                url_redact (self->turn.arena, self->list.urls[source]), why);
    self->turn.detail = NULL;
}

// ---- which sources

// A server that is named must be one of the list: a workflow cannot send us anywhere.
static fault_t keep_site (called_work_t *self)
{
    const char *wanted = arena_printf (self->turn.arena, "%s/%s", self->ask.site, self->ask.repository);
    size_t size = strlen (wanted), kept = 0;
    if (!*self->ask.site)
        return OK;
    for (size_t i = 0; i < self->list.count; i++) {
        const char *url = self->list.urls[i];
        bool same = strncasecmp (url, wanted, size) == 0 && (!url[size] || strcmp (url + size, ".git") == 0);
        self->list.urls[kept] = url;
        self->list.of_forge[kept] = self->list.of_forge[i];
        kept += same;
    }
    self->list.count = kept;
    return kept ? OK
                : turn_fail (&self->turn, FORBIDDEN,
                             "%s is not one of the sources that this server may use (action_sources)",
                             self->ask.site);
}

static fault_t list_sources (called_work_t *self)
{
    arena_t *arena = self->turn.arena;
    const char *forge = git_source_forge (arena, self->ask.url, self->ask.name);
    TRY (git_sources_list (&self->turn, self->sources, forge, self->ask.repository, &self->list));
    return keep_site (self);
}

// ---- which commit

static fault_t look_at (called_work_t *self, size_t source, const char **commit)
{
    address_t address;
    bool trusted = is_trusted (self, source);
    TRY (address_parse (&self->turn, self->list.urls[source], &address));
    TRY (address_may (&self->turn, self->git.policy, &address, trusted));
    return called_git_look (&self->git, &self->turn, &address, trusted, self->ask.ref, commit);
}

// One that cannot be asked ends the search: while it is away, no other's repository of that name is taken for its.
static fault_t look (called_work_t *self, size_t *source, const char **commit)
{
    fault_t fault = NOT_FOUND;
    for (*source = 0; *source < self->list.count; ++*source) {
        fault = look_at (self, *source, commit);
        if (fault == OK)
            return OK;
        not_here (self, *source);
        if (fault != NOT_FOUND)
            break;
    }
    *source = 0;
    if (*self->ask.commit && fault == UNAVAILABLE) {
        *commit = self->ask.commit;
        self->got.unseen = self->tried + 2;
        self->tried = "";
        return OK;
    }
    return turn_fail (&self->turn, fault == UNAVAILABLE ? NOT_FOUND : fault, "%s%s",
                      fault == NOT_FOUND ? "no source has it" : "a source cannot be asked", self->tried);
}

// ---- its files

static fault_t read_from (called_work_t *self, size_t source, const char *commit)
{
    address_t address;
    turn_t *turn = &self->turn;
    const char *url = self->list.urls[source];
    bool trusted = is_trusted (self, source);
    TRY (address_parse (turn, url, &address));
    TRY (address_may (turn, self->git.policy, &address, trusted));
    // After the check of the address: what is kept was fetched for somebody who may have been allowed more
    scm_called_files_t kept;
    if (!address.folder && called_cache_get (turn, self->folder, url, commit, &kept) == OK)
        self->got.files = kept.files;
    else {
        TRY (called_git_read (&self->git, turn, &address, trusted, commit, &self->got.files));
        scm_called_files_t keep = {.sha = commit, .url = "", .files = self->got.files, .unseen = ""};
        if (!address.folder && called_cache_put (turn, self->folder, url, &keep) != OK)
            turn->detail = NULL; // It is fetched again then
    }
    self->got.url = url_redact (turn->arena, url);
    return OK;
}

static fault_t read_commit (called_work_t *self, size_t first, const char *commit)
{
    for (size_t i = 0; i < self->list.count; i++) {
        size_t source = (first + i) % self->list.count;
        fault_t fault = read_from (self, source, commit);
        if (fault != NOT_FOUND && fault != UNAVAILABLE && fault != FORBIDDEN)
            return fault;
        not_here (self, source);
    }
    return turn_fail (&self->turn, NOT_FOUND, "commit %s cannot be fetched%s", commit, self->tried);
}

static fault_t find (called_work_t *self)
{
    size_t source = 0;
    const char *commit = self->ask.ref;
    TRY (list_sources (self));
    TRY (folder_make (&self->turn, self->folder));
    if (!is_commit (commit))
        TRY (look (self, &source, &commit));
    self->got.sha = commit;
    if (*self->ask.commit && strcmp (self->ask.commit, commit) != 0)
        return OK; // It was moved: its files are not for running
    return read_commit (self, source, commit);
}

static void work (void *data)
{
    called_work_t *self = data;
    self->fault = find (self);
}

// ---- in the actor's thread

static scm_called_t copy_ask (arena_t *arena, const scm_called_t *ask)
{
    return (scm_called_t){.repository = arena_strdup (arena, ask->repository),
                          .site = arena_strdup (arena, ask->site),
                          .ref = arena_strdup (arena, ask->ref),
                          .commit = arena_strdup (arena, ask->commit),
                          .url = arena_strdup (arena, ask->url),
                          .name = arena_strdup (arena, ask->name),
                          .trusted = ask->trusted};
}

static fault_t begin (scm_t *scm, turn_t *turn, const scm_called_t *ask, const char *key)
{
    arena_t *arena = arena_new ();
    called_work_t *self = arena_alloc (arena, sizeof *self);
    const char *folder = arena_printf (arena, "%s/called", scm->folder);
    *self = (called_work_t){
        .git = {.policy = &scm->policy,
                .readers = scm->readers,
                .trials = &scm->trials,
                .config = scm->git_config,
                .folder = folder,
                .until_us = clock_monotonic_us () + SECONDS (CALLED_SECONDS),
                .silence_us = scm->options.silence_us,
                .stop = scm->stop,
                .most = scm->options.called_bytes ? scm->options.called_bytes : CALLED_GIT_BYTES},
        .folder = folder,
        .sources = arena_strdup (arena, scm->sources),
        .ask = copy_ask (arena, ask),
        .tried = "",
        .got = {.sha = "", .url = "", .unseen = ""}};
    turn_init (&self->turn, arena, arena_strdup (arena, turn->request_id), turn->now_us);
    return background_begin (scm->calls, turn, key, work, &arena, self);
}

static file_text_items_t copy_files (arena_t *arena, const file_text_items_t *from)
{
    file_text_items_t copy = {arena_array (arena, from->count + 1, sizeof (file_text_t)), from->count};
    for (size_t i = 0; i < from->count; i++)
        copy.items[i] = (file_text_t){arena_strdup (arena, from->items[i].path),
                                      {arena_copy (arena, from->items[i].text.data, from->items[i].text.size),
                                       from->items[i].text.size}};
    return copy;
}

fault_t called_read (scm_t *scm, turn_t *turn, const scm_called_t *ask, scm_called_files_t *out)
{
    called_work_t *self;
    const char *key =
        arena_printf (turn->arena, "%s %s %s %s %s %s %s %d", turn->request_id, ask->site, ask->repository,
                      ask->ref, ask->commit, ask->url, ask->name, ask->trusted);
    fault_t fault = background_find (scm->calls, turn, key, (void **) &self);
    if (fault == NOT_FOUND)
        return begin (scm, turn, ask, key);
    TRY (fault);
    if (self->turn.detail)
        turn->detail = arena_strdup (turn->arena, self->turn.detail);
    if (self->fault == OK)
        *out = (scm_called_files_t){.sha = arena_strdup (turn->arena, self->got.sha),
                                    .url = arena_strdup (turn->arena, self->got.url),
                                    .unseen = arena_strdup (turn->arena, self->got.unseen),
                                    .files = copy_files (turn->arena, &self->got.files)};
    return self->fault;
}
