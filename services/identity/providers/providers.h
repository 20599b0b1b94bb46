/* providers.h - what the files about signing in by OpenID providers share. */

#ifndef OPENCICD_PROVIDERS_PROVIDERS_H
#define OPENCICD_PROVIDERS_PROVIDERS_H

#include "services/identity/people/people.h"
#include "services/identity/providers/claims.h"
#include "services/identity/providers/known.h"
#include "services/identity/providers/linked_store.h"

// ---- provider.c ----

// By its name or id; NOT_FOUND.
MUST_USE fault_t provider_named (identity_t *self, turn_t *turn, const char *named, provider_row_t *out);
MUST_USE fault_t provider_secret (identity_t *self, turn_t *turn, const provider_row_t *row,
                                  const char **out); // "": none
const char *provider_redirect_url (const identity_t *self, arena_t *arena);
// The groups here that these of the provider stand for.
strs_t provider_groups (arena_t *arena, const provider_t *self, const strs_t *theirs);
MUST_USE fault_t providers_reseal (identity_t *self, turn_t *turn); // reseal.c
MUST_USE fault_t providers_sealed_by (identity_t *self, turn_t *turn, strs_t *keys);

// ---- flow.c ----

// Of a sign-in that this browser begins, or of a link to the account of `user`.
typedef struct {
    const char *provider, *path, *user, *browser;
} flow_start_t;
MUST_USE fault_t flow_begin (identity_t *self, turn_t *turn, const flow_start_t *start, sign_in_flow_t *out);

const char *flow_challenge (arena_t *arena, const char *verifier); // S256

// ---- linked.c ----

// An identity that was proven; the user whose it is.
MUST_USE fault_t linked_sign_in (identity_t *self, turn_t *turn, const provider_row_t *provider,
                                 const id_claims_t *claims, user_row_t *out);
MUST_USE fault_t linked_add (identity_t *self, turn_t *turn, const provider_row_t *provider,
                             const id_claims_t *claims, const own_t *own);

// ---- newcomer.c ----

// Under the lock of tokens: an account for somebody whom only the provider knows.
MUST_USE fault_t newcomer_add (identity_t *self, turn_t *turn, const provider_row_t *provider,
                               const id_claims_t *claims, user_row_t *out);
// A text of a provider as it may be shown: so long, and without control characters.
const char *claim_text (arena_t *arena, const char *text, size_t most);

// Every message of these files.
// clang-format off
#define PROVIDER_HANDLERS(H)                                                                    \
    H (provider_set) H (provider_list) H (provider_show) H (provider_remove)                    \
    H (provider_offer_list) H (sign_in_begin) H (sign_in_take) H (sign_in_finish)               \
    H (identity_list) H (identity_link) H (identity_unlink)
// clang-format on
#define PROVIDER_HANDLER(message) HANDLER (message);
PROVIDER_HANDLERS (PROVIDER_HANDLER)
#undef PROVIDER_HANDLER

#endif
