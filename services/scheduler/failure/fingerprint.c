/* fingerprint.c - see failure.h: two failures are the same one when their steps, causes and lines are, but for what changes from run to
 * run. Normalising errs on the side of taking too much out: what is left must not differ between two runs on one commit. */

#include "common/base/sha256.h"
#include "services/scheduler/failure/failure.h"

#include <ctype.h>
#include <string.h>

#define NORMAL_MAX 300 // Bytes of a line that count
#define LINES_MAX  8   // Lines that count
#define TAIL_LINES 3   // Where none of them looks like an error
#define HEX_LEAST  7   // Characters of an abbreviated commit
#define SEPARATORS "-:.,/TZ+_"
#define WILDCARD   '#'

typedef struct {
    char *text;
    size_t size, most;
} writer_t;

static void put (writer_t *self, char c)
{
    if (self->size < self->most)
        self->text[self->size++] = c;
}

static bool is_word (char c)
{
    return isalnum ((unsigned char) c) || c == '_' || (unsigned char) c >= 0x80;
}

static bool is_path (char c)
{
    return is_word (c) || strchr ("-.~+@%/", c) != NULL;
}

// "12", "3f9a0c1d", "0x7ffe": letters only where they are hexadecimal digits of a long word with at least one digit.
static bool is_number (const char *word, size_t size)
{
    size_t digits = 0, hex = 0;
    size_t begin = size > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? 2 : 0;
    for (size_t i = begin; i < size; i++) {
        digits += isdigit ((unsigned char) word[i]) != 0;
        hex += isxdigit ((unsigned char) word[i]) != 0;
    }
    if (begin)
        return hex == size - begin;
    return digits == size || (hex == size && size >= HEX_LEAST && digits > 0);
}

// "12ms", "3s", "40kB": a number with a unit.
static bool is_measure (const char *word, size_t size)
{
    size_t digits = 0;
    while (digits < size && isdigit ((unsigned char) word[digits]))
        digits++;
    return digits > 0 && size - digits <= 3;
}

// One wildcard for a row of them: "2026-11-29T16:06:59.70Z" is one.
static void put_wildcard (writer_t *self)
{
    size_t at = self->size;
    while (at > 0 && strchr (SEPARATORS, self->text[at - 1]))
        at--;
    if (at > 0 && self->text[at - 1] == WILDCARD)
        self->size = at;
    else
        put (self, WILDCARD);
}

// "e89b" and "426614174000" of "123e4567-e89b-12d3-a456-426614174000".
static bool continues_uuid (const writer_t *self, const char *word, size_t size)
{
    size_t hex = 0;
    while (hex < size && isxdigit ((unsigned char) word[hex]))
        hex++;
    return hex == size && (size == 4 || size == 12) && self->size > 1 &&
           memcmp (self->text + self->size - 2, "#-", 2) == 0;
}

// A word, with the digits within it taken out: "test_12" and "test_13" are one.
static void put_word (writer_t *self, const char *word, size_t size)
{
    if (is_number (word, size) || is_measure (word, size) || continues_uuid (self, word, size)) {
        put_wildcard (self);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if (!isdigit ((unsigned char) word[i]))
            put (self, word[i]);
        else if (self->size == 0 || self->text[self->size - 1] != WILDCARD)
            put (self, WILDCARD);
    }
}

// Folders differ from machine to machine: the last part of a path stays.
static const char *skip_folders (const char *at)
{
    const char *end = at, *name = at;
    while (*end && is_path (*end)) {
        if (*end == '/' && end[1] && is_path (end[1]) && end[1] != '/')
            name = end + 1;
        end++;
    }
    return name;
}

const char *failure_normalise (arena_t *arena, const char *line, size_t most)
{
    writer_t out = {arena_alloc (arena, most + 1), 0, most};
    bool begins = true; // Nothing of a path came before
    for (const char *at = failure_text (line); *at && out.size < most;) {
        if (begins && is_path (*at))
            at = skip_folders (at);
        size_t size = 0;
        while (is_word (at[size]))
            size++;
        if (size > 0)
            put_word (&out, at, size);
        else if (*at != ' ' && *at != '\t')
            put (&out, *at);
        else if (out.size > 0 && out.text[out.size - 1] != ' ')
            put (&out, ' ');
        begins = size == 0 && !is_path (*at);
        at += size > 0 ? size : 1;
    }
    while (out.size > 0 && out.text[out.size - 1] == ' ')
        out.size--;
    out.text[out.size] = '\0';
    return out.text;
}

static void add (sha256_t *sum, arena_t *arena, const char *text)
{
    const char *normal = failure_normalise (arena, text, NORMAL_MAX);
    sha256_add (sum, normal, strlen (normal) + 1);
}

// From the line that tells the cause on: errors, or the last lines where nothing looks like one.
static size_t add_lines (sha256_t *sum, arena_t *arena, const log_line_items_t *lines,
                         const verdict_t *verdict)
{
    size_t added = 0;
    for (size_t i = verdict->line; i < lines->count && added < LINES_MAX; i++)
        if ((i == verdict->line || failure_is_error (lines->items[i].text)) &&
            !failure_is_exit (lines->items[i].text)) {
            add (sum, arena, lines->items[i].text);
            added++;
        }
    for (size_t i = lines->count > TAIL_LINES ? lines->count - TAIL_LINES : 0; added == 0 && i < lines->count;
         i++)
        add (sum, arena, lines->items[i].text);
    return added;
}

const char *failure_fingerprint (arena_t *arena, const failure_t *failure, const log_line_items_t *lines,
                                 const verdict_t *verdict)
{
    sha256_t sum;
    if (failure->cause == cause_cancelled)
        return "";
    sha256_init (&sum);
    add (&sum, arena, failure->step_name);
    const char *cause = state_name (&states_cause, failure->cause);
    sha256_add (&sum, cause, strlen (cause) + 1);
    if (failure->cause == cause_agent || failure->cause == cause_timeout)
        return sha256_hex (&sum, arena); // Where it was interrupted is chance
    for (size_t i = 0; i < failure->annotations.count && i < LINES_MAX; i++)
        add (&sum, arena, failure->annotations.items[i].message);
    if (failure->annotations.count == 0 && add_lines (&sum, arena, lines, verdict) == 0)
        add (&sum, arena, failure->reason);
    return sha256_hex (&sum, arena);
}
