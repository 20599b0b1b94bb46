/* schema_json.c - see schema_json.h. An object of rows is one definition under $defs, or two: where an expression may stand in place of
 * a value, and where not. */

#include "workflow/schema/schema_json.h"

#include "workflow/schema/schema_text.h"

#include <ctype.h>
#include <string.h>

#define DEFINITIONS_MAX 400 // The language has 60; past it any value is allowed
#define EXPRESSION      "\\$\\{\\{[\\s\\S]*\\}\\}"
#define NAME            "^[A-Za-z_][A-Za-z0-9_-]*$"

typedef struct {
    const schema_object_t *object;
    bool expressions;
    const char *name;
} definition_t;

typedef struct {
    arena_t *arena;
    value_t *definitions; // Under $defs
    definition_t known[DEFINITIONS_MAX];
    size_t count;
} maker_t;

static void put (maker_t *self, value_t *object, const char *key, const char *text)
{
    value_set (self->arena, object, key, value_string (self->arena, text));
}

static value_t *with (maker_t *self, const char *key, const char *text)
{
    value_t *object = value_object (self->arena);
    put (self, object, key, text);
    return object;
}

// ---- one value ----

static value_t *words (maker_t *self, const char *values)
{
    value_t *list = value_array (self->arena);
    for (const char *at = values; *at;) {
        size_t size = strcspn (at, " ");
        value_push (self->arena, list, value_string_n (self->arena, at, size));
        at += size + (at[size] == ' ');
    }
    return list;
}

static value_t *event_names (maker_t *self)
{
    value_t *list = value_array (self->arena);
    for (size_t i = 0; i < schema_on.count; i++)
        if (schema_on.rows[i].key[0] != '[')
            value_push (self->arena, list, value_string (self->arena, schema_on.rows[i].key));
    return list;
}

// A string is what it says; where it may be anything, a number or a boolean is one too.
static void add_string (maker_t *self, value_t *any, const schema_row_t *row)
{
    value_t *object = value_object (self->arena);
    if (row->values)
        value_set (self->arena, object, "enum", words (self, row->values));
    else if (row->kinds & IS_EVENT)
        value_set (self->arena, object, "enum", event_names (self));
    else if ((row->kinds & IS_NAME) && row->key[0] != '*') {
        put (self, object, "type", "string");
        put (self, object, "pattern", NAME);
    } else {
        value_set (
            self->arena, object, "type",
            words (self, row->kinds & IS_FILLED ? "string number boolean" : "string number boolean null"));
        if (row->kinds & IS_FILLED)
            value_set (self->arena, object, "minLength", value_number (self->arena, 1));
    }
    value_push (self->arena, any, object);
}

static const value_t *reference (maker_t *self, const schema_object_t *object, bool expressions);

static value_t *value_of (maker_t *self, const schema_row_t *row, bool expressions);

static void add_list (maker_t *self, value_t *any, const schema_row_t *row, bool expressions)
{
    const schema_row_t *item = row->inner ? schema_row (row->inner, "[]") : NULL;
    value_t *object = with (self, "type", "array");
    if (item)
        value_set (self->arena, object, "items", value_of (self, item, expressions));
    if (row->kinds & IS_SOME)
        value_set (self->arena, object, "minItems", value_number (self->arena, 1));
    value_push (self->arena, any, object);
}

static value_t *value_of (maker_t *self, const schema_row_t *row, bool expressions)
{
    value_t *object = value_object (self->arena), *any = value_array (self->arena);
    expressions = expressions || row->contexts;
    if (row->meaning)
        put (self, object, "description", row->meaning);
    if ((row->kinds & IS_ANY) == IS_ANY) // No "anyOf" says so shorter than all six
        return object;
    if (row->kinds & IS_NULL)
        value_push (self->arena, any, with (self, "type", "null"));
    if (row->kinds & IS_BOOL)
        value_push (self->arena, any, with (self, "type", "boolean"));
    if (row->kinds & IS_NUMBER)
        value_push (self->arena, any, with (self, "type", "number"));
    if (row->kinds & (IS_STRING | IS_CONDITION))
        add_string (self, any, row);
    if (row->kinds & IS_LIST)
        add_list (self, any, row, expressions);
    if ((row->kinds & IS_MAP) && row->inner)
        value_push (self->arena, any, reference (self, row->inner, expressions));
    if (expressions && (!(row->kinds & IS_STRING) || row->values || (row->kinds & IS_NAME))) {
        value_t *template = with (self, "type", "string");
        put (self, template, "pattern", EXPRESSION);
        value_push (self->arena, any, template);
    }
    value_set (self->arena, object, "anyOf", any);
    return object;
}

// ---- a map ----

static value_t *map_of (maker_t *self, const schema_object_t *of, const char *deciding, bool expressions)
{
    value_t *object = with (self, "type", "object"), *properties = value_object (self->arena);
    value_t *required = value_array (self->arena);
    const value_t *others = value_bool (false);
    for (size_t i = 0; i < of->count; i++) {
        const schema_row_t *row = &of->rows[i];
        if (row->key[0] == '[')
            continue;
        value_t *value = value_of (self, row, expressions);
        if (row->key[0] != '*')
            value_set (self->arena, properties, row->key, value);
        else
            others = value;
        if (row->key[0] == '*' && (row->kinds & IS_NAME))
            value_set (self->arena, object, "propertyNames", with (self, "pattern", NAME));
        if ((row->kinds & IS_REQUIRED) || (deciding && strcmp (deciding, row->key) == 0))
            value_push (self->arena, required, value_string (self->arena, row->key));
    }
    value_set (self->arena, object, "properties", properties);
    // False where no row is `*`: an editor underlines a misspelt key, as lint does
    value_set (self->arena, object, "additionalProperties", others);
    if (required->list.count)
        value_set (self->arena, object, "required", required);
    return object;
}

static value_t *object_of (maker_t *self, const schema_object_t *of, bool expressions)
{
    if (of->variant_count == 0)
        return map_of (self, of, NULL, expressions);
    value_t *object = value_object (self->arena), *any = value_array (self->arena);
    for (size_t i = 0; i < of->variant_count; i++)
        value_push (self->arena, any,
                    map_of (self, of->variants[i].object, of->variants[i].key, expressions));
    value_set (self->arena, object, "anyOf", any);
    return object;
}

// "a step with \"run\"" gives "a-step-with-run"; of several with one title each has a number.
static const char *name_of (maker_t *self, const schema_object_t *of)
{
    char *name = arena_strdup (self->arena, of->title), *to = name;
    for (const char *at = of->title; *at; at++)
        if (isalnum ((unsigned char) *at))
            *to++ = *at;
        else if (to > name && to[-1] != '-')
            *to++ = '-';
    while (to > name && to[-1] == '-')
        to--;
    *to = '\0';
    return value_get (self->definitions, name) ? arena_printf (self->arena, "%s-%zu", name, self->count)
                                               : name;
}

// The definition is noted before it is made, so that it may hold itself.
static const value_t *reference (maker_t *self, const schema_object_t *object, bool expressions)
{
    size_t at = 0;
    while (at < self->count &&
           (self->known[at].object != object || self->known[at].expressions != expressions))
        at++;
    if (at == DEFINITIONS_MAX)
        return value_bool (true);
    if (at == self->count) {
        const char *name = name_of (self, object);
        self->known[self->count++] = (definition_t){object, expressions, name};
        value_set (self->arena, self->definitions, name, value_null ());
        value_set (self->arena, self->definitions, name, object_of (self, object, expressions));
    }
    return with (self, "$ref", arena_printf (self->arena, "#/$defs/%s", self->known[at].name));
}

const value_t *schema_json (arena_t *arena, const schema_object_t *self)
{
    maker_t *maker = arena_alloc (arena, sizeof (maker_t));
    maker->arena = arena;
    maker->definitions = value_object (arena);
    value_t *top = value_object (arena);
    put (maker, top, "$schema", "https://json-schema.org/draft/2020-12/schema");
    put (maker, top, "title", self->title);
    value_set (arena, top, "$ref", value_get (reference (maker, self, false), "$ref"));
    value_set (arena, top, "$defs", maker->definitions);
    return top;
}
