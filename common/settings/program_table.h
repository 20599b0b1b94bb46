/* program_table.h - every installed program: its help, manual page and completions come from here. */

#ifndef OPENCICD_PROGRAM_TABLE_H
#define OPENCICD_PROGRAM_TABLE_H

// Name after "opencicd-", whose settings it takes, one line about it. `opencicd` itself has commands (cli/command/command.h).
#define PROGRAMS(P)                                                                                   \
    P (agent, AGENT, "Run an agent: it takes one job at a time from a server.")                       \
    P (gateway, SERVER, "Serve the HTTP API, in a process of its own.")                               \
    P (identity, SERVER, "Run the identity service (tokens), in a process of its own.")               \
    P (scm, SERVER, "Run the scm service (repositories and their mirrors), in a process of its own.") \
    P (logs, SERVER, "Run the logs service, in a process of its own.")                                \
    P (artifacts, SERVER, "Run the artifacts service, in a process of its own.")                      \
    P (scheduler, SERVER, "Run the scheduler (runs, jobs, leases, agents), in a process of its own.")

typedef struct {
    const char *name;
    unsigned programs; // settings.h
    const char *summary;
} program_row_t;

extern const program_row_t program_rows[]; // Ends with a NULL name

const program_row_t *program_row (const char *name); // The name must be one of the table's

#endif
