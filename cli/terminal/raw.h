/* raw.h - this program's own terminal, for a shell elsewhere: each key as it is typed, and the size of the window. */

#ifndef OPENCICD_CLI_TERMINAL_RAW_H
#define OPENCICD_CLI_TERMINAL_RAW_H

#include <stdbool.h>
#include <stdint.h>

// From here to raw_end keys are not echoed and signal nothing. False where standard input is not a terminal: nothing is changed.
bool raw_begin (void);
void raw_end (void); // As it was before; also where raw_begin changed nothing
// Of the window. False where there is none.
bool raw_size (uint32_t *columns, uint32_t *rows);

#endif
