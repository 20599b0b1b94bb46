/* pack.c - see pack.h. One context per thread, because making one costs more than packing a small piece. */

#include "common/base/pack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

typedef struct {
    ZSTD_CCtx *in;
    ZSTD_DCtx *out;
    char *room; // For packing: as large as the largest piece so far
    size_t room_size;
} contexts_t;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void drop (void *value)
{
    contexts_t *self = value;
    ZSTD_freeCCtx (self->in);
    ZSTD_freeDCtx (self->out);
    free (self->room);
    free (self);
}

static void make_key (void)
{
    if (pthread_key_create (&key, drop))
        abort ();
}

static contexts_t *contexts (void)
{
    pthread_once (&once, make_key);
    contexts_t *self = pthread_getspecific (key);
    if (self)
        return self;
    self = calloc (1, sizeof (*self));
    if (!self || !(self->in = ZSTD_createCCtx ()) || !(self->out = ZSTD_createDCtx ()) ||
        pthread_setspecific (key, self))
        abort ();
    return self;
}

static char *room_of (contexts_t *self, size_t size)
{
    if (self->room_size < size) {
        free (self->room);
        self->room = malloc (size);
        self->room_size = size;
    }
    if (!self->room)
        abort ();
    return self->room;
}

void *pack (arena_t *arena, const void *data, size_t size, size_t *packed)
{
    *packed = size;
    if (size == 0)
        return arena_alloc (arena, 1);
    contexts_t *self = contexts ();
    char *room = room_of (self, size);
    // Room for less than the whole, so that incompressible bytes fail here.
    size_t got = ZSTD_compressCCtx (self->in, room, size - 1, data, size, PACK_FAST);
    if (ZSTD_isError (got))
        return arena_copy (arena, data, size);
    *packed = got;
    return arena_copy (arena, room, got);
}

fault_t unpack (const void *data, size_t packed, void *into, size_t raw)
{
    if (packed == raw) {
        if (raw)
            memcpy (into, data, raw);
        return OK;
    }
    size_t got = ZSTD_decompressDCtx (contexts ()->out, into, raw, data, packed);
    return ZSTD_isError (got) || got != raw ? BROKEN : OK;
}

size_t pack_frame_bound (size_t size)
{
    return ZSTD_compressBound (size);
}

size_t pack_frame (void *into, size_t room, const void *data, size_t size)
{
    size_t got = ZSTD_compressCCtx (contexts ()->in, into, room, data, size, PACK_STREAM);
    if (ZSTD_isError (got)) // The room is too small: a mistake of ours
        abort ();
    return got;
}

size_t pack_frame_size (const void *data, size_t size)
{
    size_t got = ZSTD_findFrameCompressedSize (data, size);
    return ZSTD_isError (got) ? 0 : got;
}
