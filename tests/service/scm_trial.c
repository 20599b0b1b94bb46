/* Trials: a commit that is in no repository is kept as a bundle, read with its workflow files, and gone when it is dropped. */

#include "tests/service/scm/world.h"
#include "tests/unit/folder.h"

#include <stdio.h>
#include <string.h>

#define ID "y0000000000000000001x"

static fault_t say (world_t *world, role_t role, uint16_t number, const void *ask, void *answer)
{
    world->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (60);
    world->turn.detail = NULL;
    world->turn.caller = (caller_t){.role = role, .subject = "scheduler"};
    fault_t fault = bus_client_call (world->client, &world->turn, number, ask, answer);
    world->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    return fault;
}

static fault_t put (world_t *world, uint32_t part, const void *data, size_t size)
{
    done_t done;
    return say (world, ROLE_SERVICE, MSG_scm_trial_put,
                &(scm_trial_put_t){.trial = ID, .part = part, .data = {data, size}}, &done);
}

// A bundle of the branch `trial` on what the repository has, which git makes; in the parts in which it is sent.
static void send (world_t *world, const char *script)
{
    static char data[3 * MAX_PART];
    shell (world, arena_printf (world->arena, "%s; git bundle create -q ../sent trial ^trunk", script));
    FILE *file = fopen (arena_printf (world->arena, "%s/sent", world->folder), "rb");
    size_t size = fread (data, 1, sizeof data, file);
    fclose (file);
    for (uint32_t part = 0; part * (size_t) MAX_PART < size; part++)
        CHECK_INT (
            put (world, part, data + part * (size_t) MAX_PART,
                 size - part * (size_t) MAX_PART < MAX_PART ? size - part * (size_t) MAX_PART : MAX_PART),
            OK);
}

// The commit is in a clone: what is read knows it from the bundle alone.
#define CLONE                                                                                      \
    "git clone -q repository clone; cd clone; git config user.name a; git config user.email a@b; " \
    "git checkout -q -b trial; echo 'on: [push, fork]' > .github/workflows/new.yml; "
#define COMMIT "git add .; git commit -qm Trial"

static world_t *begin (blob_t **blob)
{
    char folder[256];
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    test_folder (folder, sizeof folder);
    CHECK_INT (blob_open (blob, arena_printf (arena, "dir:%s", folder), &turn), OK);
    arena_destroy (&arena);
    return world_new (&(scm_options_t){.blob = *blob, .private_networks = PRIVATE_FOR_EVERYBODY});
}

static void end (world_t **world, blob_t **blob)
{
    world_destroy (world);
    blob_close (blob);
}

TEST (a_trial_is_read_with_the_files_that_its_repository_has)
{
    blob_t *blob;
    world_t *world = begin (&blob);
    send (world, CLONE "head -c 5000000 /dev/urandom > large; " COMMIT); // Of two parts
    const char *sha = shell (world, "git -C clone rev-parse trial");
    const char *urls[] = {address (world, ""), served (world, "repository")};
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT (fetch (world, &(scm_fetch_t){.url = urls[i], .trusted = true, .trial = ID}), OK);
        const scm_tree_t *tree = &world->tree;
        CHECK_STR (tree->sha, sha);
        CHECK_STR (tree->ref, "refs/opencicd/try/" ID);
        CHECK_STR (tree->default_branch, "trunk");
        CHECK_STR (tree->subject, "Trial");
        CHECK (!tree->is_tip); // Its schedules are not the project's
        CHECK_INT (tree->files.count, 3);
        CHECK_STR (tree->files.items[1].path, ".github/workflows/new.yml");
    }
    CHECK_STR (shell (world, "ls -d mirrors/trial-* 2>/dev/null || echo none"), "none");
    CHECK_STR (shell (world, arena_printf (world->arena,
                                           "git -C repository cat-file -t %s 2>/dev/null || echo none", sha)),
               "none");
    end (&world, &blob);
}

TEST (a_bundle_is_given_back_as_it_was_and_gone_once_it_is_dropped)
{
    blob_t *blob;
    world_t *world = begin (&blob);
    trial_bytes_t got;
    done_t done;
    send (world, CLONE "head -c 5000000 /dev/urandom > large; " COMMIT);
    const char *sum = shell (world, "sha256sum < sent | cut -c1-64");
    int64_t at = 0;
    FILE *file = fopen (arena_printf (world->arena, "%s/got", world->folder), "wb");
    do {
        const scm_trial_read_t ask = {.trial = ID, .offset = at, .size = MAX_CHUNK};
        CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_read, &ask, &got), OK);
        fwrite (got.data.data, 1, got.data.size, file);
        at += (int64_t) got.data.size;
    } while (at < got.size && got.data.size > 0);
    fclose (file);
    CHECK_STR (shell (world, "sha256sum < got | cut -c1-64"), sum);
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ID}, &done), OK);
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ID}, &done), OK);
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_read, &(scm_trial_read_t){.trial = ID}, &got),
               NOT_FOUND);
    fetch_fails (world, &(scm_fetch_t){.url = address (world, ""), .trusted = true, .trial = ID}, NOT_FOUND,
                 "there is no bundle of trial " ID);
    end (&world, &blob);
}

TEST (a_trial_that_cannot_be_run_is_refused_with_the_reason)
{
    blob_t *blob;
    world_t *world = begin (&blob);
    done_t done;
    const scm_fetch_t ask = {.url = address (world, ""), .trusted = true, .trial = ID};
    // On a commit that the repository never had
    send (world, CLONE COMMIT "; git branch -f trunk; echo more > more; " COMMIT);
    fetch_fails (world, &ask, INVALID, "on which it builds");
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ID}, &done), OK);
    CHECK_INT (put (world, 0, "PACK, but no head", 17), OK);
    fetch_fails (world, &ask, INVALID, "not a git bundle");
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ID}, &done), OK);
    static const char broken[] =
        "# v2 git bundle\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa refs/heads/a\n\nPACKno";
    CHECK_INT (put (world, 0, broken, sizeof broken - 1), OK);
    fetch_fails (world, &ask, INVALID, "git: ");
    CHECK_STR (shell (world, "find . -name 'trial-*' | wc -l"), "0");
    end (&world, &blob);
}

TEST (only_services_put_and_read_bundles)
{
    blob_t *blob;
    world_t *world = begin (&blob);
    trial_bytes_t got;
    done_t done;
    CHECK_INT (say (world, ROLE_DEVELOPER, MSG_scm_trial_put, &(scm_trial_put_t){.trial = ID}, &done),
               FORBIDDEN);
    CHECK_INT (say (world, ROLE_JOB, MSG_scm_trial_read, &(scm_trial_read_t){.trial = ID}, &got), FORBIDDEN);
    CHECK_INT (say (world, ROLE_ADMIN, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ID}, &done),
               FORBIDDEN);
    CHECK_INT (say (world, ROLE_SERVICE, MSG_scm_trial_put, &(scm_trial_put_t){.trial = "../x"}, &done),
               INVALID);
    end (&world, &blob);
}

TEST (the_commits_that_a_repository_has_are_distinguished_from_others)
{
    world_t *world = world_new (NULL);
    const char *sha = shell (world, "git -C repository rev-parse HEAD");
    const char *have[] = {"ffffffffffffffffffffffffffffffffffffffff", sha, "not hex"};
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, ""), .trusted = true, .have = {have, 3}}),
               OK);
    CHECK_INT (world->tree.known.count, 1);
    CHECK_STR (world->tree.known.items[0], sha);
    world_destroy (&world);
}
