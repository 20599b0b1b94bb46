/* gitlab_rules.c - `rules`, `when` and `workflow:rules` as the condition of a job. See gitlab.h.
 *
 * The first rule that matches decides: "a, else b" becomes "a || b", "never where a, else b" becomes "!a && b", and "by hand where a, else b"
 * becomes "a && input || !a && b". always() and failure() take the success() away that is implied for the whole condition: the other rules
 * say it then. What is not understood matches nothing, with a comment, and what it would have kept from running does not run. A manual job has an input of the workflow with its name: whoever starts the workflow ticks it. */

#include "cli/import/gitlab.h"
#include "workflow/expression/expression.h"

#include <ctype.h>
#include <string.h>

#define INPUTS_MAX 25 // Of a workflow, as GitHub has it

// ---- expressions: $A == "b" && $C =~ /d/ ----

typedef struct {
    gitlab_t *gitlab;
    const node_t *job;
    const char *p;
    const char *name; // Of the variable that was read last, if the file does not set it; "": none
    size_t depth;
    bool failed;
} reader_t;

static const char *read_or (reader_t *self);

static const char *give_up (reader_t *self)
{
    self->failed = true;
    return "false";
}

static void skip_blank (reader_t *self)
{
    while (isspace ((unsigned char) *self->p))
        self->p++;
}

static bool take (reader_t *self, const char *what)
{
    skip_blank (self);
    bool there = strncmp (self->p, what, strlen (what)) == 0;
    self->p += there ? strlen (what) : 0;
    return there;
}

// A variable that the file sets is constant; else GitLab's; else the project sets it, as a variable of the project here.
static const char *variable (reader_t *self, const char *name)
{
    arena_t *arena = self->gitlab->arena;
    const char *own = gitlab_value (node_get (node_get (self->job, "variables"), name));
    if (!own)
        own = gitlab_value (node_get (node_get (self->gitlab->root, "variables"), name));
    if (own)
        return strchr (own, '$') || strlen (own) > GITLAB_CONDITION ? give_up (self)
                                                                    : draft_literal (arena, own);
    self->name = name;
    const import_variable_t *given = import_variable (gitlab_variables, name);
    if (given && (!given->expression || *given->expression == '$'))
        return give_up (self);
    return given ? arena_printf (arena, "(%s)", given->expression) : arena_printf (arena, "vars.%s", name);
}

static const char *read_string (reader_t *self, char quote)
{
    const char *end = strchr (self->p, quote);
    if (!end)
        return give_up (self);
    const char *text = arena_strndup (self->gitlab->arena, self->p, (size_t) (end - self->p));
    self->p = end + 1;
    return draft_literal (self->gitlab->arena, text);
}

static const char *read_operand (reader_t *self)
{
    arena_t *arena = self->gitlab->arena;
    self->name = "";
    skip_blank (self);
    if (*self->p == '"' || *self->p == '\'')
        return read_string (self, *self->p++);
    if (take (self, "null"))
        return "null";
    if (*self->p != '$')
        return give_up (self);
    self->p++;
    bool braces = *self->p == '{';
    self->p += braces;
    size_t size = 0;
    while (isalnum ((unsigned char) self->p[size]) || self->p[size] == '_')
        size++;
    const char *name = arena_strndup (arena, self->p, size);
    self->p += size;
    if (!import_is_variable (name) || (braces && *self->p != '}'))
        return give_up (self);
    self->p += braces;
    return variable (self, name);
}

static const char *read_match (reader_t *self, const char *value, bool not )
{
    skip_blank (self);
    const char *end = *self->p == '/' ? self->p + 1 : NULL;
    while (end && *end && *end != '/')
        end += *end == '\\' && end[1] ? 2 : 1;
    if (!end || !*end)
        return give_up (self);
    end++;
    end += *end == 'i';
    const char *regex = arena_strndup (self->gitlab->arena, self->p, (size_t) (end - self->p));
    self->p = end;
    const char *is = gitlab_regex (self->gitlab, value, regex);
    return !is ? give_up (self) : not ? arena_printf (self->gitlab->arena, "!(%s)", is) : is;
}

// The commonest ones as people write them in a workflow.
static const struct {
    const char *variable, *literal; // NULL: set at all
    const char *condition;
} phrases[] = {{"CI_COMMIT_TAG", NULL, "github.ref_type == 'tag'"},
               {"CI_COMMIT_BRANCH", NULL, "startsWith(github.ref, 'refs/heads/')"},
               {"CI_MERGE_REQUEST_IID", NULL, "github.event_name == 'pull_request'"},
               {"CI_MERGE_REQUEST_ID", NULL, "github.event_name == 'pull_request'"},
               {"CI_COMMIT_BRANCH", "(github.event.repository.default_branch)",
                "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"},
               {"CI_PIPELINE_SOURCE", "'merge_request_event'", "github.event_name == 'pull_request'"},
               {"CI_PIPELINE_SOURCE", "'push'", "github.event_name == 'push'"},
               {"CI_PIPELINE_SOURCE", "'schedule'", "github.event_name == 'schedule'"},
               {"CI_PIPELINE_SOURCE", "'web'", "github.event_name == 'workflow_dispatch'"},
               {"CI_PIPELINE_SOURCE", "'api'", "github.event_name == 'workflow_dispatch'"},
               {"CI_PIPELINE_SOURCE", "'trigger'", "github.event_name == 'workflow_dispatch'"}};

static const char *phrase (reader_t *self, const char *variable, const char *literal)
{
    arena_t *arena = self->gitlab->arena;
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        const char *other = phrases[i].literal;
        if (strcmp (phrases[i].variable, variable) == 0 && !literal == !other &&
            (!other || strcmp (other, literal) == 0))
            return phrases[i].condition;
    }
    if (literal && literal[0] == '\'' && literal[1] != '\'' && strcmp (variable, "CI_COMMIT_BRANCH") == 0)
        return arena_printf (arena, "github.ref == 'refs/heads/%s", literal + 1);
    if (literal && literal[0] == '\'' && literal[1] != '\'' && strcmp (variable, "CI_COMMIT_TAG") == 0)
        return arena_printf (arena, "github.ref == 'refs/tags/%s", literal + 1);
    return NULL;
}

static const char *read_group (reader_t *self)
{
    if (self->depth++ > 20)
        return give_up (self);
    const char *inner = read_or (self);
    self->depth--;
    return take (self, ")") ? arena_printf (self->gitlab->arena, "(%s)", inner) : give_up (self);
}

// What is not set is null or empty, which are one here. NULL: it is compared with that.
static const char *read_other (reader_t *self)
{
    const char *other = read_operand (self);
    return strcmp (other, "null") == 0 || strcmp (other, "''") == 0 ? NULL : other;
}

static const char *read_comparison (reader_t *self)
{
    arena_t *arena = self->gitlab->arena;
    if (take (self, "("))
        return read_group (self);
    const char *one = read_operand (self), *name = self->name, *other = NULL;
    bool match = take (self, "=~"), equal = true;
    if (match || take (self, "!~"))
        return self->failed ? "false" : read_match (self, one, !match);
    if (take (self, "=="))
        equal = (other = read_other (self)) != NULL;
    else if (take (self, "!="))
        equal = (other = read_other (self)) == NULL;
    const char *known = phrase (self, name, other);
    if (known)
        return equal ? known : arena_printf (arena, "!(%s)", known);
    return arena_printf (arena, "%s %s %s", one,
                         equal == (other != NULL) ? "==" : "!=", other ? other : "''");
}

// What is read so far; given up where it is too long already, as each term may be a variable's whole text.
static const char *bounded (reader_t *self, const char *out)
{
    return strlen (out) > GITLAB_CONDITION ? give_up (self) : out;
}

static const char *read_and (reader_t *self)
{
    const char *out = bounded (self, read_comparison (self));
    while (!self->failed && take (self, "&&"))
        out = bounded (self, arena_printf (self->gitlab->arena, "%s && %s", out, read_comparison (self)));
    return out;
}

static const char *read_or (reader_t *self)
{
    const char *out = read_and (self);
    while (!self->failed && take (self, "||"))
        out = bounded (self, arena_printf (self->gitlab->arena, "%s || %s", out, read_and (self)));
    return out;
}

const char *gitlab_expression (gitlab_t *self, const node_t *job, const char *text)
{
    reader_t reader = {.gitlab = self, .job = job, .p = text};
    expression_error_t error;
    const expression_t *expression;
    const char *out = strlen (text) < GITLAB_CONDITION ? read_or (&reader) : give_up (&reader);
    skip_blank (&reader);
    if (reader.failed || *reader.p || strlen (out) > GITLAB_CONDITION ||
        expression_parse (self->arena, out, strlen (out), &expression, &error) != OK)
        return NULL;
    return out;
}

// ---- rules ----

static const char *when_of (const node_t *map, const char *otherwise)
{
    const node_t *when = node_get (map, "when");
    return when && node_is_scalar (when) ? when->text : otherwise;
}

static const char *not_of (arena_t *arena, const char *condition)
{
    if (strcmp (condition, "true") == 0 || strcmp (condition, "false") == 0)
        return *condition == 't' ? "false" : "true";
    return arena_printf (arena, "!(%s)", condition);
}

static const char *or_of (arena_t *arena, const char *one, const char *other)
{
    if (strcmp (one, "true") == 0 || strcmp (other, "true") == 0)
        return "true";
    if (strcmp (one, "false") == 0 || strcmp (other, "false") == 0)
        return strcmp (one, "false") == 0 ? other : one;
    return arena_printf (arena, "%s || %s", one, other);
}

static const char *and_of (arena_t *arena, const char *one, const char *other)
{
    if (strcmp (one, "true") == 0)
        return other;
    if (strcmp (other, "true") == 0)
        return one;
    if (strcmp (one, "false") == 0 || strcmp (other, "false") == 0)
        return "false";
    return import_and (arena, one, other);
}

// Does it match? NULL, with a comment, where that cannot be said, as it cannot of what a rule looks at beside `if`. `last`: what comes after
// it would run although it must not, so that nothing after it matches either.
static const char *match_of (gitlab_t *self, const node_t *job, const node_t *rule, bool last, draft_t *notes)
{
    const char *so = last ? "this rule and those after it never match" : "this rule never matches";
    static const char *const files[] = {"changes", "exists"};
    const node_t *test = node_get (rule, "if");
    const char *match = test ? gitlab_expression (self, job, test->text) : "true";
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (node_get (rule, files[i])) {
            import_note (self->import, notes, rule->line, "%s: %s; %s", files[i],
                         gitlab_json (self, node_get (rule, files[i])), so);
            return NULL;
        }
    if (!match)
        import_note (self->import, notes, rule->line, "if: %s; %s", gitlab_json (self, test), so);
    return match;
}

// By hand: the input of the job's name.
static const char *by_hand (gitlab_t *self, gitlab_job_t *job, int line)
{
    const char *name = job->job->id;
    draft_t *input = draft_map (self->arena);
    if (!draft_get (self->inputs, name) && draft_count (self->inputs) == INPUTS_MAX) {
        import_note (self->import, job->job->head, line,
                     "when: manual; there are %d such inputs, it never runs", INPUTS_MAX);
        return "false";
    }
    draft_set_text (input, "description", arena_printf (self->arena, "Run \"%s\"", job->job->name));
    draft_set_text (input, "type", "boolean");
    draft_set (input, "default", draft_bare (self->arena, "false"));
    draft_set (self->inputs, name, input);
    return arena_printf (self->arena, "inputs['%s']", name);
}

// What `when` adds to a match.
static const char *timed (gitlab_t *self, gitlab_job_t *job, const char *when, int line)
{
    if (strcmp (when, "manual") == 0)
        return by_hand (self, job, line);
    if (strcmp (when, "always") == 0)
        return "always()";
    if (strcmp (when, "on_failure") == 0)
        return "failure()";
    if (strcmp (when, "on_success") != 0)
        import_note (self->import, job->job->head, line, "when: %s", when);
    return "true";
}

static void note_rule (gitlab_t *self, const node_t *rule, draft_t *notes)
{
    static const char *const keys[] = {"variables", "needs", "interruptible"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (node_get (rule, keys[i]))
            import_note (self->import, notes, rule->line, "%s of a rule: %s", keys[i],
                         gitlab_json (self, node_get (rule, keys[i])));
}

static const char *preset_of (const gitlab_job_t *job)
{
    return job ? when_of (job->node, "on_success") : "always";
}

static bool has_when (const node_t *rules, const char *preset, const char *when)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i]->kind == NODE_MAP && strcmp (when_of (rules->items[i], preset), when) == 0)
            return true;
    return false;
}

// One rule over those after it, whose condition is `rest`. `status`: does one of them ask how earlier jobs ended?
static const char *add_rule (gitlab_t *self, gitlab_job_t *job, const node_t *rule, const char *rest,
                             bool status, draft_t *notes)
{
    arena_t *arena = self->arena;
    const char *when = when_of (rule, preset_of (job)), *does = "true";
    bool never = strcmp (when, "never") == 0,
         plain = !never && (!job || (strcmp (when, "on_success") == 0 && !status));
    const char *match = match_of (self, job ? job->node : NULL, rule, !plain, notes);
    note_rule (self, rule, notes);
    if (!match)
        return plain ? rest : "false";
    if (job && !never)
        does = timed (self, job, when, rule->line);
    if (never)
        does = "false";
    else if (status && !import_asks_status (arena, does))
        does = and_of (arena, does, IMPORT_SUCCEEDED);
    // Where it matches and does not run, the rules after it are not asked
    if (strcmp (does, "true") != 0)
        rest = and_of (arena, not_of (arena, match), rest);
    return or_of (arena, and_of (arena, match, does), rest);
}

// Folded from the last. `job` NULL: those of the workflow.
static const char *rules_of (gitlab_t *self, gitlab_job_t *job, const node_t *rules, draft_t *notes)
{
    const char *out = "false";
    bool status = job && (has_when (rules, preset_of (job), "always") ||
                          has_when (rules, preset_of (job), "on_failure"));
    for (size_t i = rules->kind == NODE_LIST ? rules->count : 0; i-- > 0;) {
        const node_t *rule = rules->items[i];
        if (rule->kind != NODE_MAP) {
            import_note (self->import, notes, rule->line, "a rule: %s", gitlab_json (self, rule));
            continue;
        }
        out = add_rule (self, job, rule, out, status, notes);
        if (strlen (out) > GITLAB_CONDITION) {
            import_note (self->import, notes, rules->line, "so many rules; nothing matches them");
            return "false";
        }
    }
    return out;
}

void gitlab_workflow (gitlab_t *self)
{
    const node_t *workflow = node_get (self->root, "workflow"),
                 *rules = workflow ? gitlab_key (self, workflow, "rules") : NULL;
    for (size_t i = 0; workflow && workflow->kind == NODE_MAP && i < workflow->count; i++)
        if (strcmp (workflow->keys[i]->text, "rules") != 0)
            import_note (self->import, self->import->top, workflow->keys[i]->line, "workflow: %s: %s",
                         workflow->keys[i]->text, gitlab_json (self, workflow->items[i]));
    if (!rules)
        return;
    const char *condition = rules_of (self, NULL, rules, self->import->top);
    self->ruled = true;
    self->condition = strcmp (condition, "true") == 0 ? NULL : condition;
}

static void allow_failure (gitlab_t *self, const gitlab_job_t *job)
{
    const node_t *allow = node_get (job->node, "allow_failure"),
                 *rules = gitlab_key (self, job->node, "rules");
    bool allows = allow && allow->kind == NODE_BOOL && allow->boolean;
    for (size_t i = 0; rules && rules->kind == NODE_LIST && i < rules->count; i++) {
        const node_t *one = node_get (rules->items[i], "allow_failure");
        allows = allows || (one && one->kind == NODE_BOOL && one->boolean);
    }
    if (allow && allow->kind == NODE_MAP)
        import_note (self->import, job->job->head, allow->line, "allow_failure: %s",
                     gitlab_json (self, allow));
    if (allows)
        draft_set (job->job->head, "continue-on-error", draft_bare (self->arena, "true"));
}

void gitlab_conditions (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *rules = gitlab_key (self, job->node, "rules");
    const char *condition, *when = when_of (job->node, "on_success");
    if (rules)
        condition = rules_of (self, job, rules, job->job->head);
    else {
        if (!gitlab_only (self, job, &condition)) // Branches and tags, unless the workflow says more
            condition = self->pulls && !self->ruled ? "github.event_name != 'pull_request'" : "true";
        if (strcmp (when, "never") == 0)
            condition = "false";
        else
            condition = and_of (self->arena, condition, timed (self, job, when, job->node->line));
    }
    allow_failure (self, job);
    if (strcmp (condition, "true") != 0)
        import_condition (self->import, job->job, condition);
    if (self->condition)
        import_condition (self->import, job->job, self->condition);
}
