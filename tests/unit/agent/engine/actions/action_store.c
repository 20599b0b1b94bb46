/* action_store.c - actions from real git repositories: found, fetched, locked, copied. */

#include "agent/engine/actions/action_store.h"

#include "agent/engine/actions/action_cache.h"
#include "tests/unit/agent/engine/actions/action_world.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fault_t resolve (action_world_t *world, const char *job, const char *uses, action_found_t *out)
{
    action_store_t *store = action_world_store (world, job);
    world->turn.detail = NULL;
    fault_t fault = action_store_resolve (store, &world->turn, uses, NULL, NULL, out);
    action_store_destroy (&store);
    return fault;
}

static void check_found (action_world_t *world, const char *job, const char *uses, const char *version,
                         action_found_t *found)
{
    fault_t fault = resolve (world, job, uses, found);
    if (fault)
        test_fail (__FILE__, __LINE__, "%s: %s: %s", uses, fault_name (fault), world->turn.detail);
    CHECK_STR (action_world_read (world, found->root, "version"), version);
}

static void check_refused (action_world_t *world, const char *job, const char *uses, fault_t want,
                           const char *words)
{
    action_found_t found;
    CHECK_INT (resolve (world, job, uses, &found), want);
    if (!world->turn.detail || !strstr (world->turn.detail, words))
        test_fail (__FILE__, __LINE__, "\"%s\" does not say \"%s\"", world->turn.detail, words);
}

TEST (an_action_is_fetched_by_tag_branch_and_commit)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    const char *one = action_world_commit (&world, "own/act", "one");
    action_world_sh (&world, "cd actions/own/act; git tag v1; git tag -a -m x v1.0");
    const char *two = action_world_commit (&world, "own/act", "two");
    check_found (&world, "j1", "own/act@v1", "one\n", &found);
    CHECK_STR (found.commit, one);
    CHECK_STR (found.repository, "own/act");
    CHECK_STR (found.action->main.text, "index.js");
    CHECK_STR (found.folder, found.root);
    CHECK_STR (found.root, action_world_path (&world, "j1/own/act/v1"));
    check_found (&world, "j2", "own/act@v1.0", "one\n", &found); // An annotated tag is its commit
    CHECK_STR (found.commit, one);
    check_found (&world, "j3", "Own/Act/sub@main", "two\n", &found);
    CHECK_STR (found.commit, two);
    CHECK_STR (found.folder, action_world_path (&world, "j3/own/act/main/sub"));
    check_found (&world, "j4", arena_printf (world.arena, "own/act@%s", one), "one\n", &found);
    check_found (&world, "j5", "own/act@refs/heads/main", "two\n", &found);
    action_world_end (&world);
}

// The configuration of git that leads the host's name to a folder, and everybody else's of the same name elsewhere.
TEST (an_action_comes_from_the_server_that_it_names_and_from_no_other)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    const char *there = action_world_commit (&world, "there/Own/act", "there");
    action_world_commit (&world, "own/act", "here");
    const char *actions = action_world_path (&world, "actions");
    action_world_sh (&world, arena_printf (world.arena,
                                           "git config -f config url.%s/there/.insteadOf https://forge:3000/;"
                                           "git config -f config url.%s/none/.insteadOf https://gone/",
                                           actions, actions));
    world.settings.git_config = action_world_path (&world, "config");
    check_found (&world, "j1", "https://Forge:3000/Own/act@main", "there\n", &found);
    CHECK_STR (found.commit, there);
    CHECK_STR (found.repository, "Own/act");
    CHECK_STR (found.root, action_world_path (&world, "j1/%forge%3000/own/act/main"));
    CHECK_STR (world.pins[0].key, "https://forge:3000/own/act@main");
    check_found (&world, "j1", "own/act@main", "here\n", &found);
    check_refused (&world, "j2", "https://gone/own/act@main", NOT_FOUND, "no source has this action");
    action_world_end (&world);
}

TEST (a_tag_is_taken_before_a_branch_of_its_name)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "tagged");
    action_world_sh (&world, "cd actions/own/act; git tag same");
    action_world_commit (&world, "own/act", "branched");
    action_world_sh (&world, "cd actions/own/act; git branch same");
    check_found (&world, "j1", "own/act@same", "tagged\n", &found);
    action_world_end (&world);
}

TEST (what_a_job_does_to_its_copy_no_other_job_meets)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    action_world_sh (
        &world,
        "cd actions/own/act; printf '#!/bin/sh\\n' >run; chmod +x run; ln -s version link; git add -A;"
        " git commit -qm run");
    check_found (&world, "j1", "own/act@main", "one\n", &found);
    action_world_sh (&world,
                     arena_printf (world.arena, "cd %s; echo evil >version; rm action.yml", found.root));
    check_found (&world, "j2", "own/act@main", "one\n", &found);
    CHECK_STR (action_world_sh (&world, "test -x j2/own/act/main/run; readlink j2/own/act/main/link"),
               "version");
    action_world_end (&world);
}

TEST (a_commit_that_is_cached_runs_where_no_source_can_be_reached)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    check_found (&world, "j1", "own/act@main", "one\n", &found);
    world.settings.sources = "http://127.0.0.1:9/closed"; // Discard: nobody listens
    check_found (&world, "j2", "own/act@main", "one\n", &found);
    CHECK (strstr (world.log, "own/act@main cannot be looked up; commit "));
    check_found (&world, "j3", arena_printf (world.arena, "own/act@%s", found.commit), "one\n", &found);
    check_refused (&world, "j4", "own/act@other", UNAVAILABLE,
                   "a source of actions cannot be asked\n  http://127.0.0.1:9/");
    action_world_end (&world);
}

TEST (the_first_use_of_a_tag_locks_it_and_a_moved_one_is_refused_with_both_commits)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    const char *one = action_world_commit (&world, "own/act", "one");
    action_world_sh (&world, "cd actions/own/act; git tag v1");
    check_found (&world, "j1", "own/act@v1", "one\n", &found);
    CHECK_INT (world.pin_count, 1);
    CHECK_STR (world.pins[0].key, "own/act@v1");
    CHECK_STR (world.pins[0].commit, one);
    const char *two = action_world_commit (&world, "own/act", "two");
    action_world_sh (&world, "cd actions/own/act; git tag -f v1");
    check_refused (
        &world, "j2", "own/act@v1", CONFLICT,
        arena_printf (world.arena,
                      "own/act@v1 was moved: it is locked to commit %s and is now commit %s. If you trust "
                      "the new one: opencicd actions accept site own/act@v1",
                      one, two));
    CHECK_STR (world.moved_to, two);
    world.pins[0].commit = two; // Accepted
    check_found (&world, "j3", "own/act@v1", "two\n", &found);
    action_world_end (&world);
}

TEST (a_job_that_lost_the_race_for_the_first_use_is_refused)
{
    action_world_t world;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    const char *other = "0123456789abcdef0123456789abcdef01234567";
    world.pins[0].key = "own/act@main"; // Another job's, found elsewhere
    world.pins[0].commit = other;
    world.pins[0].source = PIN_RECORD;
    world.pin_count = 1;
    check_refused (&world, "j1", "own/act@main", CONFLICT, other);
    action_world_end (&world);
}

TEST (what_a_lock_file_names_runs_wherever_the_tag_is_and_what_it_lacks_does_not)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    const char *one = action_world_commit (&world, "own/act", "one");
    action_world_commit (&world, "own/act", "two");
    world.pins[0].key = "own/act@main";
    world.pins[0].commit = one;
    world.pins[0].source = PIN_FILE;
    world.pins[1].key = "own/act@v9";
    world.pins[1].commit = "";
    world.pins[1].source = PIN_MISSING;
    world.pin_count = 2;
    check_found (&world, "j1", "own/act@main", "one\n", &found);
    check_refused (&world, "j2", "own/act@v9", CONFLICT,
                   "own/act@v9 is not in the lock file of this repository");
    action_world_end (&world);
}

TEST (sources_are_asked_in_order_and_all_of_them_are_named_where_none_has_it)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    action_world_sh (&world, "mkdir first second; git clone -q --bare actions/own/act second/act.git;"
                             " mkdir second/own; mv second/act.git second/own/act.git");
    world.settings.sources = arena_printf (world.arena, "%s/first,%s/second forge", world.root, world.root);
    check_found (&world, "j1", "own/act@main", "one\n", &found); // A folder's .git ending is found
    check_refused (&world, "j2", "own/none@v1", NOT_FOUND, "own/none@v1: no source has this action\n  ");
    CHECK (strstr (world.turn.detail, "/first/own/none: git: ") &&
           strstr (world.turn.detail, "/second/own/none: git: "));
    check_refused (&world, "j3", "own/act@v7", NOT_FOUND, "it has no tag or branch \"v7\"");
    check_refused (&world, "j4", "own/act@ffffffffffffffffffffffffffffffffffffffff", NOT_FOUND,
                   "commit ffffffffffffffffffffffffffffffffffffffff cannot be fetched\n  ");
    world.settings.sources =
        arena_printf (world.arena, "%s/{repository}.git", action_world_path (&world, "second"));
    check_found (&world, "j5", "own/act@main", "one\n", &found);
    action_world_end (&world);
}

TEST (a_list_of_sources_that_is_malformed_or_runs_a_program_is_refused)
{
    action_world_t world;
    action_world_begin (&world);
    world.settings.sources = "ext::sh -c x";
    check_refused (&world, "j1", "own/act@v1", INVALID, "action_sources: \"ext::sh\" is neither a URL nor");
    world.settings.sources = "forge";
    check_refused (&world, "j2", "own/act@v1", INVALID, "action_sources: there is no source");
    world.settings.sources = "-x";
    check_refused (&world, "j3", "own/act@v1", INVALID, "action_sources: \"-x\" is neither");
    action_world_end (&world);
}

TEST (actions_of_the_workspace_are_read_where_they_are)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_sh (
        &world,
        "mkdir -p workspace/a/b workspace/docker workspace/bad; echo 'runs: {using: composite, steps: []}' >"
        "workspace/a/b/action.yaml; touch workspace/docker/Dockerfile;"
        " echo 'runs: {using: node20}' >workspace/bad/action.yml");
    CHECK_INT (resolve (&world, "j1", "./a/b", &found), OK);
    CHECK_STR (found.folder, action_world_path (&world, "workspace/a/b"));
    CHECK_INT (found.action->kind, ACTION_COMPOSITE);
    CHECK_STR (found.repository, "");
    CHECK_INT (resolve (&world, "j1", "./docker", &found), OK);
    CHECK_INT (found.action->kind, ACTION_DOCKER);
    CHECK_STR (found.action->image.text, "Dockerfile");
    check_refused (&world, "j1", "./none", NOT_FOUND,
                   "./none: there is no action.yml, action.yaml or Dockerfile in ");
    CHECK (strstr (world.turn.detail, "is actions/checkout run before this step?"));
    check_refused (&world, "j1", "./bad", INVALID, "./bad: action.yml:1:7: \"runs\" needs");
    CHECK (access (world.settings.cache, F_OK) != 0); // Nothing was fetched
    CHECK_INT (resolve (&world, "j1", "docker://alpine:3", &found), OK);
    CHECK (!found.action);
    check_refused (&world, "j1", "own/act", INVALID, "names no version");
    action_world_end (&world);
}

TEST (a_dollar_path_is_the_workflows_repository_at_its_commit_or_the_actions_own)
{
    action_world_t world;
    action_found_t own, found, inner;
    action_world_begin (&world);
    const char *one = action_world_commit (&world, "me/site", "one");
    action_world_commit (&world, "me/site", "two");
    action_world_commit (&world, "own/act", "act");
    world.options.repository = action_world_path (&world, "actions/me/site");
    world.options.name = "me/site";
    world.options.sha = one;
    check_found (&world, "j1", "$/sub", "one\n", &own);
    CHECK_STR (own.commit, one);
    CHECK_STR (own.repository, "me/site");
    action_store_t *store = action_world_store (&world, "j2");
    CHECK_INT (action_store_resolve (store, &world.turn, "own/act@main", NULL, NULL, &found), OK);
    CHECK_INT (action_store_resolve (store, &world.turn, "$/sub", &found, NULL, &inner), OK);
    CHECK_STR (inner.folder, arena_printf (world.arena, "%s/sub", found.root));
    CHECK_STR (inner.repository, "own/act");
    CHECK_INT (action_store_resolve (store, &world.turn, "$/sub", NULL, NULL, &inner), OK);
    CHECK_STR (action_world_read (&world, inner.root, "version"), "one\n");
    action_store_destroy (&store);
    world.options.repository = "";
    check_refused (&world, "j3", "$/sub", INVALID, "this job belongs to no repository");
    action_world_end (&world);
}

TEST (an_action_is_copied_once_for_a_job)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    action_store_t *store = action_world_store (&world, "j1");
    CHECK_INT (action_store_resolve (store, &world.turn, "own/act@main", NULL, NULL, &found), OK);
    action_world_commit (&world, "own/act", "two"); // What moves in the middle of a job does not matter to it
    CHECK_INT (action_store_resolve (store, &world.turn, "OWN/act/sub@main", NULL, NULL, &found), OK);
    CHECK_STR (action_world_read (&world, found.root, "version"), "one\n");
    action_store_destroy (&store);
    action_world_end (&world);
}

TEST (a_cancel_ends_a_fetch_and_leaves_nothing)
{
    action_world_t world;
    action_found_t found;
    cancel_t *cancel;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    CHECK_INT (cancel_new (&cancel), OK);
    cancel_ask (cancel, false);
    action_store_t *store = action_world_store (&world, "j1");
    CHECK_INT (action_store_resolve (store, &world.turn, "own/act@main", NULL, cancel, &found), UNAVAILABLE);
    CHECK (strstr (world.turn.detail, "it was cancelled"));
    CHECK_STR (action_world_sh (&world, "ls cache/new cache/refs"), "cache/new:\n\ncache/refs:");
    action_store_destroy (&store);
    cancel_destroy (&cancel);
    action_world_end (&world);
}

TEST (a_ref_is_not_looked_up_again_within_its_seconds)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    world.settings.ref_seconds = 3600;
    check_found (&world, "j1", "own/act@main", "one\n", &found);
    action_world_commit (&world, "own/act", "two");
    check_found (&world, "j2", "own/act@main", "one\n", &found);
    world.settings.ref_seconds = 0;
    check_refused (&world, "j3", "own/act@main", CONFLICT, "was moved");
    action_world_end (&world);
}

TEST (a_submodule_or_a_filter_of_an_action_runs_nothing)
{
    action_world_t world;
    action_found_t found;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    action_world_sh (
        &world, "cd actions/own/act; echo '* filter=evil' >.gitattributes; git config filter.evil.smudge "
                "'touch ../../../ran; cat'; mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch "
                "../../../ran\\n' >.git/hooks/post-checkout; chmod +x .git/hooks/post-checkout;"
                " git add -A; git commit -qm x");
    check_found (&world, "j1", "own/act@main", "one\n", &found);
    CHECK (access (action_world_path (&world, "ran"), F_OK) != 0);
    action_world_end (&world);
}

static fault_t no_answer (void *self, turn_t *turn, const char *key, const char *commit, pin_t *out)
{
    (void) self;
    (void) key;
    (void) commit;
    (void) out;
    return turn_fail (turn, UNAVAILABLE, "the server is away");
}

TEST (nothing_runs_where_the_record_cannot_be_asked)
{
    action_world_t world;
    action_world_begin (&world);
    action_world_commit (&world, "own/act", "one");
    world.port.look = no_answer;
    check_refused (&world, "j1", "own/act@main", UNAVAILABLE,
                   "own/act@main: the commit it is locked to cannot be determined: the server is away");
    action_world_end (&world);
}
