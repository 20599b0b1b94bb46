/* Workflow files are read from real repositories: local ones where they are, others through a mirror. */

#include "common/process.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/scm/scm.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    char folder[64]; // Has `repository` and `mirrors`
    bus_t *bus;
    scm_t *scm;
    actor_t *actor;
    bus_client_t *client;
    arena_t *arena;
    turn_t turn;
    scm_tree_t tree;
} world_t;

static const char *shell (world_t *world, const char *script)
{
    const char *argv[] = {"sh", "-ec", script, NULL};
    process_output_t output;
    process_spec_t spec = {.argv = argv, .folder = world->folder};
    CHECK_INT (process_run (&world->turn, &spec, SECONDS (30), 1 << 20, &output), OK);
    if (output.end.status != 0)
        test_fail (__FILE__, __LINE__, "%s", output.err);
    return arena_strndup (world->arena, output.out, strcspn (output.out, "\n"));
}

static world_t *world_new (void)
{
    world_t *self = calloc (1, sizeof (world_t));
    snprintf (self->folder, sizeof self->folder, "%s/scm-XXXXXX",
              getenv ("TMPDIR") ? getenv ("TMPDIR") : "/tmp");
    CHECK (mkdtemp (self->folder));
    self->bus = bus_new (&proto_codec, clock_system ());
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "request", clock_now_us (clock_system ()));
    self->scm = scm_new (&(scm_options_t){.folder = arena_printf (self->arena, "%s/mirrors", self->folder)});
    self->actor = actor_new (&scm_class, self->scm, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    shell (
        self,
        "git init -q -b trunk repository; cd repository; git config user.name 'Ada L'; git config user.email a@b;"
        "mkdir -p .github/workflows .opencicd/workflows; echo 'on: push' > .github/workflows/ci.yml;"
        "echo 'on: []' > .opencicd/workflows/x.yaml; echo no > .github/workflows/readme.md;"
        "ln -s ci.yml .github/workflows/link.yml; git add .; git commit -qm 'First light' -m 'and more'");
    return self;
}

static void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    scm_destroy (&self->scm);
    bus_destroy (&self->bus);
    shell (self, "rm -rf \"$PWD\"");
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

static fault_t fetch (world_t *world, const scm_fetch_t *ask)
{
    world->turn.deadline_us = NEVER;
    world->tree = (scm_tree_t){0};
    return bus_client_call (world->client, &world->turn, MSG_scm_fetch, ask, &world->tree);
}

static const char *address (world_t *world, const char *scheme)
{
    return arena_printf (world->arena, "%s%s/repository", scheme, world->folder);
}

TEST (the_workflow_files_of_a_branch_are_read_with_their_commit)
{
    world_t *world = world_new ();
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, "")}), OK);
    const scm_tree_t *tree = &world->tree;
    CHECK_STR (tree->sha, shell (world, "git -C repository rev-parse HEAD"));
    CHECK_STR (tree->ref, "refs/heads/trunk");
    CHECK_STR (tree->default_branch, "trunk");
    CHECK_STR (tree->subject, "First light");
    CHECK_STR (tree->message, "First light\n\nand more\n");
    CHECK_STR (tree->author, "Ada L");
    CHECK_STR (tree->author_email, "a@b");
    CHECK_INT (tree->files.count, 2);
    CHECK_STR (tree->files.items[0].path, ".github/workflows/ci.yml");
    CHECK_INT (tree->files.items[0].text.size, 9);
    CHECK (memcmp (tree->files.items[0].text.data, "on: push\n", 9) == 0);
    CHECK_STR (tree->files.items[1].path, ".opencicd/workflows/x.yaml");
    world_destroy (&world);
}

TEST (a_new_commit_is_seen_at_the_next_question)
{
    world_t *world = world_new ();
    const scm_fetch_t ask = {.url = address (world, ""), .ref = "trunk"};
    CHECK_INT (fetch (world, &ask), OK);
    const char *before = world->tree.sha;
    shell (world, "cd repository; echo a > 'a b'; echo c > c; git add .; git commit -qm second; git gc -q");
    CHECK_INT (fetch (world, &ask), OK);
    CHECK_STR (world->tree.sha, shell (world, "git -C repository rev-parse HEAD"));
    CHECK_STR (world->tree.subject, "second");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = ask.url, .before = before}), OK);
    CHECK (world->tree.compared);
    CHECK_INT (world->tree.changed.count, 2);
    CHECK_STR (world->tree.changed.items[0], "a b");
    world_destroy (&world);
}

TEST (a_repository_elsewhere_is_mirrored_and_followed)
{
    world_t *world = world_new ();
    // Anything but a plain folder's path or file:// goes through a mirror; ./ makes git take it as a path.
    char *here = getcwd (NULL, 0);
    CHECK (chdir (world->folder) == 0);
    shell (world, "cd repository; git tag v1; git branch side");
    const char *url = arena_printf (world->arena, "../..%s/repository", world->folder);
    for (int i = 0; i < 6; i++)
        url = arena_printf (world->arena, "../%s", url); // git runs at the root
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "v1"}), OK);
    CHECK_STR (world->tree.ref, "refs/tags/v1");
    CHECK_STR (world->tree.default_branch, "trunk");
    shell (world, "cd repository; git commit -q --allow-empty -m second; git checkout -q side");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "refs/heads/trunk"}), OK);
    CHECK_STR (world->tree.subject, "second");
    CHECK_STR (world->tree.default_branch, "side");
    CHECK (chdir (here) == 0);
    free (here);
    world_destroy (&world);
}

TEST (what_is_not_there_or_not_allowed_is_refused_in_words)
{
    world_t *world = world_new ();
    const char *good = address (world, "");
    const struct {
        scm_fetch_t ask;
        fault_t fault;
        const char *part; // Of the words
    } cases[] = {
        {{.url = "/nowhere"}, NOT_FOUND, "there is no folder /nowhere"},
        {{.url = world->folder}, INVALID, "is no git repository"},
        {{.url = "--upload-pack=x"}, INVALID, "is no address"},
        {{.url = "ext::sh -c true"}, INVALID, "is no address"},
        {{.url = "http://127.0.0.1:1/x.git"}, NOT_FOUND, "git: "},
        {{.url = good, .ref = "nope"}, NOT_FOUND, "no branch or tag nope"},
        {{.url = good, .ref = "a..b"}, INVALID, "no name of a branch"},
        {{.url = good, .ref = "trunk:README"}, INVALID, "no name of a branch"},
        {{.url = good, .ref = "-x"}, INVALID, "no name of a branch"},
        {{.url = good, .sha = "0000000000"}, NOT_FOUND, "the repository has no 0000000000"},
        {{.url = good, .sha = "HEAD"}, INVALID, "no commit's name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT (fetch (world, &cases[i].ask), cases[i].fault);
        if (!strstr (world->turn.detail, cases[i].part))
            test_fail (__FILE__, __LINE__, "case %zu: %s", i, world->turn.detail);
    }
    world_destroy (&world);
}

TEST (a_workflow_file_that_is_too_large_is_named)
{
    world_t *world = world_new ();
    shell (
        world,
        "cd repository; head -c 1100000 /dev/zero | tr '\\0' ' ' > .github/workflows/big.yml; git add .; git commit -qm big");
    const scm_fetch_t ask = {.url = address (world, "file://")};
    CHECK_INT (fetch (world, &ask), TOO_LARGE);
    CHECK (strstr (world->turn.detail, ".github/workflows/big.yml is larger than"));
    shell (world, "cd repository; git rm -q .github/workflows/big.yml; git commit -qm small");
    CHECK_INT (fetch (world, &ask), OK); // And goes on
    world_destroy (&world);
}

TEST (a_git_that_was_killed_is_started_again)
{
    world_t *world = world_new ();
    const scm_fetch_t ask = {.url = address (world, "")};
    CHECK_INT (fetch (world, &ask), OK);
    shell (world,
           "for p in /proc/[0-9]*; do if tr '\\0' ' ' < $p/cmdline 2>/dev/null | "
           "grep -q \"^git --git-dir $PWD/repository/.git cat-file\"; then kill -9 ${p#/proc/}; fi; done");
    fault_t fault = fetch (world, &ask);
    CHECK (fault == OK || fault == UNAVAILABLE);
    CHECK_INT (fetch (world, &ask), OK);
    world_destroy (&world);
}

// ---- another side that never answers, and what a killed git leaves ----

typedef struct {
    world_t *world;
    const char *url;
    fault_t fault;
} asking_t;

static void *ask_for_long (void *context)
{
    asking_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    scm_tree_t tree;
    turn_init (&turn, arena, "long", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (60);
    self->fault =
        bus_client_call (self->world->client, &turn, MSG_scm_fetch, &(scm_fetch_t){.url = self->url}, &tree);
    arena_destroy (&arena);
    return NULL;
}

static int listen_anywhere (uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (fd, (struct sockaddr *) &address, size) == 0 && listen (fd, 4) == 0);
    CHECK (getsockname (fd, (struct sockaddr *) &address, &size) == 0);
    *port = ntohs (address.sin_port);
    return fd;
}

TEST (a_service_that_is_stopped_does_not_wait_for_a_git_that_hangs)
{
    world_t *world = world_new ();
    uint16_t port;
    int listening = listen_anywhere (&port);
    asking_t asking = {.world = world, .url = arena_printf (world->arena, "git://127.0.0.1:%u/x.git", port)};
    pthread_t thread;
    pthread_create (&thread, NULL, ask_for_long, &asking);
    int connected = accept (listening, NULL, NULL); // It is there, and hears nothing
    CHECK (connected >= 0);
    int64_t began_us = clock_monotonic_us ();
    actor_destroy (&world->actor);
    scm_destroy (&world->scm);
    CHECK (clock_monotonic_us () - began_us < SECONDS (10));
    pthread_join (thread, NULL);
    CHECK_INT (asking.fault, UNAVAILABLE);
    close (connected);
    close (listening);
    world_destroy (&world);
}

TEST (a_mirror_in_which_a_git_was_killed_is_taken_up_again)
{
    world_t *world = world_new ();
    char *here = getcwd (NULL, 0);
    CHECK (chdir (world->folder) == 0);
    const char *url = arena_printf (world->arena, "../..%s/repository", world->folder);
    for (int i = 0; i < 6; i++)
        url = arena_printf (world->arena, "../%s", url);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url}), OK);
    shell (world, "cd mirrors/*/; touch -d '1 hour ago' HEAD.lock packed-refs.lock refs/heads/trunk.lock "
                  "refs/heads/gone.lock objects/pack/tmp_pack_abc");
    shell (world, "cd repository; git branch gone; git branch tmp_x; git commit -q --allow-empty -m second");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "trunk"}), OK);
    CHECK_STR (world->tree.subject, "second");
    shell (world, "cd mirrors/*/; ! test -e objects/pack/tmp_pack_abc; ! test -e packed-refs.lock");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "tmp_x"}), OK);
    CHECK (chdir (here) == 0);
    free (here);
    world_destroy (&world);
}
