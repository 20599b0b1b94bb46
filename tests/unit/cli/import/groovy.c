/* groovy.c - tests of the reader of declarative Groovy. */

#include "cli/import/groovy.h"

#include "tests/unit/test.h"

#include <string.h>

static const groovy_t *parse (arena_t *arena, const char *text)
{
    const groovy_t *block = NULL;
    const char *error = "";
    if (groovy_parse (arena, text, strlen (text), &block, &error) != OK)
        test_fail (__FILE__, __LINE__, "%s", error);
    return block;
}

static const char *error_of (arena_t *arena, const char *text)
{
    const groovy_t *block;
    const char *error = "";
    CHECK_INT (groovy_parse (arena, text, strlen (text), &block, &error), INVALID);
    return error;
}

TEST (a_call_has_arguments_with_and_without_names)
{
    arena_t *arena = arena_new ();
    const groovy_t *file = parse (
        arena, "sh 'make'\nsh(script: \"x\", returnStdout: true)\nstage ('a') { echo 'b' }\nagent any\n");
    CHECK_INT (file->count, 4);
    CHECK_STR (groovy_argument_text (file->items[0], NULL), "make");
    CHECK_STR (groovy_argument_text (file->items[1], "script"), "x");
    CHECK_STR (groovy_argument_text (file->items[1], "returnStdout"), "true");
    CHECK_INT (file->items[1]->line, 2);
    CHECK_STR (groovy_argument_text (groovy_find (file->items[2]->block, "echo"), NULL), "b");
    CHECK_STR (groovy_argument_text (file->items[3], NULL), "any");
    arena_destroy (&arena);
}

TEST (strings_have_escapes_lines_and_interpolation)
{
    arena_t *arena = arena_new ();
    const groovy_t *file =
        parse (arena, "a 'it\\'s\\n'\na '''x\ny'''\na \"\\$HOME ${env.X} $Y.z!\"\na \"${f(\"}\")}\"\n");
    CHECK_STR (groovy_argument_text (file->items[0], NULL), "it's\n");
    CHECK_STR (groovy_argument_text (file->items[1], NULL), "x\ny");
    const groovy_t *template = groovy_argument (file->items[2], NULL);
    CHECK_INT (template->kind, GROOVY_TEMPLATE);
    CHECK_INT (template->count, 5);
    CHECK_STR (template->items[0]->text, "$HOME ");
    CHECK_STR (template->items[1]->text, "env.X");
    CHECK_STR (template->items[3]->text, "Y.z");
    CHECK_STR (template->items[4]->text, "!");
    CHECK_STR (groovy_argument (file->items[3], NULL)->items[0]->text, "f(\"}\")");
    arena_destroy (&arena);
}

TEST (an_assignment_has_its_value)
{
    arena_t *arena = arena_new ();
    const groovy_t *file = parse (arena, "A = credentials('id')\nB = 'x' + y\nC = ['a', 'b': 1]\n");
    CHECK_INT (file->items[0]->kind, GROOVY_ASSIGN);
    CHECK_INT (file->items[0]->items[0]->kind, GROOVY_CALL);
    CHECK_INT (file->items[1]->items[0]->kind, GROOVY_CODE);
    CHECK_INT (file->items[2]->items[0]->kind, GROOVY_LIST);
    arena_destroy (&arena);
}

TEST (what_is_not_declarative_is_code_up_to_its_end)
{
    arena_t *arena = arena_new ();
    const groovy_t *file =
        parse (arena, "def x = [1,\n 2]\nif (a) { b '}' } else {\n c }\nfoo.bar { it }\n  .baz()\n"
                      "x = sh(script: 'y').trim()\nok 'yes'\n");
    CHECK_INT (file->count, 5);
    CHECK_INT (file->items[0]->kind, GROOVY_CODE);
    CHECK_INT (file->items[1]->kind, GROOVY_CODE);
    CHECK (memmem (file->items[1]->source, file->items[1]->size, "else", 4));
    CHECK (memmem (file->items[2]->source, file->items[2]->size, "baz", 3));
    CHECK_INT (file->items[3]->kind, GROOVY_ASSIGN);
    CHECK_STR (groovy_argument_text (file->items[4], NULL), "yes");
    arena_destroy (&arena);
}

TEST (comments_and_the_first_line_of_a_script_are_nothing)
{
    arena_t *arena = arena_new ();
    const groovy_t *file = parse (arena, "#!/usr/bin/env groovy\n// a { \n/* b } */ sh 'x' // '\n");
    CHECK_INT (file->count, 1);
    CHECK_STR (file->items[0]->text, "sh");
    arena_destroy (&arena);
}

TEST (an_error_names_its_line)
{
    arena_t *arena = arena_new ();
    char deep[200];
    memset (deep, '{', sizeof deep);
    deep[sizeof deep - 1] = '\0';
    deep[0] = 'a';
    CHECK_STR (error_of (arena, "a {\n b 'c\n}"), "2: this string does not end in its line");
    CHECK_STR (error_of (arena, "a {\n b"), "1: this block does not end");
    CHECK_STR (error_of (arena, "\n}"), "2: this bracket closes nothing");
    CHECK_STR (error_of (arena, "a(\n'b'"), "1: a bracket that is opened here is not closed");
    CHECK_STR (error_of (arena, "\n/* a"), "2: this comment does not end");
    CHECK_STR (error_of (arena, deep), "1: nested too deeply");
    arena_destroy (&arena);
}
