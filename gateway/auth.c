/* auth.c - authentication and authorization: from the bearer token, or a browser's cookie, to turn.caller.
 *
 * A job's token is checked by its MAC alone, also where it comes as the signature of the JWT that GitHub's toolkit wants; every other by identity, which knows hashes. The route's row names the roles;
 * a job or an agent may also act only for itself if the path names one. Services check what only they can know. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/runtime_token.h"
#include "gateway/call.h"
#include "gateway/cookie.h"
#include "gateway/inside.h"
#include "gateway/tokens.h"

#include <string.h>
#include <strings.h>

#define TOKEN_MAX 4096 // Bytes of a token

static fault_t bearer (request_t *self, const char **token)
{
    const char *header = http_head_get (self->info, "Authorization");
    *token = NULL;
    if (!header)
        return OK;
    size_t scheme = strncasecmp (header, "Bearer ", 7) == 0  ? 7
                    : strncasecmp (header, "token ", 6) == 0 ? 6 // As GitHub's REST clients say it
                                                             : 0;
    if (!scheme)
        return turn_fail (&self->turn, UNAUTHORIZED, "Authorization must be: Bearer TOKEN");
    header += scheme + strspn (header + scheme, " ");
    size_t size = strcspn (header, " \t");
    if (size == 0 || size > TOKEN_MAX || header[size])
        return turn_fail (&self->turn, UNAUTHORIZED, "Authorization must be: Bearer TOKEN");
    *token = header;
    return OK;
}

// The session of a browser, where the request is our own page's.
static fault_t signed_in (request_t *self, const char **session)
{
    const char *name = cookie_name (gateway_config (self->gateway)->secure);
    *session = cookie_get (self->turn.arena, self->info, name);
    const char *refusal = *session ? cookie_refusal (self->info) : NULL;
    if (refusal)
        return turn_fail (&self->turn, FORBIDDEN, "%s", refusal);
    if (*session && strncmp (*session, "ocs_", 4) != 0)
        return turn_fail (&self->turn, UNAUTHORIZED, "the cookie %s does not hold a session", name);
    return OK;
}

static fault_t ask_identity (request_t *self, const char *hash, caller_t *caller)
{
    token_check_t ask = {.hash = hash};
    principal_t answer = {0};
    fault_t fault = gateway_call (self, MESSAGE (token_check), &ask, &answer, 0);
    if (fault != OK)
        return fault;
    role_t role = role_from_name (answer.role ? answer.role : "");
    if (role == ROLE_NOBODY || role == ROLE_SERVICE || role == ROLE_JOB)
        return turn_fail (&self->turn, UNAUTHORIZED, "this token is unknown, revoked or expired");
    *caller = (caller_t){.role = role, .subject = answer.subject ? answer.subject : ""};
    const char *grants = answer.grants ? answer.grants : "";
    // Of a MEMBER always, also where there are none: see wire.h
    if (role_rank (role) > 0 && (*grants || role == ROLE_MEMBER))
        caller->grants = grants;
    self->credential_id = answer.credential ? answer.credential : "";
    return OK;
}

static fault_t caller_of_hash (request_t *self, const char *hash, caller_t *caller)
{
    tokens_t *tokens = gateway_tokens (self->gateway);
    const caller_t before = self->turn.caller;
    int64_t now_us = clock_monotonic_us ();
    if (tokens_find (tokens, self->turn.arena, hash, now_us, caller, &self->credential_id))
        return OK;
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    fault_t fault = ask_identity (self, hash, caller);
    self->turn.caller = before;
    if (fault == OK)
        tokens_keep (tokens, hash, now_us, caller, self->credential_id);
    return fault;
}

static fault_t known_caller (request_t *self, const char *token, caller_t *caller)
{
    self->credential = secret_hash (self->turn.arena, token);
    return caller_of_hash (self, self->credential, caller);
}

static fault_t caller_of (request_t *self, const char *token, caller_t *caller)
{
    token = runtime_token_job (self->turn.arena, token);
    if (strncmp (token, "ocj_", 4) != 0)
        return known_caller (self, token, caller);
    job_token_t job;
    TRY (job_token_check (gateway_key (self->gateway), self->turn.arena, token, self->turn.now_us, &job));
    *caller = (caller_t){.role = ROLE_JOB, .subject = job.job, .attempt = job.attempt};
    self->credential = job.job;
    return OK;
}

// If the path names a job or an agent, a token of that kind must be its own.
static fault_t own_only (request_t *self)
{
    const caller_t *caller = &self->turn.caller;
    const char *name = caller->role == ROLE_JOB ? "job" : caller->role == ROLE_AGENT ? "agent" : NULL;
    const char *value = name ? pairs_get (&self->path, name) : NULL;
    if (value && strcmp (value, caller->subject) != 0)
        return turn_fail (&self->turn, FORBIDDEN, "this token is for another %s", name);
    return OK;
}

// Who is not signed in: then only what everybody may see.
static fault_t anonymous (request_t *self)
{
    if (!(self->route->roles & PUBLICLY) || !gateway_config (self->gateway)->public_projects)
        return turn_fail (&self->turn, UNAUTHORIZED, "this needs a token: Authorization: Bearer TOKEN");
    self->turn.caller = (caller_t){.role = ROLE_NOBODY, .subject = "", .grants = ""};
    return OK;
}

static bool may (const route_t *route, const caller_t *caller)
{
    role_t role = route->roles & EVERYWHERE ? caller->role : caller_best (caller);
    return route->roles & (1u << role);
}

bool request_still (request_t *self)
{
    const caller_t *caller = &self->turn.caller;
    caller_t now = {.role = ROLE_NOBODY, .subject = ""};
    if (role_rank (caller->role) == 0) // Nobody, or a job, whose token says itself until when
        return true;
    arena_t *whole = self->turn.arena;
    self->turn.arena = arena_new (); // This is asked again and again
    fault_t fault = caller_of_hash (self, self->credential, &now);
    bool same = fault == OK && now.role == caller->role && strcmp (now.subject, caller->subject) == 0 &&
                strcmp (now.grants ? now.grants : "", caller->grants ? caller->grants : "") == 0;
    arena_destroy (&self->turn.arena);
    self->turn.arena = whole;
    self->turn.detail = NULL;
    // Its service decides about what it cannot be asked
    return same || fault == UNAVAILABLE || fault == TIMEOUT || fault == OVERLOADED;
}

fault_t request_authorize (request_t *self)
{
    const char *token = NULL;
    caller_t caller = {.role = ROLE_NOBODY, .subject = ""};
    bool open = self->route->roles & MAY (NOBODY);
    if (open)
        return OK; // With any token or none: liveness must not depend on identity
    TRY (bearer (self, &token));
    if (!token)
        TRY (signed_in (self, &token));
    if (!token)
        return anonymous (self);
    fault_t fault = caller_of (self, token, &caller);
    if (fault != OK)
        return fault;
    self->turn.caller = self->person = caller;
    if (!may (self->route, &caller))
        return turn_fail (&self->turn, FORBIDDEN, "a token of role %s may not do that",
                          role_name (caller.role));
    return own_only (self);
}
