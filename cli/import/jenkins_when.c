/* jenkins_when.c - `when { }` and Groovy's expressions as conditions of a workflow. See jenkins.h.
 *
 * Each condition is made twice, as a step's and as a job's, which may not name `env`. What is not understood must not run by chance: it
 * becomes false, with a comment. */

#include "cli/import/jenkins.h"
#include "workflow/expression/expression.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    jenkins_t *jenkins;
    bool step;
} when_t;

static const char *all_of (when_t *self, const groovy_t *block, const char *operator);

// ---- Groovy's expressions ----

// 'text' or "text" without ${}; NULL for another string. *used is what it takes.
static const char *string_token (jenkins_t *self, const char *p, const char *end, size_t *used)
{
    const char *close = memchr (p + 1, *p, (size_t) (end - p - 1));
    if (!close || memchr (p, '\\', (size_t) (close - p)) || memchr (p, '\n', (size_t) (close - p)) ||
        (*p == '"' && memchr (p, '$', (size_t) (close - p))))
        return NULL;
    *used = (size_t) (close + 1 - p);
    return draft_literal (self->arena, arena_strndup (self->arena, p + 1, (size_t) (close - p - 1)));
}

static bool is_constant (const char *name)
{
    return strcmp (name, "true") == 0 || strcmp (name, "false") == 0 || strcmp (name, "null") == 0;
}

static const char *name_token (jenkins_t *self, const char *p, const char *end, bool step, size_t *used)
{
    for (*used = 0; p + *used < end && (isalnum ((unsigned char) p[*used]) || strchr ("_.", p[*used]));)
        ++*used;
    const char *name = arena_strndup (self->arena, p, *used);
    if (is_constant (name))
        return name;
    bool variable = strncmp (name, "env.", 4) == 0;
    name += variable ? 4 : strncmp (name, "params.", 7) == 0 ? 7 : 0;
    if (!import_is_variable (name))
        return NULL;
    const jenkins_binding_t *bound = jenkins_bound (self, name);
    if (bound && bound->expression)
        return bound->expression;
    return step && (bound || variable) ? arena_printf (self->arena, "env.%s", name) : NULL;
}

// The same in both languages; NULL for all others.
static const char *operator_token (const char *p, const char *end, size_t *used)
{
    static const char *const operators[] = {"==", "!=", "&&", "||", "(", ")", "!"};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        *used = strlen (operators[i]);
        if ((size_t) (end - p) >= *used && memcmp (p, operators[i], *used) == 0)
            return operators[i];
    }
    return NULL;
}

static const char *token (jenkins_t *self, const char *p, const char *end, bool step, size_t *used)
{
    if (*p == '\'' || *p == '"')
        return string_token (self, p, end, used);
    if (isalpha ((unsigned char) *p) || *p == '_')
        return name_token (self, p, end, step, used);
    return operator_token (p, end, used);
}

static bool is_expression (arena_t *arena, const char *text)
{
    const expression_t *expression;
    expression_error_t error;
    return expression_parse (arena, text, strlen (text), &expression, &error) == OK;
}

const char *jenkins_expression (jenkins_t *self, const char *source, size_t size, bool step)
{
    const char *p = source, *end = source + size, *out = "";
    while (p < end && isspace ((unsigned char) *p))
        p++;
    if (end - p > 7 && memcmp (p, "return ", 7) == 0)
        p += 7;
    while (end > p && (isspace ((unsigned char) end[-1]) || end[-1] == ';'))
        end--;
    for (size_t used; p < end; p += used) {
        used = 1;
        if (isspace ((unsigned char) *p))
            continue;
        const char *next = token (self, p, end, step, &used);
        if (!next || strlen (out) > 4000)
            return NULL;
        out = arena_printf (self->arena, "%s%s%s", out, *out ? " " : "", next);
    }
    return *out && is_expression (self->arena, out) ? arena_printf (self->arena, "(%s)", out) : NULL;
}

// ---- branches and tags ----

// Ant's patterns as far as startsWith and endsWith can say them.
static const char *ref_matches (when_t *self, const char *kind, const groovy_t *call)
{
    arena_t *arena = self->jenkins->arena;
    const char *how = groovy_argument_text (call, "comparator"),
               *pattern = groovy_argument_text (call, "pattern");
    if (!pattern)
        pattern = groovy_argument_text (call, NULL);
    if (!pattern || (how && strcmp (how, "GLOB") != 0 && strcmp (how, "EQUALS") != 0))
        return NULL;
    size_t star = strcspn (pattern, "*"), stars = strspn (pattern + star, "*");
    const char *rest = pattern + star + stars;
    if (strchr (pattern, '?') || strchr (rest, '*') || strchr (pattern, '$'))
        return NULL;
    if (stars == 0)
        return arena_printf (arena, "github.ref == %s",
                             draft_literal (arena, arena_printf (arena, "refs/%s/%s", kind, pattern)));
    const char *start =
        draft_literal (arena, arena_printf (arena, "refs/%s/%.*s", kind, (int) star, pattern));
    const char *condition = arena_printf (arena, "startsWith(github.ref, %s)", start);
    return *rest ? arena_printf (arena, "%s && endsWith(github.ref, %s)", condition,
                                 draft_literal (arena, rest))
                 : condition;
}

// ---- the conditions, one a row ----

static const char *when_branch (when_t *self, const groovy_t *call)
{
    return ref_matches (self, "heads", call);
}

static const char *when_tag (when_t *self, const groovy_t *call)
{
    return call->count ? ref_matches (self, "tags", call) : "github.ref_type == 'tag'";
}

static const char *when_building_tag (when_t *self, const groovy_t *call)
{
    (void) self;
    (void) call;
    return "github.ref_type == 'tag'";
}

static const char *when_change (when_t *self, const groovy_t *call)
{
    static const char pull[] = "github.event_name == 'pull_request'";
    const char *target = groovy_argument_text (call, "target");
    if (call->count == 0)
        return pull;
    if (call->count != 1 || !target || strpbrk (target, "*?"))
        return NULL;
    return arena_printf (self->jenkins->arena, "%s && github.base_ref == %s", pull,
                         draft_literal (self->jenkins->arena, target));
}

static const char *operand (when_t *self, const groovy_t *value)
{
    if (!value)
        return NULL;
    if (value->kind == GROOVY_NUMBER)
        return draft_literal (self->jenkins->arena, value->text);
    return jenkins_expression (self->jenkins, value->source, value->size, self->step);
}

static const char *equal (when_t *self, const char *one, const char *other)
{
    return one && other ? arena_printf (self->jenkins->arena, "%s == %s", one, other) : NULL;
}

static const char *when_environment (when_t *self, const groovy_t *call)
{
    const char *name = groovy_argument_text (call, "name");
    if (!name || !import_is_variable (name))
        return NULL;
    const char *variable = arena_printf (self->jenkins->arena, "env.%s", name);
    return equal (self, jenkins_expression (self->jenkins, variable, strlen (variable), self->step),
                  operand (self, groovy_argument (call, "value")));
}

static const char *when_equals (when_t *self, const groovy_t *call)
{
    return equal (self, operand (self, groovy_argument (call, "actual")),
                  operand (self, groovy_argument (call, "expected")));
}

static const char *when_expression (when_t *self, const groovy_t *call)
{
    if (!call->block || call->block->size < 2)
        return NULL;
    return jenkins_expression (self->jenkins, call->block->source + 1, call->block->size - 2, self->step);
}

static const char *when_triggered (when_t *self, const groovy_t *call)
{
    static const struct {
        const char *cause, *event;
    } causes[] = {{"TimerTrigger", "schedule"}, {"SCMTrigger", "push"}, {"UserIdCause", "workflow_dispatch"}};
    const char *cause = groovy_argument_text (call, "cause");
    if (!cause)
        cause = groovy_argument_text (call, NULL);
    for (size_t i = 0; cause && i < sizeof causes / sizeof causes[0]; i++)
        if (strcmp (causes[i].cause, cause) == 0)
            return arena_printf (self->jenkins->arena, "github.event_name == '%s'", causes[i].event);
    return NULL;
}

static const char *when_not (when_t *self, const groovy_t *call)
{
    const char *inner = call->block ? all_of (self, call->block, "&&") : NULL;
    return inner ? arena_printf (self->jenkins->arena, "!(%s)", inner) : NULL;
}

static const char *when_all (when_t *self, const groovy_t *call)
{
    return call->block ? all_of (self, call->block, "&&") : NULL;
}

static const char *when_any (when_t *self, const groovy_t *call)
{
    return call->block ? all_of (self, call->block, "||") : NULL;
}

static const struct {
    const char *name;
    const char *(*condition) (when_t *self, const groovy_t *call);
} conditions[] = {{"branch", when_branch},
                  {"tag", when_tag},
                  {"buildingTag", when_building_tag},
                  {"changeRequest", when_change},
                  {"environment", when_environment},
                  {"equals", when_equals},
                  {"expression", when_expression},
                  {"triggeredBy", when_triggered},
                  {"not", when_not},
                  {"allOf", when_all},
                  {"anyOf", when_any}};

// beforeAgent, beforeInput, beforeOptions: when it is asked, which is always before the job here.
static bool is_order (const groovy_t *call)
{
    return call->kind == GROOVY_CALL && strncmp (call->text, "before", 6) == 0;
}

static const char *condition_of (when_t *self, const groovy_t *call)
{
    for (size_t i = 0; call->kind == GROOVY_CALL && i < sizeof conditions / sizeof conditions[0]; i++)
        if (strcmp (conditions[i].name, call->text) == 0)
            return conditions[i].condition (self, call);
    return NULL;
}

// NULL where one of them is not understood, or there is none.
static const char *all_of (when_t *self, const groovy_t *block, const char *operator)
{
    const char *out = NULL;
    size_t terms = 0;
    for (size_t i = 0; i < block->count; i++) {
        if (is_order (block->items[i]))
            continue;
        const char *next = condition_of (self, block->items[i]);
        if (!next)
            return NULL;
        if (strstr (next, "||") || strstr (next, "&&"))
            next = arena_printf (self->jenkins->arena, "(%s)", next);
        out = terms++ ? arena_printf (self->jenkins->arena, "%s %s %s", out, operator, next) : next;
    }
    return out;
}

void jenkins_when (jenkins_t *self, const groovy_t *section, jenkins_scope_t *scope, draft_t *notes)
{
    if (!section)
        return;
    when_t step = {self, true}, job = {self, false};
    const char *of_step = section->block ? all_of (&step, section->block, "&&") : NULL;
    const char *of_job = of_step ? all_of (&job, section->block, "&&") : "false";
    bool outer = !scope->condition || scope->job_condition;
    if (!of_step) {
        import_quote (self->import, notes, section->line, section->source, section->size,
                      "a condition; what depends on it never runs until you write it");
        of_step = "false";
    }
    scope->condition = import_and (self->arena, scope->condition, of_step);
    scope->job_condition = outer && of_job ? import_and (self->arena, scope->job_condition, of_job) : NULL;
}
