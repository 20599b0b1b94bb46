/* commit_id.h - what the whole id of a git commit looks like: 40 hexadecimal digits, or 64 in a repository of SHA-256. */

#ifndef OPENCICD_COMMIT_ID_H
#define OPENCICD_COMMIT_ID_H

#include <stdbool.h>
#include <stddef.h>

// Characters of the one that `text` begins with, in lower case, as git writes it; 0: it begins with none.
size_t commit_id_size (const char *text);
bool commit_id_is (const char *text);       // All of it is one
bool commit_id_is_meant (const char *text); // Likewise, in any case: git reads either

#endif
