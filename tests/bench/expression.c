/* expression.c - how many expressions a second one core parses and evaluates.
 *
 * Prints one JSON object a line: the expression, parses a second, evaluations a second. The arena is reset after each
 * turn, as a service does. */

#include "workflow/expression/expression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 300000

static const char contexts[] =
    "{\"github\": {\"event_name\": \"push\", \"repository\": \"ada/engine\", \"ref\": \"refs/heads/main\", "
    "\"event\": {\"issue\": {\"labels\": [{\"name\": \"bug\"}, {\"name\": \"help wanted\"}]}}}, "
    "\"matrix\": {\"os\": \"linux\", \"version\": 22}}";

static const char *const texts[] = {
    "github.ref == 'refs/heads/main' && success()",
    "contains(github.event.issue.labels.*.name, 'bug')",
    "startsWith(github.ref, 'refs/tags/') || matrix.version >= 20",
    "format('{0}-{1}', matrix.os, matrix.version)",
    "toJSON(github.event)",
};

static const value_t *context (void *self, const char *name)
{
    return value_get (self, name);
}

static bool status (void *self, const char *name)
{
    (void) self;
    return strcmp (name, "success") == 0;
}

static double seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void need (fault_t fault)
{
    if (fault != OK) {
        fprintf (stderr, "bench-expression: %s\n", fault_text (fault));
        exit (1);
    }
}

static void measure (const char *text, const expression_scope_t *scope)
{
    arena_t *kept = arena_new (), *turn = arena_new ();
    const expression_t *expression;
    expression_error_t error;
    const value_t *value;
    double start = seconds ();
    for (int i = 0; i < ROUNDS; i++, arena_reset (turn))
        need (expression_parse (turn, text, strlen (text), &expression, &error));
    double parsed = seconds ();
    need (expression_parse (kept, text, strlen (text), &expression, &error));
    for (int i = 0; i < ROUNDS; i++, arena_reset (turn))
        need (expression_eval (turn, expression, scope, &value, &error));
    double evaluated = seconds ();
    printf ("{\"expression\": %s, \"parses_per_second\": %.0f, \"evaluations_per_second\": %.0f}\n",
            value_to_json (kept, value_string (kept, text), 0), ROUNDS / (parsed - start),
            ROUNDS / (evaluated - parsed));
    arena_destroy (&turn);
    arena_destroy (&kept);
}

int main (void)
{
    arena_t *arena = arena_new ();
    const value_t *values;
    const char *error;
    need (value_from_json (arena, contexts, strlen (contexts), &values, &error));
    expression_scope_t scope = {.self = (void *) values, .context = context, .status = status};
    for (size_t i = 0; i < sizeof (texts) / sizeof (texts[0]); i++)
        measure (texts[i], &scope);
    arena_destroy (&arena);
    return 0;
}
