/* world.c - see world.h. */

#include "tests/service/scm/world.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *shell (world_t *world, const char *script)
{
    const char *argv[] = {"sh", "-ec", script, NULL};
    process_output_t output;
    process_spec_t spec = {.argv = argv, .folder = world->folder};
    CHECK_INT (process_run (&world->turn, &spec, SECONDS (60), 1 << 20, &output), OK);
    if (output.end.status != 0)
        test_fail (__FILE__, __LINE__, "%s: %s", script, output.err);
    return arena_strndup (world->arena, output.out, strcspn (output.out, "\n"));
}

void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    scm_destroy (&self->scm);
    bus_destroy (&self->bus);
    process_destroy (&self->daemon);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

fault_t fetch (world_t *world, const scm_fetch_t *ask)
{
    world->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (60);
    world->turn.detail = NULL;
    world->tree = (scm_tree_t){0};
    return bus_client_call (world->client, &world->turn, MSG_scm_fetch, ask, &world->tree);
}

void fetch_fails (world_t *world, const scm_fetch_t *ask, fault_t fault, const char *part)
{
    fault_t got = fetch (world, ask);
    const char *detail = world->turn.detail ? world->turn.detail : "";
    if (got != fault || !strstr (detail, part))
        test_fail (__FILE__, __LINE__, "%s %s %s: %s: %s", ask->url, ask->ref ? ask->ref : "",
                   ask->sha ? ask->sha : "", fault_name (got), detail);
}

const char *address (world_t *world, const char *scheme)
{
    return arena_printf (world->arena, "%s%s/repository", scheme, world->folder);
}

bool file_exists (world_t *world, const char *name)
{
    return access (arena_printf (world->arena, "%s/%s", world->folder, name), F_OK) == 0;
}

int listen_anywhere (uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (fd, (struct sockaddr *) &address, size) == 0 && listen (fd, 64) == 0);
    CHECK (getsockname (fd, (struct sockaddr *) &address, &size) == 0);
    *port = ntohs (address.sin_port);
    return fd;
}

static bool answers (uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
    close (fd);
    return yes;
}

static void start_daemon (world_t *world)
{
    close (listen_anywhere (&world->daemon_port)); // Free a moment ago
    const char *argv[] = {"git",
                          "daemon",
                          "--export-all",
                          "--reuseaddr",
                          "--informative-errors",
                          "--listen=127.0.0.1",
                          arena_printf (world->arena, "--port=%u", world->daemon_port),
                          arena_printf (world->arena, "--base-path=%s", world->folder),
                          NULL};
    process_spec_t spec = {.argv = argv};
    CHECK_INT (process_start (&world->daemon, &world->turn, &spec), OK);
    int64_t until = test_until_us ();
    while (!answers (world->daemon_port) && clock_monotonic_us () < until)
        poll (NULL, 0, 10);
}

const char *served (world_t *world, const char *name)
{
    if (!world->daemon)
        start_daemon (world);
    return arena_printf (world->arena, "git://localhost:%u/%s", world->daemon_port, name);
}

static void *ask (void *context)
{
    asking_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    scm_tree_t tree;
    const scm_fetch_t message = {.url = self->url, .trusted = true};
    turn_init (&turn, arena, arena_printf (arena, "ask %p", (void *) self), 0);
    turn.deadline_us = clock_now_us (clock_system ()) + (self->for_us ? self->for_us : SECONDS (60));
    self->fault = bus_client_call (self->world->client, &turn, MSG_scm_fetch, &message, &tree);
    snprintf (self->detail, sizeof self->detail, "%s", turn.detail ? turn.detail : "");
    arena_destroy (&arena);
    return NULL;
}

void ask_in_a_thread (asking_t *self)
{
    CHECK (pthread_create (&self->thread, NULL, ask, self) == 0);
}

void asked (asking_t *self)
{
    pthread_join (self->thread, NULL);
}

// FOLDER and SERVED in a list of sources, which only a world knows.
static const char *placed (world_t *self, const char *sources)
{
    const char *folder = strstr (sources, "FOLDER"), *serves = strstr (sources, "SERVED");
    if (folder)
        return placed (self, arena_printf (self->arena, "%.*s%s%s", (int) (folder - sources), sources,
                                           self->folder, folder + 6));
    if (serves)
        return placed (self, arena_printf (self->arena, "%.*s%s%s", (int) (serves - sources), sources,
                                           served (self, ""), serves + 6));
    return sources;
}

world_t *world_new (const scm_options_t *options)
{
    world_t *self = calloc (1, sizeof (world_t));
    scm_options_t all = options ? *options : (scm_options_t){0};
    test_folder (self->folder, sizeof (self->folder));
    self->bus = bus_new (&proto_codec, clock_system ());
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "request", clock_now_us (clock_system ()));
    shell (
        self,
        "mkdir listed; git init -q -b trunk repository; cd repository; git config user.name 'Ada L'; git config user.email a@b;"
        "mkdir -p .github/workflows .opencicd/workflows; echo 'on: push' > .github/workflows/ci.yml;"
        "echo 'on: []' > .opencicd/workflows/x.yaml; echo no > .github/workflows/readme.md;"
        "ln -s ci.yml .github/workflows/link.yml; git add .; git commit -qm 'First light' -m 'and more'");
    all.folder = arena_printf (self->arena, "%s/mirrors", self->folder);
    all.folders = arena_printf (self->arena, "/nowhere:%s/listed/", self->folder);
    all.sources = placed (self, all.sources ? all.sources : "");
    self->scm = scm_new (&all);
    self->actor = actor_new (&scm_class, self->scm, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    return self;
}
