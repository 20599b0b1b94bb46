/* input.h - what commands read from files: whole, bounded, with their size, so that a NUL inside is seen. */

#ifndef OPENCICD_CLI_FILES_INPUT_H
#define OPENCICD_CLI_FILES_INPUT_H

#include "common/base/turn.h"
#include "workflow/expression/value.h"

#define INPUT_MAX (16 << 20) // Bytes

// "-" is standard input. The detail names the path; TOO_LARGE past INPUT_MAX.
MUST_USE fault_t input_read (turn_t *turn, const char *path, const char **out, size_t *size);
// A file that is a JSON object; else INVALID.
MUST_USE fault_t input_object (turn_t *turn, const char *path, const value_t **out);
// A value that nobody else should see, on standard input, without the line feed at its end, which `echo` and editors add; what is typed at
// a terminal is not shown. `name` is what is asked for there. INVALID: it is not text.
MUST_USE fault_t input_value (turn_t *turn, const char *name, const char **out);

#endif
