/* own_rows.c - what ends one token, session or link, or changes one value or environment, leaves those of others. */

#include "tests/unit/services/own_rows.h"

#include "services/identity/environment_store.h"
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
