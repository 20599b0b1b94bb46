/* find.c - search over a whole log, as a message; a helper thread does it, as even one line may keep a hostile pattern busy. */

#include "services/logs/logs_self.h"
#include "services/logs/search.h"

#define LIMIT     100        // Matches listed where the ask names no limit
#define LOOSE_MAX (24 << 20) // Bytes not yet archived that are copied for a search; beyond it waits

static fault_t answer_with (turn_t *turn, const search_t *search, log_matches_t *answer)
{
    if (search->fault)
        return turn_fail (turn, search->fault, "%s",
                          search->turn.detail ? search->turn.detail : fault_text (search->fault));
    *answer = search->matches;
    return OK;
}

static search_t *make_search (logs_t *self, arena_t *arena, const log_search_t *ask, const pieces_t *pieces,
                              const marks_t *marks)
{
    search_t *search = arena_alloc (arena, sizeof (*search));
    *search = (search_t){.blob = self->blob, .ask = *ask, .pieces = pieces_copy (pieces, arena)};
    search->ask.pattern = arena_strdup (arena, ask->pattern);
    search->ask.limit = ask->limit ? ask->limit : LIMIT;
    search->marks.count = marks->count;
    search->marks.items = arena_copy (arena, marks->items, marks->count * sizeof (mark_t));
    turn_init (&search->turn, arena, "", 0);
    return search;
}

fault_t logs_search (void *service, turn_t *turn, const void *question, void *reply)
{
    logs_t *self = service;
    const log_search_t *ask = question;
    const char *key = arena_printf (turn->arena, "search/%s/%s/%u/%lld/%u/%d%d/%s", turn->request_id,
                                    ask->job, ask->attempt, (long long) ask->line, ask->limit, ask->regex,
                                    ask->ignore_case, ask->pattern);
    search_t *search;
    fault_t fault = errand_find (self->errands, turn, key, (void **) &search);
    if (fault == OK)
        return answer_with (turn, search, reply);
    if (fault != NOT_FOUND)
        return fault;
    log_row_t row;
    marks_t marks;
    pieces_t pieces;
    fault = logs_need (self, turn, ask->job, ask->attempt, &row);
    if (!fault && row.extent.loose > LOOSE_MAX)
        return actor_wait (turn, logs_topic (turn, ask->job), turn->now_us + SECONDS (1));
    if (!fault)
        fault = log_store_steps (self->db, turn, &row, &marks);
    if (!fault)
        fault = log_store_pieces (self->db, turn, &row, 0, row.extent.size, &pieces);
    if (fault)
        return fault;
    arena_t *arena = arena_new ();
    search = make_search (self, arena, ask, &pieces, &marks);
    return errand_begin (self->errands, turn, key, search_run, &arena, search);
}
