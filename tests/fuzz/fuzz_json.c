/* fuzz_json.c - any text as JSON. Holds: it is taken or refused as another parser does (but for numbers, which it does not make), and what is
 * kept as it is written is taken again. */

#include "common/base/json_reader.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const char *text = (const char *) data, *raw;
    json_error_t error;
    size_t raw_size;
    if (json_shape (text, size).depth > JSON_DEPTH || memchr (data, 0, size)) // NUL ends the other's text
        return 0;
    arena_t *arena = arena_new ();
    json_reader_t reader;
    json_reader_begin (&reader, text, size);
    bool read = json_reader_raw (&reader, arena, &raw, &raw_size);
    bool taken = json_reader_end (&reader) && read;
    json_t *other =
        json_loadb (text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    // A number that is too large for the other, and a key that is the same only once it is unescaped
    bool differs = json_error_code (&error) == json_error_numeric_overflow ||
                   json_error_code (&error) == json_error_duplicate_key ||
                   json_error_code (&error) == json_error_null_byte_in_key;
    FUZZ_CHECK (taken == (other != NULL) || (taken && !other && differs));
    json_decref (other);
    if (taken) {
        json_reader_begin (&reader, raw, raw_size);
        FUZZ_CHECK (json_reader_skip (&reader));
        FUZZ_CHECK (json_reader_end (&reader));
        FUZZ_CHECK (arena_used (arena) <= size + 64);
    }
    arena_destroy (&arena);
    return 0;
}
