/* manual.c - a manual page is made from the tables alone. */

#include "cli/command/manual.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static const flag_t flags[] = {{.name = "dry-run", .kind = FLAG_SWITCH, .letter = 'n', .doc = "Only look."},
                               {.name = "to", .kind = FLAG_TEXT, .metavar = "FILE", .doc = ".hidden \\ -x"},
                               {.name = NULL}};
static const command_t pack = {.name = "pack all",
                               .group = GROUP_RUNS,
                               .usage = "[OPTIONS]",
                               .summary = "Pack it.",
                               .help = "First.\n\nSecond.\n",
                               .examples = "opencicd pack all -n\n",
                               .flags = flags};
static const command_t *const table[] = {&pack, NULL};

// NULL: no such page.
static char *page (const char *name)
{
    char *text = NULL;
    size_t size = 0;
    setenv ("SOURCE_DATE_EPOCH", "86400", 1);
    FILE *out = open_memstream (&text, &size);
    bool found = manual_print (out, name, table);
    fclose (out);
    unsetenv ("SOURCE_DATE_EPOCH");
    if (found)
        return text;
    CHECK_INT (size, 0);
    free (text);
    return NULL;
}

TEST (a_page_holds_each_command_with_its_options_and_examples)
{
    char *text = page ("opencicd");
    CHECK (strncmp (text, ".TH OPENCICD 1 \"1970-01-02\" \"open\\-cicd " OPENCICD_VERSION "\"\n", 40) == 0);
    CHECK (strstr (text, ".SH COMMANDS: Runs\n"
                         ".SS opencicd pack all\n"
                         "\\fBopencicd pack all\\fR [OPTIONS]\n"
                         ".PP\nPack it.\n"
                         ".PP\nFirst.\n.PP\nSecond.\n"
                         ".TP\n\\fB\\-n\\fR, \\fB\\-\\-dry\\-run\\fR\nOnly look.\n"
                         ".TP\n\\fB\\-\\-to\\fR=\\fIFILE\\fR\n\\&.hidden \\e \\-x\n"));
    CHECK (strstr (text, ".SH EXAMPLES\n.nf\nopencicd pack all \\-n\n.fi\n"));
    CHECK (strstr (text, "\\fB\\-\\-token\\-file\\fR"));
    free (text);
}

TEST (the_help_of_a_command_is_set_apart_from_its_examples_however_it_ends)
{
    command_t plain = pack;
    plain.help = "No line end.";
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream (&text, &size);
    command_explain (out, &plain);
    command_explain (out, &pack);
    fclose (out);
    CHECK (strstr (text, "\nNo line end.\n\nExamples:\n"));
    CHECK (strstr (text, "\nSecond.\n\nExamples:\n"));
    free (text);
}

TEST (each_program_and_the_settings_file_have_a_page_and_nothing_else_has)
{
    static const struct {
        const char *page, *has, *lacks;
    } cases[] = {
        {"opencicd-agent", "\\fB\\-\\-work\\-dir\\fR=\\fIFOLDER\\fR", "\\-\\-database\\-url"},
        {"opencicd-scheduler", "\\fB\\-\\-database\\-url\\fR=\\fIURL\\fR", "\\-\\-work\\-dir"},
        {"opencicd.yaml", "\\fBwork_dir\\fR: \\fIFOLDER\\fR", "\\fBhelp\\fR"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = page (cases[i].page);
        CHECK (text && strstr (text, cases[i].has) && !strstr (text, cases[i].lacks));
        free (text);
    }
    CHECK (!page ("opencicd-"));
    CHECK (!page ("opencicd-agents"));
    CHECK (!page ("ls"));
}

TEST (no_line_of_a_page_is_longer_than_man_likes)
{
    static const char *const pages[] = {"opencicd", "opencicd-agent", "opencicd-gateway", "opencicd.yaml"};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        char *text = page (pages[i]);
        for (const char *line = text; *line; line += strcspn (line, "\n") + 1)
            CHECK (strcspn (line, "\n") <= 80);
        free (text);
    }
}
