/* job_token.h - the token that a job gets: good for that job and that attempt alone.
 *
 * "ocj_" job "." attempt "." MAC, where MAC is keyed BLAKE2b-256 (libsodium crypto_generichash) over what stands before it, in base64url.
 * It is not stored anywhere; every gateway and scheduler has the key. Whether the attempt is still the current one is for the scheduler to say. */

#ifndef OPENCICD_JOB_TOKEN_H
#define OPENCICD_JOB_TOKEN_H

#include "common/turn.h"

#define SECRET_KEY_SIZE 32

typedef struct {
    unsigned char bytes[SECRET_KEY_SIZE];
} secret_key_t;

// Reads the key file (64 hex digits, mode 0600), makes it where it does not exist. BAD_INPUT for one that is malformed.
MUST_USE fault_t secret_key_load (secret_key_t *self, turn_t *turn, const char *path);
const char *job_token_make (const secret_key_t *key, arena_t *arena, const char *job, uint32_t attempt);
MUST_USE fault_t job_token_check (const secret_key_t *key, arena_t *arena, const char *token,
                                  const char **job,
                                  uint32_t *attempt); // UNAUTHORIZED

#endif
