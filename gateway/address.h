/* address.h - where a request comes from.
 *
 * The peer of its connection; where that is one of `trusted_proxies`, the last entry of X-Forwarded-For that is none of them. What a
 * client wrote there before its proxy did is not looked at. */

#ifndef OPENCICD_GATEWAY_ADDRESS_H
#define OPENCICD_GATEWAY_ADDRESS_H

#include "common/base/arena.h"

#include <stdbool.h>

struct request;
const char *request_address (const struct request *self);

// Pure. `proxies`: addresses and networks, "10.0.0.7, 192.168.0.0/16", IPv4 and IPv6; `forwarded`: the header, or NULL.
const char *address_of (arena_t *arena, const char *peer, const char *forwarded, const char *proxies);
bool address_is_list (const char *proxies); // Well formed?

#endif
