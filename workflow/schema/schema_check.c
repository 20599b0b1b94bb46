/* schema_check.c - holds a tree of nodes against the schema's rows. It goes on after an error, so that one run tells
 * all; what is below a value of the wrong kind is not looked at. */

#include "common/base/nearest.h"
#include "workflow/schema/cron.h"
#include "workflow/schema/pattern.h"
#include "workflow/schema/schema.h"
#include "workflow/schema/schema_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define NAME_LENGTH 100 // Of an id, in bytes: GitHub takes fewer than 100 characters

typedef struct {
    arena_t *arena;
    findings_t *findings;
    bool loose; // Below a row that IS_LOOSE
} checker_t;

static void check_map (checker_t *self, node_t *node, const schema_object_t *object, unsigned contexts);

// An error, but for what is passed over when the workflow runs: there `mild` is a warning for everybody.
static severity_t severity_of (const checker_t *self, bool mild)
{
    bool passed_over = self->loose && (mild || !self->findings->strict);
    return passed_over ? SEVERITY_WARNING : SEVERITY_ERROR;
}

static void complain (checker_t *self, const node_t *at, bool mild, const char *message)
{
    findings_add (self->findings, at->line, at->column, severity_of (self, mild), "schema", "%s", message);
}

#define COMPLAIN(self, at, ...) complain (self, at, false, arena_printf ((self)->arena, __VA_ARGS__))

static void complain_of_expression (checker_t *self, const node_t *node, size_t offset, const char *message)
{
    node_complain (node, offset, self->findings, "expression", message);
}

// They ask how it went so far, so only an `if` has them, where something can have gone before. Case counts nowhere in expressions.
static bool is_status (const char *function)
{
    static const char *const names[] = {"success", "failure", "always", "cancelled"};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        if (strcasecmp (names[i], function) == 0)
            return true;
    return false;
}

// Only a job's `if` may name jobs in success() and failure().
static bool check_function (checker_t *self, const node_t *node, const expression_ref_t *ref,
                            unsigned contexts)
{
    bool status = is_status (ref->function);
    const char *reason = NULL;
    if ((status && !(contexts & IN_STATUS)) ||
        (strcasecmp (ref->function, "hashFiles") == 0 && !(contexts & IN_HASH)))
        reason = arena_printf (self->arena, "function \"%s\" is not available here", ref->function);
    else if (status && ref->arguments > 0 && (contexts & IN_steps))
        reason = arena_printf (
            self->arena, "Too many parameters supplied: '%s' (only the \"if\" of a job may name jobs in it)",
            ref->function);
    if (reason)
        complain_of_expression (self, node, ref->offset, reason);
    return !reason;
}

static bool check_context (checker_t *self, const node_t *node, const expression_ref_t *ref,
                           unsigned contexts)
{
    unsigned bit = schema_context_bit (ref->path[0]);
    if (bit & contexts)
        return true;
    nearest_t nearest;
    nearest_begin (&nearest, ref->path[0]);
    schema_offer_contexts (&nearest, bit ? 0 : contexts);
    const char *guess =
        nearest.best ? arena_printf (self->arena, "did you mean \"%s\"?", nearest.best)
                     : arena_printf (self->arena, "there are: %s", schema_contexts (self->arena, contexts));
    complain_of_expression (self, node, ref->offset,
                            arena_printf (self->arena, "%s \"%s\"%s; %s", bit ? "context" : "unknown context",
                                          ref->path[0], bit ? " is not available here" : "", guess));
    return false;
}

// What is wrong with the names in it, and else the error with which it could not be parsed.
static void check_expression (checker_t *self, const node_t *node, const expression_t *expression,
                              unsigned contexts, const expression_error_t *error)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    bool good = true;
    expression_refs (expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        good &= (refs[i].function ? check_function : check_context) (self, node, &refs[i], contexts);
    if (good && error->message)
        complain_of_expression (self, node, error->offset, error->message);
}

static void check_condition (checker_t *self, node_t *node, unsigned contexts)
{
    if (node->kind != NODE_STRING) { // `if: true` is as good as `if: "true"`
        node->text = node_text (self->arena, node);
        node->size = strlen (node->text);
    }
    const expression_t *condition = node->condition;
    expression_error_t error = {0};
    fault_t fault =
        condition ? OK : condition_parse (self->arena, node->text, node->size, &condition, &error);
    node->condition = fault == OK ? condition : NULL;
    check_expression (self, node, condition, contexts, &error);
}

// Does one expression alone make up the text?
static bool is_whole (const node_t *node)
{
    const char *first = strstr (node->text, "${{");
    return node->text + strspn (node->text, " \t\r\n") == first && !strstr (first + 3, "${{") &&
           strstr (first, "}}");
}

static void check_template (checker_t *self, node_t *node, const char *name, unsigned kinds,
                            unsigned contexts)
{
    if (contexts == 0) {
        complain_of_expression (self, node, 0,
                                arena_printf (self->arena, "no expression is allowed in \"%s\"", name));
        return;
    }
    if (!(kinds & IS_STRING) && !is_whole (node)) {
        COMPLAIN (self, node, "\"%s\" must be %s, or one expression alone", name,
                  schema_kinds (self->arena, kinds));
        return;
    }
    const expression_t *template = node->template;
    node->wants_text = (kinds & IS_STRING) && !(kinds & (IS_LIST | IS_MAP));
    expression_error_t error = {0};
    fault_t fault = template ? OK : template_parse (self->arena, node->text, node->size, &template, &error);
    node->template = fault == OK ? template : NULL;
    check_expression (self, node, template, contexts, &error);
}

static bool is_name (const char *text)
{
    if (!isalpha ((unsigned char) *text) && *text != '_')
        return false;
    for (const char *p = text; *p; p++)
        if (!isalnum ((unsigned char) *p) && *p != '_' && *p != '-')
            return false;
    return strlen (text) < NAME_LENGTH;
}

static void check_name (checker_t *self, const node_t *node, const char *text)
{
    if (!is_name (text))
        COMPLAIN (
            self, node,
            "\"%s\" is not a valid id; it must begin with a letter or _, hold only letters, digits, - and _, and "
            "be shorter than %d characters",
            text, NAME_LENGTH);
    else if (strncmp (text, "__", 2) == 0) // GitHub's own, of steps that have no id: __run
        COMPLAIN (self, node, "\"%s\" is not a valid id; those that begin with __ are reserved", text);
}

static void check_cron (checker_t *self, const node_t *node)
{
    cron_t cron;
    const char *error = NULL;
    if (cron_parse (self->arena, node->text, &cron, &error) != OK)
        findings_add (self->findings, node->line, node->column, SEVERITY_ERROR, "cron", "%s", error);
}

static void check_glob (checker_t *self, const node_t *node)
{
    pattern_error_t error = {0};
    if (pattern_check (self->arena, node->text, &error) != OK)
        node_add (node, error.offset, self->findings, severity_of (self, false), "glob", error.message);
}

static void check_event (checker_t *self, const node_t *node)
{
    if (schema_row (&schema_on, node->text))
        return;
    const char *nearest = schema_nearest (&schema_on, node->text);
    if (nearest)
        COMPLAIN (self, node, "unknown event \"%s\"; did you mean \"%s\"?", node->text, nearest);
    else
        COMPLAIN (self, node, "unknown event \"%s\"", node->text);
}

static void check_allowed (checker_t *self, const node_t *node, const char *name, const schema_row_t *row)
{
    if (schema_allows (row->values, node->text))
        return;
    bool single = strchr (row->values, ' ') == NULL;
    complain (self, node, (row->kinds & IS_DEFAULTED) != 0,
              arena_printf (self->arena, "\"%s\" cannot be \"%s\"; it must be %s%s", name, node->text,
                            single ? "" : "one of: ", schema_values (self->arena, row->values)));
}

static void check_text (checker_t *self, node_t *node, const char *name, const schema_row_t *row)
{
    const char *text = node_text (self->arena, node);
    if ((row->kinds & IS_FILLED) && *text == '\0')
        complain (self, node, node->kind == NODE_NULL,
                  arena_printf (self->arena, "\"%s\" is empty; it must be %s", name,
                                row->values ? schema_values (self->arena, row->values)
                                            : schema_kinds (self->arena, row->kinds)));
    else if (row->values)
        check_allowed (self, node, name, row);
    else if ((row->kinds & IS_NAME) && row->key[0] != '*')
        check_name (self, node, text);
    else if (row->kinds & IS_CRON)
        check_cron (self, node);
    else if (row->kinds & IS_GLOB)
        check_glob (self, node);
    else if (row->kinds & IS_EVENT)
        check_event (self, node);
}

static void complain_of_kind (checker_t *self, const node_t *node, const char *name, unsigned kinds)
{
    const char *expected = schema_kinds (self->arena, kinds);
    if (node->kind == NODE_NULL)
        complain (self, node, true,
                  arena_printf (self->arena, "\"%s\" is empty; it must be %s", name, expected));
    else if (node->kind == NODE_STRING)
        COMPLAIN (self, node, "\"%s\" must be %s, not the string \"%.60s\"", name, expected, node->text);
    else
        COMPLAIN (self, node, "\"%s\" must be %s, not %s", name, expected, node_kind_name (node->kind));
}

static bool has_template (const node_t *node)
{
    return node->kind == NODE_STRING && strstr (node->text, "${{") != NULL;
}

static void check_value (checker_t *self, node_t *node, const char *name, const schema_row_t *row,
                         unsigned contexts);

static void check_items (checker_t *self, node_t *node, const char *name, const schema_row_t *row,
                         unsigned contexts)
{
    const schema_row_t *item = schema_row (row->inner, "[]");
    if (node->count == 0 && (row->kinds & IS_SOME))
        COMPLAIN (self, node, "\"%s\" is an empty list", name);
    for (size_t i = 0; i < node->count; i++)
        check_value (self, node->items[i], name, item, contexts);
}

static void check_value_as (checker_t *self, node_t *node, const char *name, const schema_row_t *row,
                            unsigned contexts)
{
    unsigned kind = 1U << node->kind;
    if ((row->kinds & IS_CONDITION) && node_is_scalar (node))
        check_condition (self, node, contexts);
    else if (has_template (node))
        check_template (self, node, name, row->kinds, contexts);
    else if (node_is_scalar (node) && (row->kinds & kind) && kind != IS_STRING)
        return;
    else if (node_is_scalar (node) && (row->kinds & IS_STRING))
        check_text (self, node, name, row);
    else if (!(row->kinds & kind))
        complain_of_kind (self, node, name, row->kinds);
    else if (node->kind == NODE_MAP)
        check_map (self, node, row->inner, contexts);
    else
        check_items (self, node, name, row, contexts);
}

static void check_value (checker_t *self, node_t *node, const char *name, const schema_row_t *row,
                         unsigned contexts)
{
    bool before = self->loose;
    self->loose = before || (row->kinds & IS_LOOSE);
    check_value_as (self, node, name, row, contexts | row->contexts);
    self->loose = before;
}

// Where two keys exclude each other the reader came to the second: that is the place of the error.
static const node_t *later_key (const node_t *map, const char *one, const char *other)
{
    const node_t *later = map;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp (map->keys[i]->text, one) == 0 || strcmp (map->keys[i]->text, other) == 0)
            later = map->keys[i];
    return later;
}

// Says so where an unknown key is close to one of those that decide.
static bool misspelt (checker_t *self, const node_t *node, const schema_object_t *object)
{
    for (size_t i = 0; i < node->count; i++) {
        nearest_t nearest;
        nearest_begin (&nearest, node->keys[i]->text);
        for (size_t k = 0; k < object->variant_count && !schema_row (object, node->keys[i]->text); k++)
            nearest_offer (&nearest, object->variants[k].key);
        if (nearest.best) {
            COMPLAIN (self, node->keys[i], "unknown key \"%s\"; did you mean \"%s\"?", node->keys[i]->text,
                      nearest.best);
            return true;
        }
    }
    return false;
}

// The rows that hold for this map; NULL (with a finding) where it has none or several of the keys that decide.
static const schema_object_t *choose (checker_t *self, const node_t *node, const schema_object_t *object)
{
    const schema_variant_t *chosen = NULL;
    const char *keys = "";
    for (size_t i = 0; i < object->variant_count; i++) {
        const schema_variant_t *variant = &object->variants[i];
        if (!variant->key)
            return chosen ? chosen->object : variant->object;
        keys = arena_printf (self->arena, "%s%s\"%s\"", keys,
                             i == 0                           ? ""
                             : i + 1 == object->variant_count ? " or "
                                                              : ", ",
                             variant->key);
        if (!node_get (node, variant->key))
            continue;
        if (chosen) {
            COMPLAIN (self, later_key (node, chosen->key, variant->key),
                      "%s has either \"%s\" or \"%s\", not both", object->title, chosen->key, variant->key);
            return NULL;
        }
        chosen = variant;
    }
    if (!chosen && !misspelt (self, node, object))
        COMPLAIN (self, node, "%s needs %s", object->title, keys);
    return chosen ? chosen->object : NULL;
}

static void complain_of_key (checker_t *self, const node_t *key, const schema_object_t *whole,
                             const schema_object_t *chosen)
{
    if (whole != chosen && schema_row (whole, key->text)) {
        COMPLAIN (self, key, "\"%s\" is not allowed in %s", key->text, chosen->title);
        return;
    }
    const char *nearest = schema_nearest (chosen, key->text);
    const char *keys = schema_keys (self->arena, chosen), *message;
    if (nearest)
        message = arena_printf (self->arena, "unknown key \"%s\"; did you mean \"%s\"?", key->text, nearest);
    else if (*keys)
        message = arena_printf (self->arena, "unknown key \"%s\" in %s; it can have: %s", key->text,
                                chosen->title, keys);
    else
        message = arena_printf (self->arena, "unknown key \"%s\": %s has no keys", key->text, chosen->title);
    complain (self, key, true, message); // GitHub passes over an unknown key where it reads loosely
}

// `${{ insert }}: {a: 1}` is a: 1. What only an expression gives is taken apart when it is evaluated, which maps of any
// keys are.
static void check_insert (checker_t *self, node_t *node, size_t at, const schema_object_t *chosen,
                          unsigned contexts)
{
    node_t *key = node->keys[at], *value = node->items[at];
    if (contexts == 0)
        complain_of_expression (
            self, key, 0, arena_printf (self->arena, "no expression is allowed in \"%s\"", chosen->title));
    else if (value->kind == NODE_MAP)
        COMPLAIN (self, value, "%s: more than %d keys are inserted", chosen->title, SCHEMA_KEYS);
    else if (!has_template (value))
        COMPLAIN (self, value, "\"${{ insert }}\" takes a map, not %s", node_kind_name (value->kind));
    else if (!schema_row (chosen, "*"))
        COMPLAIN (self, key, "\"${{ insert }}\" takes an expression only where keys are free, not in %s",
                  chosen->title);
    else
        check_template (self, value, "${{ insert }}", IS_MAP, contexts);
    key->insert = true;
}

static bool is_apart (const node_t *node, size_t at)
{
    return template_is_insert (node->keys[at]->text) && node->items[at]->kind == NODE_MAP;
}

// The first of equal keys stays, as where all of them are written in one map.
static void insert_pair (checker_t *self, node_t *into, node_t *key, node_t *item)
{
    for (size_t i = 0; i < into->count; i++)
        if (strcasecmp (into->keys[i]->text, key->text) == 0) {
            COMPLAIN (self, key, "duplicate key \"%s\"; it is already defined at line %d", key->text,
                      into->keys[i]->line);
            return;
        }
    into->keys[into->count] = key;
    into->items[into->count++] = item;
}

// The maps that are inserted as they stand.
static void insert_maps (checker_t *self, node_t *node)
{
    size_t count = 0;
    bool any = false;
    for (size_t i = 0; i < node->count; i++) {
        any = any || is_apart (node, i);
        count += is_apart (node, i) ? node->items[i]->count : 1;
    }
    if (!any || count > SCHEMA_KEYS) // Past it the keys are refused, as many as they are
        return;
    node_t whole = {.keys = arena_array (self->arena, count, sizeof (node_t *)),
                    .items = arena_array (self->arena, count, sizeof (node_t *))};
    for (size_t i = 0; i < node->count; i++) {
        const node_t *inner = node->items[i];
        for (size_t j = 0; is_apart (node, i) && j < inner->count; j++)
            insert_pair (self, &whole, inner->keys[j], inner->items[j]);
        if (!is_apart (node, i))
            insert_pair (self, &whole, node->keys[i], node->items[i]);
    }
    node->keys = whole.keys;
    node->items = whole.items;
    node->count = whole.count;
}

static void check_keys (checker_t *self, node_t *node, const schema_object_t *object,
                        const schema_object_t *chosen, unsigned contexts)
{
    if (contexts)
        insert_maps (self, node);
    for (size_t i = 0; i < node->count; i++) {
        node_t *key = node->keys[i];
        if (template_is_insert (key->text)) {
            check_insert (self, node, i, chosen, contexts);
            continue;
        }
        const schema_row_t *row = strcmp (key->text, "[]") == 0 ? NULL : schema_row (chosen, key->text);
        if (!row) {
            complain_of_key (self, key, object, chosen);
            continue;
        }
        if (row->key[0] == '*') {
            if (has_template (key))
                check_template (self, key, chosen->title, IS_STRING, contexts);
            else if (row->kinds & IS_NAME)
                check_name (self, key, key->text);
            else if (key->size == 0)
                COMPLAIN (self, key, "an empty key in %s", chosen->title);
        }
        check_value (self, node->items[i], key->text, row, contexts);
    }
}

static void check_map (checker_t *self, node_t *node, const schema_object_t *object, unsigned contexts)
{
    const schema_object_t *chosen = object->variant_count ? choose (self, node, object) : object;
    if (!chosen) // Whose rows would hold nobody knows: what is said of each key would be a guess
        return;
    // Each key is looked for among the rows, and each wrong one compared with all of them
    if (node->count > SCHEMA_KEYS) {
        COMPLAIN (self, node->keys[SCHEMA_KEYS], "%s: %zu keys; at most %d", object->title, node->count,
                  SCHEMA_KEYS);
        return;
    }
    check_keys (self, node, object, chosen, contexts);
    for (size_t i = 0; i < chosen->count; i++)
        if ((chosen->rows[i].kinds & IS_REQUIRED) && !node_get (node, chosen->rows[i].key))
            COMPLAIN (self, node, "%s needs \"%s\": %s", chosen->title, chosen->rows[i].key,
                      chosen->rows[i].meaning);
}

void schema_check (arena_t *arena, node_t *node, const schema_object_t *object, findings_t *findings)
{
    checker_t self = {.arena = arena, .findings = findings};
    if (node->kind == NODE_MAP)
        check_map (&self, node, object, 0);
    else if (node->kind == NODE_NULL)
        COMPLAIN (&self, node, "the file is empty; %s is a map", object->title);
    else
        COMPLAIN (&self, node, "%s must be a map, not %s", object->title, node_kind_name (node->kind));
}
