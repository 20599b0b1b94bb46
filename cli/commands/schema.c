/* schema.c - `opencicd schema`: the workflow language as data, for editors and other programs. */

#include "workflow/lint/completion.h"
#include "workflow/schema/schema_json.h"

#include "cli/command/command.h"

#include <string.h>

static int schema (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    const char *of = cli->args.count ? cli->args.items[0] : "workflow";
    if (strcmp (of, "completion") == 0) {
        printf ("%s\n", value_to_json (arena, completion_json (arena), 0));
        return CLI_OK;
    }
    const schema_object_t *object = strcmp (of, "workflow") == 0 ? &schema_workflow
                                    : strcmp (of, "action") == 0 ? &schema_action
                                                                 : NULL;
    if (!object)
        return cli_usage (cli, "%s: there is no such schema, only workflow, action and completion", of);
    const value_t *data =
        flag_on (cli->flags, "keys") ? schema_keys_json (arena, object) : schema_json (arena, object);
    printf ("%s\n", value_to_json (arena, data, 2));
    return CLI_OK;
}

static const flag_t flags[] = {
    {.name = "keys",
     .kind = FLAG_SWITCH,
     .doc =
         "List all keys instead, for completion in an editor: path, kinds, values, contexts, functions, meaning."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Accepted; the output is always JSON."},
    {.name = NULL}};

const command_t command_schema = {
    .name = "schema",
    .group = GROUP_FILES,
    .usage = "[--keys] [workflow|action|completion]",
    .summary = "Print the workflow language as a JSON Schema.",
    .help =
        "Draft 2020-12, for your editor; generated from the tables that `opencicd lint` checks against. `completion` is what can\n"
        "be written inside of expressions and of `with`: contexts and functions by place, and inputs of well-known actions.\n"
        "Needs no server.\n",
    .examples = "opencicd schema > workflow.schema.json\n"
                "opencicd schema --keys action\n",
    .flags = flags,
    .max_args = 1,
    .choices = "workflow|action|completion",
    .run = schema};
