/* The gateway refuses what two readers could read differently, and bounds what a client may cost. */

#include "common/clock.h"
#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "Host: test\r\n"
#define AUTH HOST "Authorization: Bearer developer\r\n"

TEST (a_head_that_can_be_read_in_two_ways_is_refused_and_the_connection_closed)
{
    static const char *const requests[] = {
        // Smuggling
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 2, 2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 2x\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: +2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 0x2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 99999999999999999999\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length : 2\r\n\r\n{}",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /projects/x/runs HTTP/1.0\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        // Lines
        "GET /healthz HTTP/1.1\nHost: test\n\n",
        "GET /healthz HTTP/1.1\r\nHost: test\nX: y\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: test\r\nX: a\r\n b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: test\r\nX: a\r\n\tContent-Length: 5\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n Host: test\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: test\r\nX: a\x01"
        "b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: test\r\nX(y: a\r\n\r\n",
        // What must be there once
        "GET /healthz HTTP/1.1\r\nX: y\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n" HOST HOST "\r\n",
        "GET /jobs/j1 HTTP/1.1\r\n" AUTH "Authorization: Bearer viewer\r\n\r\n",
        // What is not spoken
        "GET /healthz HTTP/2.0\r\n" HOST "\r\n",
        "GET /healthz HTTP/1.2\r\n" HOST "\r\n",
        "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Expect: tea\r\nContent-Length: 2\r\n\r\n{}",
        "garbage\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    };
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof (requests) / sizeof (requests[0]); i++) {
        http_t http = http_open (world->address);
        http_send (&http, requests[i]);
        http_finish (&http);
        answer_t answer = http_answer (&http);
        if (answer.status < 400 || answer.status > 505 || !strstr (answer.head, "application/problem+json"))
            test_fail (__FILE__, __LINE__, "%.60s... (%zu) is answered %d:\n%s", requests[i], i,
                       answer.status, answer.head);
        CHECK (http_ended (&http));
        CHECK_INT (http.size, 0); // Nothing behind it was taken for a request
        http_forget (&answer);
        http_close (&http);
    }
    CHECK_INT (world->checks, 0);
    world_destroy (&world);
}

TEST (a_proxy_request_is_not_served)
{
    static const char *const requests[] = {"GET http://other/healthz HTTP/1.1\r\n" HOST "\r\n",
                                           "GET http://test/healthz HTTP/1.1\r\n" HOST "\r\n",
                                           "CONNECT other:443 HTTP/1.1\r\n" HOST "\r\n",
                                           "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"};
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof (requests) / sizeof (requests[0]); i++) {
        http_t http = http_open (world->address);
        http_send (&http, requests[i]);
        http_finish (&http);
        answer_t answer = http_answer (&http);
        CHECK (answer.status == 0 || answer.status >= 400);
        CHECK (http_ended (&http));
        http_forget (&answer);
        http_close (&http);
    }
    world_destroy (&world);
}

TEST (sixty_four_headers_are_served_and_the_sixty_fifth_is_refused)
{
    world_t *world = world_new ();
    for (int count = 64; count <= 65; count++) {
        http_t http = http_open (world->address);
        http_send (&http, "GET /healthz HTTP/1.1\r\n" HOST);
        for (int i = 1; i < count; i++)
            http_send (&http, "X-A: b\r\n");
        http_send (&http, "\r\n");
        answer_t answer = http_answer (&http);
        CHECK_INT (answer.status, count == 64 ? 200 : 400);
        http_forget (&answer);
        http_close (&http);
    }
    world_destroy (&world);
}

TEST (a_head_past_16_kb_is_refused)
{
    world_t *world = world_new ();
    http_t http = http_open (world->address);
    http_send (&http, "GET /healthz HTTP/1.1\r\n" HOST "X: ");
    for (int i = 0; i < 20000 / 10; i++)
        http_send (&http, "aaaaaaaaaa");
    http_send (&http, "\r\n\r\n");
    answer_t answer = http_answer (&http);
    CHECK (answer.status >= 400 && answer.status < 500);
    http_forget (&answer);
    http_close (&http);
    world_destroy (&world);
}

TEST (requests_on_one_connection_are_answered_in_order)
{
    world_t *world = world_new ();
    http_t http = http_open (world->address);
    http_send (&http,
               "GET /jobs/j1 HTTP/1.1\r\n" AUTH "X-Request-Id: one\r\n\r\n"
               "POST /projects/x/runs HTTP/1.1\r\n" AUTH "X-Request-Id: two\r\nContent-Length: 2\r\n\r\n{}"
               "POST /projects/y/runs HTTP/1.1\r\n" AUTH "X-Request-Id: three\r\n"
               "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
               "GET /jobs/j2 HTTP/1.1\r\n" AUTH "X-Request-Id: four\r\n\r\n");
    static const struct {
        const char *id;
        int status;
    } want[] = {{"one", 200}, {"two", 201}, {"three", 201}, {"four", 404}};
    for (int i = 0; i < 4; i++) {
        char id[64] = "";
        answer_t answer = http_answer (&http);
        answer_header (&answer, "X-Request-Id", id, sizeof (id));
        CHECK_STR (id, want[i].id);
        CHECK_INT (answer.status, want[i].status);
        http_forget (&answer);
    }
    http_close (&http);
    world_destroy (&world);
}

TEST (a_body_past_the_limit_is_refused_without_being_read)
{
    world_t *world = world_new ();
    http_t http = http_open (world->address);
    http_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 52428800\r\n\r\n{");
    answer_t answer = http_answer (&http);
    CHECK_INT (answer.status, 413);
    CHECK (http_ended (&http));
    http_forget (&answer);
    http_close (&http);
    http = http_open (world->address);
    http_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n");
    char chunk[65536 + 16];
    int size = snprintf (chunk, sizeof (chunk), "10000\r\n");
    memset (chunk + size, ' ', 65536);
    memcpy (chunk + size + 65536, "\r\n", 2);
    for (int i = 0; i < 17; i++)
        http_send_bytes (&http, chunk, (size_t) size + 65538);
    answer = http_answer (&http);
    CHECK_INT (answer.status, 413);
    http_forget (&answer);
    http_close (&http);
    world_destroy (&world);
}

TEST (a_body_that_comes_too_slowly_is_cut_off)
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 4;
    config.streams = 1;
    config.body_seconds = 1;
    world_t *world = world_new_with (&config);
    http_t http = http_open (world->address);
    int64_t began_us = clock_monotonic_us ();
    http_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 1000\r\n\r\n{");
    while (!http_comes (&http, 50) && clock_monotonic_us () < began_us + SECONDS (5))
        http_send (&http, " "); // A byte now and then: always a flow, never an end
    CHECK (http_ended (&http));
    CHECK (clock_monotonic_us () < began_us + SECONDS (5));
    http_close (&http);
    answer_t answer = http_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    http_forget (&answer);
    world_destroy (&world);
}

TEST (head_is_get_without_the_body)
{
    char length[32], again[32];
    world_t *world = world_new ();
    answer_t get = http_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    http_t http = http_open (world->address);
    http_send (&http,
               "HEAD /jobs/j1 HTTP/1.1\r\n" AUTH "\r\nHEAD /artifacts/f1/content HTTP/1.1\r\n" AUTH "\r\n"
               "HEAD /nowhere HTTP/1.1\r\n" AUTH "\r\nGET /healthz HTTP/1.1\r\n" HOST "\r\n");
    answer_t head = http_answer_head (&http);
    CHECK_INT (head.status, 200);
    CHECK (answer_header (&head, "Content-Length", length, sizeof (length)));
    CHECK (answer_header (&get, "Content-Length", again, sizeof (again)));
    CHECK (labs (strtol (length, NULL, 10) - strtol (again, NULL, 10)) <
           8); // DEVELOPER is longer than VIEWER
    head = http_answer_head (&http);
    CHECK_INT (head.status, 200);
    CHECK_STR (answer_header (&head, "Content-Length", length, sizeof (length)), "3145733");
    head = http_answer_head (&http);
    CHECK_INT (head.status, 404);
    answer_t last = http_answer (&http);
    CHECK_INT (last.status, 200);
    CHECK_STR (last.body, "{\"status\":\"alive\"}\n");
    http_forget (&last);
    http_forget (&get);
    http_close (&http);
    world_destroy (&world);
}

TEST (expect_100_continue_is_answered_before_the_body_comes)
{
    world_t *world = world_new ();
    http_t http = http_open (world->address);
    http_send (&http,
               "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    answer_t answer = http_answer_head (&http);
    CHECK_INT (answer.status, 100);
    http_send (&http, "{}");
    answer = http_answer (&http);
    CHECK_INT (answer.status, 201);
    http_forget (&answer);
    http_close (&http);
    // Who may not is told before sending anything
    http = http_open (world->address);
    http_send (&http,
               "POST /projects/x/runs HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    answer = http_answer (&http);
    CHECK_INT (answer.status, 401);
    http_forget (&answer);
    http_close (&http);
    world_destroy (&world);
}

TEST (no_cross_origin_request_is_allowed)
{
    world_t *world = world_new ();
    answer_t answer = http_ask (world->address, "OPTIONS", "/jobs", NULL,
                                "Origin: http://evil\r\nAccess-Control-Request-Method: GET\r\n", "");
    CHECK_INT (answer.status, 405);
    CHECK (!strstr (answer.head, "Access-Control-Allow"));
    http_forget (&answer);
    answer = http_ask (world->address, "GET", "/healthz", NULL, "Origin: http://evil\r\n", "");
    CHECK (!strstr (answer.head, "Access-Control-Allow"));
    http_forget (&answer);
    world_destroy (&world);
}
