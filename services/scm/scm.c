/* scm.c - the service as an actor: scm_fetch, from a repository's address and a ref to a commit and its workflow files; and
 * scm_check, whether an address may be a repository's. Read request.h for the way of a fetch, called.h for what workflows call. */

#include "services/scm/scm.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "proto/rights.h"
#include "services/scm/called.h"
#include "services/scm/git_object.h"
#include "services/scm/self.h"
#include "services/scm/trial_work.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ANSWER_US SECONDS (1) // How long before its deadline a request is answered with what is known

// ---- readers that are idle ----

static void sweep (work_item_t *task)
{
    scm_t *self = (scm_t *) ((char *) task - offsetof (scm_t, sweep));
    self->sweep_found = readers_sweep (self->readers);
}

static void swept (void *service, turn_t *turn, work_item_t *task)
{
    scm_t *self = service;
    (void) task;
    self->sweeping = false;
    self->swept = self->sweep_found || self->requests ? 0 : self->sweep_began;
    if (self->swept != self->last_request)
        actor_tick_at (turn, turn->now_us + READER_IDLE_US);
}

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    scm_t *self = context;
    requests_sweep (self, turn->now_us);
    if (self->sweeping || self->swept == self->last_request)
        return OK;
    self->sweep = (work_item_t){.run = sweep, .done = swept, .actor = actor_of (turn), .host = ""};
    self->sweep_began = self->last_request;
    self->sweeping = work_add (self->reading, &self->sweep);
    if (!self->sweeping)
        *next_us = turn->now_us + READER_IDLE_US;
    return OK;
}

// ---- the handlers ----

static fault_t check (scm_t *self, turn_t *turn, const char *url, bool trusted, address_t *address)
{
    TRY (address_parse (turn, url, address));
    return address_may (turn, &self->policy, address, trusted);
}

static HANDLER (scm_check)
{
    const scm_check_t *ask = asked;
    address_t address;
    (void) answered;
    return check (context, turn, ask->url, ask->trusted, &address);
}

static fault_t check_names (turn_t *turn, const scm_fetch_t *ask)
{
    if (*ask->ref && !git_name_ok (ask->ref))
        return turn_fail (turn, INVALID, "ref: %s is not the name of a branch or tag", ask->ref);
    if (*ask->sha && !git_is_hex (ask->sha))
        return turn_fail (turn, INVALID, "sha: %s is not the name of a commit", ask->sha);
    return OK;
}

// Its work goes on; a later request may find it done.
static fault_t not_yet (turn_t *turn, const scm_request_t *request)
{
    mirror_t *mirror = request->mirror;
    if (!mirror)
        return turn_fail (turn, UNAVAILABLE, "the repository's disk has not answered yet");
    const char *progress = mirror_progress (mirror, turn->arena);
    if (!atomic_load (&mirror->is_there))
        return turn_fail (turn, CONFLICT, "the repository is still being cloned%s%s", *progress ? ": " : "",
                          progress);
    return turn_fail (turn, UNAVAILABLE, "the repository's host has not answered yet%s%s",
                      *progress ? ": " : "", progress);
}

static int64_t answer_at (const turn_t *turn)
{
    int64_t left_us = turn->deadline_us - turn->now_us;
    return left_us > 2 * ANSWER_US ? turn->deadline_us - ANSWER_US : turn->now_us + left_us / 2;
}

static HANDLER (scm_fetch)
{
    scm_t *self = context;
    const scm_fetch_t *ask = asked;
    scm_request_t *request = request_of (self, turn, ask);
    if (!request) {
        address_t address;
        TRY (check (self, turn, ask->url, ask->trusted, &address));
        TRY (check_names (turn, ask));
        TRY (request_begin (self, turn, ask, &address));
        request = request_of (self, turn, ask);
        actor_tick_at (turn, turn->now_us + READER_IDLE_US);
    }
    if (request->stage != DONE && self->stopping)
        return turn_fail (turn, UNAVAILABLE, "the service is being stopped");
    if (request->stage != DONE)
        return actor_waited (turn)
                   ? not_yet (turn, request)
                   : actor_wait (turn, request_topic (turn->arena, request), answer_at (turn));
    fault_t fault = request->fault;
    turn->detail = arena_strdup (turn->arena, request->turn.detail);
    if (fault == OK)
        *(scm_tree_t *) answered = tree_copy (turn->arena, &request->tree);
    request_free (self, request);
    return fault;
}

static HANDLER (scm_called)
{
    scm_t *self = context;
    const scm_called_t *ask = asked;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services ask for what workflows call");
    if (!git_name_ok (ask->ref))
        return turn_fail (turn, INVALID, "ref: %s is not the name of a branch or tag", ask->ref);
    return called_read (self, turn, ask, answered);
}

// The mirror of a repository without a project. The mirrors of other replicas are not reached, and stay.
static HANDLER (scm_forget)
{
    scm_t *self = context;
    const scm_forget_t *ask = asked;
    address_t address;
    mirror_t *mirror;
    bool done;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services remove mirrors");
    TRY (address_parse (turn, ask->url, &address));
    if (address.folder) // It has no mirror
        return OK;
    if (self->stopping)
        return turn_fail (turn, UNAVAILABLE, "the service is being stopped");
    TRY (mirror_find (self, turn, &address, ask->trusted, &mirror));
    TRY (mirror_forget (mirror, turn, &done));
    return done ? OK : actor_wait (turn, mirror_topic (turn->arena, mirror), answer_at (turn));
}

static fault_t trial_may (turn_t *turn, const char *trial)
{
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "trials are for services");
    return id_is (trial, TRIAL_ID) ? OK : turn_fail (turn, INVALID, "trial: %s is not the id of one", trial);
}

static HANDLER (scm_trial_put)
{
    scm_t *self = context;
    const scm_trial_put_t *ask = asked;
    (void) answered;
    TRY (trial_may (turn, ask->trial));
    return trial_work (
        self, turn,
        &(trial_order_t){.act = TRIAL_PUT_IT, .trial = ask->trial, .part = ask->part, .data = ask->data},
        NULL);
}

static HANDLER (scm_trial_read)
{
    const scm_trial_read_t *ask = asked;
    TRY (trial_may (turn, ask->trial));
    return trial_work (
        context, turn,
        &(trial_order_t){.act = TRIAL_READ_IT, .trial = ask->trial, .offset = ask->offset, .size = ask->size},
        answered);
}

static HANDLER (scm_trial_drop)
{
    const scm_trial_drop_t *ask = asked;
    (void) answered;
    TRY (trial_may (turn, ask->trial));
    return trial_work (context, turn, &(trial_order_t){.act = TRIAL_DROP_IT, .trial = ask->trial}, NULL);
}

static void stop (void *context)
{
    scm_t *self = context;
    self->stopping = true;
    (void) !write (self->stop, &(uint64_t){1}, sizeof (uint64_t));
    work_stop (self->fetching);
    work_stop (self->reading);
    background_stop (self->calls);
    background_stop (self->bundles);
}

static const handler_t handlers[] = {
    HANDLER_ROW (scm_fetch),     HANDLER_ROW (scm_check),      HANDLER_ROW (scm_forget),
    HANDLER_ROW (scm_trial_put), HANDLER_ROW (scm_trial_read), HANDLER_ROW (scm_trial_drop),
    HANDLER_ROW (scm_called),
};

const actor_class_t scm_class = {.name = "scm",
                                 .handlers = handlers,
                                 .count = sizeof handlers / sizeof handlers[0],
                                 .may = rights_of_services,
                                 .tick = tick,
                                 .stop = stop};

// ---- its life ----

static char *copy (const char *text)
{
    char *made = strdup (text ? text : "");
    if (!made)
        abort ();
    return made;
}

// The folders that are listed, each as it really is: what is read is compared with these.
static char *without_links (const char *folders)
{
    arena_t *arena = arena_new ();
    const char *list = "";
    for (const char *at = folders; *at; at += strspn (at, ":")) {
        char real[PATH_MAX];
        size_t size = strcspn (at, ":");
        if (at[0] == '/' && realpath (arena_strndup (arena, at, size), real))
            list = arena_printf (arena, "%s%s:", list, real);
        at += size;
    }
    char *made = copy (list);
    arena_destroy (&arena);
    return made;
}

scm_t *scm_new (const scm_options_t *options)
{
    scm_t *self = calloc (1, sizeof (scm_t));
    if (!self)
        abort ();
    self->options = *options;
    self->options.clone_us = options->clone_us ? options->clone_us : SCM_CLONE_US;
    self->options.update_us = options->update_us ? options->update_us : SCM_UPDATE_US;
    self->options.silence_us = options->silence_us ? options->silence_us : SCM_SILENCE_US;
    self->folder = copy (options->folder);
    self->git_config = copy (options->git_config);
    self->folders = copy (options->folders);
    self->sources = copy (options->sources);
    self->real_folders = without_links (self->folders);
    self->policy = (address_policy_t){self->folders, self->real_folders, options->private_networks};
    self->fetching = work_new (SCM_FETCHERS, SCM_OF_A_HOST);
    self->reading = work_new (SCM_READERS, SCM_OF_A_FOLDER);
    self->readers = readers_new (self->folder);
    self->stop = eventfd (0, EFD_CLOEXEC);
    self->trials = (trials_t){options->blob, self->folder, self->stop};
    self->bundles = background_new (SCM_BUNDLERS);
    self->calls = background_new (CALLED_THREADS);
    return self;
}

void scm_destroy (scm_t **self_p)
{
    scm_t *self = *self_p;
    if (!self)
        return;
    work_destroy (&self->fetching);
    work_destroy (&self->reading);
    background_destroy (&self->calls);
    background_destroy (&self->bundles);
    requests_destroy (self);
    mirrors_destroy (self);
    readers_destroy (&self->readers);
    close (self->stop);
    free (self->real_folders);
    free (self->sources);
    free (self->folders);
    free (self->git_config);
    free (self->folder);
    free (self);
    *self_p = NULL;
}
