/* folder.h - a temporary folder for a test, and quick ways to fill it. */

#ifndef OPENCICD_TEST_AGENT_FOLDER_H
#define OPENCICD_TEST_AGENT_FOLDER_H

#include "common/base/arena.h"

#include <stdbool.h>

const char *folder_new (arena_t *arena);                                  // Absolute, without links in it
void folder_remove (const char *path);                                    // With all that is in it
void folder_put (const char *folder, const char *path, const char *text); // A file, and the folders above it
bool folder_has (const char *folder, const char *path);
const char *folder_read (arena_t *arena, const char *folder, const char *path); // "" where there is none

#endif
