/* main.c - the lean agent program, opencicd-agent: what `opencicd agent` does, without the rest. */

#include "agent/agent.h"
#include "common/base/log.h"
#include "common/os/systemd.h"
#include "common/settings/program.h"

int main (int argc, char **argv)
{
    arena_t *arena = arena_new ();
    settings_t settings;
    int status;
    if (program_settings (&settings, arena, "agent", argc, argv, &status)) {
        systemd_begin ();
        log_setup ((log_level_t) settings.log_level, settings.log_format == 1);
        status = agent_main (&settings);
    }
    arena_destroy (&arena);
    return status;
}
