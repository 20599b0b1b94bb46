/* program_table.c - the rows, and how a program reads its settings by its row. Separate from program.c for the agent, which has no
 * ZeroMQ. */

#include "common/settings/program_table.h"

#include "common/settings/program.h"

#include <assert.h>
#include <string.h>

#define ROW(name, programs, summary) {#name, programs, summary},
const program_row_t program_rows[] = {PROGRAMS (ROW){NULL, 0, NULL}};
#undef ROW

const program_row_t *program_row (const char *name)
{
    const program_row_t *row = program_rows;
    while (row->name && strcmp (row->name, name) != 0)
        row++;
    assert (row->name);
    return row;
}

bool program_settings (settings_t *settings, arena_t *arena, const char *name, int argc, char **argv,
                       int *status)
{
    const program_row_t *row = program_row (name);
    const char *error;
    *status = 2;
    if (settings_load (settings, arena, row->programs, &argc, argv, &error) != OK)
        fprintf (stderr, "%s: %s\n", argv[0], error);
    else if (argc > 1 && !settings->help)
        fprintf (stderr, "%s: %s is not an option (see --help)\n", argv[0], argv[1]);
    else if (settings->version)
        *status = printf ("opencicd-%s %s\n", name, OPENCICD_VERSION) < 0;
    else if (settings->help) {
        printf ("usage: opencicd-%s [OPTIONS]\n\n%s\n\n", name, row->summary);
        settings_help (stdout, row->programs);
        *status = 0;
    } else
        return true;
    return false;
}
