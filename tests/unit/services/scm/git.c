/* What git's objects, names and words are taken for. */

#include "common/os/git.h"
#include "services/scm/commits.h"
#include "services/scm/git_object.h"
#include "tests/unit/test.h"

#include <string.h>
#include <unistd.h>

TEST (a_name_that_git_is_asked_for_can_mean_nothing_else)
{
    static const char *const good[] = {
        "main", "refs/heads/a/b", "v1.0", "a-b_c+d", "refs/pull/7/merge", "\xc3\xbc", "a@b"};
    static const char *const bad[] = {"",
                                      "-x",
                                      "/x",
                                      "x/",
                                      "x.",
                                      "a..b",
                                      "a@{1}",
                                      "a//b",
                                      "a b",
                                      "a~1",
                                      "a^",
                                      "a:b",
                                      "a?",
                                      "a*",
                                      "a[b",
                                      "a\\b",
                                      "a\nb",
                                      ("a\x7f"
                                       "b")};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!git_name_ok (good[i]))
            test_fail (__FILE__, __LINE__, "%s is refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (git_name_ok (bad[i]))
            test_fail (__FILE__, __LINE__, "%s is taken", bad[i]);
    char longest[1002];
    memset (longest, 'a', 1001);
    longest[1001] = 0;
    CHECK (!git_name_ok (longest));
    longest[1000] = 0;
    CHECK (git_name_ok (longest));
}

TEST (a_commits_name_is_4_to_64_hex_digits)
{
    char most[66];
    memset (most, 'a', 65);
    most[65] = 0;
    CHECK (git_is_hex ("00af") && !git_is_hex ("00a") && !git_is_hex ("00AF") && !git_is_hex ("HEAD") &&
           !git_is_hex ("00af "));
    CHECK (!git_is_hex (most));
    most[64] = 0;
    CHECK (git_is_hex (most));
}

TEST (a_commit_is_read_whatever_it_lacks)
{
    arena_t *arena = arena_new ();
    git_commit_t commit;
    static const char whole[] =
        "tree 1\nauthor Ada  L  <a@b> 17 +0000\ncommitter X <x@y> 1 +0\ngpgsig a\n b\n\nSubject\n\nmore\n";
    git_commit_read (arena, whole, sizeof whole - 1, &commit);
    CHECK_STR (commit.author, "Ada  L");
    CHECK_STR (commit.author_email, "a@b");
    CHECK_STR (commit.subject, "Subject");
    CHECK_STR (commit.message, "Subject\n\nmore\n");
    static const char *const rows[] = {
        "", "\n", "author", "author \n\n", "author <\n\nx", "author >a<\n\nx", "tree 1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        git_commit_read (arena, rows[i], strlen (rows[i]), &commit);
        CHECK_STR (commit.author, "");
        CHECK_STR (commit.author_email, "");
    }
    arena_destroy (&arena);
}

TEST (of_a_tree_only_plain_files_are_files)
{
    arena_t *arena = arena_new ();
    git_entry_t entry;
    static const char tree[] = "100644 a.yml\0AAAAAAAAAAAAAAAAAAAA"
                               "100755 b\0BBBBBBBBBBBBBBBBBBBB"
                               "120000 link\0CCCCCCCCCCCCCCCCCCCC"
                               "40000 folder\0DDDDDDDDDDDDDDDDDDDD"
                               "160000 module\0EEEEEEEEEEEEEEEEEEEE"
                               "100644 cut\0FFFF";
    static const struct {
        const char *name;
        bool is_file;
    } rows[] = {{"a.yml", true}, {"b", true}, {"link", false}, {"folder", false}, {"module", false}};
    size_t at = 0;
    for (size_t i = 0; i < 5; i++) {
        CHECK (git_tree_next (arena, tree, sizeof tree - 1, 20, &at, &entry));
        CHECK_STR (entry.name, rows[i].name);
        CHECK_INT (entry.is_file, rows[i].is_file);
        CHECK_INT (strlen (entry.id), 40);
    }
    CHECK (!git_tree_next (arena, tree, sizeof tree - 1, 20, &at, &entry)); // It was cut off
    arena_destroy (&arena);
}

TEST (a_reason_is_the_line_in_which_git_says_it_without_passwords)
{
    arena_t *arena = arena_new ();
    CHECK_STR (git_reason (arena, "warning: x\nfatal: no 'https://u:pw@h/x'\nhint: y\n"), "no 'https://h/x'");
    CHECK_STR (git_reason (arena, "error: a\nfatal: b\n"), "b");
    CHECK_STR (git_reason (arena, "ssh: no route\n\n"), "ssh: no route");
    CHECK_STR (git_reason (arena, ""), "it gave no reason");
    CHECK_STR (git_reason (arena, "fatal: \x1b[2Jred\tx\n"), "?[2Jred?x");
    arena_destroy (&arena);
}

static const char *variable (const char *const *list, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0, size = strlen (name); list[i]; i++)
        if (strncmp (list[i], name, size) == 0 && list[i][size] == '=')
            found = list[i] + size + 1;
    return found;
}

TEST (git_sees_no_setting_that_is_not_meant_for_it)
{
    arena_t *arena = arena_new ();
    char *before[] = {
        "PATH=/bin", "HOME=/root", "GIT_DIR=/evil", "GIT_SSH_COMMAND=evil", "OPENCICD_DATABASE_URL=secret",
        "LC_ALL=de", NULL};
    char **old = environ;
    environ = before;
    const git_location_t place = {.folder = "/view",
                                  .objects = "/objects",
                                  .remote = "https://h/x",
                                  .address = "h:443:1.1.1.1",
                                  .no_redirects = true};
    const char *const *list = git_environment (arena, &place);
    CHECK_STR (variable (list, "HOME"), "/root");
    CHECK_STR (variable (list, "GIT_DIR"), "/view");
    CHECK_STR (variable (list, "GIT_OBJECT_DIRECTORY"), "/objects");
    CHECK_STR (variable (list, "GIT_CONFIG_GLOBAL"), "/dev/null");
    CHECK_STR (variable (list, "GIT_CONFIG_NOSYSTEM"), "1");
    CHECK_STR (variable (list, "GIT_ALLOW_PROTOCOL"), "git:http:https:ssh");
    CHECK_STR (variable (list, "GIT_NO_LAZY_FETCH"), "1");
    CHECK_STR (variable (list, "LC_ALL"), "C");
    CHECK (strstr (variable (list, "GIT_SSH_COMMAND"), "BatchMode=yes"));
    CHECK (!variable (list, "OPENCICD_DATABASE_URL"));
    CHECK_STR (variable (list, "GIT_CONFIG_COUNT"), "4");
    CHECK_STR (variable (list, "GIT_CONFIG_KEY_1"), "http.curloptResolve");
    CHECK_STR (variable (list, "GIT_CONFIG_VALUE_1"), "h:443:1.1.1.1");
    CHECK_STR (variable (list, "GIT_CONFIG_KEY_2"), "http.followRedirects");
    const git_location_t ours = {.config = "/etc/opencicd/git"};
    list = git_environment (arena, &ours);
    CHECK_STR (variable (list, "GIT_CONFIG_GLOBAL"), "/etc/opencicd/git");
    CHECK (!variable (list, "GIT_DIR") && !variable (list, "GIT_OBJECT_DIRECTORY"));
    CHECK_STR (variable (list, "GIT_CONFIG_COUNT"), "1");
    environ = old;
    arena_destroy (&arena);
}

TEST (a_time_from_git_is_printed_in_its_own_zone)
{
    static const struct {
        const char *git, *want;
    } rows[] = {{"1700000000 +0100", "2023-11-14T23:13:20+01:00"},
                {"1700000000 -0330", "2023-11-14T18:43:20-03:30"},
                {"0 +0000", "1970-01-01T00:00:00+00:00"},
                {"1700000000", ""},
                {"x +0100", ""},
                {"-5 +0000", ""},
                {"99999999999999999 +0000", ""},
                {"", ""}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_STR (git_time (arena, rows[i].git), rows[i].want);
    arena_destroy (&arena);
}

#define RECORD(id, message)           \
    id "\0tree\0Ada\0a@b\0"           \
       "1700000000 +0000\0Bob\0b@c\0" \
       "1700000060 +0000\0" message "\0"

TEST (the_commits_of_a_push_come_oldest_first_and_what_is_not_whole_is_left_out)
{
    static const char log[] =
        RECORD ("22", "newer\n\nmore\n") "\n" RECORD ("11", "older\n") "\n00\0tree\0cut";
    arena_t *arena = arena_new ();
    const scm_commit_items_t list = commits_read (arena, log, sizeof log - 1);
    CHECK_INT (list.count, 2);
    CHECK_STR (list.items[0].id, "11");
    CHECK_STR (list.items[0].message, "older");
    CHECK_STR (list.items[1].message, "newer\n\nmore");
    CHECK_STR (list.items[1].author_email, "a@b");
    CHECK_STR (list.items[1].committed_at, "2023-11-14T22:14:20+00:00");
    CHECK_INT (commits_read (arena, "", 0).count, 0);
    arena_destroy (&arena);
}
