/* routes_session.h - routes by which a browser signs in, and what people did. Read with routes.h. */

#ifndef OPENCICD_GATEWAY_ROUTES_SESSION_H
#define OPENCICD_GATEWAY_ROUTES_SESSION_H

#include "gateway/routes_audit.h"
#include "gateway/routes_people.h"
#include "gateway/routes_providers.h"

#define SESSION_HANDLERS(H)                         \
    AUDIT_HANDLERS (H)                              \
    H (session_open, JSON_TYPE, JSON_TYPE, NULL, 0) \
    H (session_close, NULL, JSON_TYPE, NULL, 0)     \
    H (session_link, JSON_TYPE, JSON_TYPE, NULL, 0) \
    H (session_rows, NULL, JSON_TYPE, NULL, 0)      \
    H (session_drop, NULL, JSON_TYPE, NULL, 0)      \
    PEOPLE_HANDLERS (H)                             \
    PROVIDER_ROUTE_HANDLERS (H)

#define SESSION_ROUTES(R)                                                                           \
    AUDIT_ROUTES (R)                                                                                \
    R (POST, "/session", session_begin, MAY_ANYBODY, 16 * KIB, 201, session_open,                   \
       "sign a browser in, by name and password, a token, or the code of a link; sets a cookie")    \
    R (GET, "/session", session_show, MAY_SIGN_IN, 0, 200, people_call, "who the caller is")        \
    R (DELETE, "/session", session_end, MAY_SIGN_IN, 0, 204, session_close, "sign the browser out") \
    R (POST, "/session/links", link_make, MAY_SIGN_IN, 4 * KIB, 201, session_link,                  \
       "a link that signs a browser in, once, as the caller")                                       \
    R (GET, "/sessions", session_list, MAY_SIGN_IN, 0, 200, session_rows,                           \
       "the browsers in which the caller is signed in, latest first")                               \
    R (DELETE, "/sessions/{session}", session_revoke, MAY_SIGN_IN, 0, 204, session_drop,            \
       "sign one of them out; an ADMIN: of anybody")                                                \
    PEOPLE_ROUTES (R)                                                                               \
    PROVIDER_ROUTES (R)

#endif
