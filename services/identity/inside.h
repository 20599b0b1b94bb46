/* inside.h - the identity service's internal interface. */

#ifndef OPENCICD_IDENTITY_INSIDE_H
#define OPENCICD_IDENTITY_INSIDE_H

#include "common/base/secret_box.h"
#include "proto/messages.h"
#include "proto/rights.h"
#include "services/identity/audit_syslog.h"
#include "services/identity/identity.h"
#include "services/identity/session_store.h"
#include "services/identity/value_store.h"
#include "services/identity/vault.h"

struct identity {
    db_t *db; // First, for db_unit.h
    secret_box_t box;
    bool keys_checked; // That all which sealed something are there
    char *issuer;      // Of identities: the public URL, without a slash at its end
    bool no_id_tokens; // Jobs get none
    vault_settings_t vaults;
    struct background *helpers;    // Threads that read them, and send the audit
    struct hashing *hashing;       // Of passwords: people/hashing.h
    struct login_delay *delays;    // Of those that were wrong: people/login_delay.h
    struct background *askers;     // Threads that ask providers
    struct known_providers *known; // What these say of themselves: providers/known.h
    uint32_t audit_days;           // 0: it is kept for good
    int64_t audit_prune_us;        // When what is older is looked for next
    audit_syslog_t syslog;
};

static inline bool is_given (const char *text)
{
    return text && *text;
}

// The name of the token's holder for others: never empty, so that actions have an actor.
const char *identity_subject (const token_t *token);

// ---- rights.c, principal.c ----
MUST_USE fault_t identity_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask);
const char *identity_role (const token_t *token); // Everywhere: MEMBER, where it is narrowed to projects
// Nothing where its user is disabled or gone; never more than its user may, nor than the token does.
MUST_USE fault_t identity_principal (identity_t *self, turn_t *turn, const token_t *token, principal_t *out);
// The same of a session of this user ("": of nobody), which has a role and no projects of its own.
MUST_USE fault_t identity_principal_of_user (identity_t *self, turn_t *turn, const char *user,
                                             const char *role, const char *subject, principal_t *out);
// What its subject and its groups were given, in addition to its role.
MUST_USE fault_t identity_add_grants (identity_t *self, turn_t *turn, principal_t *out);

// Issues a token to this user ("": to nobody), under the lock of tokens (token_store.h).
MUST_USE fault_t identity_make_token (identity_t *self, turn_t *turn, role_t role, const token_issue_t *ask,
                                      const char *user, token_t *out);
// In the log, after the commit: what was rolled back did not happen. Only in a turn of the actor.
void identity_record_token (turn_t *turn, const char *what, const token_t *token);
bool identity_has_control (const char *text);                          // A control character
MUST_USE fault_t identity_check_text (turn_t *turn, const char *name); // INVALID where it has one

// Opens a session of this token or user, which ends at row->latest at the latest (0: whenever sessions do). In a unit of work.
MUST_USE fault_t identity_open_session (identity_t *self, turn_t *turn, const session_row_t *row,
                                        session_t *out);
// Whose session is it? Empty where there is none of that hash. Its use is recorded, which keeps it from ending for lack of use.
MUST_USE fault_t identity_check_session (identity_t *self, turn_t *turn, const char *hash, principal_t *out);
HANDLER (session_begin);
HANDLER (session_show);
HANDLER (session_end);
HANDLER (session_list);
HANDLER (session_revoke);
HANDLER (link_make);

// ---- value_scope.c ----
// What is asked to be done with values of a scope: whoever may not is refused.
typedef enum { MAY_SEE, MAY_SEE_SECRETS, MAY_CHANGE } value_right_t;
// Of a request that names its project by id or name: asks the scheduler for it. NOT_FOUND for an unknown project or environment, and for one that
// the caller may not see.
MUST_USE fault_t identity_scope (identity_t *self, turn_t *turn, value_right_t right, const char *project,
                                 const char *environment, value_scope_t *out);
MUST_USE fault_t identity_project (turn_t *turn, const char *named, rights_place_t *out);
// The right alone, and the project's id: whether there is such an environment, the caller looks.
MUST_USE fault_t identity_in_project (turn_t *turn, value_right_t right, const char *project,
                                      const char *environment, const char **id);
const char *identity_key (arena_t *arena, const char *environment); // Its name as it is stored
const char *identity_upper (arena_t *arena, const char *name);      // Of a secret or variable, likewise
const char *identity_place (arena_t *arena, const value_scope_t *scope, const char *name); // secret_box.h
// The value of a secret. BROKEN, and counted, where it cannot be decrypted.
MUST_USE fault_t identity_open (identity_t *self, turn_t *turn, const value_row_t *row, const char **out);
// After the commit: "a secret was set", with whose it is and by whom.
void identity_record (turn_t *turn, const char *what, const value_scope_t *scope, const char *name);
// Every message of these files.
// clang-format off
#define VALUE_HANDLERS(H)                                                                             \
    H (secret_set) H (secret_list) H (secret_remove) H (variable_set) H (variable_list)               \
    H (variable_remove) H (environment_set) H (environment_list) H (environment_show)                 \
    H (environment_remove) H (job_secrets) H (variables_read) H (values_purge)                        \
    H (id_token_get) H (oidc_discovery_show) H (oidc_jwks_show) H (oidc_key_list) H (oidc_rotate)     \
    H (role_list) H (role_set) H (role_drop) H (group_list) H (group_set)
// clang-format on
#define VALUE_HANDLER(message) HANDLER (message);
VALUE_HANDLERS (VALUE_HANDLER)
#undef VALUE_HANDLER

// ---- role.c ----
bool identity_is_name (const char *name); // Letters, digits, . _ -
// Under value_store_lock: a group without members, where there is none of that name.
MUST_USE fault_t identity_make_group (identity_t *self, turn_t *turn, const char *name);

// ---- audit.c ----
#define AUDIT_TOPIC "audit"
HANDLER (audit_put);
HANDLER (audit_list);
HANDLER (audit_read);
HANDLER (retention_of_audit);
fault_t identity_audit_tick (identity_t *self, turn_t *turn, int64_t *next_us);

// ---- reseal.c ----
fault_t identity_tick (void *self, turn_t *turn, int64_t *next_us);

#endif
