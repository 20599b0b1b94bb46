/* mcp_protocol.h - the Model Context Protocol, from one line to the line that answers it. Pure: what a tool does is its caller's.
 *
 * JSON-RPC 2.0, one message a line. Both eras of the protocol are served at once: a client that begins with `initialize` (revisions 2024-11-05
 * to 2025-11-25), and one whose every request says its revision in `_meta` (2026-07-28). Nothing is remembered between messages.
 * Source: https://modelcontextprotocol.io/specification */

#ifndef OPENCICD_CLI_MCP_MCP_PROTOCOL_H
#define OPENCICD_CLI_MCP_MCP_PROTOCOL_H

#include "common/base/arena.h"
#include "workflow/expression/value.h"

#define MCP_LINE  (1 << 20)  // Bytes of one message that is read
#define MCP_BATCH 50         // Requests of one message: revision 2025-03-26 allows a list of them
#define MCP_TEXT  (96 << 10) // Bytes of a tool's answer: what is more is cut, and said

typedef enum {
    MCP_TEXT_PARAM,
    MCP_NUMBER_PARAM,
    MCP_FLAG_PARAM,
    MCP_OBJECT_PARAM,
    MCP_LIST_PARAM
} mcp_kind_t;

typedef struct {
    const char *name; // NULL ends them
    mcp_kind_t kind;
    bool required;
    const char *choices; // "a|b"; NULL: any
    const char *doc;
} mcp_param_t;

#define MCP_PARAMS 10

typedef struct {
    const char *name, *title, *doc;
    const char *method, *path; // Of the HTTP API: "/runs/{run}"; other parameters are its query or its body
    bool writes, destroys;
    bool text, bytes; // The answer is a log, or bytes of a file, not JSON
    mcp_param_t params[MCP_PARAMS];
} mcp_tool_t;

// What a tool answers: a text for the model, which is an error's where *failed.
typedef const char *mcp_call_fn (void *context, arena_t *arena, const mcp_tool_t *tool,
                                 const value_t *arguments, bool *failed);

typedef struct {
    const mcp_tool_t *tools;
    size_t count;
    bool writes; // Tools that change something may be called
    mcp_call_fn *call;
    void *context;
} mcp_t;

// The answer, without its line end; NULL where there is none.
const char *mcp_answer (const mcp_t *self, arena_t *arena, const char *line, size_t size);
// Of a line that is longer than MCP_LINE.
const char *mcp_too_long (arena_t *arena);

#endif
