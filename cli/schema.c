/* schema.c - `opencicd schema`: the workflow language as data, for editors and other programs. */

#include "workflow/schema_json.h"

#include "cli/command.h"

#include <string.h>

static int schema (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    const char *of = cli->words.count ? cli->words.items[0] : "workflow";
    const schema_object_t *object = strcmp (of, "workflow") == 0 ? &schema_workflow
                                    : strcmp (of, "action") == 0 ? &schema_action
                                                                 : NULL;
    if (!object)
        return cli_usage (cli, "%s: there is a schema of workflow and one of action", of);
    const value_t *data =
        flag_on (cli->flags, "keys") ? schema_keys_json (arena, object) : schema_json (arena, object);
    printf ("%s\n", value_to_json (arena, data, 2));
    return CLI_OK;
}

static const flag_t flags[] = {
    {.name = "keys",
     .kind = FLAG_SWITCH,
     .doc =
         "A list of all keys instead: path, kinds, values, contexts, functions and meaning, as completion needs it."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "It is JSON in any case."},
    {.name = NULL}};

const command_t command_schema = {
    .name = "schema",
    .usage = "[--keys] [workflow|action]",
    .summary = "Print the workflow language as a JSON Schema.",
    .help = "Draft 2020-12, made from the tables by which `opencicd lint` checks. Give it to your editor:\n"
            "    opencicd schema > workflow.schema.json\n",
    .flags = flags,
    .most = 1,
    .run = schema};
