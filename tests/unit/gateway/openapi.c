/* The OpenAPI document is JSON and says everything that the tables say. */

#include "gateway/openapi.h"
#include "gateway/route.h"
#include "tests/unit/test.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static json_t *document (void)
{
    json_error_t error;
    buffer_t *text = buffer_new (OPENAPI_MAX);
    openapi_print (text);
    CHECK (!buffer_full (text));
    json_t *root = json_loadb (buffer_text (text), buffer_size (text), JSON_REJECT_DUPLICATES, &error);
    if (!root)
        test_fail (__FILE__, __LINE__, "%d: %s", error.position, error.text);
    buffer_destroy (&text);
    return root;
}

static json_t *operation_of (json_t *root, const route_t *route)
{
    char path[200] = "", method[16] = "";
    const char *dots = strstr (route->path, "...");
    if (dots)
        snprintf (path, sizeof (path), "%.*s%s", (int) (dots - route->path), route->path, dots + 3);
    else
        snprintf (path, sizeof (path), "%s", route->path);
    for (size_t i = 0; route->method[i]; i++)
        method[i] = (char) (route->method[i] | 0x20);
    return json_object_get (json_object_get (json_object_get (root, "paths"), path), method);
}

TEST (every_route_is_in_the_document)
{
    json_t *root = document ();
    for (size_t i = 0; i < routes_count; i++) {
        char status[8];
        json_t *operation = operation_of (root, &routes[i]);
        if (!operation)
            test_fail (__FILE__, __LINE__, "%s %s is missing", routes[i].method, routes[i].path);
        CHECK_STR (json_string_value (json_object_get (operation, "summary")), routes[i].text);
        snprintf (status, sizeof (status), "%d", routes[i].status);
        CHECK (json_object_get (json_object_get (operation, "responses"), status));
        CHECK (!!json_object_get (operation, "requestBody") == (routes[i].limit > 0));
        CHECK (json_is_array (json_object_get (operation, "parameters")));
    }
    json_decref (root);
}

TEST (every_message_is_a_schema_with_its_fields)
{
    json_t *root = document ();
    json_t *schemas = json_object_get (json_object_get (root, "components"), "schemas");
    for (size_t i = 0; all_messages[i]; i++) {
        const message_t *message = all_messages[i];
        json_t *schema = json_object_get (schemas, message->name);
        if (!schema)
            test_fail (__FILE__, __LINE__, "%s is missing", message->name);
        json_t *properties = json_object_get (schema, "properties");
        for (size_t j = 0; j < message->count; j++)
            CHECK (!!json_object_get (properties, message->fields[j].name) ==
                   (message->fields[j].kind != KIND_BYTES));
    }
    json_decref (root);
}

TEST (operation_ids_are_unique)
{
    json_t *root = document (), *seen = json_object ();
    for (size_t i = 0; i < routes_count; i++) {
        const char *id = json_string_value (json_object_get (operation_of (root, &routes[i]), "operationId"));
        CHECK (id && !json_object_get (seen, id));
        json_object_set_new (seen, id, json_true ());
    }
    json_decref (seen);
    json_decref (root);
}

static void check_references (json_t *root, json_t *at)
{
    const char *key;
    size_t index;
    json_t *value;
    json_object_foreach (at, key, value)
    {
        if (strcmp (key, "$ref") == 0) {
            const char *name = strrchr (json_string_value (value), '/') + 1;
            CHECK (json_object_get (json_object_get (json_object_get (root, "components"), "schemas"), name));
        }
        check_references (root, value);
    }
    json_array_foreach (at, index, value) check_references (root, value);
}

TEST (every_reference_points_to_a_schema)
{
    json_t *root = document ();
    check_references (root, root);
    json_decref (root);
}

TEST (required_fields_and_states_come_from_the_tables)
{
    json_t *root = document ();
    json_t *schemas = json_object_get (json_object_get (root, "components"), "schemas");
    json_t *add = json_object_get (schemas, "project_add");
    CHECK_INT (json_array_size (json_object_get (add, "required")), 2);
    json_t *state =
        json_object_get (json_object_get (json_object_get (schemas, "job"), "properties"), "state");
    CHECK_INT (json_array_size (json_object_get (state, "enum")), job_state_count);
    json_decref (root);
}
