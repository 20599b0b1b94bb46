/* cache_keys.c - see cache_keys.h. */

#include "services/artifacts/cache_keys.h"

#include "common/base/utf8.h"

#include <string.h>

static size_t characters (const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char) *text & 0xc0) != 0x80; // What continues a character is not another one
    return count;
}

fault_t cache_key_check (turn_t *turn, const char *what, const char *key)
{
    if (!key || !*key)
        return turn_fail (turn, INVALID, "%s: a cache's key has at least one character", what);
    if (!utf8_valid (key, strlen (key)))
        return turn_fail (turn, INVALID, "%s: is not UTF-8", what);
    if (strchr (key, ','))
        return turn_fail (turn, INVALID, "%s: a cache's key has no comma", what);
    if (characters (key) > CACHE_KEY_CHARACTERS)
        return turn_fail (turn, INVALID, "%s: a cache's key has at most %d characters, this one has %zu",
                          what, CACHE_KEY_CHARACTERS, characters (key));
    return OK;
}

fault_t cache_keys_check (turn_t *turn, const strs_t *keys)
{
    if (keys->count == 0 || keys->count > MAX_CACHE_KEYS)
        return turn_fail (turn, INVALID, "keys: there must be 1 to %d, there are %zu", MAX_CACHE_KEYS,
                          keys->count);
    for (size_t i = 0; i < keys->count; i++)
        TRY (cache_key_check (turn, arena_printf (turn->arena, "keys[%zu]", i), keys->items[i]));
    return OK;
}

bytes_t cache_prefix_end (arena_t *arena, const char *prefix)
{
    static const char after_all[] = "\xff"; // No UTF-8 has this byte
    size_t size = strlen (prefix);
    if (size == 0)
        return (bytes_t){after_all, 1};
    char *end = arena_strdup (arena, prefix);
    end[size - 1] = (char) ((unsigned char) end[size - 1] + 1); // At most 0xbf, or 0x7f: it never overflows
    return (bytes_t){end, size};
}
