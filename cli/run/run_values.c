/* run_values.c - see run_values.h. */

#include "cli/run/run_values.h"

#include "common/os/file.h"
#include "common/settings/dotenv.h"

#include <stdlib.h>
#include <string.h>

static fault_t add_files (turn_t *turn, args_t files, dotenv_t *out)
{
    for (size_t i = 0; i < files.count; i++) {
        const char *text;
        // A pipe too: what a keyring's program prints need not lie in a file
        fault_t fault = file_read (turn, files.items[i], DOTENV_BYTES, &text);
        if (fault == OK)
            fault = dotenv_parse (turn, files.items[i], text, strlen (text), out);
        if (fault != OK)
            return turn_fail (turn, BAD_INPUT, "%s", turn->detail ? turn->detail : fault_text (fault));
    }
    return OK;
}

static fault_t add_pairs (turn_t *turn, const char *flag, args_t given, dotenv_t *out)
{
    for (size_t i = 0; i < given.count; i++) {
        const char *text = given.items[i], *equals = strchr (text, '=');
        const char *name = equals ? arena_strndup (turn->arena, text, (size_t) (equals - text)) : text;
        const char *value = equals ? equals + 1 : getenv (name);
        if (!value)
            return turn_fail (turn, BAD_INPUT, "--%s: the environment has no variable %s", flag, name);
        if (dotenv_set (turn, out, name, value) != OK)
            return turn_fail (turn, BAD_INPUT, "--%s: %s", flag, turn->detail);
    }
    return OK;
}

// Files rather than arguments or variables of the agents, which other users of the machine, or a job, could read.
static fault_t write (const cli_t *cli, const char *flag, const char *file_flag, const char *path,
                      const char **out)
{
    turn_t *turn = cli->turn;
    dotenv_t pairs = {0};
    *out = "";
    // Files first: the last of a name counts, and a flag is meant to override a file
    TRY (add_files (turn, flag_list (cli->flags, file_flag), &pairs));
    TRY (add_pairs (turn, flag, flag_list (cli->flags, flag), &pairs));
    if (pairs.count == 0)
        return OK;
    buffer_t *text = buffer_new (2 * DOTENV_BYTES);
    dotenv_print (&pairs, text);
    *out = path;
    fault_t fault = buffer_full (text) || buffer_size (text) > DOTENV_BYTES
                        ? turn_fail (turn, BAD_INPUT, "--%s: more than %d bytes", flag, DOTENV_BYTES)
                        : file_write (turn, path, buffer_text (text));
    buffer_destroy (&text);
    return fault;
}

fault_t run_values_write (const cli_t *cli, const char *folder, run_values_t *out)
{
    arena_t *arena = cli->turn->arena;
    TRY (write (cli, "secret", "secret-file", arena_printf (arena, "%s/secrets", folder), &out->secrets));
    return write (cli, "var", "var-file", arena_printf (arena, "%s/variables", folder), &out->variables);
}
