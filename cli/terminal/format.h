/* format.h - times, durations and sizes for people. --json has them exactly. Pure. */

#ifndef OPENCICD_CLI_TERMINAL_FORMAT_H
#define OPENCICD_CLI_TERMINAL_FORMAT_H

#include "common/base/arena.h"

#include <stdint.h>

const char *duration_text (arena_t *arena,
                           int64_t us); // "340 ms", "12.3 s", "2 min 05 s", "3 h 07 min", "2 d 3 h"
const char *ago_text (arena_t *arena, int64_t then_us,
                      int64_t now_us);                 // "3 min ago"; a date for older times
const char *size_text (arena_t *arena, int64_t bytes); // "512 B", "1.2 MiB"

#endif
