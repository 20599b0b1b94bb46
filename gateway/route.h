/* route.h - the rows of routes.h as a table, and the lookup of a request's route. Pure. */

#ifndef OPENCICD_GATEWAY_ROUTE_H
#define OPENCICD_GATEWAY_ROUTE_H

#include "gateway/routes.h"
#include "gateway/uri.h"
#include "proto/messages.h"

#include <stdint.h>

#define MAY(role)    (1u << ROLE_##role)
#define MAY_ADMIN    MAY (ADMIN)
#define MAY_MAINTAIN (MAY (MAINTAINER) | MAY_ADMIN)
#define MAY_DEVELOP  (MAY (DEVELOPER) | MAY_MAINTAIN)
#define MAY_VIEW     (MAY (VIEWER) | MAY_DEVELOP)
#define MAY_SIGN_IN  (MAY (MEMBER) | MAY_VIEW)
// Also who is not signed in, for what is of public projects, where the server lets them (public_projects).
#define PUBLICLY (1u << 31)
#define MAY_READ (PUBLICLY | MAY_SIGN_IN)
// Where no service decides: a role in some project is not enough.
#define EVERYWHERE   (1u << 30)
#define MAY_JOB      MAY (JOB)
#define MAY_AGENT    MAY (AGENT)
#define MAY_REGISTER (MAY (REGISTRAR) | MAY_AGENT | MAY_ADMIN)
#define MAY_ANYBODY  (MAY (NOBODY) | MAY (REGISTRAR) | MAY_AGENT | MAY_JOB | MAY_SIGN_IN)
#define UNAUDITED    (1u << 29)   // With other roles: it changes nothing, or what it belongs to is recorded
#define MAY_SIGNED   MAY (NOBODY) // The handler checks the URL's signature, which says who it is

struct request; // request.h
typedef fault_t handle_fn (struct request *request);

#define HANDLER_DECLARE(name, takes, gives, extra, flags) handle_fn name; // Defined in the file of its noun
HANDLERS (HANDLER_DECLARE)
#undef HANDLER_DECLARE

typedef struct {
    handle_fn *handle;
    const char *takes; // Media type of the body; NULL for none
    const char *gives; // Media type of the answer
    const char *extra; // A query parameter that is not a field of the message; NULL for none, "*" for any
    unsigned flags;    // STREAMS, TOOLKIT, PLAIN
} route_handler_t;

typedef struct {
    const char *method;
    const char *path; // "/jobs/{job}/log"; {path...} takes the rest
    const message_t *ask;
    uint32_t roles;  // Bit n: role n may, everywhere or in some project: its service decides in which
    uint32_t limit;  // Bytes of the body
    uint16_t status; // On success
    const route_handler_t *handler;
    const char *text;
} route_t;

extern const route_t routes[];
extern const size_t routes_count;

// Finds the row and fills *params with its path parameters. NOT_FOUND where no row has the path; NO_METHOD where none of those
// that have it has the method, with *allow = "GET, POST" in the turn's arena.
MUST_USE fault_t route_match (turn_t *turn, const char *method, const segments_t *path, const route_t **out,
                              uri_pairs_t *params, const char **allow);

// Do people change something by it? Then it is recorded (audit.h).
bool route_audited (const route_t *route);

#endif
