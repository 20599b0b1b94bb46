/* manual.h - the manual pages, made from the tables that --help is made from. The build prints them with `opencicd help --man`. */

#ifndef OPENCICD_CLI_COMMAND_MANUAL_H
#define OPENCICD_CLI_COMMAND_MANUAL_H

#include "cli/command/command.h"

// The page "opencicd", "opencicd-agent" or another program's (program_table.h), "opencicd.yaml"; in man(7). Dated by
// SOURCE_DATE_EPOCH, or today. False for an unknown page; then nothing is printed.
bool manual_print (FILE *out, const char *page, const command_t *const *commands);
const char *manual_pages (arena_t *arena); // "opencicd, opencicd-agent, ..."

#endif
