/* job_token.h - the token of a job: valid for that job, that attempt and a limited time.
 *
 * "ocj_2." key "." job "." attempt "." issued "." expires "." MAC; times in seconds, UTC. MAC is keyed BLAKE2b-256 (libsodium
 * crypto_generichash) over what comes before it, in base64url; `key` names the key, so that keys can be replaced while tokens live.
 * It is not stored anywhere; every gateway and scheduler has the keys. Whether the attempt still holds its job, the scheduler decides.
 *
 * The version before, "ocj_" job "." attempt "." MAC, did not expire: it is accepted from jobs created less than JOB_TOKEN_OLD ago, which their
 * ids show, so that an upgrade ends no running job. An older gateway refuses tokens of this version: upgrade gateways first. */

#ifndef OPENCICD_JOB_TOKEN_H
#define OPENCICD_JOB_TOKEN_H

#include "common/base/clock.h"
#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>

#define SECRET_KEY_SIZE 32
#define SECRET_KEYS     4                // That a key file may hold
#define JOB_TOKEN_OLD   SECONDS (604800) // 7 days

typedef struct {
    unsigned char bytes[SECRET_KEY_SIZE]; // The newest: it signs
    unsigned char older[SECRET_KEYS - 1][SECRET_KEY_SIZE];
    size_t older_count; // These still verify
} secret_key_t;

typedef struct {
    const char *job;
    uint32_t attempt;
    int64_t issued_us;
    int64_t expires_us; // Both are cut to seconds
} job_token_t;

// Reads the key file (mode 0600; up to SECRET_KEYS lines of 64 hex digits, the newest first), makes it where it does not exist. BAD_INPUT
// for one that is malformed.
MUST_USE fault_t secret_key_load (secret_key_t *self, turn_t *turn, const char *path);
const char *job_token_make (const secret_key_t *key, arena_t *arena, const job_token_t *token);
// UNAUTHORIZED where it is not one of ours, or has expired.
// What else the agent needs to be given the secrets of an attempt: hex, from the newest key. The job's token is GITHUB_TOKEN, which the job's
// processes have; this they have not.
const char *job_secrets_key (const secret_key_t *key, arena_t *arena, const char *job, uint32_t attempt);
bool job_secrets_key_is (const secret_key_t *key, const char *job, uint32_t attempt, const char *text);
MUST_USE fault_t job_token_check (const secret_key_t *key, arena_t *arena, const char *text, int64_t now_us,
                                  job_token_t *out);

#endif
