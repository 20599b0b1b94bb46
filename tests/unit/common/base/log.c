/* log.c - lines as an operator and a machine read them. */

#include "common/base/log.h"
#include "common/base/arena.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What `say` writes to standard error.
static const char *hear (arena_t *arena, void (*say) (void), bool json)
{
    int pipe_ends[2], old = dup (STDERR_FILENO);
    CHECK_INT (pipe2 (pipe_ends, O_CLOEXEC), 0);
    dup2 (pipe_ends[1], STDERR_FILENO);
    log_setup (LEVEL_INFO, json);
    log_name_thread ("scheduler");
    say ();
    log_setup (LEVEL_INFO, false);
    log_name_thread ("main");
    dup2 (old, STDERR_FILENO);
    close (old);
    close (pipe_ends[1]);
    char *text = arena_alloc (arena, 65536);
    ssize_t size = read (pipe_ends[0], text, 65535);
    close (pipe_ends[0]);
    return size > 0 ? text : "";
}

static void say_offer (void)
{
    log_debug ("never seen", NULL);
    log_info ("job offered", "job", "j01", "agent", "ada's \"mac\"\n", "odd", "a\xff\x01", "none", "", NULL);
}

TEST (a_line_is_for_people_or_for_machines)
{
    arena_t *arena = arena_new ();
    const char *text = hear (arena, say_offer, false);
    CHECK (strlen (text) > 13);
    CHECK_STR (
        text + 12,
        " info  scheduler  job offered job=j01 agent=\"ada's \\\"mac\\\"\\n\" odd=\"a?\\u0001\" none=\"\"\n");
    json_t *line = json_loads (hear (arena, say_offer, true), 0, NULL);
    CHECK (line);
    CHECK_STR (json_string_value (json_object_get (line, "part")), "scheduler");
    CHECK_STR (json_string_value (json_object_get (line, "agent")), "ada's \"mac\"\n");
    CHECK_STR (json_string_value (json_object_get (line, "odd")), "a?\x01");
    json_decref (line);
    arena_destroy (&arena);
}

static char big[9000];

static void say_much (void)
{
    log_info ("much", "a", big, "b", big, "c", big, "d", big, "e", big, NULL);
}

TEST (a_line_is_bounded_whole_and_says_that_it_was_cut)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i + 2 < sizeof (big); i += 2)
        memcpy (big + i, "\xc3\xa9", 3);
    const char *text = hear (arena, say_much, true);
    CHECK (strlen (text) <= 4096 && text[strlen (text) - 1] == '\n');
    json_t *line = json_loads (text, 0, NULL); // Also refuses what is not UTF-8
    CHECK (line);
    CHECK_STR (json_string_value (json_object_get (line, "cut")), "yes");
    const char *a = json_string_value (json_object_get (line, "a"));
    CHECK (a && strcmp (a + strlen (a) - 3, "...") == 0);
    json_decref (line);
    text = hear (arena, say_much, false);
    CHECK (strlen (text) <= 4096 && strcmp (text + strlen (text) - 9, " cut=yes\n") == 0);
    arena_destroy (&arena);
}
