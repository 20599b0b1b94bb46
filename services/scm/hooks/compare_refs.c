/* compare_refs.c - see compare.h. */

#include "common/base/commit_id.h"
#include "common/base/line.h"
#include "common/base/utf8.h"
#include "services/scm/hooks/compare.h"

#include <stdlib.h>
#include <string.h>

#define PULLS "refs/pull/"

static bool begins (const char *text, const char *with)
{
    return strncmp (text, with, strlen (with)) == 0;
}

static int by_name (const void *a, const void *b)
{
    return strcmp (((const ref_row_t *) a)->ref, ((const ref_row_t *) b)->ref);
}

// "7" of "refs/pull/7/head"; 0: it is none.
static int64_t number_of (const char *ref, const char *prefix)
{
    if (!*prefix || !begins (ref, prefix))
        return 0;
    char *end;
    long long number = strtoll (ref + strlen (prefix), &end, 10);
    return strcmp (end, "/head") == 0 && number > 0 ? number : 0;
}

static bool read_line (turn_t *turn, const line_t *line, const char *pull_refs, ref_row_t *out)
{
    size_t size = commit_id_size (line->text);
    if (size == 0 || line->size <= size + 1 || line->text[size] != '\t')
        return false;
    const char *ref = arena_strndup (turn->arena, line->text + size + 1, line->size - size - 1);
    int64_t pull = number_of (ref, pull_refs);
    if (pull > 0)
        ref = arena_printf (turn->arena, PULLS "%lld/head", (long long) pull);
    else if (!begins (ref, "refs/heads/") && !begins (ref, "refs/tags/"))
        return false;
    *out = (ref_row_t){ref, arena_strndup (turn->arena, line->text, size)};
    return strlen (ref) <= MAX_TEXT && utf8_valid (ref, strlen (ref)); // No database takes another
}

// After an annotated tag comes what it is of: "refs/tags/v1^{}".
static bool is_peeled (ref_rows_t *list, const ref_row_t *row)
{
    size_t size = strlen (row->ref);
    if (size < 3 || strcmp (row->ref + size - 3, "^{}") != 0)
        return false;
    ref_row_t *last = list->count ? &list->items[list->count - 1] : NULL;
    if (last && strlen (last->ref) == size - 3 && strncmp (last->ref, row->ref, size - 3) == 0)
        last->sha = row->sha;
    return true;
}

fault_t compare_read (turn_t *turn, const char *text, size_t size, const char *pull_refs, ref_rows_t *out)
{
    size_t lines = 1, refs = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    *out = (ref_rows_t){arena_array (turn->arena, lines, sizeof (ref_row_t)), 0};
    for (line_t line = line_begin (text, size); line_next (&line);) {
        ref_row_t row;
        if (!read_line (turn, &line, pull_refs, &row) || is_peeled (out, &row))
            continue;
        refs += !begins (row.ref, PULLS);
        out->items[out->count++] = row;
    }
    if (refs > REFS_MAX)
        return turn_fail (turn, TOO_LARGE,
                          "the repository has %zu branches and tags; at most %d are compared", refs,
                          REFS_MAX);
    qsort (out->items, out->count, sizeof (ref_row_t), by_name);
    return OK;
}

static void add (ref_changes_t *out, const char *ref, const char *before, const char *after, int64_t pull)
{
    out->items[out->count++] = (ref_change_t){ref, before, after, pull};
}

static void compare (const ref_row_t *there, const ref_row_t *known, int64_t pulls_seen, ref_changes_t *out)
{
    int64_t pull = there ? number_of (there->ref, PULLS) : 0;
    out->largest = pull > out->largest ? pull : out->largest;
    if (!there && !begins (known->ref, PULLS))
        add (out, known->ref, known->sha, "", 0);
    else if (there && !known && (pull == 0 || pull > pulls_seen))
        add (out, there->ref, "", there->sha, pull);
    else if (there && known && strcmp (there->sha, known->sha) != 0)
        add (out, there->ref, known->sha, there->sha, pull);
}

void compare_refs (arena_t *arena, const ref_rows_t *there, const ref_rows_t *known, int64_t pulls_seen,
                   ref_changes_t *out)
{
    *out = (ref_changes_t){arena_array (arena, there->count + known->count + 1, sizeof (ref_change_t)), 0,
                           pulls_seen};
    for (size_t i = 0, j = 0; i < there->count || j < known->count;) {
        int order = i == there->count   ? 1
                    : j == known->count ? -1
                                        : strcmp (there->items[i].ref, known->items[j].ref);
        compare (order <= 0 ? &there->items[i] : NULL, order >= 0 ? &known->items[j] : NULL, pulls_seen, out);
        i += order <= 0;
        j += order >= 0;
    }
}
