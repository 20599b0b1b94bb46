/* audit.h - what is recorded of a request: docs/audit.md.
 *
 * Of every route by which people change something; which those are follows from its row (route_audited), so that a new one is recorded unless
 * its row says UNAUDITED. The service that makes the change records it in the same transaction, from what goes with the request
 * (audit_of_call). What was refused changed nothing: the gateway reports it to identity itself, a little later. */

#ifndef OPENCICD_GATEWAY_AUDIT_H
#define OPENCICD_GATEWAY_AUDIT_H

#include "gateway/request.h"

// For turn.audit of a call with this ask; NULL where it is not recorded.
const char *audit_of_call (request_t *request, const message_t *message, const void *ask);
// At the end of a request: what no service recorded.
void audit_end (request_t *request, fault_t fault);

// Entries that wait to be sent to identity, and the thread that sends them.
typedef struct audit_queue audit_queue_t;
audit_queue_t *audit_queue_new (bus_client_t *client); // Borrows it
void audit_queue_stop (audit_queue_t *self);       // Sends what waits, for a second at most; takes no more
void audit_queue_destroy (audit_queue_t **self_p); // Once nobody adds to it

#endif
