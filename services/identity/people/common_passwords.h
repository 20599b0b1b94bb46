/* common_passwords.h - what common passwords are made of: a password that is one of these, whatever digits and signs are around it, is common. */

#ifndef OPENCICD_IDENTITY_COMMON_PASSWORDS_H
#define OPENCICD_IDENTITY_COMMON_PASSWORDS_H

#include <stdbool.h>
#include <stddef.h>

// `word` in lower case, its digits as the letters that they look like.
bool common_password_word (const char *word, size_t size);

#endif
