/* fuzz_cache_index.c - the list of a cache's pieces, which a job may have changed.
 *
 * Holds: what is accepted is a row of pieces without gaps, is found by its sums, and written again reads the same. */

#include "agent/engine/builtin/cache_index.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    cache_index_t index, again;
    if (cache_index_read (arena, arena_strndup (arena, (const char *) data, size), &index) == OK) {
        int64_t sum = 0, end = 0;
        for (size_t i = 0; i < index.count; i++) {
            const cache_piece_t *piece = index.items + i;
            FUZZ_CHECK (piece->offset >= 0 && piece->size > 0);
            FUZZ_CHECK (strcmp (cache_index_find (&index, piece->sha256)->sha256, piece->sha256) == 0);
            sum += piece->size;
            end = piece->offset + piece->size > end ? piece->offset + piece->size : end;
        }
        FUZZ_CHECK (sum == end);
        buffer_t *text = buffer_new (CACHE_INDEX_BYTES);
        cache_index_begin (text, index.key, index.place);
        for (size_t i = 0; i < index.count && index.count == 1; i++)
            cache_index_add (text, index.items[i].sha256, index.items[i].offset, index.items[i].size);
        FUZZ_CHECK (cache_index_read (arena, buffer_text (text), &again) == OK);
        FUZZ_CHECK (strcmp (again.key, index.key) == 0 && strcmp (again.place, index.place) == 0);
        buffer_destroy (&text);
    }
    arena_destroy (&arena);
    return 0;
}
