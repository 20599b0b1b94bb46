/* cookie.h - the session cookie of a browser, and when a request that brings it is the page's own. Pure functions over a head.
 *
 * Over TLS the cookie is "__Host-opencicd", which no other host and no plain HTTP can set; without TLS it has another name, and only the
 * one of both that fits is read. A browser adds a cookie to whatever any page sends here, so that a request counts only where the
 * browser says that this server's own page made it. Sources: RFC 6265bis 4.1.3; W3C Fetch Metadata. */

#ifndef OPENCICD_GATEWAY_COOKIE_H
#define OPENCICD_GATEWAY_COOKIE_H

#include "common/base/arena.h"
#include "common/http/http_head.h"

const char *cookie_name (bool secure);
const char *cookie_flow_name (
    bool secure); // Of the cookie that binds a sign-in by a provider to the browser that began it
const char *cookie_get (arena_t *arena, const http_head_t *head, const char *name); // NULL if it is missing
// The value of Set-Cookie for one of these names; `value` "" removes it.
const char *cookie_set (arena_t *arena, const char *name, bool secure, const char *value, int64_t seconds);

// NULL, or what is wrong: another site's page made it, or, where it writes, nothing shows that it was our own.
const char *cookie_refusal (const http_head_t *head);

#endif
