/* fuzz_output.c - the first byte is a size and whether each line is looked at, the first line a secret, the rest what a step prints.
 *
 * Holds: in pieces of that size the same is shown and the same commands are obeyed as in one; the secret is never shown. */

#include "agent/engine/output/output.h"
#include "common/base/buffer.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>

#define SHOWN_MAX (16 << 20)

typedef struct {
    mask_t *mask;
    buffer_t *shown, *commands;
    bool watched;
} heard_t;

static void emit (void *self_, const void *data, size_t size)
{
    heard_t *self = self_;
    buffer_add (self->shown, data, size);
}

static bool may_stop (void *self, const char *token)
{
    (void) self;
    return *token != 0;
}

static const char *act (void *self_, arena_t *arena, const workflow_command_t *command)
{
    heard_t *self = self_;
    buffer_printf (self->commands, "%s(%s)", command->name, command->message);
    for (size_t i = 0; i < command->count; i++)
        buffer_printf (self->commands, "%s=%s,", command->keys[i], command->values[i]);
    if (strcmp (command->name, "add-mask") == 0 &&
        mask_add (self->mask, command->message, strlen (command->message)) != OK)
        buffer_printf (self->commands, "too many");
    return strlen (command->name) % 2 ? arena_printf (arena, "##[%s]", command->name) : NULL;
}

static bool watches (void *self_)
{
    const heard_t *self = self_;
    return self->watched;
}

static const char *look (void *self_, arena_t *arena, const char *line, size_t size)
{
    heard_t *self = self_;
    buffer_add (self->commands, line, size);
    return size % 3 ? NULL : arena_strndup (arena, line, size);
}

static heard_t hear (const char *secret, const char *text, size_t size, size_t piece, bool watched)
{
    static const output_use_t use = {
        .emit = emit, .act = act, .may_stop = may_stop, .watches = watches, .look = look};
    heard_t self = {.watched = watched,
                    .mask = mask_new (),
                    .shown = buffer_new (SHOWN_MAX),
                    .commands = buffer_new (SHOWN_MAX)};
    FUZZ_CHECK (mask_add (self.mask, secret, strlen (secret)) == OK);
    output_t *output = output_new (self.mask, &use, &self);
    for (size_t at = 0; at < size; at += piece)
        output_add (output, text + at, size - at < piece ? size - at : piece);
    output_end (output);
    output_destroy (&output);
    return self;
}

static void forget (heard_t *self)
{
    mask_destroy (&self->mask);
    buffer_destroy (&self->shown);
    buffer_destroy (&self->commands);
}

static void check_same (const buffer_t *one, const buffer_t *two)
{
    FUZZ_CHECK (buffer_size (one) == buffer_size (two));
    FUZZ_CHECK (buffer_size (one) == 0 ||
                memcmp (buffer_text (one), buffer_text (two), buffer_size (one)) == 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char secret[64];
    size_t length = 0;
    if (size < 2)
        return 0;
    for (const uint8_t *at = data + 1; at < data + size && *at != '\n' && length + 1 < sizeof (secret); at++)
        if (isalnum (*at)) // What covers it, ***, cannot become a part of it
            secret[length++] = (char) *at;
    secret[length] = 0;
    const char *text = (const char *) data + 1;
    bool watched = data[0] & 64;
    heard_t whole = hear (secret, text, size - 1, size, watched),
            pieces = hear (secret, text, size - 1, 1 + data[0] % 64, watched);
    check_same (whole.shown, pieces.shown);
    check_same (whole.commands, pieces.commands);
    if (length)
        FUZZ_CHECK (!buffer_size (whole.shown) ||
                    !memmem (buffer_text (whole.shown), buffer_size (whole.shown), secret, length));
    forget (&whole);
    forget (&pieces);
    return 0;
}
