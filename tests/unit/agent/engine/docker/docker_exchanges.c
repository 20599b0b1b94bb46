/* docker_exchanges.c - a table of exchanges with a container engine: played by a fake one on a socket, and asked of a real one, where this machine
 * lets one run. So the fake says nothing that the real one does not. */

#include "agent/engine/docker/docker_container.h"
#include "agent/engine/docker/docker_image.h"
#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/http/peer.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) (sizeof (table) / sizeof (table[0]))
#define NONE         "opencicd-test-that-is-nowhere"

// What an engine answers to a request; `detail` is what the caller makes of it.
typedef struct {
    const char *method, *path;
    int status;
    const char *answer;
    fault_t fault;
    const char *detail; // A part of it; "": none
    bool real;          // An engine that is empty answers the same
} exchange_t;

static const exchange_t exchanges[] = {
    {"GET", "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22opencicd.agent%3Dnobody%22%5D%7D", 200,
     "[]", OK, "", true},
    {"GET", "/networks?filters=%7B%22label%22%3A%5B%22opencicd.agent%3Dnobody%22%5D%7D", 200, "[]", OK, "",
     true},
    {"GET", "/images/" NONE "/json", 404, "{\"message\":\"No such image: " NONE ":latest\"}", NOT_FOUND,
     "No such image: " NONE, true},
    {"GET", "/containers/" NONE "/json", 404, "{\"message\":\"No such container: " NONE "\"}", NOT_FOUND,
     "No such container: " NONE, true},
    {"POST", "/containers/" NONE "/start", 404, "{\"message\":\"No such container: " NONE "\"}", NOT_FOUND,
     "No such container", true},
    {"POST", "/containers/" NONE "/kill?signal=TERM", 404,
     "{\"message\":\"Cannot kill container: " NONE ": No such container: " NONE "\"}", NOT_FOUND,
     "No such container", true},
    {"DELETE", "/containers/" NONE "?force=1&v=1", 404, "{\"message\":\"No such container: " NONE "\"}",
     NOT_FOUND, "No such container", true},
    {"DELETE", "/networks/" NONE, 404, "{\"message\":\"network " NONE " not found\"}", NOT_FOUND, "not found",
     true},
    {"GET", "/no/such/path", 404, "{\"message\":\"page not found\"}", NOT_FOUND, "page not found", true},
    {"GET", "/failing", 500, "{\"message\":\"driver failed\"}", BROKEN, "driver failed", false},
    {"GET", "/silent", 500, "", BROKEN, "HTTP status 500", false},
    {"GET", "/taken", 409, "{\"message\":\"name in use\"}", CONFLICT, "name in use", false},
    {"GET", "/denied", 403, "{\"message\":\"denied\"}", UNAUTHORIZED, "denied", false},
    {"GET", "/page", 200, "<html>", BROKEN, "is not JSON", false},
    {"GET", "/unchanged", 304, "", OK, "", false},
};

static const char version[] =
    "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\",\"Components\":[{\"Name\":\"Engine\"}]}";

typedef struct {
    char folder[200];
    peer_t *peer;
    const char *version, *answer; // answer: to whatever is in no table; NULL: 404
    bool silent;                  // It does not answer
    char seen[4000];              // The last request's line and headers
    arena_t *arena;
    turn_t turn;
    docker_t *docker;
} world_t;

static void answer (void *self_, const peer_request_t *request)
{
    world_t *self = self_;
    snprintf (self->seen, sizeof (self->seen), "%s", request->text);
    const char *path = strstr (request->text, "/v1.41");
    if (strstr (request->text, " /version ")) {
        peer_answer (request->conn, 200, "Content-Type: application/json\r\n", self->version);
        return;
    }
    if (self->silent) {
        peer_wait_until_left (request->conn);
        return;
    }
    for (size_t i = 0; path && i < COUNT (exchanges); i++) {
        size_t size = strlen (exchanges[i].path);
        if (strncmp (request->text, exchanges[i].method, strlen (exchanges[i].method)) == 0 &&
            strncmp (path + 6, exchanges[i].path, size) == 0 && path[6 + size] == ' ') {
            peer_answer (request->conn, exchanges[i].status, "", exchanges[i].answer);
            return;
        }
    }
    if (self->answer)
        peer_answer (request->conn, 200, "", self->answer);
    else
        peer_answer (request->conn, 404, "", "{\"message\":\"page not found\"}");
}

static const char *socket_of (world_t *self)
{
    return arena_printf (self->arena, "%s/engine.sock", self->folder);
}

static void begin (world_t *self, const char *says)
{
    *self = (world_t){.version = says, .arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
    const peer_options_t options = {.serve = answer, .self = self, .unix_socket = socket_of (self)};
    self->peer = peer_new (&options);
}

static void end (world_t *self)
{
    docker_close (&self->docker);
    peer_destroy (&self->peer);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static void play (world_t *self, const exchange_t *exchange)
{
    const value_t *got = NULL;
    const docker_request_t request = {.method = exchange->method, .path = exchange->path};
    self->turn.detail = "";
    fault_t fault = docker_call (self->docker, &self->turn, &request, &got);
    if (fault != exchange->fault || (*exchange->detail && !strstr (self->turn.detail, exchange->detail)))
        test_fail (__FILE__, __LINE__, "%s %s: %s, %s", exchange->method, exchange->path, fault_name (fault),
                   self->turn.detail);
}

TEST (an_engines_answers_become_faults_with_its_own_words)
{
    world_t world;
    begin (&world, version);
    CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), NULL), OK);
    CHECK_STR (docker_version (world.docker), "Docker 20.10.24, API 1.41");
    for (size_t i = 0; i < COUNT (exchanges); i++)
        play (&world, exchanges + i);
    end (&world);
}

// One of the test's own. NULL, and the reason is printed, where this machine has none, or lets none run.
static process_t *start_engine (world_t *self, const char *socket)
{
    process_t *engine;
    const char *folder = self->folder;
    const process_spec_t spec = {
        .argv =
            (const char *const[]){"dockerd", "--host", arena_printf (self->arena, "unix://%s", socket),
                                  "--data-root", arena_printf (self->arena, "%s/data", folder), "--exec-root",
                                  arena_printf (self->arena, "%s/exec", folder), "--pidfile",
                                  arena_printf (self->arena, "%s/pid", folder), "--bridge", "none",
                                  "--iptables=false", "--ip6tables=false", "--log-level", "error", NULL}};
    if (geteuid () != 0 || process_start (&engine, &self->turn, &spec) != OK) {
        printf ("not tried: %s\n",
                geteuid () != 0 ? "dockerd runs as root only" : "there is no dockerd (package docker.io)");
        return NULL;
    }
    return engine;
}

TEST (a_real_engine_answers_as_the_table_has_it)
{
    world_t world;
    process_end_t how;
    begin (&world, version);
    const char *socket = arena_printf (world.arena, "%s/real.sock", world.folder);
    process_t *engine = start_engine (&world, socket);
    int64_t until = test_until_us ();
    while (engine && docker_open (&world.docker, &world.turn, socket, NULL) != OK) {
        CHECK (process_wait (engine, MILLISECONDS (50), &how) == TIMEOUT);
        CHECK (clock_monotonic_us () < until);
    }
    for (size_t i = 0; i < COUNT (exchanges) && engine; i++)
        if (exchanges[i].real)
            play (&world, exchanges + i);
    if (engine) {
        process_signal (engine, SIGTERM);
        CHECK_INT (process_wait (engine, SECONDS (60), &how), OK);
        process_destroy (&engine);
    }
    end (&world);
}

TEST (the_newest_version_that_both_sides_know_is_spoken)
{
    static const struct {
        const char *version, *line, *detail; // line NULL: refused
    } rows[] = {
        {"{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}", "GET /v1.41/info ", ""},
        {"{\"ApiVersion\":\"1.40\"}", "GET /v1.40/info ", ""},
        {"{\"ApiVersion\":\"1.52\",\"MinAPIVersion\":\"1.44\"}", "GET /v1.44/info ", ""},
        {"{\"ApiVersion\":\"1.39\",\"MinAPIVersion\":\"1.12\"}", NULL,
         "speaks the API from 1.12 to 1.39, this agent from 1.40 to 1.44"},
        {"{\"ApiVersion\":\"1.60\",\"MinAPIVersion\":\"1.45\"}", NULL, "speaks the API from 1.45 to 1.60"},
        {"{\"ApiVersion\":\"2.0\"}", NULL, "is not a container engine"},
        {"{\"ApiVersion\":\"1.\"}", NULL, "is not a container engine"},
        {"[]", NULL, "is not a container engine"},
        {"hello", NULL, "is not JSON"},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        world_t world;
        begin (&world, rows[i].version);
        const docker_request_t info = {.path = "/info"};
        fault_t fault = docker_open (&world.docker, &world.turn,
                                     arena_printf (world.arena, "unix://%s", socket_of (&world)), NULL);
        CHECK_INT (fault == OK, rows[i].line != NULL);
        if (fault)
            CHECK (strstr (world.turn.detail, rows[i].detail));
        else {
            (void) !docker_call (world.docker, &world.turn, &info, NULL);
            CHECK (strncmp (world.seen, rows[i].line, strlen (rows[i].line)) == 0);
        }
        end (&world);
    }
}

TEST (an_engine_that_is_not_there_is_named)
{
    world_t world;
    begin (&world, version);
    CHECK_INT (docker_open (&world.docker, &world.turn, "/nowhere/docker.sock", NULL), UNAVAILABLE);
    CHECK (strstr (world.turn.detail, "the container engine at /nowhere/docker.sock: "));
    CHECK_INT (docker_open (&world.docker, &world.turn, "ssh://host", NULL), INVALID);
    CHECK_INT (docker_open (&world.docker, &world.turn, "tcp://host/path", NULL), INVALID);
    end (&world);
}

static void add_line (void *text, const char *line)
{
    buffer_printf (text, "%s|", line);
}

TEST (a_pull_shows_what_ended_and_sends_the_credentials)
{
    world_t world;
    begin (&world, version);
    buffer_t *log = buffer_new (10000);
    const docker_log_t to = {add_line, log};
    const docker_auth_t auth = {"me", "s3cret",
                                docker_image_server (world.arena, "registry.example:5000/a/b")};
    world.answer =
        "{\"status\":\"Pulling from a/b\",\"id\":\"v1\"}\r\n{\"status\":\"Downloading\",\"id\":\"x\",\"progress\":\"[=> ]\"}\r\n"
        "{\"status\":\"Pull complete\",\"id\":\"x\"}\n{\"status\":\"Status: Downloaded newer image\"}";
    CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), NULL), OK);
    CHECK_INT (
        docker_image_pull (world.docker, &world.turn, "registry.example:5000/a/b:v1", NULL, &auth, &to), OK);
    CHECK_STR (buffer_text (log), "v1: Pulling from a/b|x: Pull complete|Status: Downloaded newer image|");
    CHECK (strstr (world.seen,
                   "POST /v1.41/images/create?fromImage=registry.example%3A5000%2Fa%2Fb%3Av1&tag= "));
    CHECK (strstr (
        world.seen,
        "X-Registry-Auth: eyJ1c2VybmFtZSI6Im1lIiwicGFzc3dvcmQiOiJzM2NyZXQiLCJzZXJ2ZXJhZGRyZXNzIjoicmVnaXN0cnkuZXhhbXBsZTo1MDAwIn0="));
    buffer_destroy (&log);
    end (&world);
}

TEST (a_pull_that_the_registry_refuses_is_made_once)
{
    world_t world;
    begin (&world, version);
    world.answer = "{\"errorDetail\":{\"message\":\"x\"},\"error\":\"pull access denied for a/b\"}\n";
    CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), NULL), OK);
    CHECK_INT (docker_image_pull (world.docker, &world.turn, "a/b", NULL, NULL, NULL), BROKEN);
    CHECK_STR (world.turn.detail, "the image a/b cannot be pulled: pull access denied for a/b");
    CHECK (strstr (world.seen, "fromImage=a%2Fb&tag=latest "));
    CHECK (!strstr (world.seen, "X-Registry-Auth"));
    end (&world);
}

TEST (a_name_begins_with_its_registry_where_it_looks_like_a_host)
{
    arena_t *arena = arena_new ();
    static const char *const rows[][2] = {{"alpine", ""},
                                          {"library/alpine:3", ""},
                                          {"ghcr.io/a/b", "ghcr.io"},
                                          {"localhost/a", "localhost"},
                                          {"host:5000/a", "host:5000"},
                                          {"alpine:3.19", ""}};
    for (size_t i = 0; i < COUNT (rows); i++)
        CHECK_STR (docker_image_server (arena, rows[i][0]), rows[i][1]);
    arena_destroy (&arena);
}

TEST (an_image_says_what_it_runs)
{
    world_t world;
    docker_image_t image;
    begin (&world, version);
    world.answer =
        "{\"Id\":\"sha256:1\",\"Config\":{\"User\":\"app\",\"Env\":[\"PATH=/bin\"],\"Entrypoint\":[\"/e\"],\"Cmd\":null,"
        "\"WorkingDir\":\"/src\",\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"]}}}";
    CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), NULL), OK);
    CHECK_INT (docker_image_inspect (world.docker, &world.turn, "a b/c:d", &image), OK);
    CHECK (strstr (world.seen, "GET /v1.41/images/a%20b/c:d/json "));
    CHECK_STR (image.user, "app");
    CHECK_STR (image.folder, "/src");
    CHECK_INT (image.entrypoint->list.count, 1);
    CHECK_INT (image.command->kind, VALUE_NULL);
    CHECK (image.has_health);
    world.answer = "{}";
    CHECK_INT (docker_image_inspect (world.docker, &world.turn, "x", &image), BROKEN);
    end (&world);
}

TEST (a_container_says_how_it_is)
{
    static const struct {
        const char *answer;
        bool running;
        int exit_code;
        docker_health_t health;
    } rows[] = {
        {"{\"State\":{\"Running\":true}}", true, 0, HEALTH_NONE},
        {"{\"State\":{\"Running\":true,\"Health\":{\"Status\":\"starting\"}}}", true, 0, HEALTH_STARTING},
        {"{\"State\":{\"Running\":true,\"Health\":{\"Status\":\"healthy\"}}}", true, 0, HEALTH_GOOD},
        {"{\"State\":{\"Running\":false,\"ExitCode\":3,\"Health\":{\"Status\":\"unhealthy\"}}}", false, 3,
         HEALTH_BAD},
        {"{\"State\":\"odd\"}", false, 0, HEALTH_NONE},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        world_t world;
        docker_state_t state;
        begin (&world, version);
        world.answer = rows[i].answer;
        CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), NULL), OK);
        CHECK_INT (docker_container_inspect (world.docker, &world.turn, "x", &state), OK);
        CHECK_INT (state.running, rows[i].running);
        CHECK_INT (state.exit_code, rows[i].exit_code);
        CHECK_INT (state.health, rows[i].health);
        end (&world);
    }
}

static bool stop_now (void *asked)
{
    *(bool *) asked = true;
    return true;
}

TEST (a_request_ends_when_the_job_is_stopped)
{
    world_t world;
    bool asked = false;
    int ends[2];
    begin (&world, version);
    CHECK_INT (pipe (ends), 0);
    const docker_stop_t stop = {ends[0], stop_now, &asked};
    CHECK_INT (docker_open (&world.docker, &world.turn, socket_of (&world), &stop), OK);
    CHECK (write (ends[1], "x", 1) == 1);
    world.silent = true;
    const docker_request_t request = {.path = "/info"};
    CHECK_INT (docker_call (world.docker, &world.turn, &request, NULL), UNAVAILABLE);
    CHECK (asked);
    close (ends[0]);
    close (ends[1]);
    end (&world);
}
