/* flag.c - a command's flags, read from arguments. */

#include "cli/command/flag.h"
#include "tests/unit/test.h"

#include <string.h>

static const flag_t table[] = {{.name = "follow", .kind = FLAG_SWITCH, .letter = 'f', .doc = ""},
                               {.name = "workflow", .kind = FLAG_TEXT, .letter = 'w', .doc = ""},
                               {.name = "step", .kind = FLAG_NUMBER, .doc = ""},
                               {.name = "input", .kind = FLAG_LIST, .doc = ""},
                               {.name = "format", .kind = FLAG_TEXT, .choices = "text|json", .doc = ""},
                               {.name = NULL}};

// Every flag and word in one text: "follow=true workflow=a.yml | word".
static const char *read (arena_t *arena, const char *const *argv)
{
    flags_t flags;
    const char *error, *text = "";
    char *arguments[16];
    int argc = 0;
    for (; argv[argc]; argc++)
        arguments[argc] = arena_strdup (arena, argv[argc]);
    if (flags_parse (&flags, arena, table, argc, arguments, &error) != OK)
        return error;
    for (size_t i = 0; table[i].name; i++)
        for (size_t j = 0; j < flags.given[i].count; j++)
            text = arena_printf (arena, "%s%s=%s ", text, table[i].name, flags.given[i].items[j]);
    text = arena_printf (arena, "%s|", text);
    for (size_t i = 0; i < flags.args.count; i++)
        text = arena_printf (arena, "%s %s", text, flags.args.items[i]);
    return text;
}

TEST (arguments_become_flags_and_operands_or_say_what_is_wrong)
{
    static const struct {
        const char *argv[8];
        const char *want;
    } cases[] = {
        {{"a", "b"}, "| a b"},
        {{"--follow", "a"}, "follow=true | a"},
        {{"-f", "a"}, "follow=true | a"},
        {{"--follow=false"}, "follow=false |"},
        {{"--workflow", "x.yml"}, "workflow=x.yml |"},
        {{"--workflow=x.yml", "a"}, "workflow=x.yml | a"},
        {{"--workflow="}, "workflow= |"},
        {{"-w", "x.yml"}, "workflow=x.yml |"},
        {{"a", "--step", "3", "b"}, "step=3 | a b"},
        {{"--input", "a=b", "--input=c=d=e"}, "input=a=b input=c=d=e |"},
        {{"--", "--follow"}, "| --follow"},
        {{"-", "-1", "-0.5 < 1"}, "| - -1 -0.5 < 1"},
        {{"--format", "json"}, "format=json |"},
        {{"--folow"}, "--folow: unknown option (did you mean --follow?)"},
        {{"--zzzzzzzzz=1"}, "--zzzzzzzzz: unknown option"},
        {{"-x"}, "-x: unknown option"},
        {{"-fw"}, "-fw: unknown option"},
        {{"--step"}, "--step: its value is missing"},
        {{"--step", "x"}, "--step: x is not a number"},
        {{"--step=-1"}, "--step: -1 is not a number"},
        {{"--step=1234567890123456"}, "--step: 1234567890123456 is not a number"},
        {{"--step="}, "--step: an empty value is not a number"},
        {{"--follow=maybe"}, "--follow: maybe is neither true nor false"},
        {{"--format=xml"}, "--format: xml is not one of text|json"},
        {{"--format=text|json"}, "--format: text|json is not one of text|json"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STR (read (arena, cases[i].argv), cases[i].want);
    arena_destroy (&arena);
}

TEST (the_last_value_counts_and_missing_ones_have_their_fallback)
{
    char *argv[] = {"--workflow=a", "--workflow=b", "--step", "7"};
    flags_t flags;
    const char *error;
    arena_t *arena = arena_new ();
    CHECK_INT (flags_parse (&flags, arena, table, 4, argv, &error), OK);
    CHECK_STR (flag_text (&flags, "workflow"), "b");
    CHECK_INT (flag_number (&flags, "step", 1), 7);
    CHECK (!flag_on (&flags, "follow"));
    CHECK (!flag_text (&flags, "format"));
    CHECK_INT (flag_list (&flags, "input").count, 0);
    arena_destroy (&arena);
}

TEST (a_command_without_a_table_takes_arguments_only)
{
    char *argv[] = {"a", "--b"};
    flags_t flags;
    const char *error;
    arena_t *arena = arena_new ();
    CHECK_INT (flags_parse (&flags, arena, NULL, 1, argv, &error), OK);
    CHECK_INT (flags.args.count, 1);
    CHECK_INT (flags_parse (&flags, arena, NULL, 2, argv, &error), BAD_INPUT);
    CHECK_STR (error, "--b: unknown option");
    arena_destroy (&arena);
}
