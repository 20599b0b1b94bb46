/* The lock file of the working tree's actions: what is read, and that what is written is read as the same. */

#include "cli/actions/lock_file.h"
#include "common/os/file.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static fault_t read_text (turn_t *turn, const char *text, lock_file_t *out)
{
    char folder[200];
    test_folder (folder, sizeof folder);
    const char *path = arena_printf (turn->arena, "%s/actions.lock", folder);
    CHECK_INT (file_write (turn, path, text), OK);
    fault_t fault = lock_read (turn, path, out);
    test_folder_remove (folder);
    return fault;
}

TEST (what_is_written_is_in_order_and_reads_as_the_same)
{
    static const char text[] =
        "version: 'v0.0.2'\n"
        "workflows:\n"
        "    '.github/workflows/z.yml': []\n"
        "    '.github/workflows/it''s.yml': ['b/two@v1', 'A/One@v1']\n"
        "dependencies:\n"
        "    'b/two@v1': {ref: v1, commit: sha256-" B ", uses: ['A/One@v1']}\n"
        "    'A/One@v1': {ref: v1, commit: sha1-" A ", owner_id: 7, repo_id: 12345678901}\n";
    static const char sorted[] = "version: 'v0.0.2'\n"
                                 "workflows:\n"
                                 "    '.github/workflows/it''s.yml':\n"
                                 "        - 'A/One@v1'\n"
                                 "        - 'b/two@v1'\n"
                                 "    '.github/workflows/z.yml': []\n"
                                 "dependencies:\n"
                                 "    'A/One@v1':\n"
                                 "        ref: 'v1'\n"
                                 "        commit: 'sha1-" A "'\n"
                                 "        owner_id: 7\n"
                                 "        repo_id: 12345678901\n"
                                 "    'b/two@v1':\n"
                                 "        ref: 'v1'\n"
                                 "        commit: 'sha256-" B "'\n"
                                 "        uses:\n"
                                 "            - 'A/One@v1'\n";
    arena_t *arena = arena_new ();
    turn_t turn;
    lock_file_t lock;
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (read_text (&turn, text, &lock), OK);
    for (int i = 0; i < 2; i++) {
        lock_sort (&lock);
        const char *written;
        CHECK_INT (lock_text (&turn, &lock, &written), OK);
        CHECK_STR (strchr (written, '\n') + 1, sorted);
        CHECK_INT (read_text (&turn, written, &lock), OK);
    }
    CHECK_STR (lock_action (&lock, "a/one@v1")->name, "A/One@v1");
    CHECK (!lock_action (&lock, "A/One@v1"));
    arena_destroy (&arena);
}

TEST (a_lock_file_that_nobody_could_read_is_not_written)
{
    static char name[1000];
    arena_t *arena = arena_new ();
    turn_t turn;
    lock_file_t lock = {.arena = arena};
    const char *written;
    turn_init (&turn, arena, "test", 0);
    memset (name, 'n', sizeof (name) - 1);
    for (int i = 0; i < 1100; i++)
        lock_names_add (arena, &lock_add_workflow (&lock, "w")->uses, name);
    CHECK_INT (lock_text (&turn, &lock, &written), TOO_LARGE);
    CHECK_STR (turn.detail, ".github/workflows/actions.lock would have more than 1048576 bytes");
    lock.workflow_count = 1000;
    CHECK_INT (lock_text (&turn, &lock, &written), OK);
    arena_destroy (&arena);
}

TEST (a_malformed_lock_file_is_refused_at_its_place_and_a_missing_one_is_empty)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    lock_file_t lock;
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (read_text (&turn, "version: 'v0.0.2'\ndependencies: 7\n", &lock), INVALID);
    CHECK (strstr (turn.detail, "actions.lock:2:15: must be a map"));
    CHECK_INT (lock_read (&turn, "/nowhere/actions.lock", &lock), OK);
    CHECK_INT (lock.workflow_count + lock.action_count, 0);
    arena_destroy (&arena);
}
