/* draft.c - see draft.h. The writer knows little YAML: plain scalars of letters that mean nothing else, single quotes, literal blocks. */

#include "cli/import/draft.h"

#include "common/base/line.h"
#include "common/base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define INDENT    2
#define KEY_MAX   120 // Bytes of a key: YAML finds no colon after 1,024 characters
#define WIDTH_MAX 400 // Bytes of a comment's line

typedef enum { DRAFT_TEXT, DRAFT_BARE, DRAFT_MAP, DRAFT_LIST } draft_kind_t;

typedef struct {
    const char *key;    // Of a map
    draft_t *value;     // NULL: a comment
    const char *remark; // Its text
} entry_t;

struct draft {
    arena_t *arena;
    draft_kind_t kind;
    const char *text;
    entry_t *entries;
    size_t count, capacity;
};

// ---- the tree ----

static draft_t *draft_new (arena_t *arena, draft_kind_t kind, const char *text)
{
    draft_t *self = arena_alloc (arena, sizeof (*self));
    *self = (draft_t){.arena = arena, .kind = kind, .text = text};
    return self;
}

draft_t *draft_map (arena_t *arena)
{
    return draft_new (arena, DRAFT_MAP, "");
}

draft_t *draft_list (arena_t *arena)
{
    return draft_new (arena, DRAFT_LIST, "");
}

draft_t *draft_text (arena_t *arena, const char *text)
{
    return draft_new (arena, DRAFT_TEXT, text);
}

draft_t *draft_bare (arena_t *arena, const char *text)
{
    return draft_new (arena, DRAFT_BARE, text);
}

static void append (draft_t *self, entry_t entry)
{
    self->entries = arena_grow (self->arena, self->entries, self->count, &self->capacity, sizeof (entry_t));
    self->entries[self->count++] = entry;
}

static entry_t *find (const draft_t *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].value && strcasecmp (map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

void draft_set (draft_t *map, const char *key, draft_t *value)
{
    const char *cut = utf8_repair (map->arena, key, strlen (key), KEY_MAX);
    entry_t *there = find (map, cut);
    if (there)
        there->value = value;
    else
        append (map, (entry_t){.key = cut, .value = value});
}

void draft_set_text (draft_t *map, const char *key, const char *text)
{
    draft_set (map, key, draft_text (map->arena, text));
}

draft_t *draft_get (const draft_t *map, const char *key)
{
    const entry_t *there = find (map, key);
    return there ? there->value : NULL;
}

void draft_add (draft_t *list, draft_t *value)
{
    append (list, (entry_t){.value = value});
}

void draft_add_text (draft_t *list, const char *text)
{
    draft_add (list, draft_text (list->arena, text));
}

void draft_add_map (draft_t *into, const draft_t *from)
{
    for (size_t i = 0; from && i < from->count; i++)
        if (from->entries[i].value && into->kind == DRAFT_MAP)
            draft_set (into, from->entries[i].key, from->entries[i].value);
        else
            append (into, from->entries[i]);
}

void draft_remark (draft_t *self, const char *text)
{
    append (self, (entry_t){.remark = text});
}

size_t draft_count (const draft_t *self)
{
    size_t count = 0;
    for (size_t i = 0; self && i < self->count; i++)
        count += self->entries[i].value != NULL;
    return count;
}

// ---- text ----

// What YAML's reader takes as a break of lines beside \n, and what it refuses.
static bool is_allowed (const char *p, size_t size)
{
    static const char *const refused[] = {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF", "\xEF\xBF\xBE",
                                          "\xEF\xBF\xBF"};
    const unsigned char *c = (const unsigned char *) p;
    if (size <= 1)
        return size && (*c == '\n' || *c == '\t' || (*c >= 0x20 && *c < 0x7F));
    if (c[0] == 0xC2 && c[1] < 0xA0) // C1 controls, NEL among them
        return false;
    for (size_t i = 0; size == 3 && i < sizeof refused / sizeof refused[0]; i++)
        if (memcmp (p, refused[i], size) == 0)
            return false;
    return true;
}

static void add_allowed (buffer_t *into, const char *text)
{
    for (size_t left = strlen (text), size; left; text += size, left -= size) {
        size = utf8_length (text, left);
        if (is_allowed (text, size))
            buffer_add (into, text, size);
        size = size ? size : 1;
    }
}

#define OPENING         "${{"
#define OPENING_ESCAPED "${{ '${{' }}"

const char *draft_escape (arena_t *arena, const char *text)
{
    size_t room = strlen (text) * 8 + 1;
    buffer_t *clean = buffer_new (room), *out = buffer_new (room);
    add_allowed (clean, text);
    const char *from = buffer_text (clean);
    for (const char *at; (at = strstr (from, OPENING)); from = at + strlen (OPENING)) {
        buffer_add (out, from, (size_t) (at - from));
        buffer_puts (out, OPENING_ESCAPED);
    }
    buffer_puts (out, from);
    const char *escaped = arena_strdup (arena, buffer_text (out));
    buffer_destroy (&clean);
    buffer_destroy (&out);
    return escaped;
}

void draft_append (buffer_t *into, const char *text)
{
    size_t size = buffer_size (into), whole = strlen (OPENING);
    for (size_t before = 1; before < whole && !buffer_full (into); before++) {
        const char *rest = &OPENING[before];
        if (size < before || memcmp (buffer_text (into) + size - before, OPENING, before) != 0 ||
            strncmp (text, rest, whole - before) != 0)
            continue;
        buffer_truncate (into, size - before);
        buffer_puts (into, OPENING_ESCAPED);
        text += whole - before;
        break;
    }
    buffer_puts (into, text);
}

const char *draft_literal (arena_t *arena, const char *text)
{
    size_t room = strlen (text) * 2 + 3;
    buffer_t *clean = buffer_new (room), *out = buffer_new (room);
    add_allowed (clean, text);
    buffer_putc (out, '\'');
    for (const char *p = buffer_text (clean); *p; p++) {
        buffer_putc (out, *p);
        if (*p == '\'')
            buffer_putc (out, '\'');
    }
    buffer_putc (out, '\'');
    const char *literal = arena_strdup (arena, buffer_text (out));
    buffer_destroy (&clean);
    buffer_destroy (&out);
    return literal;
}

// After the }} of the ${{ at p, which its strings may hold too; the end where there is none.
static const char *expression_end (const char *p)
{
    bool quoted = false;
    for (; *p; p++) {
        quoted = quoted != (*p == '\'');
        if (!quoted && strncmp (p, "}}", 2) == 0)
            return p + 2;
    }
    return p;
}

size_t draft_span (const char *text, const char *stops)
{
    const char *p = text;
    while (*p && !strchr (stops, *p))
        p = strncmp (p, "${{", 3) == 0 ? expression_end (p) : p + 1;
    return (size_t) (p - text);
}

// ---- YAML ----

static void print (const draft_t *self, size_t depth, buffer_t *into);

static void indent (buffer_t *into, size_t depth)
{
    for (size_t i = 0; i < depth * INDENT; i++)
        buffer_putc (into, ' ');
}

static bool means_something (const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp (words[i], text) == 0)
            return true;
    return false;
}

static bool is_plain (const char *text)
{
    size_t size = strlen (text);
    bool template = strncmp (text, "${{ ", 4) == 0;
    if (size == 0 || means_something (text) || (!isalpha ((unsigned char) *text) && !template))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum ((unsigned char) text[i]) && !strchr (" _-./@()=!&|${}'*,+<>~^", text[i]))
            return false;
    return text[size - 1] != ' ';
}

static void print_quoted (buffer_t *into, const char *text)
{
    buffer_putc (into, '\'');
    for (; *text; text++) {
        buffer_putc (into, *text);
        if (*text == '\'')
            buffer_putc (into, '\'');
    }
    buffer_putc (into, '\'');
}

static size_t trimmed (const line_t *line)
{
    size_t size = line->size;
    while (size && (line->text[size - 1] == ' ' || line->text[size - 1] == '\t'))
        size--;
    return size;
}

// Blank lines at both ends are gone: their number would need signs of its own.
static void print_block (buffer_t *into, const char *text, size_t depth)
{
    size_t size = strlen (text);
    bool ends = text[size - 1] == '\n';
    while (size && strchr (" \t\n", text[size - 1]))
        size--;
    line_t line = line_begin (text, size);
    bool begun = false;
    while (line_next (&line)) {
        if (!begun && trimmed (&line) == 0)
            continue;
        if (!begun)
            buffer_printf (into, "|%s%s\n", *line.text == ' ' || *line.text == '\t' ? "2" : "",
                           ends ? "" : "-");
        begun = true;
        if (trimmed (&line))
            indent (into, depth);
        buffer_add (into, line.text, trimmed (&line));
        buffer_putc (into, '\n');
    }
    if (!begun)
        buffer_puts (into, "''\n");
}

static void print_scalar (const draft_t *self, size_t depth, buffer_t *into)
{
    buffer_t *clean = buffer_new (strlen (self->text) + 1);
    add_allowed (clean, self->text);
    const char *text = buffer_text (clean);
    if (self->kind == DRAFT_BARE)
        buffer_printf (into, "%s\n", text);
    else if (strchr (text, '\n'))
        print_block (into, text, depth);
    else if (is_plain (text))
        buffer_printf (into, "%s\n", text);
    else {
        print_quoted (into, text);
        buffer_putc (into, '\n');
    }
    buffer_destroy (&clean);
}

static void print_remark (const char *text, size_t depth, buffer_t *into)
{
    buffer_t *clean = buffer_new (strlen (text) + 1);
    add_allowed (clean, text);
    for (line_t line = line_begin (buffer_text (clean), buffer_size (clean)); line_next (&line);) {
        size_t size = trimmed (&line);
        const char *cut = size > WIDTH_MAX ? " ..." : "";
        size = size > WIDTH_MAX ? WIDTH_MAX : size;
        while (*cut && size && ((unsigned char) line.text[size] & 0xC0) == 0x80)
            size--;
        indent (into, depth);
        buffer_puts (into, size ? "# " : "#");
        buffer_add (into, line.text, size);
        buffer_printf (into, "%s\n", cut);
    }
    buffer_destroy (&clean);
}

static void print_value (const draft_t *self, size_t depth, buffer_t *into)
{
    if (self->kind == DRAFT_TEXT || self->kind == DRAFT_BARE) {
        buffer_puts (into, self->kind == DRAFT_BARE && !*self->text ? "" : " ");
        print_scalar (self, depth, into);
    } else if (draft_count (self) == 0) {
        buffer_puts (into, self->kind == DRAFT_MAP ? " {}\n" : " []\n");
        print (self, depth, into); // Its comments
    } else {
        buffer_putc (into, '\n');
        print (self, depth, into);
    }
}

static void print_key (const char *key, buffer_t *into)
{
    bool name = isalpha ((unsigned char) *key) || *key == '_';
    for (const char *p = key; *p && name; p++)
        name = isalnum ((unsigned char) *p) || strchr ("_-.", *p);
    if (name && (!means_something (key) || strcmp (key, "on") == 0))
        buffer_puts (into, key);
    else
        print_quoted (into, key);
    buffer_putc (into, ':');
}

// An item that is a map begins in the line of its dash.
static void print_item (const draft_t *self, size_t depth, buffer_t *into)
{
    indent (into, depth);
    buffer_putc (into, '-');
    if (self->kind != DRAFT_MAP || draft_count (self) == 0) {
        print_value (self, depth + 1, into);
        return;
    }
    size_t from = buffer_size (into);
    buffer_putc (into, '\n');
    print (self, depth + 1, into);
    const char *text = buffer_text (into) + from + 1;
    if (text[strspn (text, " ")] == '#')
        return;
    const char *rest = arena_strdup (self->arena, text + (depth + 1) * INDENT);
    buffer_truncate (into, from);
    buffer_printf (into, " %s", rest);
}

static void print (const draft_t *self, size_t depth, buffer_t *into)
{
    for (size_t i = 0; i < self->count && !buffer_full (into); i++) {
        const entry_t *entry = &self->entries[i];
        if (!entry->value)
            print_remark (entry->remark, depth, into);
        else if (self->kind == DRAFT_LIST)
            print_item (entry->value, depth, into);
        else {
            indent (into, depth);
            print_key (entry->key, into);
            print_value (entry->value, depth + 1, into);
        }
    }
}

void draft_print (const draft_t *self, buffer_t *into)
{
    print (self, 0, into);
}
