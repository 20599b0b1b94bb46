/* auth.c - who asks, and may they? From the bearer token to turn.caller.
 *
 * A job's token is checked by its MAC alone; every other by identity, which knows hashes. The route's row names the roles;
 * a job or an agent may further only speak for itself where the path names one. Services check what only they can know. */

#include "common/clock.h"
#include "common/id.h"
#include "gateway/inside.h"
#include "gateway/tokens.h"

#include <string.h>
#include <strings.h>

#define TOKEN_MAX 512 // Bytes of a token

static fault_t bearer (request_t *self, const char **token)
{
    const char *header = header_get (self->info, "Authorization");
    *token = NULL;
    if (!header)
        return OK;
    if (strncasecmp (header, "Bearer ", 7) != 0)
        return turn_fail (&self->turn, UNAUTHORIZED, "Authorization must be: Bearer TOKEN");
    header += 7 + strspn (header + 7, " ");
    size_t size = strcspn (header, " \t");
    if (size == 0 || size > TOKEN_MAX || header[size])
        return turn_fail (&self->turn, UNAUTHORIZED, "Authorization must be: Bearer TOKEN");
    *token = header;
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
        return turn_fail (&self->turn, UNAUTHORIZED, "this token is not known, not any more, or has expired");
    *caller = (caller_t){.role = role, .subject = answer.subject ? answer.subject : ""};
    return OK;
}

static fault_t known_caller (request_t *self, const char *token, caller_t *caller)
{
    const char *hash = secret_hash (self->turn.arena, token);
    tokens_t *tokens = gateway_tokens (self->gateway);
    int64_t now_us = clock_monotonic_us ();
    if (tokens_find (tokens, self->turn.arena, hash, now_us, caller))
        return OK;
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    fault_t fault = ask_identity (self, hash, caller);
    self->turn.caller = (caller_t){.role = ROLE_NOBODY, .subject = ""};
    if (fault == OK)
        tokens_keep (tokens, hash, now_us, caller);
    return fault;
}

static fault_t caller_of (request_t *self, const char *token, caller_t *caller)
{
    if (strncmp (token, "ocj_", 4) != 0)
        return known_caller (self, token, caller);
    caller_t job = {.role = ROLE_JOB};
    fault_t fault =
        job_token_check (gateway_key (self->gateway), self->turn.arena, token, &job.subject, &job.attempt);
    if (fault == OK)
        *caller = job;
    return fault;
}

// Where the path names a job or an agent, a token of that kind must be its own.
static fault_t own_only (request_t *self)
{
    const caller_t *caller = &self->turn.caller;
    const char *name = caller->role == ROLE_JOB ? "job" : caller->role == ROLE_AGENT ? "agent" : NULL;
    const char *value = name ? pairs_get (&self->path, name) : NULL;
    if (value && strcmp (value, caller->subject) != 0)
        return turn_fail (&self->turn, FORBIDDEN, "this token is for another %s", name);
    return OK;
}

fault_t request_authorize (request_t *self)
{
    const char *token = NULL;
    caller_t caller = {.role = ROLE_NOBODY, .subject = ""};
    bool open = self->route->who & MAY (NOBODY);
    if (open)
        return OK; // Whatever token came: liveness must not depend on identity
    fault_t fault = bearer (self, &token);
    if (fault != OK)
        return fault;
    if (!token)
        return turn_fail (&self->turn, UNAUTHORIZED, "this needs a token: Authorization: Bearer TOKEN");
    fault = caller_of (self, token, &caller);
    if (fault != OK)
        return fault;
    self->turn.caller = caller;
    if (!(self->route->who & (1u << caller.role)))
        return turn_fail (&self->turn, FORBIDDEN, "a token of role %s may not do that",
                          role_name (caller.role));
    return own_only (self);
}
