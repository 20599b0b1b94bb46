/* runtime_token.h - a job's token in the shape that GitHub's toolkit wants: ACTIONS_RUNTIME_TOKEN.
 *
 * The toolkit reads a JWT without verifying it: it takes run and job from `scp`; BuildKit wants `exp`, `nbf` and `ac`. So the
 * claims are only for the client, and in place of a signature is the job's token itself, in base64url: the server reads nothing else.
 * It is valid exactly as long as that token, ends with its attempt, and needs no key of its own. */

#ifndef OPENCICD_RUNTIME_TOKEN_H
#define OPENCICD_RUNTIME_TOKEN_H

#include "common/base/arena.h"

#include <stdint.h>

typedef struct {
    const char *token; // The job's
    const char *run;   // "" for a job without one
    const char *job;
    const char *ref; // Whose caches it may write; "" for none
    int64_t issued_us, expires_us;
} runtime_token_t;

const char *runtime_token_make (arena_t *arena, const runtime_token_t *from);
// The same with the times of the job's token; a token of the previous version has none, and gets a day from now.
const char *runtime_token_of_job (arena_t *arena, const char *token, const char *run, const char *job,
                                  const char *ref, int64_t now_us);
// The job's token in it; any other text is returned unchanged.
const char *runtime_token_job (arena_t *arena, const char *text);

#endif
