/* Workflow files of repositories that are no projects here come from the sources that the operator lists, and from nowhere else. */

#include "tests/service/scm/world.h"

#include <string.h>

// At v1 its ci.yml is "on: push"; a branch of the same name has another one, and trunk a third.
#define MAKE                                                                                                   \
    "mkdir -p org; cp -r repository org/shared; cd org/shared; git tag v1; git checkout -q -b side;"           \
    "echo 'on: [issues]' > .github/workflows/ci.yml; git commit -qam side; git update-ref refs/heads/v1 HEAD;" \
    "git checkout -q trunk; echo 'on: [create]' > .github/workflows/ci.yml; git commit -qam third"

static fault_t call (world_t *world, const scm_called_t *ask, scm_called_files_t *out)
{
    scm_called_t full = *ask;
    full.repository = ask->repository ? ask->repository : "org/shared";
    full.site = ask->site ? ask->site : "";
    full.commit = ask->commit ? ask->commit : "";
    full.url = ask->url ? ask->url : "";
    full.name = ask->name ? ask->name : "own/project";
    world->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (60);
    world->turn.detail = NULL;
    *out = (scm_called_files_t){0};
    world->turn.caller.role = ROLE_SERVICE;
    return bus_client_call (world->client, &world->turn, MSG_scm_called, &full, out);
}

static void call_fails (world_t *world, const scm_called_t *ask, fault_t fault, const char *part)
{
    scm_called_files_t files;
    fault_t got = call (world, ask, &files);
    const char *detail = world->turn.detail ? world->turn.detail : "";
    if (got != fault || !strstr (detail, part))
        test_fail (__FILE__, __LINE__, "%s: %s: %s", ask->ref, fault_name (got), detail);
}

static const char *commit_of (world_t *world, const char *ref)
{
    return shell (world, arena_printf (world->arena, "git -C org/shared rev-parse '%s^{commit}'", ref));
}

// The text of its ci.yml.
static const char *called (world_t *world, const char *ref, const char *commit)
{
    scm_called_files_t files;
    fault_t fault = call (world, &(scm_called_t){.ref = ref}, &files);
    if (fault)
        test_fail (__FILE__, __LINE__, "%s: %s", ref, world->turn.detail ? world->turn.detail : "");
    CHECK_STR (files.sha, commit);
    CHECK_INT (files.files.count, 2);
    CHECK_STR (files.files.items[0].path, ".github/workflows/ci.yml");
    return arena_strndup (world->arena, files.files.items[0].text.data, files.files.items[0].text.size);
}

static void finds (const char *sources)
{
    world_t *world = world_new (&(scm_options_t){.sources = sources});
    shell (world, MAKE);
    CHECK_STR (called (world, "v1", commit_of (world, "refs/tags/v1")), "on: push\n");
    CHECK_STR (called (world, "refs/heads/v1", commit_of (world, "side")), "on: [issues]\n");
    CHECK_STR (called (world, "trunk", commit_of (world, "trunk")), "on: [create]\n");
    CHECK_STR (called (world, commit_of (world, "side"), commit_of (world, "side")), "on: [issues]\n");
    shell (world, "cd org/shared; git tag -a -m annotated v2 side");
    CHECK_STR (called (world, "v2", commit_of (world, "side")), "on: [issues]\n");
    call_fails (world, &(scm_called_t){.ref = "nope"}, NOT_FOUND, "no source has it; ");
    call_fails (world, &(scm_called_t){.ref = "v1", .repository = "org/none"}, NOT_FOUND, "org/none");
    call_fails (world, &(scm_called_t){.ref = "0123456789012345678901234567890123456789"}, NOT_FOUND,
                "commit 0123456789012345678901234567890123456789 cannot be fetched");
    world_destroy (&world);
}

TEST (a_called_repository_in_a_folder_of_the_list_is_read_a_tag_before_a_branch_of_its_name)
{
    finds ("FOLDER");
}

TEST (a_called_repository_elsewhere_is_fetched_a_tag_before_a_branch_of_its_name)
{
    finds ("/nowhere,SERVED");
}

TEST (a_commit_that_was_fetched_is_kept_and_nothing_else_is)
{
    world_t *world = world_new (&(scm_options_t){.sources = "SERVED"});
    shell (world, MAKE "; head -c 300000 /dev/urandom > big; git add big; git commit -qm big; git tag v3");
    const char *commit = commit_of (world, "v3");
    CHECK_STR (called (world, "v3", commit), "on: [create]\n");
    shell (world, "[ $(ls mirrors/called | wc -l) = 1 ]; [ $(du -sk mirrors/called | cut -f1) -lt 100 ]");
    shell (world, "rm -rf org");
    CHECK_STR (called (world, commit, commit), "on: [create]\n");
    world_destroy (&world);
}

TEST (what_is_locked_runs_while_its_source_is_away_and_a_move_is_reported)
{
    world_t *world = world_new (&(scm_options_t){.sources = "SERVED"});
    scm_called_files_t files;
    shell (world, MAKE);
    const char *first = commit_of (world, "v1"), *other = commit_of (world, "trunk");
    CHECK_STR (called (world, "v1", first), "on: push\n");
    CHECK_INT (call (world, &(scm_called_t){.ref = "v1", .commit = other}, &files), OK);
    CHECK_STR (files.sha, first);
    CHECK_INT (files.files.count, 0); // Not for running
    process_destroy (&world->daemon);
    CHECK_INT (call (world, &(scm_called_t){.ref = "v1", .commit = first}, &files), OK);
    CHECK_STR (files.sha, first);
    CHECK_INT (files.files.count, 2);
    CHECK (strstr (files.unseen, "git: "));
    call_fails (world, &(scm_called_t){.ref = "v1"}, NOT_FOUND, "a source cannot be asked; git://localhost");
    world_destroy (&world);
}

TEST (a_called_repository_comes_from_the_list_alone)
{
    world_t *world = world_new (&(scm_options_t){.sources = "forge,SERVED"});
    shell (world, MAKE);
    const char *site = arena_strndup (world->arena, served (world, ""), strlen (served (world, "")) - 1);
    scm_called_files_t files;
    call_fails (world, &(scm_called_t){.ref = "v1", .site = "https://evil.example"}, FORBIDDEN,
                "https://evil.example is not one of the sources that this server may use (action_sources)");
    CHECK_INT (call (world, &(scm_called_t){.ref = "v1", .site = site}, &files), OK);
    CHECK_STR (files.url, arena_printf (world->arena, "%s/org/shared", site));
    // What the operator lists is trusted, the forge only as much as the project: it may be nobody's but an administrator's
    const char *forge = arena_printf (world->arena, "%s/own/project", world->folder);
    call_fails (world, &(scm_called_t){.ref = "v1", .url = forge}, FORBIDDEN,
                "must be registered by an administrator");
    CHECK_INT (call (world, &(scm_called_t){.ref = "v1", .url = forge, .trusted = true}, &files), OK);
    CHECK_STR (files.url, arena_printf (world->arena, "%s/org/shared", world->folder));
    world_destroy (&world);
}

TEST (a_called_commit_that_is_too_large_is_not_fetched_to_its_end)
{
    world_t *world = world_new (&(scm_options_t){.sources = "SERVED", .called_bytes = 3 << 20});
    shell (world, MAKE "; head -c 50000000 /dev/urandom > big; git add big; git commit -qm big; git tag v3");
    call_fails (world, &(scm_called_t){.ref = "v3"}, TOO_LARGE, "its commit has more than 3 MiB");
    shell (world, "[ $(du -sk mirrors/called | cut -f1) -lt 100 ]"); // What had come is gone
    CHECK_STR (called (world, "v1", commit_of (world, "refs/tags/v1")), "on: push\n");
    world_destroy (&world);
}

TEST (without_sources_no_other_repository_is_called)
{
    world_t *world = world_new (&(scm_options_t){.sources = ""});
    call_fails (world, &(scm_called_t){.ref = "v1"}, INVALID, "there is no source of actions");
    world_destroy (&world);
}
