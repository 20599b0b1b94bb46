/* status_line.h - the last line of a terminal, which says what is under way and is drawn anew. Not shown where there is no terminal. */

#ifndef OPENCICD_CLI_STATUS_LINE_H
#define OPENCICD_CLI_STATUS_LINE_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_LINE_US 1000000 // It is drawn at least so often

bool status_line_possible (void);         // Are standard output and error a terminal?
void status_line_draw (const char *text); // Cut to the width of the terminal; replaces the one before
void status_line_clear (void);            // Before anything else is printed

#endif
