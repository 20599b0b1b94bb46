/* blob.c - chooses the store by its URL and checks keys and sizes. */

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

static const struct {
    const char *scheme;
    const blob_engine_t *engine;
} engines[] = {
    {"dir:", &blob_dir},
};

fault_t blob_open (blob_t **out, const char *url, turn_t *turn)
{
    *out = NULL;
    for (size_t i = 0; i < sizeof (engines) / sizeof (engines[0]); i++) {
        if (strncmp (url, engines[i].scheme, strlen (engines[i].scheme)) != 0)
            continue;
        void *state = NULL;
        TRY (engines[i].engine->open (&state, url, turn));
        *out = calloc (1, sizeof (blob_t));
        if (!*out)
            abort ();
        **out = (blob_t){.engine = engines[i].engine, .state = state};
        return OK;
    }
    return turn_fail (turn, BAD_INPUT,
                      "the blob store's URL does not begin with dir:"); // It may hold a secret
}

void blob_close (blob_t **self_p)
{
    if (!*self_p)
        return;
    (*self_p)->engine->close ((*self_p)->state);
    free (*self_p);
    *self_p = NULL;
}

static fault_t check (turn_t *turn, const char *key)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._/-";
    size_t size = strnlen (key, KEY_MAX + 1);
    bool good = size >= 1 && size <= KEY_MAX && strspn (key, allowed) == size && key[size - 1] != '/' &&
                path_is_inside (key);
    return good ? OK : turn_fail (turn, BAD_INPUT, "not a blob key: %.80s", key);
}

fault_t blob_put (blob_t *self, turn_t *turn, const char *key, const void *data, size_t size)
{
    fault_t fault = check (turn, key);
    if (!fault && size > BLOB_PUT_MAX)
        fault = turn_fail (turn, TOO_LARGE, "a blob of %zu bytes; the limit is %d", size, BLOB_PUT_MAX);
    return fault ? fault : self->engine->put (self->state, turn, key, data, size);
}

fault_t blob_get (blob_t *self, turn_t *turn, const char *key, uint64_t offset, void *into, size_t size,
                  size_t *got)
{
    *got = 0;
    fault_t fault = check (turn, key);
    return fault ? fault : self->engine->get (self->state, turn, key, offset, into, size, got);
}

fault_t blob_size (blob_t *self, turn_t *turn, const char *key, uint64_t *size)
{
    *size = 0;
    fault_t fault = check (turn, key);
    return fault ? fault : self->engine->size (self->state, turn, key, size);
}

fault_t blob_delete (blob_t *self, turn_t *turn, const char *key)
{
    fault_t fault = check (turn, key);
    return fault ? fault : self->engine->remove (self->state, turn, key);
}
