/* file_reader.c - see file_reader.h.
 *
 * What is read together is one task, because a result goes with the batch that has used it: of two, one would always be gone when the
 * other is there. */

#include "services/scheduler/run/file_reader.h"

#include "common/actor/background.h"
#include "common/base/sha256.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    planned_files_t files;
} reading_t;

// In a helper thread: it has all that it needs in its own arena.
static void read_files (void *data)
{
    reading_t *self = data;
    turn_t turn;
    turn_init (&turn, self->arena, "file_reader", 0);
    for (size_t i = 0; i < self->files.count; i++) {
        const plan_t *plan;
        if (planner_file (&turn, &self->files.items[i], &plan) != OK)
            turn.detail = NULL; // What is wrong stays with the file
    }
}

static bool is_large (const planned_file_t *file)
{
    return !file->plan && !file->wrong && file->size > READ_AT_ONCE;
}

// Empty where none is large.
static const char *key_of (turn_t *turn, const planned_files_t *files)
{
    sha256_t sum;
    size_t count = 0;
    sha256_init (&sum);
    for (size_t i = 0; i < files->count; i++) {
        const planned_file_t *file = &files->items[i];
        if (!is_large (file))
            continue;
        count++;
        sha256_add (&sum, file->name, strlen (file->name) + 1);
        sha256_add (&sum, file->text, file->size + 1); // With the NUL after it
    }
    return count > 0 ? sha256_hex (&sum, turn->arena) : "";
}

static fault_t begin (scheduler_t *self, turn_t *turn, const char *key, const planned_files_t *files)
{
    arena_t *arena = arena_new ();
    reading_t *reading = arena_alloc (arena, sizeof *reading);
    *reading = (reading_t){arena, {.items = arena_array (arena, files->count, sizeof (planned_file_t))}};
    for (size_t i = 0; i < files->count; i++)
        if (is_large (&files->items[i]))
            reading->files.items[reading->files.count++] =
                (planned_file_t){.name = arena_strdup (arena, files->items[i].name),
                                 .text = arena_copy (arena, files->items[i].text, files->items[i].size),
                                 .size = files->items[i].size};
    return background_begin (self->readers, turn, key, read_files, &arena, reading);
}

fault_t files_read (scheduler_t *self, turn_t *turn, planned_files_t *files)
{
    reading_t *reading;
    const char *key = key_of (turn, files);
    if (!*key)
        return OK;
    fault_t fault = background_find (self->readers, turn, key, (void **) &reading);
    if (fault == NOT_FOUND)
        return begin (self, turn, key, files);
    TRY (fault);
    for (size_t i = 0, at = 0; i < files->count; i++) {
        planned_file_t *file = &files->items[i];
        if (!is_large (file))
            continue;
        const planned_file_t *read = &reading->files.items[at++];
        file->plan = read->plan ? planner_copy (turn->arena, read->plan, file->name) : NULL;
        file->wrong = read->wrong ? arena_strdup (turn->arena, read->wrong) : NULL;
    }
    return OK;
}

static const planned_file_t *file_at (const planned_files_t *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (same (planner_path (&files->items[i]), path))
            return &files->items[i];
    return NULL;
}

void files_named (const planned_files_t *files, const char *path, bool *found)
{
    const planned_file_t *root = file_at (files, path);
    if (root)
        found[root - files->items] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < files->count; i++)
            for (size_t k = 0; found[i] && k < files->count; k++)
                if (!found[k] && strstr (files->items[i].text, planner_path (&files->items[k])))
                    found[k] = more = true;
    }
}

fault_t files_read_for (scheduler_t *self, turn_t *turn, planned_files_t *files, const char *path)
{
    bool *found = arena_array (turn->arena, files->count + 1, sizeof *found);
    planned_files_t some = {.items = arena_array (turn->arena, files->count + 1, sizeof *some.items)};
    files_named (files, path, found);
    for (size_t i = 0; i < files->count; i++)
        if (found[i])
            some.items[some.count++] = files->items[i];
    TRY (files_read (self, turn, &some));
    for (size_t i = 0, at = 0; i < files->count; i++)
        if (found[i])
            files->items[i] = some.items[at++];
    return OK;
}

fault_t files_root (turn_t *turn, planned_files_t *files, const char *path, plan_t **out)
{
    const plan_t *plan = NULL;
    for (size_t i = 0; i < files->count; i++) {
        planned_file_t *file = &files->items[i];
        if (strncmp (file->name, "./", 2) != 0 || !same (file->name + 2, path))
            continue;
        TRY (planner_file (turn, file, &plan));
        *out = planner_copy (turn->arena, plan, "");
        return OK;
    }
    return turn_fail (turn, NOT_FOUND, "there is no file %s", path);
}

bool file_is_named (const char *path, const char *asked)
{
    const char *slash = strrchr (path, '/');
    return same (path, asked) || same (slash ? slash + 1 : path, asked);
}
