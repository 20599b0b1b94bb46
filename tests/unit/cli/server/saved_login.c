/* saved_login.c - what `opencicd login` keeps, for which server, and that nobody else may read it. */

#include "cli/server/saved_login.h"
#include "cli/server/endpoint.h"
#include "common/os/file.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[256];
    const char *path;
} logins_t;

static logins_t begin (void)
{
    logins_t self = {.arena = arena_new ()};
    turn_init (&self.turn, self.arena, "test", 0);
    test_folder (self.folder, sizeof (self.folder));
    self.path = arena_printf (self.arena, "%s/config/opencicd/logins", self.folder);
    return self;
}

static void end (logins_t *self)
{
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static void keep (logins_t *self, const char *url, const char *token)
{
    CHECK_INT (saved_login_keep (&self->turn, self->path, &(saved_login_t){url, token, "t1"}), OK);
}

static const char *kept (logins_t *self, const char *url)
{
    saved_login_t login;
    CHECK_INT (saved_login_find (&self->turn, self->path, url, &login), OK);
    return login.token ? login.token : "none";
}

TEST (a_login_is_kept_for_its_server_and_readable_by_its_owner_alone)
{
    struct stat status;
    logins_t self = begin ();
    CHECK_STR (kept (&self, "https://a"), "none");
    keep (&self, "https://a", "oct_1");
    keep (&self, "https://b", "oct_2");
    CHECK_STR (kept (&self, "https://a"), "oct_1");
    CHECK_STR (kept (&self, "https://b"), "oct_2");
    CHECK_STR (kept (&self, "https://a.example"), "none");
    CHECK_INT (stat (self.path, &status), 0);
    CHECK_INT (status.st_mode & 0777, 0600);
    keep (&self, "https://a", "oct_3");
    CHECK_STR (kept (&self, "https://a"), "oct_3");
    keep (&self, "https://a", NULL);
    CHECK_STR (kept (&self, "https://a"), "none");
    CHECK_STR (kept (&self, "https://b"), "oct_2");
    end (&self);
}

TEST (a_line_that_is_malformed_is_named)
{
    saved_login_t login;
    logins_t self = begin ();
    const char *path = arena_printf (self.arena, "%s/logins", self.folder);
    CHECK_INT (file_write (&self.turn, path, "https://a oct_1 t1\n\nhttps://b oct_2\n"), OK);
    CHECK_INT (saved_login_find (&self.turn, path, "https://a", &login), BAD_INPUT);
    CHECK (strstr (self.turn.detail, "logins:3: must be: URL TOKEN ID"));
    end (&self);
}

TEST (there_is_a_most_of_servers)
{
    logins_t self = begin ();
    for (int i = 0; i < SAVED_LOGINS; i++)
        keep (&self, arena_printf (self.arena, "https://%d", i), "oct_1");
    const saved_login_t more = {"https://more", "oct_2", "t2"};
    CHECK_INT (saved_login_keep (&self.turn, self.path, &more), CONFLICT);
    keep (&self, "https://7", "oct_3");
    CHECK_STR (kept (&self, "https://7"), "oct_3");
    end (&self);
}

TEST (a_login_comes_after_a_token_that_is_given_and_before_that_of_the_data_folder)
{
    endpoint_t endpoint;
    logins_t self = begin ();
    settings_t settings = {
        .url = "http://127.0.0.1:4000", .token = "given", .token_file = "", .login_file = self.path};
    settings.data_dir = arena_strdup (self.arena, self.folder);
    CHECK_INT (
        file_write (&self.turn, arena_printf (self.arena, "%s/url", self.folder), "http://127.0.0.1:4000\n"),
        OK);
    CHECK_INT (file_write (&self.turn, arena_printf (self.arena, "%s/admin-token", self.folder), "admin\n"),
               OK);
    keep (&self, "http://127.0.0.1:4000", "mine");
    CHECK_INT (endpoint_find (&self.turn, &settings, &endpoint), OK);
    CHECK_STR (endpoint.token, "given");
    settings.token = "";
    CHECK_INT (endpoint_find (&self.turn, &settings, &endpoint), OK);
    CHECK_STR (endpoint.token, "mine");
    keep (&self, "http://127.0.0.1:4000", NULL);
    CHECK_INT (endpoint_find (&self.turn, &settings, &endpoint), OK);
    CHECK_STR (endpoint.token, "admin");
    end (&self);
}
