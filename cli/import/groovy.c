/* groovy.c - see groovy.h. Recursive descent; where the short form of a statement or a value does not fit, it is code and is skipped. */

#include "cli/import/groovy.h"
#include "cli/import/groovy_text.h"

#include <ctype.h>
#include <string.h>

static groovy_t *read_value (groovy_reader_t *self, bool within);
static groovy_t *read_block (groovy_reader_t *self);

static groovy_t *node_new (groovy_reader_t *self, groovy_kind_t kind, const char *from)
{
    if (self->nodes++ >= GROOVY_NODES) {
        groovy_fail (self, from, "the file is too large");
        return NULL;
    }
    groovy_t *node = arena_alloc (self->arena, sizeof (*node));
    *node = (groovy_t){.kind = kind, .line = groovy_line (self, from), .source = from, .text = ""};
    return node;
}

static groovy_t *node_end (groovy_reader_t *self, groovy_t *node)
{
    node->size = (size_t) (self->p - node->source);
    return node;
}

static void append (groovy_reader_t *self, groovy_t *node, const char *key, groovy_t *item)
{
    size_t before = node->capacity;
    node->items = arena_grow (self->arena, node->items, node->count, &node->capacity, sizeof (groovy_t *));
    node->keys = arena_grow (self->arena, node->keys, node->count, &before, sizeof (char *));
    node->keys[node->count] = key;
    node->items[node->count++] = item;
}

static bool enter (groovy_reader_t *self)
{
    return self->depth++ < GROOVY_DEPTH || groovy_fail (self, self->p, "nested too deeply");
}

// ---- strings ----

static char unescape (char c)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    const char *at = c ? strchr (from, c) : NULL;
    return at ? to[at - from] : c;
}

// A piece of a string without interpolation.
static const char *plain_text (groovy_reader_t *self, const char *from, const char *to, bool raw)
{
    char *text = arena_alloc (self->arena, (size_t) (to - from) + 1);
    size_t count = 0;
    for (; from < to; from++) {
        if (*from == '\\' && from + 1 < to && (!raw || from[1] == '/')) {
            from++;
            if (*from != '\n') // An escaped newline is none
                text[count++] = unescape (*from);
        } else
            text[count++] = *from;
    }
    return text;
}

// A name after a $ has none itself: "$a$b" are two.
static bool is_word (char c, bool first)
{
    return c != '$' && groovy_is_name (c, first);
}

// Where the ${} or $name that begins at p ends; p where none begins.
static const char *interpolation_end (const char *p, const char *end)
{
    if (p + 1 >= end || *p != '$')
        return p;
    if (p[1] == '{') {
        const char *after = groovy_braces_end (p + 1, end);
        return after ? after : p;
    }
    const char *q = p + 1;
    while (q < end &&
           (is_word (*q, q == p + 1) || (*q == '.' && q > p + 1 && q + 1 < end && is_word (q[1], true))))
        q++;
    return q > p + 1 ? q : p;
}

static bool add_piece (groovy_reader_t *self, groovy_t *node, const char *from, const char *to, bool raw)
{
    groovy_t *piece = from < to ? node_new (self, GROOVY_STRING, from) : NULL;
    if (from < to && !piece)
        return false;
    if (piece) {
        piece->text = plain_text (self, from, to, raw);
        append (self, node, NULL, piece);
    }
    return true;
}

static bool add_code (groovy_reader_t *self, groovy_t *node, const char *from, const char *to)
{
    bool braces = from[1] == '{';
    groovy_t *piece = node_new (self, GROOVY_CODE, from);
    if (!piece)
        return false;
    piece->text =
        arena_strndup (self->arena, from + (braces ? 2 : 1), (size_t) (to - from) - (braces ? 3 : 1));
    piece->size = (size_t) (to - from);
    append (self, node, NULL, piece);
    return true;
}

static bool read_pieces (groovy_reader_t *self, groovy_t *node, const groovy_quoted_t *quoted)
{
    const char *from = quoted->from, *end = from + quoted->size, *p = from;
    while (p < end) {
        const char *after = interpolation_end (p, end);
        if (after > p) {
            if (!add_piece (self, node, from, p, quoted->raw) || !add_code (self, node, p, after))
                return false;
            p = from = after;
        } else
            p += *p == '\\' && p + 1 < end && !quoted->raw ? 2 : 1;
    }
    return add_piece (self, node, from, end, quoted->raw);
}

static groovy_t *read_string (groovy_reader_t *self)
{
    groovy_quoted_t quoted;
    groovy_t *node = node_new (self, GROOVY_STRING, self->p);
    if (!node || !groovy_skip_string (self, &quoted))
        return NULL;
    node_end (self, node);
    if (quoted.interpolates && !read_pieces (self, node, &quoted))
        return NULL;
    bool constant = node->count == 0 || (node->count == 1 && node->items[0]->kind == GROOVY_STRING);
    node->kind = constant ? GROOVY_STRING : GROOVY_TEMPLATE;
    if (constant)
        node->text = plain_text (self, quoted.from, quoted.from + quoted.size, quoted.raw);
    return node;
}

// ---- values ----

static const char *read_name (groovy_reader_t *self, bool dots)
{
    const char *from = self->p;
    while (self->p < self->end &&
           (groovy_is_name (*self->p, self->p == from) ||
            (dots && *self->p == '.' && self->p + 1 < self->end && groovy_is_name (self->p[1], true))))
        self->p++;
    return arena_strndup (self->arena, from, (size_t) (self->p - from));
}

// `name:` or `'name':`; NULL and nothing read where there is none.
static const char *read_label (groovy_reader_t *self)
{
    const char *from = self->p, *name = NULL;
    groovy_quoted_t quoted;
    if (groovy_is_quote (self)) {
        if (!groovy_skip_string (self, &quoted))
            return NULL;
        name = plain_text (self, quoted.from, quoted.from + quoted.size, quoted.raw);
    } else if (self->p < self->end && groovy_is_name (*self->p, true))
        name = read_name (self, false);
    if (name && groovy_skip_blank (self, false) && groovy_at (self, ":") && !groovy_at (self, "::")) {
        self->p++;
        return name;
    }
    self->p = from;
    return NULL;
}

// Values up to the bracket, with or without labels.
static bool read_items (groovy_reader_t *self, groovy_t *node, char close)
{
    bool done = false;
    if (!enter (self))
        return false;
    while (!done) {
        if (!groovy_skip_blank (self, true) || self->p >= self->end)
            return groovy_fail (self, node->source, "a bracket that is opened here is not closed");
        if (*self->p == ',') {
            self->p++;
        } else if (*self->p == close) {
            self->p++;
            done = true;
        } else if (*self->p == ':') // [:], the empty map
            self->p++;
        else {
            const char *from = self->p, *label = read_label (self);
            groovy_t *item = self->error ? NULL : read_value (self, true);
            if (!item)
                return false;
            if (self->p == from)
                return groovy_fail (self, from, "a value is missing here");
            append (self, node, label, item);
        }
    }
    self->depth--;
    return true;
}

static groovy_t *read_list (groovy_reader_t *self)
{
    groovy_t *node = node_new (self, GROOVY_LIST, self->p++);
    if (!node || !read_items (self, node, ']'))
        return NULL;
    node->kind = node->count && node->keys[0] ? GROOVY_MAP : GROOVY_LIST;
    return node_end (self, node);
}

static groovy_t *read_word (groovy_reader_t *self)
{
    groovy_t *node = node_new (self, GROOVY_NAME, self->p);
    if (!node)
        return NULL;
    node->text = read_name (self, true);
    if (groovy_at (self, "(")) {
        self->p++;
        node->kind = GROOVY_CALL;
        if (!read_items (self, node, ')'))
            return NULL;
    }
    return node_end (self, node);
}

static groovy_t *read_number (groovy_reader_t *self)
{
    groovy_t *node = node_new (self, GROOVY_NUMBER, self->p);
    if (!node)
        return NULL;
    while (self->p < self->end && (isdigit ((unsigned char) *self->p) || strchr (".-_", *self->p)))
        self->p++;
    node->text = arena_strndup (self->arena, node->source, (size_t) (self->p - node->source));
    return node_end (self, node);
}

static groovy_t *read_code (groovy_reader_t *self, const char *from, bool within)
{
    self->p = from;
    groovy_t *node = node_new (self, GROOVY_CODE, from);
    if (!node || !groovy_skip_code (self, within))
        return NULL;
    return node_end (self, node);
}

static groovy_t *read_primary (groovy_reader_t *self)
{
    char c = self->p < self->end ? *self->p : '\0';
    if (groovy_is_quote (self))
        return read_string (self);
    if (c == '[')
        return read_list (self);
    if (c == '{')
        return read_block (self);
    if (isdigit ((unsigned char) c))
        return read_number (self);
    if (groovy_is_name (c, true))
        return read_word (self);
    return NULL;
}

// Does a value end here, so that it was no part of a longer expression?
static bool value_ends (groovy_reader_t *self, bool within)
{
    if (!groovy_skip_blank (self, within) || self->p >= self->end)
        return !self->error;
    return strchr (within ? ",)]}" : ",;}{\n", *self->p) != NULL;
}

// NULL with an error; code where it is no plain value.
static groovy_t *read_value (groovy_reader_t *self, bool within)
{
    if (!groovy_skip_blank (self, within) || !enter (self))
        return NULL;
    const char *from = self->p;
    groovy_t *node = read_primary (self);
    const char *after = self->p;
    if (!self->error && (!node || !value_ends (self, within)))
        node = read_code (self, from, within);
    else
        self->p = after;
    self->depth--;
    return self->error ? NULL : node;
}

// ---- statements ----

static bool statement_ends (groovy_reader_t *self)
{
    if (!groovy_skip_blank (self, false) || self->p >= self->end)
        return !self->error;
    return strchr (";}\n", *self->p) != NULL;
}

// `a, b: c` up to the end of the statement or to its block.
static bool read_bare (groovy_reader_t *self, groovy_t *call)
{
    for (bool more = true; more;) {
        const char *label = read_label (self);
        if (self->error || !groovy_skip_blank (self, label != NULL))
            return false;
        groovy_t *value = read_value (self, false);
        if (!value || value->kind == GROOVY_CODE) // A code that may reach past the end of the line
            return false;
        append (self, call, label, value);
        if (!groovy_skip_blank (self, false))
            return false;
        more = groovy_at (self, ",");
        if (more) {
            self->p++;
            if (!groovy_skip_blank (self, true))
                return false;
        }
    }
    return true;
}

static bool read_rest (groovy_reader_t *self, groovy_t *node)
{
    if (groovy_at (self, "=") && !groovy_at (self, "==")) {
        self->p++;
        node->kind = GROOVY_ASSIGN;
        groovy_t *value = groovy_skip_blank (self, true) ? read_value (self, false) : NULL;
        if (value)
            append (self, node, NULL, value);
        return value != NULL;
    }
    if (groovy_at (self, "(")) {
        self->p++;
        if (!read_items (self, node, ')'))
            return false;
    } else if (!statement_ends (self) && !groovy_at (self, "{") && !read_bare (self, node))
        return false;
    if (!groovy_skip_blank (self, false))
        return false;
    if (groovy_at (self, "{"))
        node->block = read_block (self);
    return !self->error;
}

static bool is_keyword (const char *name)
{
    static const char *const words[] = {"def",   "if",     "for",    "while",   "try",    "return",  "switch",
                                        "throw", "import", "class",  "final",   "static", "private", "public",
                                        "void",  "new",    "assert", "package", "else",   "do"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp (words[i], name) == 0)
            return true;
    return false;
}

static groovy_t *read_statement (groovy_reader_t *self)
{
    const char *from = self->p;
    size_t depth = self->depth;
    if (!groovy_is_name (*from, true))
        return read_code (self, from, false);
    groovy_t *node = node_new (self, GROOVY_CALL, from);
    if (!node)
        return NULL;
    node->text = read_name (self, false);
    bool fits = !is_keyword (node->text) && groovy_skip_blank (self, false) && read_rest (self, node);
    if (self->error)
        return NULL;
    const char *after = self->p;
    if (fits && !groovy_skip_blank (self, false))
        return NULL;
    bool next = fits && node->block && self->p < self->end && groovy_is_name (*self->p, true);
    if (fits && (next || statement_ends (self))) {
        self->p = after;
        return node_end (self, node);
    }
    self->depth = depth; // A part of it that did not fit was left where it was
    return self->error ? NULL : read_code (self, from, false);
}

static bool read_statements (groovy_reader_t *self, groovy_t *block, bool braces)
{
    while (groovy_skip_blank (self, true)) {
        if (self->p >= self->end)
            return braces ? groovy_fail (self, block->source, "this block does not end") : true;
        if (*self->p == '}' && braces)
            return true;
        if (strchr (")]}", *self->p))
            return groovy_fail (self, self->p, "this bracket closes nothing");
        if (*self->p == ';') {
            self->p++;
            continue;
        }
        groovy_t *statement = read_statement (self);
        if (!statement)
            return false;
        append (self, block, NULL, statement);
    }
    return false;
}

static groovy_t *read_block (groovy_reader_t *self)
{
    groovy_t *block = node_new (self, GROOVY_BLOCK, self->p++);
    if (!block || !enter (self) || !read_statements (self, block, true))
        return NULL;
    self->p++;
    self->depth--;
    return node_end (self, block);
}

fault_t groovy_parse (arena_t *arena, const char *text, size_t size, const groovy_t **out, const char **error)
{
    if (size > GROOVY_BYTES) {
        *error = arena_printf (arena, "1: the file is larger than %d bytes", GROOVY_BYTES);
        return INVALID;
    }
    groovy_reader_t self = {.arena = arena, .p = text, .end = text + size, .counted = text, .line = 1};
    if (groovy_at (&self, "#!"))
        while (self.p < self.end && *self.p != '\n')
            self.p++;
    groovy_t *block = node_new (&self, GROOVY_BLOCK, self.p);
    if (!read_statements (&self, block, false) || self.error) {
        *error = self.error;
        return INVALID;
    }
    *out = node_end (&self, block);
    return OK;
}

// ---- looking into it ----

const groovy_t *groovy_find (const groovy_t *block, const char *name)
{
    for (size_t i = 0; block && i < block->count; i++)
        if (block->items[i]->kind == GROOVY_CALL && strcmp (block->items[i]->text, name) == 0)
            return block->items[i];
    return NULL;
}

const groovy_t *groovy_argument (const groovy_t *call, const char *name)
{
    for (size_t i = 0; call && i < call->count; i++)
        if (name ? call->keys[i] && strcmp (call->keys[i], name) == 0 : !call->keys[i])
            return call->items[i];
    return NULL;
}

const char *groovy_argument_text (const groovy_t *call, const char *name)
{
    const groovy_t *value = groovy_argument (call, name);
    if (!value ||
        (value->kind != GROOVY_STRING && value->kind != GROOVY_NUMBER && value->kind != GROOVY_NAME))
        return NULL;
    return value->text;
}
