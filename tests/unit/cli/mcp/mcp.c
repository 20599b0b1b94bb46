/* The Model Context Protocol, line by line. */

#include "cli/mcp/mcp_tools.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *call (void *context, arena_t *arena, const mcp_tool_t *tool, const value_t *arguments,
                         bool *failed)
{
    const char *body, *path = mcp_tool_path (arena, tool, arguments, &body);
    (void) context;
    *failed = strcmp (tool->name, "show_job") == 0;
    return arena_printf (arena, "%s %s%s%s", tool->method, path, body ? " " : "", body ? body : "");
}

static const char *answer (arena_t *arena, bool writes, const char *line)
{
    const mcp_t server = {.tools = mcp_tools, .count = mcp_tool_count, .writes = writes, .call = call};
    return mcp_answer (&server, arena, line, strlen (line));
}

static const value_t *result (arena_t *arena, bool writes, const char *line, const char *key)
{
    const value_t *read;
    const char *error, *text = answer (arena, writes, line);
    if (!text || value_from_json (arena, text, strlen (text), &read, &error) != OK)
        test_fail (__FILE__, __LINE__, "no answer to %s", line);
    if (!value_get (read, key))
        test_fail (__FILE__, __LINE__, "%s", text);
    return value_get (read, key);
}

static int code (arena_t *arena, const char *line)
{
    return (int) value_get (result (arena, false, line, "error"), "code")->number;
}

#define ASK(method, params) "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" method "\",\"params\":" params "}"
#define META(version)                                                   \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" version \
    "\",\"io.modelcontextprotocol/clientCapabilities\":{}}"

TEST (a_client_that_begins_with_initialize_gets_a_revision_that_both_know)
{
    static const struct {
        const char *asked, *chosen;
    } rows[] = {{"2025-11-25", "2025-11-25"},
                {"2024-11-05", "2024-11-05"},
                {"2026-07-28", "2025-11-25"},
                {"", "2025-11-25"}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const value_t *got =
            result (arena, false,
                    arena_printf (arena, ASK ("initialize", "{\"protocolVersion\":\"%s\"}"), rows[i].asked),
                    "result");
        CHECK_STR (value_get_text (got, "protocolVersion"), rows[i].chosen);
        CHECK (value_get (value_get (got, "capabilities"), "tools"));
        CHECK (!value_get (got, "resultType"));
    }
    CHECK_STR (answer (arena, false, ASK ("ping", "{}")), "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
    CHECK (!answer (arena, false, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
    CHECK (!answer (arena, false, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"));
    arena_destroy (&arena);
}

TEST (a_request_that_says_its_revision_needs_no_beginning)
{
    arena_t *arena = arena_new ();
    const value_t *got =
        result (arena, false, ASK ("server/discover", "{" META ("2026-07-28") "}"), "result");
    CHECK_STR (value_to_json (arena, value_get (got, "supportedVersions"), 0), "[\"2026-07-28\"]");
    CHECK_STR (value_get_text (got, "resultType"), "complete");
    CHECK_STR (value_get_text (got, "cacheScope"), "private");
    CHECK_STR (
        value_get_text (value_get (value_get (got, "_meta"), "io.modelcontextprotocol/serverInfo"), "name"),
        "open-cicd");
    got = result (arena, false, ASK ("tools/list", "{" META ("2026-07-28") "}"), "result");
    CHECK (value_get (got, "ttlMs") && value_get (got, "tools"));
    CHECK_INT (code (arena, ASK ("tools/list", "{" META ("1900-01-01") "}")), -32022);
    CHECK_INT (code (arena, ASK ("ping", "{" META ("2026-07-28") "}")), -32601);
    CHECK_INT (code (arena, ASK ("initialize", "{" META ("2026-07-28") "}")), -32601);
    CHECK_INT (code (arena, ASK ("server/discover", "{}")), -32602);
    CHECK_INT (
        code (arena, ASK ("tools/list", "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":7}}")),
        -32602);
    CHECK_INT (code (arena, ASK ("tools/list",
                                 "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}")),
               -32602);
    arena_destroy (&arena);
}

TEST (what_is_no_request_is_refused_by_its_code)
{
    static const struct {
        const char *line;
        int code;
    } rows[] = {
        {"{", -32700},
        {"", -32700},
        {"7", -32600},
        {"{}", -32600},
        {"[]", -32600},
        {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/list\"}", -32601},
        {ASK ("tools/list", "{\"cursor\":\"x\"}"), -32602},
        {ASK ("tools/call", "{\"name\":\"no_such\"}"), -32602},
        {ASK ("tools/call", "{\"name\":\"show_run\",\"arguments\":[]}"), -32602},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (code (arena, rows[i].line) != rows[i].code)
            test_fail (__FILE__, __LINE__, "%s: %s", rows[i].line, answer (arena, false, rows[i].line));
    CHECK (strstr (mcp_too_long (arena), "-32700"));
    CHECK_STR (answer (arena, false,
                       "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"},"
                       "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}]"),
               "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}]");
    arena_destroy (&arena);
}

static const char *said (arena_t *arena, bool writes, const char *params, bool failed)
{
    const char *line = arena_printf (
        arena, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":%s}", params);
    const value_t *got = result (arena, writes, line, "result");
    CHECK (value_truthy (value_get (got, "isError")) == failed);
    return value_get_text (value_get (got, "content")->list.items[0], "text");
}

TEST (a_tool_is_one_request_and_what_is_wrong_with_it_a_model_can_read)
{
    arena_t *arena = arena_new ();
    CHECK_STR (said (arena, false, "{\"name\":\"show_run\",\"arguments\":{\"run\":\"a/b?\"}}", false),
               "GET /runs/a%2Fb%3F");
    CHECK_STR (
        said (arena, false,
              "{\"name\":\"search_log\",\"arguments\":{\"job\":\"j1\",\"pattern\":\"a b\",\"regex\":true}}",
              false),
        "GET /jobs/j1/log/search?pattern=a%20b&regex=true");
    CHECK_STR (said (arena, false, "{\"name\":\"read_log\",\"arguments\":{\"job\":\"j1\"}}", false),
               "GET /jobs/j1/log?lines=200&line=1");
    CHECK_STR (said (arena, false, "{\"name\":\"show_job\",\"arguments\":{\"job\":\"j1\"}}", true),
               "GET /jobs/j1");
    CHECK_STR (said (arena, false, "{\"name\":\"show_run\"}", true), "run: is missing: Id of a run");
    CHECK_STR (said (arena, false, "{\"name\":\"show_run\",\"arguments\":{\"run\":\"..\"}}", true),
               "run: must be Id of a run");
    CHECK_STR (said (arena, false, "{\"name\":\"show_run\",\"arguments\":{\"run\":7}}", true),
               "run: must be a string");
    CHECK_STR (said (arena, false, "{\"name\":\"show_run\",\"arguments\":{\"run\":\"r\",\"x\":1}}", true),
               "x: show_run has no such argument");
    CHECK_STR (said (arena, false, "{\"name\":\"list_runs\",\"arguments\":{\"limit\":-1}}", true),
               "limit: must be a whole number from 0 on");
    arena_destroy (&arena);
}

TEST (what_changes_something_is_offered_only_where_that_is_allowed)
{
    arena_t *arena = arena_new ();
    const char *rerun = "{\"name\":\"rerun\",\"arguments\":{\"run\":\"r1\",\"only\":\"failed\"}}";
    CHECK (strstr (said (arena, false, rerun, true), "read-only"));
    CHECK_STR (said (arena, true, rerun, false), "POST /runs/r1/rerun {\"only\":\"failed\"}");
    const char *some = answer (arena, false, ASK ("tools/list", "{}"));
    const char *all = answer (arena, true, ASK ("tools/list", "{}"));
    CHECK (!strstr (some, "\"rerun\"") && !strstr (some, "\"readOnlyHint\":false"));
    CHECK (strstr (all, "\"rerun\"") && strstr (all, "\"cancel_run\"") &&
           strstr (all, "\"trigger_workflow\""));
    arena_destroy (&arena);
}

TEST (an_answer_says_what_is_there_and_what_was_cut)
{
    arena_t *arena = arena_new ();
    const value_t *read;
    const char *error,
        *json = "{\"a\":null,\"b\":\"\",\"c\":0,\"d\":[],\"e\":[{\"f\":false,\"g\":1}],\"h\":\"x\"}";
    CHECK (value_from_json (arena, json, strlen (json), &read, &error) == OK);
    CHECK_STR (mcp_tool_text (arena, read), "{\"c\":0,\"e\":[{\"g\":1}],\"h\":\"x\"}");
    char *text = arena_array (arena, MCP_TEXT + 10, 1);
    memset (text, 'x', MCP_TEXT + 9);
    CHECK (strstr (mcp_cut_text (arena, text, MCP_TEXT + 9), "cut here"));
    CHECK_INT (strlen (mcp_cut_text (arena, text, MCP_TEXT)), MCP_TEXT);
    arena_destroy (&arena);
}

TEST (a_file_of_an_artifact_is_asked_for_by_its_path_and_a_range)
{
    arena_t *arena = arena_new ();
    const value_t *arguments;
    const char *error, *body,
        *json = "{\"artifact\":\"a1\",\"path\":\"out/a b.txt\",\"offset\":10,\"bytes\":5}";
    const mcp_tool_t *tool = mcp_tools;
    while (strcmp (tool->name, "read_artifact_file") != 0)
        tool++;
    CHECK_INT (value_from_json (arena, json, strlen (json), &arguments, &error), OK);
    CHECK_STR (mcp_tool_path (arena, tool, arguments, &body), "/artifacts/a1/files/out/a%20b.txt");
    CHECK_STR (mcp_tool_range (arena, arguments), "Range: bytes=10-14");
    CHECK_STR (mcp_tool_range (arena, value_object (arena)), "Range: bytes=0-65535");
    CHECK_STR (mcp_bytes_text (arena, "caf\xc3\xa9", 5), "caf\xc3\xa9");
    CHECK_STR (mcp_bytes_text (arena, "caf\xc3", 4), "caf"); // Cut within a character
    CHECK_STR (mcp_bytes_text (arena, "\x89PNG\0", 5), "base64 of 5 bytes:\niVBORwA=");
    CHECK_STR (mcp_bytes_text (arena, "", 0), "");
    arena_destroy (&arena);
}
