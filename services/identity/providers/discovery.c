/* discovery.c - see discovery.h. */

#include "services/identity/providers/discovery.h"

#include "common/base/url.h"
#include "services/identity/providers/members.h"

#include <string.h>

typedef struct {
    discovery_t found;
    const char **methods; // By which a client proves itself; NULL: it does not say
    size_t count;
} reading_t;

static bool is_loopback (const char *host)
{
    bool is_public;
    return strcmp (host, "localhost") == 0 || strcmp (host, "::1") == 0 ||
           (strncmp (host, "127.", 4) == 0 && host_is_number (host, &is_public)); // Not 127.example.org
}

fault_t discovery_check_url (turn_t *turn, const char *what, const char *text, bool private_networks)
{
    url_t url;
    bool is_public;
    if (url_parse (turn, text, &url) != OK)
        return turn_fail (turn, INVALID, "%s: %s", what, turn->detail);
    bool plain = strcmp (url.scheme, "http") == 0, number = host_is_number (url.host, &is_public);
    if (plain ? !is_loopback (url.host) : strcmp (url.scheme, "https") != 0)
        return turn_fail (turn, INVALID,
                          "%s: must begin with https:// (http:// only for this machine itself)", what);
    if (!*url.host || url.has_user || url.fragment)
        return turn_fail (turn, INVALID, "%s: must be a host with a path, without a user and without #",
                          what);
    if (!private_networks && (is_loopback (url.host) || (number && !is_public)))
        return turn_fail (turn, FORBIDDEN,
                          "%s: %s is not on the public internet: private_networks must allow it", what,
                          url.host);
    return OK;
}

const char *discovery_url (arena_t *arena, const char *issuer)
{
    size_t size = strlen (issuer);
    while (size > 0 && issuer[size - 1] == '/')
        size--;
    return arena_printf (arena, "%.*s/.well-known/openid-configuration", (int) size, issuer);
}

static bool take_other (members_t *members, json_reader_t *reader, const char *name)
{
    reading_t *self = members->into;
    if (strcmp (name, "authorization_response_iss_parameter_supported") == 0 &&
        json_reader_next (reader) == JSON_IS_BOOL)
        return json_reader_bool (reader, &self->found.sends_issuer);
    if (strcmp (name, "token_endpoint_auth_methods_supported") == 0 &&
        json_reader_next (reader) == JSON_IS_ARRAY && !self->methods)
        return members_strings (reader, members->arena, &self->methods, &self->count);
    return json_reader_skip (reader);
}

static bool has (const reading_t *self, const char *method)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->methods[i], method) == 0)
            return true;
    return false;
}

static fault_t check_endpoint (turn_t *turn, const char *name, const char *url, bool private_networks)
{
    return url ? discovery_check_url (turn, name, url, private_networks)
               : turn_fail (turn, INVALID, "%s: is missing", name);
}

fault_t discovery_parse (turn_t *turn, const char *issuer, bool private_networks, const char *text,
                         size_t size, discovery_t *out)
{
    static const member_t texts[] = {
        {"issuer", offsetof (reading_t, found.issuer)},
        {"authorization_endpoint", offsetof (reading_t, found.authorization_endpoint)},
        {"token_endpoint", offsetof (reading_t, found.token_endpoint)},
        {"jwks_uri", offsetof (reading_t, found.jwks_uri)},
        {NULL, 0}};
    reading_t reading = {0};
    members_t members = {.texts = texts, .into = &reading, .other = take_other, .arena = turn->arena};
    *out = (discovery_t){0};
    TRY (members_read (&members, turn, text, size));
    *out = reading.found;
    out->secret_in_body =
        reading.methods && !has (&reading, "client_secret_basic") && has (&reading, "client_secret_post");
    if (!out->issuer || strcmp (out->issuer, issuer) != 0)
        return turn_fail (turn, INVALID, "it is of another issuer than %s", issuer);
    TRY (check_endpoint (turn, "authorization_endpoint", out->authorization_endpoint, private_networks));
    TRY (check_endpoint (turn, "token_endpoint", out->token_endpoint, private_networks));
    return check_endpoint (turn, "jwks_uri", out->jwks_uri, private_networks);
}
