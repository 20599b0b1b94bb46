/* What a provider says of itself is taken where it is what was configured, and leads nowhere that is not allowed. */

#include "services/identity/providers/discovery.h"

#include "tests/unit/test.h"

#include <string.h>

#define ISSUER "https://login.example.org/realm"
#define REST(at)                                                                   \
    "\"authorization_endpoint\":\"" at "/authorize?a=b\",\"token_endpoint\":\"" at \
    "/token\",\"jwks_uri\":\"" at "/keys\""

static arena_t *arena;
static turn_t turn;
static discovery_t found;

static fault_t parse (const char *issuer, bool private_networks, const char *text)
{
    turn_init (&turn, arena, "test", 0);
    return discovery_parse (&turn, issuer, private_networks, text, strlen (text), &found);
}

TEST (a_provider_is_the_issuer_that_was_configured_and_no_other)
{
    arena = arena_new ();
    CHECK_INT (parse (ISSUER, false, "{\"issuer\":\"" ISSUER "\"," REST ("https://a.example.org") "}"), OK);
    CHECK_STR (found.authorization_endpoint, "https://a.example.org/authorize?a=b");
    CHECK (!found.sends_issuer && !found.secret_in_body);
    CHECK_INT (parse (ISSUER, false,
                      "{\"issuer\":\"" ISSUER "\",\"authorization_response_iss_parameter_supported\":true,"
                      "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]," REST (
                          "https://a.example.org") "}"),
               OK);
    CHECK (found.sends_issuer && found.secret_in_body);
    static const char *const wrong[] = {"{\"issuer\":\"" ISSUER "/\"," REST ("https://a.example.org") "}",
                                        "{" REST ("https://a.example.org") "}",
                                        "{\"Issuer\":\"" ISSUER "\"," REST ("https://a.example.org") "}",
                                        "{\"issuer\":\"x\",\"issuer\":\"" ISSUER
                                        "\"," REST ("https://a.example.org") "}",
                                        "{\"issuer\":\"" ISSUER "\"}",
                                        "[]",
                                        "",
                                        "<html>"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT (parse (ISSUER, false, wrong[i]), INVALID);
    CHECK_STR (discovery_url (arena, ISSUER "/"), ISSUER "/.well-known/openid-configuration");
    arena_destroy (&arena);
}

TEST (no_address_of_a_provider_leads_into_a_private_network_unless_it_may)
{
    arena = arena_new ();
#define OF(at) "{\"issuer\":\"" ISSUER "\"," REST (at) "}"
    CHECK_INT (parse (ISSUER, false, OF ("http://a.example.org")), INVALID); // In clear
    CHECK_INT (parse (ISSUER, true, OF ("http://a.example.org")), INVALID);
    CHECK_INT (parse (ISSUER, true, OF ("javascript://a.example.org")), INVALID);
    CHECK_INT (parse (ISSUER, true, OF ("https://user@a.example.org")), INVALID);
    CHECK_INT (parse (ISSUER, false, OF ("https://10.0.0.1")), FORBIDDEN);
    CHECK_INT (parse (ISSUER, false, OF ("https://169.254.169.254")), FORBIDDEN);
    CHECK_INT (parse (ISSUER, false, OF ("http://127.0.0.1:99")), FORBIDDEN);
    CHECK_INT (parse (ISSUER, false, OF ("https://localhost")), FORBIDDEN);
    CHECK_INT (parse (ISSUER, false, OF ("https://0x7f000001")), FORBIDDEN);
    CHECK_INT (parse (ISSUER, true, OF ("https://10.0.0.1")), OK);
    CHECK_INT (parse (ISSUER, true, OF ("http://127.0.0.1:99")), OK);
    CHECK_INT (parse (ISSUER, true, OF ("http://10.0.0.1")), INVALID);
    CHECK_INT (parse (ISSUER, true, OF ("http://127.0.0.1.example.org")), INVALID); // A name
    arena_destroy (&arena);
}
