/* path.h - relative paths that come from outside: an artifact's, an action's, a blob's key. Text alone; no disk is asked. */

#ifndef OPENCICD_PATH_H
#define OPENCICD_PATH_H

#include <stdbool.h>
#include <stddef.h>

bool path_is_dots (const char *part, size_t size); // "." or ".."
// Does it stay below the folder that it is joined to? Not empty, and no part is "", "." or ".."; one "/" at its end is fine.
bool path_is_inside (const char *path);

#endif
