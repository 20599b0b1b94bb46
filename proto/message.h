/* message.h - what a message is: a C struct, its descriptor, and the one codec.
 *
 * A message is declared once as a list of fields (messages.h). From it come the struct, its descriptor, msgpack, JSON,
 * validation and OpenAPI. On the wire a message is a msgpack array of its fields in order; it evolves by appending
 * fields: a reader ignores unknown ones and gives missing ones their default (0, "", false, none).
 *
 * Kinds of fields, and their C type:
 *     KEY    const char *   required, not empty            STR     const char *   may be empty
 *     BYTES  bytes_t        never in JSON                  JSON    const char *   JSON text; in JSON the value itself
 *     U32    uint32_t                                      I64     int64_t
 *     BOOL   bool                                          TIME    int64_t        UTC microseconds; RFC 3339 or null
 *     STRS   strs_t         list of strings                ENUM (e)  uint32_t     a state; its name or null in JSON
 *     LIST (m)  m_items_t   list of messages               ROWS (m)  m_items_t     the same, made to be shown
 * LIMIT is the most bytes of a text, the most items of a list, the largest number.
 *
 * A page never fails because of one of its ROWS. What a row cannot carry is cut as it is packed: a text to its limit, with "..."
 * at its end; a list of strings likewise, with "... and 12 more" as its last; JSON becomes the string "... 70000 bytes are too
 * many to be shown here"; and where all rows together are more than a message holds, the long fields of all of them are cut shorter,
 * step by step, until they fit. Ids and numbers stay whole. Whatever is acted upon (an ask, an offer, a file) is LIST and never
 * cut: its author checks it first (message_check), and a reader refuses it. */

#ifndef OPENCICD_MESSAGE_H
#define OPENCICD_MESSAGE_H

#include "common/base/buffer.h"
#include "common/base/bytes.h"
#include "common/base/turn.h"
#include "proto/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char **items;
    size_t count;
} strs_t;

// Any LIST field has this layout; `items` is an array of the message's struct.
typedef struct {
    void *items;
    size_t count;
} list_t;

typedef enum {
    KIND_KEY,
    KIND_STR,
    KIND_BYTES,
    KIND_JSON,
    KIND_U32,
    KIND_I64,
    KIND_BOOL,
    KIND_TIME,
    KIND_STRS,
    KIND_ENUM,
    KIND_LIST
} field_kind_t;

typedef struct message message_t;

typedef struct {
    const char *name;
    const char *key; // As JSON has it before the value: ,"name":
    size_t key_size;
    size_t offset;    // In the struct
    int64_t limit;    // Of a text, a list or a number
    const char *text; // What it means
    field_kind_t kind;
    bool shown;             // ROWS: cut what does not fit
    const message_t *of;    // KIND_LIST
    const states_t *states; // KIND_ENUM
} field_t;

struct message {
    uint16_t number; // On the wire; never used again for another message
    const char *name;
    size_t size; // Of the struct
    const field_t *fields;
    size_t count;
    const char *text;
};

#define MESSAGE_NUMBERS 768       // All are below
#define MESSAGE_MAX     (9 << 20) // Bytes of one packed message
#define MESSAGE_DEPTH   6         // Lists in lists
#define MESSAGE_STR_MAX 4096      // Bytes of one string of a STRS
#define MESSAGE_VALUES  50000     // Values of one JSON field

// msgpack. Unpacking copies into the turn's arena, checks every limit and never trusts a count: BAD_INPUT names the
// field. Only BYTES are not copied: they point into `data`.
MUST_USE fault_t message_pack (const message_t *message, const void *from, buffer_t *into); // TOO_LARGE
MUST_USE fault_t message_unpack (const message_t *message, turn_t *turn, const void *data, size_t size,
                                 void *into);

// JSON: snake_case keys in the order of the fields. Reading fills only what the document names, so that path and query may
// have filled other fields before; unknown keys, wrong kinds and broken limits are INVALID and name the field. The document is
// counted before it is read: TOO_LARGE where it has more values than the message can hold. What is read costs the struct, its lists and
// its texts, no tree of values.
void message_print (const message_t *message, const void *from, buffer_t *into);
MUST_USE fault_t message_read (const message_t *message, turn_t *turn, const char *json, size_t size,
                               void *into);
// The same for what a server sends, which may be newer than we are: unknown keys are ignored.
MUST_USE fault_t message_read_newer (const message_t *message, turn_t *turn, const char *json, size_t size,
                                     void *into);
// One field from text (path, query, CLI): numbers and booleans are parsed, STRS is split at commas.
MUST_USE fault_t message_set (const message_t *message, turn_t *turn, const char *field, const char *text,
                              void *into);
// Are all KEY fields there and all limits kept, of its lists and in total (MESSAGE_MAX)? INVALID names the field, the limit and
// what there is: "jobs[3].needs: has 300 entries, at most 256 are allowed". Call it after message_set and _read, and for every
// row before it is stored that a message will carry one day; unpack checks only the limits, because what a peer sends was checked
// where it entered.
MUST_USE fault_t message_check (const message_t *message, turn_t *turn, const void *from);

const field_t *message_field (const message_t *message, const char *name); // NULL for an unknown one

#endif
