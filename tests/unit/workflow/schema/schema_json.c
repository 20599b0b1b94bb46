/* schema_json.c - the schema as data: whole, and of the same rows that the check uses. */

#include "workflow/schema/schema_json.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

// Counts references, and fails for one that leads nowhere.
static size_t check_references (const value_t *at, const value_t *definitions)
{
    size_t count = 0;
    if (at->kind != VALUE_OBJECT && at->kind != VALUE_ARRAY)
        return 0;
    for (size_t i = 0; i < at->list.count; i++) {
        const value_t *item = at->list.items[i];
        if (at->kind == VALUE_OBJECT && strcmp (at->list.keys[i], "$ref") == 0 &&
            item->kind == VALUE_STRING) {
            static const char prefix[] = "#/$defs/";
            CHECK (strncmp (item->string.text, prefix, strlen (prefix)) == 0);
            const value_t *found = value_get (definitions, item->string.text + strlen (prefix));
            CHECK (found && found->kind == VALUE_OBJECT);
            count++;
        } else {
            count += check_references (item, definitions);
        }
    }
    return count;
}

TEST (every_reference_of_the_json_schema_leads_somewhere)
{
    arena_t *arena = arena_new ();
    const value_t *workflow = schema_json (arena, &schema_workflow);
    const value_t *action = schema_json (arena, &schema_action);
    CHECK (check_references (workflow, value_get (workflow, "$defs")) > 50);
    CHECK (check_references (action, value_get (action, "$defs")) > 5);
    CHECK_STR (value_get_text (workflow, "$ref"), "#/$defs/a-workflow");
    arena_destroy (&arena);
}

TEST (what_the_check_requires_of_a_map_is_in_its_definition)
{
    arena_t *arena = arena_new ();
    const value_t *definitions = value_get (schema_json (arena, &schema_workflow), "$defs");
    const value_t *workflow = value_get (definitions, "a-workflow");
    CHECK_STR (value_to_json (arena, value_get (workflow, "required"), 0), "[\"on\",\"jobs\"]");
    CHECK_STR (value_to_json (arena, value_get (workflow, "additionalProperties"), 0), "false");
    const value_t *jobs = value_get (definitions, "jobs");
    CHECK_STR (value_to_json (arena, value_get (jobs, "propertyNames"), 0),
               "{\"pattern\":\"^[A-Za-z_][A-Za-z0-9_-]*$\"}");
    const value_t *permissions = value_get (value_get (definitions, "permissions"), "properties");
    CHECK (strstr (value_to_json (arena, value_get (permissions, "id-token"), 0),
                   "{\"enum\":[\"write\",\"none\"]}"));
    arena_destroy (&arena);
}

static const value_t *row_of (arena_t *arena, const schema_object_t *object, const char *path)
{
    const value_t *keys = schema_keys_json (arena, object);
    for (size_t i = 0; i < keys->list.count; i++)
        if (strcmp (value_get_text (keys->list.items[i], "path"), path) == 0)
            return keys->list.items[i];
    return value_null ();
}

TEST (completion_learns_kinds_values_contexts_and_functions_of_every_key)
{
    static const struct {
        const char *path, *field, *want;
    } wants[] = {
        {"jobs.*.steps[].run", "kinds", "[\"string\"]"},
        {"jobs.*.steps[].if", "functions",
         "[\"success\",\"failure\",\"always\",\"cancelled\",\"hashFiles\"]"},
        {"jobs.*.if", "contexts", "[\"github\",\"vars\",\"needs\",\"inputs\"]"},
        {"jobs.*.strategy.matrix", "contexts", "[\"github\",\"vars\",\"needs\",\"inputs\"]"},
        {"jobs.*.runs-on", "required", "true"},
        {"jobs.*.permissions.contents", "values", "[\"read\",\"write\",\"none\"]"},
        {"on.workflow_call.inputs.*.type", "values", "[\"string\",\"boolean\",\"number\"]"},
        {"on.schedule[].cron", "meaning", "\"five fields: minute hour day month weekday\""},
        {"jobs.*.strategy.matrix.*", "kinds", "[\"list\"]"},
        {"jobs.*.steps[].shell", "contexts", "[]"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (wants); i++) {
        const value_t *field = value_get (row_of (arena, &schema_workflow, wants[i].path), wants[i].field);
        CHECK_STR (field ? value_to_json (arena, field, 0) : wants[i].path, wants[i].want);
    }
    CHECK (row_of (arena, &schema_action, "runs.steps[].shell")->kind == VALUE_OBJECT);
    arena_destroy (&arena);
}
