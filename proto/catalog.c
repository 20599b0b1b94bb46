/* catalog.c - the tables of messages.h and calls.h as data: descriptors, calls, services. */

#include "proto/messages.h"

#include <string.h>

#define ROW_KEY          KIND_KEY, false, NULL, NULL
#define ROW_STR          KIND_STR, false, NULL, NULL
#define ROW_BYTES        KIND_BYTES, false, NULL, NULL
#define ROW_JSON         KIND_JSON, false, NULL, NULL
#define ROW_U32          KIND_U32, false, NULL, NULL
#define ROW_I64          KIND_I64, false, NULL, NULL
#define ROW_BOOL         KIND_BOOL, false, NULL, NULL
#define ROW_TIME         KIND_TIME, false, NULL, NULL
#define ROW_STRS         KIND_STRS, false, NULL, NULL
#define ROW_ENUM(states) KIND_ENUM, false, NULL, &states_##states
#define ROW_LIST(m)      KIND_LIST, false, &message_##m, NULL
#define ROW_ROWS(m)      KIND_LIST, true, &message_##m, NULL

#define KEY_OF(name) ",\"" #name "\":"
#define FIELD_ROW(T, kind, name, limit, text) \
    {#name, KEY_OF (name), sizeof KEY_OF (name) - 1, offsetof (T##_t, name), limit, text, ROW_##kind},
#define DESCRIPTOR(number, name, FIELDS, text)                         \
    static const field_t name##_fields[] = {FIELDS (FIELD_ROW, name)}; \
    const message_t message_##name = {                                 \
        number, #name, sizeof (name##_t), name##_fields, sizeof (name##_fields) / sizeof (field_t), text};
MESSAGES (DESCRIPTOR)

#define POINTER(number, name, FIELDS, text) &message_##name,
const message_t *const all_messages[] = {MESSAGES (POINTER) NULL};

#define ONCE                                   REPEAT_ONCE
#define AGAIN                                  REPEAT_AGAIN
#define SECRET                                 REPEAT_SECRET
#define CALL_ROW(ask, service, answer, repeat) {&message_##ask, &message_##answer, #service, repeat},
static const call_t calls[] = {CALLS (CALL_ROW)};

#define SERVICE_NAME(name, text) #name,
const char *const all_services[] = {SERVICES (SERVICE_NAME) NULL};

// Numbers are small and dense: two tables, filled before main.
static const message_t *by_number[MESSAGE_NUMBERS];
static const call_t *call_by_number[MESSAGE_NUMBERS];

#define FITS(number, name, fields, text) \
    _Static_assert((number) < MESSAGE_NUMBERS, "MESSAGE_NUMBERS is too small: " #name);
MESSAGES (FITS)

__attribute__ ((constructor)) static void index_by_number (void)
{
    for (const message_t *const *message = all_messages; *message; message++)
        by_number[(*message)->number] = *message;
    for (size_t i = 0; i < sizeof (calls) / sizeof (call_t); i++)
        call_by_number[calls[i].ask->number] = &calls[i];
}

const message_t *message_by_number (uint16_t number)
{
    return number < MESSAGE_NUMBERS ? by_number[number] : NULL;
}

const call_t *call_of (const message_t *ask)
{
    return call_by_number[ask->number];
}

const field_t *message_field (const message_t *message, const char *name)
{
    for (size_t i = 0; i < message->count; i++)
        if (strcmp (message->fields[i].name, name) == 0)
            return &message->fields[i];
    return NULL;
}
