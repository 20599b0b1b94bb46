/* mcp.c - `opencicd mcp`: the server's runs, failures and logs for coding agents, over the Model Context Protocol on standard input and output.
 *
 * One message after the other, each with memory of its own; standard output has nothing but answers. Read-only unless it is asked for more. */

#include "cli/command/command.h"
#include "cli/mcp/mcp_tools.h"
#include "cli/server/client.h"
#include "common/base/buffer.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    cli_t *cli;
    client_t *client; // NULL until the first tool is called: the server may be started later
} mcp_session_t;

static bool take_text (void *to, const char *data, size_t size)
{
    buffer_t *text = to;
    buffer_add (text, data, size);
    return !buffer_full (text);
}

static fault_t ask (mcp_session_t *self, turn_t *turn, const mcp_tool_t *tool, const value_t *arguments,
                    const char **text)
{
    const char *body, *path = mcp_tool_path (turn->arena, tool, arguments, &body);
    answer_t answer;
    if (!self->client)
        TRY (client_new (&self->client, turn, self->cli->settings));
    if (!tool->text && !tool->bytes) {
        TRY (client_ask (self->client, turn, tool->method, path, body, &answer));
        *text = mcp_tool_text (turn->arena, answer.json);
        return OK;
    }
    buffer_t *into = buffer_new (2 * MCP_TEXT);
    const char *range = tool->bytes ? mcp_tool_range (turn->arena, arguments) : NULL;
    fault_t fault = client_download (self->client, turn, path, range, take_text, into);
    // A full buffer has ended the transfer itself: the rest would not be shown
    if (fault == OK || buffer_full (into)) {
        *text = tool->bytes ? mcp_bytes_text (turn->arena, buffer_text (into), buffer_size (into))
                            : mcp_cut_text (turn->arena, buffer_text (into), buffer_size (into));
        fault = OK;
    }
    buffer_destroy (&into);
    return fault;
}

static const char *call (void *context, arena_t *arena, const mcp_tool_t *tool, const value_t *arguments,
                         bool *failed)
{
    mcp_session_t *self = context;
    const char *text = "";
    turn_t turn;
    turn_init (&turn, arena, "mcp", self->cli->turn->now_us);
    fault_t fault = ask (self, &turn, tool, arguments, &text);
    *failed = fault != OK;
    return !*failed ? text : turn.detail ? turn.detail : fault_text (fault);
}

// The next line without its end, of which `room` bytes are kept; false at the end of the input. *size is what it has.
static bool read_line (char *line, size_t room, size_t *size)
{
    int byte;
    *size = 0;
    while ((byte = getc_unlocked (stdin)) != EOF && byte != '\n') {
        // Past the room it is read on to its end, so that what comes next is a message again
        if (*size < room)
            line[*size] = (char) byte;
        ++*size;
    }
    return byte != EOF || *size > 0;
}

static int mcp (cli_t *cli)
{
    size_t size;
    mcp_session_t session = {.cli = cli};
    const mcp_t server = {.tools = mcp_tools,
                          .count = mcp_tool_count,
                          .writes = flag_on (cli->flags, "write"),
                          .call = call,
                          .context = &session};
    char *line = malloc (MCP_LINE);
    arena_t *arena = arena_new ();
    if (!line)
        abort ();
    while (!ferror (stdout) && read_line (line, MCP_LINE, &size)) {
        arena_reset (arena);
        if (size == 0 || (size == 1 && line[0] == '\r'))
            continue;
        const char *answer = size > MCP_LINE ? mcp_too_long (arena) : mcp_answer (&server, arena, line, size);
        if (answer)
            printf ("%s\n", answer);
        // The client may wait for this answer before it says more
        fflush (stdout);
    }
    arena_destroy (&arena);
    client_destroy (&session.client);
    free (line);
    return ferror (stdout) ? CLI_FAILED : CLI_OK;
}

static const flag_t mcp_flags[] = {{.name = "write",
                                    .kind = FLAG_SWITCH,
                                    .doc = "Also offer tools that change something: trigger, rerun, cancel."},
                                   {.name = NULL}};

const command_t command_mcp = {
    .name = "mcp",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS]",
    .summary = "Serve runs, failures and logs to coding agents, over the Model Context Protocol.",
    .help =
        "Speaks on standard input and output, as a coding agent's settings name it:\n"
        "    {\"mcpServers\": {\"ci\": {\"command\": \"opencicd\", \"args\": [\"mcp\"]}}}\n"
        "It has the rights of the token that the command line has; a viewer's token is enough without --write.\n",
    .examples = "opencicd mcp\nopencicd mcp --write\n",
    .programs = CLIENT,
    .flags = mcp_flags,
    .run = mcp};
