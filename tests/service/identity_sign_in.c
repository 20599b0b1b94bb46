/* People sign in by name and password, and with an authenticator; who guesses waits. On each engine that is there. */

#include "services/identity/people/hashing.h"
#include "tests/service/identity/people.h"

#include <string.h>

TEST_ON_ENGINES (who_has_a_password_signs_in_and_is_known_by_name)
{
    session_t session;
    principal_t principal;
    user_t user = add_user (world, "ada", "DEVELOPER");
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "Ada", .password = GOOD_PASSWORD}, &session),
               OK);
    CHECK_STR (session.subject, "ada");
    CHECK_STR (session.role, "DEVELOPER");
    CHECK_STR (session.user, user.id);
    principal = whose (world, session.cookie);
    CHECK_STR (principal.role, "DEVELOPER");
    CHECK_STR (principal.subject, "ada");
    session_t other = signed_in_as (world, "ada");
    CHECK (strcmp (session.cookie, other.cookie) != 0); // A new one each time
}

TEST_ON_ENGINES (an_unknown_name_and_a_wrong_password_get_the_same_answer)
{
    session_t session;
    add_user (world, "ada", "VIEWER");
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = OTHER_PASSWORD}, &session),
               UNAUTHORIZED);
    const char *wrong = world->turn.detail;
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "eve", .password = OTHER_PASSWORD}, &session),
               UNAUTHORIZED);
    CHECK_STR (world->turn.detail, wrong);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "eve", .password = ""}, &session),
               UNAUTHORIZED);
    CHECK_STR (world->turn.detail, wrong);
    // Nobody has not even the password of nobody, and an id does not sign in
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_session_begin,
                       &(session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               FORBIDDEN);
}

TEST_ON_ENGINES (who_gave_wrong_passwords_waits_and_nobody_else_does)
{
    session_t session;
    add_user (world, "ada", "VIEWER");
    add_user (world, "bob", "VIEWER");
    const session_begin_t wrong = {.name = "ada", .password = OTHER_PASSWORD, .address = "198.51.100.1"};
    for (int i = 0; i < 3; i++)
        CHECK_INT (sign_in_with (world, wrong, &session), UNAUTHORIZED);
    CHECK_INT (sign_in_with (world, wrong, &session), TOO_MANY);
    CHECK (strstr (world->turn.detail, "try again in 1 s"));
    // Not even the right one from there; but from elsewhere, and another person's
    session_begin_t right = {.name = "ada", .password = GOOD_PASSWORD, .address = "198.51.100.1"};
    CHECK_INT (sign_in_with (world, right, &session), TOO_MANY);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               OK);
    right.name = "bob";
    CHECK_INT (sign_in_with (world, right, &session), OK);
    clock_turn (world->clock, SECONDS (1));
    CHECK_INT (sign_in_with (world, wrong, &session), UNAUTHORIZED);
    clock_turn (world->clock, SECONDS (1));
    CHECK_INT (sign_in_with (world, wrong, &session), TOO_MANY); // Twice as long now
    clock_turn (world->clock, SECONDS (1));
    right.name = "ada";
    CHECK_INT (sign_in_with (world, right, &session), OK);
    for (int i = 0; i < 3; i++) // It began anew
        CHECK_INT (sign_in_with (world, wrong, &session), UNAUTHORIZED);
}

TEST_ON_ENGINES (a_session_of_a_user_ends_by_age_and_without_use_like_any_other)
{
    add_user (world, "ada", "VIEWER");
    session_t used = signed_in_as (world, "ada"), unused = signed_in_as (world, "ada");
    CHECK_INT (used.expires_at, clock_now_us (world->clock) + SECONDS (30 * 86400));
    for (int hours = 0; hours < 720; hours += 10) {
        CHECK_STR (whose (world, used.cookie).role, "VIEWER");
        clock_turn (world->clock, SECONDS (10 * 3600));
    }
    CHECK_STR (whose (world, used.cookie).role, "");
    CHECK_STR (whose (world, unused.cookie).role, "");
}

TEST_ON_ENGINES (another_password_ends_all_other_sessions_and_needs_the_old_one)
{
    done_t done;
    session_t session;
    add_user (world, "ada", "VIEWER");
    session_t mine = signed_in_as (world, "ada"), other = signed_in_as (world, "ada");
    password_change_t ask = {.password = OTHER_PASSWORD,
                             .new_password = OTHER_PASSWORD,
                             .hash = hash_of (world, mine.cookie),
                             .address = AT_HOME};
    CHECK_INT (ask_own (world, mine.cookie, MSG_password_change, &ask, &done), INVALID);
    CHECK_STR (world->turn.detail, "password: is wrong");
    ask.password = GOOD_PASSWORD;
    ask.new_password = "short";
    CHECK_INT (ask_own (world, mine.cookie, MSG_password_change, &ask, &done), INVALID);
    CHECK_STR (world->turn.detail, "new_password: has 5 characters, at least 8 are needed");
    ask.new_password = OTHER_PASSWORD;
    CHECK_INT (ask_own (world, mine.cookie, MSG_password_change, &ask, &done), OK);
    CHECK_STR (whose (world, mine.cookie).role, "VIEWER");
    CHECK_STR (whose (world, other.cookie).role, "");
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               UNAUTHORIZED);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = OTHER_PASSWORD}, &session),
               OK);
}

static const char *stored_password (world_t *world, const char *name)
{
    const rows_t *rows;
    CHECK_INT (
        db_query (world->db, &world->turn, "select password from users where name = $1", &rows, P_STR (name)),
        OK);
    return arena_strdup (world->arena, rows_str (rows, 0, 0));
}

TEST_ON_ENGINES (a_password_of_other_parameters_is_hashed_anew_at_the_next_sign_in)
{
    // Of GOOD_PASSWORD, with other parameters than those of these tests
    static const char old[] =
        "$argon2id$v=19$m=9216,t=2,p=1$67j+sSnt6f2yklS3Hm/okw$KhuRRO07N+6RX8pwPBdTJASR6MihxGooviQxFK/yrZ8";
    add_user (world, "ada", "VIEWER");
    CHECK (strstr (stored_password (world, "ada"), "$argon2id$v=19$m=8192,t=1,p=1$"));
    CHECK_INT (db_exec (world->db, &world->turn, "update users set password = $2 where name = $1",
                        P_STR ("ada"), P_STR (old)),
               OK);
    signed_in_as (world, "ada");
    CHECK (strstr (stored_password (world, "ada"), "$argon2id$v=19$m=8192,t=1,p=1$"));
    signed_in_as (world, "ada");
}

// ---- authenticators ----

static totp_secret_t begin_totp (world_t *world, const session_t *session)
{
    totp_secret_t secret = {0};
    const totp_begin_t ask = {
        .password = GOOD_PASSWORD, .hash = hash_of (world, session->cookie), .address = AT_HOME};
    CHECK_INT (ask_own (world, session->cookie, MSG_totp_begin, &ask, &secret), OK);
    return secret;
}

static recovery_codes_t confirm_totp (world_t *world, const session_t *session, const char *secret)
{
    recovery_codes_t codes = {0};
    totp_confirm_t ask = {.otp = "000000", .hash = hash_of (world, session->cookie)};
    if (strcmp (otp_of (world, secret, 0), ask.otp) != 0)
        CHECK_INT (ask_own (world, session->cookie, MSG_totp_confirm, &ask, &codes), INVALID);
    ask.otp = otp_of (world, secret, 0);
    CHECK_INT (ask_own (world, session->cookie, MSG_totp_confirm, &ask, &codes), OK);
    CHECK_INT (codes.codes.count, 10);
    return codes;
}

static fault_t sign_in_by_code (world_t *world, const char *otp, session_t *out)
{
    return sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD, .otp = otp}, out);
}

TEST_ON_ENGINES (an_authenticator_is_asked_for_from_its_first_code_on)
{
    session_t session;
    user_t user;
    add_user (world, "ada", "ADMIN");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = begin_totp (world, &mine);
    CHECK (strncmp (secret.uri, "otpauth://totp/open-cicd:ada?secret=", 36) == 0);
    session_t other = signed_in_as (world, "ada"); // It does not count yet
    confirm_totp (world, &mine, secret.secret);
    CHECK_STR (whose (world, mine.cookie).role, "ADMIN");
    CHECK_STR (whose (world, other.cookie).role, "");
    CHECK_INT (sign_in_by_code (world, NULL, &session), OK);
    CHECK_STR (session.next, "otp");
    CHECK_STR (session.cookie, "");
    CHECK_STR (session.subject, "");
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 0), &session),
               UNAUTHORIZED); // It was used to confirm
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 1), &session), OK);
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 1), &session), UNAUTHORIZED);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, -2), &session), UNAUTHORIZED);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 0), &session), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_show, &(user_show_t){.user = "ada"}, &user), OK);
    CHECK (user.has_factor);
}

static totp_secret_t ada_with_authenticator (world_t *world)
{
    add_user (world, "ada", "ADMIN");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = begin_totp (world, &mine);
    confirm_totp (world, &mine, secret.secret);
    return secret;
}

TEST_ON_ENGINES (a_password_that_waits_for_its_code_is_no_wrong_one)
{
    session_t session;
    totp_secret_t secret = ada_with_authenticator (world);
    for (int i = 0; i < 10; i++) {
        CHECK_INT (sign_in_by_code (world, NULL, &session), OK);
        CHECK_STR (session.next, "otp");
    }
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 1), &session), OK);
}

TEST_ON_ENGINES (wrong_codes_are_counted_wherever_they_come_from)
{
    session_t session;
    totp_secret_t secret = ada_with_authenticator (world);
    session_begin_t ask = {.name = "ada", .password = GOOD_PASSWORD, .otp = "aaaa-bbbb-cccc-dddd"};
    for (int i = 0; i < 10; i++) {
        ask.address = arena_printf (world->arena, "198.51.100.%d", i);
        CHECK_INT (sign_in_with (world, ask, &session), UNAUTHORIZED);
    }
    ask.address = "198.51.100.99";
    CHECK_INT (sign_in_with (world, ask, &session), TOO_MANY);
    ask.otp = otp_of (world, secret.secret, 1);
    CHECK_INT (sign_in_with (world, ask, &session), TOO_MANY); // Nothing says whether it is right
    clock_turn (world->clock, SECONDS (31));
    ask.otp = otp_of (world, secret.secret, 1);
    CHECK_INT (sign_in_with (world, ask, &session), OK);
}

TEST_ON_ENGINES (the_key_of_an_authenticator_is_not_in_the_database_and_follows_a_new_key_file)
{
    session_t session;
    const rows_t *rows;
    size_t size;
    add_user (world, "ada", "ADMIN");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = begin_totp (world, &mine);
    confirm_totp (world, &mine, secret.secret);
    secret_key_t newer = {.bytes = "the second key of the test", .older_count = 1};
    memcpy (newer.older[0], world->key.bytes, SECRET_KEY_SIZE);
    restart_actor (world, &newer);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 0), &session), OK);
    secret_key_t only = {.bytes = "the second key of the test"};
    restart_actor (world, &only); // The older one has left the file
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (sign_in_by_code (world, otp_of (world, secret.secret, 0), &session), OK);
    CHECK_INT (db_query (world->db, &world->turn, "select sealed from second_factors where confirmed = $1",
                         &rows, P_I64 (1)),
               OK);
    CHECK (rows_bytes (rows, 0, 0, &size) && size == 24 + 40 + 16); // Nonce, 20 bytes in hex, tag
}

TEST_ON_ENGINES (a_recovery_code_signs_in_once)
{
    session_t session;
    add_user (world, "ada", "VIEWER");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = begin_totp (world, &mine);
    recovery_codes_t codes = confirm_totp (world, &mine, secret.secret), others = {0};
    CHECK_INT (sign_in_by_code (world, codes.codes.items[3], &session), OK);
    CHECK_INT (sign_in_by_code (world, codes.codes.items[3], &session), UNAUTHORIZED);
    const recovery_renew_t renew = {
        .password = GOOD_PASSWORD, .hash = hash_of (world, mine.cookie), .address = "198.51.100.1"};
    CHECK_INT (ask_own (world, mine.cookie, MSG_recovery_renew, &renew, &others), OK);
    CHECK_INT (sign_in_by_code (world, codes.codes.items[4], &session), UNAUTHORIZED);
    const char *code =
        arena_printf (world->arena, " %.4s%s", others.codes.items[0], others.codes.items[0] + 5);
    CHECK_INT (sign_in_by_code (world, code, &session), OK); // However it is written
}

TEST_ON_ENGINES (an_authenticator_is_added_and_removed_by_whoever_knows_the_password)
{
    session_t session;
    done_t done;
    add_user (world, "ada", "VIEWER");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = {0};
    totp_begin_t begin = {
        .password = OTHER_PASSWORD, .hash = hash_of (world, mine.cookie), .address = AT_HOME};
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_begin, &begin, &secret), INVALID);
    const totp_confirm_t early = {.otp = "123456", .hash = begin.hash};
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_confirm, &early, &done), CONFLICT);
    secret = begin_totp (world, &mine);
    confirm_totp (world, &mine, secret.secret);
    begin.password = GOOD_PASSWORD;
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_begin, &begin, &secret), CONFLICT);
    totp_remove_t remove = {.password = OTHER_PASSWORD, .hash = begin.hash, .address = AT_HOME};
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_remove, &remove, &done), INVALID);
    remove.password = GOOD_PASSWORD;
    CHECK_INT (ask_own (world, mine.cookie, MSG_totp_remove, &remove, &done), OK);
    CHECK_INT (sign_in_by_code (world, NULL, &session), OK);
    CHECK_STR (session.next, "");
}

TEST_ON_ENGINES (the_command_line_gets_a_token_by_name_password_and_code)
{
    token_t token = {0};
    add_user (world, "ada", "DEVELOPER");
    login_t ask = {.name = "ada", .password = GOOD_PASSWORD, .label = "a laptop", .address = AT_HOME};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_login, &ask, &token), OK);
    CHECK_STR (token.role, "DEVELOPER");
    CHECK_STR (token.name, "a laptop");
    CHECK_INT (token.expires_at, clock_now_us (world->clock) + SECONDS (30 * 86400));
    CHECK_STR (whose (world, token.token).subject, "ada");
    ask.role = "VIEWER";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_login, &ask, &token), OK);
    CHECK_STR (whose (world, token.token).role, "VIEWER");
    ask.role = "ADMIN"; // More than they may themselves
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_login, &ask, &token), OK);
    CHECK_STR (token.role, "DEVELOPER");
    session_t mine = signed_in_as (world, "ada");
    totp_secret_t secret = begin_totp (world, &mine);
    confirm_totp (world, &mine, secret.secret);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_login, &ask, &token), INVALID);
    CHECK (strncmp (world->turn.detail, "otp:", 4) == 0);
    ask.otp = otp_of (world, secret.secret, 1);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_login, &ask, &token), OK);
    CHECK_INT (ask_as (world, ROLE_NOBODY, MSG_login, &ask, &token), FORBIDDEN);
}
