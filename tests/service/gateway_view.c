/* Files of artifacts as a browser shows them: in a sandbox, by an address that is good for that artifact alone. */

#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *folder_of (world_t *world, const char *query)
{
    const char *path = arena_printf (world->arena, "/artifacts/f1/view%s", query);
    wire_answer_t answer = wire_ask (world->address, "GET", path, "viewer", "", "");
    CHECK_INT (answer.status, 200);
    char *url = strstr (answer.body, "/api/v1/signed/views/");
    if (!url)
        test_fail (__FILE__, __LINE__, "%s", answer.body);
    url = arena_strndup (world->arena, url, strcspn (url, "\""));
    wire_forget (&answer);
    return url;
}

static wire_answer_t view (world_t *world, const char *folder, const char *file)
{
    return wire_ask (world->address, "GET", arena_printf (world->arena, "%s%s", folder, file), NULL,
                     "Accept: text/html\r\n", "");
}

static const char *header (world_t *world, const wire_answer_t *answer, const char *name)
{
    char *text = arena_array (world->arena, 1000, 1);
    return wire_header (answer, name, text, 1000) ? text : "";
}

TEST (a_file_is_shown_in_a_sandbox_of_its_own_to_who_has_its_address)
{
    world_t *world = world_new ();
    wire_answer_t answer = view (world, folder_of (world, ""), "a.txt");
    CHECK_INT (answer.status, 200);
    CHECK_STR (header (world, &answer, "Content-Type"), "text/plain; charset=utf-8");
    CHECK_STR (header (world, &answer, "X-Content-Type-Options"), "nosniff");
    CHECK_STR (header (world, &answer, "Referrer-Policy"), "no-referrer");
    const char *policy = header (world, &answer, "Content-Security-Policy");
    CHECK (strncmp (policy, "sandbox; default-src 'none';", 28) == 0);
    CHECK (!strstr (policy, "allow-same-origin") && !strstr (policy, "script-src"));
    wire_forget (&answer);
    answer = view (world, folder_of (world, "?scripts=true"), "a.txt");
    policy = header (world, &answer, "Content-Security-Policy");
    CHECK (strncmp (policy, "sandbox allow-scripts; default-src 'none';", 42) == 0);
    CHECK (!strstr (policy, "allow-same-origin"));
    wire_forget (&answer);
    answer = view (world, folder_of (world, ""), "b/%C3%BC.bin"); // No type that is shown
    CHECK_STR (header (world, &answer, "Content-Type"), "application/octet-stream");
    CHECK (strncmp (header (world, &answer, "Content-Disposition"), "attachment;", 11) == 0);
    wire_forget (&answer);
    answer = view (world, folder_of (world, ""), "b/../a.txt");
    CHECK_INT (answer.status, 400);
    wire_forget (&answer);
    answer = view (world, folder_of (world, ""), "b");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (the_address_of_a_view_is_good_for_what_it_was_signed_for_alone)
{
    world_t *world = world_new ();
    arena_t *arena = world->arena;
    const char *good = folder_of (world, "");
    const char *ticket = strstr (good, "views/f1/") + 9;
    char *forged = arena_strdup (arena, good);
    forged[strlen (forged) - 2] = forged[strlen (forged) - 2] == 'A' ? 'Q' : 'A';
    const char *dot = strchr (ticket, '.');
    const char *const wrong[] = {
        forged,
        arena_printf (arena, "/signed/views/f2/%s", ticket),        // Another artifact
        arena_printf (arena, "/signed/views/f1/9999999999%s", dot), // A longer life
        arena_printf (arena, "/signed/views/f1/%.*s.s%s", (int) (dot - ticket), ticket,
                      dot + 2), // With scripts
        "/signed/views/f1/x/",
        "/signed/views/f1/1.n./",
        "/signed/views/f1/.../",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        wire_answer_t answer = view (world, wrong[i], "a.txt");
        if (answer.status != 403)
            test_fail (__FILE__, __LINE__, "%s is %d", wrong[i], answer.status);
        wire_forget (&answer);
    }
    wire_answer_t answer =
        wire_ask (world->address, "GET", "/artifacts/f1/view?scripts=yes", "viewer", "", "");
    CHECK_INT (answer.status, 422);
    wire_forget (&answer);
    world_destroy (&world);
}
