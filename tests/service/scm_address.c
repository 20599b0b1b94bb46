/* Which addresses may be a repository's, and whose. */

#include "tests/service/scm/world.h"

#include <string.h>

static fault_t check (world_t *world, const char *url, bool trusted)
{
    done_t done;
    world->turn.detail = NULL;
    world->turn.deadline_us = NEVER;
    return bus_client_call (world->client, &world->turn, MSG_scm_check,
                            &(scm_check_t){.url = url, .trusted = trusted}, &done);
}

static void check_all (world_t *world, const char *const *urls, size_t count, bool trusted, fault_t fault)
{
    for (size_t i = 0; i < count; i++) {
        fault_t got = check (world, urls[i], trusted);
        if (got != fault)
            test_fail (__FILE__, __LINE__, "%s: %s %s", urls[i], fault_name (got),
                       world->turn.detail ? world->turn.detail : "");
        if (fault != OK && strstr (world->turn.detail, "S3cret"))
            test_fail (__FILE__, __LINE__, "it repeats what it must not: %s", world->turn.detail);
    }
}
#define CHECK_ALL(world, urls, trusted, fault) \
    check_all (world, urls, sizeof urls / sizeof urls[0], trusted, fault)

TEST (an_address_is_what_git_fetches_and_nothing_else)
{
    world_t *world = world_new (NULL);
    static const char *const good[] = {"https://git.example.org/a/b.git",
                                       "http://git.example.org:3000/b",
                                       "ssh://git@git.example.org:22/~/b",
                                       "git@git.example.org:a/b.git",
                                       "git.example.org:b",
                                       "git://git.example.org/b"};
    static const char *const bad[] = {"",
                                      "x",
                                      "../x",
                                      "--upload-pack=x",
                                      "ext::sh -c true",
                                      "ext::sh",
                                      "fd::3",
                                      "http::https://example.org/x",
                                      "ftp://example.org/x",
                                      "file://host/x",
                                      "file://x",
                                      "file:///a%00b",
                                      "https://example.org",
                                      "https://example.org/",
                                      "https://example.org/x?y",
                                      "https://example.org/x#y",
                                      "https://example.org/\nx",
                                      "https://example.org/x\x7f",
                                      "/tmp/a\nb",
                                      "ssh://-oProxyCommand=x/y",
                                      "ssh://-x@example.org/y",
                                      "-x@example.org:y",
                                      "-example.org:y",
                                      "git@-example.org:y",
                                      "git@example.org:-y",
                                      "git@example.org:",
                                      "a b@example.org:y"};
    CHECK_ALL (world, good, false, OK);
    CHECK_ALL (world, bad, true, INVALID);
    CHECK_ALL (world, bad, false, INVALID);
    world_destroy (&world);
}

TEST (credentials_in_an_address_are_refused_with_the_way_to_give_them)
{
    world_t *world = world_new (NULL);
    static const char *const rows[] = {"https://ci-user:S3cretPAT@git.example.org/x",
                                       "https://S3cret@git.example.org/x",
                                       "ssh://git:S3cret@git.example.org/x",
                                       "git://S3cret@git.example.org/x",
                                       "http://S3cret:@git.example.org/x",
                                       "user:S3cret@git.example.org:x"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_INT (check (world, rows[i], true), INVALID);
        CHECK (strstr (world->turn.detail, ".netrc") && strstr (world->turn.detail, "scm_git_config"));
        CHECK (!strstr (world->turn.detail, "S3cret"));
    }
    world_destroy (&world);
}

TEST (private_addresses_are_for_administrators_unless_the_operator_says_otherwise)
{
    static const char *const rows[] = {
        "http://127.0.0.1:19555/x", "http://127.1/x",    "http://2130706433/x", "http://169.254.169.254/x",
        "ssh://git@10.0.0.1/x",     "git@192.168.0.1:x", "git://[::1]/x",       "http://[::ffff:7f00:1]/x"};
    world_t *world = world_new (NULL);
    CHECK_ALL (world, rows, true, OK);
    CHECK_ALL (world, rows, false, FORBIDDEN);
    // By name: known only when it is resolved, and said in the same words as of a name that is not there
    fetch_fails (world, &(scm_fetch_t){.url = "http://localhost:1/x"}, FORBIDDEN,
                 "localhost has no address that may be reached");
    fetch_fails (world, &(scm_fetch_t){.url = "http://nowhere.invalid/x"}, FORBIDDEN,
                 "nowhere.invalid has no address that may be reached");
    world_destroy (&world);
    world = world_new (&(scm_options_t){.private_networks = PRIVATE_FOR_NOBODY});
    CHECK_ALL (world, rows, true, FORBIDDEN);
    world_destroy (&world);
    world = world_new (&(scm_options_t){.private_networks = PRIVATE_FOR_EVERYBODY});
    CHECK_ALL (world, rows, false, OK);
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = served (world, "repository")}), OK);
    world_destroy (&world);
}

TEST (what_an_administrator_fetched_is_not_read_by_others)
{
    world_t *world = world_new (NULL);
    const char *url = served (world, "repository"), *sha = shell (world, "git -C repository rev-parse HEAD");
    CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), OK);
    fetch_fails (world, &(scm_fetch_t){.url = url, .sha = sha}, FORBIDDEN,
                 "localhost has no address that may be reached");
    world_destroy (&world);
}

TEST (folders_are_for_administrators_or_below_those_that_the_operator_lists)
{
    world_t *world = world_new (NULL);
    shell (
        world,
        "mkdir listedmore; for d in listed/a listed/b listedmore/a; do git clone -q repository $d; done; ln -s ../repository listed/link;"
        "rm -rf listed/b/.git; echo \"gitdir: $PWD/repository/.git\" > listed/b/.git;"
        "git clone -q repository listed/c; rm -rf listed/c/.git/objects; ln -s ../../../repository/.git/objects listed/c/.git/objects; git clone -q -s repository listed/d;"
        "git -C repository repack -qad; git clone -q repository listed/e; rm -rf listed/e/.git/objects/*; "
        "ln -s ../../../../repository/.git/objects/pack listed/e/.git/objects/pack");
    const struct {
        const char *path;
        fault_t at_once, developer, administrator;
    } rows[] = {
        {"listed/a", OK, OK, OK},
        {"listed/a/.git", OK, OK, OK},
        {"repository", FORBIDDEN, FORBIDDEN, OK},
        {"listedmore/a", FORBIDDEN, FORBIDDEN, OK},
        {"listed/../repository", FORBIDDEN, FORBIDDEN, OK},
        {"nothing", FORBIDDEN, FORBIDDEN, NOT_FOUND},
        {"listed/link", OK, FORBIDDEN, OK},
        {"listed/b", OK, FORBIDDEN, OK},
        {"listed/c", OK, FORBIDDEN, OK},
        {"listed/d", OK, FORBIDDEN, OK},
        {"listed/e", OK, FORBIDDEN, OK},
    };
    const char *words = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *url = arena_printf (world->arena, "%s/%s", world->folder, rows[i].path);
        CHECK_INT (check (world, url, false), rows[i].at_once);
        CHECK_INT (check (world, url, true), OK);
        fault_t fault = fetch (world, &(scm_fetch_t){.url = url});
        if (fault != rows[i].developer)
            test_fail (__FILE__, __LINE__, "%s: %s", rows[i].path, fault_name (fault));
        if (fault == FORBIDDEN && words)
            CHECK_STR (world->turn.detail, words); // Whatever is there or not
        if (fault == FORBIDDEN)
            words = arena_strdup (world->arena, world->turn.detail);
        CHECK_INT (fetch (world, &(scm_fetch_t){.url = url, .trusted = true}), rows[i].administrator);
    }
    CHECK (words && strstr (words, "scm_folders"));
    world_destroy (&world);
}
