/* totp.h - codes of authenticators. Pure. Sources: RFC 6238 (TOTP, HMAC-SHA-1, 30 s, six digits), RFC 4648 (base32). */

#ifndef OPENCICD_IDENTITY_TOTP_H
#define OPENCICD_IDENTITY_TOTP_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_KEY    20 // Bytes, as RFC 4226 recommends
#define TOTP_DIGITS 6

int64_t totp_step (int64_t now_us); // Which of the 30 seconds that is
uint32_t totp_code (const void *key, size_t size, int64_t step, int digits);
// Is it the code of this step, the one before or the one after, and of a later one than `last`? Then *step is which.
bool totp_check (const void *key, size_t size, int64_t now_us, int64_t last, const char *text, int64_t *step);
const char *base32_text (arena_t *arena, const void *bytes, size_t size); // Without padding

#endif
