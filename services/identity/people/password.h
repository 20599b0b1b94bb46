/* password.h - which passwords may be chosen. Pure.
 *
 * Any characters, 8 to 256 of them, as they are: nothing is cut, nothing else is asked for (NIST SP 800-63B, OWASP ASVS 5.0 6.2). Refused is what is
 * guessed first: the passwords that people choose most (common_passwords.h), also with digits and signs around them and letters written as
 * digits, rows of the keyboard, repetitions, and the names of the user and of this program. */

#ifndef OPENCICD_IDENTITY_PASSWORD_H
#define OPENCICD_IDENTITY_PASSWORD_H

#include "common/base/arena.h"

#define PASSWORD_LEAST 8
#define PASSWORD_MOST  256 // Characters

// Why `password` may not be that of `name`; NULL: it may.
const char *password_refusal (arena_t *arena, const char *password, const char *name);

#endif
