/* desk.c - see desk.h. What is on the desk is guarded by one lock; no request and no job runs under it. */

#include "agent/desk.h"

#include "agent/report.h"
#include "common/clock.h"
#include "common/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE (512 << 10) // Of each thread; only what is touched is used

struct desk {
    desk_options_t options;
    atomic_uint lost_seconds; // Of the options; 0 once patience is over
    server_t *server;         // The reporter's
    server_t *artifacts;      // The running thread's
    pthread_t runner, reporter;
    pthread_mutex_t lock; // For what follows
    pthread_cond_t changed;
    work_t *current, *next;
    bool reporting;   // The reporter is at the current one
    bool last_word;   // And says its last word: the server may offer another
    bool closed;      // No more jobs
    unsigned showing; // Threads that look at the current one
};

static void lock (desk_t *self)
{
    pthread_mutex_lock (&self->lock);
}

static void unlock (desk_t *self)
{
    pthread_mutex_unlock (&self->lock);
}

static void hear_last_word (void *self_)
{
    desk_t *self = self_;
    lock (self);
    self->last_word = true;
    unlock (self);
}

static void *report_jobs (void *self_)
{
    desk_t *self = self_;
    const report_listener_t listener = {.self = self, .last_word = hear_last_word};
    log_name_thread ("reporter");
    lock (self);
    for (;;) {
        while (!self->reporting && !self->closed)
            pthread_cond_wait (&self->changed, &self->lock);
        if (!self->reporting)
            break;
        work_t *work = self->current;
        unlock (self);
        if (report (self->server, work, &self->lost_seconds, &listener) != OK)
            log_error ("the server was away for too long: this job is given up", "job",
                       work_offer (work)->job, NULL);
        lock (self);
        self->reporting = false;
        pthread_cond_broadcast (&self->changed);
    }
    unlock (self);
    return NULL;
}

static void tell_step (void *self, const engine_step_t *step)
{
    const step_row_t row = {.number = step->number,
                            .id = step->id,
                            .name = step->name,
                            .state = step->state,
                            .outcome = step->outcome,
                            .conclusion = step->conclusion,
                            .started_at = step->started_us,
                            .finished_at = step->finished_us,
                            .exit_code = step->exit_code};
    work_step (self, &row);
}

static void run (desk_t *self, work_t *work)
{
    const job_offer_t *offer = work_offer (work);
    server_artifacts_t artifacts = {.server = self->artifacts,
                                    .token = offer->token,
                                    .job = offer->job,
                                    .run = offer->run,
                                    .attempt = offer->attempt,
                                    .cancel = cancel_handle (work_cancel (work))};
    const artifact_port_t port = server_artifact_port (&artifacts);
    const engine_sink_t sink = {.self = work, .log = work_log, .step = tell_step, .artifacts = &port};
    const engine_job_t job = {.id = offer->job,
                              .definition = offer->definition,
                              .contexts = offer->contexts,
                              .repository = offer->repository,
                              .ref = offer->ref,
                              .sha = offer->sha,
                              .cancel = work_cancel (work)};
    engine_result_t result;
    engine_run (self->options.engine, work_arena (work), &job, &sink, &result);
    work_end (work, result.result, result.reason, result.outputs);
    const char *where = "";
    if (engine_clean (self->options.engine, &where) != OK)
        log_warn ("a job left something that cannot be removed", "folder", where, NULL);
}

// Gives up what was taken; only the running thread calls it.
static void clear (desk_t *self)
{
    while (self->reporting || self->showing)
        pthread_cond_wait (&self->changed, &self->lock);
    work_t *done = self->current;
    self->current = NULL;
    self->last_word = false;
    if (self->options.ephemeral)
        self->closed = true;
    pthread_cond_broadcast (&self->changed);
    unlock (self);
    work_destroy (&done);
    if (self->options.ephemeral)
        self->options.finished (self->options.self);
    lock (self);
}

static void *run_jobs (void *self_)
{
    desk_t *self = self_;
    log_name_thread ("engine");
    lock (self);
    for (;;) {
        while (!self->next && !self->closed)
            pthread_cond_wait (&self->changed, &self->lock);
        if (!self->next)
            break;
        work_t *work = self->current = self->next;
        self->next = NULL;
        fault_t fault = spool_begin (self->options.spool);
        self->reporting = true;
        pthread_cond_broadcast (&self->changed);
        unlock (self);
        if (fault)
            work_end (work, result_failure, "the log cannot be written", "{}");
        else
            run (self, work);
        lock (self);
        clear (self);
    }
    unlock (self);
    return NULL;
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

desk_t *desk_new (const desk_options_t *options)
{
    desk_t *self = calloc (1, sizeof (desk_t));
    if (!self)
        abort ();
    self->options = *options;
    atomic_init (&self->lost_seconds, options->lost_seconds);
    self->server = server_new (options->url);
    self->artifacts = server_new (options->url);
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    start_thread (&self->runner, run_jobs, self);
    start_thread (&self->reporter, report_jobs, self);
    return self;
}

static void wait_until_empty (desk_t *self, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t) (until_us / 1000000), .tv_nsec = (until_us % 1000000) * 1000};
    while (self->current || self->next)
        if (pthread_cond_timedwait (&self->changed, &self->lock, &until) != 0)
            return;
}

void desk_destroy (desk_t **self_p, uint32_t wait_seconds)
{
    desk_t *self = *self_p;
    if (!self)
        return;
    lock (self);
    self->closed = true;
    pthread_cond_broadcast (&self->changed);
    wait_until_empty (self, clock_monotonic_us () + SECONDS (wait_seconds));
    if (self->current || self->next)
        atomic_store (&self->lost_seconds, 0);
    if (self->current)
        cancel_ask (work_cancel (self->current), true);
    if (self->next)
        cancel_ask (work_cancel (self->next), true);
    unlock (self);
    pthread_join (self->runner, NULL);
    pthread_join (self->reporter, NULL);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
    server_destroy (&self->server);
    server_destroy (&self->artifacts);
    free (self);
    *self_p = NULL;
}

fault_t desk_offer (desk_t *self, arena_t **arena, const job_offer_t *offer)
{
    lock (self);
    bool busy = self->closed || self->next || (self->current && !self->last_word);
    fault_t fault = busy ? CONFLICT : work_new (&self->next, arena, offer, self->options.spool);
    pthread_cond_broadcast (&self->changed);
    unlock (self);
    return fault;
}

static bool is_job (const work_t *work, const char *job)
{
    return work && strcmp (work_offer (work)->job, job) == 0;
}

fault_t desk_cancel (desk_t *self, const char *job, bool hard)
{
    lock (self);
    work_t *work = is_job (self->next, job) ? self->next : is_job (self->current, job) ? self->current : NULL;
    if (work)
        cancel_ask (work_cancel (work), hard);
    unlock (self);
    return work ? OK : NOT_FOUND;
}

fault_t desk_show (desk_t *self, arena_t *arena, const char *job, job_status_t *out)
{
    lock (self);
    work_t *work = is_job (self->current, job) ? self->current : NULL;
    self->showing += work != NULL;
    unlock (self);
    if (!work)
        return NOT_FOUND;
    work_progress (work, arena, out);
    lock (self);
    self->showing--;
    pthread_cond_broadcast (&self->changed);
    unlock (self);
    return OK;
}

const char *desk_job (desk_t *self, arena_t *arena, uint32_t *attempt)
{
    lock (self);
    const work_t *work = self->current ? self->current : self->next;
    const char *job = work ? arena_strdup (arena, work_offer (work)->job) : "";
    *attempt = work ? work_offer (work)->attempt : 0;
    unlock (self);
    return job;
}

void desk_wait_idle (desk_t *self, const atomic_bool *abandon)
{
    lock (self);
    while ((self->current || self->next) && !atomic_load (abandon))
        pthread_cond_wait (&self->changed, &self->lock);
    unlock (self);
}

void desk_wake (desk_t *self)
{
    lock (self);
    pthread_cond_broadcast (&self->changed);
    unlock (self);
}
