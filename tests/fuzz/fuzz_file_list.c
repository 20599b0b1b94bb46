/* An artifact's list of files, a path a line: accepted exactly where each path is fine by itself and no two are in each other's way, which
 * is decided here pair by pair. */

#include "services/artifacts/paths.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define LINES 24

static bool is_in_way (const char *a, const char *b)
{
    size_t size = strlen (a);
    return strcmp (a, b) == 0 || (strncmp (a, b, size) == 0 && b[size] == '/');
}

static fault_t check (arena_t *arena, artifact_file_t *files, size_t count)
{
    turn_t turn;
    int64_t size;
    turn_init (&turn, arena, "fuzz", 0);
    fault_t fault = file_list_check (&turn, &(artifact_file_items_t){files, count}, &size);
    FUZZ_CHECK (fault == OK || (turn.detail && strstr (turn.detail, "files[")));
    return fault;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    artifact_file_t files[LINES];
    const char *text = arena_strndup (arena, (const char *) data, size);
    size_t count = 0;
    bool good = true;
    while (*text && count < LINES) {
        size_t length = strcspn (text, "\n");
        files[count] = (artifact_file_t){.path = arena_strndup (arena, text, length), .sha256 = ""};
        good &= check (arena, &files[count], 1) == OK;
        count++;
        text += length + (text[length] == '\n');
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            good &= i == j || !is_in_way (files[i].path, files[j].path);
    FUZZ_CHECK ((check (arena, files, count) == OK) == good);
    arena_destroy (&arena);
    return 0;
}
