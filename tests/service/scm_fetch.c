/* Workflow files, commits and comparisons are read from a folder of this machine, without a git that runs in it. */

#include "tests/service/scm/world.h"

#include <string.h>

TEST (the_workflow_files_of_a_branch_are_read_with_their_commit)
{
    world_t *world = world_new (NULL);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, ""), .trusted = true}), OK);
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
    world_t *world = world_new (NULL);
    const scm_fetch_t ask = {.url = address (world, ""), .trusted = true, .ref = "trunk"};
    CHECK_INT (fetch (world, &ask), OK);
    const char *before = world->tree.sha;
    shell (world, "cd repository; echo a > 'a b'; echo c > c; git add .; git commit -qm second; git gc -q");
    CHECK_INT (fetch (world, &ask), OK);
    CHECK_STR (world->tree.sha, shell (world, "git -C repository rev-parse HEAD"));
    CHECK_STR (world->tree.subject, "second");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = ask.url, .before = before, .trusted = true}), OK);
    CHECK (world->tree.compared);
    CHECK_INT (world->tree.changed.count, 2);
    CHECK_STR (world->tree.changed.items[0], "a b");
    world_destroy (&world);
}

TEST (the_commits_of_a_push_are_listed_and_whether_it_was_forced)
{
    world_t *world = world_new (NULL);
    const scm_fetch_t ask = {.url = address (world, ""), .trusted = true, .ref = "trunk"};
    CHECK_INT (fetch (world, &ask), OK);
    const char *before = world->tree.sha;
    CHECK_INT (world->tree.commits.count, 1);
    CHECK_STR (world->tree.commits.items[0].id, before);
    CHECK_STR (world->tree.commits.items[0].message, "First light\n\nand more");
    CHECK_INT (world->tree.parents.count, 0);
    shell (world,
           "cd repository; git commit -q --allow-empty -m second; git commit -q --allow-empty -m third");
    const scm_fetch_t again = {.url = ask.url, .before = before, .trusted = true};
    CHECK_INT (fetch (world, &again), OK);
    const scm_tree_t *tree = &world->tree;
    CHECK_INT (tree->commits.count, 2);
    CHECK_STR (tree->commits.items[0].message, "second");
    CHECK_STR (tree->commits.items[1].id, tree->sha);
    CHECK_STR (tree->commits.items[1].tree, shell (world, "git -C repository rev-parse 'HEAD^{tree}'"));
    CHECK_STR (tree->commits.items[1].committed_at,
               shell (world, "git -C repository log -1 --date=iso-strict-local "
                             "--format=%cI"));
    CHECK_STR (tree->parents.items[0], tree->commits.items[0].id);
    CHECK (!tree->forced);
    const char *lost = tree->sha;
    shell (world, "cd repository; git reset -q --hard HEAD~1; git commit -q --allow-empty -m other");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = ask.url, .before = lost, .trusted = true}), OK);
    CHECK (world->tree.forced);
    CHECK_INT (world->tree.commits.count, 1);
    CHECK_STR (world->tree.commits.items[0].message, "other");
    world_destroy (&world);
}

TEST (what_git_has_in_another_encoding_than_utf8_is_given_as_utf8)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; cp .github/workflows/ci.yml \"$(printf '.github/workflows/caf\\351.yml')\"; git add .;"
        " name=$(printf 'A%0253d\\303\\251' 0); printf 'caf\\351\\n\\nna\\357ve\\n' | git"
        " -c i18n.commitEncoding=ISO-8859-1 -c user.name=\"$name\" commit -qF -");
    const scm_fetch_t ask = {.url = address (world, ""), .trusted = true};
    CHECK_INT (fetch (world, &ask), OK);
    const scm_tree_t *tree = &world->tree;
    CHECK_STR (tree->subject, "caf\xef\xbf\xbd");
    CHECK_STR (tree->message, "caf\xef\xbf\xbd\n\nna\xef\xbf\xbdve\n");
    CHECK_STR (tree->commits.items[0].message, "caf\xef\xbf\xbd\n\nna\xef\xbf\xbdve");
    CHECK_INT (strlen (tree->author), 254); // Of 256 bytes, the last two of which are one character
    CHECK_INT (strlen (tree->commits.items[0].committer), 254);
    CHECK_INT (tree->files.count, 3);
    CHECK_STR (tree->files.items[0].path, ".github/workflows/caf\xef\xbf\xbd.yml");
    world_destroy (&world);
}

TEST (a_workflow_file_that_is_too_large_is_named)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; head -c 1100000 /dev/zero | tr '\\0' ' ' > .github/workflows/big.yml; git add .; git commit -qm big");
    const scm_fetch_t ask = {.url = address (world, "file://"), .trusted = true};
    CHECK_INT (fetch (world, &ask), TOO_LARGE);
    CHECK (strstr (world->turn.detail, ".github/workflows/big.yml is larger than"));
    shell (world, "cd repository; git rm -q .github/workflows/big.yml; git commit -qm small");
    CHECK_INT (fetch (world, &ask), OK); // And goes on
    world_destroy (&world);
}

TEST (a_git_that_was_killed_is_started_again)
{
    world_t *world = world_new (NULL);
    const scm_fetch_t ask = {.url = address (world, ""), .trusted = true};
    CHECK_INT (fetch (world, &ask), OK);
    shell (
        world,
        "n=0; for p in $(grep -lzx \"GIT_OBJECT_DIRECTORY=$PWD/repository/.git/objects\" /proc/[0-9]*/environ 2>/dev/null); "
        "do p=${p#/proc/}; kill -9 ${p%/environ}; n=$((n+1)); done; [ $n -ge 1 ]");
    CHECK_INT (fetch (world, &ask), OK);
    world_destroy (&world);
}

TEST (what_is_not_there_is_refused_with_the_reason)
{
    world_t *world = world_new (NULL);
    const char *good = address (world, "");
    shell (world, "git init -q -b main empty; mkdir plain");
    struct {
        scm_fetch_t ask;
        fault_t fault;
        const char *part; // Of the words
    } cases[] = {
        {{.url = "/nowhere"}, NOT_FOUND, "there is no folder /nowhere"},
        {{.url = arena_printf (world->arena, "%s/plain", world->folder)}, INVALID, "is not a git repository"},
        {{.url = arena_printf (world->arena, "%s/empty", world->folder)},
         NOT_FOUND,
         "no commit on refs/heads/main yet"},
        {{.url = good, .ref = "nope"}, NOT_FOUND, "no branch or tag nope"},
        {{.url = good, .ref = "refs/tags/does-not-exist-v1"},
         NOT_FOUND,
         "no branch or tag refs/tags/does-not-exist-v1"},
        {{.url = good, .ref = "HEAD"}, NOT_FOUND, "no branch or tag HEAD"},
        {{.url = good, .ref = "a..b"}, INVALID, "not the name of a branch"},
        {{.url = good, .ref = "trunk:README"}, INVALID, "not the name of a branch"},
        {{.url = good, .ref = "-x"}, INVALID, "not the name of a branch"},
        {{.url = good, .ref = "refs/heads/../../HEAD"}, INVALID, "not the name of a branch"},
        {{.url = good, .sha = "0000000000"}, NOT_FOUND, "the repository has no commit 0000000000"},
        {{.url = good, .sha = "HEAD"}, INVALID, "not the name of a commit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cases[i].ask.trusted = true;
        fetch_fails (world, &cases[i].ask, cases[i].fault, cases[i].part);
    }
    world_destroy (&world);
}

TEST (refs_are_found_wherever_git_keeps_them)
{
    world_t *world = world_new (NULL);
    const char *first = shell (world, "git -C repository rev-parse HEAD");
    shell (
        world,
        "cd repository; git tag -a -m v1 v1; git branch a/b; git commit -q --allow-empty -m second; git branch side;"
        "git update-ref refs/pull/7/merge HEAD; git symbolic-ref refs/heads/alias refs/heads/side; git pack-refs --all;"
        "git commit -q --allow-empty -m third; git branch -f side; git worktree add -q ../tree a/b;"
        "git clone -q --bare . ../bare.git; cp -r ../bare.git '../a space'");
    const char *third = shell (world, "git -C repository rev-parse HEAD");
    const struct {
        const char *place, *ref, *full, *sha;
    } rows[] = {
        {"repository", "v1", "refs/tags/v1", first},
        {"repository", "a/b", "refs/heads/a/b", first},
        {"repository", "side", "refs/heads/side", third},
        {"repository", "alias", "refs/heads/alias", third},
        {"repository", "refs/heads/trunk", "refs/heads/trunk", third},
        {"repository/.git", "", "refs/heads/trunk", third},
        {"tree", "", "refs/heads/a/b", first},
        {"tree", "side", "refs/heads/side", third},
        {"bare.git", "", "refs/heads/trunk", third},
        {"a space", "v1", "refs/tags/v1", first},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *url = arena_printf (world->arena, "%s/%s", world->folder, rows[i].place);
        CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .ref = rows[i].ref, .trusted = true}), OK);
        CHECK_STR (world->tree.ref, rows[i].full);
        CHECK_STR (world->tree.sha, rows[i].sha);
    }
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = arena_printf (world->arena, "file://%s/a%%20space",
                                                                 world->folder),
                                            .trusted = true}),
               OK);
    CHECK_INT (
        fetch (world,
               &(scm_fetch_t){.url = address (world, ""), .ref = "refs/pull/7/merge", .trusted = true}),
        OK);
    CHECK_STR (world->tree.subject, "second");
    world_destroy (&world);
}

TEST (a_repository_of_sha256_names_is_read)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "git init -q -b main --object-format=sha256 long; cd long; mkdir -p .github/workflows; echo 'on: push' > .github/workflows/a.yml;"
        "git add .; git -c user.name=a -c user.email=a@b commit -qm one");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = arena_printf (world->arena, "%s/long", world->folder),
                                            .trusted = true}),
               OK);
    CHECK_INT (strlen (world->tree.sha), 64);
    CHECK_INT (world->tree.files.count, 1);
    world_destroy (&world);
}

TEST (a_commit_must_be_in_the_ref_that_is_named_with_it)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; git tag v1; git checkout -q -b evil; git commit -q --allow-empty -m evil; git checkout -q trunk;"
        "git commit -q --allow-empty -m good");
    const char *first = shell (world, "git -C repository rev-parse v1"),
               *evil = shell (world, "git -C repository rev-parse evil"),
               *good = shell (world, "git -C repository rev-parse trunk");
    const struct {
        const char *sha, *ref;
        fault_t fault;
        const char *full;
        bool is_tip;
    } rows[] = {
        {good, "trunk", OK, "refs/heads/trunk", true},
        {first, "trunk", OK, "refs/heads/trunk", false},
        {evil, "trunk", INVALID, "", false},
        {evil, "refs/heads/trunk", INVALID, "", false},
        {good, "evil", INVALID, "", false},
        {evil, "evil", OK, "refs/heads/evil", false},
        {first, "v1", OK, "refs/tags/v1", false},
        {good, "v1", INVALID, "", false},
        {evil, "refs/tags/does-not-exist", NOT_FOUND, "", false},
        {evil, "", OK, "", false}, // Of no ref that is known
        {first, "", OK, "refs/heads/trunk", false},
        {good, "", OK, "refs/heads/trunk", true},
        {"", "evil", OK, "refs/heads/evil", false},
        {"", "", OK, "refs/heads/trunk", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const scm_fetch_t ask = {
            .url = address (world, ""), .ref = rows[i].ref, .sha = rows[i].sha, .trusted = true};
        fault_t fault = fetch (world, &ask);
        if (fault != rows[i].fault)
            test_fail (__FILE__, __LINE__, "row %zu: %s %s", i, fault_name (fault), world->turn.detail);
        if (fault == OK) {
            CHECK_STR (world->tree.ref, rows[i].full);
            CHECK_INT (world->tree.is_tip, rows[i].is_tip);
        }
    }
    world_destroy (&world);
}

// Commits that many empty files in a folder, which are in no working tree: thousands would cost more than what is tested. $d is a long name.
static void commit_paths (world_t *world, const char *folder, int count)
{
    shell (world,
           arena_printf (
               world->arena,
               "cd repository; d=$(printf 'd%%.0s' $(seq 240)); e=$(git hash-object -w --stdin </dev/null); "
               "seq %d | sed \"s|.*|100644 $e\\t%s/&|\" | git update-index --index-info; "
               "git commit -qm many",
               count, folder));
}

TEST (what_cannot_be_compared_whole_is_unknown_and_fails_nothing)
{
    world_t *world = world_new (NULL);
    const char *before = shell (world, "git -C repository rev-parse HEAD");
    commit_paths (world, "a", 9999);
    scm_fetch_t ask = {.url = address (world, ""), .before = before, .trusted = true};
    CHECK_INT (fetch (world, &ask), OK);
    CHECK (world->tree.compared);
    CHECK_STR (world->tree.uncompared, "");
    commit_paths (world, "z", 1);
    CHECK_INT (fetch (world, &ask), OK);
    CHECK (world->tree.compared); // 10000 are listed whole
    CHECK_INT (world->tree.changed.count, 10000);
    commit_paths (world, "y", 1);
    CHECK_INT (fetch (world, &ask), OK);
    CHECK (!world->tree.compared);
    CHECK_INT (world->tree.changed.count, 0);
    CHECK (strstr (world->tree.uncompared, "more than 10000 paths"));
    ask.before = "00000000aa";
    CHECK_INT (fetch (world, &ask), OK);
    CHECK (!world->tree.compared && strstr (world->tree.uncompared, "00000000aa cannot be compared with it"));
    ask.before = "0000000000000000000000000000000000000000";
    CHECK_INT (fetch (world, &ask), OK);
    CHECK (!world->tree.compared && *world->tree.uncompared);
    ask.before = "";
    CHECK_INT (fetch (world, &ask), OK);
    CHECK_STR (world->tree.uncompared, "");
    world_destroy (&world);
}

TEST (more_bytes_of_changed_paths_than_are_read_are_unknown)
{
    world_t *world = world_new (NULL);
    const char *before = shell (world, "git -C repository rev-parse HEAD");
    // 3000 paths of some 1500 bytes
    commit_paths (world, "$d/$d/$d/$d/$d/$d", 3000);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, ""), .before = before, .trusted = true}),
               OK);
    CHECK (!world->tree.compared && *world->tree.uncompared);
    world_destroy (&world);
}

TEST (nothing_that_a_repository_names_is_run)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "printf '#!/bin/sh\\ntouch %s/run\\n' $PWD > evil.sh; chmod +x evil.sh; cd repository; b=$(git rev-parse HEAD:.github/workflows/ci.yml);"
        "git config core.fsmonitor $PWD/../evil.sh; git config core.sshCommand ../evil.sh; git config diff.external ../evil.sh;"
        "git config core.pager ../evil.sh; git config core.alternateRefsCommand ../evil.sh; git config uploadpack.packObjectsHook ../evil.sh;"
        "git config core.repositoryFormatVersion 1; git config extensions.partialClone origin; git config remote.origin.promisor true;"
        "git config remote.origin.url ssh://nowhere/x; git config remote.origin.uploadpack $PWD/../evil.sh;"
        "echo '* diff=evil' > .gitattributes; mkdir -p .git/hooks; cp ../evil.sh .git/hooks/post-checkout;"
        "rm -f .git/objects/$(echo $b | cut -c1-2)/$(echo $b | cut -c3-)");
    const char *before = shell (world, "git -C repository rev-parse HEAD");
    fetch_fails (world, &(scm_fetch_t){.url = address (world, ""), .trusted = true}, NOT_FOUND,
                 "lacks 1 of its workflow files");
    shell (
        world,
        "cd repository; echo 'on: [push]' > .github/workflows/ci.yml; git -c core.fsmonitor=false add .github; "
        "git -c core.fsmonitor=false -c core.hooksPath=/dev/null commit -qm two; rm -f ../run");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = address (world, ""), .before = before, .trusted = true}),
               OK);
    CHECK (world->tree.compared);
    CHECK (!file_exists (world, "run"));
    world_destroy (&world);
}

TEST (odd_files_in_place_of_refs_are_no_refs)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository/.git/refs/heads; mkfifo pipe; ln -s ../../../../secret link; mkdir folder; echo 'ref: refs/heads/loop' > loop;"
        "head -c 100000 /dev/zero > large; echo no > text; echo 0000 > short; echo 'ref: ../../secret' > out;"
        "git -C ../../.. rev-parse HEAD > ../../../../secret");
    static const char *const refs[] = {"pipe", "link", "folder", "loop", "large", "text", "short", "out"};
    for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++)
        fetch_fails (world, &(scm_fetch_t){.url = address (world, ""), .ref = refs[i], .trusted = true},
                     NOT_FOUND, "no branch or tag");
    world_destroy (&world);
}

// As a folder, and from a server that sends no files unless they are asked for.
TEST (the_lock_file_of_actions_comes_beside_the_workflow_files)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "cd repository; git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true;"
        " printf 'version: 1\\n' > .github/workflows/actions.lock; cp .github/workflows/actions.lock"
        " .opencicd/workflows; git add .; git commit -qm lock");
    const char *const urls[] = {address (world, ""), served (world, "repository")};
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT (fetch (world, &(scm_fetch_t){.url = urls[i], .trusted = true}), OK);
        CHECK_INT (world->tree.files.count, 2);
        CHECK_INT (world->tree.action_lock.size, 11);
        CHECK (memcmp (world->tree.action_lock.data, "version: 1\n", 11) == 0);
    }
    world_destroy (&world);
}
