/* Secrets, variables and environments: who may set them, what is stored, what a job gets. */

#include "common/base/secret_box.h"
#include "tests/service/identity/world.h"

#include <poll.h>
#include <string.h>

#define PLANTED "kestrel-plumage-7731"

static fault_t set_secret (world_t *world, role_t role, const char *project, const char *environment,
                           const char *name, const char *value)
{
    secret_t secret;
    const secret_set_t ask = {.project = project, .environment = environment, .name = name, .value = value};
    return ask_by (world, role, "ada", MSG_secret_set, &ask, &secret);
}

static fault_t set_variable (world_t *world, role_t role, const char *project, const char *environment,
                             const char *name, const char *value)
{
    variable_t variable;
    const variable_set_t ask = {.project = project, .environment = environment, .name = name, .value = value};
    return ask_by (world, role, "ada", MSG_variable_set, &ask, &variable);
}

static fault_t set_environment (world_t *world, role_t role, const environment_set_t *ask)
{
    environment_t environment;
    return ask_by (world, role, "ada", MSG_environment_set, ask, &environment);
}

static void make_environment (world_t *world, const char *name)
{
    CHECK_INT (
        set_environment (world, ROLE_ADMIN, &(environment_set_t){.project = "site", .environment = name}),
        OK);
}

// "A=1 B=2", in the order of the names.
static const char *values_text (world_t *world, const job_values_t *values)
{
    return arena_printf (world->arena, "%s %s", values->secrets, values->variables);
}

static fault_t ask_attempt (world_t *world, role_t role, const char *subject, uint32_t attempt,
                            job_values_t *values)
{
    const job_secrets_t ask = {.job = "j1", .attempt = 2, .key = "k"};
    world->turn.caller = (caller_t){.role = role, .subject = subject, .attempt = attempt};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (10);
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, MSG_job_secrets, &ask, values);
}

static const char *given_to (world_t *world, const grant_t *grant)
{
    job_values_t values = {0};
    world->scheduler.grant = *grant;
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), OK);
    return values_text (world, &values);
}

static strs_t names (const char **items, size_t count)
{
    return (strs_t){items, count};
}
#define NAMES(...) \
    names ((const char *[]){__VA_ARGS__}, sizeof ((const char *[]){__VA_ARGS__}) / sizeof (const char *))

TEST_ON_ENGINES (a_secret_is_listed_by_its_name_with_who_set_it_and_never_shown)
{
    secret_page_t page;
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "deploy_key", PLANTED), OK);
    const secret_list_t ask = {.project = "site", .environment = "", .cursor = ""};
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_secret_list, &ask, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].name, "DEPLOY_KEY");
    CHECK_STR (page.items.items[0].updated_by, "ada");
    CHECK_INT (page.items.items[0].created_at, BEGINS);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "Deploy_Key", "another"), OK);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_secret_list, &ask, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_INT (page.items.items[0].created_at, BEGINS);
    CHECK_INT (page.items.items[0].updated_at, BEGINS + SECONDS (60));
}

TEST_ON_ENGINES (a_name_or_a_value_that_breaks_a_rule_is_refused)
{
    static const char *const wrong[] = {"1ST", "GITHUB_TOKEN", "github_x", "A-B", "A B", "A.B", "\xc3\xa4"};
    char *large = arena_alloc (world->arena, MAX_VALUE + 2);
    memset (large, 'x', MAX_VALUE + 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", wrong[i], "1"), INVALID);
        CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "", wrong[i], "1"), INVALID);
    }
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "EMPTY", ""), INVALID);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "LARGE", large + 1), OK);
    CHECK (set_secret (world, ROLE_ADMIN, "site", "", "LARGE", large) != OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "nowhere", "", "A", "1"), NOT_FOUND);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "nowhere", "A", "1"), NOT_FOUND);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "", "production", "A", "1"), INVALID);
}

TEST_ON_ENGINES (a_scope_has_a_bound_on_secrets_and_on_the_bytes_of_variables)
{
    char *half = arena_alloc (world->arena, MAX_VALUE + 1);
    memset (half, 'x', MAX_VALUE);
    for (int i = 0; i < MAX_SCOPE_VALUES; i++)
        CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", arena_printf (world->arena, "S%d", i), "1"),
                   OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "ONE_MORE", "1"), CONFLICT);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "S1", "2"), OK); // It is there already
    CHECK_INT (set_secret (world, ROLE_ADMIN, "other", "", "ONE_MORE", "1"), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "", "A", half), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "", "B", half), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "", "C", half), CONFLICT);
}

TEST_ON_ENGINES (what_is_of_an_environment_or_of_all_projects_only_an_admin_changes)
{
    secret_page_t secrets;
    variable_page_t variables;
    make_environment (world, "production");
    CHECK_INT (set_secret (world, ROLE_DEVELOPER, "site", "", "A", "1"), OK);
    CHECK_INT (set_secret (world, ROLE_DEVELOPER, "site", "production", "A", "1"), FORBIDDEN);
    CHECK_INT (set_secret (world, ROLE_DEVELOPER, "", "", "A", "1"), FORBIDDEN);
    CHECK_INT (set_environment (world, ROLE_DEVELOPER,
                                &(environment_set_t){.project = "site", .environment = "production"}),
               FORBIDDEN);
    static const role_t others[] = {ROLE_NOBODY, ROLE_JOB, ROLE_AGENT, ROLE_REGISTRAR, ROLE_SERVICE};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK_INT (set_secret (world, others[i], "site", "", "A", "1"), FORBIDDEN);
        CHECK_INT (ask_as (world, others[i], MSG_secret_list, &(secret_list_t){.project = "site"}, &secrets),
                   FORBIDDEN);
        CHECK_INT (
            ask_as (world, others[i], MSG_variable_list, &(variable_list_t){.project = "site"}, &variables),
            FORBIDDEN);
    }
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_secret_list, &(secret_list_t){.project = "site"}, &secrets),
               FORBIDDEN);
    CHECK_INT (
        ask_as (world, ROLE_VIEWER, MSG_variable_list, &(variable_list_t){.project = "site"}, &variables),
        OK);
}

TEST_ON_ENGINES (the_nearest_value_of_a_name_is_given)
{
    make_environment (world, "Production");
    CHECK_INT (set_secret (world, ROLE_ADMIN, "", "", "A", "of all"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "", "", "B", "of all"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "", "", "C", "of all"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "B", "of site"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "C", "of site"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "production", "C", "of production"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "other", "", "D", "of other"), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "PRODUCTION", "V", "1"), OK);
    grant_t grant = {.project = SITE, .environment = "", .shared = true, .names = NAMES ("a", "B", "C", "D")};
    CHECK_STR (given_to (world, &grant), "{\"A\":\"of all\",\"B\":\"of site\",\"C\":\"of site\"} {}");
    grant.environment = "PRODUCTION";
    CHECK_STR (given_to (world, &grant),
               "{\"A\":\"of all\",\"B\":\"of site\",\"C\":\"of production\"} {\"V\":\"1\"}");
}

TEST_ON_ENGINES (a_job_gets_what_it_names_and_nothing_else)
{
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", "1"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "B", "2"), OK);
    grant_t grant = {.project = SITE, .environment = "", .shared = true, .names = NAMES ("B")};
    CHECK_STR (given_to (world, &grant), "{\"B\":\"2\"} {}");
    grant.all = true;
    CHECK_STR (given_to (world, &grant), "{\"B\":\"2\",\"A\":\"1\"} {}");
    grant.withheld = true; // A fork's
    CHECK_STR (given_to (world, &grant), "{} {}");
    grant = (grant_t){.project = OTHER, .environment = "", .shared = true, .all = true};
    CHECK_STR (given_to (world, &grant), "{} {}");
}

TEST_ON_ENGINES (a_called_workflow_gets_what_its_caller_passes_and_what_its_environment_has)
{
    granted_secret_t passed = {.name = "key", .from = "A"};
    make_environment (world, "production");
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", "1"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "KEY", "not passed"), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "production", "B", "2"), OK);
    grant_t grant = {.project = SITE,
                     .environment = "",
                     .names = NAMES ("KEY", "A", "B"),
                     .passed = {.items = &passed, .count = 1}};
    CHECK_STR (given_to (world, &grant), "{\"KEY\":\"1\"} {}");
    grant.environment = "production";
    CHECK_STR (given_to (world, &grant), "{\"KEY\":\"1\",\"B\":\"2\"} {}");
    grant.names.count = 0;
    grant.all = true;
    CHECK_STR (given_to (world, &grant), "{\"KEY\":\"1\",\"B\":\"2\"} {}");
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "production", "KEY", "3"), OK);
    CHECK_STR (given_to (world, &grant), "{\"KEY\":\"3\",\"B\":\"2\"} {}");
}

TEST_ON_ENGINES (whoever_is_not_the_attempt_itself_gets_nothing_and_the_scheduler_is_not_asked)
{
    job_values_t values = {0};
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", PLANTED), OK);
    world->scheduler.grant = (grant_t){.project = SITE, .environment = "", .shared = true, .all = true};
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 1, &values), FORBIDDEN);
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j2", 2, &values), FORBIDDEN);
    CHECK_INT (ask_attempt (world, ROLE_AGENT, "j1", 2, &values), FORBIDDEN);
    CHECK_INT (ask_attempt (world, ROLE_ADMIN, "j1", 2, &values), FORBIDDEN);
    CHECK_INT (world->scheduler.asked, 0);
    world->scheduler.fault = CONFLICT; // The attempt is over
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), CONFLICT);
    CHECK (!values.secrets || !strstr (values.secrets, PLANTED));
}

TEST_ON_ENGINES (no_table_holds_the_value_of_a_secret)
{
    const rows_t *rows;
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", PLANTED), OK);
    CHECK_INT (db_query (world->db, &world->turn, "select value from job_values where kind = $1", &rows,
                         P_STR ("secret")),
               OK);
    CHECK_INT (rows_count (rows), 1);
    size_t size;
    const void *sealed = rows_bytes (rows, 0, 0, &size);
    CHECK (!memmem (sealed, size, PLANTED, strlen (PLANTED)));
    CHECK (!memmem (sealed, size, PLANTED, 6));
}

TEST_ON_ENGINES (a_secret_that_is_moved_to_another_place_in_the_database_cannot_be_read)
{
    job_values_t values = {0};
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", PLANTED), OK);
    CHECK_INT (set_secret (world, ROLE_ADMIN, "other", "", "B", "b"), OK);
    CHECK_INT (db_exec (world->db, &world->turn,
                        "update job_values set value = (select value from job_values where project_id = $1)"
                        " where project_id = $2",
                        P_STR (SITE), P_STR (OTHER)),
               OK);
    world->scheduler.grant =
        (grant_t){.project = OTHER, .environment = "", .shared = true, .names = NAMES ("B")};
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), INVALID);
}

static int64_t sealed_by (world_t *world, const char *key_name)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select count(*) from job_values where key_name = $1",
                         &rows, P_STR (key_name)),
               OK);
    return rows_i64 (rows, 0, 0);
}

TEST_ON_ENGINES (a_new_key_seals_all_again_and_the_old_one_may_go)
{
    secret_key_t next = {.bytes = "the second key of the test", .older_count = 1};
    secret_box_t box;
    memcpy (next.older[0], world->key.bytes, SECRET_KEY_SIZE);
    for (int i = 0; i < 50; i++) // More than one step of it
        CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", arena_printf (world->arena, "S%d", i),
                               arena_printf (world->arena, "value %d", i)),
                   OK);
    restart_actor (world, &next);
    secret_box_init (&box, &next);
    for (int i = 0; i < 2000 && sealed_by (world, box.names[1]) > 0; i++)
        poll (NULL, 0, 5);
    CHECK_INT (sealed_by (world, box.names[1]), 0);
    CHECK_INT (sealed_by (world, box.names[0]), 50);
    next.older_count = 0;
    restart_actor (world, &next);
    const grant_t grant = {.project = SITE, .environment = "", .shared = true, .names = NAMES ("S49")};
    CHECK_STR (given_to (world, &grant), "{\"S49\":\"value 49\"} {}");
}

TEST_ON_ENGINES (a_secret_that_was_changed_holds_up_no_other_when_a_new_key_seals_them_again)
{
    secret_key_t next = {.bytes = "the second key of the test", .older_count = 1};
    secret_box_t box;
    memcpy (next.older[0], world->key.bytes, SECRET_KEY_SIZE);
    for (int i = 0; i < 3; i++)
        CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", arena_printf (world->arena, "S%d", i), "v"),
                   OK);
    CHECK_INT (db_exec (world->db, &world->turn,
                        "update job_values set value = (select value from job_values where name = 'S1')"
                        " where name in ('S0', 'S2')"),
               OK);
    restart_actor (world, &next);
    secret_box_init (&box, &next);
    for (int i = 0; i < 2000 && sealed_by (world, box.names[1]) > 2; i++)
        poll (NULL, 0, 5);
    CHECK_INT (sealed_by (world, box.names[0]), 1);
    const grant_t grant = {.project = SITE, .environment = "", .shared = true, .names = NAMES ("S1")};
    CHECK_STR (given_to (world, &grant), "{\"S1\":\"v\"} {}");
}

TEST_ON_ENGINES (without_its_key_a_secret_fails_the_job_by_name_and_can_be_set_again)
{
    job_values_t values = {0};
    const secret_key_t other = {.bytes = "quite another key"};
    const grant_t grant = {.project = SITE, .environment = "", .shared = true, .names = NAMES ("A")};
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", PLANTED), OK);
    restart_actor (world, &other);
    world->scheduler.grant = grant;
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), INVALID);
    CHECK (strstr (world->turn.detail, "the secret A cannot be decrypted"));
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", "A", "again"), OK);
    CHECK_STR (given_to (world, &grant), "{\"A\":\"again\"} {}");
}

TEST_ON_ENGINES (an_environment_keeps_its_rules_and_takes_its_secrets_along)
{
    environment_page_t page;
    done_t done;
    const environment_set_t rules = {.project = "site",
                                     .environment = "Production",
                                     .wait_minutes = 5,
                                     .approvers = NAMES ("ada", "eve"),
                                     .no_self_review = true,
                                     .branches = NAMES ("main", "release/**"),
                                     .tags = NAMES ("v*")};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &rules), OK);
    make_environment (world, "staging");
    const environment_list_t ask = {.project = "site", .cursor = ""};
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_environment_list, &ask, &page), OK);
    CHECK_INT (page.items.count, 2);
    const environment_t *kept = &page.items.items[0];
    CHECK_STR (kept->name, "Production");
    CHECK_INT (kept->wait_minutes, 5);
    CHECK_INT (kept->approvers.count, 2);
    CHECK_STR (kept->branches.items[1], "release/**");
    CHECK (kept->no_self_review);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (set_environment (world, ROLE_ADMIN, &rules), OK);
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_environment_list, &ask, &page), OK);
    CHECK_INT (page.items.items[0].created_at, BEGINS);
    CHECK_INT (page.items.items[0].updated_at, BEGINS + SECONDS (60));
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "production", "A", "1"), OK);
    const environment_remove_t gone = {.project = "site", .environment = "PRODUCTION"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_environment_remove, &gone, &done), OK);
    make_environment (world, "production");
    const grant_t grant = {
        .project = SITE, .environment = "production", .shared = true, .names = NAMES ("A")};
    CHECK_STR (given_to (world, &grant), "{} {}");
}

TEST_ON_ENGINES (a_project_has_a_bound_on_environments)
{
    for (int i = 0; i < MAX_ENVIRONMENTS; i++)
        make_environment (world, arena_printf (world->arena, "e%d", i));
    environment_set_t ask = {.project = "site", .environment = "one-more"};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), CONFLICT);
    make_environment (world, "E5"); // It is there already
    ask.project = "other";
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), OK);
}

TEST_ON_ENGINES (the_secrets_of_one_job_have_a_bound_on_their_bytes)
{
    job_values_t values = {0};
    char *large = arena_alloc (world->arena, MAX_VALUE + 1);
    memset (large, 'x', MAX_VALUE);
    world->scheduler.grant = (grant_t){.project = SITE, .environment = "", .shared = true, .all = true};
    int fits = MAX_JOB_SECRETS / (MAX_VALUE + 3);
    for (int i = 0; i <= fits; i++) {
        if (i == fits)
            CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), OK);
        CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "", arena_printf (world->arena, "S%02d", i), large),
                   OK);
    }
    CHECK_INT (ask_attempt (world, ROLE_JOB, "j1", 2, &values), INVALID);
    CHECK (strstr (world->turn.detail, "the secrets of this job have more than"));
}

TEST_ON_ENGINES (rules_that_cannot_be_meant_are_refused_with_their_place)
{
    environment_set_t ask = {.project = "site", .environment = "a\nb"};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), INVALID);
    ask = (environment_set_t){.project = "site", .environment = "x", .branches = NAMES ("main", "[a")};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), INVALID);
    CHECK (strstr (world->turn.detail, "branches[1]: [a: "));
    ask = (environment_set_t){.project = "site", .environment = "x", .approvers = NAMES ("")};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), INVALID);
    ask = (environment_set_t){.project = "site", .environment = "x", .no_self_review = true};
    CHECK_INT (set_environment (world, ROLE_ADMIN, &ask), INVALID);
}

TEST_ON_ENGINES (a_project_that_is_removed_takes_its_secrets_along)
{
    done_t done;
    variable_values_t values;
    make_environment (world, "production");
    CHECK_INT (set_secret (world, ROLE_ADMIN, "site", "production", "A", "1"), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "site", "", "V", "1"), OK);
    CHECK_INT (set_variable (world, ROLE_ADMIN, "", "", "W", "2"), OK);
    const variables_read_t read = {.project = SITE};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_variables_read, &read, &values), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_variables_read, &read, &values), OK);
    CHECK_STR (values.values, "{\"W\":\"2\",\"V\":\"1\"}");
    const values_purge_t purge = {.project = SITE};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_values_purge, &purge, &done), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_values_purge, &purge, &done), OK);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_variables_read, &read, &values), OK);
    CHECK_STR (values.values, "{\"W\":\"2\"}");
    environment_page_t page;
    CHECK_INT (
        ask_as (world, ROLE_VIEWER, MSG_environment_list, &(environment_list_t){.project = "site"}, &page),
        OK);
    CHECK_INT (page.items.count, 0);
}
