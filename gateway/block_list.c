/* block_list.c - see block_list.h. */

#include "gateway/block_list.h"

#include <string.h>

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"

typedef struct {
    turn_t *turn;
    const char *text, *at, *end;
} reader_t;

static fault_t wrong (const reader_t *self, const char *what)
{
    return turn_fail (self->turn, BAD_INPUT, "the list of blocks, byte %td: %s", self->at - self->text, what);
}

static void skip_space (reader_t *self)
{
    while (self->at < self->end && strchr (" \t\r\n", *self->at) && *self->at)
        self->at++;
}

static bool take (reader_t *self, const char *what)
{
    size_t size = strlen (what);
    if ((size_t) (self->end - self->at) < size || memcmp (self->at, what, size) != 0)
        return false;
    self->at += size;
    return true;
}

static fault_t skip_declaration (reader_t *self)
{
    (void) take (self, "\xef\xbb\xbf");
    skip_space (self);
    if (!take (self, "<?xml"))
        return OK;
    while (self->at < self->end && !take (self, "?>"))
        self->at++;
    skip_space (self);
    return self->at < self->end ? OK : wrong (self, "its declaration has no end");
}

fault_t block_name_check (turn_t *turn, const char *name)
{
    size_t size = strlen (name);
    if (size == 0 || size > MAX_BLOCK_ID || strspn (name, BASE64) != size)
        return turn_fail (turn, BAD_INPUT, "blockid: must be 1 to %d characters of base64", MAX_BLOCK_ID);
    return OK;
}

static fault_t read_name (reader_t *self, const char *closing, const char **out)
{
    skip_space (self);
    const char *from = self->at;
    while (self->at < self->end && *self->at != '<' && !strchr (" \t\r\n", *self->at))
        self->at++;
    *out = arena_strndup (self->turn->arena, from, (size_t) (self->at - from));
    if (strlen (*out) != (size_t) (self->at - from))
        return wrong (self, "it has a NUL");
    TRY (block_name_check (self->turn, *out));
    skip_space (self);
    return take (self, closing) ? OK : wrong (self, "a name has no end");
}

static fault_t read_names (reader_t *self, strs_t *out)
{
    size_t capacity = 0;
    for (;;) {
        const char *closing = "</Latest>";
        skip_space (self);
        if (take (self, "</BlockList>"))
            return OK;
        if (take (self, "<Uncommitted>"))
            closing = "</Uncommitted>";
        else if (!take (self, "<Latest>"))
            return wrong (self, "only Latest and Uncommitted are read here");
        if (out->count == MAX_BLOCKS)
            return turn_fail (self->turn, TOO_LARGE, "the list has more than %d blocks", MAX_BLOCKS);
        out->items =
            arena_grow (self->turn->arena, out->items, out->count, &capacity, sizeof (out->items[0]));
        TRY (read_name (self, closing, &out->items[out->count++]));
    }
}

fault_t block_list_read (turn_t *turn, const char *text, size_t size, strs_t *out)
{
    reader_t self = {.turn = turn, .text = text, .at = text, .end = text + size};
    *out = (strs_t){0};
    TRY (skip_declaration (&self));
    if (!take (&self, "<BlockList/>") && !take (&self, "<BlockList />")) {
        if (!take (&self, "<BlockList>"))
            return wrong (&self, "it does not begin with BlockList");
        TRY (read_names (&self, out));
    }
    skip_space (&self);
    return self.at == self.end ? OK : wrong (&self, "something follows it");
}
