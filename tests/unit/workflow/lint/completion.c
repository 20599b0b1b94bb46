/* What an editor offers is what the checks take: one table, read twice. */

#include "workflow/lint/completion.h"

#include "tests/unit/workflow/loaded.h"

#include <string.h>

static const value_t *place_of (const value_t *all, const char *path)
{
    const value_t *places = value_get (all, "places");
    for (size_t i = 0; i < places->list.count; i++)
        if (strcmp (value_get_text (places->list.items[i], "path"), path) == 0)
            return places->list.items[i];
    test_fail (__FILE__, __LINE__, "no place %s", path);
    return NULL;
}

static bool holds (const value_t *list, const char *text)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (strcmp (list->list.items[i]->string.text, text) == 0)
            return true;
    return false;
}

TEST (a_place_offers_the_contexts_and_functions_that_it_may_use)
{
    arena_t *arena = arena_new ();
    const value_t *all = completion_json (arena);
    const value_t *condition = place_of (all, "jobs.*.steps[].if"), *job = place_of (all, "jobs.*.if");
    CHECK (holds (value_get (condition, "contexts"), "steps"));
    CHECK (!holds (value_get (condition, "contexts"), "secrets"));
    CHECK (holds (value_get (condition, "functions"), "always"));
    CHECK (!holds (value_get (job, "contexts"), "steps"));
    CHECK (holds (value_get (place_of (all, "jobs.*.steps[].run"), "contexts"), "secrets"));
    CHECK (value_get (value_get (all, "functions"), "startsWith") != NULL);
    arena_destroy (&arena);
}

TEST (no_path_is_a_place_twice)
{
    arena_t *arena = arena_new ();
    const value_t *places = value_get (completion_json (arena), "places"), *seen = value_object (arena);
    for (size_t i = 0; i < places->list.count; i++) {
        const char *path = value_get_text (places->list.items[i], "path");
        CHECK (!value_get (seen, path));
        value_set (arena, (value_t *) seen, path, places->list.items[i]);
    }
    CHECK (places->list.count > 30);
    arena_destroy (&arena);
}

// Each name that is offered below a context is one that the check takes.
TEST (what_is_offered_below_a_context_is_what_the_check_takes)
{
    arena_t *arena = arena_new ();
    const value_t *contexts = value_get (completion_json (arena), "contexts");
    for (size_t i = 0; i < contexts->list.count; i++) {
        const char *of = contexts->list.keys[i];
        const value_t *names = contexts->list.items[i];
        if (strchr (of, '*') || strchr (of, '.'))
            continue;
        for (size_t k = 0; k < names->list.count; k++) {
            const char *file = arena_printf (
                arena, "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: 'echo ${{ %s.%s }}'}]\n", of,
                names->list.items[k]->string.text);
            if (strstr (lint_places (arena, file, NULL), " names"))
                test_fail (__FILE__, __LINE__, "%s", file);
        }
    }
    CHECK (holds (value_get (value_get (completion_json (arena), "actions"), "actions/checkout"),
                  "fetch-depth"));
    arena_destroy (&arena);
}
