/* fuzz_dotenv.c - any bytes as NAME=VALUE lines.
 *
 * Holds: what is taken has names, each once, and is the same again after it was printed. */

#include "common/settings/dotenv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    dotenv_t pairs = {0}, again = {0};
    turn_init (&turn, arena, "fuzz", 0);
    if (dotenv_parse (&turn, "f", (const char *) data, size, &pairs) != OK)
        FUZZ_CHECK (turn.detail && strncmp (turn.detail, "f:", 2) == 0);
    buffer_t *text = buffer_new (4 * size + 16 * DOTENV_PAIRS + 16);
    dotenv_print (&pairs, text);
    FUZZ_CHECK (dotenv_parse (&turn, "f", buffer_text (text), buffer_size (text), &again) == OK);
    FUZZ_CHECK (again.count == pairs.count);
    for (size_t i = 0; i < pairs.count; i++) {
        FUZZ_CHECK (*pairs.items[i].name && strcmp (pairs.items[i].name, again.items[i].name) == 0);
        FUZZ_CHECK (strcmp (pairs.items[i].value, again.items[i].value) == 0);
    }
    buffer_destroy (&text);
    arena_destroy (&arena);
    return 0;
}
