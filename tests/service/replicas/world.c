/* world.c - see world.h. */

#include "tests/service/replicas/world.h"

#include "common/actor/actor.h"
#include "common/base/id.h"
#include "common/base/job_token.h"
#include "db/open.h"
#include "proto/codec.h"
#include "tests/database/fresh.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALL_SECONDS   55 // A test; on a busy machine with sanitizers
#define ONE_SECONDS   4  // A request: then it is asked again
#define FROZEN_WORDS  3  // So many others are answered while one is frozen
#define LEASE_SECONDS "300"

static const char workflow[] = "on: workflow_dispatch\n"
                               "jobs:\n"
                               "  build:\n"
                               "    runs-on: linux\n"
                               "    strategy: {matrix: {n: [1, 2, 3]}}\n"
                               "    steps: [{run: make}]\n"
                               "  test: {needs: build, runs-on: linux, steps: [{run: make test}]}\n"
                               "  tell: {needs: test, if: always(), runs-on: linux, steps: [{run: mail}]}\n";

// ---- pretended services ----

static fault_t scm_fetch (void *self, turn_t *turn, const void *asked, void *answered)
{
    static const char sha[] = "0000000000000000000000000000000000000001";
    scm_tree_t *tree = answered;
    (void) self, (void) asked;
    *tree = (scm_tree_t){.sha = sha, .default_branch = "main", .ref = "refs/heads/main", .is_tip = true};
    tree->subject = tree->message = tree->author = tree->author_email = tree->uncompared = "";
    tree->files.count = 1;
    tree->files.items = arena_array (turn->arena, 1, sizeof (file_text_t));
    tree->files.items[0] =
        (file_text_t){.path = ".github/workflows/ci.yml", .text = {workflow, sizeof workflow - 1}};
    return OK;
}

static fault_t scm_check (void *self, turn_t *turn, const void *asked, void *answered)
{
    (void) self, (void) turn, (void) asked, (void) answered;
    return OK;
}

static fault_t token_issue (void *self, turn_t *turn, const void *asked, void *answered)
{
    const token_issue_t *ask = asked;
    (void) self, (void) turn;
    *(token_t *) answered =
        (token_t){.id = "t", .name = "", .role = ask->role, .subject = ask->subject, .token = ""};
    return OK;
}

static const handler_t scm_handlers[] = {{MSG_scm_fetch, scm_fetch}, {MSG_scm_check, scm_check}};
static const handler_t identity_handlers[] = {{MSG_token_issue, token_issue}};
static const actor_class_t scm_class = {.name = "scm", .handlers = scm_handlers, .count = 2};
static const actor_class_t identity_class = {.name = "identity", .handlers = identity_handlers, .count = 1};

// ---- programs ----

// Below those that the kernel gives to whoever takes any: nobody takes it until the program that is to have it does.
static uint16_t free_port (void)
{
    for (;;) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
        uint16_t port = (uint16_t) (10000 + randombytes_uniform (22000));
        int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_port = htons (port);
        bool free = bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
        close (fd);
        if (free)
            return port;
    }
}

// "postgres://opencicd@127.0.0.1:5432/name" with the port of its link.
static const char *database_of (world_t *self, int link)
{
    const char *colon = strrchr (self->postgres, ':');
    return arena_printf (self->arena, "%.*s:%u%s", (int) (colon - self->postgres), self->postgres,
                         pg_proxy_port (self->proxy, link), colon + 1 + strspn (colon + 1, "0123456789"));
}

// Killed with us, whatever ends us: a test that fails leaves no program behind.
static void start_program (world_t *self, int number)
{
    program_t *program = &self->programs[number];
    int log = open (arena_printf (self->arena, "%s/%s.log", self->folder, program->name),
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *argv[] = {"setpriv",
                          "--pdeathsig",
                          "KILL",
                          arena_printf (self->arena, "%s/opencicd-%s", PROGRAMS_FOLDER, program->service),
                          "--database-url",
                          database_of (self, number),
                          "--data-dir",
                          self->folder,
                          "--bus-listen",
                          arena_printf (self->arena, "127.0.0.1:%u", program->bus_port),
                          "--lease-seconds",
                          LEASE_SECONDS,
                          NULL};
    process_destroy (&program->process);
    CHECK_INT (process_start (&program->process, &self->turn,
                              &(process_spec_t){.argv = argv, .out = log, .err = log}),
               OK);
    close (log);
}

static void start_programs (world_t *self)
{
    static const char *const names[] = {"scheduler-1", "scheduler-2", "logs-1", "logs-2"};
    for (int i = 0; i < PROGRAMS; i++) {
        self->programs[i] = (program_t){.name = names[i], .bus_port = free_port ()};
        self->programs[i].service = i < LOGS_1 ? "scheduler" : "logs";
        start_program (self, i);
    }
}

// ---- harm ----

static void thaw (world_t *self)
{
    process_signal (self->programs[self->plan[self->harmed].link].process, SIGCONT);
    self->frozen = self->armed = false;
    self->harmed++;
}

static void recover (world_t *self)
{
    const harm_t *harm = &self->plan[self->harmed];
    self->answered = 0;
    self->frozen = harm->signal == SIGSTOP && !harm->for_good;
    if (self->frozen)
        return;
    if (harm->signal == SIGKILL && !harm->for_good)
        start_program (self, harm->link);
    self->armed = false;
    self->harmed++;
}

// After each request: one harm at a time, the next when the last has been done and mended.
static void go_on (world_t *self, bool answered)
{
    if (self->frozen && (!answered || ++self->answered == FROZEN_WORDS))
        thaw (self);
    else if (self->armed && !self->frozen && pg_proxy_done (self->proxy))
        recover (self);
    if (self->armed || self->harmed == self->plan_count)
        return;
    const harm_t *harm = &self->plan[self->harmed];
    if (harm->at_trigger && !self->triggering)
        return;
    self->triggering = false;
    pg_proxy_arm (self->proxy, harm, process_pid (self->programs[harm->link].process));
    self->armed = true;
}

int world_triggers (world_t *self, int way)
{
    bool waits = !self->armed && self->harmed < self->plan_count && self->plan[self->harmed].at_trigger;
    if (!waits)
        return way;
    self->triggering = true;
    go_on (self, true);
    return self->plan[self->harmed].link % WAYS;
}

bool world_is_harmed (const world_t *self)
{
    return self->harmed == self->plan_count;
}

// ---- asking ----

const char *world_detail (const world_t *self)
{
    return self->turn.detail ? self->turn.detail : "";
}

static bool passes (fault_t fault)
{
    return fault == UNAVAILABLE || fault == TIMEOUT || fault == OVERLOADED;
}

static void in_time (world_t *self, const char *doing)
{
    if (clock_monotonic_us () > self->until_us)
        test_fail (__FILE__, __LINE__, "%s: not done within %d s; %zu of %zu harms; last: %s; see %s", doing,
                   ALL_SECONDS, self->harmed, self->plan_count, world_detail (self), self->folder);
}

fault_t world_ask (world_t *self, int way, caller_t caller, const char *key, uint16_t number, const void *ask,
                   void *answer)
{
    int64_t began_us = clock_monotonic_us ();
    for (;;) {
        in_time (self, message_by_number (number)->name);
        turn_init (&self->turn, self->arena, key ? key : "test", clock_now_us (clock_system ()));
        self->turn.caller = caller;
        self->turn.once_key = key;
        self->turn.deadline_us = self->turn.now_us + SECONDS (ONE_SECONDS);
        fault_t fault = bus_client_call (self->ways[way].client, &self->turn, number, ask, answer);
        go_on (self, !passes (fault));
        if (!passes (fault)) {
            int64_t took_us = clock_monotonic_us () - began_us;
            self->longest_us = took_us > self->longest_us ? took_us : self->longest_us;
            return fault;
        }
        poll (NULL, 0, 5);
    }
}

int64_t world_number (world_t *self, const char *sql)
{
    db_t *db;
    const rows_t *rows;
    CHECK_INT (db_open (&db, self->postgres, &self->turn), OK);
    CHECK_INT (db_query (db, &self->turn, sql, &rows), OK);
    int64_t number = rows_i64 (rows, 0, 0);
    db_close (&db);
    return number;
}

void world_wait_for (world_t *self, const char *sql, int64_t wanted)
{
    for (; world_number (self, sql) != wanted; poll (NULL, 0, 20))
        in_time (self, sql);
}

// ---- its life ----

static void start_proxy (world_t *self)
{
    char host[64];
    unsigned port;
    const char *at = strchr (self->postgres, '@');
    CHECK (at && sscanf (at, "@%63[0-9.]:%u/", host, &port) == 2);
    self->proxy = pg_proxy_new (host, (uint16_t) port, PROGRAMS);
}

static void start_pretended (world_t *self, const secret_key_t *key)
{
    db_t *db;
    self->bus = bus_new (&proto_codec, clock_system ());
    bus_set_apart (self->bus);
    bus_protect (self->bus, key->bytes);
    CHECK_INT (db_open (&db, self->postgres, &self->turn), OK);
    CHECK_INT (database_migrate (db, &self->turn, "directory"), OK);
    CHECK_INT (directory_new (&self->directory, &self->turn, &db, self->bus), OK);
    self->scm = actor_new (&scm_class, self, self->bus, "tcp://127.0.0.1:*");
    self->identity = actor_new (&identity_class, self, self->bus, "tcp://127.0.0.1:*");
    CHECK (self->scm && self->identity);
    CHECK_INT (directory_announce (self->directory, &self->turn, "scm", actor_endpoint (self->scm)), OK);
    CHECK_INT (directory_announce (self->directory, &self->turn, "identity", actor_endpoint (self->identity)),
               OK);
}

// The one whose number is that of the way is asked first.
static void open_way (world_t *self, int number, const secret_key_t *key)
{
    way_t *way = &self->ways[number];
    const char *ends[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++)
        ends[i] = arena_printf (self->arena, "tcp://127.0.0.1:%u", self->programs[i ^ number].bus_port);
    way->codec = proto_codec;
    way->codec.takes_turns = NULL; // Both schedulers are asked, so that both write
    way->bus = bus_new (&way->codec, clock_system ());
    bus_set_apart (way->bus);
    bus_protect (way->bus, key->bytes);
    bus_set_endpoints (way->bus, "scheduler", &ends[SCHEDULER_1], 2);
    bus_set_endpoints (way->bus, "logs", &ends[LOGS_1], 2);
    way->client = bus_client_new (way->bus);
}

int world_take_turns (world_t *self)
{
    char ends[2][64];
    for (int i = 0; i < WAYS; i++) {
        self->ways[i].codec.takes_turns = proto_codec.takes_turns;
        snprintf (ends[i], sizeof ends[i], "tcp://127.0.0.1:%u", self->programs[i].bus_port);
    }
    return strcmp (ends[SCHEDULER_1], ends[SCHEDULER_2]) < 0 ? SCHEDULER_1 : SCHEDULER_2;
}

world_t *world_new (const harm_t *plan, size_t count)
{
    const char *postgres = getenv ("OPENCICD_TEST_POSTGRES"), *base = getenv ("TMPDIR");
    secret_key_t key;
    if (!postgres)
        return NULL;
    world_t *self = calloc (1, sizeof *self);
    CHECK (self);
    *self = (world_t){.postgres = postgres, .arena = arena_new (), .plan = plan, .plan_count = count};
    self->until_us = clock_monotonic_us () + SECONDS (ALL_SECONDS);
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    snprintf (self->folder, sizeof self->folder, "%s/opencicd-replicas-XXXXXX", base ? base : "/tmp");
    CHECK (mkdtemp (self->folder));
    CHECK_INT (secret_key_load (&key, &self->turn, arena_printf (self->arena, "%s/secret.key", self->folder)),
               OK);
    fresh_database (self->postgres, "audit directory logs requests scheduler");
    start_proxy (self);
    start_pretended (self, &key);
    start_programs (self);
    for (int i = 0; i < WAYS; i++)
        open_way (self, i, &key);
    return self;
}

static int remove_one (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) kind, (void) walk;
    return remove (path);
}

void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    for (int i = 0; i < WAYS; i++) {
        bus_client_destroy (&self->ways[i].client);
        bus_destroy (&self->ways[i].bus);
    }
    for (int i = 0; i < PROGRAMS; i++)
        process_destroy (&self->programs[i].process);
    directory_destroy (&self->directory);
    actor_destroy (&self->scm);
    actor_destroy (&self->identity);
    bus_destroy (&self->bus);
    pg_proxy_destroy (&self->proxy);
    nftw (self->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}
