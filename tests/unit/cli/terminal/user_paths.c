/* user_paths.c - paths of a workspace in what a job printed. */

#include "cli/terminal/user_paths.h"

#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#define IN "/cache/run/x/agents"

static const struct {
    const char *line, *want;
} rows[] = {
    {"", ""},
    {"nothing of it", "nothing of it"},
    {IN "/1/workspace/here.c:3:1: error", "../here.c:3:1: error"},
    {"a " IN "/12/workspace/here.c and '" IN "/1/workspace/here.c'", "a ../here.c and '../here.c'"},
    {IN "/1/workspace/made.o: it is not here", IN "/1/workspace/made.o: it is not here"},
    {IN "/1/workspace", IN "/1/workspace"},
    {IN "/1/workspace/", IN "/1/workspace/"},
    {IN "/1/temp/here.c", IN "/1/temp/here.c"},
    {IN "/x/workspace/here.c", IN "/x/workspace/here.c"},
    {IN, IN},
    {IN IN "/1/workspace/here.c", IN "../here.c"},
};

TEST (a_path_of_a_workspace_is_shown_as_that_of_the_users_file)
{
    char root[256], path[300];
    test_folder (root, sizeof root);
    snprintf (path, sizeof path, "%s/here.c", root);
    FILE *file = fopen (path, "w");
    CHECK (file && fclose (file) == 0);
    const user_paths_t paths = {.workspaces = IN, .root = root, .prefix = "../"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buffer_t *out = buffer_new (4096);
        user_paths_add (&paths, rows[i].line, strlen (rows[i].line), out);
        CHECK_STR (buffer_text (out), rows[i].want);
        buffer_destroy (&out);
    }
    test_folder_remove (root);
}
