/* eval.c - `opencicd eval`: one expression of the workflow language, evaluated here. */

#include "cli/command/command.h"
#include "cli/files/input.h"
#include "workflow/expression/explain.h"
#include "workflow/expression/function.h"
#include "workflow/expression/text.h"

#include <string.h>
#include <strings.h>

#define MORE_WIDTH 60 // Width of a part's source, after which its value is aligned

typedef struct {
    const value_t *contexts; // NULL: none were given
    const value_t *empty;
} eval_world_t;

static const char *const contexts[] = {
#define NAME(name) #name,
    EXPRESSION_CONTEXTS (NAME)
#undef NAME
};
#define CONTEXT_COUNT (sizeof contexts / sizeof contexts[0])

static const value_t *context (void *self, const char *name)
{
    const eval_world_t *world = self;
    const value_t *given = value_get (world->contexts, name);
    return given ? given : world->empty;
}

// As in a step's `if`: by job.status, which is success unless given.
static bool status (void *self, const char *name)
{
    const eval_world_t *world = self;
    const char *is = value_get_text (value_get (world->contexts, "job"), "status");
    if (strcmp (name, "always") == 0)
        return true;
    return strcasecmp (name, *is ? is : "success") == 0;
}

static int complain (const char *text, const expression_error_t *error)
{
    size_t line = 1, column = 1;
    for (size_t left = error->offset, size = strlen (text), used; left && size;
         left--, text += used, size -= used) {
        bool end = text_decode (text, size, &used) == '\n';
        line += end;
        column = end ? 1 : column + 1;
    }
    fflush (stdout);
    fprintf (stderr, "%zu:%zu: %s\n", line, column, error->message);
    return CLI_FAILED;
}

static void print_parts (arena_t *arena, const explanation_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int indent = parts[i].depth * 2, width = MORE_WIDTH - indent;
        fprintf (stderr, "%*s%-*s  = %s\n", indent, "", width > 0 ? width : 0,
                 paint_safe (arena, parts[i].source), value_to_json (arena, parts[i].value, 0));
    }
}

static int print_json (arena_t *arena, const value_t *result, const explanation_t *parts, size_t count)
{
    value_t *object = value_object (arena), *list = value_array (arena);
    for (size_t i = 0; i < count; i++) {
        value_t *part = value_object (arena);
        value_set (arena, part, "source", value_string (arena, parts[i].source));
        value_set (arena, part, "offset", value_number (arena, (double) parts[i].offset));
        value_set (arena, part, "depth", value_number (arena, parts[i].depth));
        value_set (arena, part, "value", parts[i].value);
        value_push (arena, list, part);
    }
    value_set (arena, object, "result", result);
    value_set (arena, object, "parts", list);
    printf ("%s\n", value_to_json (arena, object, 2));
    return CLI_OK;
}

// Only a job's `if` may name jobs in success() and failure(), and this is a step's.
static fault_t check_functions (arena_t *arena, const expression_t *expression, expression_error_t *error)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    expression_refs (expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (refs[i].function && function_find (refs[i].function, strlen (refs[i].function))->status &&
            refs[i].arguments) {
            error->offset = refs[i].offset;
            error->message = arena_printf (arena, "Too many parameters supplied: '%s'", refs[i].function);
            return INVALID;
        }
    return OK;
}

// Does it name only GitHub's contexts and those that were given?
static fault_t check_contexts (arena_t *arena, const eval_world_t *world, const expression_t *expression,
                               expression_error_t *error)
{
    size_t given = world->contexts ? world->contexts->list.count : 0;
    const char **names = arena_array (arena, CONTEXT_COUNT + given, sizeof (names[0]));
    memcpy (names, contexts, sizeof contexts);
    if (given)
        memcpy (names + CONTEXT_COUNT, world->contexts->list.keys, given * sizeof (names[0]));
    return expression_check (arena, expression, names, CONTEXT_COUNT + given, error);
}

// An expression, or a text with ${{ }} in it.
static fault_t parse (arena_t *arena, const eval_world_t *world, const char *text, const expression_t **out,
                      expression_error_t *error)
{
    size_t size = strlen (text);
    fault_t fault = expression_parse (arena, text, size, out, error);
    // In this order: '${{ x }}' within quotes is an expression, too
    if (fault != OK && template_has_expression (text))
        fault = template_parse (arena, text, size, out, error);
    fault_t unknown = check_contexts (arena, world, *out, error);
    if (unknown != OK || fault != OK)
        return INVALID;
    return check_functions (arena, *out, error);
}

// GitHub's contexts are objects; others may be anything.
static fault_t read_contexts (turn_t *turn, const char *file, const value_t **out)
{
    fault_t fault = input_object (turn, file, out);
    for (size_t i = 0; i < CONTEXT_COUNT && fault == OK; i++) {
        const value_t *given = value_get (*out, contexts[i]);
        if (given && given->kind != VALUE_OBJECT && given->kind != VALUE_NULL)
            fault = turn_fail (turn, INVALID, "%s: the context \"%s\" must be an object", file, contexts[i]);
    }
    return fault;
}

static int eval (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    const char *file = flag_text (cli->flags, "context"), *text = cli->args.items[0];
    bool explain = flag_on (cli->flags, "explain");
    eval_world_t world = {.empty = value_object (arena)};
    if (file) {
        fault_t fault = read_contexts (cli->turn, file, &world.contexts);
        if (fault != OK)
            return cli_fail (cli, fault);
    }
    expression_scope_t scope = {.self = &world, .context = context, .status = status};
    expression_error_t error = {0};
    const expression_t *expression;
    const value_t *result;
    explanation_t *parts = NULL;
    size_t count = 0;
    if (parse (arena, &world, text, &expression, &error) != OK)
        return complain (text, &error);
    fault_t fault = explain ? expression_explain (arena, expression, &scope, &parts, &count, &result, &error)
                            : expression_eval (arena, expression, &scope, &result, &error);
    if (explain && !flag_on (cli->flags, "json"))
        print_parts (arena, parts, count);
    if (fault != OK)
        return complain (text, &error);
    if (explain && flag_on (cli->flags, "json"))
        return print_json (arena, result, parts, count);
    printf ("%s\n", value_to_json (arena, result, 2));
    return CLI_OK;
}

static const flag_t flags[] = {
    {.name = "context",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc =
         "The contexts: {\"github\": {...}, \"env\": {...}, ...}; - reads standard input. Missing contexts are empty."},
    {.name = "explain", .kind = FLAG_SWITCH, .doc = "Print the value of each part on standard error."},
    {.name = "json",
     .kind = FLAG_SWITCH,
     .doc = "With --explain: print the parts, too, in one JSON document."},
    {.name = NULL}};

const command_t command_eval = {
    .name = "eval",
    .group = GROUP_FILES,
    .usage = "[--context FILE.json] [--explain] EXPRESSION",
    .summary = "Evaluate an expression of the workflow language.",
    .help =
        "EXPRESSION may also be a text that contains ${{ }}; quote it for your shell. Prints the result as JSON. If the\n"
        "expression is invalid, prints LINE:COLUMN and the reason, and exits with 1. Needs no server.\n",
    .examples = "opencicd eval \"startsWith('refs/tags/v1', 'refs/tags/')\"\n"
                "opencicd eval --context contexts.json --explain \"github.ref == 'refs/heads/main'\"\n",
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = eval};
