/* The gateway turns HTTP into messages: routes, fields, roles, answers and problems. */

#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINS(text, part)                                                                              \
    do {                                                                                                  \
        if (!(text) || !strstr (text, part))                                                              \
            test_fail (__FILE__, __LINE__, "\"%s\" is not in\n    %s", part, (text) ? (text) : "(null)"); \
    } while (0)

TEST (a_get_becomes_an_ask_and_its_answer_json)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CONTAINS (answer.body, "\"id\":\"j1\"");
    CONTAINS (answer.body, "\"name\":\"VIEWER\"");
    CONTAINS (answer.body, "\"reason\":\"vic\"");
    CONTAINS (answer.head, "Content-Type: application/json\r\n");
    CONTAINS (answer.head, "X-Content-Type-Options: nosniff\r\n");
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/api/v1/jobs/j1", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (path_query_and_body_fill_the_fields_by_name)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "POST", "/projects/my%20app/runs", "developer", "",
                                     "{\"workflow\":\"ci.yml\",\"inputs\":{\"a\":1}}");
    CHECK_INT (answer.status, 201);
    CONTAINS (answer.body, "\"project\":\"my app\"");
    CONTAINS (answer.body, "\"workflow\":\"ci.yml\"");
    CONTAINS (answer.body, "\"inputs\":{\"a\":1}");
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/projects/x/runs?limit=7", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CONTAINS (answer.body, "\"number\":7");
    CONTAINS (answer.body, "\"project\":\"x\"");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_refusal_is_a_problem_document_that_names_the_location)
{
    static const struct {
        const char *method, *path, *token, *body;
        int status;
        const char *says;
    } cases[] = {
        {"GET", "/jobs/j2", "viewer", "", 404, "there is no job j2"},
        {"GET", "/nowhere", "viewer", "", 404, "no such path\""},
        {"GET", "/api/v1/repos/o/r/issues", "viewer", "", 404,
         "no such path: of GitHub's REST API this server has only the artifacts of runs\""},
        {"GET", "/", NULL, "", 404, "NOT_FOUND"},
        {"PUT", "/jobs/j1", "admin", "", 405, "GET"},
        {"OPTIONS", "/jobs", "admin", "", 405, "GET"},
        {"GET", "/agents", NULL, "", 401, "Bearer"},
        {"GET", "/jobs/j1", "wrong", "", 401, "unknown, revoked or expired"},
        {"GET", "/jobs/j1", "forged", "", 401, "unknown, revoked or expired"},
        {"GET", "/jobs/j1", "forged-job", "", 401, "unknown, revoked or expired"},
        {"GET", "/jobs/j1", "a1", "", 403, "AGENT"},
        {"POST", "/projects/x/runs", "viewer", "{}", 403, "VIEWER"},
        {"DELETE", "/projects/x", "developer", "", 403, "DEVELOPER"},
        {"POST", "/projects/x/trials", "viewer", "{}", 403, "VIEWER"},
        {"PUT", "/trials/y1/parts/0", "viewer", "x", 403, "VIEWER"},
        {"GET", "/jobs/j1/trial", "admin", "", 403, "ADMIN"},
        {"GET", "/runs?colour=red", "viewer", "", 400, "colour"},
        {"GET", "/runs?state=a&state=b", "viewer", "", 400, "twice"},
        {"GET", "/projects/x/runs?project=y", "viewer", "", 400, "project"},
        {"GET", "/runs?limit=many", "viewer", "", 422, "limit"},
        {"GET", "/runs?limit=1000", "viewer", "", 422, "limit"},
        {"GET", "/jobs/j%2f1", "viewer", "", 400, "escaped /"},
        {"GET", "/jobs/j%00", "viewer", "", 400, "control"},
        {"GET", "/jobs/%ff", "viewer", "", 400, "UTF-8"},
        {"GET", "/jobs/%4", "viewer", "", 400, "hex"},
        {"GET", "/jobs/../runs", "viewer", "", 400, ".."},
        {"GET", "/jobs/", "viewer", "", 400, "empty"},
        {"POST", "/projects/x/runs", "developer", "{", 400, "JSON"},
        {"POST", "/projects/x/runs", "developer", "{\"ref\":7}", 422, "ref"},
        {"POST", "/projects/x/runs", "developer", "{\"reff\":\"a\"}", 422, "reff"},
        {"POST", "/projects/x/runs", "developer", "{\"ref\":\"a\",\"ref\":\"b\"}", 400, "JSON"},
        {"POST", "/projects/x/runs", "developer", "{\"ref\":\"\xff\"}", 400, "UTF-8"},
        {"POST", "/projects", "developer", "{\"name\":\"a\"}", 422, "url"},
        {"GET", "/jobs/j1", "viewer", "{}", 413, "no body"},
    };
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        wire_answer_t answer =
            wire_ask (world->address, cases[i].method, cases[i].path, cases[i].token, "", cases[i].body);
        if (answer.status != cases[i].status)
            test_fail (__FILE__, __LINE__, "%s %s is %d, not %d: %s", cases[i].method, cases[i].path,
                       answer.status, cases[i].status, answer.body);
        CONTAINS (answer.head, "Content-Type: application/problem+json; charset=utf-8\r\n");
        CONTAINS (answer.body, "\"request_id\":\"");
        CONTAINS (answer.body, cases[i].says);
        wire_forget (&answer);
    }
    world_destroy (&world);
}

TEST (an_unknown_method_is_answered_with_the_known_ones)
{
    char allow[64];
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "PUT", "/jobs/j1/artifacts", "admin", "", "");
    CHECK_INT (answer.status, 405);
    CHECK_STR (wire_header (&answer, "Allow", allow, sizeof (allow)), "POST, GET");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (json_nested_deeper_than_32_is_refused_before_it_is_parsed)
{
    world_t *world = world_new ();
    char body[200000] = "{\"inputs\":";
    memset (body + 10, '[', sizeof (body) - 11);
    wire_answer_t answer = wire_ask (world->address, "POST", "/projects/x/runs", "developer", "", body);
    CHECK_INT (answer.status, 400);
    CONTAINS (answer.body, "deeper");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_request_id_is_kept_when_it_is_well_formed_and_made_otherwise)
{
    char id[100];
    world_t *world = world_new ();
    wire_answer_t answer =
        wire_ask (world->address, "GET", "/healthz", NULL, "X-Request-Id: build-7.a_b\r\n", "");
    CHECK_STR (wire_header (&answer, "X-Request-Id", id, sizeof (id)), "build-7.a_b");
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/healthz", NULL, "X-Request-Id: a b\r\n", "");
    CHECK (wire_header (&answer, "X-Request-Id", id, sizeof (id)) && strlen (id) == 21);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (an_entity_that_did_not_change_is_not_sent_again)
{
    char etag[100], header[200];
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    CHECK (wire_header (&answer, "ETag", etag, sizeof (etag)));
    wire_forget (&answer);
    snprintf (header, sizeof (header), "If-None-Match: \"x\", %s\r\n", etag);
    answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", header, "");
    CHECK_INT (answer.status, 304);
    CHECK_INT (answer.size, 0);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1", "developer", header, "");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_token_is_never_stored_by_a_cache)
{
    char text[100];
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "POST", "/tokens", "admin", "", "{\"role\":\"VIEWER\"}");
    CHECK_INT (answer.status, 201);
    CONTAINS (answer.body, "oct_secret");
    CHECK_STR (wire_header (&answer, "Cache-Control", text, sizeof (text)), "no-store");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (identity_is_asked_once_for_a_token_that_comes_again)
{
    world_t *world = world_new ();
    for (int i = 0; i < 5; i++) {
        wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
        wire_forget (&answer);
    }
    CHECK_INT (world->checks, 1);
    wire_answer_t answer = wire_ask (world->address, "DELETE", "/tokens/t1", "admin", "", "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    wire_forget (&answer);
    CHECK_INT (world->checks, 3); // The admin's, and the viewer's again: all were forgotten
    world_destroy (&world);
}

TEST (the_token_of_an_agent_that_was_removed_is_asked_for_again)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/agents/a1/next", "a1", "", "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    CHECK_INT (world->checks, 1);
    answer = wire_ask (world->address, "DELETE", "/agents/a1", "admin", "", "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/agents/a1/next", "a1", "", "");
    wire_forget (&answer);
    CHECK_INT (world->checks, 3); // The admin's, and the agent's again
    world_destroy (&world);
}

TEST (a_token_that_identity_does_not_know_is_asked_for_each_time)
{
    world_t *world = world_new ();
    for (int i = 1; i <= 3; i++) {
        wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1", "stranger", "", "");
        CHECK_INT (answer.status, 401);
        wire_forget (&answer);
        CHECK_INT (world->checks, i);
    }
    world_destroy (&world);
}

TEST (a_key_of_a_request_is_1_to_255_visible_characters)
{
    char longest[256], longer[257];
    memset (longest, 'k', 255);
    memset (longer, 'k', 256);
    longest[255] = longer[256] = 0;
    const struct {
        const char *key;
        int status;
    } cases[] = {{longest, 201}, {longer, 400}, {"a b", 400}, {"\xc3\xa9", 400}, {"!~", 201}};
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *header = arena_printf (world->arena, "Idempotency-Key: %s\r\n", cases[i].key);
        wire_answer_t answer =
            wire_ask (world->address, "POST", "/projects/web/runs", "developer", header, "{}");
        CHECK_INT (answer.status, cases[i].status);
        wire_forget (&answer);
    }
    world_destroy (&world);
}

TEST (a_job_may_report_only_about_itself)
{
    world_t *world = world_new ();
    const char *own = world_job_token (world, "j1", 1), *other = world_job_token (world, "j2", 1);
    wire_answer_t answer =
        wire_ask (world->address, "POST", "/jobs/j1/status", own, "", "{\"state\":\"running\"}");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    answer = wire_ask (world->address, "POST", "/jobs/j1/status", other, "", "{\"state\":\"running\"}");
    CHECK_INT (answer.status, 403);
    wire_forget (&answer);
    char forged[300];
    snprintf (forged, sizeof (forged), "%s", own);
    forged[strlen (forged) - 2] ^= 1;
    answer = wire_ask (world->address, "POST", "/jobs/j1/status", forged, "", "{\"state\":\"running\"}");
    CHECK_INT (answer.status, 401);
    wire_forget (&answer);
    CHECK_INT (world->checks, 0);
    world_destroy (&world);
}

TEST (an_agent_asks_for_its_own_jobs_alone)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/agents/a1/next", "a1", "", "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/agents/a2/next", "a1", "", "");
    CHECK_INT (answer.status, 403);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (liveness_is_open_and_metrics_are_not)
{
    world_t *world = world_new ();
    static const struct {
        const char *path, *token;
        int status;
        const char *says;
    } cases[] = {{"/healthz", NULL, 200, "alive"},
                 {"/readyz", NULL, 200, "ready"},
                 {"/readyz", "wrong", 200, "ready"},
                 {"/version", NULL, 200, "open-cicd"},
                 {"/metrics", NULL, 401, ""},
                 {"/openapi.json", NULL, 401, ""},
                 {"/metrics", "viewer", 200, "opencicd_http_requests_total{request=\"GET /healthz 2xx\"}"},
                 {"/openapi.json", "viewer", 200, "\"openapi\":\"3.1.0\""}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        wire_answer_t answer = wire_ask (world->address, "GET", cases[i].path, cases[i].token, "", "");
        CHECK_INT (answer.status, cases[i].status);
        CONTAINS (answer.body, cases[i].says);
        wire_forget (&answer);
    }
    world_destroy (&world);
}

TEST (ready_is_who_can_authenticate_and_reach_the_scheduler)
{
    static const char *const away[] = {"logs", "artifacts", "identity", "scheduler"};
    for (size_t i = 0; i < 4; i++) {
        char says[64];
        world_t *world = world_new ();
        actor_t **actors[] = {&world->logs, &world->artifacts, &world->identity, &world->scheduler};
        actor_destroy (actors[i]);
        wire_answer_t answer = wire_ask (world->address, "GET", "/readyz", NULL, "", "");
        CHECK_INT (answer.status, i < 2 ? 200 : 503);
        snprintf (says, sizeof (says), "\"%s\":\"down\"", away[i]);
        CONTAINS (answer.body, says);
        CONTAINS (answer.body, i < 2 ? "{\"status\":\"ready\",\"services\":{" : "\"status\":\"not ready\"");
        CONTAINS (answer.body, "\":\"up\"");
        wire_forget (&answer);
        if (i < 2) {
            answer = wire_ask (world->address, "GET", "/metrics", "viewer", "", "");
            snprintf (says, sizeof (says), "opencicd_service_up{service=\"%s\"} 0\n", away[i]);
            CONTAINS (answer.body, says);
            wire_forget (&answer);
        }
        world_destroy (&world);
    }
}

TEST (an_internal_error_is_logged_and_not_shown)
{
    world_t *world = world_new ();
    wire_answer_t answer =
        wire_ask (world->address, "GET", "/jobs/broken", "viewer", "X-Request-Id: q7\r\n", "");
    CHECK_INT (answer.status, 500);
    CONTAINS (answer.body, "\"detail\":\"the server failed; its log has the request id\"");
    CONTAINS (answer.body, "\"request_id\":\"q7\"");
    CHECK (!strstr (answer.body, "secrets"));
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (an_address_that_is_taken_or_wrong_is_named)
{
    world_t *world = world_new ();
    gateway_config_t config = GATEWAY_CONFIG;
    static const struct {
        const char *listen;
        fault_t fault;
        const char *says;
    } cases[] = {{NULL, CONFLICT, "127.0.0.1:"},
                 {"127.0.0.1:8443s", BAD_INPUT, "TLS"},
                 {"127.0.0.1", BAD_INPUT, "HOST:PORT"},
                 {"127.0.0.1:70000", BAD_INPUT, "65535"},
                 {"[::1]:8080", BAD_INPUT, "IPv4"},
                 {"127.0.0.1:80,81", BAD_INPUT, "port"},
                 {"203.0.113.9:0", CONFLICT, "203.0.113.9:0"}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        gateway_t *gateway = NULL;
        config.listen = cases[i].listen ? cases[i].listen : world->address;
        CHECK_INT (gateway_new (&gateway, &world->turn, &config, world->bus, &world->key), cases[i].fault);
        CHECK (!gateway);
        CONTAINS (world->turn.detail, cases[i].says);
    }
    world_destroy (&world);
}
