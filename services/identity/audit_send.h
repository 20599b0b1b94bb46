/* audit_send.h - where messages of syslog go, and sending them. Knows no audit. */

#ifndef OPENCICD_AUDIT_SEND_H
#define OPENCICD_AUDIT_SEND_H

#include "proto/strs.h"

typedef enum { SEND_UDP, SEND_TCP, SEND_UNIX } audit_send_kind_t;

typedef struct {
    audit_send_kind_t kind;
    const char *host, *port; // Of the first two
    const char *path;        // Of the last
} audit_target_t;

// udp://HOST:PORT, tcp://HOST:PORT, unix:/PATH. INVALID.
MUST_USE fault_t audit_target_parse (turn_t *turn, const char *text, audit_target_t *out);
// All of them, within some seconds, or UNAVAILABLE: then some may have been sent.
MUST_USE fault_t audit_send (turn_t *turn, const char *to, const strs_t *lines);

#endif
