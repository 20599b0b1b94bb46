/* up.c - `opencicd up`: the embedded server until a signal. */

#include "cli/up/up.h"

#include "cli/up/embedded.h"
#include "cli/up/web.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/settings/program.h"

#include <stdio.h>
#include <unistd.h>

// For who sits before it: a log should hold no link that signs in.
static void print_link (turn_t *turn, const settings_t *settings)
{
    client_t *client;
    const char *link;
    fault_t fault = client_new (&client, turn, settings);
    if (fault == OK)
        fault = web_link (client, turn, 0, &link);
    if (fault == OK)
        printf ("\nOpen this in your browser; it signs you in, once:\n    %s\n\n", link);
    client_destroy (&client);
}

int up_run (const settings_t *settings)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    embedded_t *server;
    const local_agents_spec_t agents = {.labels = LOCAL_AGENTS_LABELS};
    program_begin (settings, "up");
    turn_init (&turn, arena, "start", clock_now_us (clock_system ()));
    fault_t fault = embedded_start (&server, &turn, settings, &agents);
    if (fault == OK) {
        log_info ("open-cicd is up", "url", embedded_url (server), "data", settings->data_dir, NULL);
        if (isatty (STDOUT_FILENO))
            print_link (&turn, settings);
        program_wait ();
    } else if (program_must_end (0))
        fault = OK; // Told so while it waited for its database
    else
        fprintf (stderr, "opencicd: %s\n", turn.detail ? turn.detail : fault_text (fault));
    embedded_stop (&server);
    arena_destroy (&arena);
    return fault == OK ? 0 : 1;
}
