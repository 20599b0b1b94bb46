/* settings_check.c - parses a text as an option's value, or says why it is invalid. */

#include "common/base/utf8.h"
#include "common/settings/settings_row.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_VALUE 4096 // Bytes of one value

// "--http-threads: 0 is not ..."; the value is left out where it may hold a secret or is long.
static fault_t wrong (loading_t *self, const setting_row_t *row, const given_t *given, const char *problem)
{
    bool hide = row->secret || row->kind == KIND_SECRET || strlen (given->text) > 80;
    return settings_refuse (self, "%s: %s %s", given->where,
                            hide           ? "this value"
                            : *given->text ? given->text
                                           : "an empty value",
                            problem);
}

// The index of `text` in "a|b|c"; -1 if it is not among them.
static int index_in (const char *choices, const char *text, size_t size)
{
    for (int i = 0; *choices; i++) {
        size_t length = strcspn (choices, "|");
        if (length == size && strncmp (choices, text, size) == 0)
            return i;
        choices += length + (choices[length] == '|');
    }
    return -1;
}

static fault_t check_number (loading_t *self, const setting_row_t *row, const given_t *given, uint32_t *out)
{
    size_t digits = strspn (given->text, "0123456789");
    unsigned long long number = strtoull (given->text, NULL, 10);
    if (digits == 0 || digits > 10 || given->text[digits] || number < row->least || number > row->most)
        return wrong (self, row, given,
                      arena_printf (self->arena, "is not in %u..%u", row->least, row->most));
    *out = (uint32_t) number;
    return OK;
}

static fault_t check_bool (loading_t *self, const setting_row_t *row, const given_t *given, bool *out)
{
    int index = index_in ("false|true|no|yes|off|on|0|1", given->text, strlen (given->text));
    if (index < 0)
        return wrong (self, row, given, "is neither true nor false");
    *out = index % 2;
    return OK;
}

static fault_t check_enum (loading_t *self, const setting_row_t *row, const given_t *given, unsigned *out)
{
    int index = index_in (row->choices, given->text, strlen (given->text));
    if (index < 0)
        return wrong (self, row, given, arena_printf (self->arena, "is not one of %s", row->choices));
    *out = (unsigned) index;
    return OK;
}

static fault_t check_url (loading_t *self, const setting_row_t *row, const given_t *given)
{
    size_t scheme = strcspn (given->text, ":");
    bool known = given->text[scheme] == ':' && index_in (row->schemes, given->text, scheme) >= 0;
    if (*given->text && (!known || !given->text[scheme + 1]))
        return wrong (
            self, row, given,
            arena_printf (self->arena, "is not a URL that begins with one of %s and \":\"", row->schemes));
    return OK;
}

static fault_t check_address (loading_t *self, const setting_row_t *row, const given_t *given)
{
    const char *colon = strrchr (given->text, ':');
    size_t digits = colon ? strspn (colon + 1, "0123456789") : 0;
    if (!colon || colon == given->text || digits == 0 || digits > 5 || colon[1 + digits] ||
        strtoul (colon + 1, NULL, 10) > 65535)
        return wrong (self, row, given, "is not HOST:PORT with a port in 0..65535");
    return OK;
}

// Absolute: it is handed to programs that run in other folders.
static const char *path_of (loading_t *self, const char *text)
{
    const char *home = getenv ("HOME");
    char here[PATH_MAX];
    if (strncmp (text, "~/", 2) == 0 && home)
        return arena_printf (self->arena, "%s%s", home, text + 1);
    if (!*text || *text == '/' || !getcwd (here, sizeof here))
        return text;
    return strcmp (text, ".") == 0
               ? arena_strdup (self->arena, here)
               : arena_printf (self->arena, "%s/%s", strcmp (here, "/") == 0 ? "" : here, text);
}

static fault_t check_text (loading_t *self, const setting_row_t *row, const given_t *given, const char **out)
{
    *out = row->kind == KIND_PATH ? path_of (self, given->text) : given->text;
    if (row->kind == KIND_URL)
        return check_url (self, row, given);
    if (row->kind == KIND_ADDRESS)
        return check_address (self, row, given);
    return OK;
}

fault_t settings_check (loading_t *self, const setting_row_t *row, const given_t *given, settings_t *out)
{
    void *field = (char *) out + row->offset;
    size_t size = strlen (given->text);
    if (size > MAX_VALUE)
        return wrong (self, row, given, "is too long");
    if (!utf8_valid (given->text, size))
        return settings_refuse (self, "%s: the value is not UTF-8", given->where);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) given->text[i] < ' ')
            return settings_refuse (self, "%s: a control character in the value", given->where);
    switch (row->kind) {
    case KIND_U32: return check_number (self, row, given, field);
    case KIND_BOOL: return check_bool (self, row, given, field);
    case KIND_ENUM: return check_enum (self, row, given, field);
    default: return check_text (self, row, given, field);
    }
}
