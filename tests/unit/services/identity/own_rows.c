/* own_rows.c - what ends one token, session or link, or changes one value or environment, leaves those of others. */

#include "tests/unit/services/own_rows.h"

#include "services/identity/environment_store.h"
#include "services/identity/people/factor_store.h"
#include "services/identity/people/invitation_store.h"
#include "services/identity/people/user_store.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"
#include "services/identity/value_store.h"
#include "tests/unit/test.h"

static const char *const rows[] = {
    "insert into tokens (id, hash, name, role, subject, created, expires) values"
    " ('t1', 'h1', 'n', 'ADMIN', 'ada', 1, 0), ('t2', 'h2', 'n', 'ADMIN', 'ada', 1, 0),"
    " ('t3', 'h3', 'n', 'ADMIN', 'bob', 1, 1000), ('t4', 'h4', 'n', 'VIEWER', 'eve', 1, 1001),"
    " ('t5', 'h5', 'n', 'REGISTRAR', '', 1, 0), ('t6', 'h6', 'n', 'REGISTRAR', '', 1, 0)",
    "update token_counts set agents = 0, others = 6",
    "insert into sessions (hash, token, role, subject, created, seen, expires, client) values"
    " ('aaaaaaaaaaaaaaaaaaaa1', 't1', 'ADMIN', 'ada', 1, 900, 2000, ''),"
    " ('aaaaaaaaaaaaaaaaaaab1', 't2', 'ADMIN', 'ada', 1, 900, 2000, ''),"
    " ('bbbbbbbbbbbbbbbbbbbb1', 't3', 'ADMIN', 'bob', 1, 100, 2000, ''),"
    " ('cccccccccccccccccccc1', 't4', 'VIEWER', 'eve', 1, 900, 1000, '')",
    "insert into sign_in_codes (hash, role, subject, expires, token, latest) values"
    " ('c1', 'ADMIN', 'ada', 2000, 't1', 0), ('c2', 'ADMIN', 'ada', 2000, 't2', 0),"
    " ('c3', 'ADMIN', 'bob', 2000, 't3', 0)",
    "insert into job_values (kind, project_id, environment, name, value, key_name, size, created_at, updated_at,"
    " updated_by) values ('secret', 'p1', 'e1', 'A', $1, 'k', 1, 1, 1, ''), ('secret', 'p1', 'e1', 'B', $1, 'k', 1, 1, 1, ''),"
    " ('secret', 'p1', 'e2', 'A', $1, 'k', 1, 1, 1, ''), ('secret', 'p1', '', 'A', $1, 'k', 1, 1, 1, ''),"
    " ('secret', 'p2', 'e1', 'A', $1, 'k', 1, 1, 1, ''), ('secret', '', '', 'A', $1, 'k', 1, 1, 1, ''),"
    " ('variable', 'p1', 'e1', 'A', $1, '', 1, 1, 1, '')",
    "insert into environments (project_id, name, title, wait_minutes, approvers, no_self_review, branches, tags,"
    " created_at, updated_at, updated_by) values ('p1', 'e1', 'E1', 0, '', 0, '', '', 1, 1, ''),"
    " ('p1', 'e2', 'E2', 0, '', 0, '', '', 1, 1, ''), ('p2', 'e1', 'E1', 0, '', 0, '', '', 1, 1, '')",
    "insert into users (id, name, display_name, email, role, service, disabled, password, created, created_by,"
    " signed_in, removed) values ('u1', 'ada', 'A', '', 'ADMIN', 0, 0, 'p', 1, '', 0, 0),"
    " ('u2', 'bob', 'B', '', 'ADMIN', 0, 0, 'p', 1, '', 0, 0)",
    "insert into tokens (id, hash, name, role, subject, created, expires, user_id) values"
    " ('t7', 'h7', 'n', 'ADMIN', 'u', 1, 0, 'u1'), ('t8', 'h8', 'n', 'ADMIN', 'u', 1, 0, 'u2')",
    "insert into sessions (hash, token, role, subject, created, seen, expires, client, user_id) values"
    " ('dddddddddddddddddddd1', '', 'ADMIN', 'u', 1, 900, 2000, '', 'u1'),"
    " ('dddddddddddddddddddd2', '', 'ADMIN', 'u', 1, 900, 2000, '', 'u1'),"
    " ('dddddddddddddddddddd3', '', 'ADMIN', 'u', 1, 900, 2000, '', 'u2')",
    "insert into sign_in_codes (hash, role, subject, expires, token, latest, user_id) values"
    " ('c4', 'ADMIN', 'u', 2000, '', 0, 'u1'), ('c5', 'ADMIN', 'u', 2000, '', 0, 'u2')",
    "insert into second_factors (user_id, sealed, key_name, confirmed, step) values ('u1', $1, 'k', 0, 5),"
    " ('u2', $1, 'k', 0, 5)",
    "insert into recovery_codes (user_id, hash) values ('u1', 'r1'), ('u1', 'r2'), ('u2', 'r1')",
    "insert into invitations (id, hash, user_id, name, role, email, drop_factor, created, created_by, expires) values"
    " ('i1', 'l1', 'u1', '', 'VIEWER', '', 0, 1, '', 2000), ('i2', 'l2', '', '', 'VIEWER', '', 0, 1, '', 2000),"
    " ('i3', 'l3', 'u2', '', 'VIEWER', '', 0, 1, '', 1000)",
    NULL,
};

static int64_t removed;
static bool used;
static session_row_t found;

ACT (token_removed, token_store_remove (db, turn, "t1"))
ACT (tokens_of_subject_removed, token_store_remove_of (db, turn, "ada"))
ACT (expired_removed, token_store_remove_expired (db, turn))
ACT (token_used, token_store_use (db, turn, "t5", 2, &used))
ACT (session_seen, session_store_seen (db, turn, "aaaaaaaaaaaaaaaaaaaa1"))
ACT (session_removed, session_store_remove (db, turn, "aaaaaaaaaaaaaaaaaaaa1"))
ACT (of_token_removed, session_store_remove_of_token (db, turn, "t1"))
ACT (of_subject_removed, session_store_remove_of_subject (db, turn, "ada"))
ACT (session_revoked, session_store_revoke (db, turn, "aaaaaaaaaaaaaaaaaaaa", "ada", &removed))
ACT (anothers_revoked, session_store_revoke (db, turn, "aaaaaaaaaaaaaaaaaaaa", "bob", &removed))
ACT (beginning_revoked, session_store_revoke (db, turn, "aaaaaaaaaaaaaaaaaaa", "ada", &removed))
ACT (sessions_tidied, session_store_tidy (db, turn, 100, 10))
ACT (code_taken, session_store_take_code (db, turn, "c1", &found))

static bool done;
static int64_t left;
static const user_row_t ada = {.id = "u1", .display_name = "C", .email = "e", .role = "VIEWER"};
static const factor_row_t factor = {.user = "u1", .sealed = {"x", 1}, .key_name = "l"};
static const char *const codes[] = {"r3"};
static const strs_t new_codes = {(const char **) codes, 1};

ACT (tokens_of_user_removed, token_store_remove_of_user (db, turn, "u1"))
ACT (sessions_of_user_removed, session_store_remove_of_user (db, turn, "u1", "dddddddddddddddddddd2"))
ACT (user_changed, user_store_change (db, turn, &ada))
ACT (password_set, user_store_set_password (db, turn, "u1", "q"))
ACT (user_disabled, user_store_set_disabled (db, turn, "u1", true))
ACT (user_signed_in, user_store_signed_in (db, turn, "u1"))
ACT (user_removed, user_store_remove (db, turn, "u1"))
ACT (factor_put, factor_store_put (db, turn, &factor))
ACT (factor_confirmed, factor_store_confirm (db, turn, "u1"))
ACT (factor_used, factor_store_use (db, turn, "u1", 6, &done))
ACT (factor_used_again, factor_store_use (db, turn, "u1", 5, &done))
ACT (factor_removed, factor_store_remove (db, turn, "u1"))
ACT (factor_resealed, factor_store_resealed (db, turn, &factor))
ACT (recovery_put, recovery_store_put (db, turn, "u1", &new_codes))
ACT (recovery_used, recovery_store_use (db, turn, "u1", "r1", &done))
ACT (invitation_removed, invitation_store_remove (db, turn, "i1", &done))
ACT (invitations_of_user, invitation_store_remove_of (db, turn, "u1"))
ACT (invitations_of_nobody, invitation_store_remove_of (db, turn, ""))
ACT (invitations_tidied, invitation_store_tidy (db, turn, &left))

static const value_row_t value = {.kind = KIND_OF_SECRET,
                                  .scope = {"p1", "e1"},
                                  .name = "A",
                                  .value = {"x", 1},
                                  .key_name = "l",
                                  .updated_by = ""};
static const environment_t environment = {.name = "e1", .wait_minutes = 5, .updated_by = ""};

ACT (value_put, value_store_put (db, turn, &value))
ACT (value_removed, value_store_remove (db, turn, &value, &removed))
ACT (value_resealed, value_store_resealed (db, turn, &value))
ACT (values_of_environment, value_store_remove_of (db, turn, &(value_scope_t){"p1", "e1"}))
ACT (values_of_project, value_store_remove_of (db, turn, &(value_scope_t){"p1", ""}))
ACT (environment_put, environment_store_put (db, turn, "p1", "e1", &environment))
ACT (environment_removed, environment_store_remove (db, turn, "p1", "e1"))
ACT (environments_of_project, environment_store_remove (db, turn, "p1", ""))

#define A_VALUE   "kind = 'secret' and project_id = 'p1' and environment = 'e1' and name = 'A'"
#define A_SESSION "hash = 'aaaaaaaaaaaaaaaaaaaa1'"

static const own_rows_t cases[] = {
    OF (token_removed, "tokens", "id = 't1'"),
    OF (token_removed, "token_counts", "others = 6 or others = 5"),
    OF (tokens_of_subject_removed, "tokens", "subject = 'ada'"),
    OF (expired_removed, "tokens", "id = 't3'"),
    OF (expired_removed, "token_counts", "others = 6 or others = 5"),
    OF (token_used, "tokens", "id = 't5'"),
    OF (session_seen, "sessions", A_SESSION),
    OF (session_removed, "sessions", A_SESSION),
    OF (of_token_removed, "sessions", A_SESSION),
    OF (of_token_removed, "sign_in_codes", "hash = 'c1'"),
    OF (of_subject_removed, "sessions", "subject = 'ada'"),
    OF (of_subject_removed, "sign_in_codes", "subject = 'ada'"),
    OF (session_revoked, "sessions", A_SESSION),
    OF (anothers_revoked, "sessions", NULL),
    OF (beginning_revoked, "sessions", NULL),
    OF (sessions_tidied, "sessions", "subject in ('bob', 'eve')"),
    OF (code_taken, "sign_in_codes", "hash = 'c1'"),
    OF (tokens_of_user_removed, "tokens", "user_id = 'u1'"),
    OF (sessions_of_user_removed, "sessions", "hash = 'dddddddddddddddddddd1'"),
    OF (sessions_of_user_removed, "sign_in_codes", "user_id = 'u1'"),
    OF (user_changed, "users", "id = 'u1'"),
    OF (password_set, "users", "id = 'u1'"),
    OF (user_disabled, "users", "id = 'u1'"),
    OF (user_signed_in, "users", "id = 'u1'"),
    OF (user_removed, "users", "id = 'u1'"),
    OF (factor_put, "second_factors", "user_id = 'u1'"),
    OF (factor_confirmed, "second_factors", "user_id = 'u1'"),
    OF (factor_used, "second_factors", "user_id = 'u1'"),
    OF (factor_used_again, "second_factors", NULL),
    OF (factor_removed, "second_factors", "user_id = 'u1'"),
    OF (factor_removed, "recovery_codes", "user_id = 'u1'"),
    OF (factor_resealed, "second_factors", "user_id = 'u1'"),
    OF (recovery_put, "recovery_codes", "user_id = 'u1'"),
    OF (recovery_used, "recovery_codes", "user_id = 'u1' and hash = 'r1'"),
    OF (invitation_removed, "invitations", "id = 'i1'"),
    OF (invitations_of_user, "invitations", "user_id = 'u1'"),
    OF (invitations_of_nobody, "invitations", NULL),
    OF (invitations_tidied, "invitations", "id = 'i3'"),
    OF (value_put, "job_values", A_VALUE),
    OF (value_removed, "job_values", A_VALUE),
    OF (value_resealed, "job_values", A_VALUE),
    OF (values_of_environment, "job_values", "project_id = 'p1' and environment = 'e1'"),
    OF (values_of_project, "job_values", "project_id = 'p1'"),
    OF (environment_put, "environments", "project_id = 'p1' and name = 'e1'"),
    OF (environment_removed, "environments", "project_id = 'p1' and name = 'e1'"),
    OF (environments_of_project, "environments", "project_id = 'p1'"),
};

TEST (what_ends_or_changes_one_token_session_value_or_environment_leaves_those_of_others)
{
    own_rows_check ("identity", rows, cases, sizeof cases / sizeof *cases);
}
