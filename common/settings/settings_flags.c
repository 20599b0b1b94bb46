/* settings_flags.c - options from the command line and from the environment. */

#include "common/base/nearest.h"
#include "common/settings/settings_row.h"

#include <string.h>
#include <unistd.h>

#define PREFIX "OPENCICD_"

static const setting_row_t *row_of_letter (char letter)
{
    for (size_t i = 0; letter && i < settings_row_count; i++)
        if (settings_rows[i].letter == letter)
            return &settings_rows[i];
    return NULL;
}

static const char *program_of (unsigned programs)
{
    return programs & SERVER ? "the server" : programs & AGENT ? "agents" : "clients";
}

// `row` is NULL or another program's; `flag` without its value.
static fault_t refuse_flag (loading_t *self, const setting_row_t *row, const char *flag)
{
    if (self->programs & SETTINGS_KEEP_UNKNOWN)
        return OK;
    if (row)
        return settings_refuse (self, "%s: an option of %s only", settings_flag (self->arena, row),
                                program_of (row->programs));
    return settings_refuse (self, "%s: unknown option%s", flag, settings_hint (self, flag, settings_flag));
}

// argv[at] begins with '-'. *used: how many arguments belong to it; 0: not one of our options, and left there.
static fault_t read_flag (loading_t *self, int argc, char **argv, int at, int *used)
{
    const char *text = argv[at];
    bool is_long = text[1] == '-';
    size_t size = is_long ? strcspn (text, "=") : strlen (text);
    const setting_row_t *row = is_long     ? settings_row (text + 2, size - 2)
                               : size == 2 ? row_of_letter (text[1])
                                           : NULL;
    *used = 0;
    if (!row || !(row->programs & self->programs))
        return refuse_flag (self, row, arena_strndup (self->arena, text, size));
    const char *value = text[size] == '=' ? text + size + 1 : NULL;
    const char *where = settings_flag (self->arena, row);
    *used = 1;
    if (!value && row->kind == KIND_BOOL)
        value = "true";
    if (!value && at + 1 < argc) {
        value = argv[at + 1];
        *used = 2;
    }
    if (!value)
        return settings_refuse (self, "%s: its value is missing", where);
    settings_give (self, row, FROM_FLAG, value, where);
    return OK;
}

fault_t settings_read_flags (loading_t *self, int *argc, char **argv)
{
    int kept = 1, at = 1;
    while (at < *argc) {
        if (strcmp (argv[at], "--") == 0) {
            at += !(self->programs & SETTINGS_KEEP_UNKNOWN);
            break;
        }
        int used = 0;
        if (argv[at][0] == '-' && argv[at][1]) {
            TRY (read_flag (self, *argc, argv, at, &used));
        }
        if (used == 0)
            argv[kept++] = argv[at++];
        at += used;
    }
    while (at < *argc)
        argv[kept++] = argv[at++];
    argv[kept] = NULL;
    *argc = kept;
    return OK;
}

// One edit, or two in a long name, is a typo; anything further away is not a name of ours.
static bool looks_misspelt (const char *name)
{
    nearest_t nearest;
    nearest_begin (&nearest, name);
    for (size_t i = 0; i < settings_row_count; i++)
        if (!settings_rows[i].flag_only)
            nearest_offer (&nearest, settings_rows[i].name);
    return nearest.best && nearest.distance <= (strlen (name) >= 8 ? 2 : 1) && strlen (name) > 3;
}

static fault_t read_variable (loading_t *self, const char *entry)
{
    const char *equals = strchr (entry, '=');
    if (!equals)
        return OK;
    char *name = arena_strndup (self->arena, entry, (size_t) (equals - entry));
    char *key = name + strlen (PREFIX);
    char *lower = arena_strdup (self->arena, key);
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char) (*c + ('a' - 'A'));
    const setting_row_t *row = settings_row (lower, strlen (lower));
    if (row && !row->flag_only && strcmp (settings_variable (self->arena, row), name) == 0) {
        if (row->programs & self->programs)
            settings_give (self, row, FROM_ENVIRONMENT, equals + 1, name);
        return OK;
    }
    if (!looks_misspelt (lower))
        return OK;
    return settings_refuse (self, "%s: unknown setting in the environment%s", name,
                            settings_hint (self, name, settings_variable));
}

fault_t settings_read_environment (loading_t *self)
{
    fault_t fault = OK;
    for (char **entry = environ; *entry && !fault; entry++)
        if (strncmp (*entry, PREFIX, strlen (PREFIX)) == 0)
            fault = read_variable (self, *entry);
    return fault;
}
