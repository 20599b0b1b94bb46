/* flag.c - see flag.h. */

#include "cli/command/flag.h"

#include "common/base/nearest.h"
#include "common/base/turn.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 15 // Of a number: it fits an int64_t, and a double, which JSON makes of it

typedef struct {
    flags_t *flags;
    arena_t *arena;
    size_t capacities[FLAGS_MAX];
    size_t args_capacity;
    const char *error;
} reading_t;

#define refuse(self, ...) fault_with ((self)->arena, &(self)->error, BAD_INPUT, __VA_ARGS__)

static void add (arena_t *arena, args_t *args, size_t *capacity, const char *text)
{
    args->items = arena_grow (arena, args->items, args->count, capacity, sizeof (char *));
    args->items[args->count++] = text;
}

static int find (const flag_t *table, const char *name, size_t size)
{
    for (int i = 0; table && table[i].name; i++)
        if (strlen (table[i].name) == size && strncmp (table[i].name, name, size) == 0)
            return i;
    return -1;
}

static int find_letter (const flag_t *table, char letter)
{
    for (int i = 0; table && table[i].name; i++)
        if (table[i].letter == letter)
            return i;
    return -1;
}

static fault_t refuse_unknown (reading_t *self, const char *flag)
{
    nearest_t nearest;
    nearest_begin (&nearest, flag);
    for (const flag_t *row = self->flags->table; row && row->name; row++)
        nearest_offer (&nearest, arena_printf (self->arena, "--%s", row->name));
    if (nearest.best)
        return refuse (self, "%s: unknown option (did you mean %s?)", flag, nearest.best);
    return refuse (self, "%s: unknown option", flag);
}

static bool is_choice (const char *choices, const char *text)
{
    for (size_t size = strlen (text); *choices;) {
        size_t length = strcspn (choices, "|");
        if (length == size && strncmp (choices, text, size) == 0)
            return true;
        choices += length + (choices[length] == '|');
    }
    return false;
}

static fault_t take (reading_t *self, int at, const char *value)
{
    const flag_t *row = &self->flags->table[at];
    size_t digits = strspn (value, "0123456789");
    if (row->kind == FLAG_NUMBER && (digits == 0 || digits > MAX_DIGITS || value[digits]))
        return refuse (self, "--%s: %s is not a number", row->name, *value ? value : "an empty value");
    if (row->kind == FLAG_SWITCH && !is_choice ("true|false", value))
        return refuse (self, "--%s: %s is neither true nor false", row->name, value);
    if (row->choices && !is_choice (row->choices, value))
        return refuse (self, "--%s: %s is not one of %s", row->name, *value ? value : "an empty value",
                       row->choices);
    add (self->arena, &self->flags->given[at], &self->capacities[at], value);
    return OK;
}

// argv[0] begins with '-'. *used: how many arguments belong to it.
static fault_t read_flag (reading_t *self, int argc, char *const *argv, int *used)
{
    const char *text = argv[0];
    bool is_long = text[1] == '-';
    size_t size = is_long ? strcspn (text, "=") : 2;
    const flag_t *table = self->flags->table;
    // -abc is neither three letters nor a letter with its value: one spelling of each is enough to know
    int at = is_long ? find (table, text + 2, size - 2) : text[2] ? -1 : find_letter (table, text[1]);
    if (at < 0)
        return refuse_unknown (self, arena_strndup (self->arena, text, is_long ? size : strlen (text)));
    *used = 1;
    if (text[size] == '=')
        return take (self, at, text + size + 1);
    if (table[at].kind == FLAG_SWITCH)
        return take (self, at, "true");
    if (argc < 2)
        return refuse (self, "--%s: its value is missing", table[at].name);
    *used = 2;
    return take (self, at, argv[1]);
}

// A number is none: "-1 < 0", "-Infinity"; but "-info=1" is a flag and its value.
static bool is_flag (const char *text)
{
    char *end;
    if (text[0] != '-' || !text[1] || isdigit ((unsigned char) text[1]))
        return false;
    (void) strtod (text, &end);
    return end == text || isalnum ((unsigned char) *end) || *end == '=';
}

fault_t flags_parse (flags_t *self, arena_t *arena, const flag_t *table, int argc, char *const *argv,
                     const char **error)
{
    *self = (flags_t){.table = table};
    reading_t reading = {.flags = self, .arena = arena};
    bool ended = false;
    fault_t fault = OK;
    for (int at = 0, used = 1; at < argc && fault == OK; at += used) {
        used = 1;
        if (ended || !is_flag (argv[at]))
            add (arena, &self->args, &reading.args_capacity, argv[at]);
        else if (strcmp (argv[at], "--") == 0)
            ended = true;
        else
            fault = read_flag (&reading, argc - at, argv + at, &used);
    }
    *error = reading.error;
    return fault;
}

args_t flag_list (const flags_t *self, const char *name)
{
    int at = find (self->table, name, strlen (name));
    assert (at >= 0);
    return self->given[at];
}

// Of a flag given twice the last counts: what an alias or a script gives can be overridden after it.
const char *flag_text (const flags_t *self, const char *name)
{
    args_t given = flag_list (self, name);
    return given.count ? given.items[given.count - 1] : NULL;
}

bool flag_on (const flags_t *self, const char *name)
{
    const char *text = flag_text (self, name);
    return text && strcmp (text, "true") == 0;
}

int64_t flag_number (const flags_t *self, const char *name, int64_t fallback)
{
    const char *text = flag_text (self, name);
    return text ? strtoll (text, NULL, 10) : fallback;
}

void flags_options (options_t *out, arena_t *arena, const flag_t *table)
{
    for (const flag_t *row = table; row && row->name; row++) {
        const char *value = row->metavar ? row->metavar : row->choices ? row->choices : "VALUE";
        options_add (out, arena,
                     (option_t){.flag = arena_printf (arena, "--%s", row->name),
                                .letter = row->letter,
                                .value = row->kind == FLAG_SWITCH ? NULL : value,
                                .choices = row->choices,
                                .doc = row->doc});
    }
}
