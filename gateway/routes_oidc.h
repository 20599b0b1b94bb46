/* routes_oidc.h - the rows of routes.h about the identities of jobs (docs/oidc.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_OIDC_H
#define OPENCICD_GATEWAY_ROUTES_OIDC_H

#define OIDC_HANDLERS(H)                          \
    H (oidc_public, NULL, JSON_TYPE, NULL, PLAIN) \
    H (id_token_give, NULL, JSON_TYPE, NULL, 0)

#define OIDC_ROUTES(R)                                                                                  \
    R (GET, "/.well-known/openid-configuration", oidc_discovery_show, MAY_ANYBODY, 0, 200, oidc_public, \
       "who issues identities, and how; for whoever verifies them")                                     \
    R (GET, "/.well-known/jwks", oidc_jwks_show, MAY_ANYBODY, 0, 200, oidc_public,                      \
       "the keys that verify identities")                                                               \
    R (GET, "/jobs/{job}/id-token", id_token_get, MAY_JOB, 0, 200, id_token_give,                       \
       "a job with `id-token: write` asks for an identity, as @actions/core does")                      \
    R (GET, "/oidc/keys", oidc_key_list, MAY_ADMIN, 0, 200, api_call, "the keys that sign identities")  \
    R (POST, "/oidc/rotate", oidc_rotate, MAY_ADMIN, 4 * KIB, 200, api_call,                            \
       "make a new key; with `revoke` the others are not valid any more")

#endif
