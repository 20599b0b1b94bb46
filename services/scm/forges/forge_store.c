/* forge_store.c - see forge_store.h. */

#include "services/scm/forges/forge_store.h"

#include "common/base/clock.h"

// ---- forges ----

#define FORGE                                                                                              \
    "select id, name, kind, url, api_url, private_networks, created_at, created_by, credential, key_name," \
    " (select count(*) from forge_projects p where p.forge_id = forges.id) from forges"

static forge_stored_t read_forge (const rows_t *rows, size_t i)
{
    forge_stored_t row = {.forge = {.id = rows_str (rows, i, 0),
                                    .name = rows_str (rows, i, 1),
                                    .kind = rows_str (rows, i, 2),
                                    .url = rows_str (rows, i, 3),
                                    .api_url = rows_str (rows, i, 4),
                                    .private_networks = rows_i64 (rows, i, 5) != 0,
                                    .created_at = rows_i64 (rows, i, 6),
                                    .created_by = rows_str (rows, i, 7),
                                    .projects = rows_i64 (rows, i, 10)},
                          .key_name = rows_str (rows, i, 9)};
    row.credential.data = rows_bytes (rows, i, 8, &row.credential.size);
    row.forge.has_credential = row.credential.size > 0;
    return row;
}

fault_t forge_store_find (db_t *db, turn_t *turn, const char *name, forge_stored_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, FORGE " where id = $1 or name = $1", &rows, P_STR (name)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, NOT_FOUND, "there is no forge %s", name);
    *out = read_forge (rows, 0);
    return OK;
}

fault_t forge_store_all (db_t *db, turn_t *turn, forge_stored_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, FORGE " order by name limit $1", &rows, P_I64 (FORGES_MAX)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_forge (rows, i);
    return OK;
}

fault_t forge_store_add (db_t *db, turn_t *turn, const forge_stored_t *row)
{
    const forge_row_t *forge = &row->forge;
    return db_exec (
        db, turn,
        "insert into forges (id, name, kind, url, api_url, credential, key_name, private_networks,"
        " created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        P_STR (forge->id), P_STR (forge->name), P_STR (forge->kind), P_STR (forge->url),
        P_STR (forge->api_url), P_BYTES (row->credential.data, row->credential.size), P_STR (row->key_name),
        P_I64 (forge->private_networks), P_I64 (forge->created_at), P_STR (forge->created_by));
}

fault_t forge_store_set_credential (db_t *db, turn_t *turn, const char *id, bytes_t credential,
                                    const char *key_name)
{
    return db_exec (db, turn, "update forges set credential = $2, key_name = $3 where id = $1", P_STR (id),
                    P_BYTES (credential.data, credential.size), P_STR (key_name));
}

fault_t forge_store_of_other_key (db_t *db, turn_t *turn, const char *key_name, forge_stored_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, FORGE " where key_name <> $1 and length (credential) > 0 order by id limit $2",
                   &rows, P_STR (key_name), P_I64 (FORGE_RESEALED)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_forge (rows, i);
    return OK;
}

fault_t forge_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from forges where id = $1", P_STR (id));
}

// ---- projects ----

#define PROJECT_OF                                                                                        \
    "select p.project_id, p.project, f.name, f.kind, p.repository, p.full_name, p.url, p.default_branch," \
    " p.visibility, p.state, p.state_reason, p.checked_at, p.forks, p.poll_seconds, p.polled_at,"         \
    " p.poll_reason, p.created_at, p.forge_id, p.hook, p.forge_hook, p.secret, p.key_name, p.check_at,"   \
    " p.poll_at, p.failures, p.pulls_seen, p.statuses from forge_projects p join forges f on f.id = p.forge_id"

static forge_link_t read_project (const rows_t *rows, size_t i)
{
    forge_link_t row = {.project = {.project_id = rows_str (rows, i, 0),
                                    .project = rows_str (rows, i, 1),
                                    .forge = rows_str (rows, i, 2),
                                    .kind = rows_str (rows, i, 3),
                                    .repository = rows_str (rows, i, 4),
                                    .full_name = rows_str (rows, i, 5),
                                    .url = rows_str (rows, i, 6),
                                    .default_branch = rows_str (rows, i, 7),
                                    .visibility = rows_str (rows, i, 8),
                                    .state = rows_str (rows, i, 9),
                                    .state_reason = rows_str (rows, i, 10),
                                    .checked_at = rows_i64 (rows, i, 11),
                                    .forks = rows_str (rows, i, 12),
                                    .poll_seconds = (uint32_t) rows_i64 (rows, i, 13),
                                    .polled_at = rows_i64 (rows, i, 14),
                                    .poll_reason = rows_str (rows, i, 15),
                                    .created_at = rows_i64 (rows, i, 16),
                                    .statuses = rows_str (rows, i, 26)},
                        .forge_id = rows_str (rows, i, 17),
                        .hook = rows_str (rows, i, 18),
                        .forge_hook = rows_str (rows, i, 19),
                        .key_name = rows_str (rows, i, 21),
                        .check_at = rows_i64 (rows, i, 22),
                        .poll_at = rows_i64 (rows, i, 23),
                        .failures = rows_i64 (rows, i, 24),
                        .pulls_seen = rows_i64 (rows, i, 25)};
    row.secret.data = rows_bytes (rows, i, 20, &row.secret.size);
    return row;
}

fault_t forge_store_project (db_t *db, turn_t *turn, const char *project, forge_link_t *out)
{
    const rows_t *rows;
    TRY (
        db_query (db, turn, PROJECT_OF " where p.project_id = $1 or p.project = $1", &rows, P_STR (project)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, NOT_FOUND, "there is no project %s of a forge", project);
    *out = read_project (rows, 0);
    return OK;
}

fault_t forge_store_hook (db_t *db, turn_t *turn, const char *hook, forge_link_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, PROJECT_OF " where p.hook = $1", &rows, P_STR (hook)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, NOT_FOUND, "there is no such webhook");
    *out = read_project (rows, 0);
    return OK;
}

fault_t forge_store_add_project (db_t *db, turn_t *turn, const forge_link_t *row)
{
    const forge_project_t *project = &row->project;
    return db_exec (
        db, turn,
        "insert into forge_projects (project_id, project, forge_id, repository, full_name, url,"
        " default_branch, visibility, hook, secret, key_name, forge_hook, state, state_reason, check_at,"
        " checked_at, failures, forks, poll_seconds, poll_at, polled_at, poll_reason, created_at, pulls_seen)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, '', $13, 0, 0, $14, $15, $16, 0, '',"
        " $17, 0)",
        P_STR (project->project_id), P_STR (project->project), P_STR (row->forge_id),
        P_STR (project->repository), P_STR (project->full_name), P_STR (project->url),
        P_STR (project->default_branch), P_STR (project->visibility), P_STR (row->hook),
        P_BYTES (row->secret.data, row->secret.size), P_STR (row->key_name), P_STR (project->state),
        P_I64 (row->check_at), P_STR (project->forks), P_I64 (project->poll_seconds), P_I64 (row->poll_at),
        P_I64 (project->created_at));
}

fault_t forge_store_drop_project (db_t *db, turn_t *turn, const char *project_id)
{
    return db_exec (db, turn, "delete from forge_projects where project_id = $1", P_STR (project_id));
}

fault_t forge_store_of_repository (db_t *db, turn_t *turn, const char *forge_id, strs_t *repositories,
                                   strs_t *projects)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select repository, project from forge_projects where forge_id = $1 order by project"
                   " limit 10000",
                   &rows, P_STR (forge_id)));
    repositories->count = projects->count = rows_count (rows);
    repositories->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (char *));
    projects->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (char *));
    for (size_t i = 0; i < rows_count (rows); i++) {
        repositories->items[i] = rows_str (rows, i, 0);
        projects->items[i] = rows_str (rows, i, 1);
    }
    return OK;
}

fault_t forge_store_renamed (db_t *db, turn_t *turn, const forge_project_t *project)
{
    return db_exec (db, turn,
                    "update forge_projects set full_name = $2, url = $3, default_branch = $4,"
                    " visibility = $5 where project_id = $1",
                    P_STR (project->project_id), P_STR (project->full_name), P_STR (project->url),
                    P_STR (project->default_branch), P_STR (project->visibility));
}

fault_t forge_store_links_of_other_key (db_t *db, turn_t *turn, const char *key_name, forge_links_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select project_id, hook, secret, key_name from forge_projects where key_name <> $1"
                   " order by project_id limit $2",
                   &rows, P_STR (key_name), P_I64 (FORGE_RESEALED)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        forge_link_t *link = &out->items[i];
        *link = (forge_link_t){.project = {.project_id = rows_str (rows, i, 0)},
                               .hook = rows_str (rows, i, 1),
                               .key_name = rows_str (rows, i, 3)};
        link->secret.data = rows_bytes (rows, i, 2, &link->secret.size);
    }
    return OK;
}

fault_t forge_store_set_secret (db_t *db, turn_t *turn, const forge_link_t *link)
{
    return db_exec (db, turn, "update forge_projects set secret = $2, key_name = $3 where project_id = $1",
                    P_STR (link->project.project_id), P_BYTES (link->secret.data, link->secret.size),
                    P_STR (link->key_name));
}

fault_t forge_store_set (db_t *db, turn_t *turn, const forge_link_t *row)
{
    return db_exec (db, turn,
                    "update forge_projects set forks = $2, poll_seconds = $3, poll_at = $4,"
                    " statuses = $5 where project_id = $1",
                    P_STR (row->project.project_id), P_STR (row->project.forks),
                    P_I64 (row->project.poll_seconds), P_I64 (row->poll_at), P_STR (row->project.statuses));
}

fault_t forge_store_checked (db_t *db, turn_t *turn, const forge_link_t *row)
{
    return db_exec (db, turn,
                    "update forge_projects set state = $2, state_reason = $3, forge_hook = $4,"
                    " checked_at = $5, check_at = $6, failures = $7 where project_id = $1",
                    P_STR (row->project.project_id), P_STR (row->project.state),
                    P_STR (row->project.state_reason), P_STR (row->forge_hook),
                    P_I64 (row->project.checked_at), P_I64 (row->check_at), P_I64 (row->failures));
}

fault_t forge_store_polled (db_t *db, turn_t *turn, const forge_link_t *row)
{
    return db_exec (db, turn,
                    "update forge_projects set polled_at = $2, poll_at = $3, poll_reason = $4,"
                    " pulls_seen = $5 where project_id = $1",
                    P_STR (row->project.project_id), P_I64 (row->project.polled_at), P_I64 (row->poll_at),
                    P_STR (row->project.poll_reason), P_I64 (row->pulls_seen));
}

// ---- what is due ----

void forge_store_ids (turn_t *turn, const rows_t *rows, strs_t *ids)
{
    ids->count = rows_count (rows);
    ids->items = arena_array (turn->arena, ids->count + 1, sizeof (char *));
    for (size_t i = 0; i < ids->count; i++)
        ids->items[i] = rows_str (rows, i, 0);
}

fault_t forge_store_check_due (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select project_id from forge_projects where check_at <= $1 order by check_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (FORGE_DUE)));
    forge_store_ids (turn, rows, ids);
    return OK;
}

fault_t forge_store_poll_due (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select project_id from forge_projects where poll_seconds > 0 and poll_at <= $1"
                   " order by poll_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (FORGE_DUE)));
    forge_store_ids (turn, rows, ids);
    return OK;
}

fault_t forge_store_check_at (db_t *db, turn_t *turn, const char *project_id, int64_t at)
{
    return db_exec (db, turn, "update forge_projects set check_at = $2 where project_id = $1",
                    P_STR (project_id), P_I64 (at));
}

fault_t forge_store_poll_at (db_t *db, turn_t *turn, const char *project_id, int64_t at)
{
    return db_exec (db, turn, "update forge_projects set poll_at = $2 where project_id = $1",
                    P_STR (project_id), P_I64 (at));
}

fault_t forge_store_poll_all (db_t *db, turn_t *turn, int64_t within_us)
{
    return db_exec (db, turn,
                    "update forge_projects set poll_at = $1 where poll_seconds > 0 and poll_at > $1",
                    P_I64 (turn->now_us + within_us));
}

fault_t forge_store_next (db_t *db, turn_t *turn, int64_t *at_us)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select min (at) from (select min (check_at) as at from forge_projects union all"
                   " select min (poll_at) from forge_projects where poll_seconds > $1) due",
                   &rows, P_I64 (0)));
    *at_us = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return OK;
}
