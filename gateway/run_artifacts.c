/* run_artifacts.c - see run_artifacts.h. */

#include "gateway/run_artifacts.h"

#include "gateway/call.h"
#include "gateway/inside.h"

fault_t run_artifacts (request_t *request, const char *run, const char *name, int64_t number,
                       artifact_items_t *out)
{
    arena_t *arena = request->turn.arena;
    size_t capacity = 0;
    artifact_list_t ask = {
        .run = run, .job = "", .name = name, .number = number, .limit = MAX_PAGE, .cursor = ""};
    *out = (artifact_items_t){0};
    do {
        artifact_page_t page = {0};
        TRY (gateway_call (request, MESSAGE (artifact_list), &ask, &page, 0));
        for (size_t i = 0; i < page.items.count; i++) {
            if (out->count == RUN_ARTIFACTS_MAX)
                return turn_fail (&request->turn, TOO_LARGE, "the run has more than %d artifacts",
                                  RUN_ARTIFACTS_MAX);
            out->items = arena_grow (arena, out->items, out->count, &capacity, sizeof (artifact_t));
            out->items[out->count++] = page.items.items[i];
        }
        ask.cursor = page.next && *page.next ? page.next : NULL;
    } while (ask.cursor);
    return OK;
}
