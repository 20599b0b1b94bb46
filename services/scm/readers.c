/* readers.c - see readers.h. Processes are started and ended outside the lock: a slot that is `taken` belongs to its thread. */

#include "services/scm/readers.h"

#include "common/os/file.h"
#include "common/os/folder.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *objects; // NULL: nothing is open
    git_reader_t *reader;
    bool taken;
    int64_t used_us; // Monotonic
} slot_t;

struct readers {
    char *folder;
    pthread_mutex_t lock; // Of what follows
    bool made[2];         // The empty repositories, in this process
    slot_t slots[READERS_MAX];
};

readers_t *readers_new (const char *folder)
{
    readers_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->folder = strdup (folder);
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

static void slot_close (slot_t *slot)
{
    git_reader_destroy (&slot->reader);
    free (slot->objects);
    slot->objects = NULL;
}

void readers_destroy (readers_t **self_p)
{
    readers_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < READERS_MAX; i++)
        slot_close (&self->slots[i]);
    pthread_mutex_destroy (&self->lock);
    free (self->folder);
    free (self);
    *self_p = NULL;
}

static fault_t make_view (turn_t *turn, const char *view, bool is_sha256)
{
    arena_t *arena = turn->arena;
    TRY (folder_make (turn, arena_printf (arena, "%s/refs", view)));
    TRY (folder_make (turn, arena_printf (arena, "%s/objects", view)));
    TRY (file_write (turn, arena_printf (arena, "%s/config", view),
                     is_sha256 ? "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
                                 "[extensions]\n\tobjectFormat = sha256\n"
                               : "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"));
    return file_write (turn, arena_printf (arena, "%s/HEAD", view), "ref: refs/heads/none\n");
}

fault_t readers_view (readers_t *self, turn_t *turn, size_t digits, const char **view)
{
    bool is_sha256 = digits == 64;
    *view = arena_printf (turn->arena, "%s/view-%s", self->folder, is_sha256 ? "sha256" : "sha1");
    pthread_mutex_lock (&self->lock); // Two threads that make it write the same
    bool made = self->made[is_sha256];
    pthread_mutex_unlock (&self->lock);
    if (made)
        return OK;
    TRY (make_view (turn, *view, is_sha256));
    pthread_mutex_lock (&self->lock);
    self->made[is_sha256] = true;
    pthread_mutex_unlock (&self->lock);
    return OK;
}

// The open one for these objects, else a free slot, else the one that was used least recently. Under the lock.
static slot_t *choose (readers_t *self, const char *objects)
{
    slot_t *best = NULL;
    for (size_t i = 0; i < READERS_MAX; i++) {
        slot_t *slot = &self->slots[i];
        if (slot->taken)
            continue;
        if (slot->objects && strcmp (slot->objects, objects) == 0)
            return slot;
        if (!best || (best->objects && (!slot->objects || slot->used_us < best->used_us)))
            best = slot;
    }
    return best;
}

fault_t readers_take (readers_t *self, turn_t *turn, const char *view, const char *objects,
                      git_reader_t **out)
{
    pthread_mutex_lock (&self->lock);
    slot_t *slot = choose (self, objects);
    if (slot)
        slot->taken = true;
    pthread_mutex_unlock (&self->lock);
    if (!slot)
        return turn_fail (turn, OVERLOADED, "%d repositories are being read", READERS_MAX);
    if (slot->objects && (strcmp (slot->objects, objects) != 0 || git_reader_broken (slot->reader)))
        slot_close (slot);
    fault_t fault = slot->objects ? OK : git_reader_new (&slot->reader, turn, view, objects);
    if (fault == OK && !slot->objects)
        slot->objects = strdup (objects);
    *out = slot->reader;
    if (fault != OK) {
        pthread_mutex_lock (&self->lock);
        slot->taken = false;
        pthread_mutex_unlock (&self->lock);
    }
    return fault;
}

void readers_give (readers_t *self, git_reader_t *reader)
{
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < READERS_MAX; i++)
        if (self->slots[i].taken && self->slots[i].reader == reader) {
            self->slots[i].used_us = clock_monotonic_us ();
            self->slots[i].taken = false;
        }
    pthread_mutex_unlock (&self->lock);
}

bool readers_sweep (readers_t *self)
{
    bool some = false;
    for (size_t i = 0; i < READERS_MAX; i++) {
        slot_t *slot = &self->slots[i];
        pthread_mutex_lock (&self->lock);
        bool idle = !slot->taken && slot->objects && slot->used_us + READER_IDLE_US <= clock_monotonic_us ();
        some |= slot->objects && !idle;
        slot->taken |= idle;
        pthread_mutex_unlock (&self->lock);
        if (!idle)
            continue;
        slot_close (slot);
        pthread_mutex_lock (&self->lock);
        slot->taken = false;
        pthread_mutex_unlock (&self->lock);
    }
    return some;
}
