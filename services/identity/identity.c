/* identity.c - see identity.h. */

#include "services/identity/identity.h"

#include "common/db_unit.h"
#include "common/id.h"
#include "proto/messages.h"
#include "services/identity/token_store.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 50 // Of a page where the caller names no number

struct identity {
    db_t *db; // First, for db_unit.h
};

identity_t *identity_new (db_t *db)
{
    identity_t *self = calloc (1, sizeof (identity_t));
    if (!self)
        abort ();
    self->db = db;
    return self;
}

void identity_destroy (identity_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

// ---- making ----

// What the outside sees of a token's kind, so that a leaked one is recognized.
static const char *prefix_of (role_t role)
{
    return role == ROLE_AGENT ? "oca_" : role == ROLE_REGISTRAR ? "ocr_" : "oct_";
}

static fault_t make (identity_t *self, turn_t *turn, role_t role, const token_issue_t *ask, token_t *out)
{
    int64_t count = 0;
    fault_t fault = db_unit_write (self->db, turn);
    if (fault == OK)
        fault = token_store_remove_expired (self->db, turn);
    if (fault == OK)
        fault = token_store_count (self->db, turn, NULL, &count);
    if (fault == OK && count >= IDENTITY_TOKENS)
        fault = turn_fail (turn, CONFLICT, "there are %d tokens already; revoke some", IDENTITY_TOKENS);
    if (fault != OK)
        return fault;
    int64_t ttl_us = ask->ttl_seconds < INT64_MAX / SECONDS (2) ? SECONDS (ask->ttl_seconds) : 0;
    *out = (token_t){.id = id_new (turn->arena, 't', turn->now_us),
                     .name = ask->name ? ask->name : "",
                     .role = role_name (role),
                     .subject = ask->subject ? ask->subject : "",
                     .created_at = turn->now_us,
                     .expires_at = ttl_us > 0 ? turn->now_us + ttl_us : 0,
                     .token = secret_new (turn->arena, prefix_of (role))};
    return token_store_add (self->db, turn, out, secret_hash (turn->arena, out->token));
}

static fault_t make_first (identity_t *self, turn_t *turn, role_t role, const char *name, const char **secret)
{
    int64_t count = 0;
    const token_issue_t ask = {.name = name};
    token_t token;
    *secret = NULL;
    fault_t fault = token_store_count (self->db, turn, role_name (role), &count);
    if (fault != OK || count > 0)
        return fault;
    fault = make (self, turn, role, &ask, &token);
    if (fault == OK)
        *secret = token.token;
    return fault;
}

fault_t identity_first_tokens (identity_t *self, turn_t *turn, first_tokens_t *out)
{
    *out = (first_tokens_t){0};
    fault_t fault = make_first (self, turn, ROLE_ADMIN, "first admin", &out->admin);
    if (fault == OK)
        fault = make_first (self, turn, ROLE_REGISTRAR, "agents' registration", &out->registration);
    return fault;
}

// ---- handlers ----

static bool is_operator (const turn_t *turn)
{
    return turn->caller.role == ROLE_ADMIN || turn->caller.role == ROLE_SERVICE;
}

// Who registers agents, or is one that registers again, reaches this through the scheduler: for agents' tokens alone.
static bool is_registering (const turn_t *turn)
{
    return turn->caller.role == ROLE_REGISTRAR || turn->caller.role == ROLE_AGENT;
}

static fault_t issue (void *context, turn_t *turn, const void *message, void *answer)
{
    const token_issue_t *ask = message;
    role_t role = role_from_name (ask->role);
    if (role == ROLE_NOBODY || role == ROLE_JOB || role == ROLE_SERVICE)
        return turn_fail (turn, INVALID, "role: must be one of REGISTRAR, VIEWER, DEVELOPER, ADMIN, AGENT");
    if (!is_operator (turn) && !(is_registering (turn) && role == ROLE_AGENT))
        return turn_fail (turn, FORBIDDEN, "only an admin issues tokens");
    if (role == ROLE_AGENT && (!ask->subject || !*ask->subject))
        return turn_fail (turn, INVALID, "subject: must be the agent's id");
    if (ask->ttl_seconds < 0 || ask->ttl_seconds >= INT64_MAX / SECONDS (2))
        return turn_fail (turn, INVALID,
                          "ttl_seconds: must be 0 (for never) or a positive number of seconds");
    return make (context, turn, role, ask, answer);
}

static fault_t check (void *context, turn_t *turn, const void *message, void *answer)
{
    identity_t *self = context;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services check tokens");
    return token_store_find (self->db, turn, ((const token_check_t *) message)->hash, answer);
}

static fault_t list (void *context, turn_t *turn, const void *message, void *answer)
{
    identity_t *self = context;
    const token_list_t *ask = message;
    token_page_t *page = answer;
    uint32_t limit = ask->limit ? ask->limit : PAGE_ROWS;
    if (!is_operator (turn))
        return turn_fail (turn, FORBIDDEN, "only an admin sees the tokens");
    fault_t fault =
        token_store_list (self->db, turn, ask->cursor ? ask->cursor : "", limit + 1, &page->items);
    if (fault == OK && page->items.count > limit) {
        page->items.count = limit;
        page->next = page->items.items[limit - 1].id;
    }
    return fault;
}

// An installation without an admin could never be repaired through its own API.
static fault_t revoke_one (identity_t *self, turn_t *turn, const char *id)
{
    const char *role = NULL;
    int64_t admins = 0;
    fault_t fault = token_store_role (self->db, turn, id, &role);
    if (fault == OK && !role)
        fault = turn_fail (turn, NOT_FOUND, "there is no token %s", id);
    if (fault == OK && strcmp (role, role_name (ROLE_ADMIN)) == 0)
        fault = token_store_count (self->db, turn, role, &admins);
    if (fault == OK && admins == 1)
        fault = turn_fail (turn, CONFLICT, "this is the last admin's token; issue another one first");
    return fault == OK ? token_store_remove (self->db, turn, id) : fault;
}

static fault_t revoke (void *context, turn_t *turn, const void *message, void *answer)
{
    identity_t *self = context;
    const token_revoke_t *ask = message;
    bool by_id = ask->token && *ask->token, by_subject = ask->subject && *ask->subject;
    (void) answer;
    if (by_id == by_subject)
        return turn_fail (turn, INVALID, "token or subject: exactly one of them must be given");
    bool own_agents = is_registering (turn) && by_subject && id_is (ask->subject, 'a');
    if (!is_operator (turn) && !own_agents)
        return turn_fail (turn, FORBIDDEN, "only an admin revokes tokens");
    fault_t fault = db_unit_write (self->db, turn);
    if (fault != OK)
        return fault;
    return by_id ? revoke_one (self, turn, ask->token) : token_store_remove_of (self->db, turn, ask->subject);
}

static const handler_t handlers[] = {
    {MSG_token_issue, issue}, {MSG_token_check, check}, {MSG_token_list, list}, {MSG_token_revoke, revoke}};

const actor_class_t identity_class = {.name = "identity",
                                      .handlers = handlers,
                                      .count = sizeof (handlers) / sizeof (handlers[0]),
                                      .commit = db_unit_commit,
                                      .rollback = db_unit_rollback,
                                      .writes = db_unit_writes};
