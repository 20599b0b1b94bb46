/* fields_provider.h - fields of the OpenID providers by which people sign in. */

#ifndef OPENCICD_FIELDS_PROVIDER_H
#define OPENCICD_FIELDS_PROVIDER_H

#include "proto/fields_sign_in.h"

#define MAX_PROVIDERS       20
#define MAX_PROVIDER_GROUPS 100

#define PROVIDER_FIELDS(F, T)                                                                           \
    F (T, STR, label, MAX_NAME, "what its button says; default: the name")                              \
    F (T, STR, scopes, MAX_NAME, "what it is asked for; default: openid profile email")                 \
    F (T, STR, groups_claim, MAX_NAME, "claim of its ID token that lists groups; empty: none are read") \
    F (T, STRS, groups, MAX_PROVIDER_GROUPS,                                                            \
       "whose members it decides, beside administrators: a name, or `its name=name of a group here`")   \
    F (T, BOOL, create, 1, "whoever it knows and nobody here does gets an account")                     \
    F (T, STR, role, 32,                                                                                \
       "what such an account may everywhere: MEMBER (default), VIEWER, DEVELOPER, MAINTAINER")          \
    F (T, BOOL, private_networks, 1, "it may be on loopback and private addresses")
#define PROVIDER(F, T)                                                                     \
    F (T, KEY, id, MAX_ID, "opaque")                                                       \
    F (T, KEY, name, MAX_ID, "unique")                                                     \
    F (T, STR, issuer, MAX_URL, "`iss` of its tokens, exactly")                            \
    F (T, STR, client_id, MAX_NAME, "as it knows this server")                             \
    F (T, BOOL, has_secret, 1, "this server proves itself by a client secret")             \
    PROVIDER_FIELDS (F, T)                                                                 \
    F (T, STR, redirect_url, MAX_URL, "what it must be configured to send people back to") \
    F (T, TIME, created_at, 0, "when it was added")                                        \
    F (T, STR, created_by, MAX_ID, "by whom")
#define PROVIDER_SET(F, T)                                                                           \
    F (T, KEY, provider, MAX_ID, "its name: letters, digits, . _ -")                                 \
    F (T, STR, issuer, MAX_URL, "https://..., as its discovery document says it; cannot be changed") \
    F (T, STR, client_id, MAX_NAME, "as it knows this server")                                       \
    F (T, STR, client_secret, MAX_SECRET, "empty: as it is; of a new one: it is a public client")    \
    PROVIDER_FIELDS (F, T)
#define PROVIDER_LIST(F, T)   NO_FIELDS (F, T)
#define PROVIDER_ROWS(F, T)   F (T, LIST (provider), items, MAX_PROVIDERS, "by name")
#define PROVIDER_SHOW(F, T)   F (T, KEY, provider, MAX_ID, "id or name")
#define PROVIDER_REMOVE(F, T) F (T, KEY, provider, MAX_ID, "id or name")

#define PROVIDER_OFFER_LIST(F, T) NO_FIELDS (F, T)
#define PROVIDER_OFFER(F, T)           \
    F (T, KEY, name, MAX_ID, "unique") \
    F (T, STR, label, MAX_NAME, "what its button says")
#define PROVIDER_OFFER_ROWS(F, T) F (T, LIST (provider_offer), items, MAX_PROVIDERS, "by name")

#define PROVIDER_MESSAGES(M)                                                                 \
    M (600, provider, PROVIDER, "an OpenID provider, without its client secret")             \
    M (601, provider_set, PROVIDER_SET, "add a provider, or change it")                      \
    M (602, provider_list, PROVIDER_LIST, "the providers, by name")                          \
    M (603, provider_rows, PROVIDER_ROWS, "providers")                                       \
    M (604, provider_show, PROVIDER_SHOW, "one provider")                                    \
    M (605, provider_remove, PROVIDER_REMOVE, "remove a provider")                           \
    M (606, provider_offer_list, PROVIDER_OFFER_LIST, "by which providers can one sign in?") \
    M (607, provider_offer, PROVIDER_OFFER, "a provider, for the page of signing in")        \
    M (608, provider_offers, PROVIDER_OFFER_ROWS, "providers, for the page of signing in")   \
    SIGN_IN_MESSAGES (M)

#define PROVIDER_CALLS(C)                                     \
    C (provider_set, identity, provider, AGAIN)               \
    C (provider_list, identity, provider_rows, AGAIN)         \
    C (provider_show, identity, provider, AGAIN)              \
    C (provider_remove, identity, done, AGAIN)                \
    C (provider_offer_list, identity, provider_offers, AGAIN) \
    SIGN_IN_CALLS (C)

#endif
