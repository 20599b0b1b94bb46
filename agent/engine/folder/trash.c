/* trash.c - see trash.h. */

#include "agent/engine/folder/trash.h"

#include "common/base/log.h"
#include "common/os/folder_empty.h"

#include <linux/ioprio.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_SIZE (256 << 10) // folder_empty's depth is bounded

struct trash {
    const char *folder;
    pthread_t thread;
    bool started;
    atomic_bool stop;     // Also looked at within a removal
    pthread_mutex_t lock; // For what follows
    pthread_cond_t changed;
    bool more; // Something was added since it began to look
};

trash_t *trash_new (const char *folder)
{
    trash_t *self = calloc (1, sizeof (trash_t));
    if (!self)
        abort ();
    self->folder = folder;
    atomic_init (&self->stop, false);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->changed, NULL);
    return self;
}

// Jobs come first, with the processor and with the disk. Both are of this thread alone.
static void step_back (void)
{
    (void) !setpriority (PRIO_PROCESS, (id_t) gettid (), 19);
    (void) !syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE (IOPRIO_CLASS_IDLE, 0));
}

static bool wait_for_more (trash_t *self)
{
    pthread_mutex_lock (&self->lock);
    while (!self->more && !atomic_load (&self->stop))
        pthread_cond_wait (&self->changed, &self->lock);
    self->more = false;
    pthread_mutex_unlock (&self->lock);
    return !atomic_load (&self->stop);
}

static void *remove_all (void *self_)
{
    trash_t *self = self_;
    log_name_thread ("trash");
    step_back ();
    while (wait_for_more (self)) {
        fault_t fault = folder_empty_until (self->folder, &self->stop);
        if (fault && fault != UNAVAILABLE)
            log_warn ("what a job left behind cannot be removed", "folder", self->folder, "why",
                      fault_own_text (fault), NULL);
    }
    return NULL;
}

void trash_empty (trash_t *self)
{
    pthread_attr_t attributes;
    pthread_mutex_lock (&self->lock);
    self->more = true;
    pthread_cond_signal (&self->changed);
    pthread_mutex_unlock (&self->lock);
    if (self->started)
        return;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    self->started = pthread_create (&self->thread, &attributes, remove_all, self) == 0; // Else with the next
    pthread_attr_destroy (&attributes);
}

void trash_destroy (trash_t **self_p)
{
    trash_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    atomic_store (&self->stop, true);
    pthread_cond_signal (&self->changed);
    pthread_mutex_unlock (&self->lock);
    if (self->started)
        pthread_join (self->thread, NULL);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
    free (self);
    *self_p = NULL;
}
