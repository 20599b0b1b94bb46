/* audit_syslog.h - sends the audit to syslog, RFC 5424: UDP (RFC 5426), TCP with counted octets (RFC 6587), or a socket of this machine.
 *
 * Each entry at least once, in order: what was sent is remembered once it was handed over. A restart, or a connection that breaks, may send some
 * again, which have the same id; UDP may lose them. One replica sends at a time. */

#ifndef OPENCICD_AUDIT_SYSLOG_H
#define OPENCICD_AUDIT_SYSLOG_H

#include "common/base/buffer.h"
#include "proto/messages.h"

#define SYSLOG_LINE (24 << 10) // Bytes of one message

typedef struct {
    bool on, sending;
    char *to;         // udp://HOST:PORT, tcp://HOST:PORT, unix:PATH
    int64_t again_us; // Not before, after a failure
} audit_syslog_t;

struct identity;
// INVALID: not such an address. "" is none.
MUST_USE fault_t audit_syslog_set (audit_syslog_t *self, turn_t *turn, const char *to);
void audit_syslog_clear (audit_syslog_t *self);
MUST_USE fault_t audit_syslog_tick (struct identity *self, turn_t *turn, int64_t *next_us);

// One message, as a datagram has it. Pure.
void audit_syslog_print (const audit_entry_t *entry, const char *host, buffer_t *into);

#endif
