/* mcp_tools.h - what `opencicd mcp` offers: one row a tool, which is one request of the HTTP API. */

#ifndef OPENCICD_CLI_MCP_MCP_TOOLS_H
#define OPENCICD_CLI_MCP_MCP_TOOLS_H

#include "cli/mcp/mcp_protocol.h"

extern const mcp_tool_t mcp_tools[];
extern const size_t mcp_tool_count;

// The path with its query, and in *body the JSON of what is not in the path, where the tool's method is POST.
const char *mcp_tool_path (arena_t *arena, const mcp_tool_t *tool, const value_t *arguments,
                           const char **body);
// The answer as a model reads it: JSON without what is null, empty or false; at most MCP_TEXT bytes, and what was cut is said.
const char *mcp_tool_text (arena_t *arena, const value_t *answer);
// Of a tool that reads bytes: the header that asks for those that its arguments name, at most MCP_BYTES; and these as a model reads them.
#define MCP_BYTES (64 << 10)
const char *mcp_tool_range (arena_t *arena, const value_t *arguments);
const char *mcp_bytes_text (arena_t *arena, const char *bytes, size_t size);
const char *mcp_cut_text (arena_t *arena, const char *text, size_t size);

#endif
