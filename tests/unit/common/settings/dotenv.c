/* dotenv.c - NAME=VALUE lines in all their forms. */

#include "common/settings/dotenv.h"

#include "tests/unit/test.h"

#include <string.h>

// "NAME=[VALUE]" of each; or the error.
static const char *read (arena_t *arena, const char *text)
{
    turn_t turn;
    dotenv_t pairs = {0};
    const char *out = "";
    turn_init (&turn, arena, "test", 0);
    if (dotenv_parse (&turn, ".env", text, strlen (text), &pairs) != OK)
        return turn.detail;
    for (size_t i = 0; i < pairs.count; i++)
        out = arena_printf (arena, "%s%s=[%s]", out, pairs.items[i].name, pairs.items[i].value);
    return out;
}

static const struct {
    const char *text, *want;
} rows[] = {
    {"", ""},
    {"\n  \n# comment\n  # another", ""},
    {"A=1", "A=[1]"},
    {"A=1\nB=2\n", "A=[1]B=[2]"},
    {"A=1\r\nB=2\r\n", "A=[1]B=[2]"},
    {"  A = with blanks inside \t\n", "A=[with blanks inside]"},
    {"export A=1", "A=[1]"},
    {"exported=1", "exported=[1]"},
    {"A=", "A=[]"},
    {"A=\nB=x", "A=[]B=[x]"},
    {"A=x # why", "A=[x]"},
    {"A=x#y", "A=[x#y]"},
    {"A=# why", "A=[]"},
    {"A=a=b", "A=[a=b]"},
    {"A=it's", "A=[it's]"},
    {"A='it is # \\n' # why", "A=[it is # \\n]"},
    {"A=\"a\\n\\\"b\\\" \\\\ \\$c \\x\"", "A=[a\n\"b\" \\ $c \\x]"},
    {"A='two\nlines'\nB=1", "A=[two\nlines]B=[1]"},
    {"A=\"two\nlines\" # why\nB=1", "A=[two\nlines]B=[1]"},
    {"A=1\nB=2\nA=3", "A=[3]B=[2]"},
    {"A=$B", "A=[$B]"},
    {"A", ".env:1: NAME=VALUE is expected"},
    {"A=1\nB C=2", ".env:2: NAME=VALUE is expected"},
    {"1A=2", ".env:1: a name has letters, digits and _, a letter first"},
    {"A-B=2", ".env:1: a name has letters, digits and _, a letter first"},
    {"=2", ".env:1: a name has letters, digits and _, a letter first"},
    {"A=1\nB='open\nC=2", ".env:2: a quote is not closed"},
    {"A=\"open\\\"", ".env:1: a quote is not closed"},
    {"A='a\nb' c", ".env:2: there is more after the closing quote"},
};

TEST (a_dotenv_file_is_read_in_all_its_forms_and_errors_have_their_line)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        arena_t *arena = arena_new ();
        CHECK_STR (read (arena, rows[i].text), rows[i].want);
        arena_destroy (&arena);
    }
}

TEST (what_is_printed_is_read_as_it_was)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    dotenv_t pairs = {0}, again = {0};
    buffer_t *text = buffer_new (4096);
    static const char value[] = "a 'b' \"c\" \\d $e #f\n\ttab\r\\n ";
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (dotenv_set (&turn, &pairs, "A", value), OK);
    CHECK_INT (dotenv_set (&turn, &pairs, "B", ""), OK);
    CHECK_INT (dotenv_set (&turn, &pairs, "C D", ""), INVALID);
    dotenv_print (&pairs, text);
    CHECK_INT (dotenv_parse (&turn, ".env", buffer_text (text), buffer_size (text), &again), OK);
    CHECK_INT (again.count, 2);
    CHECK_STR (again.items[0].value, value);
    CHECK_STR (again.items[1].value, "");
    buffer_destroy (&text);
    arena_destroy (&arena);
}

TEST (more_names_than_a_dotenv_may_have_and_a_NUL_are_refused)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    dotenv_t pairs = {0};
    fault_t fault = OK;
    turn_init (&turn, arena, "test", 0);
    for (int i = 0; i <= DOTENV_PAIRS && !fault; i++)
        fault = dotenv_set (&turn, &pairs, arena_printf (arena, "N%d", i), "");
    CHECK_INT (fault, TOO_LARGE);
    CHECK_INT (pairs.count, DOTENV_PAIRS);
    CHECK_INT (dotenv_parse (&turn, ".env", "A=1\0B", 5, &pairs), INVALID);
    arena_destroy (&arena);
}
