/* value.c - making values and looking into them. Coercions are in value_coerce.c, JSON in value_json*.c. */

#include "workflow/value.h"
#include "workflow/text.h"

#include <string.h>
#include <strings.h>

const value_t *value_null (void)
{
    static const value_t null = {.kind = VALUE_NULL};
    return &null;
}

const value_t *value_bool (bool boolean)
{
    static const value_t yes = {.kind = VALUE_BOOL, .boolean = true};
    static const value_t no = {.kind = VALUE_BOOL, .boolean = false};
    return boolean ? &yes : &no;
}

static value_t *value_new (arena_t *arena, value_kind_t kind)
{
    value_t *self = arena_alloc (arena, sizeof (value_t));
    self->kind = kind;
    return self;
}

value_t *value_number (arena_t *arena, double number)
{
    value_t *self = value_new (arena, VALUE_NUMBER);
    self->number = number;
    return self;
}

value_t *value_string (arena_t *arena, const char *text)
{
    return text ? value_string_n (arena, text, strlen (text)) : value_new (arena, VALUE_NULL);
}

value_t *value_string_n (arena_t *arena, const char *text, size_t size)
{
    value_t *self = value_new (arena, VALUE_STRING);
    self->string.text = arena_copy (arena, text, size);
    self->string.size = size;
    return self;
}

value_t *value_array (arena_t *arena)
{
    return value_new (arena, VALUE_ARRAY);
}

value_t *value_object (arena_t *arena)
{
    return value_new (arena, VALUE_OBJECT);
}

void value_push (arena_t *arena, value_t *array, const value_t *item)
{
    array->list.items = arena_grow (arena, array->list.items, array->list.count, &array->list.capacity,
                                    sizeof (array->list.items[0]));
    array->list.items[array->list.count++] = item;
}

static bool same_key (const value_t *object, const char *left, const char *right)
{
    if (strcmp (left, right) == 0)
        return true;
    return !object->cased && text_equal (left, strlen (left), right, strlen (right));
}

static size_t find (const value_t *object, const char *key)
{
    size_t i = 0;
    while (i < object->list.count && !same_key (object, object->list.keys[i], key))
        i++;
    return i;
}

void value_set (arena_t *arena, value_t *object, const char *key, const value_t *item)
{
    size_t at = find (object, key);
    if (at < object->list.count) {
        object->list.items[at] = item;
        return;
    }
    size_t capacity = object->list.capacity;
    object->list.keys = arena_grow (arena, object->list.keys, at, &capacity, sizeof (object->list.keys[0]));
    object->list.items =
        arena_grow (arena, object->list.items, at, &object->list.capacity, sizeof (object->list.items[0]));
    object->list.keys[at] = arena_strdup (arena, key);
    object->list.items[at] = item;
    object->list.count++;
}

const value_t *value_get (const value_t *self, const char *key)
{
    if (!self || self->kind != VALUE_OBJECT)
        return NULL;
    size_t at = find (self, key);
    return at < self->list.count ? self->list.items[at] : NULL;
}

const char *value_get_text (const value_t *self, const char *key)
{
    const value_t *item = value_get (self, key);
    return item && item->kind == VALUE_STRING ? item->string.text : "";
}

bool value_is_primitive (const value_t *self)
{
    return self->kind != VALUE_ARRAY && self->kind != VALUE_OBJECT;
}

bool value_holds_secret (const value_t *self)
{
    if (self->secret)
        return true;
    if (value_is_primitive (self))
        return false;
    for (size_t i = 0; i < self->list.count; i++)
        if (value_holds_secret (self->list.items[i]))
            return true;
    return false;
}
