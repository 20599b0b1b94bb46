/* yaml.c - libyaml's events to nodes.
 *
 * One pass of recursive descent over the events, never deeper than YAML_DEPTH. An alias is the very node that its
 * anchor named, so memory stays linear in the file; what it would be when written out is counted (`weight`) and
 * bounded, so that walking the tree stays cheap too. The first error ends the parse: what follows a YAML error is
 * guesswork. Duplicate keys are the exception: all are reported, and the first of them is read. */

#include "workflow/yaml/yaml.h"
#include "workflow/yaml/yaml_scalar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define ANCHORS      500 // In one file
#define WEIGHT_BYTES 32  // Of text weigh as much as a node

typedef struct {
    const char *name;
    node_t *node; // NULL while it is being read
} anchor_t;

typedef struct {
    arena_t *arena;
    findings_t *findings;
    yaml_parser_t yaml;
    yaml_event_t event;
    const char *source;
    const char *end;
    size_t mark_line, mark_column; // Where `mark` is, for finding a place in the source
    const char *mark;
    anchor_t anchors[ANCHORS];
    size_t anchor_count;
    size_t weight;
    bool foreign; // yaml_parse_foreign
} reader_t;

// The tag of a list that stands for its items, by its address.
static const char spread_tag[] = "<<";

static node_t *read_node (reader_t *self, size_t depth);

static void complain (reader_t *self, const yaml_mark_t *at, const char *message)
{
    findings_add (self->findings, (int) at->line + 1, (int) at->column + 1, SEVERITY_ERROR, "syntax", "%s",
                  message);
}

// The byte where a mark of libyaml (lines and characters) stands. Marks come in file order: the last one found is
// where the search goes on, also along a line of a megabyte.
static const char *source_at (reader_t *self, const yaml_mark_t *at)
{
    if (at->line < self->mark_line || (at->line == self->mark_line && at->column < self->mark_column)) {
        self->mark = self->source;
        self->mark_line = self->mark_column = 0;
    }
    while (self->mark_line < at->line && self->mark < self->end) {
        const char *newline = memchr (self->mark, '\n', (size_t) (self->end - self->mark));
        self->mark = newline ? newline + 1 : self->end;
        self->mark_line++;
        self->mark_column = 0;
    }
    for (; self->mark_column < at->column && self->mark < self->end; self->mark_column++)
        do
            self->mark++;
        while (self->mark < self->end && ((unsigned char) *self->mark & 0xC0) == 0x80);
    return self->mark;
}

static void complain_of_libyaml (reader_t *self)
{
    const yaml_parser_t *yaml = &self->yaml;
    yaml_mark_t at = yaml->problem_mark;
    const char *p = source_at (self, &at);
    const char *problem = yaml->problem ? yaml->problem : "it cannot be read";
    if (p < self->end && *p == '\t')
        complain (self, &at, "invalid YAML: a tab cannot indent; use spaces");
    else if (yaml->context)
        complain (self, &at,
                  arena_printf (self->arena, "invalid YAML: %s %s that begins at line %zu", problem,
                                yaml->context, yaml->context_mark.line + 1));
    else
        complain (self, &at, arena_printf (self->arena, "invalid YAML: %s", problem));
}

static bool next (reader_t *self)
{
    yaml_event_delete (&self->event);
    if (yaml_parser_parse (&self->yaml, &self->event))
        return true;
    memset (&self->event, 0, sizeof (self->event));
    complain_of_libyaml (self);
    return false;
}

static const char *event_anchor (const yaml_event_t *event)
{
    const yaml_char_t *anchor = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                                : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                                                           : NULL;
    return (const char *) anchor;
}

// Where the anchor's node is to be put once it is read; NULL with *ok false where there is no room.
static anchor_t *declare_anchor (reader_t *self, bool *ok)
{
    const char *name = event_anchor (&self->event);
    if (!name)
        return NULL;
    if (self->anchor_count == ANCHORS) {
        complain (self, &self->event.start_mark,
                  arena_printf (self->arena, "more than %d anchors in one file", ANCHORS));
        *ok = false;
        return NULL;
    }
    anchor_t *anchor = &self->anchors[self->anchor_count++];
    *anchor = (anchor_t){arena_strdup (self->arena, name), NULL};
    return anchor;
}

static bool fits (reader_t *self, size_t weight, size_t depth)
{
    self->weight += weight;
    if (self->weight > YAML_WEIGHT) {
        complain (self, &self->event.start_mark, "too large once its aliases are written out");
        return false;
    }
    if (depth > YAML_DEPTH) {
        complain (self, &self->event.start_mark,
                  arena_printf (self->arena, "nested too deeply: at most %d levels", YAML_DEPTH));
        return false;
    }
    return true;
}

static node_t *read_alias (reader_t *self, size_t depth)
{
    const char *name = (const char *) self->event.data.alias.anchor;
    // The latest first: a name may be declared again, from there on
    for (size_t i = self->anchor_count; i-- > 0;) {
        anchor_t *anchor = &self->anchors[i];
        if (strcmp (anchor->name, name) != 0)
            continue;
        if (!anchor->node) { // It would hold itself, and a walk over it would never end
            complain (self, &self->event.start_mark,
                      arena_printf (self->arena, "alias \"*%s\" is inside the value that it names", name));
            return NULL;
        }
        return fits (self, anchor->node->weight, depth + anchor->node->depth) ? anchor->node : NULL;
    }
    complain (self, &self->event.start_mark,
              arena_printf (self->arena, "alias \"*%s\" has no anchor \"&%s\" before it", name, name));
    return NULL;
}

static node_t *node_new (reader_t *self, node_kind_t kind)
{
    node_t *node = arena_alloc (self->arena, sizeof (*node));
    node->kind = kind;
    node->line = (int) self->event.start_mark.line + 1;
    node->column = (int) self->event.start_mark.column + 1;
    node->raw = source_at (self, &self->event.start_mark);
    node->text = "";
    node->weight = 1;
    return node;
}

// As GitHub's reader: `str` goes with any style, the others of the core schema with plain text alone.
static bool resolve_tagged (reader_t *self, node_t *node, const char *tag, bool plain)
{
    static const char core[] = "tag:yaml.org,2002:";
    bool known = strncmp (tag, core, sizeof core - 1) == 0;
    const char *name = known ? tag + sizeof core - 1 : tag;
    if (known && (plain || strcmp (name, "str") == 0) && yaml_scalar_resolve_as (node, name))
        return true;
    node->tag = self->foreign ? arena_strdup (self->arena, tag) : NULL;
    if (node->tag)
        return true;
    complain (
        self, &self->event.start_mark,
        known ? arena_printf (self->arena, "\"%.60s\" is not a value of the tag \"!!%s\"", node->text, name)
              : arena_printf (self->arena, "unknown tag \"%s\"; quote the value to make it a string", name));
    return false;
}

static node_t *read_scalar (reader_t *self)
{
    node_t *node = node_new (self, NODE_STRING);
    const char *tag = (const char *) self->event.data.scalar.tag;
    bool plain = self->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->size = self->event.data.scalar.length;
    node->weight += node->size / WEIGHT_BYTES;
    node->text = arena_strndup (self->arena, (const char *) self->event.data.scalar.value, node->size);
    if (tag)
        return resolve_tagged (self, node, tag, plain) ? node : NULL;
    if (plain)
        yaml_scalar_resolve (node);
    return node;
}

static bool append (reader_t *self, node_t *list, size_t *capacity, node_t *key, node_t *item)
{
    size_t before = *capacity;
    list->items = arena_grow (self->arena, list->items, list->count, capacity, sizeof (node_t *));
    if (list->kind == NODE_MAP)
        list->keys = arena_grow (self->arena, list->keys, list->count, &before, sizeof (node_t *));
    if (key) {
        list->keys[list->count] = key;
        list->weight += key->weight;
    }
    list->items[list->count++] = item;
    list->weight += item->weight;
    if (item->depth + 1 > list->depth)
        list->depth = item->depth + 1;
    return true;
}

static bool read_list (reader_t *self, node_t *list, size_t depth)
{
    size_t capacity = 0;
    while (next (self)) {
        if (self->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        node_t *item = read_node (self, depth + 1);
        if (!item)
            return false;
        bool spread = item->tag == spread_tag;
        for (size_t i = 0; i < (spread ? item->count : 1); i++)
            append (self, list, &capacity, NULL, spread ? item->items[i] : item);
    }
    return false;
}

static bool is_merge (const reader_t *self)
{
    return self->event.type == YAML_SCALAR_EVENT &&
           self->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           strcmp ((const char *) self->event.data.scalar.value, "<<") == 0;
}

static node_t *read_key (reader_t *self, size_t depth)
{
    bool merge = is_merge (self);
    yaml_mark_t at = self->event.start_mark;
    node_t *key = read_node (self, depth);
    if (!key)
        return NULL;
    if (!node_is_scalar (key)) {
        complain (self, &at, "a key must be a single value, not a list or a map");
        return NULL;
    }
    // Of YAML 1.1; GitHub, which reads 1.2, refuses them as well
    if (merge) {
        complain (
            self, &at,
            "merge keys (\"<<\") are not supported; repeat the keys, or use an alias for the whole value");
        return NULL;
    }
    return key;
}

typedef struct {
    const node_t *key;
    size_t at;
} place_t;

static int by_name (const void *a, const void *b)
{
    const place_t *one = a, *other = b;
    // As GitHub, which takes two keys that differ in case alone for one
    int order = strcasecmp (one->key->text, other->key->text);
    return order ? order : (one->at > other->at) - (one->at < other->at);
}

// The first of equal keys stays, so that all else in the map is still checked.
static void refuse_duplicates (reader_t *self, node_t *map)
{
    place_t *sorted = arena_array (self->arena, map->count, sizeof (place_t));
    bool *dropped = arena_array (self->arena, map->count, sizeof (bool));
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = (place_t){map->keys[i], i};
    qsort (sorted, map->count, sizeof (place_t), by_name);
    for (size_t i = 1; i < map->count; i++) {
        const node_t *key = sorted[i].key, *first = sorted[i - 1].key;
        if (strcasecmp (first->text, key->text) != 0)
            continue;
        dropped[sorted[i].at] = true;
        findings_add (self->findings, key->line, key->column, SEVERITY_ERROR, "syntax",
                      "duplicate key \"%s\"; it is already defined at line %d", key->text, first->line);
    }
    for (size_t i = 0; i < map->count; i++) {
        map->keys[kept] = map->keys[i];
        map->items[kept] = map->items[i];
        kept += !dropped[i];
    }
    map->count = kept;
}

typedef struct {
    node_t **maps; // What `<<` names, in order
    size_t count, capacity;
    const node_t *list; // A list that it names, of other things than maps
} merges_t;

// One map, or a list of them; or any list, whose items `- <<: *list` puts into another one, as Woodpecker reads it.
static bool read_merge (reader_t *self, merges_t *merges, size_t depth)
{
    yaml_mark_t at = self->event.start_mark;
    node_t *value = next (self) ? read_node (self, depth) : NULL;
    if (!value)
        return false;
    size_t count = value->kind == NODE_LIST ? value->count : 1;
    for (size_t i = 0; i < count; i++) {
        node_t *map = value->kind == NODE_LIST ? value->items[i] : value;
        if (map->kind != NODE_MAP && value->kind == NODE_LIST) {
            merges->list = value;
            return true;
        }
        if (map->kind != NODE_MAP) {
            complain (self, &at, "a merge key (\"<<\") takes a map or a list");
            return false;
        }
        merges->maps =
            arena_grow (self->arena, merges->maps, merges->count, &merges->capacity, sizeof (node_t *));
        merges->maps[merges->count++] = map;
    }
    return true;
}

static int by_exact_name (const void *a, const void *b)
{
    const place_t *one = a, *other = b;
    int order = strcmp (one->key->text, other->key->text);
    return order ? order : (one->at > other->at) - (one->at < other->at);
}

// Of equal keys the last stays, where it is.
static void drop_duplicates (reader_t *self, node_t *map)
{
    place_t *sorted = arena_array (self->arena, map->count, sizeof (place_t));
    bool *dropped = arena_array (self->arena, map->count, sizeof (bool));
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = (place_t){map->keys[i], i};
    qsort (sorted, map->count, sizeof (place_t), by_exact_name);
    for (size_t i = 1; i < map->count; i++)
        dropped[sorted[i - 1].at] = strcmp (sorted[i - 1].key->text, sorted[i].key->text) == 0;
    for (size_t i = 0; i < map->count; i++) {
        map->keys[kept] = map->keys[i];
        map->items[kept] = map->items[i];
        kept += !dropped[i];
    }
    map->count = kept;
}

// What a map has itself goes over what it merges, and of several merged ones the first: they come before it, last one first.
static bool end_foreign_map (reader_t *self, node_t *map, const merges_t *merges, size_t depth)
{
    node_t own = *map;
    size_t capacity = 0;
    if (merges->list && merges->count == 0 && own.count == 0) {
        *map = *merges->list;
        map->tag = spread_tag;
        return true;
    }
    map->items = map->keys = NULL;
    map->count = map->depth = 0;
    map->weight = 1;
    for (size_t i = merges->count + 1; i-- > 0;) {
        const node_t *from = i == 0 ? &own : merges->maps[i - 1];
        for (size_t j = 0; j < from->count; j++) {
            if (i > 0 && !fits (self, from->items[j]->weight, depth + 1 + from->items[j]->depth))
                return false;
            append (self, map, &capacity, from->keys[j], from->items[j]);
        }
    }
    drop_duplicates (self, map);
    return true;
}

static bool end_map (reader_t *self, node_t *map, const merges_t *merges, size_t depth)
{
    if (self->foreign)
        return end_foreign_map (self, map, merges, depth);
    if (map->count > 1)
        refuse_duplicates (self, map);
    return true;
}

static bool read_map (reader_t *self, node_t *map, size_t depth)
{
    size_t capacity = 0;
    merges_t merges = {0};
    while (next (self)) {
        if (self->event.type == YAML_MAPPING_END_EVENT)
            return end_map (self, map, &merges, depth);
        if (self->foreign && is_merge (self)) {
            if (!read_merge (self, &merges, depth + 1))
                return false;
            continue;
        }
        node_t *key = read_key (self, depth + 1);
        if (!key || !next (self))
            return false;
        node_t *item = read_node (self, depth + 1);
        if (!item)
            return false;
        append (self, map, &capacity, key, item);
    }
    return false;
}

static node_t *read_node (reader_t *self, size_t depth)
{
    if (self->event.type == YAML_ALIAS_EVENT)
        return read_alias (self, depth);
    bool scalar = self->event.type == YAML_SCALAR_EVENT;
    size_t weight = 1 + (scalar ? self->event.data.scalar.length / WEIGHT_BYTES : 0);
    bool ok = fits (self, weight, depth);
    anchor_t *anchor = ok ? declare_anchor (self, &ok) : NULL;
    if (!ok)
        return NULL;
    node_t *node = NULL;
    if (scalar) {
        node = read_scalar (self);
        ok = node != NULL;
    } else if (self->event.type == YAML_SEQUENCE_START_EVENT) {
        node = node_new (self, NODE_LIST);
        node->tag = arena_strdup (self->arena, (const char *) self->event.data.sequence_start.tag);
        ok = read_list (self, node, depth);
    } else {
        node = node_new (self, NODE_MAP);
        node->tag = arena_strdup (self->arena, (const char *) self->event.data.mapping_start.tag);
        ok = read_map (self, node, depth);
    }
    if (anchor && ok)
        anchor->node = node;
    return ok ? node : NULL;
}

static bool read_document (reader_t *self, node_t **out)
{
    if (!next (self) || !next (self)) // The stream begins, a document begins
        return false;
    if (self->event.type == YAML_STREAM_END_EVENT) {
        *out = node_new (self, NODE_NULL);
        return true;
    }
    if (!next (self))
        return false;
    *out = read_node (self, 1);
    if (!*out || !next (self) || !next (self)) // The document ends, the stream ends
        return false;
    while (self->foreign && self->event.type == YAML_DOCUMENT_START_EVENT) {
        *out = next (self) ? read_node (self, 1) : NULL;
        if (!*out || !next (self) || !next (self))
            return false;
    }
    if (self->event.type == YAML_STREAM_END_EVENT)
        return true;
    complain (self, &self->event.start_mark, "a second document begins here; a file holds one");
    return false;
}

// The first byte tells the length; the least character that needs it refuses longer spellings of shorter ones.
static size_t decode (const unsigned char *p, size_t left, unsigned *out)
{
    static const struct {
        unsigned from, to, least;
    } lengths[] = {{0, 0x7F, 0}, {0xC2, 0xDF, 0x80}, {0xE0, 0xEF, 0x800}, {0xF0, 0xF4, 0x10000}};
    for (size_t size = 1; size <= 4 && size <= left; size++) {
        if (*p < lengths[size - 1].from || *p > lengths[size - 1].to)
            continue;
        unsigned c = size == 1 ? *p : *p & (0xFFU >> (size + 1));
        for (size_t i = 1; i < size; i++) {
            if ((p[i] & 0xC0) != 0x80)
                return 0;
            c = c << 6 | (p[i] & 0x3F);
        }
        *out = c;
        return c >= lengths[size - 1].least ? size : 0;
    }
    return 0;
}

// Bytes of the character at `p`; 0 where it is not UTF-8 or not a character that YAML allows.
static size_t character (const unsigned char *p, size_t left)
{
    static const struct {
        unsigned from, to;
    } allowed[] = {{'\t', '\n'},   {'\r', '\r'},     {0x20, 0x7E},     {0x85, 0x85},
                   {0xA0, 0xD7FF}, {0xE000, 0xFEFE}, {0xFF00, 0xFFFD}, {0x10000, 0x10FFFF}};
    unsigned c = 0;
    size_t size = decode (p, left, &c);
    for (size_t i = 0; i < sizeof (allowed) / sizeof (allowed[0]); i++)
        if (c >= allowed[i].from && c <= allowed[i].to)
            return size;
    return 0;
}

static bool check_bytes (reader_t *self)
{
    if ((size_t) (self->end - self->source) > YAML_BYTES) {
        complain (self, &(yaml_mark_t){0},
                  arena_printf (self->arena, "the file is larger than %d bytes", YAML_BYTES));
        return false;
    }
    yaml_mark_t at = {0};
    for (const char *p = self->source; p < self->end; at.column++) {
        size_t size = character ((const unsigned char *) p, (size_t) (self->end - p));
        if (size == 0) {
            complain (self, &at,
                      arena_printf (self->arena,
                                    (unsigned char) *p < 0x80 ? "control character 0x%02X is not allowed"
                                                              : "byte 0x%02X is not valid UTF-8 here",
                                    (unsigned char) *p));
            return false;
        }
        if (*p == '\n') {
            at.line++;
            at.column = (size_t) -1;
        }
        p += size;
    }
    return true;
}

static fault_t parse (arena_t *arena, const char *bytes, size_t size, bool foreign, findings_t *findings,
                      node_t **out)
{
    if (size >= 3 && memcmp (bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    reader_t *self = arena_alloc (arena, sizeof (*self));
    *self = (reader_t){.arena = arena, .findings = findings, .foreign = foreign};
    self->source = self->mark = arena_strndup (arena, bytes, size <= YAML_BYTES ? size : 0);
    self->end = self->source + size;
    size_t errors = findings->errors;
    if (!check_bytes (self))
        return INVALID;
    if (!yaml_parser_initialize (&self->yaml))
        return BROKEN;
    yaml_parser_set_encoding (&self->yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string (&self->yaml, (const unsigned char *) self->source, size);
    *out = NULL;
    bool ok = read_document (self, out);
    if (!ok)
        *out = NULL;
    yaml_event_delete (&self->event);
    yaml_parser_delete (&self->yaml);
    return ok && findings->errors == errors ? OK : INVALID;
}

fault_t yaml_parse (arena_t *arena, const char *bytes, size_t size, findings_t *findings, node_t **out)
{
    return parse (arena, bytes, size, false, findings, out);
}

fault_t yaml_parse_foreign (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                            node_t **out)
{
    return parse (arena, bytes, size, true, findings, out);
}
