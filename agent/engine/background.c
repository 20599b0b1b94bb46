/* background.c - see background.h. */

#include "agent/engine/background.h"

#include "agent/engine/job.h"
#include "agent/engine/log.h"
#include "common/base/bytes.h"
#include "common/os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACK_SIZE (512 << 10)

typedef enum { QUEUED, RUNNING, ENDED, TAKEN } progress_t;

typedef struct change {
    const char *name, *value; // As background_note has them
    struct change *next;
} change_t;

struct background_steps {
    lane_t lane;
    step_run_t *run;
    progress_t progress;
    const char *log_path;
    int log; // What it prints
    change_t *changes, **last_change;
    result_t outcome, conclusion;
    bool cancelled; // A `cancel` step named it
    background_steps_t *next;
};

struct lanes {
    pthread_mutex_t lock;    // Of the job: see background.h
    pthread_mutex_t builtin; // Taken without `lock`: one builtin at a time runs beside the other lanes
    pthread_cond_t queued;
    pthread_t threads[BACKGROUND_MAX];
    size_t thread_count, idle;
    background_steps_t *first, **last; // In their order
    bool closing;
};

// ---- the lock

void lanes_leave (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_unlock (&job->lanes->lock);
}

void lanes_enter (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_lock (&job->lanes->lock);
}

void lanes_begin_builtin (job_run_t *job)
{
    lanes_leave (job);
    if (job->lanes)
        pthread_mutex_lock (&job->lanes->builtin);
}

void lanes_end_builtin (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_unlock (&job->lanes->builtin);
    lanes_enter (job);
}

void lanes_wake (job_run_t *job)
{
    if (!job->lanes)
        return;
    eventfd_write (job->lane.wake, 1);
    for (background_steps_t *each = job->lanes->first; each; each = each->next)
        if (each->progress == RUNNING)
            eventfd_write (each->lane.wake, 1);
}

size_t lanes_leaders (const job_run_t *job, pid_t leaders[BACKGROUND_MAX + 1])
{
    size_t count = 0;
    leaders[count++] = job->lane.leader;
    for (background_steps_t *each = job->lanes ? job->lanes->first : NULL; each; each = each->next)
        if (each->progress == RUNNING)
            leaders[count++] = each->lane.leader;
    return count;
}

// ---- what a step in the background does

bool background_cancelled (const step_run_t *run)
{
    return run->lane->background && run->lane->background->cancelled;
}

bool background_holds_log (const step_run_t *run)
{
    return run->lane->background && run->lane->background->progress == RUNNING;
}

fault_t background_log (const step_run_t *run, const void *data, size_t size)
{
    return bytes_write (run->lane->background->log, data, size) ? OK : fault_from_errno (errno);
}

void background_note (const step_run_t *run, const char *name, const char *value)
{
    background_steps_t *self = run->lane->background;
    if (!self)
        return;
    change_t *change = arena_alloc (run->job->arena, sizeof (change_t));
    *change = (change_t){.name = name ? arena_strdup (run->job->arena, name) : NULL,
                         .value = arena_strdup (run->job->arena, value)};
    *self->last_change = change;
    self->last_change = &change->next;
}

void background_ended (const step_run_t *run, result_t outcome, result_t conclusion)
{
    run->lane->background->outcome = outcome;
    run->lane->background->conclusion = conclusion;
}

static void execute (background_steps_t *self)
{
    job_run_t *job = self->run->job;
    self->lane.wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->log = file_reset (self->log_path, 0600);
    self->progress = RUNNING;
    step_continue (self->run);
    self->progress = ENDED;
    close (self->lane.wake);
    close (self->log);
    lanes_wake (job);
}

static background_steps_t *next_queued (const lanes_t *lanes)
{
    background_steps_t *each = lanes->first;
    while (each && each->progress != QUEUED)
        each = each->next;
    return each;
}

static size_t count_queued (const lanes_t *lanes)
{
    size_t count = 0;
    for (const background_steps_t *each = lanes->first; each; each = each->next)
        count += each->progress == QUEUED;
    return count;
}

static void *work (void *job_)
{
    job_run_t *job = job_;
    lanes_t *lanes = job->lanes;
    lanes_enter (job);
    for (;;) {
        background_steps_t *next = next_queued (lanes);
        if (next)
            execute (next);
        else if (lanes->closing)
            break;
        else {
            lanes->idle++;
            pthread_cond_wait (&lanes->queued, &lanes->lock);
            lanes->idle--;
        }
    }
    lanes_leave (job);
    return NULL;
}

// ---- starting one

static void open_lanes (job_run_t *job)
{
    lanes_t *lanes = calloc (1, sizeof (lanes_t));
    if (!lanes)
        abort ();
    pthread_mutex_init (&lanes->lock, NULL);
    pthread_mutex_init (&lanes->builtin, NULL);
    pthread_cond_init (&lanes->queued, NULL);
    lanes->last = &lanes->first;
    job->lane.wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    job->lanes = lanes;
    lanes_enter (job);
}

static void add_thread (job_run_t *job)
{
    lanes_t *lanes = job->lanes;
    pthread_attr_t attributes;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    if (pthread_create (&lanes->threads[lanes->thread_count], &attributes, work, job) == 0)
        lanes->thread_count++;
    else if (lanes->thread_count == 0)
        abort ();
    pthread_attr_destroy (&attributes);
}

void background_start (step_run_t *run)
{
    job_run_t *job = run->job;
    background_steps_t *self = arena_alloc (job->arena, sizeof (background_steps_t));
    if (!job->lanes)
        open_lanes (job);
    *self = (background_steps_t){
        .lane = {.env = value_copy (job->arena, job->lane.env),
                 .added_path = job->lane.added_path,
                 .background = self},
        .run = run,
        .log_path = arena_printf (job->arena, "%s/log-%u", job->folders->commands, run->number),
        .last_change = &self->changes};
    run->lane = &self->lane;
    run->of->background = self;
    *job->lanes->last = self;
    job->lanes->last = &self->next;
    if (count_queued (job->lanes) > job->lanes->idle && job->lanes->thread_count < BACKGROUND_MAX)
        add_thread (job);
    pthread_cond_signal (&job->lanes->queued);
}

// ---- taking what they did

// The folder is one that the job can write to: whatever lies there now is read only if it is a plain file.
static int open_log (const background_steps_t *self)
{
    struct stat status;
    int fd = open (self->log_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))) {
        close (fd);
        fd = -1;
    }
    return fd;
}

static void take_log (background_steps_t *self)
{
    job_run_t *job = self->run->job;
    static const char lost[] = "##[error]The log of this step is lost: something removed it.\n";
    ssize_t got = -1;
    int fd = open_log (self);
    while (fd >= 0 && !job->log_fault && (got = read (fd, job->read_buffer, READ_BUFFER)) > 0)
        log_to_sink (job, self->run->row->number, job->read_buffer, (size_t) got);
    if (got < 0)
        log_to_sink (job, self->run->row->number, lost, strlen (lost));
    if (fd >= 0)
        close (fd);
    unlink (self->log_path);
}

static void take (background_steps_t *self)
{
    job_run_t *job = self->run->job;
    if (self->progress == TAKEN)
        return;
    self->progress = TAKEN;
    take_log (self);
    for (const change_t *each = self->changes; each; each = each->next)
        if (each->name)
            value_set (job->arena, job->lane.env, each->name, value_string (job->arena, each->value));
        else
            job->lane.added_path = step_path_with (job, each->value);
    step_publish (self->run, self->outcome, self->conclusion);
}

static result_t worse (result_t one, result_t other)
{
    if (one == result_failure || other == result_failure)
        return result_failure;
    return one == result_cancelled || other == result_cancelled ? result_cancelled : result_success;
}

typedef struct {
    background_steps_t **items;
    size_t count;
} backgrounds_t;

static bool have_ended (void *self_)
{
    const backgrounds_t *self = self_;
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i]->progress < ENDED)
            return false;
    return true;
}

static backgrounds_t started_of (step_run_t *by, job_step_t *const *steps, size_t count)
{
    backgrounds_t list = {.items = arena_array (by->scope.arena, count + 1, sizeof (background_steps_t *))};
    for (size_t i = 0; i < count; i++)
        if (steps[i]->background)
            list.items[list.count++] = steps[i]->background;
    return list;
}

static backgrounds_t not_taken (const job_run_t *job, arena_t *arena)
{
    backgrounds_t list = {.count = 0};
    background_steps_t *first = job->lanes ? job->lanes->first : NULL;
    for (background_steps_t *each = first; each; each = each->next)
        list.count++;
    list.items = arena_array (arena, list.count + 1, sizeof (background_steps_t *));
    list.count = 0;
    for (background_steps_t *each = first; each; each = each->next)
        if (each->progress != TAKEN)
            list.items[list.count++] = each;
    return list;
}

static result_t wait_for (step_run_t *by, backgrounds_t list, engine_step_t **failed)
{
    result_t result = result_success;
    host_wait (by, have_ended, &list);
    for (size_t i = 0; i < list.count; i++)
        take (list.items[i]);
    for (size_t i = 0; i < list.count; i++) {
        background_steps_t *each = list.items[i];
        step_log (by, "%s: %s\n", each->run->row->name, state_name (&states_result, each->conclusion));
        result = worse (result, each->conclusion);
        if (failed && !*failed && each->conclusion == result_failure)
            *failed = each->run->row;
    }
    return result;
}

result_t background_wait (step_run_t *by, job_step_t *const *steps, size_t count, engine_step_t **failed)
{
    return wait_for (by, started_of (by, steps, count), failed);
}

result_t background_wait_all (step_run_t *by, engine_step_t **failed)
{
    return wait_for (by, not_taken (by->job, by->scope.arena), failed);
}

void background_cancel (step_run_t *by, job_step_t *const *steps, size_t count)
{
    backgrounds_t list = started_of (by, steps, count);
    for (size_t i = 0; i < list.count; i++)
        list.items[i]->cancelled = true;
    lanes_wake (by->job);
    wait_for (by, list, NULL);
}

// A step that a `cancel` stopped does not count.
result_t background_finish (job_run_t *job, engine_step_t **failed)
{
    result_t result = result_success;
    if (!job->lanes)
        return result;
    arena_t *arena = arena_new ();
    step_run_t none = {.job = job, .lane = &job->lane};
    backgrounds_t list = not_taken (job, arena);
    host_wait (&none, have_ended, &list);
    for (size_t i = 0; i < list.count; i++)
        take (list.items[i]);
    for (background_steps_t *each = job->lanes->first; each; each = each->next) {
        if (!each->cancelled || each->conclusion == result_failure)
            result = worse (result, each->conclusion);
        if (!*failed && each->conclusion == result_failure)
            *failed = each->run->row;
    }
    arena_destroy (&arena);
    return result;
}

void background_close (job_run_t *job)
{
    lanes_t *lanes = job->lanes;
    if (!lanes)
        return;
    lanes->closing = true;
    pthread_cond_broadcast (&lanes->queued);
    lanes_leave (job);
    for (size_t i = 0; i < lanes->thread_count; i++)
        pthread_join (lanes->threads[i], NULL);
    job->lanes = NULL;
    close (job->lane.wake);
    job->lane.wake = -1;
    pthread_cond_destroy (&lanes->queued);
    pthread_mutex_destroy (&lanes->builtin);
    pthread_mutex_destroy (&lanes->lock);
    free (lanes);
}
