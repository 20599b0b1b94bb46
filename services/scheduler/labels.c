/* labels.c - see labels.h. Sets are small: walking them beats any index. */

#include "services/scheduler/labels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *lines_join (arena_t *arena, const strs_t *list)
{
    size_t size = 1;
    for (size_t i = 0; i < list->count; i++)
        size += strlen (list->items[i]) + 1;
    char *text = arena_alloc (arena, size), *at = text;
    for (size_t i = 0; i < list->count; i++) {
        size_t length = strlen (list->items[i]);
        if (i > 0)
            *at++ = '\n';
        memcpy (at, list->items[i], length);
        at += length;
    }
    return text;
}

strs_t lines_split (arena_t *arena, const char *text)
{
    strs_t list = {0};
    if (!*text)
        return list;
    size_t lines = labels_count (text);
    list.items = arena_array (arena, lines, sizeof *list.items);
    for (const char *at = text; list.count < lines; list.count++) {
        size_t size = strcspn (at, "\n");
        list.items[list.count] = arena_strndup (arena, at, size);
        at += size + 1;
    }
    return list;
}

static bool has_line (const char *text, const char *line, size_t size)
{
    for (const char *at = text; *at;) {
        size_t length = strcspn (at, "\n");
        if (length == size && memcmp (at, line, size) == 0)
            return true;
        at += length + (at[length] == '\n');
    }
    return false;
}

bool lines_have (const char *text, const char *line)
{
    return has_line (text, line, strlen (line));
}

static int by_text (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static const char *lower (arena_t *arena, const char *text)
{
    while (isspace ((unsigned char) *text))
        text++;
    size_t size = strcspn (text, "\n");
    while (size > 0 && isspace ((unsigned char) text[size - 1]))
        size--;
    char *copy = arena_strndup (arena, text, size);
    for (char *at = copy; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return copy;
}

const char *labels_of (arena_t *arena, const char *const *items, size_t count)
{
    strs_t list = {.items = arena_array (arena, count + 1, sizeof (char *))};
    for (size_t i = 0; i < count; i++) {
        const char *label = lower (arena, items[i]);
        if (*label && strcmp (label, "any") != 0)
            list.items[list.count++] = label;
    }
    if (list.count > 1)
        qsort (list.items, list.count, sizeof (char *), by_text);
    size_t kept = 0;
    for (size_t i = 0; i < list.count; i++)
        if (kept == 0 || strcmp (list.items[kept - 1], list.items[i]) != 0)
            list.items[kept++] = list.items[i];
    list.count = kept;
    return lines_join (arena, &list);
}

static const char *first_missing (const char *offered, const char *asked)
{
    for (const char *at = asked; *at;) {
        size_t size = strcspn (at, "\n");
        if (!has_line (offered, at, size))
            return at;
        at += size + (at[size] == '\n');
    }
    return NULL;
}

bool labels_include (const char *offered, const char *asked)
{
    return !first_missing (offered, asked);
}

const char *labels_missing (arena_t *arena, const char *offered, const char *asked)
{
    const char *label = first_missing (offered, asked);
    return label ? arena_strndup (arena, label, strcspn (label, "\n")) : NULL;
}

// One bit a label, by its hash (FNV-1a).
uint64_t labels_mask (const char *text)
{
    uint64_t mask = 0;
    while (*text) {
        uint32_t hash = 2166136261u;
        for (; *text && *text != '\n'; text++)
            hash = (hash ^ (unsigned char) *text) * 16777619u;
        mask |= UINT64_C (1) << ((hash ^ hash >> 16) & 63);
        text += *text == '\n';
    }
    return mask;
}

size_t labels_count (const char *text)
{
    size_t count = *text != 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}
