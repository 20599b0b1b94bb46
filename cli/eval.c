/* eval.c - `opencicd eval`: one expression of the workflow language, evaluated here. */

#include "cli/command.h"
#include "cli/input.h"
#include "workflow/explain.h"
#include "workflow/function.h"
#include "workflow/text.h"

#include <string.h>
#include <strings.h>

#define MORE_WIDTH 60 // Characters of a part's source that its value lines up behind

typedef struct {
    const value_t *contexts; // NULL: none were given
    const value_t *empty;
} world_t;

static const char *const contexts[] = {
#define NAME(name) #name,
    EXPRESSION_CONTEXTS (NAME)
#undef NAME
};
#define CONTEXT_COUNT (sizeof contexts / sizeof contexts[0])

static const value_t *context (void *self, const char *name)
{
    const world_t *world = self;
    const value_t *given = value_get (world->contexts, name);
    return given ? given : world->empty;
}

// As a step's `if` sees it: by job.status, which is success where nothing is said.
static bool status (void *self, const char *name)
{
    const world_t *world = self;
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
    expression_use_t *uses = NULL;
    size_t count = 0;
    expression_uses (expression, arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (uses[i].function && function_find (uses[i].function, strlen (uses[i].function))->status &&
            uses[i].arguments) {
            error->offset = uses[i].offset;
            error->message = arena_printf (arena, "Too many parameters supplied: '%s'", uses[i].function);
            return INVALID;
        }
    return OK;
}

// GitHub's contexts and those that were given: may all that it names be named?
static fault_t check_contexts (arena_t *arena, const world_t *world, const expression_t *expression,
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
static fault_t parse (arena_t *arena, const world_t *world, const char *text, const expression_t **out,
                      expression_error_t *error)
{
    size_t size = strlen (text);
    fault_t fault = expression_parse (arena, text, size, out, error);
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
    const char *file = flag_text (cli->flags, "context"), *text = cli->words.items[0];
    bool explain = flag_on (cli->flags, "explain");
    world_t world = {.empty = value_object (arena)};
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
         "The contexts: {\"github\": {...}, \"env\": {...}, ...}; - is standard input. Missing ones are empty."},
    {.name = "explain", .kind = FLAG_SWITCH, .doc = "Show the value of each part, on standard error."},
    {.name = "json",
     .kind = FLAG_SWITCH,
     .doc = "The result is JSON in any case; with --explain the parts come in the same document."},
    {.name = NULL}};

const command_t command_eval = {
    .name = "eval",
    .usage = "[--context FILE.json] [--explain] EXPRESSION",
    .summary = "Evaluate an expression of the workflow language.",
    .help =
        "EXPRESSION may also be a text with ${{ }} in it. Prints the result as JSON, or LINE:COLUMN: what is wrong, with\n"
        "exit status 1. Quote it for your shell:\n"
        "    opencicd eval \"startsWith(github.ref, 'refs/tags/')\" --context contexts.json\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = eval};
