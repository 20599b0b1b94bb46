/* fuzz_mcp.c - any line as a message of the Model Context Protocol, with the real tools and no server.
 *
 * Holds: an answer is one line of JSON with `jsonrpc` and either a result or an error; a tool is called with arguments that its row allows, and
 * none that writes. */

#include "cli/mcp/mcp_tools.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *call (void *context, arena_t *arena, const mcp_tool_t *tool, const value_t *arguments,
                         bool *failed)
{
    const char *body, *path = mcp_tool_path (arena, tool, arguments, &body);
    (void) context;
    *failed = false;
    FUZZ_CHECK (!tool->writes && *path == '/' && !strpbrk (path, " \r\n#{}"));
    return mcp_tool_text (arena, arguments);
}

static void check_answer (const value_t *answer)
{
    FUZZ_CHECK (strcmp (value_get_text (answer, "jsonrpc"), "2.0") == 0);
    FUZZ_CHECK (!value_get (answer, "result") != !value_get (answer, "error"));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const mcp_t server = {.tools = mcp_tools, .count = mcp_tool_count, .call = call};
    arena_t *arena = arena_new ();
    const value_t *read;
    const char *error, *answer = mcp_answer (&server, arena, (const char *) data, size);
    if (answer) {
        FUZZ_CHECK (!strchr (answer, '\n'));
        FUZZ_CHECK (value_from_json (arena, answer, strlen (answer), &read, &error) == OK);
        for (size_t i = 0; read->kind == VALUE_ARRAY && i < read->list.count; i++)
            check_answer (read->list.items[i]);
        if (read->kind != VALUE_ARRAY)
            check_answer (read);
    }
    arena_destroy (&arena);
    return 0;
}
