/* claims.h - what a job's identity says of it: the claims that GitHub's tokens have, from the rows of its run. Pure.
 *
 * Source: GitHub's "OpenID Connect reference". What differs is in docs/oidc.md. */

#ifndef OPENCICD_WORKFLOW_CLAIMS_H
#define OPENCICD_WORKFLOW_CLAIMS_H

#include "workflow/expression/value.h"

typedef struct {
    const value_t *github;     // The context of its run
    const char *environment;   // "" for none
    const char *workflow;      // The file that has the job, by its name in the run
    const char *workflow_sha;  // Of its repository, where that is another one; else ""
    const char *job, *project; // Ids
    const char *project_name;
    uint32_t run_attempt;
} claims_of_t;

// May a job of this definition ask for an identity? Most jobs are spared that it is read.
bool claims_wanted (arena_t *arena, const char *definition);
// Likewise, and is its run, whose context is JSON, not of a fork's code?
bool claims_offered (arena_t *arena, const char *definition, const char *github);
// Without those of the issuer: iss, aud, exp, iat, nbf, jti.
const value_t *claims_make (arena_t *arena, const claims_of_t *of);
// "repo:OWNER/NAME:environment:NAME", ...:pull_request or ...:ref:REF. A colon in a value is %3A, so that no name can pass for another.
const char *claims_subject (arena_t *arena, const value_t *github, const char *environment);

#endif
