/* fuzz_toolkit.c - any bytes as what GitHub's toolkit sends: a list of blocks, the JSON of its artifact service, its token.
 *
 * Holds: names of blocks are base64 and bounded; what is taken as a request has all that it must have. */

#include "common/base/runtime_token.h"
#include "gateway/block_list.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_list (turn_t *turn, const char *text, size_t size)
{
    strs_t names;
    turn->detail = NULL;
    if (block_list_read (turn, text, size, &names) != OK) {
        FUZZ_CHECK (turn->detail && *turn->detail);
        return;
    }
    FUZZ_CHECK (names.count <= MAX_BLOCKS);
    for (size_t i = 0; i < names.count; i++)
        FUZZ_CHECK (*names.items[i] && strlen (names.items[i]) <= MAX_BLOCK_ID &&
                    !strpbrk (names.items[i], "<>& \"'"));
}

static void check_create (turn_t *turn, const char *text, size_t size)
{
    results_create_t ask = {0};
    if (message_read_newer (MESSAGE (results_create), turn, text, size, &ask) == OK &&
        message_check (MESSAGE (results_create), turn, &ask) == OK)
        FUZZ_CHECK (*ask.name && strlen (ask.name) <= MAX_NAME && *ask.workflow_run_backend_id);
}

static void check_finalize (turn_t *turn, const char *text, size_t size)
{
    results_finalize_t ask = {0};
    if (message_read_newer (MESSAGE (results_finalize), turn, text, size, &ask) == OK &&
        message_check (MESSAGE (results_finalize), turn, &ask) == OK)
        FUZZ_CHECK (*ask.name && (!ask.size || strlen (ask.size) <= 20));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "fuzz", 0);
    const char *text = arena_strndup (arena, (const char *) data, size);
    check_list (&turn, (const char *) data, size);
    check_create (&turn, text, strlen (text));
    check_finalize (&turn, text, strlen (text));
    FUZZ_CHECK (strlen (runtime_token_job (arena, text)) <= strlen (text));
    arena_destroy (&arena);
    return 0;
}
