/* blob.c - checks keys, sizes and counts before a store sees them. */

#include "common/base/path.h"
#include "common/blob/blob_engine.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 512

struct blob {
    const blob_engine_t *engine;
    void *state;
};

struct blob_writer {
    const blob_engine_t *engine;
    void *writing; // NULL: it has ended
    sha256_t sum;
};

blob_t *blob_new (const blob_engine_t *engine, void *state)
{
    blob_t *self = calloc (1, sizeof (blob_t));
    if (!self)
        abort ();
    *self = (blob_t){.engine = engine, .state = state};
    return self;
}

fault_t blob_open (blob_t **out, const char *url, turn_t *turn)
{
    *out = NULL;
    if (strncmp (url, "dir:", 4) != 0) // It may hold a secret
        return turn_fail (turn, BAD_INPUT, "the blob store's URL does not begin with dir:");
    return blob_dir_open (out, url + 4, turn);
}

void blob_close (blob_t **self_p)
{
    if (!*self_p)
        return;
    (*self_p)->engine->close ((*self_p)->state);
    free (*self_p);
    *self_p = NULL;
}

fault_t blob_check (blob_t *self, turn_t *turn)
{
    return self->engine->check ? self->engine->check (self->state, turn) : OK;
}

fault_t blob_ready (blob_t *self, turn_t *turn)
{
    return self->engine->ready ? self->engine->ready (self->state, turn) : OK;
}

void blob_leave (blob_t *self)
{
    if (self->engine->leave)
        self->engine->leave (self->state);
}

size_t blob_parallel (const blob_t *self)
{
    return self->engine->parallel;
}

static fault_t check (turn_t *turn, const char *key)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._/-";
    size_t size = strnlen (key, KEY_MAX + 1);
    bool good = size >= 1 && size <= KEY_MAX && strspn (key, allowed) == size && key[size - 1] != '/' &&
                path_is_inside (key);
    return good ? OK : turn_fail (turn, BAD_INPUT, "not a blob key: %.80s", key);
}

static fault_t check_count (turn_t *turn, size_t count)
{
    return count <= BLOB_MANY_MAX
               ? OK
               : turn_fail (turn, TOO_LARGE, "%zu blobs at once; the limit is %d", count, BLOB_MANY_MAX);
}

fault_t blob_put (blob_t *self, turn_t *turn, const char *key, const void *data, size_t size)
{
    fault_t fault = check (turn, key);
    if (!fault && size > BLOB_PUT_MAX)
        fault = turn_fail (turn, TOO_LARGE, "a blob of %zu bytes; the limit is %d", size, BLOB_PUT_MAX);
    return fault ? fault : self->engine->put (self->state, turn, key, data, size);
}

fault_t blob_get_many (blob_t *self, turn_t *turn, blob_range_t *ranges, size_t count)
{
    TRY (check_count (turn, count));
    for (size_t i = 0; i < count; i++) {
        ranges[i].got = 0;
        ranges[i].fault = OK;
        TRY (check (turn, ranges[i].key));
    }
    return self->engine->read (self->state, turn, ranges, count);
}

fault_t blob_get (blob_t *self, turn_t *turn, const char *key, uint64_t offset, void *into, size_t size,
                  size_t *got)
{
    blob_range_t range = {.key = key, .offset = offset, .into = into, .size = size};
    fault_t fault = blob_get_many (self, turn, &range, 1);
    *got = range.got;
    return fault;
}

fault_t blob_size (blob_t *self, turn_t *turn, const char *key, uint64_t *size)
{
    *size = 0;
    fault_t fault = check (turn, key);
    return fault ? fault : self->engine->size (self->state, turn, key, size);
}

// None of them is removed where one of the keys is wrong.
static fault_t check_all (turn_t *turn, const char *const *keys, size_t count)
{
    TRY (check_count (turn, count));
    for (size_t i = 0; i < count; i++)
        TRY (check (turn, keys[i]));
    return OK;
}

fault_t blob_delete_many (blob_t *self, turn_t *turn, const char *const *keys, size_t count, fault_t *faults)
{
    fault_t fault = check_all (turn, keys, count);
    for (size_t i = 0; i < count; i++)
        faults[i] = fault;
    return fault ? fault : self->engine->remove (self->state, turn, keys, count, faults);
}

fault_t blob_delete (blob_t *self, turn_t *turn, const char *key)
{
    fault_t fault;
    return blob_delete_many (self, turn, &key, 1, &fault);
}

// ---- a blob in pieces

fault_t blob_writer_new (blob_writer_t **out, blob_t *blob, turn_t *turn, const char *key)
{
    void *writing;
    *out = NULL;
    TRY (check (turn, key));
    TRY (blob->engine->begin (&writing, blob->state, turn, key));
    *out = calloc (1, sizeof (blob_writer_t));
    if (!*out)
        abort ();
    **out = (blob_writer_t){.engine = blob->engine, .writing = writing};
    sha256_init (&(*out)->sum);
    return OK;
}

fault_t blob_write (blob_writer_t *self, turn_t *turn, const void *data, size_t size)
{
    sha256_add (&self->sum, data, size);
    return self->engine->write (self->writing, turn, data, size);
}

fault_t blob_writer_end (blob_writer_t *self, turn_t *turn, const char *sha256)
{
    const char *sum = sha256_hex (&self->sum, turn->arena);
    if (strcmp (sum, sha256) != 0)
        return turn_fail (turn, INVALID, "the blob's bytes have SHA-256 %s, not %s", sum, sha256);
    void *writing = self->writing;
    self->writing = NULL;
    return self->engine->end (writing, turn, sha256);
}

void blob_writer_destroy (blob_writer_t **self_p)
{
    blob_writer_t *self = *self_p;
    if (!self)
        return;
    if (self->writing)
        self->engine->drop (self->writing);
    free (self);
    *self_p = NULL;
}

fault_t blob_link (blob_t *self, turn_t *turn, const blob_link_t *link, const char **url)
{
    *url = NULL;
    TRY (check (turn, link->key));
    return self->engine->link ? self->engine->link (self->state, turn, link, url) : OK;
}
