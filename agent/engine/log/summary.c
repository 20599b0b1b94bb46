/* summary.c - see summary.h. */

#include "agent/engine/log/summary.h"

#include "agent/engine/builtin/artifact_port.h"
#include "agent/engine/log/log.h"
#include "agent/engine/state/lanes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void add (void *text, const void *data, size_t size)
{
    buffer_add (text, data, size);
}

// In the runner's words.
static void refuse (step_run_t *self, int64_t size)
{
    step_annotate (
        self, annotation_error,
        arena_printf (self->scope.arena,
                      "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of %dk, got %lldk.",
                      SUMMARY_MAX / 1024, (long long) size / 1024));
}

static void read_masked (step_run_t *self, int fd, buffer_t *text)
{
    job_run_t *job = self->job;
    mask_stream_t *masked = mask_stream_new (job->mask, add, text);
    ssize_t got;
    while ((got = read (fd, job->read_buffer, READ_BUFFER)) > 0)
        mask_stream_add (masked, job->read_buffer, (size_t) got);
    mask_stream_end (masked);
    mask_stream_destroy (&masked);
}

void summary_take (step_run_t *self, const char *path)
{
    struct stat status;
    step_run_t *root = step_of_row (self);
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0) {
        int64_t size = status.st_size;
        if (!root->summary)
            root->summary = buffer_new (SUMMARY_MAX);
        if (size <= SUMMARY_MAX)
            read_masked (self, fd, root->summary);
        if (size > SUMMARY_MAX || buffer_full (root->summary)) {
            refuse (self, size > SUMMARY_MAX ? size : SUMMARY_MAX);
            buffer_clear (root->summary);
        }
    }
    close (fd);
}

void summary_send (step_run_t *self)
{
    job_run_t *job = self->job;
    if (!self->summary)
        return;
    const artifact_port_t *port = job->sink->artifacts;
    fault_t fault = OK;
    turn_t turn;
    turn_init (&turn, self->scope.arena, "", 0);
    if (buffer_size (self->summary) && port && port->summary) {
        lanes_begin_builtin (job); // It speaks to the server, as they do
        fault = port->summary (port->self, &turn, self->row->number, buffer_text (self->summary),
                               buffer_size (self->summary));
        lanes_end_builtin (job);
    }
    if (fault)
        step_warning (self, "The step's summary is not kept: %s",
                      turn.detail ? turn.detail : fault_own_text (fault));
    buffer_destroy (&self->summary);
}
