/* mirror.c - see mirror.h. */

#include "services/scm/self.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mirror_t *mirror_new (scm_t *scm, const char *folder, const address_t *address, bool trusted)
{
    mirror_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->scm = scm;
    self->arena = arena_new ();
    self->folder = arena_strdup (self->arena, folder);
    self->trusted = trusted;
    self->address = *address;
    self->address.url = arena_strdup (self->arena, address->url);
    self->address.scheme = arena_strdup (self->arena, address->scheme);
    self->address.host = arena_strdup (self->arena, address->host);
    pthread_mutex_init (&self->lock, NULL);
    self->next = scm->mirrors;
    scm->mirrors = self;
    scm->mirror_count++;
    return self;
}

static void mirror_free (mirror_t *self)
{
    pthread_mutex_destroy (&self->lock);
    arena_destroy (&self->update_arena);
    arena_destroy (&self->arena);
    free (self->detail);
    free (self->header);
    free (self->header_url);
    free (self->url);
    free (self);
}

void mirrors_destroy (scm_t *scm)
{
    while (scm->mirrors) {
        mirror_t *next = scm->mirrors->next;
        mirror_free (scm->mirrors);
        scm->mirrors = next;
    }
}

// Makes room: the least recently used one is dropped from memory; it stays on the disk.
static bool drop_one (scm_t *scm)
{
    mirror_t **oldest = NULL;
    for (mirror_t **at = &scm->mirrors; *at; at = &(*at)->next)
        if ((*at)->users == 0 && (*at)->number == (*at)->ended &&
            (!oldest || (*at)->used_us < (*oldest)->used_us))
            oldest = at;
    if (!oldest)
        return false;
    mirror_t *mirror = *oldest;
    *oldest = mirror->next;
    scm->mirror_count--;
    mirror_free (mirror);
    return true;
}

static void keep_text (char **at, const char *text)
{
    free (*at);
    *at = strdup (text);
    if (!*at)
        abort ();
}

static void keep_access (mirror_t *self, const address_t *address, const mirror_access_t *access)
{
    pthread_mutex_lock (&self->lock);
    keep_text (&self->header, access->header);
    keep_text (&self->header_url, access->url);
    keep_text (&self->url, address->url);
    self->pull_refs = access->pull_refs;
    pthread_mutex_unlock (&self->lock);
}

fault_t mirror_find (scm_t *scm, turn_t *turn, const address_t *address, bool trusted,
                     const mirror_access_t *access, mirror_t **out)
{
    const char *key = access    ? access->key
                      : trusted ? address->url
                                : arena_printf (turn->arena, "untrusted %s", address->url);
    const char *folder = arena_printf (turn->arena, "%s/%.32s", scm->folder, secret_hash (turn->arena, key));
    for (*out = scm->mirrors; *out; *out = (*out)->next)
        if (strcmp ((*out)->folder, folder) == 0)
            break;
    if (!*out && scm->mirror_count == MIRRORS_MAX && !drop_one (scm))
        return turn_fail (turn, OVERLOADED, "%d repositories are being fetched", MIRRORS_MAX);
    if (!*out)
        *out = mirror_new (scm, folder, address, access ? access->trusted : trusted);
    (*out)->used_us = turn->now_us;
    if (access)
        keep_access (*out, address, access);
    return OK;
}

// ---- an update, in its thread ----

static void show_progress (void *context, const char *text)
{
    mirror_t *self = context;
    pthread_mutex_lock (&self->lock);
    snprintf (self->progress, sizeof self->progress, "%s", text);
    pthread_mutex_unlock (&self->lock);
}

const char *mirror_progress (mirror_t *self, arena_t *arena)
{
    pthread_mutex_lock (&self->lock);
    const char *text = arena_strdup (arena, self->progress);
    pthread_mutex_unlock (&self->lock);
    return text;
}

fault_t mirror_reach (mirror_t *self, turn_t *turn, git_mirror_t *out)
{
    const scm_t *scm = self->scm;
    git_location_t location;
    TRY (address_reach (turn, &scm->policy, &self->address, self->trusted, scm->git_config, &location));
    location.folder = self->folder;
    pthread_mutex_lock (&self->lock);
    const char *pull_refs = self->pull_refs;
    if (self->url) {
        location.remote = arena_strdup (turn->arena, self->url);
        location.header = arena_strdup (turn->arena, self->header);
        location.header_url = arena_strdup (turn->arena, self->header_url);
        location.no_redirects = location.no_redirects || *self->header; // It would go wherever that leads
    }
    pthread_mutex_unlock (&self->lock);
    *out = (git_mirror_t){
        .pull_refs = pull_refs,
        .folder = self->folder,
        .location = location,
        .bounds = {.until_us =
                       clock_monotonic_us () +
                       (atomic_load (&self->is_there) ? scm->options.update_us : scm->options.clone_us),
                   .silence_us = scm->options.silence_us,
                   .stop = scm->stop},
        .progress = show_progress,
        .context = self,
    };
    return OK;
}

static void update (work_item_t *task)
{
    mirror_t *self = (mirror_t *) task;
    git_mirror_t git;
    if (git_mirror_exists (&self->turn, self->folder))
        atomic_store (&self->is_there, true);
    self->fault = mirror_reach (self, &self->turn, &git);
    if (self->fault == OK)
        self->fault = git_mirror_update (&git, &self->turn);
}

// ---- in the actor's thread ----

static bool begin (mirror_t *self);

static void updated (void *service, turn_t *turn, work_item_t *task);

static void prepare (mirror_t *self, turn_t *turn, void (*run) (work_item_t *task),
                     void (*done) (void *service, turn_t *turn, work_item_t *task))
{
    self->task.run = run;
    self->task.done = done;
    self->task.actor = actor_of (turn);
    self->task.host = self->address.host;
}

// Starts the update that was requested while another one, or a removal, was under way.
static void next (mirror_t *self, turn_t *turn)
{
    if (!self->again)
        return;
    self->again = false;
    self->removal = 0;
    prepare (self, turn, update, updated);
    if (begin (self))
        return;
    self->ended = self->number;
    self->fault = OVERLOADED;
    requests_updated (self->scm, turn, self);
}

static void updated (void *service, turn_t *turn, work_item_t *task)
{
    scm_t *scm = service;
    mirror_t *self = (mirror_t *) task;
    free (self->detail);
    self->detail = self->turn.detail ? strdup (self->turn.detail) : NULL;
    if (self->fault == OK)
        atomic_store (&self->is_there, true);
    if (self->fault != OK)
        log_warn ("a repository cannot be fetched", "url", self->address.url, "reason",
                  self->detail ? self->detail : fault_text (self->fault), NULL);
    show_progress (self, "");
    self->ended++;
    requests_updated (scm, turn, self);
    next (self, turn);
}

const char *mirror_topic (arena_t *arena, const mirror_t *self)
{
    return arena_printf (arena, "mirror:%s", self->folder);
}

static void remove_it (work_item_t *task)
{
    mirror_t *self = (mirror_t *) task;
    const git_bounds_t bounds = {.until_us = clock_monotonic_us () + self->scm->options.update_us,
                                 .stop = self->scm->stop};
    self->fault = git_mirror_remove (&self->turn, self->folder, &bounds);
}

static void removed (void *service, turn_t *turn, work_item_t *task)
{
    mirror_t *self = (mirror_t *) task;
    (void) service;
    atomic_store (&self->is_there, false);
    if (self->fault != OK)
        log_warn ("a mirror cannot be removed", "url", self->address.url, "reason",
                  self->turn.detail ? self->turn.detail : fault_text (self->fault), NULL);
    self->ended++;
    actor_wake (turn, mirror_topic (turn->arena, self));
    next (self, turn);
}

fault_t mirror_forget (mirror_t *self, turn_t *turn, bool *done)
{
    *done = self->removal > 0 && self->ended >= self->removal;
    if (*done) {
        self->removal = 0;
        return self->fault;
    }
    if (self->removal > 0)
        return OK;
    if (self->users > 0 || self->number != self->ended)
        return turn_fail (turn, UNAVAILABLE, "the mirror is being read or updated");
    prepare (self, turn, remove_it, removed);
    if (!begin (self))
        return turn_fail (turn, OVERLOADED, "%d fetches wait", WORK_WAITING);
    self->removal = ++self->number;
    return OK;
}

static bool begin (mirror_t *self)
{
    arena_destroy (&self->update_arena);
    self->update_arena = arena_new ();
    turn_init (&self->turn, self->update_arena, "update", 0);
    return work_add (self->scm->fetching, &self->task);
}

fault_t mirror_ask (mirror_t *self, turn_t *turn, uint64_t *number)
{
    if (self->number == self->ended) {
        prepare (self, turn, update, updated);
        if (!begin (self))
            return turn_fail (turn, OVERLOADED, "%d fetches wait", WORK_WAITING);
        self->number++;
        self->removal = 0;
    } else if (!self->again && (self->removal > self->ended || atomic_load (&self->task.begun))) {
        self->again = true;
        self->number++;
    }
    *number = self->number;
    return OK;
}
