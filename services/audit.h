/* audit.h - what people change, recorded by the service that changes it (common/actor/actor_audit.c) and kept by identity.
 *
 * The gateway says with a request what is to be recorded of it: an audit_entry, as JSON in turn->audit. The row of it is in the same
 * transaction as the change, in the service's own table `audit_outbox`; soon afterwards it is sent to identity, which keeps it. */

#ifndef OPENCICD_SERVICES_AUDIT_H
#define OPENCICD_SERVICES_AUDIT_H

#include "common/actor/actor.h"

extern const actor_audit_t
    service_audit; // For a class whose self begins with its `db_t *db`, migrated ("audit")

#endif
