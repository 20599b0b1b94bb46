/* What a browser meets: the built pages, signing in and out, and requests that are not the page's own. Behind it is the real identity. */

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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_JSON "Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n"
#define HTML     "Accept: text/html,application/xhtml+xml\r\n"

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    bus_t *bus;
    db_t *db;
    identity_t *identity;
    actor_t *actor;
    bus_client_t *client;
    gateway_t *gateway;
    const char *address, *admin;
    secret_key_t key;
} browser_world_t;

static void write_file (const browser_world_t *self, const char *name, const char *text)
{
    char path[300];
    snprintf (path, sizeof path, "%s/web/%s", self->folder, name);
    FILE *file = fopen (path, "w");
    CHECK (file != NULL);
    fputs (text, file);
    fclose (file);
}

static void make_pages (const browser_world_t *self)
{
    static const char *const folders[] = {"web", "web/_app", "web/_app/immutable"};
    char path[300];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf (path, sizeof path, "%s/%s", self->folder, folders[i]);
        mkdir (path, 0700);
    }
    write_file (self, "index.html", "<!doctype html>the page");
    write_file (self, "index.html.br", "packed by br");
    write_file (self, "index.html.gz", "packed by gzip");
    write_file (self, "_app/immutable/a.js", "let a");
}

static void begin (browser_world_t *self, bool secure)
{
    char url[256], pages[256];
    token_t token;
    memset (self, 0, sizeof *self);
    test_folder (self->folder, sizeof self->folder);
    make_pages (self);
    snprintf (url, sizeof url, "sqlite:%s/db", self->folder);
    snprintf (pages, sizeof pages, "%s/web", self->folder);
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    self->bus = bus_new (&proto_codec, clock_system ());
    CHECK_INT (db_open (&self->db, url, &self->turn), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "identity"), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "requests"), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "audit"), OK);
    self->identity = identity_new (self->db, &self->key);
    self->actor = actor_new (&identity_class, self->identity, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    self->turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "test"};
    self->turn.deadline_us = self->turn.now_us + SECONDS (10);
    CHECK_INT (bus_client_call (self->client, &self->turn, MSG_token_issue,
                                &(token_issue_t){.role = "ADMIN", .name = "ada"}, &token),
               OK);
    self->admin = token.token;
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 4;
    config.pages = pages;
    config.secure = secure;
    memset (self->key.bytes, 7, sizeof self->key.bytes);
    CHECK_INT (gateway_new (&self->gateway, &self->turn, &config, self->bus, &self->key), OK);
    self->address = gateway_address (self->gateway);
}

static void end (browser_world_t *self)
{
    gateway_destroy (&self->gateway);
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    identity_destroy (&self->identity);
    db_close (&self->db);
    bus_destroy (&self->bus);
    arena_destroy (&self->arena);
    test_folder_remove (self->folder);
}

// "opencicd_session=ocs_...", as a browser sends it; `role` is whose it must be.
static const char *sign_in_with (browser_world_t *self, const char *body, const char *role)
{
    char header[400];
    wire_answer_t answer = wire_ask (self->address, "POST", "/session", NULL, OWN_JSON, body);
    CHECK_INT (answer.status, 201);
    CHECK (strstr (answer.body, arena_printf (self->arena, "\"role\":\"%s\"", role)) != NULL);
    CHECK (strstr (answer.body, "ocs_") == NULL); // No script sees it
    CHECK (wire_header (&answer, "Set-Cookie", header, sizeof header) != NULL);
    wire_forget (&answer);
    return arena_strndup (self->arena, header, strcspn (header, ";"));
}

static const char *sign_in (browser_world_t *self)
{
    return sign_in_with (self, arena_printf (self->arena, "{\"token\":\"%s\"}", self->admin), "ADMIN");
}

// The text of a field of what it answers, a 201.
static const char *made (browser_world_t *self, const char *path, const char *token, const char *body,
                         const char *field)
{
    wire_answer_t answer = wire_ask (self->address, "POST", path, token, "", body);
    CHECK_INT (answer.status, 201);
    const char *name = arena_printf (self->arena, "\"%s\":\"", field), *at = strstr (answer.body, name);
    CHECK (at != NULL);
    at += strlen (name);
    const char *text = arena_strndup (self->arena, at, strcspn (at, "\""));
    wire_forget (&answer);
    return text;
}

static int status_with (browser_world_t *self, const char *method, const char *path, const char *cookie,
                        const char *headers, const char *body)
{
    char *all = arena_printf (self->arena, "Cookie: %s\r\n%s", cookie, headers);
    wire_answer_t answer = wire_ask (self->address, method, path, NULL, all, body);
    int status = answer.status;
    wire_forget (&answer);
    return status;
}

TEST (a_browser_that_signs_in_by_a_token_is_known_by_its_cookie_until_it_signs_out)
{
    browser_world_t world;
    begin (&world, false);
    const char *cookie = sign_in (&world);
    CHECK_INT (status_with (&world, "GET", "/tokens", cookie, "", ""), 200);
    CHECK_INT (status_with (&world, "GET", "/tokens", "opencicd_session=ocs_another", "", ""), 401);
    CHECK_INT (status_with (&world, "GET", "/tokens", "opencicd_session=nothing", "", ""), 401);
    CHECK_INT (status_with (&world, "DELETE", "/session", cookie, "Sec-Fetch-Site: same-origin\r\n", ""),
               204);
    CHECK_INT (status_with (&world, "GET", "/tokens", cookie, "", ""), 401);
    end (&world);
}

TEST (a_link_signs_in_one_browser)
{
    browser_world_t world;
    begin (&world, false);
    wire_answer_t answer = wire_ask (world.address, "POST", "/session/links", world.admin, "", "{}");
    CHECK_INT (answer.status, 201);
    char *code = strstr (answer.body, "occ_");
    CHECK (code != NULL);
    const char *body = arena_printf (world.arena, "{\"code\":\"%.*s\"}", (int) strcspn (code, "\""), code);
    wire_forget (&answer);
    for (int i = 0; i < 2; i++) {
        answer = wire_ask (world.address, "POST", "/session", NULL, OWN_JSON, body);
        CHECK_INT (answer.status, i ? 401 : 201);
        wire_forget (&answer);
    }
    end (&world);
}

// What the body says of a hash counts for nothing.
TEST (what_a_link_opened_belongs_to_the_token_that_asked_for_the_link)
{
    browser_world_t world;
    done_t done;
    begin (&world, false);
    const char *token =
        made (&world, "/tokens", world.admin, "{\"role\":\"VIEWER\",\"subject\":\"vi\"}", "token");
    const char *ask = arena_printf (world.arena, "{\"hash\":\"%s\"}", secret_hash (world.arena, world.admin));
    const char *code = made (&world, "/session/links", token, ask, "code");
    const char *cookie =
        sign_in_with (&world, arena_printf (world.arena, "{\"code\":\"%s\"}", code), "VIEWER");
    const token_revoke_t revoke = {.subject = "vi"};
    CHECK_INT (bus_client_call (world.client, &world.turn, MSG_token_revoke, &revoke, &done), OK);
    CHECK_INT (status_with (&world, "GET", "/session", cookie, "", ""), 401);
    end (&world);
}

TEST (another_sites_page_can_neither_use_a_session_nor_open_one)
{
    browser_world_t world;
    begin (&world, false);
    const char *cookie = sign_in (&world), *new_token = "{\"role\":\"ADMIN\"}";
    const char *other_site = "Sec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n";
    CHECK_INT (status_with (&world, "POST", "/tokens", cookie, other_site, new_token), 403);
    CHECK_INT (
        status_with (&world, "POST", "/tokens", cookie, "Content-Type: application/json\r\n", new_token),
        403);
    CHECK_INT (status_with (&world, "GET", "/tokens", cookie, other_site, ""), 403);
    CHECK_INT (status_with (&world, "POST", "/tokens", cookie, OWN_JSON, new_token), 201);
    const char *token = arena_printf (world.arena, "{\"token\":\"%s\"}", world.admin);
    CHECK_INT (status_with (&world, "POST", "/session", "a=b", other_site, token), 403);
    CHECK_INT (status_with (&world, "POST", "/session", "a=b",
                            "Sec-Fetch-Site: same-origin\r\nContent-Type: text/plain\r\n", token),
               403);
    end (&world);
}

// Else a cookie, which a browser sends by itself, would do what only a program's header may.
TEST (a_token_in_a_cookie_is_no_session)
{
    browser_world_t world;
    begin (&world, false);
    const char *cookie = sign_in (&world), *value = strchr (cookie, '=');
    const char *with_token =
        arena_printf (world.arena, "%.*s=%s", (int) (value - cookie), cookie, world.admin);
    CHECK_INT (status_with (&world, "GET", "/tokens", cookie, "", ""), 200);
    CHECK_INT (status_with (&world, "GET", "/tokens", with_token, "", ""), 401);
    end (&world);
}

TEST (over_tls_only_the_cookie_that_is_bound_to_the_host_counts)
{
    browser_world_t world;
    begin (&world, true);
    const char *cookie = sign_in (&world);
    CHECK (strncmp (cookie, "__Host-opencicd=ocs_", 20) == 0);
    CHECK_INT (status_with (&world, "GET", "/tokens", cookie, "", ""), 200);
    const char *other = arena_printf (world.arena, "opencicd_session=%s", strchr (cookie, '=') + 1);
    CHECK_INT (status_with (&world, "GET", "/tokens", other, "", ""), 401);
    end (&world);
}

static void check_page (browser_world_t *world, const char *method, const char *path, const char *headers,
                        int status, const char *body)
{
    wire_answer_t answer = wire_ask (world->address, method, path, NULL, headers, "");
    CHECK_INT (answer.status, status);
    if (body)
        CHECK_STR (answer.body, body);
    wire_forget (&answer);
}

TEST (a_browser_gets_the_page_where_a_program_gets_the_api)
{
    static const char page[] = "<!doctype html>the page";
    browser_world_t world;
    begin (&world, false);
    check_page (&world, "GET", "/runs", HTML, 200, page);
    check_page (&world, "GET", "/agents", "Accept: application/json\r\n", 401, NULL);
    check_page (&world, "GET", "/", HTML, 200, page);
    check_page (&world, "GET", "/nowhere/at/all", HTML, 200, page);
    check_page (&world, "GET", "/api/v1/agents", HTML, 401, NULL);
    check_page (&world, "GET", "/api/nowhere", HTML, 404, NULL);
    check_page (&world, "POST", "/nowhere", HTML, 404, NULL);
    check_page (&world, "GET", "/metrics", HTML, 401, NULL); // Text, also for a browser
    check_page (&world, "GET", "/nowhere", "", 404, NULL);
    check_page (&world, "GET", "/../db", HTML, 400, NULL);
    check_page (&world, "GET", "/_app/immutable/a.js", "", 200, "let a");
    check_page (&world, "GET", "/_app/immutable/../index.html", "", 400, NULL);
    end (&world);
}

TEST (pages_are_sent_packed_and_kept_as_long_as_they_may_be)
{
    char text[300];
    browser_world_t world;
    begin (&world, false);
    wire_answer_t answer =
        wire_ask (world.address, "GET", "/runs", NULL, HTML "Accept-Encoding: gzip, deflate, br\r\n", "");
    CHECK_STR (answer.body, "packed by br");
    CHECK_STR (wire_header (&answer, "Content-Encoding", text, sizeof text), "br");
    CHECK_STR (wire_header (&answer, "Cache-Control", text, sizeof text), "no-cache");
    CHECK_STR (wire_header (&answer, "Vary", text, sizeof text), "Accept, Accept-Encoding");
    CHECK_STR (wire_header (&answer, "Content-Security-Policy", text, sizeof text), "frame-ancestors 'none'");
    CHECK (wire_header (&answer, "ETag", text, sizeof text) != NULL);
    wire_forget (&answer);
    check_page (&world, "GET", "/runs", HTML "Accept-Encoding: gzip\r\n", 200, "packed by gzip");
    const char *known = arena_printf (world.arena, HTML "Accept-Encoding: br\r\nIf-None-Match: %s\r\n", text);
    check_page (&world, "GET", "/runs", known, 304, NULL);
    answer = wire_ask (world.address, "GET", "/_app/immutable/a.js", NULL, "Accept-Encoding: br\r\n", "");
    CHECK_STR (answer.body, "let a");
    CHECK_STR (wire_header (&answer, "Cache-Control", text, sizeof text),
               "public, max-age=31536000, immutable");
    CHECK_STR (wire_header (&answer, "Content-Type", text, sizeof text), "text/javascript");
    wire_forget (&answer);
    end (&world);
}

TEST (a_page_that_has_gone_from_the_disk_is_not_found)
{
    char path[300];
    browser_world_t world;
    begin (&world, false);
    snprintf (path, sizeof path, "%s/web/_app/immutable/a.js", world.folder);
    remove (path);
    check_page (&world, "GET", "/_app/immutable/a.js", "", 404, NULL);
    CHECK_INT (symlink (world.folder, path), 0); // Nor is what somebody put in its place
    check_page (&world, "GET", "/_app/immutable/a.js", "", 404, NULL);
    end (&world);
}

TEST (a_folder_without_pages_is_named_at_the_start)
{
    browser_world_t world;
    gateway_t *gateway = NULL;
    gateway_config_t config = GATEWAY_CONFIG;
    begin (&world, false);
    config.listen = "127.0.0.1:0";
    config.pages = "/nowhere";
    CHECK_INT (gateway_new (&gateway, &world.turn, &config, world.bus, &world.key), NOT_FOUND);
    CHECK_STR (world.turn.detail, "web_dir: /nowhere has no index.html");
    end (&world);
}
