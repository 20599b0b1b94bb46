/* Any bytes as any message: msgpack from a peer, JSON from a client, a header of the bus. The first byte chooses which. */

#include "common/bus/wire.h"
#include "proto/messages.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void unpack_and_print (const message_t *message, turn_t *turn, const uint8_t *data, size_t size)
{
    void *into = arena_alloc (turn->arena, message->size);
    if (message_unpack (message, turn, data, size, into) != OK)
        return;
    buffer_t *text = buffer_new (1 << 20);
    message_print (message, into, text);
    buffer_clear (text);
    if (message_pack (message, into, text) != OK && !buffer_full (text))
        abort ();
    buffer_destroy (&text);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    arena_t *arena = arena_new ();
    turn_t turn;
    wire_t wire;
    turn_init (&turn, arena, "fuzz", 0);
    const message_t *message = message_by_number (data[1]);
    if (message && data[0] % 2 == 0)
        unpack_and_print (message, &turn, data + 2, size - 2);
    else if (message && message_read (message, &turn, (const char *) data + 2, size - 2,
                                      arena_alloc (arena, message->size)) == OK)
        turn.detail = NULL;
    (void) wire_unpack (&wire, arena, data, size);
    arena_destroy (&arena);
    return 0;
}
