/* value.c - making values and looking into them. Coercions are in value_coerce.c, JSON in value_json*.c. */

#include "workflow/expression/value.h"
#include "workflow/expression/text.h"

#include <string.h>
#include <strings.h>

#define KEYS_FEW \
    8 // An object with more keys has a hash table: a payload of thousands of keys must not cost their square

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

// Room for one more in each array; both are as large.
static void make_room (arena_t *arena, value_t *list)
{
    size_t capacity = list->list.capacity, of_keys = capacity;
    if (list->kind == VALUE_OBJECT)
        list->list.keys =
            arena_grow (arena, list->list.keys, list->list.count, &of_keys, sizeof (list->list.keys[0]));
    list->list.items =
        arena_grow (arena, list->list.items, list->list.count, &capacity, sizeof (list->list.items[0]));
    list->list.capacity = (uint32_t) capacity;
}

void value_push (arena_t *arena, value_t *array, const value_t *item)
{
    make_room (arena, array);
    array->list.items[array->list.count++] = item;
}

// Of the map alone: its items never change once they are built, so both may hold them.
value_t *value_copy (arena_t *arena, const value_t *object)
{
    value_t *self = value_object (arena);
    size_t count = object->list.count;
    self->cased = object->cased;
    if (!count)
        return self;
    *self = *object;
    self->list.items = arena_copy (arena, object->list.items, count * sizeof (*object->list.items));
    self->list.keys = arena_copy (arena, object->list.keys, count * sizeof (*object->list.keys));
    self->list.slots =
        object->list.slots
            ? arena_copy (arena, object->list.slots, object->list.slot_count * sizeof (*object->list.slots))
            : NULL;
    self->list.capacity = (uint32_t) count;
    return self;
}

static bool same_key (const value_t *object, const char *left, const char *right)
{
    if (strcmp (left, right) == 0)
        return true;
    return !object->cased && text_equal (left, strlen (left), right, strlen (right));
}

// Keys that are equal but for case have the same hash, whether the object tells them apart or not.
static size_t hash_of (const char *key)
{
    size_t hash = 14695981039346656037u, length, size = strlen (key); // FNV-1a's basis, and below its prime
    for (size_t at = 0; at < size; at += length)
        hash = (hash ^ text_upper (text_decode (key + at, size - at, &length))) * 1099511628211u;
    return hash ^ hash >> 29;
}

// Its slot, or the empty one where it would be.
static uint32_t *slot_of (const value_t *object, const char *key)
{
    for (size_t i = hash_of (key);; i++) {
        uint32_t *slot = &object->list.slots[i & (object->list.slot_count - 1)];
        if (!*slot || same_key (object, object->list.keys[*slot - 1], key))
            return slot;
    }
}

// At most half full, so that a search soon comes to an empty slot. A power of two, so that the hash is masked, not divided.
static void index_keys (arena_t *arena, value_t *object)
{
    object->list.slot_count = object->list.slot_count ? object->list.slot_count * 2 : 4 * KEYS_FEW;
    object->list.slots = arena_array (arena, object->list.slot_count, sizeof (uint32_t));
    for (size_t i = 0; i < object->list.count; i++)
        *slot_of (object, object->list.keys[i]) = (uint32_t) i + 1;
}

// Where the key is; `count` where it is not there.
static size_t find (const value_t *object, const char *key)
{
    if (object->list.slots) {
        uint32_t slot = *slot_of (object, key);
        return slot ? slot - 1 : object->list.count;
    }
    size_t i = 0;
    while (i < object->list.count && !same_key (object, object->list.keys[i], key))
        i++;
    return i;
}

void value_put (arena_t *arena, value_t *object, const char *key, const value_t *item)
{
    size_t at = find (object, key);
    if (at < object->list.count) {
        object->list.items[at] = item;
        return;
    }
    make_room (arena, object);
    object->list.keys[at] = key;
    object->list.items[at] = item;
    object->list.count++;
    if (object->list.count > KEYS_FEW && object->list.count * 2 > object->list.slot_count)
        index_keys (arena, object);
    else if (object->list.slots)
        *slot_of (object, key) = (uint32_t) at + 1;
}

// Unlike value_put it copies the key, which may be a buffer of the caller; of one that is there the first spelling stays.
void value_set (arena_t *arena, value_t *object, const char *key, const value_t *item)
{
    size_t at = find (object, key);
    if (at < object->list.count)
        object->list.items[at] = item;
    else
        value_put (arena, object, arena_strdup (arena, key), item);
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
