/* shell.c - which program runs a script, and how. */

#include "agent/engine/process/shell.h"

#include "agent/engine/process/environ.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *command_line (arena_t *arena, const char *name, const char *path)
{
    shell_t shell;
    const char *error = "", *out = "";
    if (shell_choose (arena, name, path, &shell, &error) != OK)
        return error;
    char *const *words = shell_arguments (arena, &shell, "/t/s.sh");
    for (; *words; words++)
        out = arena_printf (arena, "%s[%s]", out, *words);
    return out;
}

TEST (shells_are_started_as_github_starts_them)
{
    static const struct {
        const char *name, *wanted;
    } cases[] = {
        {NULL, "[bash][-e][/t/s.sh]"},
        {"", "[bash][-e][/t/s.sh]"},
        {"bash", "[bash][--noprofile][--norc][-eo][pipefail][/t/s.sh]"},
        {"sh", "[sh][-e][/t/s.sh]"},
        {"pwsh", "[pwsh][-command][. '/t/s.sh']"},
        {"perl {0}", "[perl][/t/s.sh]"},
        {"env 'a b'=c node --x {0} z", "[env][a b=c][node][--x][/t/s.sh][z]"},
        {"fish",
         "`shell: fish` is not known: take bash, sh, python or pwsh, or a command line with {0} where the "
         "script's path belongs"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (command_line (arena, cases[i].name, "/bin:/usr/bin"), cases[i].wanted);
    arena_destroy (&arena);
}

TEST (a_command_line_of_its_own_gets_the_file_that_its_program_wants)
{
    static const struct {
        const char *line, *extension;
        bool wrapped;
    } cases[] = {{"pwsh -File {0}", ".ps1", true},  {"/opt/x/pwsh -NoLogo {0}", ".ps1", true},
                 {"'python' -u {0}", ".py", false}, {"bash -x {0}", ".sh", false},
                 {"perl {0}", "", false},           {"pwsher {0}", "", false}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        shell_t shell;
        const char *error;
        CHECK_INT (shell_choose (arena, cases[i].line, "/bin", &shell, &error), OK);
        CHECK_STR (shell.extension, cases[i].extension);
        CHECK_INT (*shell.before != 0, cases[i].wrapped);
    }
    arena_destroy (&arena);
}

TEST (python_is_python3_where_only_that_is_there)
{
    arena_t *arena = arena_new ();
    const char *folder = folder_new (arena);
    const char *python = arena_printf (arena, "%s/python", folder);
    CHECK_STR (command_line (arena, "python", folder), "[python3][/t/s.sh]");
    CHECK_INT (symlink ("/bin/true", python), 0);
    CHECK_STR (command_line (arena, "python", folder), "[python][/t/s.sh]");
    folder_remove (folder);
    arena_destroy (&arena);
}

TEST (without_bash_a_script_runs_in_sh)
{
    arena_t *arena = arena_new ();
    shell_t shell;
    const char *error;
    CHECK_INT (shell_choose (arena, NULL, "/nowhere", &shell, &error), OK);
    CHECK_STR (shell.line, "sh -e {0}");
    CHECK (program_find (arena, "/nowhere", "sh") == NULL);
    CHECK_STR (program_find (arena, "/nowhere:/bin", "sh"), "/bin/sh");
    arena_destroy (&arena);
}

TEST (variables_keep_their_order_and_their_last_value)
{
    arena_t *arena = arena_new ();
    environ_t variables;
    environ_init (&variables, arena);
    environ_set (&variables, "A", "1");
    environ_set (&variables, "AB", "2");
    environ_set (&variables, "A", "3");
    CHECK_STR (environ_list (&variables)[0], "A=3");
    CHECK_STR (environ_list (&variables)[1], "AB=2");
    CHECK (environ_list (&variables)[2] == NULL);
    CHECK (environ_get (&variables, "B") == NULL);
    arena_destroy (&arena);
}

TEST (what_is_the_agents_own_is_not_inherited)
{
    arena_t *arena = arena_new ();
    environ_t variables;
    setenv ("OPENCICD_REGISTRATION_TOKEN", "secret", 1);
    setenv ("UNIT_AGENT", "here", 1);
    environ_init (&variables, arena);
    environ_inherit (&variables);
    CHECK (environ_get (&variables, "OPENCICD_REGISTRATION_TOKEN") == NULL);
    CHECK_STR (environ_get (&variables, "UNIT_AGENT"), "here");
    unsetenv ("OPENCICD_REGISTRATION_TOKEN");
    arena_destroy (&arena);
}
