/* The gateway under pressure: clients that are slow, silent or many, and services that are slow. Whoever behaves is served. */

#include "common/base/clock.h"
#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST   "Host: test\r\n"
#define SILENT 300

static world_t *small_world (void (*change) (gateway_config_t *config))
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 4;
    config.streams = 8;
    config.wait_seconds = 120; // What waits is answered in the end, however slow the machine is
    config.deadline_ms = 120000;
    if (change)
        change (&config);
    return world_new_with (&config);
}

static int status_of (world_t *world, const char *path, const char *token)
{
    wire_answer_t answer = wire_ask (world->address, "GET", path, token, "", "");
    wire_forget (&answer);
    return answer.status;
}

// A request whose answer is not waited for.
static wire_t ask (world_t *world, const char *path, const char *token)
{
    char text[400];
    wire_t http = wire_open (world->address);
    snprintf (text, sizeof (text), "GET %s HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n\r\n", path,
              token);
    wire_send (&http, text);
    return http;
}

static bool waits (world_t *world, int slow)
{
    int64_t until_us = test_until_us ();
    while (world->slow < slow && clock_monotonic_us () < until_us)
        (void) status_of (world, "/healthz", NULL);
    return world->slow == slow;
}

TEST (connections_that_say_nothing_or_little_cost_nobody_else_a_thread)
{
    static wire_t silent[SILENT];
    static const char *const words[] = {"", "GET / HT", ("GET /jobs/j1 HTTP/1.1\r\n" HOST)};
    world_t *world = small_world (NULL);
    for (int i = 0; i < SILENT; i++) {
        silent[i] = wire_open (world->address);
        wire_send (&silent[i], words[i % 3]);
    }
    for (int i = 0; i < 20; i++) {
        CHECK_INT (status_of (world, "/healthz", NULL), 200);
        CHECK_INT (status_of (world, "/jobs/j1", "viewer"), 200);
    }
    // And those that go on are served too
    wire_send (&silent[2], "Authorization: Bearer viewer\r\n\r\n");
    wire_answer_t answer = wire_answer (&silent[2]);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    for (int i = 0; i < SILENT; i++)
        wire_close (&silent[i]);
    world_destroy (&world);
}

TEST (a_body_that_is_slow_costs_nobody_else_a_thread)
{
    wire_t slow[16];
    static const char *const tokens[] = {"developer", "admin", "developer2", "admin2"};
    world_t *world = small_world (NULL);
    for (int i = 0; i < 16; i++) { // 16 for 4 threads; a token may have 4
        char text[200];
        slow[i] = wire_open (world->address);
        snprintf (text, sizeof (text),
                  "POST /projects/x/runs HTTP/1.1\r\n" HOST
                  "Authorization: Bearer %s\r\nContent-Length: 20\r\n\r\n{",
                  tokens[i % 4]);
        wire_send (&slow[i], text);
    }
    for (int i = 0; i < 10; i++)
        CHECK_INT (status_of (world, "/jobs/j1", "viewer"), 200);
    for (int i = 0; i < 16; i++) {
        wire_send (&slow[i], "\"ref\":\"main\"      }");
        wire_answer_t answer = wire_answer (&slow[i]);
        CHECK_INT (answer.status, 201);
        wire_forget (&answer);
        wire_close (&slow[i]);
    }
    world_destroy (&world);
}

static void short_head (gateway_config_t *config)
{
    config->head_seconds = 1;
    config->idle_seconds = 1;
}

TEST (a_head_that_does_not_come_is_answered_with_408_and_silence_is_closed)
{
    world_t *world = small_world (short_head);
    wire_t half = wire_open (world->address), silent = wire_open (world->address);
    wire_send (&half, "GET /jobs/j1 HTTP/1.1\r\n");
    int64_t until_us = test_until_us ();
    while (!wire_comes (&half, 50) && clock_monotonic_us () < until_us)
        wire_send (&half, "X: y\r\n");
    CHECK (wire_comes (&half, 0)); // No line gave it more time: it is answered while it still speaks
    wire_answer_t answer = wire_answer (&half);
    CHECK_INT (answer.status, 408);
    CHECK (wire_ended (&half));
    CHECK (wire_ended (&silent));
    CHECK_INT (silent.size, 0);
    wire_forget (&answer);
    wire_close (&half);
    wire_close (&silent);
    world_destroy (&world);
}

TEST (probes_and_agents_are_served_while_requests_fill_all_threads)
{
    wire_t slow[10];
    world_t *world = small_world (NULL);
    for (int i = 0; i < 10; i++) // 3 of 4 threads at most, for 2 tokens; the rest wait in order
        slow[i] = ask (world, "/jobs/slow", i % 2 ? "viewer" : "developer");
    CHECK (waits (world, 3));
    CHECK_INT (status_of (world, "/healthz", NULL), 200);
    CHECK_INT (status_of (world, "/readyz", NULL), 200);
    wire_answer_t answer = wire_ask (world->address, "POST", "/agents/a1/heartbeat", "a1", "", "{}");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    CHECK_INT (world->slow, 3);
    world_release (world);
    for (int i = 0; i < 10; i++) {
        answer = wire_answer (&slow[i]);
        CHECK_INT (answer.status, 200);
        wire_forget (&answer);
        wire_close (&slow[i]);
    }
    world_destroy (&world);
}

TEST (one_token_has_at_most_half_of_the_threads)
{
    wire_t slow[6];
    world_t *world = small_world (NULL);
    for (int i = 0; i < 6; i++)
        slow[i] = ask (world, "/jobs/slow", "viewer");
    CHECK (waits (world, 2));
    CHECK_INT (status_of (world, "/jobs/j1", "developer"), 200);
    CHECK_INT (world->slow, 2);
    world_release (world);
    for (int i = 0; i < 6; i++) {
        wire_answer_t answer = wire_answer (&slow[i]);
        CHECK_INT (answer.status, 200);
        wire_forget (&answer);
        wire_close (&slow[i]);
    }
    world_destroy (&world);
}

static void few_connections (gateway_config_t *config)
{
    config->connections = 8;
    config->per_address = 5;
}

TEST (a_connection_past_the_bound_of_its_address_is_refused_where_none_rests)
{
    wire_t busy[5];
    world_t *world = small_world (few_connections);
    for (int i = 0; i < 5; i++) {
        busy[i] = ask (world, "/events", i % 2 ? "viewer" : i % 4 ? "developer" : "admin");
        CHECK (wire_until (&busy[i], "retry: 1000"));
    }
    wire_t http = wire_open (world->address);
    wire_answer_t answer = wire_answer (&http);
    CHECK_INT (answer.status, 503);
    CHECK (strstr (answer.head, "Retry-After: 1\r\n"));
    CHECK (answer.body && strstr (answer.body, "\"code\":\"OVERLOADED\""));
    wire_forget (&answer);
    wire_close (&http);
    http = wire_open_from (world->address, "127.0.0.2");
    wire_send (&http, "GET /healthz HTTP/1.1\r\n" HOST "\r\n");
    answer = wire_answer (&http);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    wire_close (&http);
    for (int i = 0; i < 5; i++)
        wire_close (&busy[i]);
    world_destroy (&world);
}

TEST (what_the_server_does_is_counted)
{
    world_t *world = small_world (NULL);
    wire_t stream = ask (world, "/events", "viewer");
    CHECK (wire_until (&stream, "retry: 1000"));
    wire_answer_t answer = wire_ask (world->address, "GET", "/metrics", "viewer", "", "");
    CHECK (strstr (answer.body, "opencicd_http_slots{kind=\"events\"} 1\n"));
    CHECK (strstr (answer.body, "opencicd_http_threads{state=\"stream\"} 1\n"));
    CHECK (strstr (answer.body, "opencicd_http_threads{state=\"working\"} 1\n"));
    CHECK (strstr (answer.body, "opencicd_http_connections 2\n"));
    wire_forget (&answer);
    wire_close (&stream);
    world_destroy (&world);
}

static void slow_registrations (gateway_config_t *config)
{
    config->registrations = 3;
}

TEST (a_token_registers_only_so_many_agents_a_minute)
{
    world_t *world = small_world (slow_registrations);
    for (int i = 0; i < 5; i++) {
        wire_answer_t answer =
            wire_ask (world->address, "POST", "/register", "registrar", "", "{\"name\":\"a\",\"labels\":[]}");
        CHECK_INT (answer.status, i < 3 ? 201 : 503);
        wire_forget (&answer);
    }
    wire_answer_t answer =
        wire_ask (world->address, "POST", "/register", "admin", "", "{\"name\":\"a\",\"labels\":[]}");
    CHECK_INT (answer.status, 201); // Another token
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_token_searches_one_log_at_a_time)
{
    world_t *world = small_world (NULL);
    wire_t slow = ask (world, "/jobs/slow/log/search?pattern=x", "viewer");
    CHECK (waits (world, 1));
    CHECK_INT (status_of (world, "/jobs/slow/log/search?pattern=x", "viewer"), 503);
    wire_t other = ask (world, "/jobs/slow/log/search?pattern=x", "developer");
    CHECK (waits (world, 2));
    world_release (world);
    wire_answer_t answer = wire_answer (&slow);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    answer = wire_answer (&other);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    for (int i = 0; i < 200; i++) // Who has its answer may ask again at once
        CHECK_INT (status_of (world, "/jobs/slow/log/search?pattern=x", "viewer"), 200);
    wire_close (&slow);
    wire_close (&other);
    world_destroy (&world);
}
