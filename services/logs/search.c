/* search.c - see search.h. The engine; lines are cut out of pieces in scan(). */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "services/logs/search.h"

#include "common/base/utf8.h"

#include <pcre2.h>
#include <string.h>

#define JIT_STACK     (256 << 10)
#define HEAP_KIB      (8 << 10) // For patterns that the compiler cannot take
#define LOOK_AT_CLOCK 16        // Lines, or kilobytes of them

typedef struct {
    log_match_run_t *search;
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    char *room; // The line so far; SEARCH_LINE
    size_t size;
    int64_t line;   // Its number
    int64_t column; // Bytes of it that were dropped, because it is long
    int64_t start;  // Offset of its first byte
    bool matched;
    bool long_line;  // A stretch of it was matched before
    size_t listed;   // Bytes
    size_t unlooked; // Lines and kilobytes since the clock was looked at
} scan_t;

// Past a character class, from its bracket on. A bracket that comes first is text.
static const char *after_class (const char *at)
{
    at += at[1] == '^' ? 2 : 1;
    at += *at == ']';
    while (*at && *at != ']')
        at += *at == '\\' && at[1] ? 2 : 1;
    return *at ? at + 1 : at;
}

const char *search_verb (const char *pattern)
{
    for (const char *at = pattern; *at;) {
        if (at[0] == '(' && at[1] == '*')
            return at;
        if (at[0] == '\\' && at[1] == 'Q') {
            const char *end = strstr (at, "\\E");
            at = end ? end + 2 : at + strlen (at);
        } else if (at[0] == '\\' && at[1])
            at += 2;
        else
            at = *at == '[' ? after_class (at) : at + 1;
    }
    return NULL;
}

static fault_t prepare (scan_t *self)
{
    self->data = pcre2_match_data_create (1, NULL);
    self->context = pcre2_match_context_create (NULL);
    self->stack = pcre2_jit_stack_create (32 << 10, JIT_STACK, NULL);
    if (!self->data || !self->context || !self->stack)
        return BROKEN;
    pcre2_set_match_limit (self->context, SEARCH_STEPS);
    pcre2_set_depth_limit (self->context, SEARCH_DEPTH);
    pcre2_set_heap_limit (self->context, HEAP_KIB);
    pcre2_jit_stack_assign (self->context, NULL, self->stack);
    return OK;
}

static fault_t compile (scan_t *self)
{
    log_match_run_t *search = self->search;
    const log_search_t *ask = &search->ask;
    const char *verb = ask->regex ? search_verb (ask->pattern) : NULL;
    if (verb)
        return turn_fail (&search->turn, INVALID, "pattern: at character %zu: verbs, (*...), are not allowed",
                          (size_t) (verb - ask->pattern) + 1);
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
    options |= ask->regex ? 0 : PCRE2_LITERAL;
    options |= ask->ignore_case ? PCRE2_CASELESS : 0;
    if (!ask->regex)
        options &= ~(PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY);
    int error;
    PCRE2_SIZE at;
    self->code = pcre2_compile ((PCRE2_SPTR) ask->pattern, strlen (ask->pattern), options, &error, &at, NULL);
    if (!self->code) {
        PCRE2_UCHAR text[128] = "";
        pcre2_get_error_message (error, text, sizeof (text));
        return turn_fail (&search->turn, INVALID, "pattern: at character %zu: %s", (size_t) at + 1,
                          (char *) text);
    }
    (void) pcre2_jit_compile (self->code, PCRE2_JIT_COMPLETE); // Without it matching is only slower
    return prepare (self);
}

static uint32_t step_of (const marks_t *marks, int64_t offset)
{
    size_t low = 0, high = marks->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (marks->items[middle].start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? marks->items[low - 1].step : 0;
}

static void list_match (scan_t *self, size_t size)
{
    log_match_run_t *search = self->search;
    log_matches_t *matches = &search->matches;
    if (self->line < search->ask.line || matches->next_line > 0)
        return;
    if (matches->items.count == search->ask.limit || self->listed > SEARCH_LISTED) {
        matches->next_line = self->line;
        return;
    }
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer (self->data);
    size_t length = found[1] > found[0] ? found[1] - found[0] : 0; // \K may turn it around
    log_match_t *match = &matches->items.items[matches->items.count++];
    *match = (log_match_t){.line = self->line,
                           .step = step_of (&search->marks, self->start),
                           .column = (uint32_t) (self->column + (int64_t) found[0] + 1),
                           .length = (uint32_t) length,
                           .text = utf8_repair (search->turn.arena, self->room, size, MAX_TEXT)};
    self->listed += strlen (match->text);
}

static fault_t time_is_up (scan_t *self)
{
    log_match_run_t *search = self->search;
    self->unlooked = 0;
    if (clock_monotonic_us () < search->until_us)
        return OK;
    return turn_fail (&search->turn, TIMEOUT,
                      "the search ran out of time at line %lld: use a simpler pattern",
                      (long long) self->line);
}

// A long line counts as many: the engine's work may grow with its square.
static fault_t look_at_clock (scan_t *self)
{
    self->unlooked += 1 + self->size / 1024;
    return self->unlooked < LOOK_AT_CLOCK ? OK : time_is_up (self);
}

// Matches the line, or the part of it that is buffered.
static fault_t match (scan_t *self, bool whole)
{
    size_t size = self->size;
    if (whole && size > 0 && self->room[size - 1] == '\r')
        size--;
    size = without_escapes (self->room, size);
    uint32_t options = (self->long_line ? PCRE2_NOTBOL : 0) | (whole ? 0 : PCRE2_NOTEOL);
    int count =
        pcre2_match (self->code, (PCRE2_SPTR) self->room, size, 0, options, self->data, self->context);
    if (count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_JIT_STACKLIMIT ||
        count == PCRE2_ERROR_HEAPLIMIT || count == PCRE2_ERROR_DEPTHLIMIT)
        return turn_fail (&self->search->turn, INVALID, "pattern: it needs too many steps on line %lld",
                          (long long) self->line);
    if (count < 0 && count != PCRE2_ERROR_NOMATCH)
        return turn_fail (&self->search->turn, BROKEN, "the search failed on line %lld (%d)",
                          (long long) self->line, count);
    if (count >= 0 && !self->matched) {
        self->matched = true;
        self->search->matches.count++;
        list_match (self, size);
    }
    self->size = size;
    return look_at_clock (self);
}

// A full room: its last bytes stay, as a match may begin there.
static fault_t match_part (scan_t *self)
{
    fault_t fault = self->matched ? OK : match (self, false);
    size_t keep = self->size < SEARCH_OVERLAP ? self->size : SEARCH_OVERLAP;
    self->column += (int64_t) (self->size - keep);
    memmove (self->room, self->room + self->size - keep, keep);
    self->size = keep;
    self->long_line = true;
    return fault;
}

static fault_t add (scan_t *self, const char *bytes, size_t size)
{
    fault_t fault = OK;
    while (!fault && size > 0) {
        size_t part = size < SEARCH_LINE - self->size ? size : SEARCH_LINE - self->size;
        memcpy (self->room + self->size, bytes, part);
        self->size += part;
        bytes += part;
        size -= part;
        if (self->size == SEARCH_LINE)
            fault = match_part (self);
    }
    return fault;
}

static fault_t end_line (scan_t *self, int64_t next)
{
    fault_t fault = self->matched ? OK : match (self, true);
    self->size = 0;
    self->line++;
    self->column = 0;
    self->start = next;
    self->matched = self->long_line = false;
    return fault;
}

static fault_t scan_piece (scan_t *self, const piece_t *piece, const char *bytes)
{
    fault_t fault = OK;
    for (size_t at = 0; !fault && at < piece->raw;) {
        const char *end = memchr (bytes + at, '\n', piece->raw - at);
        size_t size = end ? (size_t) (end - bytes) - at : piece->raw - at;
        fault = add (self, bytes + at, size);
        at += size + (end != NULL);
        if (!fault && end)
            fault = end_line (self, piece->start + (int64_t) at);
    }
    return fault;
}

static fault_t scan (scan_t *self)
{
    const pieces_t *pieces = &self->search->pieces;
    turn_t turn;
    arena_t *arena = arena_new (); // Of one piece
    pieces_reader_t reader = pieces_read_begin (pieces, self->search->blob, self->search->turn.arena);
    turn_init (&turn, arena, "", 0);
    fault_t fault = OK;
    for (size_t i = 0; !fault && i < pieces->count; i++) {
        const char *bytes;
        arena_reset (arena);
        fault = pieces_read_next (&reader, &pieces->items[i], &turn, &bytes);
        if (fault)
            fault =
                turn_fail (&self->search->turn, fault, "%s", turn.detail ? turn.detail : fault_text (fault));
        else
            fault = scan_piece (self, &pieces->items[i], bytes);
        if (!fault)
            fault = time_is_up (self);
    }
    if (!fault && (self->size > 0 || self->long_line))
        fault = end_line (self, 0);
    pieces_read_end (&reader);
    arena_destroy (&arena);
    return fault;
}

void search_run (void *context)
{
    log_match_run_t *search = context;
    arena_t *arena = search->turn.arena;
    scan_t self = {.search = search, .line = 1};
    search->matches = (log_matches_t){0};
    search->matches.items.items = arena_array (arena, search->ask.limit + 1, sizeof (log_match_t));
    self.room = arena_alloc (arena, SEARCH_LINE);
    if (clock_monotonic_us () >= search->until_us) {
        search->fault = turn_fail (&search->turn, OVERLOADED, "other searches used up the time");
        return;
    }
    search->fault = compile (&self);
    if (search->fault == OK)
        search->fault = scan (&self);
    pcre2_jit_stack_free (self.stack);
    pcre2_match_context_free (self.context);
    pcre2_match_data_free (self.data);
    pcre2_code_free (self.code);
}
