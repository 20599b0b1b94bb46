/* settings.c - the order of the sources, the defaults, and what is printed for people.
 *
 * Each source offers texts (settings_flags.c, settings_file.c); the latest wins; settings_check.c turns the winning text
 * into the field's value. */

#include "common/base/nearest.h"
#include "common/settings/settings_row.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROW(kind_, name_, programs_, doc_, ...) \
    {.kind = KIND_##kind_,                      \
     .name = #name_,                            \
     .offset = offsetof (settings_t, name_),    \
     .programs = (programs_),                   \
     .doc = doc_,                               \
     __VA_ARGS__},
const setting_row_t settings_rows[] = {SETTINGS (ROW)};
const size_t settings_row_count = sizeof (settings_rows) / sizeof (settings_rows[0]);

static bool same_name (const char *name, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] != (text[i] == '-' ? '_' : text[i]))
            return false;
    return name[size] == 0;
}

const setting_row_t *settings_row (const char *name, size_t size)
{
    for (size_t i = 0; i < settings_row_count; i++)
        if (strlen (settings_rows[i].name) == size && same_name (settings_rows[i].name, name, size))
            return &settings_rows[i];
    return NULL;
}

const char *settings_flag (arena_t *arena, const setting_row_t *row)
{
    char *flag = arena_printf (arena, "--%s", row->name);
    for (char *c = flag; *c; c++)
        if (*c == '_')
            *c = '-';
    return flag;
}

const char *settings_variable (arena_t *arena, const setting_row_t *row)
{
    if (row->flag_only)
        return NULL;
    char *name = arena_printf (arena, "OPENCICD_%s", row->name);
    for (char *c = name; *c; c++)
        *c = (char) toupper ((unsigned char) *c);
    return name;
}

const char *settings_hint (loading_t *self, const char *word, style_t style)
{
    nearest_t nearest;
    nearest_begin (&nearest, word);
    for (size_t i = 0; i < settings_row_count; i++) {
        const setting_row_t *row = &settings_rows[i];
        const char *name = row->programs & self->programs ? style (self->arena, row) : NULL;
        if (name)
            nearest_offer (&nearest, name);
    }
    return nearest.best ? arena_printf (self->arena, " (did you mean %s?)", nearest.best) : "";
}

void settings_give (loading_t *self, const setting_row_t *row, setting_source_t source, const char *text,
                    const char *where)
{
    given_t *given = &self->given[row - settings_rows];
    if (source >= given->source)
        *given = (given_t){.source = source, .text = text, .where = where};
}

// ---- defaults

static const char *folder_of (arena_t *arena, const char *variable, const char *below_home)
{
    const char *folder = getenv (variable);
    if (folder && *folder == '/') // XDG: a relative one is ignored
        return folder;
    const char *home = getenv ("HOME");
    return arena_printf (arena, "%s/%s", home && *home ? home : "", below_home);
}

static const char *expansion_of (arena_t *arena, const settings_t *settings, const char *name, size_t size)
{
    if (strncmp (name, "data_home", size) == 0)
        return folder_of (arena, "XDG_DATA_HOME", ".local/share");
    if (strncmp (name, "config_home", size) == 0)
        return folder_of (arena, "XDG_CONFIG_HOME", ".config");
    if (strncmp (name, "hostname", size) == 0) {
        char *host = arena_alloc (arena, 256);
        return gethostname (host, 255) == 0 && *host ? host : "localhost";
    }
    const setting_row_t *row = settings_row (name, size); // One above this row
    return row ? *(const char *const *) ((const char *) settings + row->offset) : "";
}

static const char *expand (arena_t *arena, const settings_t *settings, const char *text)
{
    const char *open = strchr (text, '{'), *end = open ? strchr (open, '}') : NULL;
    if (!end)
        return text;
    return arena_printf (arena, "%.*s%s%s", (int) (open - text), text,
                         expansion_of (arena, settings, open + 1, (size_t) (end - open - 1)), end + 1);
}

// ----

static fault_t fill (loading_t *self, const setting_row_t *row, settings_t *out)
{
    given_t given = self->given[row - settings_rows];
    if (given.source == FROM_NOWHERE || !(row->programs & self->programs)) {
        const char *initial = row->initial ? row->initial : row->kind == KIND_BOOL ? "false" : "";
        given =
            (given_t){.source = FROM_DEFAULT, .text = expand (self->arena, out, initial), .where = row->name};
    }
    if (given.source > FROM_DEFAULT)
        out->given[row - settings_rows] = true;
    return settings_check (self, row, &given, out);
}

static fault_t load_file (loading_t *self, settings_t *out)
{
    const setting_row_t *row = settings_row ("config", strlen ("config"));
    fault_t fault = fill (self, row, out);
    bool named = self->given[row - settings_rows].source > FROM_DEFAULT;
    if (!fault)
        fault = settings_read_file (self, out->config, named);
    return fault;
}

fault_t settings_load (settings_t *self, arena_t *arena, unsigned programs, int *argc, char **argv,
                       const char **error)
{
    memset (self, 0, sizeof (*self));
    loading_t loading = {.arena = arena, .programs = programs};
    loading.given = arena_array (arena, settings_row_count, sizeof (given_t));
    fault_t fault = settings_read_flags (&loading, argc, argv);
    if (!fault)
        fault = settings_read_environment (&loading);
    if (!fault)
        fault = load_file (&loading, self);
    for (size_t i = 0; i < settings_row_count && !fault; i++)
        fault = fill (&loading, &settings_rows[i], self);
    *error = loading.error;
    return fault;
}

// ---- help and documentation

static const char *value_of (const setting_row_t *row)
{
    if (row->metavar)
        return row->metavar;
    return row->kind == KIND_ENUM  ? row->choices
           : row->kind == KIND_U32 ? "N"
           : row->kind == KIND_URL ? "URL"
                                   : "";
}

const char settings_legend[] =
    "Every option but --help and --version can also be set in the environment (OPENCICD_LOG_LEVEL=info) and in the\n"
    "settings file (log_level: info); a flag wins over the environment, and that over the file. {data_home} is\n"
    "$XDG_DATA_HOME or ~/.local/share, {config_home} is $XDG_CONFIG_HOME or ~/.config, {hostname} is this machine's\n"
    "name; {data_dir} and {work_dir} are the settings of that name.\n";

static option_t option_of (arena_t *arena, const setting_row_t *row)
{
    const char *value = value_of (row), *doc = row->doc;
    if (row->kind == KIND_U32)
        doc = arena_printf (arena, "%s %u to %u.", doc, row->least, row->most);
    if (row->initial)
        doc = arena_printf (arena, "%s Default: %s.", doc, row->initial);
    return (option_t){.flag = settings_flag (arena, row),
                      .letter = row->letter,
                      .value = *value ? value : NULL,
                      .choices = row->choices,
                      .doc = doc};
}

options_t settings_options (arena_t *arena, unsigned programs)
{
    options_t options = {.count = 0};
    for (size_t i = 0; i < settings_row_count; i++)
        if (settings_rows[i].programs & programs)
            options_add (&options, arena, option_of (arena, &settings_rows[i]));
    return options;
}

void settings_help (FILE *out, unsigned programs)
{
    arena_t *arena = arena_new ();
    options_t options = settings_options (arena, programs);
    options_print (out, &options);
    fprintf (out, "\n%s", settings_legend);
    arena_destroy (&arena);
}

static void print_programs (FILE *out, unsigned programs)
{
    static const char *const names[] = {"server", "agent", "client"};
    const char *between = "";
    for (int i = 0; i < 3; i++) {
        if (programs & (1u << i)) {
            fprintf (out, "%s%s", between, names[i]);
            between = ", ";
        }
    }
}

static void print_escaped (FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf (out, *text == '|' ? "\\%c" : "%c", *text);
}

void settings_markdown (FILE *out)
{
    arena_t *arena = arena_new ();
    fprintf (out, "| key in opencicd.yaml | flag | environment | value | default | for | meaning |\n"
                  "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < settings_row_count; i++) {
        const setting_row_t *row = &settings_rows[i];
        if (row->flag_only)
            continue;
        fprintf (out, "| `%s` | `%s` | `%s` | ", row->name, settings_flag (arena, row),
                 settings_variable (arena, row));
        print_escaped (out, row->kind == KIND_BOOL ? "true|false" : value_of (row));
        if (row->kind == KIND_U32)
            fprintf (out, " (%u to %u)", row->least, row->most);
        fprintf (out, " | %s | ", row->initial ? row->initial : "");
        print_programs (out, row->programs);
        fprintf (out, " | %s |\n", row->doc);
    }
    fprintf (out, "\n%s", settings_legend);
    arena_destroy (&arena);
}
