/* step_log.c - see step_log.h. */

#include "cli/show/step_log.h"

#include <inttypes.h>
#include <string.h>

// In an arena of its own: a run may have many steps.
static turn_t turn_in (const step_log_t *self, arena_t *arena)
{
    turn_t turn = *self->cli->turn;
    turn.arena = arena;
    return turn;
}

static const char *path_for (const step_log_t *self, const value_t *job, const char *format)
{
    const char *path = path_of (self->cli, format, value_get_text (job, "id"));
    return arena_printf (self->cli->turn->arena, "%s?attempt=%" PRId64, path, number_of (job, "attempt"));
}

// Where the step's log is. *whole: something came after it, or the log has ended; rows are in the order of the log.
static const value_t *row_of (const value_t *log, int64_t step, bool *whole)
{
    const value_t *const *rows, *found = NULL;
    size_t count = items_of (log, "steps", &rows);
    for (size_t i = 0; i < count && !found; i++)
        if (number_of (rows[i], "step") == step)
            found = rows[i];
    *whole = bool_of (log, "sealed") || (found && found != rows[count - 1]);
    return found;
}

static bool is_whole (void *self_, const value_t *job, int64_t step)
{
    step_log_t *self = self_;
    answer_t answer;
    bool whole = true;
    if (strcmp (value_get_text (job, "state"), "finished") == 0)
        return true;
    arena_t *arena = arena_new ();
    turn_t turn = turn_in (self, arena);
    if (client_ask (self->client, &turn, "GET", path_for (self, job, "/jobs/%s/log/info"), NULL, &answer) ==
        OK)
        (void) row_of (answer.json, step, &whole);
    arena_destroy (&arena);
    return whole;
}

static bool take (void *lines, const char *bytes, size_t size)
{
    lines_add (lines, bytes, size);
    return true;
}

static void print (void *self_, const value_t *job, int64_t step, lines_t *lines)
{
    step_log_t *self = self_;
    answer_t answer;
    bool whole;
    arena_t *arena = arena_new ();
    turn_t turn = turn_in (self, arena);
    const char *path = path_for (self, job, "/jobs/%s/log");
    const value_t *row = NULL;
    if (client_ask (self->client, &turn, "GET", path_for (self, job, "/jobs/%s/log/info"), NULL, &answer) ==
        OK)
        row = row_of (answer.json, step, &whole);
    // What went wrong is at the end: of a long log the last lines
    int64_t count = number_of (row, "lines"), first = number_of (row, "first_line");
    if (count > STEP_LOG_LINES) {
        lines_report (
            lines, DIM,
            arena_printf (arena, "      ... %" PRId64 " lines before these", count - STEP_LOG_LINES));
        path = arena_printf (arena, "%s&line=%" PRId64 "&lines=%d", path, first + count - STEP_LOG_LINES,
                             STEP_LOG_LINES);
    } else
        path = arena_printf (arena, "%s&step=%" PRId64, path, step);
    if (row && client_download (self->client, &turn, path, NULL, take, lines) != OK)
        lines_report (lines, YELLOW, arena_printf (arena, "      its log cannot be read: %s", turn.detail));
    lines_end (lines);
    arena_destroy (&arena);
}

step_logs_t step_log_source (step_log_t *self)
{
    return (step_logs_t){.self = self, .is_whole = is_whole, .print = print};
}
