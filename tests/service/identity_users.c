/* Users are made, invited, changed, disabled and removed; what ends with them; tokens of theirs and of programs. On each engine that is there. */

#include "tests/service/identity/people.h"

#include <string.h>

static fault_t as_admin (world_t *world, uint16_t number, const void *ask, void *answer)
{
    return ask_by (world, ROLE_ADMIN, "root", number, ask, answer);
}

static fault_t on_user (world_t *world, uint16_t number, const char *name)
{
    user_t user = {0}; // Larger than what the others answer
    return as_admin (world, number, &(user_show_t){.user = name}, &user);
}

static user_t shown (world_t *world, const char *name)
{
    user_t user = {0};
    CHECK_INT (as_admin (world, MSG_user_show, &(user_show_t){.user = name}, &user), OK);
    return user;
}

static token_t own_token (world_t *world, const char *secret, const char *role, int64_t ttl_seconds)
{
    token_t token = {0};
    const user_token_issue_t ask = {
        .name = "for a program", .role = role, .ttl_seconds = ttl_seconds, .hash = hash_of (world, secret)};
    CHECK_INT (ask_own (world, secret, MSG_user_token_issue, &ask, &token), OK);
    return token;
}

TEST_ON_ENGINES (a_user_is_made_shown_listed_and_changed_by_an_admin_alone)
{
    user_t user = {0};
    user_page_t page = {0};
    const user_add_t ask = {
        .name = "ada", .display_name = "Ada Lovelace", .email = "ada@example.org", .role = "DEVELOPER"};
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_user_add, &ask, &user), FORBIDDEN);
    CHECK_INT (as_admin (world, MSG_user_add, &ask, &user), OK);
    CHECK_INT (as_admin (world, MSG_user_add, &ask, &user), CONFLICT);
    user = shown (world, "ada");
    CHECK_STR (user.display_name, "Ada Lovelace");
    CHECK_STR (user.email, "ada@example.org");
    CHECK_STR (user.created_by, "root");
    CHECK (!user.has_password && !user.has_factor && !user.disabled && !user.service);
    CHECK_STR (shown (world, user.id).name, "ada");
    add_user (world, "bob", "VIEWER");
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_user_list, &(user_list_t){0}, &page), FORBIDDEN);
    CHECK_INT (as_admin (world, MSG_user_list, &(user_list_t){.limit = 1}, &page), OK);
    CHECK_STR (page.items.items[0].name, "ada");
    CHECK_INT (as_admin (world, MSG_user_list, &(user_list_t){.limit = 1, .cursor = page.next}, &page), OK);
    CHECK_STR (page.items.items[0].name, "bob");
    CHECK_STR (page.next, "");
    const user_change_t change = {.user = "ada", .role = "VIEWER", .display_name = "Ada"};
    CHECK_INT (as_admin (world, MSG_user_change, &change, &user), OK);
    CHECK_STR (user.role, "VIEWER");
    CHECK_STR (user.email, "ada@example.org");
    CHECK_INT (on_user (world, MSG_user_show, "eve"), NOT_FOUND);
}

TEST_ON_ENGINES (names_are_plain_and_nobody_is_taken_for_somebody_else)
{
    static const char *const bad[] = {"Ada",
                                      "a b",
                                      "-ada",
                                      "ada.",
                                      "ad\xc3\xa4",
                                      "a/b",
                                      "u01k9qz6f3xm4t0v8w2ya",
                                      "0123456789012345678901234567890123456789"};
    user_t user = {0};
    token_t token = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = bad[i]}, &user), INVALID);
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "ada", .email = "nowhere"}, &user),
               INVALID);
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "ada", .role = "AGENT"}, &user), INVALID);
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "ada", .password = "password123"}, &user),
               INVALID);
    issue (world, "VIEWER", "dan",
           0); // A token that acts as dan: an account of that name would see its sessions
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "dan"}, &user), CONFLICT);
    add_user (world, "eve", "VIEWER");
    token_issue_t ask = {.role = "VIEWER", .subject = "Eve"};
    CHECK_INT (as_admin (world, MSG_token_issue, &ask, &token), CONFLICT);
    ask = (token_issue_t){.role = "VIEWER", .name = "eve"};
    CHECK_INT (as_admin (world, MSG_token_issue, &ask, &token), CONFLICT);
    CHECK_INT (on_user (world, MSG_user_remove, "eve"), OK);
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "eve"}, &user),
               CONFLICT); // It was somebody's
    CHECK_INT (on_user (world, MSG_user_show, "eve"), NOT_FOUND);
}

TEST_ON_ENGINES (who_is_disabled_may_nothing_until_they_are_enabled)
{
    session_t session;
    issue (world, "ADMIN", "", 0);
    add_user (world, "ada", "ADMIN");
    session_t before = signed_in_as (world, "ada");
    token_t token = own_token (world, before.cookie, "", 0);
    CHECK_STR (whose (world, token.token).role, "ADMIN");
    CHECK_INT (on_user (world, MSG_user_disable, "ada"), OK);
    CHECK (shown (world, "ada").disabled);
    CHECK_STR (whose (world, before.cookie).role, "");
    CHECK_STR (whose (world, token.token).role, "");
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = token.token}, &session), UNAUTHORIZED);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               FORBIDDEN);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = OTHER_PASSWORD}, &session),
               UNAUTHORIZED); // Only whoever has the password learns that
    CHECK_INT (on_user (world, MSG_user_enable, "ada"), OK);
    CHECK_STR (whose (world, token.token).role, "ADMIN");
    CHECK_STR (whose (world, before.cookie).role, ""); // It is gone
    signed_in_as (world, "ada");
}

TEST_ON_ENGINES (tokens_and_sessions_end_with_their_user)
{
    token_page_t page = {0};
    done_t done;
    add_user (world, "ada", "DEVELOPER");
    session_t session = signed_in_as (world, "ada"), by_token, by_link;
    token_t token = own_token (world, session.cookie, "VIEWER", 0);
    sign_in_link_t link = {0}, unused = {0};
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = token.token}, &by_token), OK);
    const link_make_t make = {.hash = hash_of (world, session.cookie)};
    CHECK_INT (ask_own (world, session.cookie, MSG_link_make, &make, &link), OK);
    CHECK_INT (ask_own (world, session.cookie, MSG_link_make, &make, &unused), OK);
    CHECK_INT (sign_in_with (world, (session_begin_t){.code = link.code}, &by_link), OK);
    CHECK_STR (whose (world, by_link.cookie).role, "DEVELOPER");
    CHECK_STR (whose (world, by_token.cookie).role, "VIEWER");
    CHECK_INT (on_user (world, MSG_user_sign_out, "ada"), OK);
    CHECK_STR (whose (world, session.cookie).role, "");
    CHECK_STR (whose (world, by_link.cookie).role, "");
    CHECK_STR (whose (world, by_token.cookie).role, "");
    CHECK_INT (sign_in_with (world, (session_begin_t){.code = unused.code}, &by_link), UNAUTHORIZED);
    CHECK_STR (whose (world, token.token).role, "VIEWER");
    CHECK_INT (as_admin (world, MSG_user_tokens, &(user_tokens_t){.user = "ada"}, &page), OK);
    CHECK_INT (page.items.count, 1);
    int64_t others = counts_of (world).others;
    CHECK_INT (on_user (world, MSG_user_remove, "ada"), OK);
    CHECK_INT (counts_of (world).others, others - 1);
    CHECK_STR (whose (world, token.token).role, "");
    CHECK_INT (as_admin (world, MSG_token_revoke, &(token_revoke_t){.token = token.id}, &done), NOT_FOUND);
}

TEST_ON_ENGINES (another_role_counts_at_once_and_ends_the_sessions)
{
    user_t user = {0};
    issue (world, "ADMIN", "", 0);
    add_user (world, "ada", "ADMIN");
    session_t session = signed_in_as (world, "ada");
    token_t token = own_token (world, session.cookie, "", 0);
    CHECK_INT (as_admin (world, MSG_user_change, &(user_change_t){.user = "ada", .role = "VIEWER"}, &user),
               OK);
    CHECK_STR (whose (world, session.cookie).role, "");
    CHECK_STR (whose (world, token.token).role, "VIEWER");
    CHECK_INT (as_admin (world, MSG_user_change, &(user_change_t){.user = "ada", .role = "DEVELOPER"}, &user),
               OK);
    CHECK_STR (whose (world, token.token).role, "DEVELOPER"); // It was made for all that ada may
}

TEST_ON_ENGINES (the_last_admin_stays)
{
    user_t user = {0};
    done_t done;
    token_t token = issue (world, "ADMIN", "", 0);
    add_user (world, "ada", "ADMIN");
    CHECK_INT (as_admin (world, MSG_token_revoke, &(token_revoke_t){.token = token.id}, &done), OK);
    const user_change_t demote = {.user = "ada", .role = "DEVELOPER"};
    CHECK_INT (as_admin (world, MSG_user_change, &demote, &user), CONFLICT);
    CHECK_INT (on_user (world, MSG_user_disable, "ada"), CONFLICT);
    CHECK_INT (on_user (world, MSG_user_remove, "ada"), CONFLICT);
    // Neither an account without a password nor a service account could repair anything
    CHECK_INT (as_admin (world, MSG_user_add, &(user_add_t){.name = "eve", .role = "ADMIN"}, &user), OK);
    CHECK_INT (
        as_admin (world, MSG_user_add, &(user_add_t){.name = "bot", .role = "ADMIN", .service = true}, &user),
        OK);
    CHECK_INT (on_user (world, MSG_user_disable, "ada"), CONFLICT);
    add_user (world, "bob", "ADMIN");
    CHECK_INT (on_user (world, MSG_user_disable, "ada"), OK);
    CHECK_INT (on_user (world, MSG_user_remove, "bob"), CONFLICT);
}

// ---- tokens ----

TEST_ON_ENGINES (a_token_may_and_lasts_no_more_than_what_made_it)
{
    token_t token = {0};
    user_t user = add_user (world, "ada", "DEVELOPER");
    session_t session = signed_in_as (world, "ada");
    user_token_issue_t ask = {.name = "x", .role = "ADMIN", .hash = hash_of (world, session.cookie)};
    CHECK_INT (ask_own (world, session.cookie, MSG_user_token_issue, &ask, &token), INVALID);
    token_t narrow = own_token (world, session.cookie, "VIEWER", 3600);
    CHECK_STR (narrow.user, user.id);
    CHECK_STR (whose (world, narrow.token).subject, "ada");
    ask = (user_token_issue_t){.name = "x", .role = "DEVELOPER", .hash = hash_of (world, narrow.token)};
    CHECK_INT (ask_own (world, narrow.token, MSG_user_token_issue, &ask, &token), INVALID);
    token_t child = own_token (world, narrow.token, "", 0);
    CHECK_STR (child.role, "VIEWER");
    CHECK_INT (child.expires_at, narrow.expires_at);
    token_t lasting = own_token (world, session.cookie, "", 0);
    CHECK_INT (lasting.expires_at, 0);
    for (int i = 3; i < 50; i++)
        own_token (world, session.cookie, "", 0);
    ask = (user_token_issue_t){.name = "x", .hash = hash_of (world, session.cookie)};
    CHECK_INT (ask_own (world, session.cookie, MSG_user_token_issue, &ask, &token), CONFLICT);
    clock_turn (world->clock, SECONDS (3600)); // Two have expired
    CHECK_STR (whose (world, narrow.token).role, "");
    own_token (world, session.cookie, "", 0);
}

TEST_ON_ENGINES (a_token_that_ends_makes_none_that_lasts_by_a_session_or_in_its_last_second)
{
    token_t token = {0};
    session_t by_token;
    add_user (world, "ada", "DEVELOPER");
    session_t session = signed_in_as (world, "ada");
    token_t hour = own_token (world, session.cookie, "", 3600),
            lasting = own_token (world, session.cookie, "", 0);
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = hour.token}, &by_token), OK);
    CHECK_INT (own_token (world, by_token.cookie, "", 0).expires_at, hour.expires_at);
    CHECK_INT (own_token (world, by_token.cookie, "", 60).expires_at,
               clock_now_us (world->clock) + SECONDS (60));
    clock_turn (world->clock, SECONDS (3599) + 1);
    const user_token_issue_t ask = {.name = "x", .hash = hash_of (world, hour.token)};
    CHECK_INT (ask_own (world, hour.token, MSG_user_token_issue, &ask, &token), UNAUTHORIZED);
    // Who signed in with one that lasts, or with a password, is not bounded by the session
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = lasting.token}, &by_token), OK);
    CHECK_INT (own_token (world, by_token.cookie, "", 0).expires_at, 0);
}

TEST_ON_ENGINES (people_see_and_revoke_their_own_tokens_and_no_others)
{
    done_t done;
    token_page_t page = {0};
    add_user (world, "ada", "DEVELOPER");
    add_user (world, "eve", "DEVELOPER");
    session_t ada = signed_in_as (world, "ada"), eve = signed_in_as (world, "eve");
    token_t of_ada = own_token (world, ada.cookie, "", 0), of_eve = own_token (world, eve.cookie, "", 0);
    token_t of_nobody = issue (world, "VIEWER", "dan", 0);
    const user_tokens_t list = {.hash = hash_of (world, ada.cookie)};
    CHECK_INT (ask_own (world, ada.cookie, MSG_user_tokens, &list, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].id, of_ada.id);
    const user_tokens_t others = {.hash = list.hash, .user = "eve"};
    CHECK_INT (ask_own (world, ada.cookie, MSG_user_tokens, &others, &page), FORBIDDEN);
    token_revoke_t revoke = {.token = of_eve.id, .hash = list.hash};
    CHECK_INT (ask_own (world, ada.cookie, MSG_token_revoke, &revoke, &done), NOT_FOUND);
    revoke.token = of_nobody.id;
    CHECK_INT (ask_own (world, ada.cookie, MSG_token_revoke, &revoke, &done), NOT_FOUND);
    revoke.token = of_ada.id;
    CHECK_INT (ask_own (world, ada.cookie, MSG_token_revoke, &revoke, &done), OK);
    CHECK_STR (whose (world, of_ada.token).role, "");
    revoke = (token_revoke_t){.token = of_eve.id};
    CHECK_INT (ask_own (world, ada.cookie, MSG_token_revoke, &revoke, &done), FORBIDDEN);
    // A token of nobody has no account, whatever its name
    const account_show_t show = {.hash = hash_of (world, of_nobody.token)};
    user_t user;
    CHECK_INT (ask_own (world, of_nobody.token, MSG_account_show, &show, &user), FORBIDDEN);
    CHECK_STR (whose (world, of_nobody.token).subject, "dan");
}

TEST_ON_ENGINES (a_service_account_has_tokens_and_nothing_else)
{
    user_t bot = {0};
    token_t token = {0};
    session_t session;
    invitation_t link;
    user_page_t page = {0};
    user_add_t ask = {.name = "bot", .role = "DEVELOPER", .service = true, .password = GOOD_PASSWORD};
    CHECK_INT (as_admin (world, MSG_user_add, &ask, &bot), INVALID);
    ask.password = NULL;
    CHECK_INT (as_admin (world, MSG_user_add, &ask, &bot), OK);
    add_user (world, "ada", "VIEWER");
    CHECK_INT (as_admin (world, MSG_user_list, &(user_list_t){.service = true}, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].name, "bot");
    user_token_issue_t issue_ask = {.user = "bot", .name = "nightly", .role = "ADMIN"};
    CHECK_INT (as_admin (world, MSG_user_token_issue, &issue_ask, &token), INVALID);
    issue_ask.role = "";
    CHECK_INT (as_admin (world, MSG_user_token_issue, &issue_ask, &token), OK);
    CHECK_STR (whose (world, token.token).role, "DEVELOPER");
    CHECK_STR (whose (world, token.token).subject, "bot");
    issue_ask.user = "ada"; // A person makes their own
    CHECK_INT (as_admin (world, MSG_user_token_issue, &issue_ask, &token), CONFLICT);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_user_token_issue, &issue_ask, &token), FORBIDDEN);
    issue_ask.user = "bot";
    CHECK_INT (as_admin (world, MSG_user_token_issue, &issue_ask, &token), OK);
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = token.token}, &session), FORBIDDEN);
    sign_in_link_t page_link = {0};
    const link_make_t make = {.hash = hash_of (world, token.token)};
    CHECK_INT (ask_own (world, token.token, MSG_link_make, &make, &page_link), FORBIDDEN);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "bot", .password = "x"}, &session),
               UNAUTHORIZED);
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "bot"}, &link), CONFLICT);
}

// ---- links ----

static fault_t accept (world_t *world, invitation_accept_t ask, session_t *out)
{
    *out = (session_t){0};
    return ask_as (world, ROLE_SERVICE, MSG_invitation_accept, &ask, out);
}

static invitation_t invite (world_t *world, invitation_make_t ask)
{
    invitation_t link = {0};
    CHECK_INT (as_admin (world, MSG_invitation_make, &ask, &link), OK);
    CHECK (strncmp (link.code, "oci_", 4) == 0);
    return link;
}

TEST_ON_ENGINES (who_is_invited_chooses_a_name_and_a_password_once)
{
    session_t session;
    invitation_t link = invite (world, (invitation_make_t){.role = "DEVELOPER", .email = "ada@example.org"}),
                 seen = {0};
    const invitation_show_t show = {.code = link.code};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_invitation_show, &show, &seen), OK);
    CHECK_STR (seen.role, "DEVELOPER");
    CHECK_STR (seen.created_by, "root");
    CHECK_STR (seen.code, "");
    CHECK_INT (seen.expires_at, clock_now_us (world->clock) + SECONDS (7 * 86400));
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_invitation_show, &show, &seen), FORBIDDEN);
    invitation_accept_t ask = {.code = link.code, .name = "ada", .password = "short"};
    CHECK_INT (accept (world, ask, &session), INVALID);
    ask.password = GOOD_PASSWORD;
    ask.name = "Ada!";
    CHECK_INT (accept (world, ask, &session), INVALID);
    ask.name = "ada";
    CHECK_INT (accept (world, ask, &session), OK);
    CHECK_STR (session.subject, "ada");
    CHECK_STR (whose (world, session.cookie).role, "DEVELOPER");
    user_t user = shown (world, "ada");
    CHECK_STR (user.email, "ada@example.org");
    CHECK_STR (user.created_by, "root");
    signed_in_as (world, "ada");
    ask.name = "eve";
    CHECK_INT (accept (world, ask, &session), UNAUTHORIZED);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_invitation_show, &show, &seen), UNAUTHORIZED);
}

TEST_ON_ENGINES (an_invitation_expires_is_taken_back_and_may_name_whom_it_is_for)
{
    session_t session;
    invitation_page_t page = {0};
    done_t done;
    invitation_t late = invite (world, (invitation_make_t){.ttl_seconds = 60}),
                 back = invite (world, (invitation_make_t){0}),
                 named = invite (world, (invitation_make_t){.name = "ada", .role = "ADMIN"});
    CHECK_INT (as_admin (world, MSG_invitation_list, &(invitation_list_t){0}, &page), OK);
    CHECK_INT (page.items.count, 3);
    CHECK_STR (page.items.items[0].code, "");
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_invitation_list, &(invitation_list_t){0}, &page),
               FORBIDDEN);
    CHECK_INT (as_admin (world, MSG_invitation_remove, &(invitation_remove_t){.invitation = back.id}, &done),
               OK);
    CHECK_INT (as_admin (world, MSG_invitation_remove, &(invitation_remove_t){.invitation = back.id}, &done),
               NOT_FOUND);
    clock_turn (world->clock, SECONDS (60));
    const invitation_accept_t ask = {.code = late.code, .name = "eve", .password = GOOD_PASSWORD};
    CHECK_INT (accept (world, ask, &session), UNAUTHORIZED);
    CHECK_INT (accept (world,
                       (invitation_accept_t){.code = back.code, .name = "eve", .password = GOOD_PASSWORD},
                       &session),
               UNAUTHORIZED);
    CHECK_INT (accept (world,
                       (invitation_accept_t){.code = named.code, .name = "eve", .password = GOOD_PASSWORD},
                       &session),
               OK);
    CHECK_STR (session.subject, "ada"); // Not the name that they gave
    CHECK_INT (as_admin (world, MSG_invitation_make, &(invitation_make_t){.name = "ada"}, &named), CONFLICT);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_invitation_make, &(invitation_make_t){0}, &named),
               FORBIDDEN);
}

TEST_ON_ENGINES (nobody_takes_the_name_of_an_approver_by_themselves)
{
    session_t session;
    environment_t environment = {0};
    const char *approvers[] = {"bob", "Ada"};
    const environment_set_t set = {
        .project = "site", .environment = "production", .approvers = {.items = approvers, .count = 2}};
    CHECK_INT (as_admin (world, MSG_environment_set, &set, &environment), OK);
    invitation_t link = invite (world, (invitation_make_t){0}),
                 named = invite (world, (invitation_make_t){.name = "ada"});
    invitation_accept_t ask = {.code = link.code, .name = "ada", .password = GOOD_PASSWORD};
    CHECK_INT (accept (world, ask, &session), CONFLICT);
    ask.name = "ad";
    CHECK_INT (accept (world, ask, &session), OK);
    ask.code = named.code;
    CHECK_INT (accept (world, ask, &session), OK);
    CHECK_STR (session.subject, "ada");
}

TEST_ON_ENGINES (nobody_takes_a_name_that_was_given_roles_by_themselves)
{
    session_t session;
    role_row_t row = {0};
    people_group_t group = {0};
    const char *members[] = {"Eve"};
    const role_set_t role = {.subject = "ada", .role = "MAINTAINER", .project = "site"};
    const group_set_t team = {.group = "team", .members = {.items = members, .count = 1}};
    CHECK_INT (as_admin (world, MSG_role_set, &role, &row), OK);
    CHECK_INT (as_admin (world, MSG_group_set, &team, &group), OK);
    invitation_t link = invite (world, (invitation_make_t){0}),
                 named = invite (world, (invitation_make_t){.name = "ada"});
    invitation_accept_t ask = {.code = link.code, .name = "ada", .password = GOOD_PASSWORD};
    CHECK_INT (accept (world, ask, &session), CONFLICT);
    ask.name = "eve";
    CHECK_INT (accept (world, ask, &session), CONFLICT);
    ask.name = "dan";
    CHECK_INT (accept (world, ask, &session), OK);
    ask.code = named.code;
    CHECK_INT (accept (world, ask, &session), OK);
    CHECK_STR (session.subject, "ada");
}

TEST_ON_ENGINES (a_reset_ends_all_sessions_and_the_old_password_once_it_is_used)
{
    session_t session;
    invitation_t link = {0}, other = {0};
    add_user (world, "ada", "VIEWER");
    session_t before = signed_in_as (world, "ada");
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada"}, &other), OK);
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada"}, &link), OK);
    CHECK_STR (whose (world, before.cookie).role, "VIEWER");
    const invitation_accept_t ask = {.code = link.code, .password = OTHER_PASSWORD};
    CHECK_INT (
        accept (world, (invitation_accept_t){.code = other.code, .password = OTHER_PASSWORD}, &session),
        UNAUTHORIZED); // One at a time
    CHECK_INT (accept (world, ask, &session), OK);
    CHECK_STR (whose (world, session.cookie).subject, "ada");
    CHECK_STR (whose (world, before.cookie).role, "");
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               UNAUTHORIZED);
    CHECK_INT (accept (world, ask, &session), UNAUTHORIZED);
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada"}, &link), OK);
    issue (world, "ADMIN", "", 0);
    CHECK_INT (on_user (world, MSG_user_disable, "ada"), OK);
    CHECK_INT (accept (world, (invitation_accept_t){.code = link.code, .password = GOOD_PASSWORD}, &session),
               UNAUTHORIZED); // It went with them
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada"}, &link), CONFLICT);
}

TEST_ON_ENGINES (a_reset_does_not_do_instead_of_an_authenticator_unless_it_ends_that_too)
{
    session_t session;
    totp_secret_t secret = {0};
    recovery_codes_t codes = {0};
    invitation_t link = {0};
    add_user (world, "ada", "VIEWER");
    session_t mine = signed_in_as (world, "ada");
    const totp_begin_t begin = {
        .password = GOOD_PASSWORD, .hash = hash_of (world, mine.cookie), .address = AT_HOME};
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_begin, &begin, &secret), OK);
    const totp_confirm_t confirm = {.otp = otp_of (world, secret.secret, 0), .hash = begin.hash};
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_confirm, &confirm, &codes), OK);
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada"}, &link), OK);
    CHECK_INT (accept (world, (invitation_accept_t){.code = link.code, .password = OTHER_PASSWORD}, &session),
               OK);
    CHECK_STR (session.next, "sign-in");
    CHECK_STR (session.cookie, "");
    CHECK_INT (as_admin (world, MSG_user_reset, &(user_reset_t){.user = "ada", .factor = true}, &link), OK);
    CHECK_INT (accept (world, (invitation_accept_t){.code = link.code, .password = GOOD_PASSWORD}, &session),
               OK);
    CHECK_STR (whose (world, session.cookie).subject, "ada");
    CHECK (!shown (world, "ada").has_factor);
}

TEST_ON_ENGINES (the_first_of_an_installation_is_asked_to_make_an_account)
{
    session_t session, shown_session = {0};
    token_t token = issue (world, "ADMIN", "", 0);
    CHECK_INT (sign_in_with (world, (session_begin_t){.token = token.token}, &session), OK);
    CHECK (session.first);
    const session_show_t show = {.hash = hash_of (world, session.cookie)};
    CHECK_INT (ask_own (world, session.cookie, MSG_session_show, &show, &shown_session), OK);
    CHECK (shown_session.first);
    user_t user = add_user (world, "ada", "ADMIN");
    CHECK_INT (ask_own (world, session.cookie, MSG_session_show, &show, &shown_session), OK);
    CHECK (!shown_session.first);
    session_t ada = signed_in_as (world, "ada");
    CHECK_INT (ask_own (world, ada.cookie, MSG_session_show,
                        &(session_show_t){.hash = hash_of (world, ada.cookie)}, &shown_session),
               OK);
    CHECK_STR (shown_session.user, user.id);
}

TEST_ON_ENGINES (people_change_what_they_are_called_and_their_address_with_the_password)
{
    user_t user = {0};
    add_user (world, "ada", "VIEWER");
    session_t mine = signed_in_as (world, "ada");
    account_change_t ask = {
        .display_name = "Ada L.", .hash = hash_of (world, mine.cookie), .address = AT_HOME};
    CHECK_INT (ask_own (world, mine.cookie, MSG_account_change, &ask, &user), OK);
    CHECK_STR (user.display_name, "Ada L.");
    ask.email = "ada@example.org";
    CHECK_INT (ask_own (world, mine.cookie, MSG_account_change, &ask, &user), INVALID);
    ask.password = GOOD_PASSWORD;
    CHECK_INT (ask_own (world, mine.cookie, MSG_account_change, &ask, &user), OK);
    CHECK_STR (shown (world, "ada").email, "ada@example.org");
}
