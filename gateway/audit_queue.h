/* audit_queue.h - entries of the audit that the gateway itself reports to identity: what was refused. Bounded: past the bound the
 * newest are dropped, and counted. */

#ifndef OPENCICD_GATEWAY_AUDIT_QUEUE_H
#define OPENCICD_GATEWAY_AUDIT_QUEUE_H

#include "gateway/audit.h"

#define AUDIT_WAITING 1000 // Entries, while identity is away
#define AUDIT_REFUSED 300  // A minute, by whomever: a flood of refusals must not fill the audit

void audit_queue_add (audit_queue_t *self, const audit_entry_t *entry); // Copies it. From any thread

#endif
