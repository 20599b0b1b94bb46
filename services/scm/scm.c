/* scm.c - the service as an actor: scm_fetch, from a repository's address and a ref to a commit and its workflow files; and
 * scm_check, whether an address may be a repository's. Read request.h for the way of a fetch, called.h for what workflows call. */

#include "services/scm/scm.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/db/db_unit.h"
#include "services/scm/called.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
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
    if (self->db)
        TRY (forge_tick (self, turn, next_us));
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

// A forge's repository is where the forge has it now, and is fetched with the forge's credential: for its project alone, whatever
// other project has the same address.
static fault_t find_address (scm_t *self, turn_t *turn, const scm_fetch_t *ask, address_t *address,
                             mirror_access_t *access, bool *of_forge)
{
    forge_link_t link;
    forge_access_t forge;
    bool asked = self->db && *ask->project && turn->caller.role == ROLE_SERVICE;
    fault_t fault = asked ? forge_book_project (self, turn, ask->project, &link, &forge) : NOT_FOUND;
    *of_forge = fault == OK;
    if (fault == NOT_FOUND) {
        turn->detail = NULL;
        *address = (address_t){.folder = NULL};
        return *ask->url ? check (self, turn, ask->url, ask->trusted, address) : OK;
    }
    TRY (fault);
    *access = (mirror_access_t){.key = arena_printf (turn->arena, "forge %s %s", forge.id, forge.repository),
                                .header = forge_git_header (turn->arena, forge.forge, forge.credential),
                                .url = forge.url,
                                .pull_refs = forge.forge->pull_refs,
                                .trusted = ask->trusted && forge.private_networks};
    return check (self, turn, link.project.url, access->trusted, address);
}

static HANDLER (scm_fetch)
{
    scm_t *self = context;
    const scm_fetch_t *ask = asked;
    scm_request_t *request = request_of (self, turn, ask);
    if (!request) {
        address_t address;
        mirror_access_t access;
        bool of_forge;
        TRY (check_names (turn, ask));
        TRY (find_address (self, turn, ask, &address, &access, &of_forge));
        TRY (request_begin (self, turn, ask, &address, of_forge ? &access : NULL));
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
    const scm_fetch_t as_fetched = {.url = ask->url, .trusted = ask->trusted, .project = ask->project};
    address_t address;
    mirror_access_t access;
    mirror_t *mirror;
    bool done, of_forge;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services remove mirrors");
    TRY (find_address (self, turn, &as_fetched, &address, &access, &of_forge));
    if (!of_forge && (!*ask->url || address.folder)) // It has no mirror, or others need it
        return OK;
    if (self->stopping)
        return turn_fail (turn, UNAVAILABLE, "the service is being stopped");
    TRY (mirror_find (self, turn, &address, ask->trusted, of_forge ? &access : NULL, &mirror));
    TRY (mirror_forget (mirror, turn, &done));
    if (!done)
        return actor_wait (turn, mirror_topic (turn->arena, mirror), answer_at (turn));
    return of_forge ? forge_forget (self, turn, ask->project) : OK;
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
    background_stop (self->forging);
    background_stop (self->calls);
    background_stop (self->bundles);
}

// ---- its database, where it has one ----

static fault_t commit (void *self, turn_t *turn)
{
    return ((scm_t *) self)->db ? db_unit_commit (self, turn) : OK;
}

static void rollback (void *self)
{
    if (((scm_t *) self)->db)
        db_unit_rollback (self);
}

static uint64_t writes (void *self)
{
    return ((scm_t *) self)->db ? db_unit_writes (self) : 0;
}

static bool in_doubt (void *self)
{
    return ((scm_t *) self)->db && db_unit_in_doubt (self);
}

static fault_t announce (void *self, turn_t *turn, const char *service, const char *text)
{
    return ((scm_t *) self)->db ? db_unit_announce (self, turn, service, text) : OK;
}

static const handler_t handlers[] = {
    HANDLER_ROW (scm_fetch),     HANDLER_ROW (scm_check),         HANDLER_ROW (scm_forget),
    HANDLER_ROW (scm_trial_put), HANDLER_ROW (scm_trial_read),    HANDLER_ROW (scm_trial_drop),
    HANDLER_ROW (scm_called),    FORGE_HANDLERS (HANDLER_ROW_AND) //
};

const actor_class_t scm_class = {.name = "scm",
                                 .handlers = handlers,
                                 .count = sizeof handlers / sizeof handlers[0],
                                 .may = scm_may,
                                 .audit = &db_unit_audit,
                                 .commit = commit,
                                 .rollback = rollback,
                                 .writes = writes,
                                 .in_doubt = in_doubt,
                                 .announce = announce,
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
    self->forging = background_new (BACKGROUND_THREADS_MAX);
    self->db = options->db;
    self->public_url = copy (options->url);
    for (size_t size = strlen (self->public_url); size > 0 && self->public_url[size - 1] == '/'; size--)
        self->public_url[size - 1] = '\0';
    if (options->key)
        secret_box_init (&self->box, options->key);
    return self;
}

void scm_destroy (scm_t **self_p)
{
    scm_t *self = *self_p;
    if (!self)
        return;
    work_destroy (&self->fetching);
    work_destroy (&self->reading);
    background_destroy (&self->forging);
    background_destroy (&self->calls);
    background_destroy (&self->bundles);
    requests_destroy (self);
    mirrors_destroy (self);
    readers_destroy (&self->readers);
    close (self->stop);
    secret_box_clear (&self->box);
    free (self->public_url);
    free (self->real_folders);
    free (self->sources);
    free (self->folders);
    free (self->git_config);
    free (self->folder);
    free (self);
    *self_p = NULL;
}
