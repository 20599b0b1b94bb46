/* status_line.h - the last line of a terminal, redrawn to show what is running. Not shown without a terminal. */

#ifndef OPENCICD_CLI_TERMINAL_STATUS_LINE_H
#define OPENCICD_CLI_TERMINAL_STATUS_LINE_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_LINE_US 1000000 // Redrawn at least this often

bool status_line_possible (void);         // Are standard output and error a terminal?
void status_line_draw (const char *text); // Cut to the width of the terminal; replaces the one before
void status_line_clear (void);            // Before anything else is printed

#endif
