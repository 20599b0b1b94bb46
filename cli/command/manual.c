/* manual.c - see manual.h. Text of the tables becomes man(7): paragraphs at empty lines, what is indented stays as it is. */

#include "cli/command/manual.h"

#include "common/base/line.h"
#include "common/settings/program_table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SETTINGS_PAGE "opencicd.yaml"
#define SOURCE_WIDTH  72

static void print_date (FILE *out)
{
    char text[32];
    struct tm date;
    // Two builds of one source are to be the same (reproducible-builds.org)
    const char *epoch = getenv ("SOURCE_DATE_EPOCH");
    time_t now = epoch ? (time_t) strtoll (epoch, NULL, 10) : time (NULL);
    gmtime_r (&now, &date);
    strftime (text, sizeof text, "%Y-%m-%d", &date);
    fprintf (out, "%s", text);
}

// One line; a hyphen is one that can be typed, and no text is taken for a request.
static void print_escaped (FILE *out, const char *text, size_t size)
{
    if (size > 0 && (*text == '.' || *text == '\''))
        fprintf (out, "\\&");
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\')
            fprintf (out, "\\e");
        else
            fprintf (out, text[i] == '-' ? "\\-" : "%c", text[i]);
    }
}

// Broken where a line of the source becomes long, which man(7) does not mind.
static void print_filled (FILE *out, const char *text, size_t size)
{
    while (size > 0) {
        size_t part = size;
        if (size > SOURCE_WIDTH) {
            part = SOURCE_WIDTH;
            while (part > 0 && text[part] != ' ')
                part--;
            if (part == 0)
                part = size; // One long word
        }
        print_escaped (out, text, part);
        fprintf (out, "\n");
        while (part < size && text[part] == ' ')
            part++;
        text += part;
        size -= part;
    }
}

static void print_line (FILE *out, const char *text)
{
    print_filled (out, text, strlen (text));
}

static void print_head (FILE *out, const char *page, int section, const char *summary)
{
    fprintf (out, ".TH ");
    for (const char *c = page; *c; c++)
        fprintf (out, *c == '-' ? "\\-" : "%c", toupper ((unsigned char) *c));
    fprintf (out, " %d \"", section);
    print_date (out);
    fprintf (out, "\" \"open\\-cicd %s\"\n.SH NAME\n", OPENCICD_VERSION);
    print_escaped (out, page, strlen (page));
    fprintf (out, " \\-\n");
    print_line (out, summary);
}

// Lines that end with \n; an empty one ends a paragraph.
static void print_text (FILE *out, const char *text)
{
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);)
        if (line.size == 0)
            fprintf (out, ".PP\n");
        else
            print_filled (out, line.text, line.size);
}

static void print_options (FILE *out, const options_t *options)
{
    for (size_t i = 0; i < options->count; i++) {
        const option_t *option = &options->items[i];
        fprintf (out, ".TP\n");
        if (option->letter)
            fprintf (out, "\\fB\\-%c\\fR, ", option->letter);
        fprintf (out, "\\fB");
        print_escaped (out, option->flag, strlen (option->flag));
        fprintf (out, "\\fR%s", option->value ? "=\\fI" : "");
        if (option->value) {
            print_escaped (out, option->value, strlen (option->value));
            fprintf (out, "\\fR");
        }
        fprintf (out, "\n");
        print_line (out, option->doc);
    }
}

// Settings of CLIENT are the same for every command, and have a section of their own.
static void print_command (FILE *out, arena_t *arena, const command_t *command)
{
    fprintf (out, ".SS opencicd %s\n\\fBopencicd %s\\fR ", command->name, command->name);
    print_line (out, command->usage);
    fprintf (out, ".PP\n");
    print_line (out, command->summary);
    if (command->help) {
        fprintf (out, ".PP\n");
        print_text (out, command->help);
    }
    options_t options = {.count = 0};
    flags_options (&options, arena, command->flags);
    print_options (out, &options);
    if (command->programs == CLIENT)
        return;
    options = settings_options (arena, command->programs);
    print_options (out, &options);
}

static void print_examples (FILE *out, const command_t *const *commands)
{
    fprintf (out, ".SH EXAMPLES\n.nf\n");
    for (; *commands; commands++)
        if ((*commands)->examples)
            for (line_t line = line_begin ((*commands)->examples, strlen ((*commands)->examples));
                 line_next (&line);) {
                print_escaped (out, line.text, line.size);
                fprintf (out, "\n");
            }
    fprintf (out, ".fi\n");
}

static void print_opencicd (FILE *out, arena_t *arena, const command_t *const *commands)
{
    print_head (out, "opencicd", 1,
                "a self-hosted CI/CD server for workflows in the GitHub Actions language");
    fprintf (out, ".SH SYNOPSIS\n\\fBopencicd\\fR \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
                  ".SH DESCRIPTION\n\\fBopencicd\\fR is the server, its command line client and\n"
                  "the tools for workflow files in one program.\n");
    for (int group = 0; group < COMMAND_GROUP_COUNT; group++) {
        fprintf (out, ".SH COMMANDS: %s\n", command_group_heading (group));
        for (const command_t *const *row = commands; *row; row++)
            if ((*row)->group == (command_group_t) group)
                print_command (out, arena, *row);
    }
    options_t options = settings_options (arena, CLIENT);
    fprintf (out, ".SH OPTIONS OF COMMANDS THAT ASK THE SERVER\n");
    print_text (out, command_about_server);
    print_options (out, &options);
    fprintf (out, ".PP\n");
    print_text (out, settings_legend);
    fprintf (out, ".SH EXIT STATUS\n");
    print_text (out, command_statuses);
    print_examples (out, commands);
    fprintf (out, ".SH SEE ALSO\n.BR opencicd\\-agent (1),\n.BR opencicd.yaml (5)\n");
}

static void print_program (FILE *out, arena_t *arena, const program_row_t *row)
{
    options_t options = settings_options (arena, row->programs);
    print_head (out, arena_printf (arena, "opencicd-%s", row->name), 1, row->summary);
    fprintf (out, ".SH SYNOPSIS\n\\fBopencicd\\-%s\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n", row->name);
    print_line (out, row->summary);
    fprintf (out, ".SH OPTIONS\n");
    print_options (out, &options);
    fprintf (out, ".PP\n");
    print_text (out, settings_legend);
    fprintf (out, ".SH SEE ALSO\n.BR opencicd (1),\n.BR opencicd.yaml (5)\n");
}

// Some options are not keys: they say what to do, or where the file is.
static void print_key (FILE *out, arena_t *arena, const option_t *option)
{
    static const char *const not_keys[] = {"--help", "--version", "--config"};
    for (size_t i = 0; i < sizeof not_keys / sizeof not_keys[0]; i++)
        if (strcmp (option->flag, not_keys[i]) == 0)
            return;
    char *key = arena_strdup (arena, option->flag + 2);
    for (char *c = key; *c; c++)
        *c = *c == '-' ? '_' : *c;
    fprintf (out, ".TP\n\\fB%s\\fR: \\fI", key);
    const char *value = option->value ? option->value : "true|false";
    print_escaped (out, value, strlen (value));
    fprintf (out, "\\fR\n");
    print_line (out, option->doc);
}

static void print_settings (FILE *out, arena_t *arena)
{
    options_t options = settings_options (arena, EVERYBODY);
    print_head (out, SETTINGS_PAGE, 5, "the settings of open-cicd's server, agents and client");
    fprintf (out, ".SH DESCRIPTION\nOne \\fIkey: value\\fR a line, in YAML.\n");
    print_line (out, "Each key is a flag's name with underscores in place of hyphens. One file may serve all "
                     "programs; an unknown key is refused, with its line.");
    fprintf (out, ".PP\n");
    print_text (out, settings_legend);
    fprintf (out, ".SH SETTINGS\n");
    for (size_t i = 0; i < options.count; i++)
        print_key (out, arena, &options.items[i]);
    fprintf (out, ".SH EXAMPLES\n");
    fprintf (out, ".nf\nlisten: 0.0.0.0:8080\npublic_url: https://ci.example.org\nagents: 4\n.fi\n");
    fprintf (out, ".SH SEE ALSO\n.BR opencicd (1)\n");
}

static const program_row_t *find_program (const char *page)
{
    static const char prefix[] = "opencicd-";
    if (strncmp (page, prefix, sizeof prefix - 1) != 0)
        return NULL;
    for (const program_row_t *row = program_rows; row->name; row++)
        if (strcmp (row->name, page + sizeof prefix - 1) == 0)
            return row;
    return NULL;
}

bool manual_print (FILE *out, const char *page, const command_t *const *commands)
{
    arena_t *arena = arena_new ();
    const program_row_t *row = find_program (page);
    bool found = true;
    if (strcmp (page, "opencicd") == 0)
        print_opencicd (out, arena, commands);
    else if (strcmp (page, SETTINGS_PAGE) == 0)
        print_settings (out, arena);
    else if (row)
        print_program (out, arena, row);
    else
        found = false;
    arena_destroy (&arena);
    return found;
}

const char *manual_pages (arena_t *arena)
{
    const char *list = "opencicd";
    for (const program_row_t *row = program_rows; row->name; row++)
        list = arena_printf (arena, "%s, opencicd-%s", list, row->name);
    return arena_printf (arena, "%s, " SETTINGS_PAGE, list);
}
