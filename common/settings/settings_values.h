/* settings_values.h - the rows of settings_table.h about secrets and variables (docs/run.md). */

#ifndef OPENCICD_SETTINGS_VALUES_H
#define OPENCICD_SETTINGS_VALUES_H

// clang-format off
#define VALUE_SETTINGS(S)                                                                                            \
    S (PATH, variables_file, SERVER, "Variables (vars.*) of all projects, as NAME=VALUE lines; read at the start.",  \
       .metavar = "FILE")                                                                                            \
    S (PATH, secrets_file, AGENT, "Secrets (secrets.*) of every job of this agent, as NAME=VALUE lines, read when one begins.", \
       .metavar = "FILE")
// clang-format on

#endif
