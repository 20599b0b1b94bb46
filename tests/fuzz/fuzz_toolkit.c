/* fuzz_toolkit.c - any bytes as what GitHub's toolkit sends: a list of blocks, the JSON of its artifact and cache services, a range, a key of a
 * cache, its token.
 *
 * Holds: names of blocks are base64 and bounded; what is taken as a request has all that it must have; a range is one; what begins with an accepted
 * key comes before that prefix's end. */

#include "common/base/runtime_token.h"
#include "gateway/block_list.h"
#include "gateway/header.h"
#include "services/artifacts/cache_keys.h"
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

static void check_cache_asks (turn_t *turn, const char *text, size_t size)
{
    cache_finalize_entry_t done = {0};
    cache_entry_url_t look = {0};
    cache_v1_reserve_t reserve = {0};
    if (message_read_newer (MESSAGE (cache_finalize_entry), turn, text, size, &done) == OK &&
        message_check (MESSAGE (cache_finalize_entry), turn, &done) == OK)
        FUZZ_CHECK (*done.key && *done.version && (!done.size_bytes || strlen (done.size_bytes) <= 24));
    if (message_read_newer (MESSAGE (cache_entry_url), turn, text, size, &look) == OK &&
        message_check (MESSAGE (cache_entry_url), turn, &look) == OK)
        FUZZ_CHECK (*look.key && look.restore_keys.count <= MAX_CACHE_KEYS);
    if (message_read_newer (MESSAGE (cache_v1_reserve), turn, text, size, &reserve) == OK &&
        message_check (MESSAGE (cache_v1_reserve), turn, &reserve) == OK)
        FUZZ_CHECK (*reserve.key && strlen (reserve.key) <= MAX_CACHE_KEY);
}

static void check_cache_key (turn_t *turn, const char *text)
{
    if (cache_key_check (turn, "key", text) != OK) {
        FUZZ_CHECK (turn->detail && *turn->detail);
        return;
    }
    bytes_t end = cache_prefix_end (turn->arena, text);
    const char *longer = arena_printf (turn->arena, "%s\xf4\x8f\xbf\xbf", text);
    FUZZ_CHECK (!strchr (text, ',') && end.size == strlen (text));
    FUZZ_CHECK (memcmp (longer, end.data, end.size) < 0);
}

static void check_range (const char *text)
{
    int64_t first, last;
    if (header_content_range (text, &first, &last))
        FUZZ_CHECK (first >= 0 && last >= first);
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
    check_cache_asks (&turn, text, strlen (text));
    check_cache_key (&turn, text);
    check_range (text);
    FUZZ_CHECK (strlen (runtime_token_job (arena, text)) <= strlen (text));
    arena_destroy (&arena);
    return 0;
}
