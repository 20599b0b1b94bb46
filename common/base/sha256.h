/* sha256.h - a SHA-256 whose state can be stored and resumed by another process.
 *
 * A log or an upload grows over many requests and perhaps many processes; with the state in the database nobody has to read
 * again what is stored. Source: FIPS 180-4; the arithmetic is libcrypto's, which uses the processor's instructions. */

#ifndef OPENCICD_SHA256_H
#define OPENCICD_SHA256_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define SHA256_SAVED 104 // Bytes of a stored state
#define SHA256_HEX   64  // Characters of a checksum
#define SHA256_SUM   32  // Bytes of a checksum

typedef struct {
    uint32_t words[8];
    uint64_t size;           // Bytes so far
    unsigned char block[64]; // The first size % 64 of them wait for the rest
} sha256_t;

void sha256_init (sha256_t *self);
void sha256_add (sha256_t *self, const void *data, size_t size);
void sha256_sum (const sha256_t *self,
                 unsigned char into[SHA256_SUM]); // Of the bytes so far, like sha256_hex
const char *sha256_hex (const sha256_t *self,
                        arena_t *arena); // Of the bytes so far; more may be added after it
bool sha256_is_hex (const char *text);   // 64 lower-case hex digits?

void sha256_save (const sha256_t *self, unsigned char into[SHA256_SAVED]);
MUST_USE fault_t sha256_load (sha256_t *self, const void *data,
                              size_t size); // BROKEN if it is not a stored state

#endif
