/* dotenv.c - see dotenv.h. */

#include "common/settings/dotenv.h"

#include "common/os/file.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    turn_t *turn;
    const char *file, *at, *end;
    int line;
} reader_t;

static fault_t wrong (const reader_t *self, int line, const char *problem)
{
    return turn_fail (self->turn, INVALID, "%s:%d: %s", self->file, line, problem);
}

static bool is_name (const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] != '_' && !isalpha ((unsigned char) name[i]) &&
            !(i > 0 && isdigit ((unsigned char) name[i])))
            return false;
    return size > 0;
}

fault_t dotenv_set (turn_t *turn, dotenv_t *self, const char *name, const char *value)
{
    if (!is_name (name, strlen (name)))
        return turn_fail (turn, INVALID, "%.100s is not a name: letters, digits and _, a letter first", name);
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->items[i].name, name) == 0) {
            self->items[i].value = value;
            return OK;
        }
    if (self->count == DOTENV_PAIRS)
        return turn_fail (turn, TOO_LARGE, "more than %d names", DOTENV_PAIRS);
    if (!self->items)
        self->items = arena_array (turn->arena, DOTENV_PAIRS, sizeof *self->items);
    self->items[self->count++] = (dotenv_pair_t){name, value};
    return OK;
}

// ---- one line ----

static void skip_blanks (reader_t *self)
{
    while (self->at < self->end && (*self->at == ' ' || *self->at == '\t' || *self->at == '\r'))
        self->at++;
}

static void skip_line (reader_t *self)
{
    while (self->at < self->end && *self->at != '\n')
        self->at++;
}

static const char *plain_value (reader_t *self)
{
    const char *from = self->at, *to = from;
    while (to < self->end && *to != '\n' && !(*to == '#' && (to == from || to[-1] == ' ' || to[-1] == '\t')))
        to++;
    self->at = to;
    while (to > from && strchr (" \t\r", to[-1]))
        to--;
    skip_line (self);
    return arena_strndup (self->turn->arena, from, (size_t) (to - from));
}

static char unescaped (char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

// From its first quote to after its last one.
static fault_t quoted_value (reader_t *self, const char **out)
{
    char quote = *self->at++, *text = arena_alloc (self->turn->arena, (size_t) (self->end - self->at) + 1);
    size_t size = 0;
    int began = self->line;
    for (; self->at < self->end && *self->at != quote; self->at++) {
        bool escape =
            quote == '"' && *self->at == '\\' && self->at + 1 < self->end && strchr ("nrt\"\\$", self->at[1]);
        self->at += escape;
        self->line += *self->at == '\n';
        text[size++] = escape ? unescaped (*self->at) : *self->at;
    }
    if (self->at == self->end)
        return wrong (self, began, "a quote is not closed");
    self->at++;
    text[size] = 0;
    *out = text;
    skip_blanks (self);
    if (self->at < self->end && *self->at != '\n' && *self->at != '#')
        return wrong (self, self->line, "there is more after the closing quote");
    skip_line (self);
    return OK;
}

static fault_t read_pair (reader_t *self, dotenv_t *out)
{
    static const char export[] = "export ";
    const char *value = "";
    if ((size_t) (self->end - self->at) >= sizeof export &&
        strncmp (self->at, export, sizeof export - 1) == 0)
        self->at += sizeof export - 1;
    skip_blanks (self);
    const char *from = self->at;
    while (self->at < self->end && !strchr ("=\n \t\r", *self->at))
        self->at++;
    size_t size = (size_t) (self->at - from);
    int line = self->line;
    skip_blanks (self);
    if (self->at == self->end || *self->at != '=')
        return wrong (self, line, "NAME=VALUE is expected");
    if (!is_name (from, size))
        return wrong (self, line, "a name has letters, digits and _, a letter first");
    self->at++;
    skip_blanks (self);
    if (self->at < self->end && (*self->at == '\'' || *self->at == '"'))
        TRY (quoted_value (self, &value));
    else
        value = plain_value (self);
    fault_t fault = dotenv_set (self->turn, out, arena_strndup (self->turn->arena, from, size), value);
    return fault ? wrong (self, line, self->turn->detail) : OK;
}

fault_t dotenv_parse (turn_t *turn, const char *file, const char *text, size_t size, dotenv_t *out)
{
    reader_t self = {.turn = turn, .file = file, .at = text, .end = text + size, .line = 1};
    if (memchr (text, 0, size))
        return turn_fail (turn, INVALID, "%s: it holds a NUL", file);
    for (; self.at < self.end; self.at++, self.line++) {
        skip_blanks (&self);
        if (self.at < self.end && *self.at != '\n' && *self.at != '#')
            TRY (read_pair (&self, out));
        skip_line (&self);
        if (self.at == self.end)
            break;
    }
    return OK;
}

fault_t dotenv_read (turn_t *turn, const char *file, dotenv_t *out)
{
    const char *text;
    TRY (file_read_plain (turn, file, DOTENV_BYTES, &text));
    return dotenv_parse (turn, file, text, strlen (text), out);
}

void dotenv_print (const dotenv_t *self, buffer_t *into)
{
    for (size_t i = 0; i < self->count; i++) {
        buffer_printf (into, "%s=\"", self->items[i].name);
        for (const char *at = self->items[i].value; *at; at++) {
            if (strchr ("\"\\$", *at))
                buffer_putc (into, '\\');
            if (*at == '\r')
                buffer_puts (into, "\\r");
            else
                buffer_putc (into, *at);
        }
        buffer_puts (into, "\"\n");
    }
}
