/* excerpt.c - see excerpt.h; and the message that asks for it. What is in blobs is read by a helper thread. */

#include "services/logs/excerpt.h"

#include "common/base/utf8.h"
#include "proto/strs.h"
#include "services/logs/logs_self.h"
#include "services/logs/search.h"
#include "services/logs/window.h"

#include <string.h>

#define LINES_DEFAULT 50
#define GROUP         "##[group]"
#define GROUP_END     "##[endgroup]\n"

// ---- lines ----

// A step begins with what it runs, which is not what it says.
static size_t heading_size (const char *bytes, size_t size)
{
    if (size < strlen (GROUP) || memcmp (bytes, GROUP, strlen (GROUP)) != 0)
        return 0;
    const char *end = memmem (bytes, size, GROUP_END, strlen (GROUP_END));
    return end ? (size_t) (end - bytes) + strlen (GROUP_END) : 0;
}

// What a terminal would still show of a line: after the last "\r" that something follows.
static void last_state (const char **text, size_t *size)
{
    while (*size > 0 && (*text)[*size - 1] == '\r')
        --*size;
    const char *over = memrchr (*text, '\r', *size);
    if (!over)
        return;
    *size -= (size_t) (over + 1 - *text);
    *text = over + 1;
}

static bool is_blank (const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    return true;
}

// False where nothing of it is left.
static bool read_line (arena_t *arena, const char *text, size_t size, const char **out)
{
    last_state (&text, &size);
    char *copy = arena_copy (arena, text, size); // It may hold NULs
    size = without_escapes (copy, size);
    *out = utf8_repair (arena, copy, size, MAX_FAILURE_LINE);
    return !is_blank (*out, strlen (*out));
}

static void turn_around (log_line_items_t *lines)
{
    for (size_t i = 0; i < lines->count / 2; i++) {
        log_line_t later = lines->items[i];
        lines->items[i] = lines->items[lines->count - 1 - i];
        lines->items[lines->count - 1 - i] = later;
    }
}

void excerpt_lines (arena_t *arena, const char *bytes, size_t size, int64_t line, bool whole, size_t most,
                    log_line_items_t *out)
{
    size_t from = whole ? heading_size (bytes, size) : after_newline (bytes, size, 1);
    if (!whole && from == size) // One line is longer than what is looked at: its end is all there is
        from = 0;
    *out = (log_line_items_t){arena_array (arena, most + 1, sizeof (log_line_t)), 0};
    int64_t number = line + (int64_t) count_newlines (bytes, size);
    size_t end = size;
    while (end > from && out->count < most) {
        bool ended = bytes[end - 1] == '\n';
        size_t upto = end - ended;
        const char *before = memrchr (bytes + from, '\n', upto - from);
        size_t begin = before ? (size_t) (before + 1 - bytes) : from;
        number -= ended;
        const char *text;
        if (read_line (arena, bytes + begin, upto - begin, &text))
            out->items[out->count++] = (log_line_t){.line = number, .text = text};
        end = begin;
    }
    turn_around (out);
}

// ---- found ----

typedef struct {
    int64_t first[EXCERPT_FIRST], last[EXCERPT_LAST]; // Numbers of lines; the last ones as a ring
    size_t count;
} hits_t;

static bool has_any (const char *lower, size_t size, const strs_t *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (memmem (lower, size, words->items[i], strlen (words->items[i])))
            return true;
    return false;
}

static void add_hit (hits_t *self, int64_t line)
{
    if (self->count < EXCERPT_FIRST)
        self->first[self->count] = line;
    else
        self->last[(self->count - EXCERPT_FIRST) % EXCERPT_LAST] = line;
    self->count++;
}

static bool is_around (const hits_t *self, int64_t line)
{
    size_t later = self->count > EXCERPT_FIRST ? self->count - EXCERPT_FIRST : 0;
    for (size_t i = 0; i < EXCERPT_FIRST && i < self->count; i++)
        if (line >= self->first[i] - EXCERPT_BEFORE && line <= self->first[i] + EXCERPT_AFTER)
            return true;
    for (size_t i = 0; i < EXCERPT_LAST && i < later; i++)
        if (line >= self->last[i] - EXCERPT_BEFORE && line <= self->last[i] + EXCERPT_AFTER)
            return true;
    return false;
}

static const char *lower_copy (arena_t *arena, const char *bytes, size_t size)
{
    char *copy = arena_copy (arena, bytes, size);
    for (size_t i = 0; i < size; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] |= 0x20;
    return copy;
}

// Twice over the lines, so that however many there are, only those that are given take memory.
void excerpt_find (arena_t *arena, const char *bytes, size_t size, int64_t line, bool whole,
                   const strs_t *words, size_t most, log_line_items_t *out)
{
    hits_t hits = {.count = 0};
    const char *lower = lower_copy (arena, bytes, size);
    size_t from = whole ? heading_size (bytes, size) : after_newline (bytes, size, 1);
    int64_t first = line + (int64_t) count_newlines (bytes, from), number = first;
    *out = (log_line_items_t){arena_array (arena, most + 1, sizeof (log_line_t)), 0};
    for (size_t at = from, next; at < size; at = next, number++) {
        next = at + after_newline (bytes + at, size - at, 1);
        if (has_any (lower + at, next - at, words))
            add_hit (&hits, number);
    }
    number = first;
    for (size_t at = from, next; at < size && hits.count > 0 && out->count < most; at = next, number++) {
        const char *text;
        next = at + after_newline (bytes + at, size - at, 1);
        if (is_around (&hits, number) &&
            read_line (arena, bytes + at, next - at - (bytes[next - 1] == '\n'), &text))
            out->items[out->count++] = (log_line_t){.line = number, .text = text};
    }
}

// ---- the message ----

typedef struct {
    window_t window; // First, for window_cut
    bool whole;
    size_t most;
    strs_t words; // None: the last lines
    log_line_items_t lines;
} excerpt_t;

static void cut (void *context)
{
    excerpt_t *self = context;
    window_cut (&self->window);
    const log_window_t *window = &self->window.window;
    arena_t *arena = self->window.turn.arena;
    if (!self->window.fault && self->words.count)
        excerpt_find (arena, window->data.data, window->data.size, window->line, self->whole, &self->words,
                      self->most, &self->lines);
    else if (!self->window.fault)
        excerpt_lines (arena, window->data.data, window->data.size, window->line, self->whole, self->most,
                       &self->lines);
}

static fault_t answer_with (turn_t *turn, const excerpt_t *excerpt, log_lines_t *answer)
{
    const window_t *window = &excerpt->window;
    if (window->fault)
        return turn_fail (turn, window->fault, "%s",
                          window->turn.detail ? window->turn.detail : fault_text (window->fault));
    answer->items = excerpt->lines;
    return OK;
}

// The last stretch of the log that is the step's: *from to *end, at most `most` bytes of it. Empty where it printed nothing.
static void end_of_step (const log_row_t *row, const marks_t *marks, uint32_t step, int64_t most,
                         int64_t *from, int64_t *end, bool *whole)
{
    *from = *end = 0;
    for (size_t i = 0; i < marks->count; i++) {
        if (marks->items[i].step != step)
            continue;
        *from = marks->items[i].start;
        *end = i + 1 < marks->count ? marks->items[i + 1].start : row->extent.size;
    }
    *whole = *end - *from <= most;
    if (!*whole)
        *from = *end - most;
}

static fault_t begin_excerpt (logs_t *self, turn_t *turn, const log_excerpt_t *ask, const char *key,
                              log_lines_t *answer)
{
    log_row_t row;
    marks_t marks;
    pieces_t pieces;
    int64_t from, end;
    bool whole;
    TRY (logs_need (self, turn, ask->job, ask->attempt, &row));
    TRY (log_store_steps (self->db, turn, &row, &marks));
    end_of_step (&row, &marks, ask->step, ask->words.count ? EXCERPT_SEARCHED : EXCERPT_BYTES, &from, &end,
                 &whole);
    if (from == end)
        return OK;
    TRY (log_store_pieces (self->db, turn, &row, from, end, &pieces));
    bool elsewhere = pieces.in_blobs || ask->words.count; // What is searched may take a while
    arena_t *arena = elsewhere ? arena_new () : turn->arena;
    excerpt_t *excerpt = arena_alloc (arena, sizeof (*excerpt));
    *excerpt = (excerpt_t){.window = {.blob = self->blob,
                                      .pieces = elsewhere ? pieces_copy (&pieces, arena) : pieces,
                                      .skip = -1,
                                      .offset = from,
                                      .end = end,
                                      .attempt = row.attempt},
                           .whole = whole,
                           .words = strs_split (arena, strs_join (arena, &ask->words)),
                           .most = ask->lines ? ask->lines : LINES_DEFAULT};
    turn_init (&excerpt->window.turn, arena, "", 0);
    if (elsewhere)
        return background_begin (self->reads, turn, key, cut, &arena, excerpt);
    cut (excerpt);
    return answer_with (turn, excerpt, answer);
}

HANDLER (log_excerpt)
{
    logs_t *self = context;
    const log_excerpt_t *ask = asked;
    excerpt_t *excerpt;
    const char *key = arena_printf (turn->arena, "excerpt/%s/%s/%u/%u/%u/%zu", turn->request_id, ask->job,
                                    ask->attempt, ask->step, ask->lines, ask->words.count);
    fault_t fault = background_find (self->reads, turn, key, (void **) &excerpt);
    if (fault == OK)
        return answer_with (turn, excerpt, answered);
    return fault == NOT_FOUND ? begin_excerpt (self, turn, ask, key, answered) : fault;
}
