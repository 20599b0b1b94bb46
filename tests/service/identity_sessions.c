/* Browsers sign in: by a token, by a link; how long that lasts, and with what it ends. On each engine that is there. */

#include "tests/service/identity/world.h"

#include <string.h>

static fault_t begin_by (world_t *world, const char *token, const char *code, session_t *out)
{
    *out = (session_t){0};
    return ask_as (world, ROLE_SERVICE, MSG_session_begin, &(session_begin_t){.token = token, .code = code},
                   out);
}

static session_t sign_in (world_t *world, const char *token)
{
    session_t session;
    CHECK_INT (begin_by (world, token, NULL, &session), OK);
    CHECK (strncmp (session.cookie, "ocs_", 4) == 0);
    return session;
}

// As the holder of `secret`, a token or a session's cookie, which has this role.
static sign_in_link_t make_link (world_t *world, role_t role, const char *secret, uint32_t seconds)
{
    sign_in_link_t link = {0};
    const link_make_t ask = {.ttl_seconds = seconds, .hash = secret_hash (world->arena, secret)};
    CHECK_INT (ask_as (world, role, MSG_link_make, &ask, &link), OK);
    return link;
}

static void forget_all (world_t *world)
{
    CHECK_INT (db_exec (world->db, &world->turn, "delete from sessions where created > $1", P_I64 (0)), OK);
    CHECK_INT (db_exec (world->db, &world->turn, "delete from sign_in_codes where expires > $1", P_I64 (0)),
               OK);
}

TEST_ON_ENGINES (a_session_may_what_its_token_may)
{
    forget_all (world);
    token_t token = issue (world, "DEVELOPER", "dan", 0);
    session_t session = sign_in (world, token.token);
    CHECK_STR (session.role, "DEVELOPER");
    CHECK_STR (session.subject, "dan");
    CHECK_STR (whose (world, session.cookie).role, "DEVELOPER");
    CHECK_STR (whose (world, session.cookie).subject, "dan");
}

TEST_ON_ENGINES (only_the_gateway_signs_in_and_only_people)
{
    session_t session;
    token_t agent = issue (world, "AGENT", "a1", 0), registrar = issue (world, "REGISTRAR", "", 0);
    const session_begin_t ask = {.token = issue (world, "ADMIN", "", 0).token};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_session_begin, &ask, &session), FORBIDDEN);
    CHECK_INT (begin_by (world, agent.token, NULL, &session), FORBIDDEN);
    CHECK_INT (begin_by (world, registrar.token, NULL, &session), FORBIDDEN);
    CHECK_INT (begin_by (world, "oct_unknown", NULL, &session), UNAUTHORIZED);
    CHECK_INT (begin_by (world, NULL, "occ_unknown", &session), UNAUTHORIZED);
    CHECK_INT (begin_by (world, NULL, NULL, &session), INVALID);
    CHECK_INT (begin_by (world, ask.token, "occ_both", &session), INVALID);
    CHECK_INT (ask_as (world, ROLE_AGENT, MSG_link_make, &(link_make_t){0}, &session), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_link_make, &(link_make_t){0}, &session), UNAUTHORIZED);
}

TEST_ON_ENGINES (a_session_cannot_open_another_one)
{
    session_t session = sign_in (world, issue (world, "ADMIN", "", 0).token), other;
    CHECK_INT (begin_by (world, session.cookie, NULL, &other), UNAUTHORIZED);
}

TEST_ON_ENGINES (a_link_signs_in_once_and_until_its_time)
{
    session_t session;
    token_t token = issue (world, "VIEWER", "test", 0);
    sign_in_link_t link = make_link (world, ROLE_VIEWER, token.token, 0),
                   late = make_link (world, ROLE_VIEWER, token.token, 60);
    CHECK_INT (link.expires_at, clock_now_us (world->clock) + SECONDS (900));
    CHECK_INT (begin_by (world, NULL, link.code, &session), OK);
    CHECK_STR (session.role, "VIEWER");
    CHECK_STR (session.subject, "test");
    CHECK_INT (begin_by (world, NULL, link.code, &session), UNAUTHORIZED);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (begin_by (world, NULL, late.code, &session), UNAUTHORIZED);
}

TEST_ON_ENGINES (a_session_ends_with_the_token_that_opened_it)
{
    done_t done;
    token_t token = issue (world, "DEVELOPER", "dan", 0), other = issue (world, "DEVELOPER", "dan", 0);
    session_t first = sign_in (world, token.token), second = sign_in (world, other.token);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &(token_revoke_t){.token = token.id}, &done), OK);
    CHECK_STR (whose (world, first.cookie).role, "");
    CHECK_STR (whose (world, second.cookie).role, "DEVELOPER");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &(token_revoke_t){.subject = "dan"}, &done), OK);
    CHECK_STR (whose (world, second.cookie).role, "");
}

static void revoke (world_t *world, const char *id, const char *subject)
{
    done_t done;
    const token_revoke_t ask = {.token = id, .subject = subject};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ask, &done), OK);
}

TEST_ON_ENGINES (what_links_opened_ends_with_the_token_of_whoever_made_them_and_with_no_other)
{
    session_t session, others, late;
    token_t token = issue (world, "DEVELOPER", "test", 0), other = issue (world, "DEVELOPER", "test", 0);
    sign_in_link_t link = make_link (world, ROLE_DEVELOPER, token.token, 0),
                   unused = make_link (world, ROLE_DEVELOPER, token.token, 0),
                   of_other = make_link (world, ROLE_DEVELOPER, other.token, 0);
    CHECK_INT (begin_by (world, NULL, link.code, &session), OK);
    revoke (world, token.id, NULL);
    CHECK_STR (whose (world, session.cookie).role, "");
    CHECK_INT (begin_by (world, NULL, unused.code, &late), UNAUTHORIZED);
    CHECK_INT (begin_by (world, NULL, of_other.code, &others), OK);
    CHECK_STR (whose (world, others.cookie).role, "DEVELOPER");
    revoke (world, NULL, "test");
    CHECK_STR (whose (world, others.cookie).role, "");
}

TEST_ON_ENGINES (what_a_link_of_a_link_opened_ends_with_the_first_ones_token)
{
    session_t first, second;
    token_t token = issue (world, "DEVELOPER", "test", 0);
    CHECK_INT (begin_by (world, NULL, make_link (world, ROLE_DEVELOPER, token.token, 0).code, &first), OK);
    CHECK_INT (begin_by (world, NULL, make_link (world, ROLE_DEVELOPER, first.cookie, 0).code, &second), OK);
    CHECK_STR (whose (world, second.cookie).role, "DEVELOPER");
    revoke (world, token.id, NULL);
    CHECK_STR (whose (world, second.cookie).role, "");
}

TEST_ON_ENGINES (no_chain_of_links_outlives_the_token_or_the_session_that_it_began_with)
{
    session_t session;
    token_t token = issue (world, "VIEWER", "", 3600), lasting = issue (world, "VIEWER", "", 0);
    sign_in_link_t late = make_link (world, ROLE_VIEWER, token.token, 86400);
    CHECK_INT (begin_by (world, NULL, make_link (world, ROLE_VIEWER, token.token, 0).code, &session), OK);
    CHECK_INT (session.expires_at, token.expires_at);
    clock_turn (world->clock, SECONDS (3600));
    CHECK_INT (begin_by (world, NULL, late.code, &session), UNAUTHORIZED);

    session_t first = sign_in (world, lasting.token);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (begin_by (world, NULL, make_link (world, ROLE_VIEWER, first.cookie, 0).code, &session), OK);
    CHECK_INT (session.expires_at, first.expires_at);
}

// A link that an older version made says nothing of a token, and no more does the session that it would open there.
TEST_ON_ENGINES (a_link_or_a_session_without_a_token_opens_nothing)
{
    session_t session;
    const char *link = secret_hash (world->arena, "occ_old"), *cookie = secret_hash (world->arena, "ocs_old");
    int64_t late = clock_now_us (world->clock) + SECONDS (600);
    CHECK_INT (db_exec (world->db, &world->turn,
                        "insert into sign_in_codes (hash, role, subject, expires)"
                        " values ($1, 'ADMIN', 'ada', $2)",
                        P_STR (link), P_I64 (late)),
               OK);
    CHECK_INT (db_exec (world->db, &world->turn,
                        "insert into sessions (hash, token, role, subject, created, seen, expires)"
                        " values ($1, '', 'ADMIN', 'ada', $2, $2, $2)",
                        P_STR (cookie), P_I64 (late)),
               OK);
    CHECK_INT (begin_by (world, NULL, "occ_old", &session), UNAUTHORIZED);
    CHECK_STR (whose (world, "ocs_old").role, "");
}

TEST_ON_ENGINES (a_session_lasts_no_longer_than_its_token)
{
    session_t session = sign_in (world, issue (world, "VIEWER", "", 60).token);
    CHECK_INT (session.expires_at, clock_now_us (world->clock) + SECONDS (60));
    clock_turn (world->clock, SECONDS (60));
    CHECK_STR (whose (world, session.cookie).role, "");
}

TEST_ON_ENGINES (a_session_that_is_used_lasts_30_days_and_one_that_is_not_12_hours)
{
    token_t token = issue (world, "VIEWER", "", 0);
    session_t used = sign_in (world, token.token), unused = sign_in (world, token.token);
    for (int hours = 0; hours < 720; hours += 10) {
        CHECK_STR (whose (world, used.cookie).role, "VIEWER");
        clock_turn (world->clock, SECONDS (10 * 3600));
    }
    CHECK_STR (whose (world, used.cookie).role, "");
    CHECK_STR (whose (world, unused.cookie).role, "");
}

TEST_ON_ENGINES (a_session_that_nobody_uses_ends_to_the_second)
{
    token_t token = issue (world, "VIEWER", "", 0);
    session_t used = sign_in (world, token.token), unused = sign_in (world, token.token);
    clock_turn (world->clock, SECONDS (12 * 3600 - 1));
    CHECK_STR (whose (world, used.cookie).role, "VIEWER");
    clock_turn (world->clock, SECONDS (1));
    CHECK_STR (whose (world, unused.cookie).role, "");
    CHECK_STR (whose (world, used.cookie).role, "VIEWER"); // A second ago
}

TEST_ON_ENGINES (a_session_ends_at_sign_out)
{
    done_t done;
    session_t session = sign_in (world, issue (world, "VIEWER", "", 0).token);
    const session_end_t ask = {.hash = secret_hash (world->arena, session.cookie)};
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_session_end, &ask, &done), OK);
    CHECK_STR (whose (world, session.cookie).role, "");
}

TEST_ON_ENGINES (sessions_that_have_ended_are_removed_when_another_begins)
{
    const rows_t *rows;
    forget_all (world);
    token_t token = issue (world, "VIEWER", "", 0);
    sign_in (world, token.token);
    clock_turn (world->clock, SECONDS (13 * 3600));
    sign_in (world, token.token);
    CHECK_INT (db_query (world->db, &world->turn, "select count(*) from sessions where created > $1", &rows,
                         P_I64 (0)),
               OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 1);
}

TEST_ON_ENGINES (of_links_that_nobody_used_the_oldest_go)
{
    session_t session;
    forget_all (world);
    token_t token = issue (world, "VIEWER", "", 0);
    sign_in_link_t oldest = make_link (world, ROLE_VIEWER, token.token, 0), last = oldest;
    for (int i = 0; i < 100; i++) {
        clock_turn (world->clock, SECONDS (1));
        last = make_link (world, ROLE_VIEWER, token.token, 0);
    }
    CHECK_INT (begin_by (world, NULL, oldest.code, &session), UNAUTHORIZED);
    CHECK_INT (begin_by (world, NULL, last.code, &session), OK);
}

// As the holder of this token or cookie.
static fault_t list_as (world_t *world, role_t role, const char *subject, session_list_t ask,
                        session_page_t *page)
{
    *page = (session_page_t){0};
    return ask_by (world, role, subject, MSG_session_list, &ask, page);
}

static fault_t end_as (world_t *world, role_t role, const char *subject, const char *session)
{
    done_t done = {0};
    return ask_by (world, role, subject, MSG_session_revoke, &(session_revoke_t){.session = session}, &done);
}

TEST_ON_ENGINES (who_is_signed_in_sees_where_and_ends_any_of_them)
{
    session_page_t page;
    session_t firefox = {0}, phone = {0};
    forget_all (world);
    token_t mine = issue (world, "DEVELOPER", "dan", 0), others = issue (world, "VIEWER", "eve", 0);
    session_begin_t ask = {.token = mine.token, .client = "Firefox"};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_session_begin, &ask, &firefox), OK);
    clock_turn (world->clock, SECONDS (60));
    ask.client = "Phone";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_session_begin, &ask, &phone), OK);
    session_t eve = sign_in (world, others.token);
    const session_list_t list = {.hash = secret_hash (world->arena, firefox.cookie)};
    CHECK_INT (list_as (world, ROLE_DEVELOPER, "dan", list, &page), OK);
    CHECK_INT (page.items.count, 2);
    CHECK_STR (page.items.items[0].client, "Phone"); // The latest first
    CHECK (!page.items.items[0].current && page.items.items[1].current);
    CHECK_STR (page.items.items[1].token, mine.id);
    CHECK_STR (page.items.items[1].role, "DEVELOPER");
    CHECK_INT (page.items.items[0].created_at - page.items.items[1].created_at, SECONDS (60));
    const char *phone_id = page.items.items[0].id;
    CHECK_INT (list_as (world, ROLE_DEVELOPER, "dan", (session_list_t){.limit = 1}, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_INT (
        list_as (world, ROLE_DEVELOPER, "dan", (session_list_t){.limit = 1, .cursor = page.next}, &page), OK);
    CHECK_STR (page.items.items[0].client, "Firefox");
    CHECK_INT (list_as (world, ROLE_DEVELOPER, "dan", (session_list_t){.cursor = "x"}, &page), INVALID);
    CHECK_INT (list_as (world, ROLE_DEVELOPER, "dan", (session_list_t){.subject = "eve"}, &page), FORBIDDEN);
    CHECK_INT (list_as (world, ROLE_ADMIN, "root", (session_list_t){.subject = "eve"}, &page), OK);
    CHECK_INT (page.items.count, 1);
    const char *eve_id = page.items.items[0].id;
    CHECK_INT (end_as (world, ROLE_DEVELOPER, "dan", eve_id), NOT_FOUND); // It is not for him to know
    CHECK_INT (end_as (world, ROLE_DEVELOPER, "dan", "0"), NOT_FOUND);
    CHECK_INT (end_as (world, ROLE_DEVELOPER, "dan", phone_id), OK);
    CHECK_STR (whose (world, phone.cookie).role, "");
    CHECK_STR (whose (world, firefox.cookie).role, "DEVELOPER");
    CHECK_STR (whose (world, eve.cookie).role, "VIEWER");
    CHECK_INT (end_as (world, ROLE_ADMIN, "root", eve_id), OK);
    CHECK_STR (whose (world, eve.cookie).role, "");
}

static int64_t last_seen (world_t *world, const char *cookie)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select seen from sessions where hash = $1", &rows,
                         P_STR (secret_hash (world->arena, cookie))),
               OK);
    CHECK_INT (rows_count (rows), 1);
    return rows_i64 (rows, 0, 0);
}

// A read of a page must not cost a commit.
TEST_ON_ENGINES (the_use_of_a_session_is_written_down_every_five_minutes)
{
    session_t session = sign_in (world, issue (world, "VIEWER", "", 0).token);
    int64_t began = clock_now_us (world->clock);
    CHECK_INT (last_seen (world, session.cookie), began);
    for (int i = 0; i < 3; i++) {
        clock_turn (world->clock, SECONDS (100));
        CHECK_STR (whose (world, session.cookie).role, "VIEWER");
        CHECK_INT (last_seen (world, session.cookie), began);
    }
    clock_turn (world->clock, SECONDS (1));
    CHECK_STR (whose (world, session.cookie).role, "VIEWER");
    CHECK_INT (last_seen (world, session.cookie), began + SECONDS (301));
}
