/* jenkins_shell.c - tests of Groovy's strings as scripts: a shell does with them what it does with the text that Jenkins makes. */

#include "cli/import/jenkins.h"
#include "common/os/spawn.h"
#include "tests/unit/cli/import/imported.h"
#include "workflow/yaml/yaml.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VALUE "two $HOME words" // Which a shell would read as code

typedef struct {
    arena_t *arena;
    import_t import;
    jenkins_t jenkins;
} world_t;

static world_t *world_new (void)
{
    arena_t *arena = arena_new ();
    world_t *self = arena_alloc (arena, sizeof (*self));
    self->arena = arena;
    import_init (&self->import, arena, "file", "Title");
    self->jenkins = (jenkins_t){.import = &self->import, .arena = arena};
    jenkins_bind (&self->jenkins, "X", "${{ inputs.X }}", NULL);
    jenkins_bind_constant (&self->jenkins, "C", "'con' \"stant\" $((1 + 1))");
    return self;
}

static void world_destroy (world_t **self_p)
{
    arena_t *arena = (*self_p)->arena; // In which it is itself
    *self_p = NULL;
    arena_destroy (&arena);
}

static const groovy_t *value_of (world_t *self, const char *source)
{
    const groovy_t *file;
    const char *error, *text = arena_printf (self->arena, "a = %s", source);
    CHECK_INT (groovy_parse (self->arena, text, strlen (text), &file, &error), OK);
    return file->items[0]->items[0];
}

// The script that Jenkins gives to a shell.
static const char *as_jenkins (world_t *self, const groovy_t *value, const char *x)
{
    const char *out = value->kind == GROOVY_STRING ? value->text : "";
    for (size_t i = 0; value->kind == GROOVY_TEMPLATE && i < value->count; i++) {
        const groovy_t *part = value->items[i];
        const char *text = part->kind == GROOVY_STRING        ? part->text
                           : strstr (part->text, "C") != NULL ? "'con' \"stant\" $((1 + 1))"
                                                              : x;
        out = arena_printf (self->arena, "%s%s", out, text);
    }
    return out;
}

static const char *output_of (world_t *self, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    char *out = arena_alloc (self->arena, 1 << 12);
    int ends[2], status;
    pid_t pid;
    CHECK_INT (pipe2 (ends, O_CLOEXEC), 0);
    CHECK_INT (spawn_start (&(spawn_t){.argv = argv, .streams = {0, ends[1], SPAWN_OURS}}, &pid), 0);
    close (ends[1]);
    for (ssize_t size = 0, got = 1; got > 0; size += got)
        CHECK ((got = read (ends[0], out + size, (size_t) ((1 << 12) - 1 - size))) >= 0);
    close (ends[0]);
    CHECK_INT (waitpid (pid, &status, 0), pid);
    return out;
}

TEST (a_script_does_what_it_does_in_jenkins)
{
    static const struct {
        const char *source, *x;
    } cases[] = {
        {"'printf \"<%s>\" \"${X}\" \\'${X}\\''", VALUE},        // Single quotes of Groovy: the shell's alone
        {"\"printf '<%s>' '${X}' \\${X}\"", VALUE},              // Between single quotes of the shell
        {"\"printf '<%s>' '${X}' \\\"$X\\\" $X\"", "two words"}, // Between quotes of both kinds, and none
        {"\"printf '<%s>' a'b${X}c'd\"", VALUE},                 // In the middle of a word
        {"\"printf '<%s>' \\\"it's ${X}\\\" '${X}'\"", "two words"}, // A single quote between double ones
        {"\"printf '<%s>' \\\"\\$(printf '[%s]' '${X}')\\\" '${X}'\"", VALUE},
        {"\"printf '<%s>' `printf '[%s]' '${X}'` '${X}'\"", VALUE},
        {"\"# it's ${X}\\nprintf '<%s>' '${X}'\"", VALUE}, // A quote in a comment
        {"\"printf '<%s>' \\\\' '${X}'\"", VALUE},         // An escaped quote
        {"\"\"\"cat <<END\n it's ${X}\nEND\nprintf '<%s>' '${X}'\"\"\"", "two words"},
        {"\"\"\"cat <<-'END'\n\tit's\n\tEND\nprintf '<%s>' '${X}'\"\"\"", VALUE},
        {"\"echo \\$((1<<2))\\nprintf '<%s>' '${X}'\"", VALUE},
        {"\"printf '<%s>' $C ${C}x \\\"${env.C}\\\"\"", ""}, // Of the file: written out
        {"\"printf '<%s>' '${params.X}${env.X}$X$X'\"", VALUE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world_t *world = world_new ();
        const char *problem;
        const groovy_t *value = value_of (world, cases[i].source);
        const char *made = jenkins_script (&world->jenkins, value, &problem);
        setenv ("X", cases[i].x, 1);
        CHECK (problem == NULL);
        CHECK_STR (output_of (world, made), output_of (world, as_jenkins (world, value, cases[i].x)));
        world_destroy (&world);
    }
    unsetenv ("X");
}

TEST (a_script_that_would_be_another_one_is_a_problem_with_a_name)
{
    static const struct {
        const char *source, *problem;
    } cases[] = {
        {"\"echo ${y}\"",
         "this script holds code of Groovy"}, // No variable of the pipeline: the shell does not have it
        {"\"echo ${params.Y}\"", "this script holds code of Groovy"},
        {"\"echo ${currentBuild.result}\"", "this script holds code of Groovy"},
        {"\"echo ${X.trim()}\"", "this script holds code of Groovy"},
        {"\"echo \\\\${X}\"", "where a shell knows none"},
        {"\"echo \\$${X}\"", "where a shell knows none"},
        {"\"cat <<'END'\\n${X}\\nEND\"", "where a shell knows none"},
        {"\"#!/usr/bin/env python3\\nprint('${X}')\"", "where a shell knows none"},
        {"\"${X}\"", "is what a variable holds"},
        {"\"cd a && ${X} --all\"", "is what a variable holds"},
        {"env.X", "is what a variable holds"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world_t *world = world_new ();
        const char *problem;
        jenkins_script (&world->jenkins, value_of (world, cases[i].source), &problem);
        if (!problem || !strstr (problem, cases[i].problem))
            test_fail (__FILE__, __LINE__, "%s: %s", cases[i].source, problem ? problem : "no problem");
        world_destroy (&world);
    }
}

// Of the last step of the workflow's only job.
static const char *script_of (arena_t *arena, const char *text)
{
    findings_t findings;
    node_t *root;
    findings_init (&findings, arena, "workflow");
    CHECK_INT (yaml_parse (arena, text, strlen (text), &findings, &root), OK);
    const node_t *steps = node_get (node_get (root, "jobs")->items[0], "steps");
    return node_get (steps->items[steps->count - 1], "run")->text;
}

TEST (what_jenkins_prints_is_no_code_for_a_shell)
{
    static const struct {
        const char *source, *want;
    } cases[] = {{"'it\\'s $HOME \\\\n'", "it's $HOME \\n\n"},
                 {"\"\\$(echo code) \\$X `echo code` \\\"${X}\\\" \\\\n\"",
                  "$(echo code) $X `echo code` \"" VALUE "\" \\n\n"},
                 {"\"-n\"", "-n\n"},
                 {"\"-e ${X}\"", "-e " VALUE "\n"}};
    setenv ("X", VALUE, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (import_jenkins,
                                  arena_printf (arena,
                                                "pipeline { agent any\n parameters { string(name: 'X') }\n"
                                                "stages { stage('S') { steps { echo %s } } } }",
                                                cases[i].source));
        const char *script = script_of (arena, of.text);
        world_t *world = world_new ();
        CHECK_STR (output_of (world, script), cases[i].want);
        world_destroy (&world);
        imported_end (&of);
        arena_destroy (&arena);
    }
    unsetenv ("X");
}
