/* session.c - browsers that are signed in.
 *
 * Whoever has a token opens a session with it, or makes a link that opens one: then the token itself need never reach the browser.
 * Whoever has an account opens one with a name and a password (people/sign_in.c). A session may what its token or its user may, and ends with it, after SESSION_IDLE without use, or SESSION_LONGEST after it began. A link, and what
 * it opens, belong to the same token as whoever made it and end no later: else a chain of links would outlive a token that was leaked
 * for a day. Only its hash is stored; the cookie's value is in the answer to the gateway alone. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/db/db_unit.h"
#include "services/identity/people/people.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <string.h>

#define SESSION_IDLE    SECONDS (12 * 3600)
#define SESSION_LONGEST SECONDS (30 * 86400)
#define SESSION_SEEN    SECONDS (300) // A use is recorded at most so often: a read should not cost a commit
#define SESSION_MOST    10000
#define SESSIONS_SHOWN  50 // Of one page, unless more are asked for
#define LINK_MOST       100
#define LINK_SECONDS    900

static fault_t not_known (turn_t *turn)
{
    return turn_fail (turn, UNAUTHORIZED, "this token is unknown, revoked or expired, or the link was used");
}

// Only people sign in: agents and registrations have no pages.
static bool is_person (const char *role)
{
    return role_rank (role_from_name (role)) > 0;
}

static fault_t check_is_no_program (identity_t *self, turn_t *turn, const char *user)
{
    user_row_t row;
    TRY (user_store_find (self->db, turn, user, &row));
    if (!row.id || row.disabled)
        return not_known (turn);
    return row.service ? turn_fail (turn, FORBIDDEN, "%s is a service account, which has no pages", row.name)
                       : OK;
}

static fault_t by_token (identity_t *self, turn_t *turn, const char *secret, session_row_t *out)
{
    token_t token;
    TRY (token_store_find (self->db, turn, secret_hash (turn->arena, secret), &token));
    if (!token.role)
        return not_known (turn);
    if (is_given (token.user))
        TRY (check_is_no_program (self, turn, token.user));
    *out = (session_row_t){.token = token.id,
                           .user = token.user,
                           .role = identity_role (&token),
                           .subject = identity_subject (&token),
                           .latest = token.expires_at};
    return OK;
}

static fault_t by_code (identity_t *self, turn_t *turn, const char *code, session_row_t *out)
{
    TRY (session_store_take_code (self->db, turn, secret_hash (turn->arena, code), out));
    if (!out->role)
        return not_known (turn);
    return is_given (out->user) ? check_is_no_program (self, turn, out->user) : OK;
}

// Whose is the token or the session with this hash, by which token, and when does it end?
static fault_t by_credential (identity_t *self, turn_t *turn, const char *hash, session_row_t *out)
{
    token_t token;
    TRY (token_store_find (self->db, turn, hash, &token));
    if (token.role) {
        *out = (session_row_t){.token = token.id,
                               .user = token.user,
                               .role = identity_role (&token),
                               .latest = token.expires_at};
        return OK;
    }
    TRY (session_store_find (self->db, turn, hash, turn->now_us - SESSION_IDLE, out));
    out->latest = out->expires_at;
    return out->role ? OK : not_known (turn);
}

// The first of an installation makes an account for themselves: their page asks for it.
static fault_t is_nobody_there (identity_t *self, turn_t *turn, session_t *session)
{
    int64_t count = 1;
    if (strcmp (session->role, role_name (ROLE_ADMIN)) == 0 && !is_given (session->user))
        TRY (user_store_count (self->db, turn, &count));
    session->first = count == 0;
    return OK;
}

// A password; `next` is set where it was right and is not enough.
static fault_t by_name (identity_t *self, turn_t *turn, const session_begin_t *ask, session_row_t *out,
                        const char **next)
{
    user_row_t user;
    bool needs_otp;
    const sign_in_t sign_in = {ask->name, ask->password, ask->otp, ask->address};
    TRY (people_sign_in (self, turn, &sign_in, &user, &needs_otp));
    *next = needs_otp ? "otp" : NULL;
    *out = (session_row_t){.token = "", .user = user.id, .role = user.role, .subject = user.name};
    return OK;
}

fault_t identity_open_session (identity_t *self, turn_t *turn, const session_row_t *asked, session_t *out)
{
    session_row_t row = *asked;
    int64_t latest = turn->now_us + SESSION_LONGEST;
    const char *secret = secret_new (turn->arena, "ocs_");
    row.hash = secret_hash (turn->arena, secret);
    row.client = row.client ? row.client : "";
    row.expires_at = row.latest > 0 && row.latest < latest ? row.latest : latest;
    TRY (session_store_tidy (self->db, turn, turn->now_us - SESSION_IDLE, SESSION_MOST - 1));
    TRY (session_store_add (self->db, turn, &row));
    *out = (session_t){.role = row.role,
                       .subject = row.subject,
                       .user = row.user,
                       .expires_at = row.expires_at,
                       .cookie = secret};
    return is_nobody_there (self, turn, out);
}

HANDLER (session_begin)
{
    identity_t *self = context;
    const session_begin_t *ask = asked;
    session_row_t row;
    const char *next = NULL;
    bool token = is_given (ask->token), code = is_given (ask->code), name = is_given (ask->name);
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only the gateway signs a browser in");
    if (token + code + name != 1)
        return turn_fail (turn, INVALID, "token, code, or name: exactly one of them must be given");
    if (name)
        TRY (by_name (self, turn, ask, &row, &next));
    TRY (db_unit_write (self->db, turn));
    if (!name)
        TRY (token ? by_token (self, turn, ask->token, &row) : by_code (self, turn, ask->code, &row));
    if (!is_person (row.role))
        return turn_fail (turn, FORBIDDEN, "a token of role %s is not for people", row.role);
    row.client = ask->client;
    if (!next)
        return identity_open_session (self, turn, &row, answered);
    *(session_t *) answered = (session_t){.next = next};
    return OK;
}

// What the token may that it ends with, which can be narrowed; a link's is the role of whoever made it.
static fault_t principal_of_session (identity_t *self, turn_t *turn, const session_row_t *row,
                                     principal_t *out)
{
    token_t token = {0};
    if (*row->token && strcmp (row->role, role_name (ROLE_MEMBER)) == 0)
        TRY (token_store_show (self->db, turn, row->token, &token));
    return token.role ? identity_principal (self, turn, &token, out)
                      : identity_principal_of_user (self, turn, row->user, row->role, row->subject, out);
}

fault_t identity_check_session (identity_t *self, turn_t *turn, const char *hash, principal_t *out)
{
    session_row_t row;
    TRY (session_store_find (self->db, turn, hash, turn->now_us - SESSION_IDLE, &row));
    if (!row.role)
        return OK;
    if (row.seen_at < turn->now_us - SESSION_SEEN) {
        TRY (db_unit_write (self->db, turn));
        TRY (session_store_seen (self->db, turn, hash));
    }
    TRY (principal_of_session (self, turn, &row, out));
    out->credential = arena_strndup (turn->arena, hash, SESSION_ID);
    return OK;
}

static void show_grants (turn_t *turn, role_row_items_t *out)
{
    granted_role_t grant;
    const char *at = turn->caller.grants;
    out->items = arena_array (turn->arena, GRANTS_MOST, sizeof *out->items);
    while (out->count < GRANTS_MOST && grants_next (&at, &grant))
        out->items[out->count++] =
            (role_row_t){.subject = turn->caller.subject,
                         .project_id = arena_strndup (turn->arena, grant.project, (size_t) grant.size),
                         .role = role_name (grant.role)};
}

HANDLER (session_show)
{
    identity_t *self = context;
    const session_show_t *ask = asked;
    session_t *shown = answered;
    session_row_t row = {0};
    if (is_given (ask->hash))
        TRY (by_credential (self, turn, ask->hash, &row));
    *shown =
        (session_t){.role = role_name (turn->caller.role), .subject = turn->caller.subject, .user = row.user};
    show_grants (turn, &shown->roles);
    return is_nobody_there (self, turn, shown);
}

HANDLER (session_end)
{
    identity_t *self = context;
    const session_end_t *ask = asked;
    (void) answered;
    if (!is_given (ask->hash))
        return OK; // A token's caller has no session
    TRY (db_unit_write (self->db, turn));
    return session_store_remove (self->db, turn, ask->hash);
}

HANDLER (session_list)
{
    identity_t *self = context;
    const session_list_t *ask = asked;
    session_page_t *page = answered;
    const char *subject = is_given (ask->subject) ? ask->subject : turn->caller.subject;
    if (turn->caller.role != ROLE_ADMIN && strcmp (subject, turn->caller.subject) != 0)
        return turn_fail (turn, FORBIDDEN, "only an ADMIN sees the sessions of others");
    const session_filter_t filter = {.subject = subject,
                                     .seen_after = turn->now_us - SESSION_IDLE,
                                     .before = is_given (ask->cursor) ? ask->cursor : "",
                                     .limit = ask->limit ? ask->limit : SESSIONS_SHOWN,
                                     .own = is_given (ask->hash) ? ask->hash : ""};
    return session_store_page (self->db, turn, &filter, page);
}

// Of the caller, or of anybody for an ADMIN: there is no other for the rest.
HANDLER (session_revoke)
{
    identity_t *self = context;
    const session_revoke_t *ask = asked;
    int64_t removed;
    (void) answered;
    TRY (db_unit_write (self->db, turn));
    TRY (session_store_revoke (self->db, turn, ask->session,
                               turn->caller.role == ROLE_ADMIN ? "" : turn->caller.subject, &removed));
    return removed ? OK : turn_fail (turn, NOT_FOUND, "there is no session %s", ask->session);
}

HANDLER (link_make)
{
    identity_t *self = context;
    const link_make_t *ask = asked;
    sign_in_link_t *link = answered;
    if (!is_person (role_name (turn->caller.role)))
        return turn_fail (turn, FORBIDDEN, "only people sign in");
    session_row_t row;
    TRY (db_unit_write (self->db, turn));
    TRY (by_credential (self, turn, is_given (ask->hash) ? ask->hash : "", &row));
    if (is_given (row.user))
        TRY (check_is_no_program (self, turn, row.user));
    const char *code = secret_new (turn->arena, "occ_");
    *link = (sign_in_link_t){.code = code,
                             .expires_at =
                                 turn->now_us + SECONDS (ask->ttl_seconds ? ask->ttl_seconds : LINK_SECONDS)};
    row.hash = secret_hash (turn->arena, code);
    // Not what its grants make of a MEMBER: what these say is looked up each time
    row.subject = turn->caller.subject;
    row.expires_at = link->expires_at;
    return session_store_add_code (self->db, turn, &row, LINK_MOST);
}
