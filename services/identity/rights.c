/* rights.c - who may send identity which message. What is of a project is decided where its handler knows which one (value_scope.c,
 * role.c); whose an account or a token is, in people/ and identity.c. */

#include "proto/rights.h"

#include "services/identity/inside.h"

// clang-format off
static const right_t rights[RIGHT_MESSAGES] = {
    RIGHT (token_issue, INSTANCE, ADMIN)
    RIGHT (token_list, INSTANCE, ADMIN)
    RIGHT (token_revoke, SIGNED_IN, MEMBER)
    RIGHT (session_show, SIGNED_IN, MEMBER)
    RIGHT (session_end, SIGNED_IN, MEMBER)
    RIGHT (session_list, SIGNED_IN, MEMBER)
    RIGHT (session_revoke, SIGNED_IN, MEMBER)
    RIGHT (link_make, SIGNED_IN, MEMBER)
    RIGHT (secret_set, SIGNED_IN, MEMBER)
    RIGHT (secret_list, SIGNED_IN, MEMBER)
    RIGHT (secret_remove, SIGNED_IN, MEMBER)
    RIGHT (variable_set, SIGNED_IN, MEMBER)
    RIGHT (variable_list, SIGNED_IN, MEMBER)
    RIGHT (variable_remove, SIGNED_IN, MEMBER)
    RIGHT (environment_set, SIGNED_IN, MEMBER)
    RIGHT (environment_list, SIGNED_IN, MEMBER)
    RIGHT (environment_show, SIGNED_IN, MEMBER)
    RIGHT (environment_remove, SIGNED_IN, MEMBER)
    RIGHT (role_list, SIGNED_IN, MEMBER)
    RIGHT (role_set, SIGNED_IN, MEMBER)
    RIGHT (role_drop, SIGNED_IN, MEMBER)
    RIGHT (group_list, INSTANCE, ADMIN)
    RIGHT (group_set, INSTANCE, ADMIN)
    RIGHT (oidc_key_list, INSTANCE, ADMIN)
    RIGHT (oidc_rotate, INSTANCE, ADMIN)
    RIGHT (audit_list, INSTANCE, ADMIN)
    RIGHT (audit_read, INSTANCE, ADMIN)
    RIGHT (retention_of_audit, INSTANCE, VIEWER)
    RIGHT (user_list, INSTANCE, ADMIN)
    RIGHT (user_show, INSTANCE, ADMIN)
    RIGHT (user_add, INSTANCE, ADMIN)
    RIGHT (user_change, INSTANCE, ADMIN)
    RIGHT (user_disable, INSTANCE, ADMIN)
    RIGHT (user_enable, INSTANCE, ADMIN)
    RIGHT (user_remove, INSTANCE, ADMIN)
    RIGHT (user_sign_out, INSTANCE, ADMIN)
    RIGHT (user_reset, INSTANCE, ADMIN)
    RIGHT (invitation_make, INSTANCE, ADMIN)
    RIGHT (invitation_list, INSTANCE, ADMIN)
    RIGHT (invitation_remove, INSTANCE, ADMIN)
    RIGHT (user_tokens, SIGNED_IN, MEMBER)
    RIGHT (user_token_issue, SIGNED_IN, MEMBER)
    RIGHT (account_show, SIGNED_IN, MEMBER)
    RIGHT (account_change, SIGNED_IN, MEMBER)
    RIGHT (password_change, SIGNED_IN, MEMBER)
    RIGHT (totp_begin, SIGNED_IN, MEMBER)
    RIGHT (totp_confirm, SIGNED_IN, MEMBER)
    RIGHT (totp_remove, SIGNED_IN, MEMBER)
    RIGHT (recovery_renew, SIGNED_IN, MEMBER)
    RIGHT (provider_set, INSTANCE, ADMIN)
    RIGHT (provider_list, INSTANCE, ADMIN)
    RIGHT (provider_show, INSTANCE, ADMIN)
    RIGHT (provider_remove, INSTANCE, ADMIN)
    RIGHT (identity_list, SIGNED_IN, MEMBER)
    RIGHT (identity_link, SIGNED_IN, MEMBER)
    RIGHT (identity_unlink, SIGNED_IN, MEMBER)
    RIGHT_OF (job_secrets, RIGHT_BIT (JOB))
    RIGHT_OF (id_token_get, RIGHT_BIT (JOB))
    RIGHT_OF (oidc_discovery_show, ~0u)
    RIGHT_OF (oidc_jwks_show, ~0u)
};
// clang-format on

fault_t identity_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask)
{
    bool depends;
    (void) self, (void) ask;
    return rights_check (turn, rights_row (rights, ask_number), &depends);
}
