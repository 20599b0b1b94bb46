/* fuzz_action_ref.c - any bytes as what `uses` names, and as a lock file.
 *
 * Holds: what is read could be a folder's name and an argument of git: no part goes up, begins with a dash, or holds a
 * control character; a lock that was taken gives for each of its keys a commit. */

#include "common/base/commit_id.h"
#include "tests/fuzz/fuzz.h"
#include "workflow/model/action_lock.h"
#include "workflow/model/action_ref.h"

#include <string.h>

static void check_path (const char *path)
{
    FUZZ_CHECK (path[0] != '/' && strcmp (path, "..") != 0 && strncmp (path, "../", 3) != 0);
    FUZZ_CHECK (!strstr (path, "/../") && !strstr (path, "//"));
    size_t size = strlen (path);
    FUZZ_CHECK (size < 3 || strcmp (path + size - 3, "/..") != 0);
}

static void check_ref (arena_t *arena, const char *text)
{
    action_ref_t ref;
    const char *error = NULL;
    if (action_ref_parse (arena, text, &ref, &error) != OK) {
        FUZZ_CHECK (error && *error);
        return;
    }
    check_path (ref.path);
    check_path (ref.repository);
    for (const char *at = text; *at; at++)
        FUZZ_CHECK ((unsigned char) *at >= ' ' && *at != 0x7F);
    if (ref.kind == USES_REPOSITORY) {
        FUZZ_CHECK (*ref.ref && ref.ref[0] != '-' && !strstr (ref.ref, "..") && strchr (ref.repository, '/'));
        FUZZ_CHECK (ref.is_commit == commit_id_is (ref.ref));
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    check_ref (arena, arena_copy (arena, data, size));
    findings_t findings;
    const action_lock_t *lock = NULL;
    findings_init (&findings, arena, ACTION_LOCK_PATH);
    fault_t fault = action_lock_load (arena, (const char *) data, size, &findings, &lock);
    FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
    for (size_t i = 0; fault == OK && i < lock->pin_count; i++)
        FUZZ_CHECK (commit_id_is (lock->pins[i].commit) && action_lock_commit (lock, lock->pins[i].key));
    arena_destroy (&arena);
    return 0;
}
