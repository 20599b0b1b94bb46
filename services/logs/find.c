/* find.c - search over a whole log, as a message. A helper thread does it, as even one line may keep a hostile pattern busy.
 *
 * Searches have a pool of one thread, so that appends and reads never wait for one. A caller has one search under way, all callers
 * together SEARCHES; past either the answer is OVERLOADED. Time spent waiting for the thread counts as time of the search. */

#include "services/logs/logs_self.h"
#include "services/logs/search.h"

#include <stdio.h>
#include <string.h>

#define LIMIT     100         // Matches listed without a limit in the request
#define LOOSE_MAX (8 << 20)   // Bytes not yet archived that are copied for a search; beyond it waits
#define MARGIN    SECONDS (1) // An answer leaves before its caller gives up; a slot is kept this much longer

static bool is_of (const searching_t *slot, const caller_t *caller)
{
    return slot->role == caller->role && strcmp (slot->subject, caller->subject) == 0;
}

// A slot for this caller; those of callers that gave up are free again.
static fault_t find_slot (logs_t *self, turn_t *turn, searching_t **out)
{
    *out = NULL;
    for (size_t i = 0; i < SEARCHES; i++) {
        searching_t *slot = &self->searching[i];
        if (slot->until_us <= turn->now_us)
            *out = slot;
        else if (is_of (slot, &turn->caller))
            return turn_fail (turn, OVERLOADED, "your previous search is still running: wait for it to end");
    }
    return *out ? OK : turn_fail (turn, OVERLOADED, "%d searches are under way", SEARCHES);
}

static fault_t answer_with (logs_t *self, turn_t *turn, const log_match_run_t *search, log_matches_t *answer)
{
    for (size_t i = 0; i < SEARCHES; i++) // The caller may search again at once
        if (is_of (&self->searching[i], &turn->caller))
            self->searching[i].until_us = 0;
    if (search->fault)
        return turn_fail (turn, search->fault, "%s",
                          search->turn.detail ? search->turn.detail : fault_text (search->fault));
    *answer = search->matches;
    return OK;
}

static log_match_run_t *make_search (logs_t *self, arena_t *arena, const turn_t *turn,
                                     const log_search_t *ask, const pieces_t *pieces, const marks_t *marks)
{
    log_match_run_t *search = arena_alloc (arena, sizeof (*search));
    int64_t time = turn->deadline_us - turn->now_us - MARGIN;
    *search = (log_match_run_t){.blob = self->blob, .ask = *ask, .pieces = pieces_copy (pieces, arena)};
    search->until_us = clock_monotonic_us () + (time < SEARCH_TIME ? time : SEARCH_TIME);
    search->ask.pattern = arena_strdup (arena, ask->pattern);
    search->ask.limit = ask->limit ? ask->limit : LIMIT;
    search->marks.count = marks->count;
    search->marks.items = arena_copy (arena, marks->items, marks->count * sizeof (mark_t));
    turn_init (&search->turn, arena, "", 0);
    return search;
}

static fault_t begin_search (logs_t *self, turn_t *turn, const log_search_t *ask, const char *key)
{
    log_row_t row;
    marks_t marks;
    pieces_t pieces;
    searching_t *slot;
    TRY (find_slot (self, turn, &slot));
    TRY (logs_need (self, turn, ask->job, ask->attempt, &row));
    if (row.extent.loose > LOOSE_MAX)
        return actor_wait (turn, logs_topic (turn, ask->job), turn->now_us + SECONDS (1));
    TRY (log_store_steps (self->db, turn, &row, &marks));
    TRY (log_store_pieces (self->db, turn, &row, 0, row.extent.size, &pieces));
    arena_t *arena = arena_new ();
    log_match_run_t *search = make_search (self, arena, turn, ask, &pieces, &marks);
    *slot = (searching_t){.role = turn->caller.role, .until_us = turn->deadline_us + MARGIN};
    snprintf (slot->subject, sizeof (slot->subject), "%s", turn->caller.subject);
    return background_begin (self->searches, turn, key, search_run, &arena, search);
}

HANDLER (log_search)
{
    logs_t *self = context;
    const log_search_t *ask = asked;
    const char *key = arena_printf (turn->arena, "search/%s/%s/%u/%lld/%u/%d%d/%s", turn->request_id,
                                    ask->job, ask->attempt, (long long) ask->line, ask->limit, ask->regex,
                                    ask->ignore_case, ask->pattern);
    log_match_run_t *search;
    fault_t fault = background_find (self->searches, turn, key, (void **) &search);
    if (fault == OK)
        return answer_with (self, turn, search, answered);
    return fault == NOT_FOUND ? begin_search (self, turn, ask, key) : fault;
}
