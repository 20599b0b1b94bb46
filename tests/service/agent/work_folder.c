/* work_folder.c - what a test sees and leaves in the agent's work folder. */

#include "tests/service/agent/fake_server.h"
#include "tests/unit/test.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

typedef struct {
    char text[PATH_MAX];
} work_path_t;

static work_path_t path_of (fake_server_t *server, const char *path)
{
    work_path_t full;
    CHECK (snprintf (full.text, sizeof (full.text), "%s/%s", fake_server_folder (server), path) < PATH_MAX);
    return full;
}

void fake_server_touch (fake_server_t *self, const char *path)
{
    FILE *file = fopen (path_of (self, path).text, "w");
    CHECK (file && fclose (file) == 0);
}

int fake_server_read_number (fake_server_t *self, const char *path)
{
    int number = 0;
    FILE *file = fopen (path_of (self, path).text, "r");
    if (file && fscanf (file, "%d", &number) != 1)
        number = 0;
    if (file)
        fclose (file);
    return number;
}

unsigned fake_server_mode (fake_server_t *self, const char *path)
{
    struct stat status = {0};
    return stat (path_of (self, path).text, &status) == 0 ? status.st_mode & 07777 : 0;
}
