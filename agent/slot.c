/* slot.c - see slot.h. What is in the slot is guarded by one lock; no request and no job runs under it. */

#include "agent/slot.h"

#include "agent/action_pins.h"
#include "agent/engine/process/counters.h"
#include "agent/job_secrets.h"
#include "agent/job_sink.h"
#include "agent/label_image.h"
#include "agent/reporter.h"
#include "agent/server_caches.h"
#include "agent/stored_secrets.h"
#include "agent/toolkit_services.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOKEN_MAX  512         // Bytes
#define STACK_SIZE (512 << 10) // Of each thread; only what is touched is used

// How the time of a shutdown is spent: until the last of it begins the job may end by itself, then it is stopped, and it is killed early
// enough that the server learns of it.
#define REPORT_US SECONDS (2)
#define STOP_US   (MILLISECONDS (STOP_INTERRUPT_MS + STOP_TERMINATE_MS) + REPORT_US)

struct slot {
    slot_options_t options;
    atomic_uint lost_seconds; // Of the options; 0 once it waits no longer
    server_t *server;         // The reporter's
    server_t *artifacts;      // The running thread's
    pthread_t runner, reporter;
    pthread_mutex_t lock;   // For what follows
    pthread_cond_t offered; // For the runner alone, so that an offer wakes nobody else
    pthread_cond_t begun;   // For the reporter alone
    pthread_cond_t changed; // For the rest
    job_attempt_t *current, *next;
    uint64_t number;           // Of the current one, for the guard
    int64_t lease_until_us;    // The guard pauses it then; CLOCK_BOOTTIME
    bool running;              // A thread runs jobs, or will in a moment: no other may
    int64_t began_us;          // The current one; monotonic, as the two below
    int64_t report_at_us;      // When the reporter is to take it up; NEVER: it need not, or has
    int64_t looks_at_us;       // When the reporter looks by itself; NEVER: it must be woken
    bool reporting;            // The reporter is at the current one
    bool final_status;         // And says its final status: the server may offer another
    bool closed;               // No more jobs
    char token[TOKEN_MAX + 1]; // The agent's own; "" before it has registered
    unsigned showing;          // Threads that look at the current one
};

static void lock (job_slot_t *self)
{
    pthread_mutex_lock (&self->lock);
}

static void unlock (job_slot_t *self)
{
    pthread_mutex_unlock (&self->lock);
}

static void on_last_word (void *self_)
{
    job_slot_t *self = self_;
    lock (self);
    self->final_status = true;
    unlock (self);
}

static const char *own_token (void *self_, arena_t *arena)
{
    job_slot_t *self = self_;
    lock (self);
    bool wants = !self->closed && !self->options.ephemeral && !self->next && *self->token;
    const char *token = wants ? arena_strdup (arena, self->token) : NULL;
    unlock (self);
    return token;
}

static fault_t take_offer (void *self, arena_t **arena, const job_offer_t *offer)
{
    return slot_offer (self, arena, offer, NULL);
}

static void on_answer (void *self_, int64_t sent_us, uint32_t lease_seconds)
{
    job_slot_t *self = self_;
    const job_offer_t *offer = attempt_offer (self->current); // It stays while it is reported
    slot_prolong (self, offer->job, offer->attempt, sent_us, lease_seconds);
}

// The thread that runs the job may be held up in the start of a process that is paused: then only the guard can end it. The cancel comes
// first, so that this thread sees why its process ends. Under the lock.
static void kill_current (const job_slot_t *self)
{
    cancel_ask (attempt_cancel (self->current), true);
    guard_kill (self->options.guard, self->number);
}

static void on_kill (void *self_)
{
    job_slot_t *self = self_;
    lock (self);
    kill_current (self);
    unlock (self);
}

static void report (job_slot_t *self, job_attempt_t *attempt, int64_t began_us)
{
    const reporter_listener_t listener = {.self = self,
                                          .final_status = on_last_word,
                                          .token = own_token,
                                          .offer = take_offer,
                                          .answer = on_answer,
                                          .kill = on_kill};
    if (reporter_run (self->server, attempt, began_us, &self->lost_seconds, &listener) != OK)
        log_error ("the server was unreachable for too long: this job is abandoned", "job",
                   attempt_offer (attempt)->job, NULL);
}

// Under the lock. False at the end; what was taken before the slot was closed is reported too.
static bool wait_for_report (job_slot_t *self)
{
    while (self->report_at_us > clock_monotonic_us ()) {
        int64_t at = self->looks_at_us = self->report_at_us;
        const struct timespec until = {.tv_sec = (time_t) (at / 1000000), .tv_nsec = (at % 1000000) * 1000};
        if (self->closed && !self->current && !self->next)
            return false;
        if (at == NEVER)
            pthread_cond_wait (&self->begun, &self->lock);
        else
            pthread_cond_timedwait (&self->begun, &self->lock, &until);
    }
    return true;
}

static void *report_jobs (void *self_)
{
    job_slot_t *self = self_;
    log_name_thread ("reporter");
    lock (self);
    while (wait_for_report (self)) {
        job_attempt_t *attempt = self->current;
        int64_t began_us = self->began_us;
        self->report_at_us = NEVER;
        self->reporting = true;
        unlock (self);
        report (self, attempt, began_us);
        lock (self);
        self->reporting = false;
        pthread_cond_broadcast (&self->changed);
    }
    unlock (self);
    return NULL;
}

// A log that grows quickly is sent from the beginning on.
static void report_now (void *self_)
{
    job_slot_t *self = self_;
    lock (self);
    bool waits = self->report_at_us != NEVER;
    if (waits)
        self->report_at_us = 0;
    unlock (self);
    if (waits)
        pthread_cond_signal (&self->begun);
}

// "FOLDER/build (linux)"; "" for none.
static const char *keep_folder (arena_t *arena, const char *folder, const char *job)
{
    if (!*folder)
        return "";
    char *name = arena_strndup (arena, job, 100);
    for (char *at = name; *at; at++)
        if (*at == '/' || (at == name && *at == '.'))
            *at = '_';
    return arena_printf (arena, "%s/%s", folder, name);
}

// Nothing of it acts any more. Where the reporter has not taken it up yet it is reported here: to wake another thread first would cost
// a short job more than its report.
// Under the lock. The guard, a process of its own, pauses the job by the same clock.
static void prolong (job_slot_t *self, int64_t until_us)
{
    if (self->lease_until_us < clock_boottime_us ())
        count_add (COUNT_LEASE_PAUSED, 1);
    self->lease_until_us = until_us;
    guard_prolong (self->options.guard, self->number, until_us);
}

static void count_end (const job_slot_t *self, const attempt_end_t *end)
{
    count_add (end->given_back                   ? COUNT_JOB_GIVEN_BACK
               : end->result == result_success   ? COUNT_JOB_SUCCESS
               : end->result == result_cancelled ? COUNT_JOB_CANCELLED
                                                 : COUNT_JOB_FAILURE,
               1);
    count_time (COUNT_JOB_SECONDS, clock_monotonic_us () - self->began_us);
}

static void end_current (job_slot_t *self, job_attempt_t *attempt, attempt_end_t end)
{
    lock (self);
    prolong (self, NEVER);
    unlock (self);
    count_end (self, &end);
    attempt_end (attempt, &end);
    lock (self);
    bool here = !self->reporting;
    self->report_at_us = NEVER;
    unlock (self);
    if (here)
        report (self, attempt, self->began_us);
}

static server_pins_t pins_of (const job_slot_t *self, job_attempt_t *attempt)
{
    const job_offer_t *offer = attempt_offer (attempt);
    const char *project = offer->project && *offer->project ? offer->project : "PROJECT";
    return (server_pins_t){.server = self->artifacts,
                           .token = offer->token,
                           .job = offer->job,
                           .attempt = offer->attempt,
                           .accept_command =
                               arena_printf (attempt_arena (attempt), "opencicd actions accept %s", project),
                           .cancel = cancel_handle (attempt_cancel (attempt))};
}

// Those of this machine's file, and those that the server keeps, as contexts.
static fault_t all_secrets (job_slot_t *self, job_attempt_t *attempt, const engine_variable_t **secrets,
                            const char **contexts, const char **error)
{
    TRY (job_secrets (attempt_arena (attempt), self->options.secrets_file, secrets, error));
    return stored_secrets (attempt_arena (attempt), self->artifacts, attempt_offer (attempt),
                           cancel_handle (attempt_cancel (attempt)), contexts, error);
}

static void run (job_slot_t *self, job_attempt_t *attempt)
{
    const job_offer_t *offer = attempt_offer (attempt);
    engine_variable_t services[TOOLKIT_SERVICES], identity[IDENTITY_SERVICES];
    const engine_variable_t *secrets;
    const char *contexts, *error;
    if (all_secrets (self, attempt, &secrets, &contexts, &error) != OK) {
        end_current (self, attempt,
                     (attempt_end_t){.result = result_failure, .reason = error, .outputs = "{}"});
        return;
    }
    toolkit_services (attempt_arena (attempt), self->options.url, offer, services);
    toolkit_identity (attempt_arena (attempt), self->options.url, offer, identity);
    server_artifacts_t artifacts = {.server = self->artifacts,
                                    .url = self->options.url,
                                    .token = offer->token,
                                    .job = offer->job,
                                    .run = offer->run,
                                    .attempt = offer->attempt,
                                    .copies = self->options.copies,
                                    .cancel = cancel_handle (attempt_cancel (attempt))};
    const artifact_port_t port = server_artifact_port (&artifacts);
    const cache_port_t caches = *self->options.caches.folder ? cache_folder_port (&self->options.caches)
                                                             : server_cache_port (&artifacts);
    job_sink_t to = {.attempt = attempt, .much = report_now, .self = self, .url = self->options.url};
    const engine_sink_t sink = job_sink (&to, &port, &caches);
    server_pins_t pins = pins_of (self, attempt);
    const action_pins_t locked = server_action_pins (&pins);
    const engine_job_t job = {
        .id = offer->job,
        .pins = &locked,
        .definition = offer->definition,
        .contexts = contexts,
        .repository = offer->repository,
        .token = offer->token,
        .ref = offer->ref,
        .sha = offer->sha,
        .workflow = offer->workflow,
        .workflow_url = offer->workflow_url,
        .workflow_sha = offer->workflow_sha,
        .secrets = secrets,
        .labels = offer->labels.items,
        .label_count = offer->labels.count,
        .keep = keep_folder (attempt_arena (attempt), self->options.keep_failed, offer->name),
        .resume_from = self->options.resume_from,
        .image = label_image (attempt_arena (attempt), self->options.labels, &offer->labels),
        .services = services,
        .hold_minutes = offer->hold_minutes,
        .identity = identity,
        .cancel = attempt_cancel (attempt)};
    engine_result_t result;
    engine_run (self->options.engine, attempt_arena (attempt), &job, &sink, &result);
    end_current (self, attempt,
                 (attempt_end_t){result.result, result.reason, result.outputs, result.given_back,
                                 result.environment_url});
    const char *where = "";
    if (engine_clean (self->options.engine, &where) != OK)
        log_error ("what a job left behind cannot be moved aside", "folder", where, NULL);
}

// Gives up what was taken; only the running thread calls it.
static void clear (job_slot_t *self)
{
    while (self->reporting || self->showing)
        pthread_cond_wait (&self->changed, &self->lock);
    job_attempt_t *done = self->current;
    self->current = NULL;
    self->final_status = false;
    if (self->options.ephemeral)
        self->closed = true;
    if (self->closed)
        pthread_cond_signal (&self->begun);
    pthread_cond_broadcast (&self->changed);
    unlock (self);
    if (spool_begin (self->options.spool) != OK) // The next job does not wait for it
        log_warn ("the log of the last job is still on the disk", NULL);
    attempt_destroy (&done);
    count_set (COUNT_JOB_NOW, 0);
    count_set (COUNT_SPOOL_UNSENT, 0);
    if (self->options.ephemeral)
        self->options.finished (self->options.self);
    lock (self);
}

// Under the lock, which is left meanwhile.
static void run_next (job_slot_t *self)
{
    job_attempt_t *attempt = self->current = self->next;
    const job_offer_t *offer = attempt_offer (attempt);
    self->next = NULL;
    // Until its start is reported, the server may give the job to another agent once the offer has expired.
    self->number++;
    self->lease_until_us = NEVER;
    prolong (self,
             clock_boottime_us () + SECONDS (offer->valid_seconds ? offer->valid_seconds : LEASE_SECONDS));
    count_set (COUNT_JOB_NOW, 1);
    fault_t fault = spool_begin (self->options.spool);
    self->began_us = clock_monotonic_us ();
    self->report_at_us = self->began_us + REPORTER_GATHER_US;
    bool sleeps = self->looks_at_us > self->report_at_us;
    unlock (self);
    if (sleeps)
        pthread_cond_signal (&self->begun);
    if (fault)
        end_current (self, attempt,
                     (attempt_end_t){result_failure, "the log cannot be written", "{}", false, ""});
    else
        run (self, attempt);
    lock (self);
    clear (self);
}

// Under the lock.
static void run_all (job_slot_t *self)
{
    while (self->next)
        run_next (self);
    self->running = false;
}

static void *run_jobs (void *self_)
{
    job_slot_t *self = self_;
    log_name_thread ("engine");
    lock (self);
    for (;;) {
        while ((!self->next || self->running) && !self->closed)
            pthread_cond_wait (&self->offered, &self->lock);
        if (!self->next || self->running)
            break;
        self->running = true;
        run_all (self);
    }
    unlock (self);
    return NULL;
}

void slot_run (job_slot_t *self)
{
    const char *part = log_as ("engine");
    lock (self);
    run_all (self);
    unlock (self);
    (void) log_as (part);
}

static void start_thread (pthread_t *thread, void *(*act) (void *), void *self)
{
    pthread_attr_t attributes;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    if (pthread_create (thread, &attributes, act, self) != 0)
        abort ();
    pthread_attr_destroy (&attributes);
}

job_slot_t *slot_new (const slot_options_t *options)
{
    job_slot_t *self = calloc (1, sizeof (job_slot_t));
    if (!self)
        abort ();
    self->options = *options;
    self->report_at_us = self->looks_at_us = NEVER;
    atomic_init (&self->lost_seconds, options->lost_seconds);
    self->server = server_new (options->url);
    self->artifacts = server_new (options->url);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->offered, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->begun, &attributes);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    start_thread (&self->runner, run_jobs, self);
    start_thread (&self->reporter, report_jobs, self);
    return self;
}

static void wait_until_empty (job_slot_t *self, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t) (until_us / 1000000), .tv_nsec = (until_us % 1000000) * 1000};
    while (self->current || self->next)
        if (pthread_cond_timedwait (&self->changed, &self->lock, &until) != 0)
            return;
}

static void give_back (job_slot_t *self, bool hard)
{
    if (self->current)
        cancel_give_back (attempt_cancel (self->current), hard);
    if (self->current && hard)
        kill_current (self);
    if (self->next)
        cancel_give_back (attempt_cancel (self->next), hard);
}

void slot_close (job_slot_t *self, int64_t until_us)
{
    lock (self);
    self->closed = true;
    pthread_cond_signal (&self->offered);
    pthread_cond_signal (&self->begun);
    wait_until_empty (self, until_us - STOP_US);
    give_back (self, false);
    wait_until_empty (self, until_us - REPORT_US);
    if (self->current || self->next)
        atomic_store (&self->lost_seconds, 0);
    give_back (self, true);
    unlock (self);
    pthread_join (self->runner, NULL);
    pthread_join (self->reporter, NULL);
}

void slot_destroy (job_slot_t **self_p)
{
    job_slot_t *self = *self_p;
    if (!self)
        return;
    explicit_bzero (self->token, sizeof (self->token));
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->offered);
    pthread_cond_destroy (&self->begun);
    pthread_cond_destroy (&self->changed);
    server_destroy (&self->server);
    server_destroy (&self->artifacts);
    free (self);
    *self_p = NULL;
}

static bool is_job (const job_attempt_t *attempt, const char *job)
{
    return attempt && strcmp (attempt_offer (attempt)->job, job) == 0;
}

static bool is_attempt (const job_attempt_t *attempt, const char *job, uint32_t number)
{
    return is_job (attempt, job) && (number == 0 || attempt_offer (attempt)->attempt == number);
}

static bool is_stale (const job_slot_t *self, const job_offer_t *offer)
{
    int64_t age_us;
    return offer->offered_at && server_clock_age (self->options.clock, offer->offered_at, &age_us) &&
           age_us > SECONDS (offer->valid_seconds);
}

static fault_t take (job_slot_t *self, arena_t **arena, const job_offer_t *offer)
{
    taken_t *taken = self->options.taken;
    if (is_attempt (self->next, offer->job, offer->attempt) ||
        is_attempt (self->current, offer->job, offer->attempt))
        return OK;
    if (is_stale (self, offer) || taken_has (taken, offer->job, offer->attempt))
        return GONE;
    if (self->closed || self->next || (self->current && !self->final_status))
        return CONFLICT;
    TRY (attempt_new (&self->next, arena, offer, self->options.spool));
    taken_add (taken, offer->job, offer->attempt);
    return OK;
}

fault_t slot_offer (job_slot_t *self, arena_t **arena, const job_offer_t *offer, bool *runs)
{
    lock (self);
    fault_t fault = take (self, arena, offer);
    bool starts = !fault && self->next && !self->running; // Else whoever runs sees it, or it runs already
    if (runs) {
        *runs = starts;
        self->running |= starts;
    }
    unlock (self);
    if (starts && !runs)
        pthread_cond_signal (&self->offered); // Once it can have the lock
    return fault;
}

void slot_prolong (job_slot_t *self, const char *job, uint32_t number, int64_t sent_us,
                   uint32_t lease_seconds)
{
    lock (self);
    if (is_attempt (self->current, job, number)) {
        uint32_t offered = attempt_offer (self->current)->lease_seconds;
        uint32_t lease = lease_seconds ? lease_seconds : offered ? offered : LEASE_SECONDS;
        prolong (self, sent_us + SECONDS (lease));
    }
    unlock (self);
}

void slot_set_token (job_slot_t *self, const char *token)
{
    lock (self);
    snprintf (self->token, sizeof (self->token), "%s", token);
    unlock (self);
}

fault_t slot_cancel (job_slot_t *self, const char *job, uint32_t number, bool hard)
{
    lock (self);
    job_attempt_t *attempt = is_attempt (self->next, job, number)      ? self->next
                             : is_attempt (self->current, job, number) ? self->current
                                                                       : NULL;
    if (attempt && attempt == self->current && hard)
        kill_current (self);
    else if (attempt)
        cancel_ask (attempt_cancel (attempt), hard);
    unlock (self);
    return attempt ? OK : NOT_FOUND;
}

fault_t slot_show (job_slot_t *self, arena_t *arena, const char *job, job_status_t *out)
{
    lock (self);
    job_attempt_t *attempt = is_job (self->current, job) ? self->current : NULL;
    self->showing += attempt != NULL;
    unlock (self);
    if (!attempt)
        return NOT_FOUND;
    attempt_progress (attempt, arena, out);
    lock (self);
    self->showing--;
    pthread_cond_broadcast (&self->changed);
    unlock (self);
    return OK;
}

const char *slot_job (job_slot_t *self, arena_t *arena, uint32_t *number)
{
    lock (self);
    // Of one whose final status is being said the server may know already, and that the next one is here
    bool over = !self->current || (self->final_status && self->next);
    const job_attempt_t *attempt = over ? self->next : self->current;
    const char *job = attempt ? arena_strdup (arena, attempt_offer (attempt)->job) : "";
    *number = attempt ? attempt_offer (attempt)->attempt : 0;
    unlock (self);
    return job;
}

void slot_wait_idle (job_slot_t *self, const atomic_bool *abandon)
{
    lock (self);
    while ((self->current || self->next) && !atomic_load (abandon))
        pthread_cond_wait (&self->changed, &self->lock);
    unlock (self);
}

void slot_wake (job_slot_t *self)
{
    lock (self);
    pthread_cond_broadcast (&self->changed);
    unlock (self);
}
