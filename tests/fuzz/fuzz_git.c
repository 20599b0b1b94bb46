/* fuzz_git.c - any bytes as what git keeps and prints: a tree, a commit, a HEAD, a name, its words when it fails.
 *
 * Holds: every walk ends within the bytes; what is read as a name could be asked for; a reason is one line of plain text. */

#include "common/os/git.h"
#include "services/scm/git_object.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void walk (arena_t *arena, const char *data, size_t size, size_t id_size)
{
    git_entry_t entry;
    size_t at = 0, before = 0;
    while (git_tree_next (arena, data, size, id_size, &at, &entry)) {
        FUZZ_CHECK (at > before && at <= size && strlen (entry.id) == 2 * id_size);
        before = at;
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    git_commit_t commit;
    const char *bytes = arena_copy (arena, data, size);
    walk (arena, bytes, size, 20);
    walk (arena, bytes, size, 32);
    git_commit_read (arena, bytes, size, &commit);
    FUZZ_CHECK (commit.subject && commit.message && commit.author && commit.author_email);
    FUZZ_CHECK (!strchr (commit.subject, '\n'));
    const char *head = git_head_read (arena, bytes, size);
    FUZZ_CHECK (!head || strlen (head) < size);
    if (git_name_ok (bytes))
        FUZZ_CHECK (!strpbrk (bytes, "\n :^~") && !strstr (bytes, "..") && *bytes != '-');
    const char *reason = git_reason (arena, bytes);
    FUZZ_CHECK (*reason && strlen (reason) <= 1000 && !strpbrk (reason, "\r\n\x1b"));
    arena_destroy (&arena);
    return 0;
}
