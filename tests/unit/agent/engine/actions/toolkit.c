/* An action that speaks to the artifact service is known by its main file, and what it says of its artifacts leads here. */

#include "agent/engine/actions/toolkit.h"

#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char sign[] = "results.api.v1.ArtifactService";

// A file of `size` letters with the sign at `at`.
static void write_file (const char *path, size_t size, size_t at, const char *text)
{
    char *data = malloc (size);
    memset (data, 'r', size); // As the sign begins
    memcpy (data + at, text, strlen (text));
    FILE *file = fopen (path, "w");
    CHECK (file && fwrite (data, 1, size, file) == size && fclose (file) == 0);
    free (data);
}

TEST (the_service_is_found_wherever_its_name_is_in_the_main_file)
{
    char folder[256], path[300];
    test_folder (folder, sizeof (folder));
    snprintf (path, sizeof (path), "%s/index.js", folder);
    static const size_t window = 256 << 10;
    const size_t places[] = {0, 100, window - sizeof (sign), window - 5, window, 3 * window - 7};
    for (size_t i = 0; i < sizeof (places) / sizeof (places[0]); i++) {
        write_file (path, 4 * window, places[i], sign);
        CHECK (toolkit_uses (path).artifacts);
    }
    write_file (path, 4 * window, 4 * window - strlen (sign), sign);
    CHECK (toolkit_uses (path).artifacts);
    write_file (path, 4 * window, 4 * window - strlen (sign), "results.api.v1.CacheService");
    CHECK (!toolkit_uses (path).artifacts);
    write_file (path, 4 * window, window - 5, "allowUnsafeConfigEnvCount");
    CHECK (toolkit_uses (path).strict_git && !toolkit_uses (path).artifacts);
    write_file (path, 10, 0, "results.a");
    CHECK (!toolkit_uses (path).artifacts);
    CHECK (!toolkit_uses (folder).artifacts);
    snprintf (path, sizeof (path), "%s/pipe", folder);
    CHECK_INT (mkfifo (path, 0600), 0);
    CHECK (!toolkit_uses (path).artifacts); // It is not waited for
    snprintf (path, sizeof (path), "%s/none", folder);
    CHECK (!toolkit_uses (path).artifacts);
    test_folder_remove (folder);
}

TEST (an_address_that_was_made_up_for_the_toolkit_becomes_one_at_the_server)
{
    static const struct {
        const char *value, *server, *becomes;
    } cases[] = {{TOOLKIT_SERVER_URL "/o/r/actions/runs/1/artifacts/2", "http://ci:8080",
                  "http://ci:8080/o/r/actions/runs/1/artifacts/2"},
                 {TOOLKIT_SERVER_URL "/x", "https://ci/", "https://ci/x"},
                 {TOOLKIT_SERVER_URL "x/y", "http://ci", TOOLKIT_SERVER_URL "x/y"},
                 {"see " TOOLKIT_SERVER_URL "/x", "http://ci", "see " TOOLKIT_SERVER_URL "/x"},
                 {"", "http://ci", ""}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (toolkit_output (arena, cases[i].value, cases[i].server), cases[i].becomes);
    arena_destroy (&arena);
}
