/* openapi.c - `opencicd openapi`: the document of GET /openapi.json, made here from the same tables. It asks no server. */

#include "gateway/openapi.h"

#include "cli/command/command.h"

static int openapi (cli_t *cli)
{
    (void) cli;
    buffer_t *document = buffer_new (OPENAPI_MAX);
    openapi_print (document);
    size_t size = buffer_size (document);
    bool whole = !buffer_full (document) && fwrite (buffer_text (document), 1, size, stdout) == size;
    buffer_destroy (&document);
    return whole ? CLI_OK : CLI_FAILED;
}

const command_t command_openapi = {.name = "openapi",
                                   .group = GROUP_PROGRAM,
                                   .usage = "",
                                   .summary = "Print the HTTP API as OpenAPI 3.1.",
                                   .help = "The same document as GET /openapi.json. Needs no server.\n",
                                   .run = openapi};
