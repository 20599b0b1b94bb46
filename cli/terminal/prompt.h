/* prompt.h - asks a person for one line. From a pipe it is the next line, and nothing is asked. */

#ifndef OPENCICD_CLI_TERMINAL_PROMPT_H
#define OPENCICD_CLI_TERMINAL_PROMPT_H

#include "common/base/turn.h"

#include <stdbool.h>

#define PROMPT_MAX 4096 // Bytes of the line

// `hidden`: what is typed is not shown. BAD_INPUT where there is no line, or it is too long.
MUST_USE fault_t prompt_line (turn_t *turn, const char *question, bool hidden, const char **out);

#endif
