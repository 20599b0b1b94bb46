/* places.c - see places.h. */

#include "agent/engine/step/places.h"

#include "common/os/rooted.h"

#include <string.h>

const char *place_translate (arena_t *arena, const path_pair_t *places, const char *path)
{
    for (; places->from; places++) {
        size_t size = strlen (places->from);
        if (strncmp (path, places->from, size) == 0 && (!path[size] || path[size] == '/'))
            return arena_printf (arena, "%s%s", places->to, path + size);
    }
    return path;
}

// In the container the folder of the commands is in that of the temporary files: it comes first.
static const char *translate (arena_t *arena, const workspace_t *from, const workspace_t *to,
                              const char *path)
{
    const path_pair_t places[] = {{from->commands, to->commands}, {from->workspace, to->workspace},
                                  {from->temp, to->temp},         {from->actions, to->actions},
                                  {from->tools, to->tools},       {NULL, NULL}};
    return from == to ? path : place_translate (arena, places, path);
}

const char *place_inside (const job_run_t *job, arena_t *arena, const char *path)
{
    return translate (arena, job->outside, job->folders, path);
}

const char *place_outside (const job_run_t *job, arena_t *arena, const char *path)
{
    return translate (arena, job->folders, job->outside, path);
}

int step_root (const job_run_t *job)
{
    return job->inside ? job->folders->view : ROOTED_OURS;
}
