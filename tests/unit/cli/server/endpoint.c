/* endpoint.c - where a client looks for its server, to whom it shows which token, and what a refusal means. */

#include "cli/server/endpoint.h"
#include "cli/server/client.h"
#include "common/os/file.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER_URL "http://127.0.0.1:4000"

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[256];
    settings_t settings;
} world_t;

static world_t world_begin (void)
{
    world_t self = {.arena = arena_new ()};
    turn_init (&self.turn, self.arena, "test", 0);
    test_folder (self.folder, sizeof (self.folder));
    self.settings = (settings_t){.url = "http://127.0.0.1:8080", .token = "", .token_file = ""};
    self.settings.data_dir = arena_strdup (self.arena, self.folder);
    return self;
}

static const char *path_in (const world_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->folder, name);
}

static void leave (world_t *self, const char *name, const char *text)
{
    CHECK_INT (file_write (&self->turn, path_in (self, name), text), OK);
}

static void world_end (world_t *self)
{
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

// "URL TOKEN", or why not.
static const char *found (world_t *self)
{
    endpoint_t endpoint;
    if (endpoint_find (&self->turn, &self->settings, &endpoint) != OK)
        return self->turn.detail;
    return arena_printf (self->arena, "%s %s", endpoint.url, endpoint.token);
}

TEST (a_server_is_found_by_what_up_left_in_its_folder)
{
    world_t world = world_begin ();
    leave (&world, "url", SERVER_URL "\n");
    leave (&world, "admin-token", "secret\n");
    CHECK_STR (found (&world), SERVER_URL " secret");
    world.settings.token = "mine";
    CHECK_STR (found (&world), SERVER_URL " mine");
    world_end (&world);
}

TEST (the_token_of_a_folder_is_not_shown_to_another_server)
{
    world_t world = world_begin ();
    leave (&world, "url", SERVER_URL "\n");
    leave (&world, "admin-token", "secret\n");
    world.settings.url = "http://elsewhere/";
    world.settings.given[SETTING_url] = world.settings.given[SETTING_data_dir] = true;
    CHECK_STR (found (&world), "http://elsewhere ");
    world.settings.url = SERVER_URL "/";
    CHECK_STR (found (&world), SERVER_URL " secret");
    world_end (&world);
}

TEST (a_token_file_is_read_and_must_be_there)
{
    world_t world = world_begin ();
    leave (&world, "mine", "t1\n");
    world.settings.token_file = path_in (&world, "mine");
    CHECK_STR (found (&world), "http://127.0.0.1:8080 t1");
    world.settings.token_file = path_in (&world, "none");
    CHECK (strstr (found (&world), "none"));
    world_end (&world);
}

TEST (a_folder_that_was_named_must_have_an_address_in_it)
{
    world_t world = world_begin ();
    CHECK_STR (found (&world), "http://127.0.0.1:8080 ");
    world.settings.given[SETTING_data_dir] = true;
    CHECK (strstr (found (&world), "no server has left its address in "));
    world_end (&world);
}

TEST (a_refusal_is_reported_in_the_servers_words)
{
    static const struct {
        int status;
        const char *body;
        fault_t fault;
        const char *detail;
    } cases[] = {
        {404, "{\"code\":\"NOT_FOUND\",\"detail\":\"there is no run x\"}", NOT_FOUND, "there is no run x"},
        {422, "{\"title\":\"it is not valid\"}", INVALID, "it is not valid"},
        {503, "{\"code\":\"OVERLOADED\",\"detail\":\"too much\"}", OVERLOADED, "too much"},
        {401, "<html>", UNAUTHORIZED, "http://h answered 401: is this an open-cicd server?"},
        {302, "", BROKEN, "http://h answered 302: is this an open-cicd server?"},
        {418, "{\"code\":\"TEAPOT\"}", BAD_INPUT, "http://h answered 418: is this an open-cicd server?"}};
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (client_judge (&turn, "http://h", 204, "", 0), OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT (client_judge (&turn, "http://h", cases[i].status, cases[i].body, strlen (cases[i].body)),
                   cases[i].fault);
        CHECK_STR (turn.detail, cases[i].detail);
    }
    arena_destroy (&arena);
}
