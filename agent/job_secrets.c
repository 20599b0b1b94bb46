/* job_secrets.c - see job_secrets.h. */

#include "agent/job_secrets.h"

#include "common/settings/dotenv.h"

fault_t job_secrets (arena_t *arena, const char *file, const engine_variable_t **out, const char **error)
{
    turn_t turn;
    dotenv_t pairs = {0};
    turn_init (&turn, arena, "secrets", 0);
    fault_t fault = *file ? dotenv_read (&turn, file, &pairs) : OK;
    engine_variable_t *list = arena_array (arena, pairs.count + 1, sizeof *list);
    for (size_t i = 0; i < pairs.count; i++)
        list[i] = (engine_variable_t){pairs.items[i].name, pairs.items[i].value};
    *out = list;
    *error = fault ? arena_printf (arena, "the secrets of this agent cannot be read: %s",
                                   turn.detail ? turn.detail : fault_own_text (fault))
                   : "";
    return fault;
}
