/* folder.h - a folder of a test's own, below TMPDIR: the one place where tests make them and remove them. */

#ifndef OPENCICD_TEST_FOLDER_H
#define OPENCICD_TEST_FOLDER_H

#include <stddef.h>

void test_folder (char *path, size_t size);   // Makes one that is empty; absolute
void test_folder_remove (const char *path);   // With all that is in it; no link is followed
void test_folder_is_empty (const char *path); // Fails where something was left in it, and removes it

#endif
