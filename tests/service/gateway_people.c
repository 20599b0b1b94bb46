/* Accounts over HTTP, with the real identity behind: cookies, who may ask what from where, and what of a request nobody but the gateway says. */

#include "common/base/id.h"
#include "db/migrations.h"
#include "db/open.h"
#include "gateway/gateway.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/identity/identity.h"
#include "tests/http/wire.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <string.h>

#define OWN_JSON "Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n"
#define PASSWORD "seventeen green kettles"
#define WRONG    "{\"name\":\"ada\",\"password\":\"wrong\"}"
#define RIGHT    "{\"name\":\"ada\",\"password\":\"" PASSWORD "\"}"

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    bus_t *bus;
    db_t *db;
    identity_t *identity;
    actor_t *actor;
    bus_client_t *client; // Only while it begins
    gateway_t *gateway;
    const char *address;
    secret_key_t key;
} people_world_t;

static void ask_admin (people_world_t *self, uint16_t number, const void *ask, void *answer)
{
    self->turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "test"};
    self->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (10);
    CHECK_INT (bus_client_call (self->client, &self->turn, number, ask, answer), OK);
}

// With the users ada (DEVELOPER) and root (ADMIN), both with PASSWORD.
static void people_begin (people_world_t *self, const char *proxies)
{
    user_t user = {0};
    memset (self, 0, sizeof *self);
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    test_folder (self->folder, sizeof self->folder);
    self->bus = bus_new (&proto_codec, clock_system ());
    CHECK_INT (db_open (&self->db, arena_printf (self->arena, "sqlite:%s/db", self->folder), &self->turn),
               OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "identity"), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "requests"), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "audit"), OK);
    self->identity = identity_new (self->db, &self->key);
    identity_set_password_cost (self->identity, 1, 8 << 20);
    self->actor = actor_new (&identity_class, self->identity, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 4;
    config.proxies = proxies;
    CHECK_INT (gateway_new (&self->gateway, &self->turn, &config, self->bus, &self->key), OK);
    self->address = gateway_address (self->gateway);
    ask_admin (self, MSG_user_add, &(user_add_t){.name = "ada", .role = "DEVELOPER", .password = PASSWORD},
               &user);
    ask_admin (self, MSG_user_add, &(user_add_t){.name = "root", .role = "ADMIN", .password = PASSWORD},
               &user);
    bus_client_destroy (&self->client);
}

static void people_end (people_world_t *self)
{
    gateway_destroy (&self->gateway);
    actor_destroy (&self->actor);
    identity_destroy (&self->identity);
    db_close (&self->db);
    bus_destroy (&self->bus);
    arena_destroy (&self->arena);
    test_folder_remove (self->folder);
}

typedef struct {
    int status;
    const char *body;   // In the arena
    const char *cookie; // "opencicd_session=ocs_..."; "" where none is set
} seen_t;

static seen_t send_as (people_world_t *self, const char *method, const char *path, const char *token,
                       const char *headers, const char *body)
{
    char header[400];
    wire_answer_t answer = wire_ask (self->address, method, path, token, headers, body);
    seen_t seen = {.status = answer.status, .body = arena_strdup (self->arena, answer.body), .cookie = ""};
    if (wire_header (&answer, "Set-Cookie", header, sizeof header))
        seen.cookie = arena_strndup (self->arena, header, strcspn (header, ";"));
    wire_forget (&answer);
    return seen;
}

static seen_t post (people_world_t *self, const char *path, const char *cookie, const char *body)
{
    const char *headers = *cookie ? arena_printf (self->arena, "Cookie: %s\r\n" OWN_JSON, cookie) : OWN_JSON;
    return send_as (self, "POST", path, NULL, headers, body);
}

static const char *text_in (people_world_t *self, const seen_t *seen, const char *field)
{
    const char *name = arena_printf (self->arena, "\"%s\":\"", field), *at = strstr (seen->body, name);
    return at ? arena_strndup (self->arena, at + strlen (name), strcspn (at + strlen (name), "\"")) : "";
}

static int status_of (people_world_t *self, const char *cookie, const char *path)
{
    return send_as (self, "GET", path, NULL, arena_printf (self->arena, "Cookie: %s\r\n", cookie), "").status;
}

TEST (a_browser_signs_in_by_name_and_password_and_no_script_sees_its_cookie)
{
    people_world_t world;
    people_begin (&world, NULL);
    seen_t refused = post (&world, "/session", "", WRONG), seen = post (&world, "/session", "", RIGHT);
    CHECK_INT (refused.status, 401);
    CHECK_STR (refused.cookie, "");
    CHECK_INT (seen.status, 201);
    CHECK (strstr (seen.cookie, "opencicd_session=ocs_") == seen.cookie);
    CHECK (!strstr (seen.body, "ocs_"));
    CHECK_INT (status_of (&world, seen.cookie, "/account"), 200);
    CHECK_INT (status_of (&world, seen.cookie, "/users"), 403);
    people_end (&world);
}

TEST (an_account_with_an_authenticator_gets_no_cookie_for_the_password_alone)
{
    people_world_t world;
    people_begin (&world, NULL);
    seen_t mine = post (&world, "/session", "", RIGHT);
    seen_t key = post (&world, "/account/totp", mine.cookie, "{\"password\":\"" PASSWORD "\"}");
    CHECK_INT (key.status, 201);
    CHECK_INT (strlen (text_in (&world, &key, "secret")), 32);
    // The code itself is computed in identity's tests: here it is only said that there was one
    db_t *db = NULL; // The world's own is its actor's
    CHECK_INT (db_open (&db, arena_printf (world.arena, "sqlite:%s/db", world.folder), &world.turn), OK);
    CHECK_INT (
        db_exec (db, &world.turn, "update second_factors set confirmed = 1 where step = $1", P_I64 (0)), OK);
    db_close (&db);
    seen_t half = post (&world, "/session", "", RIGHT);
    CHECK_INT (half.status, 200);
    CHECK_STR (half.cookie, "");
    CHECK_STR (text_in (&world, &half, "next"), "otp");
    seen_t login = post (&world, "/login", "", RIGHT);
    CHECK_INT (login.status, 422);
    CHECK (strstr (login.body, "otp:"));
    people_end (&world);
}

TEST (the_page_of_another_site_can_neither_log_in_nor_accept_an_invitation)
{
    static const char *const paths[] = {"/session", "/login", "/invitations/accept", "/invitations/show"};
    people_world_t world;
    people_begin (&world, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        seen_t seen = send_as (&world, "POST", paths[i], NULL,
                               "Sec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n", RIGHT);
        CHECK_INT (seen.status, 403);
        seen = send_as (&world, "POST", paths[i], NULL,
                        "Sec-Fetch-Site: same-origin\r\nContent-Type: text/plain\r\n", RIGHT);
        CHECK_INT (seen.status, 403);
    }
    people_end (&world);
}

TEST (too_many_wrong_passwords_are_answered_429_whatever_the_request_says_of_its_address)
{
    people_world_t world;
    people_begin (&world, NULL);
    for (int i = 0; i < 3; i++)
        CHECK_INT (post (&world, "/session", "", WRONG).status, 401);
    seen_t late = post (&world, "/session", "", RIGHT);
    CHECK_INT (late.status, 429);
    CHECK_STR (text_in (&world, &late, "code"), "TOO_MANY");
    late = post (&world, "/login", "",
                 "{\"name\":\"ada\",\"password\":\"" PASSWORD "\",\"address\":\"192.0.2.1\"}");
    CHECK_INT (late.status, 429);
    late = send_as (&world, "POST", "/session", NULL, "X-Forwarded-For: 192.0.2.1\r\n" OWN_JSON, RIGHT);
    CHECK_INT (late.status, 429);
    people_end (&world);
}

TEST (behind_a_trusted_proxy_each_client_waits_for_itself)
{
    people_world_t world;
    people_begin (&world, "127.0.0.1");
    for (int i = 0; i < 4; i++)
        CHECK_INT (
            send_as (&world, "POST", "/session", NULL, "X-Forwarded-For: 192.0.2.1\r\n" OWN_JSON, WRONG)
                .status,
            i < 3 ? 401 : 429);
    seen_t other = send_as (&world, "POST", "/session", NULL,
                            "X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n" OWN_JSON, RIGHT);
    CHECK_INT (other.status, 201);
    // Two headers are one list: what comes last was written by the proxy
    other = send_as (&world, "POST", "/session", NULL,
                     "X-Forwarded-For: 192.0.2.3\r\nX-Forwarded-For: 192.0.2.1\r\n" OWN_JSON, RIGHT);
    CHECK_INT (other.status, 429);
    people_end (&world);
}

TEST (who_the_caller_is_is_what_its_credential_says_not_what_the_body_does)
{
    people_world_t world;
    people_begin (&world, NULL);
    seen_t ada = post (&world, "/session", "", RIGHT);
    seen_t root = post (&world, "/session", "", "{\"name\":\"root\",\"password\":\"" PASSWORD "\"}");
    const char *hash = secret_hash (world.arena, strchr (root.cookie, '=') + 1);
    seen_t made = post (&world, "/account/tokens", ada.cookie,
                        arena_printf (world.arena, "{\"name\":\"x\",\"hash\":\"%s\"}", hash));
    CHECK_INT (made.status, 201);
    CHECK_STR (text_in (&world, &made, "subject"), "ada");
    made = post (&world, "/account/tokens", ada.cookie, "{\"name\":\"x\",\"user\":\"root\"}");
    CHECK_INT (made.status, 403);
    people_end (&world);
}

TEST (what_has_ended_is_refused_at_once_by_the_gateway_that_was_asked)
{
    people_world_t world;
    people_begin (&world, NULL);
    seen_t ada = post (&world, "/session", "", RIGHT);
    seen_t root = post (&world, "/session", "", "{\"name\":\"root\",\"password\":\"" PASSWORD "\"}");
    seen_t token = post (&world, "/account/tokens", ada.cookie, "{\"name\":\"x\"}");
    const char *secret = text_in (&world, &token, "token");
    CHECK_INT (send_as (&world, "GET", "/account", secret, "", "").status, 200);
    CHECK_INT (post (&world, "/users/ada/disable", root.cookie, "{}").status, 200);
    CHECK_INT (status_of (&world, ada.cookie, "/account"), 401);
    CHECK_INT (send_as (&world, "GET", "/account", secret, "", "").status, 401);
    CHECK_INT (post (&world, "/users/ada/enable", root.cookie, "{}").status, 200);
    CHECK_INT (send_as (&world, "GET", "/account", secret, "", "").status, 200);
    const char *path = arena_printf (world.arena, "/account/tokens/%s", text_in (&world, &token, "id"));
    CHECK_INT (send_as (&world, "DELETE", path, secret, "", "").status, 204);
    CHECK_INT (send_as (&world, "GET", "/account", secret, "", "").status, 401);
    people_end (&world);
}

TEST (an_invitation_is_shown_and_accepted_by_whoever_has_its_code)
{
    people_world_t world;
    people_begin (&world, NULL);
    seen_t root = post (&world, "/session", "", "{\"name\":\"root\",\"password\":\"" PASSWORD "\"}");
    seen_t link = post (&world, "/invitations", root.cookie, "{\"role\":\"VIEWER\"}");
    CHECK_INT (link.status, 201);
    const char *code = text_in (&world, &link, "code");
    seen_t shown =
        post (&world, "/invitations/show", "", arena_printf (world.arena, "{\"code\":\"%s\"}", code));
    CHECK_INT (shown.status, 200);
    CHECK_STR (text_in (&world, &shown, "role"), "VIEWER");
    CHECK_STR (text_in (&world, &shown, "code"), "");
    const char *body =
        arena_printf (world.arena, "{\"code\":\"%s\",\"name\":\"eve\",\"password\":\"" PASSWORD "\"}", code);
    seen_t eve = post (&world, "/invitations/accept", "", body);
    CHECK_INT (eve.status, 201);
    CHECK_INT (status_of (&world, eve.cookie, "/account"), 200);
    CHECK_INT (post (&world, "/invitations/accept", "", body).status, 401);
    people_end (&world);
}

TEST (a_list_of_proxies_that_is_none_is_refused_at_the_start)
{
    people_world_t world;
    gateway_t *other = NULL;
    people_begin (&world, NULL);
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.proxies = "10.0.0.0/40";
    CHECK_INT (gateway_new (&other, &world.turn, &config, world.bus, &world.key), BAD_INPUT);
    CHECK (strstr (world.turn.detail, "trusted_proxies:"));
    people_end (&world);
}
