/* spool.c - one file, kept open; a mark wherever the step changes. The checksum follows the reader. */

#include "agent/spool.h"

#include "agent/engine/process/counters.h"
#include "common/base/clock.h"
#include "common/base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE (16 << 10)
#define KEPT  4096 // Bytes of the file that stay between two jobs, wiped

#define TIME_STEP  SECONDS (1) // Between two times, at least,
#define TIMES_MANY 1024        // and this part of how long the log has been going on

typedef struct {
    uint32_t step;
    int64_t offset; // Its first byte
    int64_t at_us;  // When that was printed
} step_mark_t;

struct spool {
    int fd;
    pthread_mutex_t lock; // For what follows
    int64_t size;
    step_mark_t *marks;
    size_t mark_count, mark_capacity;
    int64_t ahead_us; // Of CLOCK_BOOTTIME: the time of day of the first mark
    // The reader's alone
    sha256_t sum;
    int64_t summed;
};

fault_t spool_new (spool_t **out, const char *path)
{
    spool_t *self = calloc (1, sizeof (spool_t));
    if (!self)
        abort ();
    unlink (path);
    self->fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->fd < 0) {
        int error = errno;
        free (self);
        return fault_from_errno (error);
    }
    pthread_mutex_init (&self->lock, NULL);
    sha256_init (&self->sum);
    *out = self;
    return OK;
}

void spool_destroy (spool_t **self_p)
{
    spool_t *self = *self_p;
    if (!self)
        return;
    close (self->fd);
    pthread_mutex_destroy (&self->lock);
    free (self->marks);
    free (self);
    *self_p = NULL;
}

static fault_t write_at (int fd, const char *data, size_t size, int64_t offset)
{
    while (size) {
        ssize_t done = pwrite (fd, data, size, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fault_from_errno (done ? errno : ENOSPC);
        data += done;
        size -= (size_t) done;
        offset += done;
    }
    return OK;
}

// What is short is overwritten: to free its block, and to find one for the next log, would take longer. Nothing past `size` is ever read.
static fault_t wipe (const spool_t *self)
{
    static const char zeros[KEPT];
    if (self->size <= KEPT)
        return write_at (self->fd, zeros, (size_t) self->size, 0);
    return ftruncate (self->fd, 0) == 0 ? OK : fault_from_errno (errno);
}

fault_t spool_begin (spool_t *self)
{
    TRY (wipe (self));
    pthread_mutex_lock (&self->lock);
    self->size = 0;
    self->mark_count = 0;
    count_set (COUNT_SPOOL_BYTES, 0);
    pthread_mutex_unlock (&self->lock);
    if (self->summed)
        sha256_init (&self->sum);
    self->summed = 0;
    return OK;
}

// A new second is a new place too: fewer in long logs, and none where steps might need what room there is.
static bool is_same_place (const spool_t *self, uint32_t step, int64_t now)
{
    if (self->mark_count == 0 || self->marks[self->mark_count - 1].step != step)
        return false;
    int64_t gap = (now - self->marks[0].at_us) / TIMES_MANY;
    return now - self->marks[self->mark_count - 1].at_us < (gap > TIME_STEP ? gap : TIME_STEP) ||
           self->mark_count >= SPOOL_MARKS / 2;
}

static fault_t mark_place (spool_t *self, uint32_t step)
{
    if (self->mark_count == 0)
        self->ahead_us = clock_now_us (clock_system ()) - clock_boottime_us ();
    // As of the log's first byte: the lines of one log are in order, whatever becomes of the time of day
    int64_t now = clock_boottime_us () + self->ahead_us;
    if (is_same_place (self, step, now))
        return OK;
    if (self->mark_count == SPOOL_MARKS)
        return BROKEN;
    if (self->mark_count == self->mark_capacity) {
        self->mark_capacity = self->mark_capacity ? self->mark_capacity * 2 : 16;
        self->marks = realloc (self->marks, self->mark_capacity * sizeof (step_mark_t));
        if (!self->marks)
            abort ();
    }
    self->marks[self->mark_count++] = (step_mark_t){.step = step, .offset = self->size, .at_us = now};
    return OK;
}

fault_t spool_add (spool_t *self, uint32_t step, const void *data, size_t size)
{
    if (size == 0)
        return OK;
    TRY (write_at (self->fd, data, size, self->size));
    pthread_mutex_lock (&self->lock);
    fault_t fault = mark_place (self, step);
    if (!fault) {
        self->size += (int64_t) size;
        count_add (COUNT_LOG_BYTES, (int64_t) size);
        count_set (COUNT_SPOOL_BYTES, self->size);
    }
    pthread_mutex_unlock (&self->lock);
    return fault;
}

int64_t spool_size (spool_t *self)
{
    pthread_mutex_lock (&self->lock);
    int64_t size = self->size;
    pthread_mutex_unlock (&self->lock);
    return size;
}

// Of what the byte at `offset` is, and where that ends.
static int64_t find_place (spool_t *self, int64_t offset, spool_place_t *place)
{
    pthread_mutex_lock (&self->lock);
    int64_t end = self->size;
    *place = (spool_place_t){.step = 0};
    for (size_t i = self->mark_count; i-- > 0;) {
        if (self->marks[i].offset <= offset) {
            *place = (spool_place_t){self->marks[i].step, self->marks[i].at_us};
            break;
        }
        end = self->marks[i].offset;
    }
    pthread_mutex_unlock (&self->lock);
    return end;
}

static fault_t read_at (int fd, char *into, size_t size, int64_t offset)
{
    while (size) {
        ssize_t got = pread (fd, into, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? fault_from_errno (errno) : BROKEN;
        into += got;
        size -= (size_t) got;
        offset += got;
    }
    return OK;
}

static void sum_up (spool_t *self, int64_t offset, const char *data, size_t size)
{
    int64_t known = self->summed - offset;
    if (known < 0 || known >= (int64_t) size)
        return;
    sha256_add (&self->sum, data + known, size - (size_t) known);
    self->summed = offset + (int64_t) size;
}

fault_t spool_read (spool_t *self, int64_t offset, void *into, size_t size, size_t *got, spool_place_t *place)
{
    int64_t left = find_place (self, offset, place) - offset;
    *got = left <= 0 ? 0 : left < (int64_t) size ? (size_t) left : size;
    fault_t fault = read_at (self->fd, into, *got, offset);
    if (!fault)
        sum_up (self, offset, into, *got);
    return fault;
}

fault_t spool_sha256 (spool_t *self, arena_t *arena, const char **out)
{
    char piece[PIECE];
    int64_t size = spool_size (self);
    fault_t fault = OK;
    while (self->summed < size && !fault) {
        int64_t left = size - self->summed, offset = self->summed;
        size_t wanted = left < (int64_t) sizeof (piece) ? (size_t) left : sizeof (piece);
        fault = read_at (self->fd, piece, wanted, offset);
        if (!fault)
            sum_up (self, offset, piece, wanted);
    }
    *out = sha256_hex (&self->sum, arena);
    return fault;
}
