/* own_reads.c - what is read of one scope, token or subject does not depend on what others have. */

#include "tests/unit/services/own_rows.h"

#include "services/identity/environment_store.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"
#include "services/identity/value_store.h"
#include "tests/unit/test.h"

#define VALUES                                                                                                    \
    "insert into job_values (kind, project_id, environment, name, value, key_name, size, created_at, updated_at," \
    " updated_by) values "
#define VALUE(kind, project, environment, name, key)                       \
    "('" kind "', '" project "', '" environment "', '" name "', $1, '" key \
    "', 1, 1, 1, '" project environment "')"
#define ENVIRONMENTS                                                                                        \
    "insert into environments (project_id, name, title, wait_minutes, approvers, no_self_review, branches," \
    " tags, created_at, updated_at, updated_by) values "
#define AN_ENVIRONMENT(project, name) \
    "('" project "', '" name "', '" project name "', 0, '', 0, '', '', 1, 1, '')"
#define TOKENS   "insert into tokens (id, hash, name, role, subject, created, expires) values "
#define SESSIONS "insert into sessions (hash, token, role, subject, created, seen, expires, client) values "

static const char *const rows[] = {
    VALUES VALUE ("secret", "p1", "e1", "A", "k1") ", " VALUE ("secret", "p1", "", "B",
                                                               "k1") ", " VALUE ("secret", "", "", "C", "k1"),
    ENVIRONMENTS AN_ENVIRONMENT ("p1", "e1"),
    TOKENS "('t1', 'h1', '', 'ADMIN', 'ada', 1, 0), ('t2', 'h2', '', 'ADMIN', 'bob', 1, 2000)",
    SESSIONS "('aaaaaaaaaaaaaaaaaaaa1', 't1', 'ADMIN', 'ada', 1, 900, 2000, '')",
    NULL,
};

// Of each kind some that differ in one thing.
static const char *const others[] = {
    VALUES VALUE ("variable", "p1", "e1", "A", "") ", " VALUE ("secret", "p2", "e1", "A", "k2") ", " VALUE (
        "secret", "p1", "e2", "A", "k2") ", " VALUE ("secret", "p1", "", "A",
                                                     "k2") ", " VALUE ("secret", "", "", "A", "k2"),
    VALUES VALUE ("variable", "p1", "", "B", "") ", " VALUE ("secret", "p2", "", "B", "k2") ", " VALUE (
        "secret", "p1", "e2", "B", "k2") ", " VALUE ("secret", "", "", "B", "k2"),
    VALUES VALUE ("secret", "p2", "", "C", "k2") ", " VALUE ("secret", "p1", "e2", "C", "k2") ", " VALUE (
        "secret", "p2", "e1", "C", "k2") ", " VALUE ("variable", "", "", "C", ""),
    ENVIRONMENTS AN_ENVIRONMENT ("p2", "e1") ", " AN_ENVIRONMENT ("p2", "e2"),
    // A viewer's; expired ones, to the second
    TOKENS "('t3', 'h3', '', 'VIEWER', 'eve', 1, 0), ('t4', 'h4', '', 'ADMIN', 'dan', 1, 1000)",
    // Of another subject; expired; not used for long; of before tokens were known
    SESSIONS "('bbbbbbbbbbbbbbbbbbbb1', 't2', 'ADMIN', 'bob', 1, 900, 2000, ''),"
             " ('bbbbbbbbbbbbbbbbbbbb2', 't1', 'ADMIN', 'ada', 1, 900, 1000, ''),"
             " ('bbbbbbbbbbbbbbbbbbbb3', 't1', 'ADMIN', 'ada', 1, 100, 2000, ''),"
             " ('bbbbbbbbbbbbbbbbbbbb4', '', 'ADMIN', 'ada', 1, 900, 2000, '')",
    NULL,
};

static const value_scope_t in_environment = {"p1", "e1"}, in_project = {"p1", ""}, in_all = {"", ""};

static const char *page_of (db_t *db, turn_t *turn, const value_scope_t *scope, const char *after)
{
    value_rows_t found;
    const char *text = "";
    own_reads_must (turn, "page", value_store_page (db, turn, KIND_OF_SECRET, scope, after, 100, &found));
    for (size_t i = 0; i < found.count; i++)
        text = arena_printf (turn->arena, "%s%s of %s/%s ", text, found.items[i].name,
                             found.items[i].scope.project, found.items[i].scope.environment);
    return text;
}

static const char *nearest_to (db_t *db, turn_t *turn, const value_scope_t *scope, const char *name)
{
    value_row_t found;
    own_reads_must (turn, "nearest", value_store_nearest (db, turn, KIND_OF_SECRET, scope, name, &found));
    return !found.name ? ""
                       : arena_printf (turn->arena, "%s of %s/%s", found.name, found.scope.project,
                                       found.scope.environment);
}

#define READ(name, call)                             \
    static const char *name (db_t *db, turn_t *turn) \
    {                                                \
        return call;                                 \
    }
READ (page_of_environment, page_of (db, turn, &in_environment, ""))
READ (page_of_project, page_of (db, turn, &in_project, "A"))
READ (page_of_all, page_of (db, turn, &in_all, "B"))
READ (nearest_of_environment, nearest_to (db, turn, &in_environment, "A"))
READ (nearest_of_project, nearest_to (db, turn, &in_environment, "B"))
READ (nearest_of_another_environment, nearest_to (db, turn, &(value_scope_t){"p1", "e3"}, "B"))
READ (nearest_of_all, nearest_to (db, turn, &in_environment, "C"))

static const char *sum (db_t *db, turn_t *turn)
{
    int64_t count, bytes;
    own_reads_must (turn, "sum",
                    value_store_sum (db, turn, KIND_OF_SECRET, &in_environment, "B", &count, &bytes));
    return arena_printf (turn->arena, "%lld, %lld bytes", (long long) count, (long long) bytes);
}

static const char *of_key (db_t *db, turn_t *turn)
{
    value_rows_t found;
    own_reads_must (turn, "of key", value_store_of_key (db, turn, "k1", 100, &found));
    return arena_printf (turn->arena, "%zu", found.count);
}

static const char *environment (db_t *db, turn_t *turn)
{
    environment_t found;
    environment_items_t page;
    int64_t count;
    own_reads_must (turn, "find", environment_store_find (db, turn, "p1", "e1", &found));
    own_reads_must (turn, "page", environment_store_page (db, turn, "p1", "", 100, &page));
    own_reads_must (turn, "count", environment_store_count (db, turn, "p1", &count));
    return arena_printf (turn->arena, "%s of %zu, %lld", found.name ? found.name : "none", page.count,
                         (long long) count);
}

static const char *admins (db_t *db, turn_t *turn)
{
    int64_t all, but_one, but_ada, of_role;
    own_reads_must (turn, "admins", token_store_admins (db, turn, "", "", &all));
    own_reads_must (turn, "admins", token_store_admins (db, turn, "t1", "", &but_one));
    own_reads_must (turn, "admins", token_store_admins (db, turn, "", "ada", &but_ada));
    own_reads_must (turn, "of role", token_store_of_role (db, turn, "ADMIN", &of_role));
    return arena_printf (turn->arena, "%lld %lld %lld %lld", (long long) all, (long long) but_one,
                         (long long) but_ada, (long long) of_role);
}

static const char *token (db_t *db, turn_t *turn)
{
    token_t found, expired;
    own_reads_must (turn, "find", token_store_find (db, turn, "h1", &found));
    own_reads_must (turn, "find", token_store_find (db, turn, "h4", &expired));
    return arena_printf (turn->arena, "%s%s", found.id, expired.role ? " and one that has expired" : "");
}

static const char *sessions (db_t *db, turn_t *turn)
{
    session_page_t page;
    const char *text = "";
    const session_filter_t filter = {
        .subject = "ada", .seen_after = 100, .before = "", .limit = 100, .own = ""};
    own_reads_must (turn, "page", session_store_page (db, turn, &filter, &page));
    for (size_t i = 0; i < page.items.count; i++)
        text = arena_printf (turn->arena, "%s%s ", text, page.items.items[i].id);
    return text;
}

static const char *session (db_t *db, turn_t *turn)
{
    const char *text = "";
    for (int i = 1; i <= 4; i++) {
        session_row_t found;
        const char *hash = arena_printf (turn->arena, "bbbbbbbbbbbbbbbbbbbb%d", i);
        own_reads_must (turn, "find",
                        session_store_find (db, turn, i == 1 ? "aaaaaaaaaaaaaaaaaaaa1" : hash, 100, &found));
        text = arena_printf (turn->arena, "%s%s ", text, found.role ? found.subject : "none");
    }
    return text;
}

static const own_reads_t cases[] = {
    OF (page_of_environment),
    OF (page_of_project),
    OF (page_of_all),
    OF (nearest_of_environment),
    OF (nearest_of_project),
    OF (nearest_of_another_environment),
    OF (nearest_of_all),
    OF (sum),
    OF (of_key),
    OF (environment),
    OF (admins),
    OF (token),
    OF (sessions),
    OF (session),
};

TEST (what_is_read_of_one_scope_token_or_subject_does_not_depend_on_what_others_have)
{
    own_reads_check ("identity", rows, others, cases, sizeof cases / sizeof *cases);
}
