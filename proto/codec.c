/* codec.c - the message tables behind the interface that the bus knows. */

#include "proto/codec.h"

#include "proto/audit.h"

#include <string.h>

static size_t size_of (uint16_t number)
{
    const message_t *message = message_by_number (number);
    return message ? message->size : 0;
}

static const char *name_of (uint16_t number)
{
    const message_t *message = message_by_number (number);
    return message ? message->name : "unknown";
}

static bool find_call (uint16_t ask, uint16_t *answer, const char **service, repeat_t *repeat)
{
    const message_t *message = message_by_number (ask);
    const call_t *call = message ? call_of (message) : NULL;
    if (!call)
        return false;
    *answer = call->answer->number;
    *service = call->service;
    *repeat = call->repeat;
    return true;
}

static fault_t pack (uint16_t number, const void *from, buffer_t *into)
{
    const message_t *message = message_by_number (number);
    return message ? message_pack (message, from, into) : BROKEN;
}

static fault_t unpack (uint16_t number, turn_t *turn, const void *data, size_t size, void *into)
{
    const message_t *message = message_by_number (number);
    if (!message)
        return turn_fail (turn, BAD_INPUT, "message %u is unknown here", number);
    return message_unpack (message, turn, data, size, into);
}

// Whoever writes in the scheduler holds the counter of events until the commit (services/scheduler/store/event_store.h).
static bool takes_turns (const char *service)
{
    return strcmp (service, "scheduler") == 0;
}

const codec_t proto_codec = {.size_of = size_of,
                             .name_of = name_of,
                             .call_of = find_call,
                             .takes_turns = takes_turns,
                             .pack = pack,
                             .unpack = unpack,
                             .audit_entry = audit_entry_of,
                             .audit_put = audit_put_of};
