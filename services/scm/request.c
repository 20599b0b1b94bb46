/* request.c - see request.h. */

#include "services/scm/request.h"

#include "services/scm/self.h"

#include <stdlib.h>
#include <string.h>

static bool same (const char *a, const char *b)
{
    return strcmp (a, b) == 0;
}

scm_request_t *request_of (scm_t *scm, const turn_t *turn, const scm_fetch_t *ask)
{
    for (scm_request_t *at = scm->requests; at; at = at->next)
        if (at->deadline_us == turn->deadline_us && same (at->id, turn->request_id) &&
            same (at->ask.url, ask->url) && same (at->ask.ref, ask->ref) && same (at->ask.sha, ask->sha) &&
            same (at->ask.before, ask->before) && at->ask.trusted == ask->trusted &&
            same (at->ask.trial, ask->trial) && same (at->ask.project, ask->project))
            return at;
    return NULL;
}

const char *request_topic (arena_t *arena, const scm_request_t *self)
{
    return arena_printf (arena, "scm:%llu", (unsigned long long) self->number);
}

void request_free (scm_t *scm, scm_request_t *self)
{
    for (scm_request_t **at = &scm->requests; *at; at = &(*at)->next)
        if (*at == self) {
            *at = self->next;
            break;
        }
    scm->request_count--;
    if (self->mirror)
        self->mirror->users--;
    arena_t *arena = self->arena; // It has the request too
    arena_destroy (&arena);
}

void requests_sweep (scm_t *scm, int64_t now_us)
{
    for (scm_request_t *at = scm->requests, *next; at; at = next) {
        next = at->next;
        if (at->stage == DONE && at->deadline_us < now_us)
            request_free (scm, at);
    }
}

void requests_destroy (scm_t *scm)
{
    while (scm->requests)
        request_free (scm, scm->requests);
}

// ---- in a thread ----

static void read_it (work_item_t *task)
{
    scm_request_t *self = (scm_request_t *) task;
    self->fault = tree_read (&self->reading, &self->turn);
}

// A ref, then its files, as many at once as git_mirror_fetch takes: each read may find something else missing.
#define FILLS (2 + TREE_FILES / GIT_MIRROR_NAMES)

static void fetch_it (work_item_t *task)
{
    scm_request_t *self = (scm_request_t *) task;
    git_mirror_t git;
    for (int i = 0; i < FILLS && self->reading.missing.count > 0; i++) {
        self->fault = mirror_reach (self->mirror, &self->turn, &git);
        if (self->fault == OK)
            self->fault = git_mirror_fetch (&git, &self->turn, self->reading.missing.items,
                                            self->reading.missing.count);
        self->absent = self->fault == NOT_FOUND;
        if (self->absent)
            self->fault = turn_fail (&self->turn, NOT_FOUND, "the repository has no branch or tag %s",
                                     self->reading.missing.items[0]);
        if (self->fault != OK)
            return;
        self->reading.is_filled = true;
        self->fault = tree_read (&self->reading, &self->turn);
    }
}

// ---- in the actor's thread ----

static void finish (turn_t *turn, scm_request_t *self, fault_t fault)
{
    self->fault = fault;
    self->stage = DONE;
    actor_wake (turn, request_topic (turn->arena, self));
}

static void done (void *service, turn_t *turn, work_item_t *task);

static fault_t run (turn_t *turn, scm_request_t *self, scm_stage_t stage)
{
    work_t *work = stage == FETCHING ? self->scm->fetching : self->scm->reading;
    self->turn.detail = NULL;
    self->stage = stage;
    self->task.actor = actor_of (turn);
    self->task.run = stage == FETCHING ? fetch_it : read_it;
    self->task.done = done;
    self->task.host = stage == FETCHING ? self->address.host : self->reading.path;
    return work_add (work, &self->task)
               ? OK
               : turn_fail (turn, OVERLOADED, "%d requests to repositories wait", WORK_WAITING);
}

static fault_t update (turn_t *turn, scm_request_t *self)
{
    self->stage = UPDATING;
    self->updated = true;
    return mirror_ask (self->mirror, turn, &self->update);
}

static void done (void *service, turn_t *turn, work_item_t *task)
{
    scm_request_t *self = (scm_request_t *) task;
    fault_t fault = self->fault;
    (void) service;
    bool is_stale = (fault == NOT_FOUND || fault == INVALID) && !self->absent;
    if (fault == OK || !self->mirror || !is_stale)
        finish (turn, self, fault);
    else if (self->reading.missing.count > 0 && !self->filled) {
        self->filled = true;
        fault = run (turn, self, FETCHING);
        if (fault != OK)
            finish (turn, self, fault);
    } else if (!self->updated) {
        fault = update (turn, self);
        if (fault != OK)
            finish (turn, self, fault);
    } else
        finish (turn, self, fault);
}

void requests_updated (scm_t *scm, turn_t *turn, mirror_t *mirror)
{
    for (scm_request_t *at = scm->requests; at; at = at->next) {
        if (at->mirror != mirror || at->stage != UPDATING || at->update > mirror->ended)
            continue;
        fault_t fault = mirror->fault;
        at->turn.detail = mirror->detail ? arena_strdup (at->arena, mirror->detail) : NULL;
        at->filled = false; // Something else may be missing now
        if (fault == OK)
            fault = run (turn, at, READING);
        if (fault != OK)
            finish (turn, at, fault);
    }
}

static scm_request_t *request_new (scm_t *scm, const turn_t *turn, const scm_fetch_t *ask,
                                   const address_t *address)
{
    arena_t *arena = arena_new ();
    scm_request_t *self = arena_alloc (arena, sizeof *self);
    self->arena = arena;
    self->scm = scm;
    self->number = ++scm->last_request;
    self->id = arena_strdup (arena, turn->request_id);
    self->deadline_us = turn->deadline_us;
    self->ask = (scm_fetch_t){.url = arena_strdup (arena, ask->url),
                              .ref = arena_strdup (arena, ask->ref),
                              .sha = arena_strdup (arena, ask->sha),
                              .before = arena_strdup (arena, ask->before),
                              .trial = arena_strdup (arena, ask->trial),
                              .project = arena_strdup (arena, ask->project),
                              .have = tree_copy_texts (arena, &ask->have),
                              .trusted = ask->trusted};
    self->address = (address_t){.folder = arena_strdup (arena, address->folder),
                                .url = arena_strdup (arena, address->url),
                                .scheme = arena_strdup (arena, address->scheme),
                                .host = arena_strdup (arena, address->host),
                                .port = address->port};
    turn_init (&self->turn, arena, self->id, turn->now_us);
    self->reading = (tree_reading_t){.readers = scm->readers,
                                     .policy = &scm->policy,
                                     .ask = &self->ask,
                                     .trials = &scm->trials,
                                     .stop = scm->stop,
                                     .tree = &self->tree};
    return self;
}

fault_t request_begin (scm_t *scm, turn_t *turn, const scm_fetch_t *ask, const address_t *address,
                       const mirror_access_t *access)
{
    mirror_t *mirror = NULL;
    requests_sweep (scm, turn->now_us);
    if (scm->request_count == REQUESTS_MAX)
        return turn_fail (turn, OVERLOADED, "%d requests to repositories are under way", REQUESTS_MAX);
    if (!address->folder)
        TRY (mirror_find (scm, turn, address, ask->trusted, access, &mirror));
    scm_request_t *self = request_new (scm, turn, ask, address);
    self->mirror = mirror;
    if (mirror)
        mirror->users++;
    self->reading.is_mirror = mirror != NULL;
    self->reading.path = mirror ? mirror->folder : self->address.folder;
    self->next = scm->requests;
    scm->requests = self;
    scm->request_count++;
    fault_t fault = mirror && !*ask->sha ? update (turn, self) : run (turn, self, READING);
    if (fault != OK) {
        self->stage = DONE;
        request_free (scm, self);
    }
    return fault;
}
