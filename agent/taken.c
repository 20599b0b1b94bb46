/* taken.c - a ring of hashes in one file, whose room is reserved when it is created: a full disk takes no attempt's row. */

#include "agent/taken.h"

#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    uint64_t number; // From 1, in the order in which they were taken; 0: an empty row
    uint64_t hash;
} taken_row_t;

struct taken {
    int fd;
    uint64_t last; // Number of the latest
    taken_row_t rows[TAKEN_KEPT];
};

static uint64_t attempt_hash (const char *job, uint32_t attempt)
{
    uint64_t hash = 14695981039346656037u ^ attempt; // FNV-1a
    for (const char *c = job; *c; c++)
        hash = (hash ^ (unsigned char) *c) * 1099511628211u;
    return hash;
}

// What a shorter file lacks is zero.
static fault_t read_rows (taken_t *self)
{
    char *into = (char *) self->rows;
    for (size_t got = 0; got < sizeof self->rows;) {
        ssize_t size = pread (self->fd, into + got, sizeof self->rows - got, (off_t) got);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return fault_from_errno (errno);
        if (size == 0)
            break;
        got += (size_t) size;
    }
    for (size_t i = 0; i < TAKEN_KEPT; i++)
        if (self->rows[i].number > self->last)
            self->last = self->rows[i].number;
    int error = posix_fallocate (self->fd, 0, sizeof self->rows);
    return error ? fault_from_errno (error) : OK;
}

fault_t taken_new (taken_t **out, const char *path)
{
    taken_t *self = calloc (1, sizeof (taken_t));
    if (!self)
        abort ();
    self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    fault_t fault = self->fd < 0 ? fault_from_errno (errno) : read_rows (self);
    if (fault)
        taken_destroy (&self);
    *out = self;
    return fault;
}

void taken_destroy (taken_t **self_p)
{
    taken_t *self = *self_p;
    if (!self)
        return;
    if (self->fd >= 0)
        close (self->fd);
    free (self);
    *self_p = NULL;
}

void taken_add (taken_t *self, const char *job, uint32_t attempt)
{
    size_t place = ++self->last % TAKEN_KEPT;
    taken_row_t *row = &self->rows[place];
    *row = (taken_row_t){.number = self->last, .hash = attempt_hash (job, attempt)};
    if (pwrite (self->fd, row, sizeof *row, (off_t) (place * sizeof *row)) != sizeof *row)
        log_warn (
            "an attempt that was taken cannot be recorded: if this agent is killed, it may start it again",
            "job", job, NULL);
}

bool taken_has (const taken_t *self, const char *job, uint32_t attempt)
{
    uint64_t hash = attempt_hash (job, attempt);
    for (size_t i = 0; i < TAKEN_KEPT; i++)
        if (self->rows[i].number && self->rows[i].hash == hash)
            return true;
    return false;
}
