/* output.c - commands are found in any pieces, all other bytes pass as they are. */

#include "agent/engine/output/output.h"

#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    mask_t *mask;
    buffer_t *text, *commands;
    bool watched; // Every line
} heard_t;

static void emit (void *self_, const void *data, size_t size)
{
    heard_t *self = self_;
    buffer_add (self->text, data, size);
}

// Shows groups as they are, warnings in another form, masks not at all.
static bool may_stop (void *self, const char *token)
{
    (void) self;
    return *token != 0;
}

static const char *act (void *self_, arena_t *arena, const workflow_command_t *command)
{
    heard_t *self = self_;
    if (strncmp (command->name, "no-", 3) == 0)
        return OUTPUT_PLAIN;
    buffer_printf (self->commands, "%s(%s)", command->name, command->message);
    if (strcmp (command->name, "add-mask") == 0)
        CHECK_INT (mask_add (self->mask, command->message, strlen (command->message)), OK);
    if (strcmp (command->name, "warning") == 0)
        return arena_printf (arena, "##[warning]%s", command->message);
    return strcmp (command->name, "add-mask") == 0 ? "" : NULL;
}

static bool watches (void *self_)
{
    const heard_t *self = self_;
    return self->watched;
}

// Shows lines that begin with E in another form.
static const char *look (void *self_, arena_t *arena, const char *line, size_t size)
{
    heard_t *self = self_;
    buffer_printf (self->commands, "<%.*s>", (int) size, line);
    return size && *line == 'E' ? arena_printf (arena, "##[error]%.*s", (int) size, line) : NULL;
}

static void feed (heard_t *self, const char *text, size_t size, size_t piece)
{
    static const output_use_t use = {
        .emit = emit, .act = act, .may_stop = may_stop, .watches = watches, .look = look};
    self->mask = mask_new ();
    self->text = buffer_new (1 << 20);
    self->commands = buffer_new (1 << 20);
    output_t *output = output_new (self->mask, &use, self);
    for (size_t at = 0; at < size; at += piece)
        output_add (output, text + at, size - at < piece ? size - at : piece);
    output_end (output);
    output_destroy (&output);
}

static void forget (heard_t *self)
{
    mask_destroy (&self->mask);
    buffer_destroy (&self->text);
    buffer_destroy (&self->commands);
}

TEST (commands_are_obeyed_where_they_begin_a_line)
{
    static const struct {
        const char *text, *wanted, *commands;
    } cases[] = {
        {"a\n::group::b\nc\n", "a\n::group::b\nc\n", "group(b)"},
        {"  ::debug::x", "  ::debug::x", "debug(x)"},
        {"std::string a;\nx ::group::y\n", "std::string a;\nx ::group::y\n", ""},
        {"::add-mask::hunter2\nhunter2\n", "***\n", "add-mask(hunter2)"},
        {"::add-mask::a1%0Ab2\na1b2\n", "******\n", "add-mask(a1\nb2)"},
        {"a ##[add-mask]hunter2\nhunter2\n", "a \n***\n", "add-mask(hunter2)"},
        {"::warning file=a::b%0Ac\nd\n", "##[warning]b\nc\nd\n", "warning(b\nc)"},
        {"a ##[group]b\nc\n", "a ##[group]b\nc\n", "group(b)"},
        {"###[group x=1;y=2]b]c\n", "###[group x=1;y=2]b]c\n", "group(b]c)"},
        {"##\n#[group]b\n## [x]\n##[]\n##[group\n", "##\n#[group]b\n## [x]\n##[]\n##[group\n", ""},
        {"##[error a=x%3By%5Dz]m%5D%3B%25\n", "##[error a=x%3By%5Dz]m%5D%3B%25\n", "error(m];%)"},
        {"::error::m%5D%3B\n", "::error::m%5D%3B\n", "error(m%5D%3B)"},
        {"::stop-commands::Tok\n::tok::\n::group::c\n", "::stop-commands::Tok\n::tok::\n::group::c\n",
         "group(c)"},
        {"::stop-commands::t\n::group::b\n::t::\n::group::c\n",
         "::stop-commands::t\n::group::b\n::t::\n::group::c\n", "group(c)"},
        {":: no\n:x\n::\n::::\n", ":: no\n:x\n::\n::::\n", ""},
        {"::error file=a%2Cb,line=1::m%25%0D\n", "::error file=a%2Cb,line=1::m%25%0D\n", "error(m%\r)"},
        {":", ":", ""},
        {"a:\n:b", "a:\n:b", ""},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        for (size_t piece = 1; piece < 24; piece++) {
            heard_t heard = {.watched = false};
            feed (&heard, cases[i].text, strlen (cases[i].text), piece);
            CHECK_STR (buffer_text (heard.text), cases[i].wanted);
            CHECK_STR (buffer_text (heard.commands), cases[i].commands);
            forget (&heard);
        }
}

TEST (every_line_is_looked_at_where_somebody_watches)
{
    static const struct {
        const char *text, *wanted, *seen;
    } cases[] = {
        {"a\nE1\r\n\nb", "a\n##[error]E1\n\nb", "<a><E1><><b>"},
        {"  ::group::x\nE ##[warning]y\n", "  ::group::x\n##[warning]y\n", "group(x)warning(y)"},
        {"::add-mask::hunter2\nEhunter2\n", "##[error]E***\n", "add-mask(hunter2)<Ehunter2>"},
        {"E##[no-such]x\n::no-such::E\n", "##[error]E##[no-such]x\n::no-such::E\n",
         "<E##[no-such]x><::no-such::E>"},
        {"::stop-commands::t\nE ##[group]x\n::t::\nE\n",
         "::stop-commands::t\n##[error]E ##[group]x\n::t::\n##[error]E\n", "<E ##[group]x><E>"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        for (size_t piece = 1; piece < 24; piece++) {
            heard_t heard = {.watched = true};
            feed (&heard, cases[i].text, strlen (cases[i].text), piece);
            CHECK_STR (buffer_text (heard.text), cases[i].wanted);
            CHECK_STR (buffer_text (heard.commands), cases[i].seen);
            forget (&heard);
        }
}

TEST (a_line_that_is_too_long_to_be_looked_at_loses_nothing)
{
    static char text[COMMAND_LINE_MAX * 2];
    memset (text, 'E', sizeof (text));
    memcpy (text + sizeof (text) - 4, "\nEx\n", 4);
    for (size_t piece = 999; piece < sizeof (text); piece += 40000) {
        heard_t heard = {.watched = true};
        feed (&heard, text, sizeof (text), piece);
        CHECK_STR (buffer_text (heard.commands), "<Ex>");
        CHECK_INT (buffer_size (heard.text), sizeof (text) + strlen ("##[error]"));
        forget (&heard);
    }
}

TEST (properties_of_a_command_are_decoded)
{
    arena_t *arena = arena_new ();
    workflow_command_t command;
    const char *line = "::error file=a%2Cb,line=3,x=%3A::text\n";
    CHECK (command_parse (arena, line, strlen (line), &command));
    CHECK_STR (command_property (&command, "FILE"), "a,b");
    CHECK_STR (command_property (&command, "line"), "3");
    CHECK_STR (command_property (&command, "x"), ":");
    CHECK_STR (command_property (&command, "col"), "");
    CHECK_STR (command.message, "text");
    arena_destroy (&arena);
}

TEST (of_a_command_16_properties_are_known)
{
    arena_t *arena = arena_new ();
    workflow_command_t command;
    const char *line = "::error a1=1";
    for (int i = 2; i <= COMMAND_PROPERTIES + 1; i++)
        line = arena_printf (arena, "%s,a%d=%d", line, i, i);
    line = arena_printf (arena, "%s::text", line);
    CHECK (command_parse (arena, line, strlen (line), &command));
    CHECK_STR (command_property (&command, "a16"), "16");
    CHECK_STR (command_property (&command, "a17"), "");
    CHECK_STR (command.message, "text");
    arena_destroy (&arena);
}

TEST (a_line_as_long_as_a_command_may_be_is_one)
{
    static char text[COMMAND_LINE_MAX + 1];
    for (size_t more = 0; more < 2; more++)
        for (size_t piece = 1000; piece <= sizeof (text); piece *= 80) {
            heard_t heard = {.watched = false};
            memset (text, 'x', sizeof (text));
            memcpy (text, "::group::", 9);
            text[COMMAND_LINE_MAX - 1 + more] = '\n';
            feed (&heard, text, COMMAND_LINE_MAX + more, piece);
            CHECK_INT (buffer_size (heard.commands), more ? 0 : COMMAND_LINE_MAX - 10 + strlen ("group()"));
            CHECK_INT (buffer_size (heard.text), COMMAND_LINE_MAX + more);
            forget (&heard);
        }
}

TEST (the_rest_of_a_line_that_is_too_long_is_not_a_command)
{
    static char text[COMMAND_LINE_MAX * 2];
    memset (text, 'x', sizeof (text));
    memcpy (text, "::group::", 9);
    memcpy (text + 100, "##[group]", 9);
    text[COMMAND_LINE_MAX + 100] = '\n';
    memcpy (text + COMMAND_LINE_MAX + 101, "##[group]y\n", 11);
    for (size_t piece = 999; piece < sizeof (text); piece += 40000) {
        heard_t heard = {.watched = false};
        feed (&heard, text, sizeof (text), piece);
        CHECK_STR (buffer_text (heard.commands), "group(y)");
        forget (&heard);
    }
}

TEST (a_line_that_is_too_long_is_not_a_command_and_loses_nothing)
{
    static char text[COMMAND_LINE_MAX * 3];
    heard_t heard = {.watched = false};
    memset (text, 'x', sizeof (text));
    memcpy (text, "::group::", 9);
    feed (&heard, text, sizeof (text), 5000);
    CHECK_STR (buffer_text (heard.commands), "");
    CHECK_INT (buffer_size (heard.text), sizeof (text));
    CHECK (memcmp (buffer_text (heard.text), text, sizeof (text)) == 0);
    forget (&heard);
}

TEST (bytes_that_are_no_text_pass_as_they_are)
{
    char text[4096];
    for (size_t i = 0; i < sizeof (text); i++)
        text[i] = (char) (i * 7 % 256);
    for (size_t piece = 1; piece < 300; piece += 37) {
        heard_t heard = {.watched = false};
        feed (&heard, text, sizeof (text), piece);
        CHECK_INT (buffer_size (heard.text), sizeof (text));
        CHECK (memcmp (buffer_text (heard.text), text, sizeof (text)) == 0);
        forget (&heard);
    }
}
