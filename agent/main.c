/* main.c - the lean agent program, opencicd-agent: what `opencicd agent` does, without the rest. */

#include "agent/agent.h"
#include "common/log.h"

#include <stdio.h>

static int show_help (void)
{
    puts ("opencicd-agent - takes jobs from an open-cicd server and runs them\n");
    settings_help (stdout, AGENT);
    return 0;
}

int main (int argc, char **argv)
{
    arena_t *arena = arena_new ();
    settings_t settings;
    const char *error;
    int status = 2;
    if (settings_load (&settings, arena, AGENT, &argc, argv, &error) != OK)
        fprintf (stderr, "opencicd-agent: %s\n", error);
    else if (settings.help)
        status = show_help ();
    else if (settings.version)
        status = puts (OPENCICD_VERSION) < 0;
    else if (argc > 1)
        fprintf (stderr, "opencicd-agent: \"%s\" is too much: it takes flags alone\n", argv[1]);
    else {
        log_setup ((log_level_t) settings.log_level, settings.log_format == 1);
        status = agent_main (&settings);
    }
    arena_destroy (&arena);
    return status;
}
