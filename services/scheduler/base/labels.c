/* labels.c - see labels.h. Sets are small: walking them beats any index. */

#include "services/scheduler/base/labels.h"

#include "common/base/line.h"
#include "proto/strs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
    return strs_join (arena, &list);
}

static bool find_missing (const char *offered, const char *asked, line_t *out)
{
    for (*out = line_begin (asked, strlen (asked)); line_next (out);)
        if (!line_is_in (offered, out->text, out->size))
            return true;
    return false;
}

bool labels_include (const char *offered, const char *asked)
{
    line_t label;
    return !find_missing (offered, asked, &label);
}

const char *labels_missing (arena_t *arena, const char *offered, const char *asked)
{
    line_t label;
    return find_missing (offered, asked, &label) ? arena_strndup (arena, label.text, label.size) : NULL;
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
