/* job_limits.c - see job_limits.h. */

#include "agent/engine/folder/job_limits.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/disk_use.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#define STACK_SIZE (1 << 20) // disk_use's depth is bounded
#define LEAST_US   SECONDS (1)
#define SHARE      20 // A look takes at most that part of the time, however large the folders are

struct job_limits {
    cgroup_t *group; // NULL: no rule needs one
    const workspace_t *folders;

    // The disk's, of one job
    int64_t disk_bytes;
    cancel_t *cancel;
    pthread_t thread;
    bool watching;
    atomic_bool stop; // Also looked at within a look
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool too_large, too_deep; // Read when the thread has ended
    int64_t refused;          // By the group, before this job
};

fault_t job_limits_new (job_limits_t **out, turn_t *turn, const limit_rules_t *rules,
                        const workspace_t *folders)
{
    limits_t needs;
    job_limits_t *self = calloc (1, sizeof (job_limits_t));
    if (!self)
        abort ();
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->stopped, &monotonic);
    pthread_condattr_destroy (&monotonic);
    atomic_init (&self->stop, false);
    self->folders = folders;
    limits_needs (rules, &needs);
    const cgroup_limits_t *group = &needs.group;
    struct stat status;
    fault_t fault = OK;
    if (group->memory_bytes || group->milli_cpus || group->processes) {
        // Two agents never share a work folder: it names the group, and one that was killed finds its own again
        if (stat (folders->root, &status) != 0)
            status = (struct stat){0};
        const char *name = arena_printf (turn->arena, "opencicd-job-%jx-%jx", (uintmax_t) status.st_dev,
                                         (uintmax_t) status.st_ino);
        fault = cgroup_new (&self->group, turn, name, group);
    }
    if (fault)
        job_limits_destroy (&self);
    *out = self;
    return fault;
}

void job_limits_destroy (job_limits_t **self_p)
{
    job_limits_t *self = *self_p;
    if (!self)
        return;
    cgroup_destroy (&self->group);
    pthread_cond_destroy (&self->stopped);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

const char *const *job_limits_entries (const job_limits_t *self)
{
    return self->group ? cgroup_entries (self->group) : NULL;
}

// ---- the disk

static fault_t measure (job_limits_t *self)
{
    int64_t bytes = 0;
    fault_t fault = OK;
    for (size_t i = 0; i < WORKSPACE_FOLDERS && !fault && bytes <= self->disk_bytes; i++)
        fault = disk_use (self->folders->folders[i].path, self->disk_bytes, &self->stop, &bytes);
    self->too_large = bytes > self->disk_bytes;
    self->too_deep = fault == TOO_LARGE;
    return fault;
}

static bool rest (job_limits_t *self, int64_t for_us)
{
    int64_t until = clock_monotonic_us () + for_us;
    const struct timespec at = {.tv_sec = until / SECONDS (1), .tv_nsec = until % SECONDS (1) * 1000};
    pthread_mutex_lock (&self->lock);
    while (!atomic_load (&self->stop) && pthread_cond_timedwait (&self->stopped, &self->lock, &at) == 0)
        ;
    pthread_mutex_unlock (&self->lock);
    return !atomic_load (&self->stop);
}

static void *watch_disk (void *self_)
{
    job_limits_t *self = self_;
    int64_t pause_us = LEAST_US;
    log_name_thread ("disk");
    while (rest (self, pause_us)) {
        int64_t began_us = clock_monotonic_us ();
        fault_t fault = measure (self);
        if (fault == UNAVAILABLE)
            break;
        if (self->too_large || self->too_deep) {
            cancel_ask (self->cancel, true);
            break;
        }
        int64_t took_us = (clock_monotonic_us () - began_us) * SHARE;
        pause_us = took_us > LEAST_US ? took_us : LEAST_US;
    }
    return NULL;
}

static fault_t begin_disk (job_limits_t *self, turn_t *turn, int64_t bytes, cancel_t *cancel)
{
    pthread_attr_t attributes;
    self->disk_bytes = bytes;
    self->cancel = cancel;
    self->too_large = self->too_deep = false;
    if (!bytes)
        return OK;
    atomic_store (&self->stop, false);
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    self->watching = pthread_create (&self->thread, &attributes, watch_disk, self) == 0;
    pthread_attr_destroy (&attributes);
    return self->watching ? OK : turn_fail (turn, UNAVAILABLE, "no thread can be started to watch the disk");
}

static void end_disk (job_limits_t *self)
{
    if (!self->watching)
        return;
    pthread_mutex_lock (&self->lock);
    atomic_store (&self->stop, true);
    pthread_cond_signal (&self->stopped);
    pthread_mutex_unlock (&self->lock);
    pthread_join (self->thread, NULL);
    self->watching = false;
}

// ---- a job

fault_t job_limits_begin (job_limits_t *self, turn_t *turn, const limits_t *limits, cancel_t *cancel)
{
    cgroup_usage_t before = {0};
    if (self->group) {
        cgroup_usage (self->group, &before);
        TRY (cgroup_limit (self->group, turn, &limits->group));
    }
    self->refused = before.refused;
    return begin_disk (self, turn, limits->disk_bytes, cancel);
}

void job_limits_end (job_limits_t *self, arena_t *arena, job_limits_end_t *out)
{
    *out = (job_limits_end_t){.group = {-1, -1}};
    end_disk (self);
    if (self->group) {
        cgroup_usage (self->group, &out->group);
        out->group.refused -= self->refused;
    }
    if (self->too_large)
        out->broken =
            arena_printf (arena, "it used more than %" PRId64 " MiB of the disk, this agent's limit",
                          self->disk_bytes >> 20);
    else if (self->too_deep)
        out->broken = arena_printf (
            arena, "its folders are nested more than %d deep: they cannot be measured", DISK_USE_DEPTH);
    self->too_large = self->too_deep = false;
}
