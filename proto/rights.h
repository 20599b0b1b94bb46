/* rights.h - who may send which message. Each service has a table with a row for each message that it takes; one without a row is for
 * services alone. Pure: a service finds out whose the thing is that a message names, and asks again.
 *
 * Whoever has the role in all projects is let in without that look. To others a thing that they may not even see does not exist. */

#ifndef OPENCICD_RIGHTS_H
#define OPENCICD_RIGHTS_H

#include "common/base/turn.h"
#include "proto/messages.h"

#include <stddef.h>

typedef enum {
    RIGHT_SERVICES, // Other services
    RIGHT_SIGNED_IN, // People, for what is their own or nobody's; or the handler finds whose it is, and decides
    RIGHT_INSTANCE, // People with a role everywhere: it belongs to no project
    RIGHT_LIST,     // People: the handler leaves out what they may not see
    RIGHT_PROJECT,  // What the field names is a project, ...
    RIGHT_RUN,
    RIGHT_JOB,
    RIGHT_TRIAL,
    RIGHT_ARTIFACT,
    RIGHT_CACHE
} right_of_t;

typedef struct {
    right_of_t of;
    size_t field;    // Offset of what names the thing, a string
    role_t least;    // In its project
    bool publicly;   // Everybody may, where the project is public
    uint32_t others; // Bit n: role n may too. What is its own, its handler checks
} right_t;

#define RIGHT_MESSAGES  MESSAGE_NUMBERS
#define RIGHT_BIT(role) (1u << ROLE_##role)

// Rows of a table that is indexed by the message's number: for a role everywhere, of a list, of what a field names, of what everybody may read
// in public projects, and for the roles of agents and jobs.
#define RIGHT(message, kind, role) [MSG_##message] = {.of = RIGHT_##kind, .least = ROLE_##role},
#define RIGHT_IN(message, kind, name, role) \
    [MSG_##message] = {.of = RIGHT_##kind, .field = offsetof (message##_t, name), .least = ROLE_##role},
#define RIGHT_OR(message, kind, name, role, roles) \
    [MSG_##message] = {                            \
        .of = RIGHT_##kind, .field = offsetof (message##_t, name), .least = ROLE_##role, .others = roles},
#define RIGHT_TO_ALL(message)              [MSG_##message] = {.of = RIGHT_LIST, .least = ROLE_VIEWER, .publicly = true},
#define RIGHT_TO_READ(message, kind, name) RIGHT_TO_READ_OR (message, kind, name, 0)
#define RIGHT_TO_READ_OR(message, kind, name, roles)          \
    [MSG_##message] = {.of = RIGHT_##kind,                    \
                       .field = offsetof (message##_t, name), \
                       .least = ROLE_VIEWER,                  \
                       .publicly = true,                      \
                       .others = roles},
#define RIGHT_OF(message, roles) [MSG_##message] = {.others = roles},

// What somebody asks for is in this project.
typedef struct {
    const char *project; // Its id; "" for jobs of no project
    bool is_public;
} rights_place_t;

// A service's row for this message; one that says "services" where it has none.
const right_t *rights_row (const right_t table[RIGHT_MESSAGES], uint16_t ask_number);
// OK or FORBIDDEN; who is not signed in is asked to by the gateway. *depends: OK only if rights_there() says so of what `right` names.
MUST_USE fault_t rights_check (turn_t *turn, const right_t *right, bool *depends);
// FORBIDDEN; NOT_FOUND where the caller may not see it: "there is no run r01..".
MUST_USE fault_t rights_there (turn_t *turn, const right_t *right, const rights_place_t *place,
                               const char *what, const char *name);
// The same for a role in a project, where no row says it.
MUST_USE fault_t rights_in_project (turn_t *turn, const rights_place_t *place, role_t least, const char *what,
                                    const char *name);
// For a service that only others call: actor_class_t.may.
MUST_USE fault_t rights_of_services (void *service, turn_t *turn, uint16_t ask_number, const void *ask);
// What the row's field holds in `ask`; "" for nothing.
const char *rights_named (const right_t *right, const void *ask);

// What a statement's VISIBLE condition takes: the ids of the caller's projects, "|p01..|p02..|"; NULL where it sees all.
const char *rights_scope (turn_t *turn);

#endif
