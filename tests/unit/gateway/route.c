/* The table of routes is complete and unambiguous, and a request finds its row. */

#include "gateway/route.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static arena_t *arena;
static turn_t turn;

static fault_t find (const char *method, const char *path, const route_t **route, uri_pairs_t *params,
                     const char **allow)
{
    segments_t segments;
    if (!arena)
        arena = arena_new ();
    arena_reset (arena);
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (uri_path (&turn, path, &segments), OK);
    return route_match (&turn, method, &segments, route, params, allow);
}

TEST (a_request_finds_its_row)
{
    static const struct {
        const char *method, *path, *row; // NULL: none
        fault_t fault;
    } cases[] = {{"GET", "/runs/r1", "/runs/{run}", OK},
                 {"HEAD", "/runs/r1", "/runs/{run}", OK},
                 {"GET", "/api/v1/runs/r1", "/runs/{run}", OK},
                 {"GET", "/api/v1", NULL, NOT_FOUND},
                 {"GET", "/api/v2/runs", NULL, NOT_FOUND},
                 {"GET", "/", NULL, NOT_FOUND},
                 {"GET", "/run", NULL, NOT_FOUND},
                 {"GET", "/runs/r1/x", NULL, NOT_FOUND},
                 {"POST", "/runs/r1", NULL, NO_METHOD},
                 {"get", "/runs/r1", NULL, NO_METHOD},
                 {"PATCH", "/jobs/j1/log", "/jobs/{job}/log", OK},
                 {"GET", "/jobs/j1/log/stream", "/jobs/{job}/log/stream", OK},
                 {"GET", "/artifacts/f1/files/a/b/c", "/artifacts/{artifact}/files/{path...}", OK},
                 {"GET", "/artifacts/f1/files", "/artifacts/{artifact}/files", OK},
                 {"GET", "/signed/views/f1/t/a/b", "/signed/views/{artifact}/{ticket}/{path...}", OK},
                 {"GET", "/signed/views/f1/t", NULL, NOT_FOUND}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        const route_t *route = NULL;
        const char *allow;
        uri_pairs_t params;
        CHECK_INT (find (cases[i].method, cases[i].path, &route, &params, &allow), cases[i].fault);
        if (cases[i].row)
            CHECK_STR (route->path, cases[i].row);
    }
}

TEST (path_parameters_have_their_names)
{
    const route_t *route;
    const char *allow;
    uri_pairs_t params;
    CHECK_INT (find ("PUT", "/artifacts/f1/parts/7", &route, &params, &allow), OK);
    CHECK_STR (pairs_get (&params, "artifact"), "f1");
    CHECK_STR (pairs_get (&params, "part"), "7");
    CHECK_INT (find ("GET", "/artifacts/f1/files/a/b%20c", &route, &params, &allow), OK);
    CHECK_STR (pairs_get (&params, "path"), "a/b c");
    CHECK_INT (params.count, 2);
}

TEST (a_wrong_method_names_the_right_ones)
{
    const route_t *route;
    const char *allow;
    uri_pairs_t params;
    CHECK_INT (find ("PUT", "/projects/x", &route, &params, &allow), NO_METHOD);
    CHECK_STR (allow, "GET, DELETE, PATCH");
}

TEST (no_two_rows_say_the_same)
{
    for (size_t i = 0; i < routes_count; i++)
        for (size_t j = 0; j < i; j++)
            CHECK (strcmp (routes[i].method, routes[j].method) != 0 ||
                   strcmp (routes[i].path, routes[j].path) != 0);
}

// What a handler fetches by itself, and what is in GitHub's paths and not looked at.
static bool is_taken_by_hand (const route_t *route, const char *name)
{
    bool toolkit = (route->handler->flags & TOOLKIT) || strncmp (route->path, "/{owner}/", 9) == 0;
    return strcmp (name, "path") == 0 || strcmp (name, "ticket") == 0 || toolkit;
}

TEST (every_path_parameter_is_a_field_of_the_ask)
{
    for (size_t i = 0; i < routes_count; i++)
        for (const char *at = strchr (routes[i].path, '{'); at; at = strchr (at + 1, '{')) {
            char name[64] = "";
            memcpy (name, at + 1, strcspn (at + 1, ".}"));
            if (!message_field (routes[i].ask, name) && !is_taken_by_hand (&routes[i], name))
                test_fail (__FILE__, __LINE__, "%s: %s has no field %s", routes[i].path, routes[i].ask->name,
                           name);
        }
}

TEST (every_row_that_only_asks_has_a_service_that_answers)
{
    for (size_t i = 0; i < routes_count; i++)
        CHECK (routes[i].handler->handle != api_call || call_of (routes[i].ask));
}

TEST (a_row_that_takes_no_body_has_no_limit_and_the_other_way_round)
{
    for (size_t i = 0; i < routes_count; i++) {
        bool sends = strcmp (routes[i].method, "GET") != 0 && strcmp (routes[i].method, "DELETE") != 0;
        CHECK (sends == (routes[i].limit > 0));
        CHECK (!sends || routes[i].handler->takes);
    }
}

TEST (only_admins_see_tokens_groups_users_and_invitations)
{
    static const char *const of_others[] = {"/tokens", "/groups", "/users", "/invitations", "/providers"};
    for (size_t i = 0; i < routes_count; i++)
        for (size_t j = 0; j < sizeof of_others / sizeof *of_others; j++)
            if (strncmp (routes[i].path, of_others[j], strlen (of_others[j])) == 0 &&
                !(routes[i].roles & MAY (NOBODY))) // Whoever has the code of an invitation may use it
                CHECK_INT (routes[i].roles, MAY_ADMIN);
}

TEST (only_liveness_signing_in_and_keys_to_check_by_are_open)
{
    for (size_t i = 0; i < routes_count; i++) {
        bool open = routes[i].roles & MAY (NOBODY);
        bool alive = strcmp (routes[i].path, "/healthz") == 0 || strcmp (routes[i].path, "/readyz") == 0 ||
                     strcmp (routes[i].path, "/version") == 0;
        // Their handler checks the signature, of the URL or of what a forge delivers
        if (strncmp (routes[i].path, "/signed/", 8) == 0 || strncmp (routes[i].path, "/hooks/", 7) == 0) {
            CHECK_INT (routes[i].roles, MAY_SIGNED);
            continue;
        }
        bool signs_in = strcmp (routes[i].method, "POST") == 0 &&
                        (strcmp (routes[i].path, "/session") == 0 || strcmp (routes[i].path, "/login") == 0 ||
                         strcmp (routes[i].path, "/invitations/show") == 0 ||
                         strcmp (routes[i].path, "/invitations/accept") == 0 ||
                         strncmp (routes[i].path, "/sign-in/", 9) == 0);
        bool published = strncmp (routes[i].path, "/.well-known/", 13) == 0 ||
                         strcmp (routes[i].path, "/sign-in/providers") == 0; // Names of buttons
        CHECK (open == (alive || signs_in || published));
        // Nobody changes anything without signing in, also where everybody may look
        CHECK (!(routes[i].roles & PUBLICLY) || strcmp (routes[i].method, "GET") == 0);
        CHECK (!(routes[i].roles & MAY (SERVICE)));
    }
}

// A new route by which people change something is recorded. One that is exempt from that is named here, with the reason in its row.
TEST (every_route_by_which_people_change_something_is_audited)
{
    static const char *const exempt[] = {"PUT /trials/{trial}/parts/{part}", "POST /lint",
                                         "POST /jobs/{job}/shell/{shell}", "POST /sign-in/begin"};
    size_t found = 0;
    for (size_t i = 0; i < routes_count; i++) {
        const route_t *route = &routes[i];
        char name[128];
        bool is_exempt = false;
        snprintf (name, sizeof name, "%s %s", route->method, route->path);
        for (size_t j = 0; j < sizeof exempt / sizeof *exempt; j++)
            is_exempt |= strcmp (name, exempt[j]) == 0;
        bool reads = strcmp (route->method, "GET") == 0, people = route->roles & MAY_VIEW;
        CHECK_INT (route_audited (route), people && !reads && !is_exempt);
        found += is_exempt;
    }
    CHECK_INT (found, sizeof exempt / sizeof *exempt);
}

// Else nobody would record that it was done.
TEST (what_is_audited_is_answered_by_a_service_that_records_it)
{
    static const char *const services[] = {"scheduler", "artifacts", "scm", "identity"};
    for (size_t i = 0; i < routes_count; i++) {
        const call_t *call = call_of (routes[i].ask);
        bool records = false;
        for (size_t j = 0; call && j < sizeof services / sizeof *services; j++)
            records |= strcmp (call->service, services[j]) == 0;
        if (route_audited (&routes[i]) && !records)
            test_fail (__FILE__, __LINE__, "%s %s", routes[i].method, routes[i].path);
    }
}
