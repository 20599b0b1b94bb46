/* structs.h - the C structs, numbers and descriptors that come from the tables of messages.h, which includes it.
 *
 * For a message `job`: job_t, job_items_t, MSG_job and MESSAGE (job), its descriptor. */

#ifndef OPENCICD_STRUCTS_H
#define OPENCICD_STRUCTS_H

#include "common/bus/codec.h"

#define MEMBER_KEY          const char *
#define MEMBER_STR          const char *
#define MEMBER_BYTES        bytes_t
#define MEMBER_JSON         const char *
#define MEMBER_U32          uint32_t
#define MEMBER_I64          int64_t
#define MEMBER_BOOL         bool
#define MEMBER_TIME         int64_t
#define MEMBER_STRS         strs_t
#define MEMBER_ENUM(states) uint32_t
#define MEMBER_LIST(m)      m##_items_t
#define MEMBER_ROWS(m)      m##_items_t

#define MESSAGE_LIST_TYPE(number, name, FIELDS, text) \
    typedef struct name name##_t;                     \
    typedef struct {                                  \
        name##_t *items;                              \
        size_t count;                                 \
    } name##_items_t;
MESSAGES (MESSAGE_LIST_TYPE)
#undef MESSAGE_LIST_TYPE

#define MESSAGE_MEMBER(T, kind, name, limit, text) MEMBER_##kind name;
#define MESSAGE_STRUCT(number, name, FIELDS, text) \
    struct name {                                  \
        FIELDS (MESSAGE_MEMBER, name)              \
    };                                             \
    extern const message_t message_##name;
MESSAGES (MESSAGE_STRUCT)
#undef MESSAGE_STRUCT
#undef MESSAGE_MEMBER

#define MESSAGE_NUMBER(number, name, FIELDS, text) MSG_##name = number,
enum { MESSAGES (MESSAGE_NUMBER) };
#undef MESSAGE_NUMBER

#define MESSAGE(name) (&message_##name)

typedef struct {
    const message_t *ask;
    const message_t *answer;
    const char *service;
    repeat_t repeat;
} call_t;

const message_t *message_by_number (uint16_t number); // NULL where there is none
const call_t *call_of (const message_t *ask);         // NULL where it asks for nothing
extern const message_t *const all_messages[];         // Ends with NULL
extern const char *const all_services[];              // Ends with NULL

#endif
