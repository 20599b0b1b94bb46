/* gitlab_only.c - `only` and `except`, and regular expressions as far as conditions can say them. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <ctype.h>
#include <string.h>

#define ALTERNATIVES_MAX 2000 // Bytes of their condition

// ---- /regex/ ----

// The text that a piece of a regular expression matches alone; NULL where it matches more than one.
static const char *plain_of (arena_t *arena, const char *from, const char *to)
{
    char *text = arena_alloc (arena, (size_t) (to - from) + 1);
    size_t count = 0;
    for (; from < to; from++) {
        if (*from == '\\') {
            if (++from == to || isalnum ((unsigned char) *from))
                return NULL;
        } else if (strchr (".*+?[](){}|^$", *from))
            return NULL;
        text[count++] = *from;
    }
    return text;
}

// One alternative: ^text$, ^text, text$, text; ".*" at an open end says nothing.
static const char *alternative (arena_t *arena, const char *value, const char *from, const char *to,
                                bool start, bool end)
{
    if (to - from >= 2 && !start && memcmp (from, ".*", 2) == 0)
        from += 2;
    bool rest = to - from >= 2 && memcmp (to - 2, ".*", 2) == 0 && (to - from < 3 || to[-3] != '\\');
    if (rest) {
        to -= 2;
        end = false;
    }
    const char *text = plain_of (arena, from, to);
    if (!text)
        return NULL;
    if (!*text)
        return "true";
    const char *literal = draft_literal (arena, text);
    if (start && end)
        return arena_printf (arena, "%s == %s", value, literal);
    return arena_printf (arena, "%s(%s, %s)",
                         start ? "startsWith"
                         : end ? "endsWith"
                               : "contains",
                         value, literal);
}

typedef struct {
    const char *from, *to; // Without anchors and the brackets around all of it
    bool start, end;       // ^ and $
} gitlab_regex_t;

// ^ and $ belong to all alternatives only where these are in brackets.
static bool read_regex (const char *text, gitlab_regex_t *out)
{
    const char *from = text + 1, *to = strrchr (text, '/');
    if (*text != '/' || to <= text)
        return false;
    out->start = *from == '^';
    from += out->start;
    out->end = to > from && to[-1] == '$' && to[-2] != '\\';
    to -= out->end;
    if (to - from >= 2 && *from == '(' && to[-1] == ')') {
        from += to - from >= 4 && memcmp (from, "(?:", 3) == 0 ? 3 : 1;
        to--;
    } else if (memchr (from, '|', (size_t) (to - from)) && (out->start || out->end))
        return false;
    out->from = from;
    out->to = to;
    return true;
}

const char *gitlab_regex (gitlab_t *self, const char *value, const char *regex)
{
    gitlab_regex_t read;
    const char *out = NULL;
    if (!read_regex (regex, &read))
        return NULL;
    for (const char *p = read.from;; p++) {
        const char *bar = memchr (p, '|', (size_t) (read.to - p));
        const char *one = alternative (self->arena, value, p, bar ? bar : read.to, read.start, read.end);
        if (!one || (out && strlen (out) > ALTERNATIVES_MAX))
            return NULL;
        out = out ? arena_printf (self->arena, "%s || %s", out, one) : one;
        if (!bar)
            return strstr (out, "||") ? arena_printf (self->arena, "(%s)", out) : out;
        p = bar;
    }
}

// ---- only, except ----

// Source: GitLab's "only:refs / except:refs".
static const struct {
    const char *word, *condition;
} words[] = {{"branches", "startsWith(github.ref, 'refs/heads/')"},
             {"tags", "github.ref_type == 'tag'"},
             {"merge_requests", "github.event_name == 'pull_request'"},
             {"pushes", "github.event_name == 'push'"},
             {"schedules", "github.event_name == 'schedule'"},
             {"web", "github.event_name == 'workflow_dispatch'"},
             {"api", "github.event_name == 'workflow_dispatch'"},
             {"triggers", "github.event_name == 'workflow_dispatch'"}};

static const char *ref_condition (gitlab_t *self, const node_t *item)
{
    static const char *const others[] = {"external", "pipelines", "chat", "external_pull_requests"};
    const char *text = item->text;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp (words[i].word, text) == 0)
            return words[i].condition;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp (others[i], text) == 0)
            return "false";
    if (*text == '/')
        return gitlab_regex (self, "github.ref_name", text);
    if (!*text || strpbrk (text, "@$"))
        return NULL; // @group/project, or a variable
    return arena_printf (self->arena, "github.ref_name == %s", draft_literal (self->arena, text));
}

static const char *either (gitlab_t *self, const char *one, const char *other)
{
    return one ? arena_printf (self->arena, "%s || %s", one, other) : other;
}

static bool is_long (const char *condition)
{
    return condition && strlen (condition) > GITLAB_CONDITION;
}

// Any of them. What is not understood is noted and left out: as `only` it matches nothing.
static const char *any_ref (gitlab_t *self, gitlab_job_t *job, const node_t *refs, bool *understood)
{
    const char *out = NULL;
    size_t count = refs->kind == NODE_LIST ? refs->count : 1;
    for (size_t i = 0; i < count; i++) {
        const node_t *item = refs->kind == NODE_LIST ? refs->items[i] : refs;
        const char *condition = node_is_scalar (item) ? ref_condition (self, item) : NULL;
        if (condition && !is_long (out))
            out = either (self, out, condition);
        else {
            import_note (self->import, job->job->head, item->line, "a ref: %s", gitlab_json (self, item));
            *understood = false;
        }
    }
    return out;
}

static const char *any_variable (gitlab_t *self, gitlab_job_t *job, const node_t *list, bool *understood)
{
    const char *out = NULL;
    for (size_t i = 0; list->kind == NODE_LIST && i < list->count; i++) {
        const char *condition = gitlab_expression (self, job->node, list->items[i]->text);
        if (condition && !is_long (out))
            out = either (self, out, condition);
        else {
            import_note (self->import, job->job->head, list->items[i]->line, "a condition: %s",
                         gitlab_json (self, list->items[i]));
            *understood = false;
        }
    }
    return out;
}

// `only: [refs]`, or `only: {refs, variables, changes}`, of which all must hold, for `except` any. NULL: it is not there.
static const char *clause (gitlab_t *self, gitlab_job_t *job, const node_t *node, bool all, bool *understood)
{
    const char *out = NULL;
    if (node->kind != NODE_MAP)
        return any_ref (self, job, node, understood);
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i]->text, *next = NULL;
        if (strcmp (key, "refs") == 0)
            next = any_ref (self, job, node->items[i], understood);
        else if (strcmp (key, "variables") == 0)
            next = any_variable (self, job, node->items[i], understood);
        else {
            import_note (self->import, job->job->head, node->keys[i]->line, "%s: %s", key,
                         gitlab_json (self, node->items[i]));
            *understood = false;
        }
        if (next)
            out = all ? import_and (self->arena, out, next) : either (self, out, next);
    }
    return out;
}

bool gitlab_only (gitlab_t *self, gitlab_job_t *job, const char **out)
{
    const node_t *only = gitlab_key (self, job->node, "only"),
                 *except = gitlab_key (self, job->node, "except");
    bool understood = true, only_understood = true;
    const char *wanted = only ? clause (self, job, only, true, &only_understood) : NULL;
    const char *unwanted = except ? clause (self, job, except, false, &understood) : NULL;
    if (!only && !except)
        return false;
    // What was not understood in a map of `only` was another condition, in a list another ref
    if (!understood || (only && !only_understood && only->kind == NODE_MAP) || (only && !wanted)) {
        import_note (self->import, job->job->head, job->node->line,
                     "only or except; the job never runs until you write its condition");
        *out = "false";
        return true;
    }
    *out = import_and (self->arena, wanted, unwanted ? arena_printf (self->arena, "!(%s)", unwanted) : NULL);
    if (!*out)
        *out = "true";
    return true;
}
