/* docker_ignore.c - see docker_ignore.h. Paths and patterns are compared segment by segment: the work is bounded by their product. */

#include "agent/engine/docker/docker_ignore.h"

#include "common/base/line.h"

#include <string.h>

typedef struct {
    const char *text;
    size_t size;
} path_segment_t;

// 0 for too many. Empty ones and . are left out.
static size_t split (const char *text, size_t size, path_segment_t *out)
{
    size_t count = 0;
    for (size_t at = 0; at < size;) {
        const char *slash = memchr (text + at, '/', size - at);
        size_t length = slash ? (size_t) (slash - text) - at : size - at;
        bool nothing = length == 0 || (length == 1 && text[at] == '.');
        if (!nothing && count == DOCKER_IGNORE_SEGMENTS)
            return 0;
        if (!nothing)
            out[count++] = (path_segment_t){text + at, length};
        at += length + 1;
    }
    return count;
}

// ---- one segment

// A class at `at`, which is after its [; *ok says whether it holds c. Returns where it ends, 0 where it does not.
static size_t match_class (const path_segment_t *pattern, size_t at, char c, bool *ok)
{
    bool negated = at < pattern->size && (pattern->text[at] == '^' || pattern->text[at] == '!'),
         found = false;
    size_t first = at += negated;
    for (; at < pattern->size && (pattern->text[at] != ']' || at == first); at++) {
        char low = pattern->text[at], high = low;
        if (at + 2 < pattern->size && pattern->text[at + 1] == '-' && pattern->text[at + 2] != ']') {
            high = pattern->text[at + 2];
            at += 2;
        }
        found = found || (low <= c && c <= high);
    }
    *ok = found != negated;
    return at < pattern->size ? at + 1 : 0;
}

// Does what is at `at` of the pattern take this character? *next: what follows it there.
static bool match_one (const path_segment_t *pattern, size_t at, char c, size_t *next)
{
    bool ok = false;
    if (at >= pattern->size)
        return false;
    *next = at + 1;
    if (pattern->text[at] == '?')
        return true;
    if (pattern->text[at] == '[') {
        size_t end = match_class (pattern, at + 1, c, &ok);
        if (end) {
            *next = end;
            return ok;
        }
    }
    if (pattern->text[at] == '\\' && at + 1 < pattern->size)
        *next = ++at + 1;
    return pattern->text[at] == c;
}

// The last * takes one more where the rest does not fit: nothing before it need be tried again.
static bool match_segment (const path_segment_t *pattern, const path_segment_t *name)
{
    size_t at = 0, i = 0, star = (size_t) -1, from = 0, next;
    while (i < name->size) {
        if (at < pattern->size && pattern->text[at] == '*') {
            star = at++;
            from = i;
        } else if (match_one (pattern, at, name->text[i], &next)) {
            at = next;
            i++;
        } else if (star != (size_t) -1) {
            at = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (at < pattern->size && pattern->text[at] == '*')
        at++;
    return at == pattern->size;
}

// ---- a path

static bool is_any (const path_segment_t *segment)
{
    return segment->size == 2 && memcmp (segment->text, "**", 2) == 0;
}

// fits[k]: the pattern so far takes exactly the first k segments. Where the whole pattern takes a part of them, that is a folder above.
static bool match_path (const path_segment_t *pattern, size_t count, const path_segment_t *path, size_t depth)
{
    bool fits[DOCKER_IGNORE_SEGMENTS + 1] = {true};
    for (size_t i = 0; i < count; i++) {
        bool more[DOCKER_IGNORE_SEGMENTS + 1] = {false};
        for (size_t k = 0; k <= depth; k++) {
            if (is_any (pattern + i))
                more[k] = fits[k] || (k > 0 && more[k - 1]);
            else
                more[k] = k > 0 && fits[k - 1] && match_segment (pattern + i, path + k - 1);
        }
        memcpy (fits, more, sizeof (fits));
    }
    for (size_t k = 1; k <= depth; k++)
        if (fits[k])
            return true;
    return false;
}

bool docker_ignore_has (const docker_ignore_t *self, const char *path)
{
    path_segment_t names[DOCKER_IGNORE_SEGMENTS], segments[DOCKER_IGNORE_SEGMENTS];
    size_t depth = split (path, strlen (path), names);
    bool ignored = false;
    for (size_t i = 0; i < self->count && depth; i++) {
        const docker_pattern_t *pattern = self->items + i;
        if (pattern->back != ignored) // It would change nothing
            continue;
        size_t count = split (pattern->text, strlen (pattern->text), segments);
        if (count && match_path (segments, count, names, depth))
            ignored = !pattern->back;
    }
    return ignored;
}

void docker_ignore_read (docker_ignore_t *self, arena_t *arena, const char *text, size_t size)
{
    *self = (docker_ignore_t){.count = 0};
    for (line_t line = line_begin (text, size); line_next (&line) && self->count < DOCKER_IGNORE_PATTERNS;) {
        line_trim (&line);
        if (!line.size || line.text[0] == '#')
            continue;
        bool back = line.text[0] == '!';
        self->items =
            arena_grow (arena, self->items, self->count, &self->capacity, sizeof (docker_pattern_t));
        self->items[self->count++] =
            (docker_pattern_t){arena_strndup (arena, line.text + back, line.size - back), back};
        self->any_back = self->any_back || back;
    }
}
