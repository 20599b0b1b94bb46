/* Roles of people and groups, in projects and everywhere; what a token may that is narrowed to projects. On each engine that is there. */

#include "services/identity/session_store.h"
#include "tests/service/identity/people.h"

#include <string.h>

static fault_t grant (world_t *world, const caller_t *caller, const char *project, const char *subject,
                      const char *role)
{
    role_row_t row;
    world->turn.caller = *caller;
    world->turn.now_us = clock_now_us (world->clock);
    world->turn.deadline_us = world->turn.now_us + SECONDS (60);
    return bus_client_call (world->client, &world->turn, MSG_role_set,
                            &(role_set_t){.project = project, .subject = subject, .role = role}, &row);
}

static const caller_t admin = {.role = ROLE_ADMIN, .subject = "root"};

static fault_t set_group (world_t *world, const char *name, const char *const *members, size_t count)
{
    people_group_t group;
    return ask_as (world, ROLE_ADMIN, MSG_group_set,
                   &(group_set_t){.group = name, .members = {(const char **) members, count}}, &group);
}

#define IN_SITE(letter) "|" SITE "=" letter "|"

TEST_ON_ENGINES (a_member_may_what_it_and_its_groups_were_given)
{
    static const char *const members[] = {"ada", "grace"};
    token_t ada = issue (world, "MEMBER", "ada", 0);
    CHECK_STR (whose (world, ada.token).role, "MEMBER");
    CHECK_STR (whose (world, ada.token).grants, "|");
    CHECK_INT (grant (world, &admin, "site", "ada", "VIEWER"), OK);
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("V"));
    CHECK_INT (set_group (world, "writers", members, 2), OK);
    CHECK_INT (grant (world, &admin, "site", "group:writers", "developer"), OK);
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("D"));
    CHECK_INT (set_group (world, "writers", members + 1, 1), OK);
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("V"));
    CHECK_INT (set_group (world, "writers", members, 2), OK);
    CHECK_INT (set_group (world, "writers", NULL, 0), OK);
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("V"));
    CHECK_INT (set_group (world, "writers", members, 2), OK); // A new one of that name has no roles
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("V"));
    done_t done;
    CHECK_INT (
        ask_as (world, ROLE_ADMIN, MSG_role_drop, &(role_drop_t){.subject = "ada", .project = "site"}, &done),
        OK);
    CHECK_STR (whose (world, ada.token).grants, "|");
    CHECK_INT (
        ask_as (world, ROLE_ADMIN, MSG_role_drop, &(role_drop_t){.subject = "ada", .project = "site"}, &done),
        NOT_FOUND);
}

TEST_ON_ENGINES (a_role_everywhere_is_the_members_role)
{
    token_t ada = issue (world, "MEMBER", "ada", 0);
    CHECK_INT (grant (world, &admin, "", "ada", "VIEWER"), OK);
    CHECK_INT (grant (world, &admin, "site", "ada", "MAINTAINER"), OK);
    CHECK_STR (whose (world, ada.token).role, "VIEWER");
    CHECK_STR (whose (world, ada.token).grants, IN_SITE ("M"));
    CHECK_INT (grant (world, &admin, "", "ada", "ADMIN"), OK);
    CHECK_STR (whose (world, ada.token).role, "ADMIN");
    CHECK_INT (grant (world, &admin, "site", "ada", "ADMIN"), INVALID);
    CHECK_INT (grant (world, &admin, "", "ada", "REGISTRAR"), INVALID);
    CHECK_INT (grant (world, &admin, "", "group:nobody", "VIEWER"), INVALID);
}

TEST_ON_ENGINES (a_token_of_another_role_gets_nothing_by_grants)
{
    token_t ada = issue (world, "VIEWER", "ada", 0);
    CHECK_INT (grant (world, &admin, "", "ada", "ADMIN"), OK);
    CHECK_STR (whose (world, ada.token).role, "VIEWER");
    CHECK_STR (whose (world, ada.token).grants, "");
}

// What a token may that a user made with a session.
static principal_t own_token (world_t *world, const session_t *session, const char *role)
{
    token_t token = {0};
    const user_token_issue_t ask = {.hash = hash_of (world, session->cookie), .name = "own", .role = role};
    CHECK_INT (ask_own (world, session->cookie, MSG_user_token_issue, &ask, &token), OK);
    return whose (world, token.token);
}

TEST_ON_ENGINES (a_user_may_what_they_and_their_groups_were_given_everywhere_and_in_projects)
{
    static const char *const members[] = {"ada"};
    add_user (world, "ada", "MEMBER");
    session_t session = signed_in_as (world, "ada");
    CHECK_INT (grant (world, &admin, "site", "ada", "DEVELOPER"), OK);
    CHECK_STR (whose (world, session.cookie).role, "MEMBER");
    CHECK_STR (whose (world, session.cookie).grants, IN_SITE ("D"));
    CHECK_INT (set_group (world, "readers", members, 1), OK);
    CHECK_INT (grant (world, &admin, "", "group:readers", "VIEWER"), OK);
    CHECK_STR (whose (world, session.cookie).role, "VIEWER");
    CHECK_STR (whose (world, session.cookie).grants, IN_SITE ("D"));
    principal_t token = own_token (world, &session, "MEMBER");
    CHECK_STR (token.role, "VIEWER");
    CHECK_STR (token.grants, IN_SITE ("D"));
}

TEST_ON_ENGINES (an_accounts_role_does_not_bound_its_roles_in_projects_and_that_of_a_lesser_token_does)
{
    add_user (world, "ben", "DEVELOPER");
    session_t session = signed_in_as (world, "ben");
    CHECK_INT (grant (world, &admin, "site", "ben", "MAINTAINER"), OK);
    CHECK_STR (whose (world, session.cookie).role, "DEVELOPER");
    CHECK_STR (whose (world, session.cookie).grants, IN_SITE ("M"));
    CHECK_STR (own_token (world, &session, "DEVELOPER").grants, IN_SITE ("M"));
    principal_t lesser = own_token (world, &session, "VIEWER");
    CHECK_STR (lesser.role, "VIEWER");
    CHECK_STR (lesser.grants, IN_SITE ("V"));
    lesser = own_token (world, &session, "MEMBER");
    CHECK_STR (lesser.role, "MEMBER");
    CHECK_STR (lesser.grants, "|");
}

TEST_ON_ENGINES (maintainers_give_roles_in_their_project_and_nowhere_else)
{
    const caller_t maintainer = {.role = ROLE_MEMBER, .subject = "mo", .grants = IN_SITE ("M")},
                   developer = {.role = ROLE_MEMBER, .subject = "di", .grants = IN_SITE ("D")},
                   stranger = {.role = ROLE_MEMBER, .subject = "eve", .grants = ""};
    CHECK_INT (grant (world, &maintainer, "site", "ada", "MAINTAINER"), OK);
    CHECK_INT (grant (world, &maintainer, "other", "ada", "VIEWER"), NOT_FOUND);
    CHECK_INT (grant (world, &maintainer, "", "ada", "VIEWER"), FORBIDDEN);
    CHECK_INT (grant (world, &developer, "site", "di", "MAINTAINER"), FORBIDDEN);
    CHECK_INT (grant (world, &stranger, "site", "eve", "VIEWER"), NOT_FOUND);
    CHECK_INT (grant (world, &stranger, "no-such", "eve", "VIEWER"), NOT_FOUND);
    people_group_t group;
    CHECK_INT (ask_as (world, ROLE_MAINTAINER, MSG_group_set, &(group_set_t){.group = "mine"}, &group),
               FORBIDDEN);
}

TEST_ON_ENGINES (a_narrowed_token_is_a_members_with_its_role_in_these_projects)
{
    token_t token, shown;
    const char *names[] = {"site", SITE, "other"}, *unknown = "no-such";
    token_issue_t ask = {.name = "hook", .role = "developer", .projects = {names, 3}};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
    CHECK_INT (token.projects.count, 2);
    CHECK_STR (token.role, "DEVELOPER");
    CHECK_STR (whose (world, token.token).role, "MEMBER"); // Which an older gateway refuses
    CHECK_STR (whose (world, token.token).subject, "hook");
    CHECK_STR (whose (world, token.token).grants, "|" SITE "=D|" OTHER "=D|");
    CHECK_INT (token_store_show (world->db, &world->turn, token.id, &shown), OK);
    CHECK_STR (shown.role, "DEVELOPER");
    CHECK_INT (grant (world, &admin, "site", "hook", "MAINTAINER"), OK); // Nor by grants
    CHECK_STR (whose (world, token.token).grants, "|" SITE "=D|" OTHER "=D|");
    ask.projects = (strs_t){&unknown, 1};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
    ask.projects = (strs_t){names, 1};
    ask.role = "ADMIN";
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
    ask.role = "MEMBER";
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
}

TEST_ON_ENGINES (a_session_may_what_its_narrowed_token_may)
{
    token_t token;
    session_t session;
    const char *name = "site";
    const token_issue_t ask = {.name = "page", .role = "VIEWER", .projects = {&name, 1}};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
    CHECK_INT (
        ask_as (world, ROLE_SERVICE, MSG_session_begin, &(session_begin_t){.token = token.token}, &session),
        OK);
    CHECK_STR (session.role, "MEMBER");
    CHECK_STR (whose (world, session.cookie).role, "MEMBER");
    CHECK_STR (whose (world, session.cookie).grants, IN_SITE ("V"));
}

TEST_ON_ENGINES (a_session_shows_the_roles_that_its_caller_has)
{
    session_t shown;
    world->turn.caller = (caller_t){.role = ROLE_MEMBER, .subject = "mo", .grants = IN_SITE ("M")};
    world->turn.now_us = clock_now_us (world->clock);
    world->turn.deadline_us = world->turn.now_us + SECONDS (60);
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_session_show, &(session_show_t){}, &shown),
               OK);
    CHECK_STR (shown.role, "MEMBER");
    CHECK_INT (shown.roles.count, 1);
    CHECK_STR (shown.roles.items[0].project_id, SITE);
    CHECK_STR (shown.roles.items[0].role, "MAINTAINER");
}

TEST_ON_ENGINES (roles_and_groups_are_listed_page_by_page)
{
    role_page_t page;
    group_page_t groups;
    static const char *const members[] = {"ada"};
    CHECK_INT (grant (world, &admin, "site", "ada", "VIEWER"), OK);
    CHECK_INT (grant (world, &admin, "other", "ada", "DEVELOPER"), OK);
    CHECK_INT (grant (world, &admin, "", "bob", "VIEWER"), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_list, &(role_list_t){.limit = 2}, &page), OK);
    CHECK_INT (page.items.count, 2);
    const char *next = arena_strdup (world->arena, page.next);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_list, &(role_list_t){.limit = 2, .cursor = next}, &page),
               OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].subject, "bob");
    CHECK_STR (page.items.items[0].project_id, "");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_list, &(role_list_t){.project = "site"}, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].project, "site");
    CHECK_STR (page.items.items[0].granted_by, "root");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_list, &(role_list_t){.everywhere = true}, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_list, &(role_list_t){.cursor = "x"}, &page), INVALID);
    CHECK_INT (set_group (world, "b", members, 1), OK);
    CHECK_INT (set_group (world, "a", members, 1), OK);
    CHECK_INT (set_group (world, "no blank", members, 1), INVALID);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_list, &(group_list_t){0}, &groups), OK);
    CHECK_INT (groups.items.count, 2);
    CHECK_STR (groups.items.items[0].name, "a");
    CHECK_STR (groups.items.items[0].members.items[0], "ada");
    CHECK_INT (ask_as (world, ROLE_MAINTAINER, MSG_role_list, &(role_list_t){0}, &page), FORBIDDEN);
}

TEST_ON_ENGINES (roles_end_with_their_project)
{
    done_t done;
    token_t ada = issue (world, "MEMBER", "ada", 0);
    CHECK_INT (grant (world, &admin, "site", "ada", "VIEWER"), OK);
    CHECK_INT (grant (world, &admin, "", "ada", "VIEWER"), OK);
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_values_purge, &(values_purge_t){.project = SITE}, &done), OK);
    CHECK_STR (whose (world, ada.token).grants, "|");
    CHECK_STR (whose (world, ada.token).role, "VIEWER");
}

// 150 rows of one person: the first 128 projects count, the header of a message holds no more.
TEST_ON_ENGINES (more_projects_than_a_message_can_carry_are_left_out_and_a_role_more_is_refused)
{
    token_t ada = issue (world, "MEMBER", "ada", 0);
    for (int i = 0; i < 150; i++)
        CHECK_INT (db_exec (world->db, &world->turn,
                            "insert into role_grants (subject, project_id, role, granted_at, granted_by)"
                            " values ('ada', $1, 'VIEWER', 1, '')",
                            P_STR (arena_printf (world->arena, "p01k9qz6f3xm4t0v8w%04d", i))),
                   OK);
    granted_role_t role;
    const char *at = whose (world, ada.token).grants;
    size_t count = 0;
    CHECK (strlen (at) <= GRANTS_TEXT);
    while (grants_next (&at, &role))
        count++;
    CHECK_INT (count, GRANTS_MOST);
    CHECK_INT (grant (world, &admin, "site", "ada", "VIEWER"), CONFLICT);
}
