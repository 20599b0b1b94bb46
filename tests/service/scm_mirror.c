/* Repositories elsewhere are fetched once for all who ask, only what is needed of them, and no host that does not answer delays others. */

#include "common/base/metrics.h"
#include "tests/service/scm/world.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TEST (a_repository_elsewhere_is_mirrored_and_followed)
{
    world_t *world = world_new (NULL);
    shell (world, "cd repository; git tag v1; git branch side");
    const char *url = served (world, "repository");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "v1", .trusted = true}), OK);
    CHECK_STR (world->tree.ref, "refs/tags/v1");
    CHECK_STR (world->tree.default_branch, "trunk");
    CHECK_INT (world->tree.files.count, 2);
    shell (world, "cd repository; git commit -q --allow-empty -m second; git checkout -q side");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "refs/heads/trunk", .trusted = true}), OK);
    CHECK_STR (world->tree.subject, "second");
    CHECK_STR (world->tree.default_branch, "side");
    CHECK (!world->tree.is_tip);
    shell (world, "git -C repository branch -qD trunk");
    fetch_fails (world, &(scm_fetch_t){.url = url, .ref = "trunk", .trusted = true}, NOT_FOUND,
                 "no branch or tag trunk");
    fetch_fails (world, &(scm_fetch_t){.url = url, .ref = "nope", .trusted = true}, NOT_FOUND,
                 "no branch or tag nope");
    fetch_fails (world, &(scm_fetch_t){.url = served (world, "nothing"), .trusted = true}, UNAVAILABLE,
                 "git: ");
    world_destroy (&world);
}

TEST (of_a_repository_elsewhere_only_what_is_read_is_copied_where_it_lets_us)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; git config uploadpack.allowFilter true; head -c 3000000 /dev/urandom > big; git add .; git commit -qm big");
    const char *url = served (world, "repository"),
               *before = shell (world, "git -C repository rev-parse HEAD~1");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .before = before, .trusted = true}), OK);
    CHECK_INT (world->tree.files.count, 2);
    CHECK (memcmp (world->tree.files.items[0].text.data, "on: push\n", 9) == 0);
    CHECK_INT (world->tree.changed.count, 1);
    CHECK_STR (world->tree.changed.items[0], "big");
    shell (world, "[ $(du -sk mirrors | cut -f1) -lt 1000 ]");
    // And with a server that cannot leave anything out
    shell (world, "git clone -q --bare repository whole.git");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = served (world, "whole.git"), .trusted = true}), OK);
    CHECK_INT (world->tree.files.count, 2);
    world_destroy (&world);
}

TEST (all_workflow_files_of_a_commit_come_at_the_first_request_however_many_are_fetched_at_once)
{
    world_t *world = world_new (&(scm_options_t){.sources = "SERVED"});
    shell (
        world,
        "cd repository; git config uploadpack.allowFilter true; for i in $(seq 250); do echo \"on: push #$i\" > "
        ".github/workflows/$i.yml; done; git add .; git commit -qm many; mkdir ../org; cp -r . ../org/many");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = served (world, "repository"), .trusted = true}), OK);
    CHECK_INT (world->tree.files.count, 252);
    scm_called_files_t files;
    const scm_called_t ask = {
        .repository = "org/many", .site = "", .ref = "trunk", .commit = "", .url = "", .name = "a/b"};
    world->turn.caller.role = ROLE_SERVICE;
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_scm_called, &ask, &files), OK);
    CHECK_INT (files.files.count, 252);
    world_destroy (&world);
}

static fault_t forget (world_t *world, role_t role, const char *url, bool trusted)
{
    done_t done;
    const scm_forget_t ask = {.url = url, .trusted = trusted};
    world->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (60);
    world->turn.caller = (caller_t){.role = role, .subject = "scheduler"};
    fault_t fault = bus_client_call (world->client, &world->turn, MSG_scm_forget, &ask, &done);
    world->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    return fault;
}

TEST (the_mirror_of_a_repository_that_is_forgotten_is_removed_and_made_anew_for_who_asks_again)
{
    static const char count[] = "ls -d mirrors/*/mirrored 2>/dev/null | wc -l";
    const scm_options_t everybody = {.private_networks = PRIVATE_FOR_EVERYBODY};
    world_t *world = world_new (&everybody);
    const char *url = served (world, "repository");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url}), OK);
    CHECK_STR (shell (world, count), "2");
    CHECK_INT (forget (world, ROLE_ADMIN, url, true), FORBIDDEN);
    CHECK_INT (forget (world, ROLE_SERVICE, url, true), OK);
    CHECK_STR (shell (world, count), "1"); // What others registered is a mirror of its own
    CHECK_STR (shell (world, "ls -d mirrors/*/objects | grep -v view | wc -l"), "1");
    CHECK_INT (forget (world, ROLE_SERVICE, url, true), OK); // Said again
    shell (world, "git -C repository commit -q --allow-empty -m second");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    CHECK_STR (world->tree.subject, "second");
    CHECK_STR (shell (world, count), "2");
    CHECK_INT (forget (world, ROLE_SERVICE, url, true), OK);
    CHECK_INT (forget (world, ROLE_SERVICE, url, false), OK);
    CHECK_STR (shell (world, count), "0");
    CHECK_INT (forget (world, ROLE_SERVICE, address (world, ""), true), OK); // A folder has no mirror
    world_destroy (&world);
}

TEST (a_mirror_that_is_being_updated_is_not_removed)
{
    world_t *world = world_new (NULL);
    uint16_t port;
    int silent = listen_anywhere (&port);
    asking_t asking = {.world = world, .for_us = SECONDS (30)};
    asking.url = arena_printf (world->arena, "git://localhost:%u/x", port);
    ask_in_a_thread (&asking);
    int client = accept (silent, NULL, NULL); // git has come
    CHECK (client >= 0);
    CHECK_INT (forget (world, ROLE_SERVICE, asking.url, true), UNAVAILABLE);
    close (client);
    close (silent);
    asked (&asking);
    CHECK_INT (asking.fault, UNAVAILABLE);
    world_destroy (&world);
}

TEST (a_commit_that_is_there_already_is_read_although_its_host_is_gone)
{
    world_t *world = world_new (NULL);
    const char *url = served (world, "repository"),
               *first = shell (world, "git -C repository rev-parse HEAD");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    shell (world, "cd repository; git commit -q --allow-empty -m second");
    const char *second = shell (world, "git -C repository rev-parse HEAD");
    // Not there yet: it is fetched
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .sha = second, .ref = "trunk", .trusted = true}), OK);
    process_destroy (&world->daemon);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .sha = first, .ref = "trunk", .trusted = true}), OK);
    CHECK_STR (world->tree.subject, "First light");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .sha = second, .trusted = true}), OK);
    CHECK_STR (world->tree.ref, "refs/heads/trunk");
    CHECK (world->tree.is_tip);
    fetch_fails (world, &(scm_fetch_t){.url = url, .trusted = true}, UNAVAILABLE, "git: ");
    world_destroy (&world);
}

TEST (a_ref_beside_branches_and_tags_is_fetched_when_it_is_asked_for)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; git config uploadpack.allowFilter true; git checkout -q -b topic; echo 'on: [pull_request]' > .github/workflows/ci.yml;"
        "git commit -qam change; git update-ref refs/pull/7/merge HEAD; git checkout -q trunk; git branch -qD topic");
    const char *url = served (world, "repository"),
               *sha = shell (world, "git -C repository rev-parse refs/pull/7/merge");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "refs/pull/7/merge", .trusted = true}), OK);
    CHECK_STR (world->tree.sha, sha);
    CHECK (strstr (world->tree.files.items[0].text.data, "pull_request"));
    CHECK_INT (
        fetch (world, &(scm_fetch_t){.url = url, .ref = "refs/pull/7/merge", .sha = sha, .trusted = true}),
        OK);
    fetch_fails (world, &(scm_fetch_t){.url = url, .ref = "trunk", .sha = sha, .trusted = true}, INVALID,
                 "is not in refs/heads/trunk");
    fetch_fails (world, &(scm_fetch_t){.url = url, .ref = "refs/pull/8/merge", .trusted = true}, NOT_FOUND,
                 "no branch or tag refs/pull/8/merge");
    world_destroy (&world);
}

TEST (a_mirror_in_which_a_git_was_killed_is_repaired)
{
    world_t *world = world_new (NULL);
    const char *url = served (world, "repository");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    shell (world,
           "cd mirrors/[0-9a-f]*/; touch -d '1 hour ago' HEAD.lock packed-refs.lock refs/heads/trunk.lock "
           "refs/heads/gone.lock objects/pack/tmp_pack_abc");
    shell (world, "cd repository; git branch gone; git branch tmp_x; git commit -q --allow-empty -m second");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "trunk", .trusted = true}), OK);
    CHECK_STR (world->tree.subject, "second");
    shell (world, "cd mirrors/[0-9a-f]*/; ! test -e objects/pack/tmp_pack_abc; ! test -e packed-refs.lock");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = "tmp_x", .trusted = true}), OK);
    world_destroy (&world);
}

// ---- hosts that do not answer ----

static int accept_one (int listening)
{
    struct pollfd poller = {.fd = listening, .events = POLLIN};
    CHECK (poll (&poller, 1, 20000) == 1);
    return accept (listening, NULL, NULL);
}

static bool nobody_comes (int listening)
{
    struct pollfd poller = {.fd = listening, .events = POLLIN};
    return poll (&poller, 1, 100) == 0;
}

// Until so many requests wait in the service.
static void wait_for_waiting (int count)
{
    metric_t *waiting = metrics_gauge ("opencicd_turns", "service", "scm", "");
    int64_t until = test_until_us ();
    while (metric_read (waiting) < count && clock_monotonic_us () < until)
        poll (NULL, 0, 5);
    CHECK_INT (metric_read (waiting), count);
}

#define MANY 20

TEST (requests_during_a_fetch_share_the_one_fetch_that_follows)
{
    world_t *world = world_new (NULL);
    uint16_t port;
    int listening = listen_anywhere (&port);
    asking_t asking[MANY + 1] = {{0}};
    const char *url = arena_printf (world->arena, "git://127.0.0.1:%u/x.git", port);
    for (int i = 0; i <= MANY; i++)
        asking[i] = (asking_t){.world = world, .url = url};
    ask_in_a_thread (&asking[MANY]);
    int first = accept_one (listening);
    for (int i = 0; i < MANY; i++)
        ask_in_a_thread (&asking[i]);
    wait_for_waiting (MANY + 1);
    CHECK (nobody_comes (listening));
    close (first); // The first fetch fails, and only who asked before it began hears so
    asked (&asking[MANY]);
    CHECK_INT (asking[MANY].fault, UNAVAILABLE);
    int second = accept_one (listening);
    wait_for_waiting (MANY); // The others wait for what began after they asked
    close (second);
    for (int i = 0; i < MANY; i++) {
        asked (&asking[i]);
        CHECK_INT (asking[i].fault, UNAVAILABLE);
    }
    CHECK (nobody_comes (listening));
    close (listening);
    world_destroy (&world);
}

TEST (a_host_that_never_answers_holds_two_threads_and_delays_no_other_project)
{
    world_t *world = world_new (NULL);
    uint16_t port;
    int listening = listen_anywhere (&port);
    asking_t asking[MANY] = {{0}};
    const char *alive = served (world, "repository"); // At `localhost`: another host
    for (int i = 0; i < MANY; i++) {
        asking[i] = (asking_t){.world = world, .for_us = SECONDS (30)};
        asking[i].url = arena_printf (world->arena, "git://127.0.0.1:%u/%d.git", port, i);
        ask_in_a_thread (&asking[i]);
    }
    int held[2] = {accept_one (listening), accept_one (listening)};
    wait_for_waiting (MANY);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = alive, .trusted = true}), OK);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, ""), .trusted = true}), OK);
    CHECK (nobody_comes (listening));
    actor_destroy (&world->actor);
    for (int i = 0; i < MANY; i++) {
        asked (&asking[i]);
        CHECK_INT (asking[i].fault, UNAVAILABLE);
    }
    close (held[0]);
    close (held[1]);
    close (listening);
    world_destroy (&world);
}

TEST (a_clone_in_progress_is_reported_before_the_deadline_and_found_done_later)
{
    world_t *world = world_new (NULL);
    uint16_t port;
    int listening = listen_anywhere (&port);
    asking_t asking = {.world = world,
                       .url = arena_printf (world->arena, "git://127.0.0.1:%u/x.git", port),
                       .for_us = SECONDS (2)};
    ask_in_a_thread (&asking);
    int connected = accept_one (listening);
    asked (&asking);
    CHECK_INT (asking.fault, CONFLICT);
    CHECK (strstr (asking.detail, "the repository is still being cloned"));
    asking.for_us = SECONDS (60);
    ask_in_a_thread (&asking); // Joins the next one; the first goes on
    wait_for_waiting (1);
    close (connected);
    close (accept_one (listening));
    asked (&asking);
    CHECK_INT (asking.fault, UNAVAILABLE);
    close (listening);
    world_destroy (&world);
}

TEST (a_host_that_is_silent_for_long_is_given_up_with_a_reason)
{
    world_t *world = world_new (&(scm_options_t){.silence_us = MILLISECONDS (300)});
    uint16_t port;
    int listening = listen_anywhere (&port);
    const char *url = arena_printf (world->arena, "git://127.0.0.1:%u/x.git", port);
    fetch_fails (world, &(scm_fetch_t){.url = url, .trusted = true}, UNAVAILABLE,
                 "the remote does not answer");
    close (listening);
    world_destroy (&world);
}

TEST (a_service_that_is_stopped_does_not_wait_for_a_git_that_hangs)
{
    world_t *world = world_new (NULL);
    uint16_t port;
    int listening = listen_anywhere (&port);
    asking_t asking = {.world = world, .url = arena_printf (world->arena, "git://127.0.0.1:%u/x.git", port)};
    ask_in_a_thread (&asking);
    int connected = accept_one (listening); // It is there, and hears nothing
    actor_destroy (&world->actor); // Returns long before the fetch's own bound, or the test's time is over
    scm_destroy (&world->scm);
    asked (&asking);
    CHECK_INT (asking.fault, UNAVAILABLE);
    close (connected);
    close (listening);
    world_destroy (&world);
}
