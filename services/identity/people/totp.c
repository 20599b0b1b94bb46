/* totp.c - see totp.h. */

#include "services/identity/people/totp.h"

#include "common/base/clock.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_US SECONDS (30)
#define SHA1    20 // Bytes

int64_t totp_step (int64_t now_us)
{
    return now_us / STEP_US;
}

uint32_t totp_code (const void *key, size_t size, int64_t step, int digits)
{
    unsigned char counter[8], sum[SHA1];
    unsigned sum_size = sizeof (sum);
    uint32_t modulus = 1;
    for (int i = 0; i < 8; i++)
        counter[7 - i] = (unsigned char) ((uint64_t) step >> (8 * i));
    if (!HMAC (EVP_sha1 (), key, (int) size, counter, sizeof (counter), sum, &sum_size))
        abort ();
    const unsigned char *at = sum + (sum[SHA1 - 1] & 15);
    uint32_t number = (uint32_t) (at[0] & 127) << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    return number % modulus;
}

bool totp_check (const void *key, size_t size, int64_t now_us, int64_t last, const char *text, int64_t *step)
{
    char code[16];
    int64_t now = totp_step (now_us);
    if (strlen (text) != TOTP_DIGITS)
        return false;
    for (*step = now - 1; *step <= now + 1; ++*step) {
        snprintf (code, sizeof (code), "%0*u", TOTP_DIGITS, totp_code (key, size, *step, TOTP_DIGITS));
        if (*step > last && sodium_memcmp (code, text, TOTP_DIGITS) == 0)
            return true;
    }
    return false;
}

const char *base32_text (arena_t *arena, const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const unsigned char *from = bytes;
    char *text = arena_alloc (arena, (size * 8 + 4) / 5 + 1), *to = text;
    uint32_t held = 0;
    int bits = 0;
    for (size_t i = 0; i < size; i++) {
        held = held << 8 | from[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *to++ = digits[held >> (bits - 5) & 31];
    }
    if (bits > 0)
        *to++ = digits[held << (5 - bits) & 31];
    *to = '\0';
    return text;
}
