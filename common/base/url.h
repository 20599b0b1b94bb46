/* url.h - parses a URL strictly, and decides whether a host is on the public internet.
 *
 * Programs that parse one URL differently send requests to unintended hosts: what is ambiguous (blanks, control
 * characters, backslashes, a host with odd letters) is refused. Messages about a URL never repeat it, because it may contain a password.
 *
 * Sources: RFC 3986; IANA's special-purpose address registries for IPv4 and IPv6. */

#ifndef OPENCICD_URL_H
#define OPENCICD_URL_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stdint.h>

#define URL_MAX 2048 // Bytes

typedef struct {
    const char *scheme; // Lower case
    const char *user;   // "" without; never shown
    bool has_user;      // There is an `@`, whatever precedes it
    bool has_password;
    const char *host;     // Lower case; an IPv6 address without its brackets; "" only for file:
    uint16_t port;        // 0: the scheme's own
    const char *path;     // From its `/`, as written; "" without
    const char *query;    // After `?`; NULL without
    const char *fragment; // After `#`; NULL without
} url_t;

// INVALID: the detail says what is wrong with it, not what it is.
MUST_USE fault_t url_parse (turn_t *turn, const char *text, url_t *out);
// http or https to a host, nothing before it and no `?` or `#`: what a path can be appended to. `what` begins the message: "url".
MUST_USE fault_t url_check_base (turn_t *turn, const char *what, const char *text);
// A path segment or a query's value, percent-encoded: all but letters, digits, `-._~` and what is in `also`.
const char *url_escape (arena_t *arena, const char *text, const char *also);
// The text without what is between `://` and `@`, however often: for output and logs.
const char *url_redact (arena_t *arena, const char *text);

struct sockaddr;
bool address_is_public (
    const struct sockaddr *address); // Neither loopback, link-local, private, multicast nor reserved
bool host_is_number (const char *host,
                     bool *is_public); // An address in any notation that a resolver takes for one

// Are all addresses of this host public? *address is one of them. FORBIDDEN if one is not or there is none: the two cannot
// be told apart from outside. Waits for the resolver, some 30 s at most: not for an actor's thread.
MUST_USE fault_t host_find_public (turn_t *turn, const char *host, const char **address);

#endif
