/* lint_directives.c - "# opencicd-lint: off RULE, RULE": what the file itself says about the rules of lint.
 *
 * Before the first line that is not a comment, "on" and "off" hold for the whole file. After something "off" holds for that
 * line, on a line of its own for the next one. Only the rules of LINT_RULES can be switched: what would be refused when
 * the workflow is to run is always reported. */

#include "common/base/line.h"
#include "common/base/nearest.h"
#include "workflow/expression/text.h"
#include "workflow/lint/lint_rules.h"

#include <string.h>

#define MARK       "opencicd-lint:"
#define SEPARATORS " \t,\r"

typedef struct {
    lint_t *lint;
    int line;
    const char *begin; // Of the line
    bool head;         // Only comments until here
    bool own;          // Nothing but the comment on this line
} directive_t;

static void complain (const directive_t *self, const char *at, const char *message)
{
    int column = (int) text_length (self->begin, (size_t) (at - self->begin)) + 1;
    findings_add (self->lint->findings, self->line, column, SEVERITY_WARNING, "directive", "%s", message);
}

static void switch_rule (const directive_t *self, bool on, const char *id, const char *at)
{
    lint_t *lint = self->lint;
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    nearest_t nearest;
    nearest_begin (&nearest, id);
    for (size_t i = 0; i < count; i++) {
        nearest_offer (&nearest, rules[i].id);
        if (strcmp (rules[i].id, id) != 0)
            continue;
        if (self->head)
            lint->on[i] = on;
        if (self->head || on)
            return;
        lint->suppressions = arena_grow (lint->arena, lint->suppressions, lint->suppression_count,
                                         &lint->suppression_capacity, sizeof (lint->suppressions[0]));
        lint->suppressions[lint->suppression_count++] = (suppression_t){self->line + self->own, (rule_t) i};
        return;
    }
    complain (self, at,
              nearest.best ? arena_printf (lint->arena, "there is no rule \"%s\"; did you mean \"%s\"?", id,
                                           nearest.best)
                           : arena_printf (lint->arena, "there is no rule \"%s\"", id));
}

static void read_directive (const directive_t *self, const char *at, const char *end)
{
    at += strspn (at, SEPARATORS);
    bool on = strncmp (at, "on ", 3) == 0;
    if (!on && strncmp (at, "off ", 4) != 0) {
        complain (self, at, "a directive is \"off RULE, ...\" or, at the top of the file, \"on RULE, ...\"");
        return;
    }
    if (on && !self->head)
        complain (self, at, "rules are switched on at the top of the file, before anything else");
    at += on ? 3 : 4;
    while (at < end) {
        at += strspn (at, SEPARATORS);
        size_t size = strcspn (at, SEPARATORS "\n");
        if (size == 0 || at >= end)
            return;
        switch_rule (self, on, arena_strndup (self->lint->arena, at, size), at);
        at += size;
    }
}

void lint_directives (lint_t *self, const char *bytes, size_t size)
{
    directive_t directive = {.lint = self, .line = 1, .head = true};
    if (!memmem (bytes, size, MARK, strlen (MARK)))
        return;
    const char *text = arena_strndup (self->arena, bytes, size);
    for (line_t line = line_begin (text, strlen (text)); line_next (&line); directive.line++) {
        const char *at = line.text, *end = at + line.size, *first = at + strspn (at, " \t\r");
        directive.begin = at;
        directive.own = *first == '#';
        directive.head = directive.head && (directive.own || first == end);
        const char *hash = memchr (at, '#', (size_t) (end - at));
        const char *mark = hash ? memmem (hash, (size_t) (end - hash), MARK, strlen (MARK)) : NULL;
        if (mark)
            read_directive (&directive, mark + strlen (MARK), end);
    }
}

// They are in the order of their lines.
bool lint_is_suppressed (const lint_t *self, rule_t rule, int line)
{
    size_t low = 0, high = self->suppression_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->suppressions[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < self->suppression_count && self->suppressions[low].line == line; low++)
        if (self->suppressions[low].rule == rule)
            return true;
    return false;
}
