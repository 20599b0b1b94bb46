/* fuzz_glob.c - each line is a path pattern, held against a small tree of files.
 *
 * Holds: what is found is below the tree, exists, and comes once; the tree's own files are all found by `**`. */

#include "agent/engine/folder/glob.h"
#include "common/os/rooted.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES 8

static const char *const folders[] = {"a", "a/b", "a/b/c", "[x]"};
static const char *const files[] = {"one", "a/two.txt", "a/b/three", "a/b/c/four", "[x]/five", ".hidden"};
static char base[4096];

static void remove_tree (void)
{
    for (size_t i = 0; i < sizeof (files) / sizeof (*files); i++)
        (void) !remove (files[i]);
    for (size_t i = sizeof (folders) / sizeof (*folders); i-- > 0;)
        (void) !rmdir (folders[i]);
    (void) !rmdir (base);
}

static void make_tree (void)
{
    const char *temporary = getenv ("TMPDIR");
    char path[4000], real[4000];
    snprintf (path, sizeof (path), "%s/fuzz-glob-XXXXXX", temporary ? temporary : "/tmp");
    FUZZ_CHECK (mkdtemp (path) && chdir (path) == 0 && getcwd (real, sizeof (real)));
    snprintf (base, sizeof (base), "%s", real);
    for (size_t i = 0; i < sizeof (folders) / sizeof (*folders); i++)
        FUZZ_CHECK (mkdir (folders[i], 0755) == 0);
    for (size_t i = 0; i < sizeof (files) / sizeof (*files); i++) {
        int file = open (files[i], O_CREAT | O_WRONLY, 0644);
        FUZZ_CHECK (file >= 0 && close (file) == 0);
    }
    atexit (remove_tree);
}

// Outside of the tree is the whole machine: no pattern that leads there.
static bool stays_inside (const char *pattern)
{
    pattern += strspn (pattern, "! \t");
    return pattern[0] != '/' && pattern[0] != '~' && !strstr (pattern, "..");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (!base[0])
        make_tree ();
    arena_t *arena = arena_new ();
    const char *patterns[LINES], *error = NULL;
    size_t count = 0;
    char *rest = arena_strndup (arena, (const char *) data, size), *line;
    while (count < LINES && (line = strsep (&rest, "\n")))
        if (stays_inside (line))
            patterns[count++] = line;
    glob_result_t found = {.count = 0};
    if (glob_find (arena,
                   &(glob_query_t){ROOTED_OURS, base, patterns, count, size ? data[0] % 8 : 0, NULL, NULL},
                   &found, &error) != OK)
        FUZZ_CHECK (error && error[0]);
    FUZZ_CHECK (found.count <= sizeof (files) / sizeof (*files));
    for (size_t i = 0; i < found.count; i++) {
        FUZZ_CHECK (strncmp (found.items[i].path, base, strlen (base)) == 0 &&
                    access (found.items[i].path, F_OK) == 0);
        for (size_t k = 0; k < i; k++)
            FUZZ_CHECK (strcmp (found.items[i].path, found.items[k].path) != 0);
    }
    const char *all = "**";
    glob_result_t everything = {.count = 0};
    FUZZ_CHECK (glob_find (arena, &(glob_query_t){ROOTED_OURS, base, &all, 1, GLOB_HIDDEN, NULL, NULL},
                           &everything, &error) == OK);
    FUZZ_CHECK (everything.count == sizeof (files) / sizeof (*files));
    arena_destroy (&arena);
    return 0;
}
