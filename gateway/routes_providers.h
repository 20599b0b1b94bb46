/* routes_providers.h - the rows of routes.h about OpenID providers by which people sign in (docs/people.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_PROVIDERS_H
#define OPENCICD_GATEWAY_ROUTES_PROVIDERS_H

#define PROVIDER_ROUTE_HANDLERS(H)                   \
    H (provider_offers, NULL, JSON_TYPE, NULL, 0)    \
    H (sign_in_open, JSON_TYPE, JSON_TYPE, NULL, 0)  \
    H (sign_in_close, JSON_TYPE, JSON_TYPE, NULL, 0) \
    H (identity_link_open, JSON_TYPE, JSON_TYPE, NULL, 0)

#define PROVIDER_ROUTES(R)                                                                              \
    R (GET, "/providers", provider_list, MAY_ADMIN, 0, 200, api_call,                                   \
       "the OpenID providers by which people sign in, by name")                                         \
    R (GET, "/providers/{provider}", provider_show, MAY_ADMIN, 0, 200, api_call, "one of them")         \
    R (PUT, "/providers/{provider}", provider_set, MAY_ADMIN, 64 * KIB, 200, api_call,                  \
       "add a provider, or change it; it is asked for its discovery document")                          \
    R (DELETE, "/providers/{provider}", provider_remove, MAY_ADMIN, 0, 204, api_call,                   \
       "nobody signs in by it any more")                                                                \
    R (GET, "/sign-in/providers", provider_offer_list, MAY_ANYBODY, 0, 200, provider_offers,            \
       "the providers' buttons, for the page of signing in")                                            \
    R (POST, "/sign-in/begin", sign_in_begin, MAY_ANYBODY | UNAUDITED, 4 * KIB, 201, sign_in_open,      \
       "begin to sign a browser in by a provider; sets a cookie, and says where to go")                 \
    R (POST, "/sign-in/finish", sign_in_finish, MAY_ANYBODY, 32 * KIB, 201, sign_in_close,              \
       "what the provider's answer brought to /sign-in/callback, once; signs the browser in, or links") \
    R (GET, "/account/identities", identity_list, MAY_SIGN_IN, 0, 200, people_call,                     \
       "the caller's own identities at providers")                                                      \
    R (POST, "/account/identities", identity_link, MAY_SIGN_IN, PEOPLE_BODY, 201, identity_link_open,   \
       "begin to link one; likewise")                                                                   \
    R (POST, "/account/identities/{identity}/remove", identity_unlink, MAY_SIGN_IN, PEOPLE_BODY, 204,   \
       people_call, "sign in by it no more; all other sessions end")

#endif
