/* runtime_token.h - a job's token in the shape that GitHub's toolkit wants: ACTIONS_RUNTIME_TOKEN.
 *
 * The toolkit reads a JWT without checking it: `scp` says which run and job it is, `exp`, `nbf` and `ac` are wanted by BuildKit. So the
 * claims are for the client alone, and where a signature is expected is the job's token itself, in base64url: the server looks at nothing else.
 * It is good for as long as that token, ends with its attempt, and nobody needs another key. */

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
// The same with the times that the job's token says; one of the version before says none, and gets a day from its making on.
const char *runtime_token_of_job (arena_t *arena, const char *token, const char *run, const char *job,
                                  const char *ref, int64_t now_us);
// The job's token in it; any other text is given back as it is.
const char *runtime_token_job (arena_t *arena, const char *text);

#endif
