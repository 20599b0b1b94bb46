/* What the gateway has recorded of a request: who, with which credential, from where, to what, and how it ended. Behind it is the real identity. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "db/open.h"
#include "gateway/gateway.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/identity/identity.h"
#include "tests/http/wire.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    db_t *db;
    bus_t *bus;
    identity_t *identity;
    actor_t *actor;
    bus_client_t *client;
    gateway_t *gateway;
    arena_t *arena;
    turn_t turn;
    secret_key_t key;
    const char *address;
    token_t admin, viewer; // ada, vi
} audit_world_t;

static token_t issue (audit_world_t *self, const char *role, const char *subject)
{
    token_t token = {0};
    const token_issue_t ask = {.role = role, .subject = subject};
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "test"};
    self->turn.now_us = clock_now_us (clock_system ());
    self->turn.deadline_us = self->turn.now_us + SECONDS (10);
    CHECK_INT (bus_client_call (self->client, &self->turn, MSG_token_issue, &ask, &token), OK);
    return token;
}

static void start_identity (audit_world_t *self)
{
    self->actor = actor_new (&identity_class, self->identity, self->bus, NULL);
}

static audit_world_t begin (void)
{
    static const char *const parts[] = {"audit", "identity", "requests"};
    audit_world_t self = {.arena = arena_new (), .bus = bus_new (&proto_codec, clock_system ())};
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    turn_init (&self.turn, self.arena, "test", clock_now_us (clock_system ()));
    CHECK_INT (db_open (&self.db, "sqlite::memory:", &self.turn), OK);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT (database_migrate (self.db, &self.turn, parts[i]), OK);
    self.identity = identity_new (self.db, &self.key);
    start_identity (&self);
    self.client = bus_client_new (self.bus);
    CHECK_INT (gateway_new (&self.gateway, &self.turn, &config, self.bus, &self.key), OK);
    self.address = gateway_address (self.gateway);
    self.admin = issue (&self, "ADMIN", "ada");
    self.viewer = issue (&self, "VIEWER", "vi");
    return self;
}

static void end (audit_world_t *self)
{
    gateway_destroy (&self->gateway);
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    bus_destroy (&self->bus);
    identity_destroy (&self->identity);
    db_close (&self->db);
    arena_destroy (&self->arena);
}

static const char *ask (audit_world_t *self, const char *method, const char *path, const char *token,
                        const char *body, int status)
{
    static const char headers[] = "Content-Type: application/json\r\nUser-Agent: the test\r\n"
                                  "X-Forwarded-For: 198.51.100.9\r\nX-Request-Id: q-of-the-test\r\n";
    wire_answer_t answer = wire_ask (self->address, method, path, token, headers, body);
    if (answer.status != status)
        test_fail (__FILE__, __LINE__, "%s %s: %d %s", method, path, answer.status, answer.body);
    const char *text = arena_strndup (self->arena, answer.body, answer.size);
    wire_forget (&answer);
    return text;
}

// The list with this query, once it has something.
static const char *listed (audit_world_t *self, const char *query)
{
    int64_t deadline_us = test_until_us ();
    const char *path = arena_printf (self->arena, "/audit?%s", query);
    for (;;) {
        const char *text = ask (self, "GET", path, self->admin.token, "", 200);
        if (strncmp (text, "{\"items\":[]", 11) != 0)
            return text;
        if (clock_monotonic_us () > deadline_us)
            test_fail (__FILE__, __LINE__, "nothing comes: %s", path);
        poll (NULL, 0, 5);
    }
}

static void check_has (const char *text, const char *part)
{
    if (!strstr (text, part))
        test_fail (__FILE__, __LINE__, "%s is not in %s", part, text);
}

static void check_has_text (audit_world_t *self, const char *text, const char *name, const char *value)
{
    check_has (text, arena_printf (self->arena, "\"%s\":\"%s\"", name, value));
}

TEST (a_change_names_who_made_it_with_which_token_from_where)
{
    audit_world_t world = begin ();
    ask (&world, "POST", "/tokens", world.admin.token, "{\"role\":\"DEVELOPER\",\"name\":\"git hook\"}", 201);
    const char *text = listed (&world, "action=token_issue");
    check_has_text (&world, text, "actor", "ada");
    check_has_text (&world, text, "role", "ADMIN");
    check_has_text (&world, text, "credential", world.admin.id);
    check_has_text (&world, text, "detail", "name=git hook role=DEVELOPER");
    check_has_text (&world, text, "result", "OK");
    check_has_text (&world, text, "address", "127.0.0.1");
    check_has_text (&world, text, "forwarded_for", "198.51.100.9");
    check_has_text (&world, text, "client", "the test");
    check_has_text (&world, text, "request_id", "q-of-the-test");
    check_has (text, "\"object\":\"t"); // The id of what was made
    end (&world);
}

// In no column of the table, and nowhere else in the database's audit.
TEST (the_value_of_a_secret_and_a_token_are_in_no_entry)
{
    audit_world_t world = begin ();
    ask (&world, "PUT", "/secrets/KEY", world.admin.token, "{\"value\":\"hush-hush\"}", 200);
    const char *body = arena_printf (world.arena, "{\"token\":\"%s\"}", world.admin.token);
    ask (&world, "POST", "/session", NULL, body, 201);
    ask (&world, "POST", "/session", NULL, "{\"token\":\"oct_guessed\"}", 401);
    listed (&world, "action=session_begin&result=refused");
    listed (&world, "action=session_begin&result=OK");
    const char *text = listed (&world, "limit=200");
    check_has_text (&world, text, "object", "KEY");
    CHECK (strstr (text, "hush-hush") == NULL);
    CHECK (strstr (text, "oct_guessed") == NULL);
    CHECK (strstr (text, world.admin.token) == NULL);
    end (&world);
}

TEST (who_signs_in_and_who_is_refused_is_recorded)
{
    audit_world_t world = begin ();
    ask (&world, "POST", "/session", NULL, "{\"token\":\"oct_guessed\"}", 401);
    const char *text = listed (&world, "action=session_begin");
    check_has_text (&world, text, "actor", "");
    check_has_text (&world, text, "result", "UNAUTHORIZED");
    check_has_text (&world, text, "address", "127.0.0.1");
    ask (&world, "POST", "/session", NULL,
         arena_printf (world.arena, "{\"token\":\"%s\"}", world.viewer.token), 201);
    text = listed (&world, "action=session_begin&actor=vi");
    check_has_text (&world, text, "role", "VIEWER");
    check_has_text (&world, text, "result", "OK");
    end (&world);
}

TEST (what_a_person_may_not_do_is_recorded_as_refused)
{
    audit_world_t world = begin ();
    ask (&world, "DELETE", "/projects/site", world.viewer.token, "", 403);
    const char *text = listed (&world, "actor=vi");
    check_has_text (&world, text, "action", "project_remove");
    check_has_text (&world, text, "object", "site");
    check_has_text (&world, text, "project", "site");
    check_has_text (&world, text, "result", "FORBIDDEN");
    check_has_text (&world, text, "credential", world.viewer.id);
    end (&world);
}

TEST (what_only_reads_and_what_a_row_exempts_is_not_recorded)
{
    audit_world_t world = begin ();
    ask (&world, "GET", "/tokens", world.viewer.token, "", 403);
    ask (&world, "POST", "/lint", world.viewer.token, "{}", 503);        // Nobody answers that here
    ask (&world, "DELETE", "/tokens/none", world.viewer.token, "", 403); // Comes after them
    listed (&world, "actor=vi");
    const char *text = ask (&world, "GET", "/audit?actor=vi", world.admin.token, "", 200);
    CHECK (strstr (text, "lint") == NULL);
    CHECK (strstr (text, "token_list") == NULL);
    end (&world);
}

TEST (refusals_wait_until_identity_is_back)
{
    audit_world_t world = begin ();
    ask (&world, "GET", "/session", world.viewer.token, "", 200); // The token is known for a while
    actor_destroy (&world.actor);
    ask (&world, "DELETE", "/projects/site", world.viewer.token, "", 403);
    start_identity (&world);
    check_has_text (&world, listed (&world, "actor=vi"), "action", "project_remove");
    end (&world);
}

TEST (only_an_admin_reads_and_nobody_writes_the_audit)
{
    audit_world_t world = begin ();
    ask (&world, "GET", "/audit", world.viewer.token, "", 403);
    ask (&world, "GET", "/audit/lines", world.viewer.token, "", 403);
    ask (&world, "POST", "/audit", world.admin.token, "{}", 405);
    ask (&world, "DELETE", "/audit", world.admin.token, "", 405);
    ask (&world, "GET", "/audit?unknown=1", world.admin.token, "", 400);
    end (&world);
}

TEST (the_audit_is_exported_as_lines)
{
    audit_world_t world = begin ();
    for (int i = 0; i < 3; i++)
        ask (&world, "PUT", arena_printf (world.arena, "/variables/V%d", i), world.admin.token,
             "{\"value\":\"1\"}", 200);
    listed (&world, "object=V2");
    const char *text = ask (&world, "GET", "/audit/lines?action=variable_set", world.admin.token, "", 200);
    for (int i = 0; i < 3; i++) {
        const char *end_of_line = strchr (text, '\n');
        CHECK (end_of_line != NULL && *text == '{');
        check_has (text, arena_printf (world.arena, "\"object\":\"V%d\"", i));
        text = end_of_line + 1;
    }
    CHECK_STR (text, "");
    end (&world);
}

TEST (a_followed_export_shows_what_is_done_meanwhile)
{
    audit_world_t world = begin ();
    wire_t wire = wire_open (world.address);
    wire_send (&wire, arena_printf (world.arena,
                                    "GET /audit/lines?follow=true HTTP/1.1\r\nHost: x\r\n"
                                    "Authorization: Bearer %s\r\n\r\n",
                                    world.admin.token));
    CHECK (wire_until (&wire, "application/x-ndjson") != NULL);
    ask (&world, "PUT", "/variables/LATER", world.admin.token, "{\"value\":\"1\"}", 200);
    CHECK (wire_until (&wire, "\"object\":\"LATER\"") != NULL);
    wire_close (&wire);
    end (&world);
}
