/* openapi.c - see openapi.h. Source: the OpenAPI Specification 3.1.0, JSON Schema 2020-12. */

#include "gateway/openapi.h"

#include "common/base/json.h"
#include "gateway/route.h"
#include "proto/event_types.h"

#include <inttypes.h>
#include <string.h>

static void put (buffer_t *into, const char *text)
{
    json_put (into, text, strlen (text));
}

// ---- schemas, one a message ----

static void print_enum (const states_t *states, buffer_t *into)
{
    bool nullable = states == &states_result; // `none` is null in JSON
    buffer_printf (into, "\"type\":%s,\"enum\":[", nullable ? "[\"string\",\"null\"]" : "\"string\"");
    for (uint32_t i = 0; i < states->count; i++) {
        buffer_puts (into, i ? "," : "");
        if (nullable && i == result_none)
            buffer_puts (into, "null");
        else
            put (into, states->rows[i].name);
    }
    buffer_putc (into, ']');
}

static void print_type (const field_t *field, buffer_t *into)
{
    switch (field->kind) {
    case KIND_KEY:
        buffer_printf (into, "\"type\":\"string\",\"minLength\":1,\"maxLength\":%" PRId64, field->limit);
        break;
    case KIND_STR: buffer_printf (into, "\"type\":\"string\",\"maxLength\":%" PRId64, field->limit); break;
    case KIND_U32:
        buffer_printf (into, "\"type\":\"integer\",\"minimum\":0,\"maximum\":%" PRId64, field->limit);
        break;
    case KIND_I64:
        buffer_printf (into, "\"type\":\"integer\",\"format\":\"int64\",\"maximum\":%" PRId64, field->limit);
        break;
    case KIND_BOOL: buffer_puts (into, "\"type\":\"boolean\""); break;
    case KIND_TIME: buffer_puts (into, "\"type\":[\"string\",\"null\"],\"format\":\"date-time\""); break;
    case KIND_STRS:
        buffer_printf (into, "\"type\":\"array\",\"items\":{\"type\":\"string\"},\"maxItems\":%" PRId64,
                       field->limit);
        break;
    case KIND_LIST:
        buffer_printf (
            into, "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"},\"maxItems\":%" PRId64,
            field->of->name, field->limit);
        break;
    case KIND_ENUM: print_enum (field->states, into); break;
    case KIND_JSON:  // Any value
    case KIND_BYTES: // Never in JSON
        break;
    }
}

static void print_field_schema (const field_t *field, buffer_t *into)
{
    buffer_putc (into, '{');
    print_type (field, into);
    if (*field->text) {
        buffer_puts (into, field->kind == KIND_JSON ? "\"description\":" : ",\"description\":");
        put (into, field->text);
    }
    buffer_putc (into, '}');
}

static void print_required (const message_t *message, buffer_t *into)
{
    const char *before = ",\"required\":[";
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].kind == KIND_KEY) {
            buffer_puts (into, before);
            put (into, message->fields[i].name);
            before = ",";
        }
    if (*before == ',' && !before[1])
        buffer_putc (into, ']');
}

static void print_schema (const message_t *message, buffer_t *into)
{
    put (into, message->name);
    buffer_puts (into, ":{\"type\":\"object\",\"description\":");
    put (into, message->text);
    buffer_puts (into, ",\"properties\":{");
    const char *before = "";
    for (size_t i = 0; i < message->count; i++) {
        if (message->fields[i].kind == KIND_BYTES)
            continue;
        buffer_puts (into, before);
        put (into, message->fields[i].name);
        buffer_putc (into, ':');
        print_field_schema (&message->fields[i], into);
        before = ",";
    }
    buffer_putc (into, '}');
    print_required (message, into);
    buffer_putc (into, '}');
}

static void print_problem (buffer_t *into)
{
    buffer_puts (into, "\"problem\":{\"type\":\"object\",\"description\":\"RFC 9457\",\"properties\":{"
                       "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
                       "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
                       "\"request_id\":{\"type\":\"string\"},\"code\":{\"type\":\"string\",\"enum\":[");
    for (int fault = BAD_INPUT; fault < FAULT_COUNT; fault++) {
        buffer_puts (into, fault > BAD_INPUT ? "," : "");
        put (into, fault_name ((fault_t) fault));
    }
    buffer_puts (into, "]}},\"required\":[\"type\",\"title\",\"status\",\"code\"]}");
}

static void print_event_types (buffer_t *into)
{
    buffer_puts (
        into, "\"event_type\":{\"type\":\"string\",\"description\":\"what the name of a server-sent event of "
              "/events can be\",\"enum\":[");
    for (event_type_t type = 0; type < EVENT_TYPE_COUNT; type++) {
        buffer_puts (into, type ? "," : "");
        put (into, event_type_name (type));
    }
    buffer_puts (into, "]}");
}

// ---- paths ----

static bool in_path (const route_t *route, const char *name)
{
    size_t size = strlen (name);
    for (const char *at = strchr (route->path, '{'); at; at = strchr (at + 1, '{'))
        if (strncmp (at + 1, name, size) == 0 && strchr (".}", at[1 + size]))
            return true;
    return false;
}

static void print_path_parameters (const route_t *route, const char **before, buffer_t *into)
{
    for (const char *at = strchr (route->path, '{'); at; at = strchr (at + 1, '{')) {
        size_t size = strcspn (at + 1, ".}");
        buffer_puts (into, *before);
        buffer_puts (into, "{\"in\":\"path\",\"required\":true,\"name\":");
        json_put (into, at + 1, size);
        buffer_puts (into, ",\"schema\":{\"type\":\"string\"}}");
        *before = ",";
    }
}

// Where there is no body.
static bool in_query (const route_t *route, const field_t *field)
{
    bool bodiless = strcmp (route->method, "GET") == 0 || strcmp (route->method, "DELETE") == 0;
    return bodiless && field->kind != KIND_JSON && field->kind != KIND_LIST && field->kind != KIND_BYTES &&
           !in_path (route, field->name);
}

static void print_parameters (const route_t *route, buffer_t *into)
{
    const char *before = "";
    buffer_puts (into, ",\"parameters\":[");
    print_path_parameters (route, &before, into);
    for (size_t i = 0; i < route->ask->count; i++) {
        const field_t *field = &route->ask->fields[i];
        if (!in_query (route, field))
            continue;
        buffer_printf (into, "%s{\"in\":\"query\",\"name\":\"%s\",\"required\":%s,\"schema\":", before,
                       field->name, field->kind == KIND_KEY ? "true" : "false");
        print_field_schema (field, into);
        buffer_putc (into, '}');
        before = ",";
    }
    if (route->handler->extra && route->handler->extra[0] != '*')
        buffer_printf (into, "%s{\"in\":\"query\",\"name\":\"%s\",\"schema\":{\"type\":\"string\"}}", before,
                       route->handler->extra);
    buffer_putc (into, ']');
}

// Path parameters need not be repeated in the body.
static void print_body (const route_t *route, buffer_t *into)
{
    if (route->limit == 0 || !route->handler->takes)
        return;
    bool json = strcmp (route->handler->takes, JSON_TYPE) == 0;
    buffer_printf (into,
                   ",\"requestBody\":{\"description\":\"at most %" PRIu32 " bytes\",\"content\":{\"%s\":{",
                   route->limit, route->handler->takes);
    if (!json) {
        buffer_puts (into, "}}}");
        return;
    }
    buffer_puts (into, "\"schema\":{\"type\":\"object\",\"properties\":{");
    const char *before = "";
    for (size_t i = 0; i < route->ask->count; i++) {
        const field_t *field = &route->ask->fields[i];
        if (in_path (route, field->name) || field->kind == KIND_BYTES)
            continue;
        buffer_printf (into, "%s\"%s\":", before, field->name);
        print_field_schema (field, into);
        before = ",";
    }
    buffer_puts (into, "}");
    before = ",\"required\":[";
    for (size_t i = 0; i < route->ask->count; i++)
        if (route->ask->fields[i].kind == KIND_KEY && !in_path (route, route->ask->fields[i].name)) {
            buffer_printf (into, "%s\"%s\"", before, route->ask->fields[i].name);
            before = ",";
        }
    buffer_puts (into, strcmp (before, ",") == 0 ? "]}}}}" : "}}}}");
}

static void print_answer (const route_t *route, buffer_t *into)
{
    const call_t *call = call_of (route->ask);
    buffer_printf (into, ",\"responses\":{\"%d\":{\"description\":", route->status);
    put (into, call ? call->answer->text : route->text);
    if (route->status != 204 && route->handler->gives) {
        buffer_printf (into, ",\"content\":{\"%s\":{", route->handler->gives);
        if (call && strcmp (route->handler->gives, JSON_TYPE) == 0)
            buffer_printf (into, "\"schema\":{\"$ref\":\"#/components/schemas/%s\"}", call->answer->name);
        buffer_puts (into, "}}");
    }
    buffer_puts (into, "},\"default\":{\"description\":\"it was refused or failed\",\"content\":"
                       "{\"application/problem+json\":{\"schema\":{\"$ref\":"
                       "\"#/components/schemas/problem\"}}}}}");
}

static void print_roles (const route_t *route, buffer_t *into)
{
    if (route->roles & MAY (NOBODY)) {
        buffer_puts (into, ",\"security\":[]");
        return;
    }
    buffer_puts (into, ",\"x-roles\":[");
    const char *before = "";
    for (int role = 0; role < ROLE_COUNT; role++)
        if (route->roles & (1u << role)) {
            buffer_printf (into, "%s\"%s\"", before, role_name ((role_t) role));
            before = ",";
        }
    buffer_putc (into, ']');
}

// "get_jobs_job_log": from the path, so that it stays when the table grows.
static void print_operation_id (const route_t *route, buffer_t *into)
{
    buffer_puts (into, "\"operationId\":\"");
    for (const char *at = route->method; *at; at++)
        buffer_putc (into, (char) (*at | 0x20));
    for (const char *at = route->path; *at; at++)
        if (*at != '{' && *at != '}' && *at != '.')
            buffer_putc (into, *at == '/' ? '_' : *at);
    buffer_putc (into, '"');
}

static void print_operation (const route_t *route, buffer_t *into)
{
    buffer_putc (into, '"');
    for (const char *at = route->method; *at; at++)
        buffer_putc (into, (char) (*at | 0x20));
    buffer_puts (into, "\":{");
    print_operation_id (route, into);
    buffer_puts (into, ",\"summary\":");
    put (into, route->text);
    print_roles (route, into);
    print_parameters (route, into);
    print_body (route, into);
    print_answer (route, into);
    buffer_putc (into, '}');
}

static bool seen_before (const route_t *route)
{
    for (const route_t *other = routes; other < route; other++)
        if (strcmp (other->path, route->path) == 0)
            return true;
    return false;
}

// OpenAPI knows no {path...}: it is written {path}.
static void print_path (const char *path, buffer_t *into)
{
    buffer_putc (into, '"');
    for (const char *at = path; *at; at++)
        if (strncmp (at, "...}", 4) != 0)
            buffer_putc (into, *at);
        else
            at += 2;
    buffer_puts (into, "\":{");
}

static void print_paths (buffer_t *into)
{
    const char *before = "";
    for (size_t i = 0; i < routes_count; i++) {
        if (seen_before (&routes[i]))
            continue;
        buffer_puts (into, before);
        print_path (routes[i].path, into);
        before = "";
        for (size_t j = i; j < routes_count; j++)
            if (strcmp (routes[j].path, routes[i].path) == 0) {
                buffer_puts (into, before);
                print_operation (&routes[j], into);
                before = ",";
            }
        buffer_putc (into, '}');
        before = ",";
    }
}

void openapi_print (buffer_t *into)
{
    buffer_puts (into,
                 "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"open-cicd\",\"version\":\"" OPENCICD_VERSION
                 "\"},\"servers\":[{\"url\":\"/api/v1\"},{\"url\":\"/\"}],"
                 "\"security\":[{\"token\":[]}],\"paths\":{");
    print_paths (into);
    buffer_puts (into, "},\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\","
                       "\"scheme\":\"bearer\"}},\"schemas\":{");
    for (size_t i = 0; all_messages[i]; i++) {
        print_schema (all_messages[i], into);
        buffer_putc (into, ',');
    }
    print_event_types (into);
    buffer_putc (into, ',');
    print_problem (into);
    buffer_puts (into, "}}}\n");
}
