/* identity.h - whose token is this, and which secrets may a job have? Issues, checks, lists and revokes tokens, of which it knows only the
 * hashes; keeps secrets (encrypted), variables and the rules of environments; gives jobs identities (OpenID Connect).
 *
 *     identity_t *identity = identity_new (db, key);
 *     actor_t *actor = actor_new (&identity_class, identity, bus, NULL);
 *     ...
 *     actor_destroy (&actor);
 *     identity_destroy (&identity); */

#ifndef OPENCICD_IDENTITY_H
#define OPENCICD_IDENTITY_H

#include "common/actor/actor.h"
#include "common/base/job_token.h"
#include "common/db/db.h"

// Bounds on stored tokens, counted separately, and on agents registered with one registration token in a minute.
#define IDENTITY_AGENTS   50000 // Tokens of agents
#define IDENTITY_TOKENS   10000 // All others
#define IDENTITY_A_MINUTE 6000

typedef struct identity identity_t;

// Borrows db, for its actor alone; migrated ("identity"). What encrypts secrets is derived from the key.
identity_t *identity_new (db_t *db, const secret_key_t *key);
// Where else secrets are looked for; copies the pointers. Before its actor starts.
struct vault_settings;
void identity_set_vaults (identity_t *self, const struct vault_settings *settings);
// The server's public URL, whose jobs it gives identities; copied. Likewise.
void identity_set_url (identity_t *self, const char *url);
// What a hash of a password costs, where a test is not about that. Likewise.
void identity_set_password_cost (identity_t *self, uint64_t passes, size_t memory);
// For how many days the audit is kept, 0 for good, and where it is sent (audit_syslog.h), "" for nowhere. Likewise. INVALID.
MUST_USE fault_t identity_set_audit (identity_t *self, turn_t *turn, uint32_t days, const char *syslog);
void identity_give_no_tokens (identity_t *self); // To jobs, to show to others (docs/oidc.md)
void identity_destroy (identity_t **self_p);

extern const actor_class_t identity_class;

// The first tokens of a new installation, to be written to files that only their owner can read.
typedef struct {
    const char *admin;        // NULL if there already is a token of this role
    const char *registration; // For agents that register; likewise
} first_tokens_t;

// Before the actor starts, in the caller's transaction, so that the secrets are known before they are valid: creates those
// that are missing; of several replicas that start at once, one does. They live in the turn's arena and nowhere else.
MUST_USE fault_t identity_first_tokens (identity_t *self, turn_t *turn, first_tokens_t *out);

#endif
