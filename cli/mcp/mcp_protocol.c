/* mcp_protocol.c - see mcp_protocol.h. */

#include "cli/mcp/mcp_protocol.h"

#include <math.h>
#include <string.h>

#define MODERN       "2026-07-28"
#define LEGACY       "2025-11-25" // The latest that begins with `initialize`
#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define META_CAPABLE "io.modelcontextprotocol/clientCapabilities"
#define META_SERVER  "io.modelcontextprotocol/serverInfo"
#define CACHE_MS     3600000 // The tools change with the program alone
#define INSTRUCTIONS                                                                                        \
    "The CI/CD server's projects, runs, jobs and logs. To learn why a run failed call show_failure first; " \
    "read_log and search_log show more of a job's log."

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    NO_METHOD_ERROR = -32601,
    INVALID_PARAMS = -32602,
    UNSUPPORTED_VERSION = -32022,
};

static const char *const legacy[] = {LEGACY, "2025-06-18", "2025-03-26", "2024-11-05"};

typedef struct {
    const mcp_t *mcp;
    arena_t *arena;
    const value_t *id, *params;
    bool modern;
    value_t *answer; // NULL yet
} exchange_t;

static void set_text (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static value_t *envelope (exchange_t *self)
{
    value_t *answer = value_object (self->arena);
    set_text (self->arena, answer, "jsonrpc", "2.0");
    value_set (self->arena, answer, "id", self->id ? self->id : value_null ());
    return answer;
}

static value_t *refuse (exchange_t *self, int code, const char *message)
{
    value_t *error = value_object (self->arena);
    self->answer = envelope (self);
    value_set (self->arena, error, "code", value_number (self->arena, code));
    set_text (self->arena, error, "message", message);
    value_set (self->arena, self->answer, "error", error);
    return error;
}

static value_t *server_info (arena_t *arena)
{
    value_t *info = value_object (arena);
    set_text (arena, info, "name", "open-cicd");
    set_text (arena, info, "version", OPENCICD_VERSION);
    return info;
}

static void reply (exchange_t *self, value_t *result)
{
    if (self->modern) {
        value_t *meta = value_object (self->arena);
        value_set (self->arena, meta, META_SERVER, server_info (self->arena));
        set_text (self->arena, result, "resultType", "complete");
        value_set (self->arena, result, "_meta", meta);
    }
    self->answer = envelope (self);
    value_set (self->arena, self->answer, "result", result);
}

// What may be kept for a while.
static void reply_kept (exchange_t *self, value_t *result)
{
    if (self->modern) {
        value_set (self->arena, result, "ttlMs", value_number (self->arena, CACHE_MS));
        set_text (self->arena, result, "cacheScope", "private");
    }
    reply (self, result);
}

static value_t *capabilities (arena_t *arena)
{
    value_t *capable = value_object (arena);
    value_set (arena, capable, "tools", value_object (arena));
    return capable;
}

// ---- which revision

// False where the request is refused.
static bool read_revision (exchange_t *self)
{
    const value_t *meta = value_get (self->params, "_meta"), *version = value_get (meta, META_VERSION);
    // Older clients say it once, in `initialize`. Nothing is kept of that: all of theirs are answered alike
    if (!version)
        return true;
    self->modern = true;
    if (version->kind != VALUE_STRING) {
        refuse (self, INVALID_PARAMS, META_VERSION " must be a string");
        return false;
    }
    if (strcmp (value_get_text (meta, META_VERSION), MODERN) != 0) {
        value_t *data = value_object (self->arena), *list = value_array (self->arena);
        value_push (self->arena, list, value_string (self->arena, MODERN));
        value_set (self->arena, data, "supported", list);
        value_set (self->arena, data, "requested", version);
        value_set (self->arena, refuse (self, UNSUPPORTED_VERSION, "Unsupported protocol version"), "data",
                   data);
        return false;
    }
    const value_t *capable = value_get (meta, META_CAPABLE);
    if (!capable || capable->kind != VALUE_OBJECT) {
        refuse (self, INVALID_PARAMS, META_CAPABLE " must be an object");
        return false;
    }
    return true;
}

static void initialize (exchange_t *self)
{
    const char *asked = value_get_text (self->params, "protocolVersion"), *chosen = LEGACY;
    value_t *result = value_object (self->arena);
    for (size_t i = 0; i < sizeof legacy / sizeof legacy[0]; i++)
        // An unknown one is answered with ours: the client decides whether it goes on
        chosen = strcmp (asked, legacy[i]) == 0 ? legacy[i] : chosen;
    set_text (self->arena, result, "protocolVersion", chosen);
    value_set (self->arena, result, "capabilities", capabilities (self->arena));
    value_set (self->arena, result, "serverInfo", server_info (self->arena));
    set_text (self->arena, result, "instructions", INSTRUCTIONS);
    reply (self, result);
}

static void discover (exchange_t *self)
{
    value_t *result = value_object (self->arena), *versions = value_array (self->arena);
    if (!self->modern) {
        refuse (self, INVALID_PARAMS, "_meta: " META_VERSION " is missing");
        return;
    }
    value_push (self->arena, versions, value_string (self->arena, MODERN));
    value_set (self->arena, result, "supportedVersions", versions);
    value_set (self->arena, result, "capabilities", capabilities (self->arena));
    set_text (self->arena, result, "instructions", INSTRUCTIONS);
    reply_kept (self, result);
}

static void ping (exchange_t *self)
{
    reply (self, value_object (self->arena));
}

// ---- tools

static const value_t *choices_of (arena_t *arena, const char *choices)
{
    value_t *list = value_array (arena);
    for (const char *at = choices; *at; at += strcspn (at, "|"), at += *at == '|')
        value_push (arena, list, value_string_n (arena, at, strcspn (at, "|")));
    return list;
}

static const value_t *param_schema (arena_t *arena, const mcp_param_t *param)
{
    static const char *const types[] = {"string", "integer", "boolean", "object", "array"};
    value_t *schema = value_object (arena);
    set_text (arena, schema, "type", types[param->kind]);
    set_text (arena, schema, "description", param->doc);
    if (param->kind == MCP_NUMBER_PARAM)
        value_set (arena, schema, "minimum", value_number (arena, 0));
    if (param->choices)
        value_set (arena, schema, "enum", choices_of (arena, param->choices));
    if (param->kind == MCP_LIST_PARAM) {
        value_t *items = value_object (arena);
        set_text (arena, items, "type", "string");
        value_set (arena, schema, "items", items);
    }
    return schema;
}

static const value_t *tool_schema (arena_t *arena, const mcp_tool_t *tool)
{
    value_t *schema = value_object (arena), *properties = value_object (arena),
            *required = value_array (arena);
    for (const mcp_param_t *param = tool->params; param->name; param++) {
        value_set (arena, properties, param->name, param_schema (arena, param));
        if (param->required)
            value_push (arena, required, value_string (arena, param->name));
    }
    set_text (arena, schema, "type", "object");
    value_set (arena, schema, "properties", properties);
    if (required->list.count > 0)
        value_set (arena, schema, "required", required);
    value_set (arena, schema, "additionalProperties", value_bool (false));
    return schema;
}

static const value_t *tool_shown (arena_t *arena, const mcp_tool_t *tool)
{
    value_t *shown = value_object (arena), *hints = value_object (arena);
    set_text (arena, shown, "name", tool->name);
    set_text (arena, shown, "title", tool->title);
    set_text (arena, shown, "description", tool->doc);
    value_set (arena, shown, "inputSchema", tool_schema (arena, tool));
    value_set (arena, hints, "readOnlyHint", value_bool (!tool->writes));
    value_set (arena, hints, "destructiveHint", value_bool (tool->destroys));
    value_set (arena, hints, "openWorldHint", value_bool (false));
    value_set (arena, shown, "annotations", hints);
    return shown;
}

static void list_tools (exchange_t *self)
{
    value_t *result = value_object (self->arena), *list = value_array (self->arena);
    if (*value_get_text (self->params, "cursor")) {
        refuse (self, INVALID_PARAMS, "cursor: there is one page");
        return;
    }
    for (size_t i = 0; i < self->mcp->count; i++)
        if (self->mcp->writes || !self->mcp->tools[i].writes)
            value_push (self->arena, list, tool_shown (self->arena, &self->mcp->tools[i]));
    value_set (self->arena, result, "tools", list);
    reply_kept (self, result);
}

static bool fits (const mcp_param_t *param, const value_t *value)
{
    switch (param->kind) {
    case MCP_TEXT_PARAM: return value->kind == VALUE_STRING;
    case MCP_NUMBER_PARAM:
        return value->kind == VALUE_NUMBER && value->number >= 0 && value->number < 9e15 &&
               floor (value->number) == value->number;
    case MCP_FLAG_PARAM: return value->kind == VALUE_BOOL;
    case MCP_OBJECT_PARAM: return value->kind == VALUE_OBJECT;
    case MCP_LIST_PARAM: return value->kind == VALUE_ARRAY;
    }
    return false;
}

// What would be another path than that of the tool.
static bool is_no_name (const value_t *value)
{
    return value->kind == VALUE_STRING && (!*value->string.text || strcmp (value->string.text, ".") == 0 ||
                                           strcmp (value->string.text, "..") == 0);
}

// NULL where they are as the tool wants them: a model can mend the rest.
static const char *wrong_arguments (arena_t *arena, const mcp_tool_t *tool, const value_t *given)
{
    static const char *const kinds[] = {"a string", "a whole number from 0 on", "true or false", "an object",
                                        "a list of strings"};
    for (const mcp_param_t *param = tool->params; param->name; param++) {
        const value_t *value = value_get (given, param->name);
        if (!value && param->required)
            return arena_printf (arena, "%s: is missing: %s", param->name, param->doc);
        if (value && param->required && is_no_name (value))
            return arena_printf (arena, "%s: must be %s", param->name, param->doc);
        if (value && !fits (param, value))
            return arena_printf (arena, "%s: must be %s", param->name, kinds[param->kind]);
    }
    for (size_t i = 0; i < given->list.count; i++) {
        const mcp_param_t *param = tool->params;
        while (param->name && strcmp (param->name, given->list.keys[i]) != 0)
            param++;
        if (!param->name)
            return arena_printf (arena, "%.100s: %s has no such argument", given->list.keys[i], tool->name);
    }
    return NULL;
}

static void reply_text (exchange_t *self, const char *text, bool failed)
{
    arena_t *arena = self->arena;
    value_t *result = value_object (arena), *content = value_array (arena), *item = value_object (arena);
    set_text (arena, item, "type", "text");
    set_text (arena, item, "text", text);
    value_push (arena, content, item);
    value_set (arena, result, "content", content);
    value_set (arena, result, "isError", value_bool (failed));
    reply (self, result);
}

static void call_tool (exchange_t *self)
{
    const char *name = value_get_text (self->params, "name");
    const value_t *given = value_get (self->params, "arguments");
    const mcp_tool_t *tool = NULL;
    bool failed = false;
    for (size_t i = 0; i < self->mcp->count; i++)
        if (strcmp (self->mcp->tools[i].name, name) == 0)
            tool = &self->mcp->tools[i];
    if (!tool) {
        refuse (self, INVALID_PARAMS, arena_printf (self->arena, "Unknown tool: %.100s", name));
        return;
    }
    if (!given || given->kind == VALUE_NULL)
        given = value_object (self->arena);
    if (given->kind != VALUE_OBJECT) {
        refuse (self, INVALID_PARAMS, "arguments: must be an object");
        return;
    }
    // From here on as the tool's result: of the protocol's errors a model may never see the text
    if (tool->writes && !self->mcp->writes) {
        reply_text (self, "This server is read-only. Whoever runs it can allow changes: opencicd mcp --write",
                    true);
        return;
    }
    const char *wrong = wrong_arguments (self->arena, tool, given);
    if (wrong) {
        reply_text (self, wrong, true);
        return;
    }
    const char *text = self->mcp->call (self->mcp->context, self->arena, tool, given, &failed);
    reply_text (self, text, failed);
}

// ---- messages

static const struct {
    const char *name;
    void (*handle) (exchange_t *self);
    bool opens; // It is asked in the older revisions alone
} methods[] = {
    {"initialize", initialize, true},     {"ping", ping, true},
    {"server/discover", discover, false}, {"tools/list", list_tools, false},
    {"tools/call", call_tool, false},
};

// A number that a double cannot hold would come back as another one, and be nobody's answer.
static bool is_id (const value_t *id)
{
    bool whole =
        id && id->kind == VALUE_NUMBER && fabs (id->number) < 9e15 && floor (id->number) == id->number;
    return whole || (id && id->kind == VALUE_STRING);
}

static void serve (exchange_t *self, const char *method)
{
    if (self->params && self->params->kind != VALUE_OBJECT) {
        refuse (self, INVALID_PARAMS, "params: must be an object");
        return;
    }
    if (!read_revision (self))
        return;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp (methods[i].name, method) == 0 && !(methods[i].opens && self->modern)) {
            methods[i].handle (self);
            return;
        }
    refuse (self, NO_METHOD_ERROR, arena_printf (self->arena, "Method not found: %.100s", method));
}

// NULL where it is answered with nothing: a notification, or an answer to what nobody asked.
static const value_t *answer_one (const mcp_t *self, arena_t *arena, const value_t *message)
{
    exchange_t exchange = {.mcp = self, .arena = arena};
    const value_t *id = value_get (message, "id"), *method = value_get (message, "method");
    exchange.id = is_id (id) ? id : NULL;
    exchange.params = value_get (message, "params");
    if (message->kind != VALUE_OBJECT || strcmp (value_get_text (message, "jsonrpc"), "2.0") != 0)
        refuse (&exchange, INVALID_REQUEST, "not a message of JSON-RPC 2.0");
    else if (!method && (value_get (message, "result") || value_get (message, "error")))
        return NULL;
    else if (!method || method->kind != VALUE_STRING)
        refuse (&exchange, INVALID_REQUEST, "method: must be a string");
    else if (!id)
        return NULL;
    else if (!exchange.id)
        refuse (&exchange, INVALID_REQUEST, "id: must be a string or a whole number");
    else
        serve (&exchange, value_get_text (message, "method"));
    return exchange.answer;
}

static const value_t *answer_batch (const mcp_t *self, arena_t *arena, const value_t *batch)
{
    exchange_t exchange = {.mcp = self, .arena = arena};
    value_t *answers = value_array (arena);
    if (batch->list.count == 0 || batch->list.count > MCP_BATCH) {
        refuse (&exchange, INVALID_REQUEST,
                arena_printf (arena, "a list has from 1 to %d messages", MCP_BATCH));
        return exchange.answer;
    }
    for (size_t i = 0; i < batch->list.count; i++) {
        const value_t *answer = answer_one (self, arena, batch->list.items[i]);
        if (answer)
            value_push (arena, answers, answer);
    }
    return answers->list.count > 0 ? answers : NULL;
}

const char *mcp_answer (const mcp_t *self, arena_t *arena, const char *line, size_t size)
{
    const value_t *message = NULL, *answer;
    const char *error = "";
    if (value_from_json (arena, line, size, &message, &error) != OK) {
        exchange_t exchange = {.mcp = self, .arena = arena};
        refuse (&exchange, PARSE_ERROR, arena_printf (arena, "Parse error: %.200s", error));
        answer = exchange.answer;
    } else
        answer = message->kind == VALUE_ARRAY ? answer_batch (self, arena, message)
                                              : answer_one (self, arena, message);
    return answer ? value_to_json (arena, answer, 0) : NULL;
}

const char *mcp_too_long (arena_t *arena)
{
    exchange_t exchange = {.arena = arena};
    // Its id is in what was not kept: the answer has none
    refuse (&exchange, PARSE_ERROR,
            arena_printf (arena, "Parse error: a message has at most %d bytes", MCP_LINE));
    return value_to_json (arena, exchange.answer, 0);
}
