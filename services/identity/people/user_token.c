/* user_token.c - tokens of a user: of a person for their programs, of a service account.
 *
 * A token may at most what its user may, and what the credential may that made it; it ends no later than that, or than the token that
 * opened its session, else a token that was leaked for a day could be lengthened by itself. It ends with its user. */

#include "common/base/clock.h"
#include "common/db/db_unit.h"
#include "services/identity/people/people.h"
#include "services/identity/token_store.h"

#include <string.h>

fault_t people_make_token (identity_t *self, turn_t *turn, const user_row_t *user, role_t role,
                           const token_issue_t *issue, token_t *out)
{
    int64_t count;
    token_counts_t counts;
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    TRY (token_store_count_of (self->db, turn, user->id, &count));
    if (count >= USER_TOKENS_MOST)
        return turn_fail (turn, CONFLICT, "%s has %d tokens already; revoke some", user->name,
                          USER_TOKENS_MOST);
    TRY (identity_make_token (self, turn, role, issue, user->id, out));
    identity_record_token (turn, "a token was issued", out);
    return OK;
}

// Whose: the caller's own, or for an ADMIN those of the user that is named. `latest`: when what makes them ends.
static fault_t whose (identity_t *self, turn_t *turn, const char *named, const char *hash, own_t *out)
{
    if (!is_given (named))
        return people_own (self, turn, hash, out);
    *out = (own_t){.role = ROLE_ADMIN, .session = ""};
    return people_named (self, turn, named, &out->user);
}

HANDLER (user_token_issue)
{
    identity_t *self = context;
    const user_token_issue_t *ask = asked;
    own_t own;
    role_t role;
    TRY (whose (self, turn, ask->user, ask->hash, &own));
    if (is_given (ask->user) && !own.user.service)
        return turn_fail (turn, CONFLICT, "%s is a person, who makes tokens of their own", own.user.name);
    role_t most = people_lesser (own.role, role_from_name (own.user.role));
    TRY (people_role (turn, ask->role, most, &role));
    if (role_rank (role) > role_rank (most))
        return turn_fail (turn, INVALID, "role: at most %s", role_name (most));
    if (ask->ttl_seconds < 0 || ask->ttl_seconds >= INT64_MAX / SECONDS (2))
        return turn_fail (turn, INVALID,
                          "ttl_seconds: must be 0 (for never) or a positive number of seconds");
    token_issue_t issue = {.name = ask->name, .subject = own.user.name, .ttl_seconds = ask->ttl_seconds};
    int64_t left = (own.ends_at - turn->now_us) / 1000000;
    if (own.ends_at && left <= 0)
        return turn_fail (turn, UNAUTHORIZED, "this token is about to end, and makes no other");
    if (own.ends_at && (issue.ttl_seconds == 0 || issue.ttl_seconds > left))
        issue.ttl_seconds = left;
    TRY (identity_check_text (turn, ask->name));
    return people_make_token (self, turn, &own.user, role, &issue, answered);
}

HANDLER (user_tokens)
{
    identity_t *self = context;
    const user_tokens_t *ask = asked;
    token_page_t *page = answered;
    own_t own;
    uint32_t limit = ask->limit ? ask->limit : USERS_SHOWN;
    TRY (whose (self, turn, ask->user, ask->hash, &own));
    TRY (token_store_list_of (self->db, turn, own.user.id, ask->cursor ? ask->cursor : "", limit + 1,
                              &page->items));
    if (page->items.count > limit) {
        page->items.count = limit;
        page->next = page->items.items[limit - 1].id;
    }
    return OK;
}
