/* The gateway refuses what two readers could read differently, and bounds what a client may cost. */

#include "common/base/clock.h"
#include "gateway/request.h"
#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <sched.h>
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
        wire_t http = wire_open (world->address);
        wire_send (&http, requests[i]);
        wire_finish (&http);
        wire_answer_t answer = wire_answer (&http);
        if (answer.status < 400 || answer.status > 505 || !strstr (answer.head, "application/problem+json"))
            test_fail (__FILE__, __LINE__, "%.60s... (%zu) is answered %d:\n%s", requests[i], i,
                       answer.status, answer.head);
        CHECK (wire_ended (&http));
        CHECK_INT (http.size, 0); // Nothing behind it was taken for a request
        wire_forget (&answer);
        wire_close (&http);
    }
    CHECK_INT (world->checks, 0);
    world_destroy (&world);
}

TEST (a_target_that_is_not_a_path_is_answered_with_400)
{
    static const char *const requests[] = {"GET http://other/healthz HTTP/1.1\r\n" HOST "\r\n",
                                           "GET http://test/healthz HTTP/1.1\r\n" HOST "\r\n",
                                           "CONNECT other:443 HTTP/1.1\r\n" HOST "\r\n",
                                           "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"};
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof (requests) / sizeof (requests[0]); i++) {
        wire_t http = wire_open (world->address);
        wire_send (&http, requests[i]);
        wire_finish (&http);
        wire_answer_t answer = wire_answer (&http);
        CHECK_INT (answer.status, 400);
        CHECK (answer.body && strstr (answer.body, "must be a path"));
        CHECK (wire_ended (&http));
        wire_forget (&answer);
        wire_close (&http);
    }
    world_destroy (&world);
}

TEST (a_version_that_is_not_spoken_is_the_clients_fault)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http, "GET /healthz HTTP/2.0\r\n" HOST "\r\n");
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 505);
    CHECK (answer.body && strstr (answer.body, "\"code\":\"BAD_INPUT\""));
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}

TEST (sixty_four_headers_are_served_and_the_sixty_fifth_is_refused)
{
    world_t *world = world_new ();
    for (int count = 64; count <= 65; count++) {
        wire_t http = wire_open (world->address);
        wire_send (&http, "GET /healthz HTTP/1.1\r\n" HOST);
        for (int i = 1; i < count; i++)
            wire_send (&http, "X-A: b\r\n");
        wire_send (&http, "\r\n");
        wire_answer_t answer = wire_answer (&http);
        CHECK_INT (answer.status, count == 64 ? 200 : 431);
        wire_forget (&answer);
        wire_close (&http);
    }
    world_destroy (&world);
}

TEST (a_head_past_16_kb_is_refused)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http, "GET /healthz HTTP/1.1\r\n" HOST "X: ");
    for (int i = 0; i < 20000 / 10; i++)
        wire_send (&http, "aaaaaaaaaa");
    wire_send (&http, "\r\n\r\n");
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 431);
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}

TEST (requests_on_one_connection_are_answered_in_order)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http,
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
        wire_answer_t answer = wire_answer (&http);
        wire_header (&answer, "X-Request-Id", id, sizeof (id));
        CHECK_STR (id, want[i].id);
        CHECK_INT (answer.status, want[i].status);
        wire_forget (&answer);
    }
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_body_past_the_limit_is_refused_without_being_read)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 52428800\r\n\r\n{");
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 413);
    CHECK (wire_ended (&http));
    wire_forget (&answer);
    wire_close (&http);
    http = wire_open (world->address);
    wire_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n");
    char chunk[65536 + 16];
    int size = snprintf (chunk, sizeof (chunk), "10000\r\n");
    memset (chunk + size, ' ', 65536);
    memcpy (chunk + size + 65536, "\r\n", 2);
    for (int i = 0; i < 17; i++)
        wire_send_bytes (&http, chunk, (size_t) size + 65538);
    answer = wire_answer (&http);
    CHECK_INT (answer.status, 413);
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_body_in_chunks_may_have_exactly_the_limit)
{
    static const size_t limit = 1024 * 1024; // Of POST /projects/{project}/runs
    char *chunk = malloc (limit + 1);
    world_t *world = world_new ();
    for (size_t more = 0; more < 2; more++) {
        char size[32];
        wire_t http = wire_open (world->address);
        wire_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n");
        memset (chunk, ' ', limit + more);
        memcpy (chunk, "{}", 2);
        snprintf (size, sizeof (size), "%zx\r\n", limit + more);
        wire_send (&http, size);
        wire_send_bytes (&http, chunk, limit + more);
        wire_send (&http, "\r\n0\r\n\r\n");
        wire_answer_t answer = wire_answer (&http);
        CHECK_INT (answer.status, more ? 413 : 201);
        wire_forget (&answer);
        wire_close (&http);
    }
    free (chunk);
    world_destroy (&world);
}

TEST (a_body_that_comes_too_slowly_is_answered_with_408)
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 4;
    config.streams = 1;
    config.body_seconds = 1;
    world_t *world = world_new_with (&config);
    wire_t http = wire_open (world->address);
    int64_t began_us = clock_monotonic_us ();
    wire_send (&http, "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Content-Length: 1000\r\n\r\n{");
    while (!wire_comes (&http, 50) && clock_monotonic_us () < began_us + SECONDS (5))
        wire_send (&http, " "); // A byte now and then: always a flow, never an end
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 408);
    CHECK (answer.body && strstr (answer.body, "\"code\":\"TIMEOUT\""));
    wire_forget (&answer);
    CHECK (wire_ended (&http));
    wire_close (&http);
    answer = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    world_destroy (&world);
}

// ---- bodies that are taken piece by piece ----

typedef struct {
    world_t *world;
    arena_t *arena;
    route_t route;
    request_t request;
    http_server_t *server;
    const char *sizes; // Of the pieces: "4 4 2."
    atomic_int taken;
    atomic_int fault; // Of the whole; -1 until then
} pieces_t;

// As though a piece had used all its time.
static fault_t take_piece (void *to, const void *data, size_t size, bool last)
{
    pieces_t *self = to;
    (void) data;
    self->sizes = arena_printf (self->arena, "%s%zu%s", self->sizes, size, last ? "." : " ");
    self->request.until_us = 0;
    self->taken++;
    return OK;
}

static http_after_t serve_pieces (void *context, http_conn_t *conn, const http_head_t *head)
{
    pieces_t *self = context;
    self->request = (request_t){
        .gateway = self->world->gateway, .conn = conn, .info = head, .route = &self->route, .credential = ""};
    turn_init (&self->request.turn, self->arena, "pieces", 0);
    self->fault = (int) request_pieces (&self->request, 4, take_piece, self);
    return HTTP_CLOSE;
}

static void refuse_pieces (void *context, http_conn_t *conn, int status, const char *text)
{
    (void) context, (void) conn, (void) status, (void) text;
}

static http_lane_t lane_of_pieces (const http_head_t *head)
{
    (void) head;
    return LANE_OTHERS;
}

static wire_t open_pieces (pieces_t *self, uint32_t limit)
{
    *self = (pieces_t){
        .world = world_new (), .arena = arena_new (), .route = {.limit = limit}, .sizes = "", .fault = -1};
    const http_server_config_t config = {.host = "127.0.0.1",
                                         .threads = 2,
                                         .slow = 2,
                                         .connections = 4,
                                         .per_address = 4,
                                         .head_ms = 60000,
                                         .idle_ms = 60000,
                                         .wait_ms = 60000,
                                         .context = self,
                                         .serve = serve_pieces,
                                         .refuse = refuse_pieces,
                                         .lane = lane_of_pieces};
    CHECK_INT (http_server_new (&self->server, &self->world->turn, &config), OK);
    return wire_open (arena_printf (self->arena, "127.0.0.1:%u", http_server_port (self->server)));
}

static void until_taken (pieces_t *self, int count)
{
    int64_t deadline_us = test_until_us ();
    while (self->taken < count && self->fault < 0 && clock_monotonic_us () < deadline_us)
        sched_yield ();
}

// The pieces that came of what was sent, and how it ended: "4 4 2. OK".
static const char *end_pieces (pieces_t *self, wire_t *http)
{
    int64_t deadline_us = test_until_us ();
    while (self->fault < 0 && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK (self->fault >= 0);
    wire_close (http);
    http_server_destroy (&self->server);
    const char *text =
        arena_printf (self->world->arena, "%s %s", self->sizes, fault_name ((fault_t) self->fault));
    arena_destroy (&self->arena);
    return text;
}

TEST (each_piece_of_a_body_has_a_time_of_its_own)
{
    static const char *const heads[] = {"Content-Length: 10", "Transfer-Encoding: chunked"};
    static const char *const parts[2][3] = {
        {"0123", "4567", "89"}, {"4\r\n0123\r\n", "1\r\n4\r\n3\r\n567\r\n", "2\r\n89\r\n0\r\n\r\n"}};
    for (int i = 0; i < 2; i++) {
        pieces_t pieces;
        wire_t http = open_pieces (&pieces, 10);
        wire_send (&http, arena_printf (pieces.arena, "PUT / HTTP/1.1\r\n" HOST "%s\r\n\r\n", heads[i]));
        for (int k = 0; k < 3; k++) {
            wire_send (&http, parts[i][k]);
            // A full piece in chunks waits for the byte behind it
            until_taken (&pieces, i == 0 ? k + 1 : k);
        }
        world_t *world = pieces.world;
        CHECK_STR (end_pieces (&pieces, &http), "4 4 2. OK");
        world_destroy (&world);
    }
}

TEST (a_body_in_pieces_may_have_exactly_the_limit)
{
    static const struct {
        const char *sent, *comes;
    } cases[] = {
        {"Content-Length: 8\r\n\r\n01234567", "4 4. OK"},
        {"Content-Length: 9\r\n\r\n012345678", " TOO_LARGE"},
        {"Content-Length: 0\r\n\r\n", " BAD_INPUT"},
        {"Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n0\r\n\r\n", "4 4. OK"},
        {"Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n0\r\n\r\n", "4. OK"},
        {"Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n1\r\n8\r\n0\r\n\r\n", "4  TOO_LARGE"},
        {"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " BAD_INPUT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pieces_t pieces;
        wire_t http = open_pieces (&pieces, 8);
        wire_send (&http, "PUT / HTTP/1.1\r\n" HOST);
        wire_send (&http, cases[i].sent);
        world_t *world = pieces.world;
        CHECK_STR (end_pieces (&pieces, &http), cases[i].comes);
        world_destroy (&world);
    }
}

TEST (head_is_get_without_the_body)
{
    char length[32], again[32];
    world_t *world = world_new ();
    wire_answer_t get = wire_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    wire_t http = wire_open (world->address);
    wire_send (&http,
               "HEAD /jobs/j1 HTTP/1.1\r\n" AUTH "\r\nHEAD /artifacts/f1/content HTTP/1.1\r\n" AUTH "\r\n"
               "HEAD /nowhere HTTP/1.1\r\n" AUTH "\r\nGET /healthz HTTP/1.1\r\n" HOST "\r\n");
    wire_answer_t head = wire_answer_head (&http);
    CHECK_INT (head.status, 200);
    CHECK (wire_header (&head, "Content-Length", length, sizeof (length)));
    CHECK (wire_header (&get, "Content-Length", again, sizeof (again)));
    CHECK (labs (strtol (length, NULL, 10) - strtol (again, NULL, 10)) <
           8); // DEVELOPER is longer than VIEWER
    head = wire_answer_head (&http);
    CHECK_INT (head.status, 200);
    CHECK_STR (wire_header (&head, "Content-Length", length, sizeof (length)), "3145733");
    head = wire_answer_head (&http);
    CHECK_INT (head.status, 404);
    wire_answer_t last = wire_answer (&http);
    CHECK_INT (last.status, 200);
    CHECK_STR (last.body, "{\"status\":\"alive\"}\n");
    wire_forget (&last);
    wire_forget (&get);
    wire_close (&http);
    world_destroy (&world);
}

TEST (expect_100_continue_is_answered_before_the_body_comes)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http,
               "POST /projects/x/runs HTTP/1.1\r\n" AUTH "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    wire_answer_t answer = wire_answer_head (&http);
    CHECK_INT (answer.status, 100);
    wire_send (&http, "{}");
    answer = wire_answer (&http);
    CHECK_INT (answer.status, 201);
    wire_forget (&answer);
    wire_close (&http);
    // Who may not is told before sending anything
    http = wire_open (world->address);
    wire_send (&http,
               "POST /projects/x/runs HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    answer = wire_answer (&http);
    CHECK_INT (answer.status, 401);
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}

// It would take the interim answer for the final one (RFC 9110, 10.1.1).
TEST (a_client_of_http_1_0_is_never_told_to_continue)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    wire_send (&http, "POST /projects/x/runs HTTP/1.0\r\n" AUTH
                      "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
    wire_answer_t answer = wire_answer_head (&http);
    CHECK_INT (answer.status, 201);
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}

TEST (no_cross_origin_request_is_allowed)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "OPTIONS", "/jobs", NULL,
                                     "Origin: http://evil\r\nAccess-Control-Request-Method: GET\r\n", "");
    CHECK_INT (answer.status, 405);
    CHECK (!strstr (answer.head, "Access-Control-Allow"));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/healthz", NULL, "Origin: http://evil\r\n", "");
    CHECK (!strstr (answer.head, "Access-Control-Allow"));
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (what_a_refused_request_brings_as_its_body_is_never_taken_for_a_request)
{
    static const char inner[] = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
    char text[300];
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    snprintf (text, sizeof (text),
              "POST /projects/x/runs HTTP/1.1\r\nHost: test\r\nContent-Length: %zu\r\n\r\n%s", strlen (inner),
              inner);
    wire_send (&http, text); // Without a token: its body is not read
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 401);
    CHECK (wire_ended (&http));
    CHECK_INT (http.size, 0);
    wire_forget (&answer);
    wire_close (&http);
    world_destroy (&world);
}
