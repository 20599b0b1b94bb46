/* background.c - see background.h. */

#include "agent/engine/step/background.h"

#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/host.h"
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

static void execute (background_steps_t *self)
{
    job_run_t *job = self->run->job;
    self->lane.wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->log = file_reset (self->log_path, 0600);
    self->progress = LANE_RUNNING;
    self->go_on (self->run);
    self->progress = LANE_ENDED;
    close (self->lane.wake);
    close (self->log);
    lanes_wake (job);
}

static background_steps_t *next_queued (const lanes_t *lanes)
{
    background_steps_t *each = lanes->first;
    while (each && each->progress != LANE_QUEUED)
        each = each->next;
    return each;
}

static size_t count_queued (const lanes_t *lanes)
{
    size_t count = 0;
    for (const background_steps_t *each = lanes->first; each; each = each->next)
        count += each->progress == LANE_QUEUED;
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

void background_start (step_run_t *run, void (*go_on) (step_run_t *run))
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
        .go_on = go_on,
        .log_path = arena_printf (job->arena, "%s/log-%u", job->outside->commands, run->number),
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
    if (self->progress == LANE_TAKEN)
        return;
    self->progress = LANE_TAKEN;
    take_log (self);
    for (const lane_change_t *each = self->changes; each; each = each->next)
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
        if (self->items[i]->progress < LANE_ENDED)
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
        if (each->progress != LANE_TAKEN)
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
