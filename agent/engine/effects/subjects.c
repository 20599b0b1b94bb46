/* subjects.c - see subjects.h. A file is hashed when it is declared, as the job's own processes find it: never through a link that leads out
 * of the job's sandbox. */

#include "agent/engine/effects/subjects.h"

#include "agent/engine/folder/hash_files.h"
#include "agent/engine/log/log.h"
#include "agent/engine/output/subject.h"
#include "agent/engine/state/lanes.h"
#include "common/base/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECTS_MAX 500 // Of a job

static fault_t refuse (step_run_t *self, size_t line, const char *why)
{
    self->scope.error = arena_printf (self->scope.arena, "line %zu: %s", line, why);
    return INVALID;
}

static value_t *make (arena_t *arena, const char *name, const char *digest, const char *kind)
{
    value_t *subject = value_object (arena);
    value_set (arena, subject, "name", value_string (arena, name));
    value_set (arena, subject, "digest", value_string (arena, digest));
    value_set (arena, subject, "kind", value_string (arena, kind));
    return subject;
}

static fault_t hash (step_run_t *self, size_t line, const char *named, value_t **out)
{
    job_run_t *job = self->job;
    arena_t *arena = self->scope.arena;
    const char *path =
        named[0] == '/' ? named : arena_printf (arena, "%s/%s", job->folders->workspace, named);
    sha256_t sum;
    sha256_init (&sum);
    lanes_leave (job); // It may be large
    fault_t fault = hash_file (job->folders->view, path, &sum, NULL);
    int error = errno;
    lanes_enter (job);
    if (fault)
        return refuse (self, line,
                       arena_printf (arena,
                                     "the file %s cannot be read (relative paths begin in the workspace): %s",
                                     named, error == EINVAL ? "it is not a regular file" : strerror (error)));
    const char *name = strrchr (path, '/') + 1;
    *out = make (job->arena, name, arena_printf (job->arena, "sha256:%s", sha256_hex (&sum, arena)), "file");
    return OK;
}

typedef struct {
    value_t *subject;
    size_t line;
} subject_at_t;

static fault_t read_line (step_run_t *self, const line_t *line, subject_at_t *out)
{
    const char *error = "";
    subject_line_t parsed;
    out->line = line->number;
    if (memchr (line->text, 0, line->size))
        return refuse (self, line->number, "it has a NUL byte");
    const char *text = arena_strndup (self->scope.arena, line->text, line->size);
    if (subject_line_parse (self->scope.arena, text, &parsed, &error) != OK)
        return refuse (self, line->number, error);
    if (parsed.path)
        return hash (self, line->number, parsed.path, &out->subject);
    out->subject = make (self->job->arena, parsed.name, parsed.digest, "oci");
    return OK;
}

// Into `found`, which has those of the job; the same once more changes nothing.
static fault_t add (step_run_t *self, const subject_at_t *declared, value_t *found)
{
    const char *name = value_get_text (declared->subject, "name"),
               *digest = value_get_text (declared->subject, "digest");
    const value_t *before = value_get (found, name);
    if (before && strcmp (value_get_text (before, "digest"), digest) == 0)
        return OK;
    if (before)
        return refuse (self, declared->line,
                       arena_printf (self->scope.arena, "%s was declared with the digest %s, and now has %s",
                                     name, value_get_text (before, "digest"), digest));
    if (found->list.count == SUBJECTS_MAX)
        return refuse (self, declared->line,
                       arena_printf (self->scope.arena, "a job declares at most %d", SUBJECTS_MAX));
    value_set (self->job->arena, found, name, declared->subject);
    return OK;
}

// No wait is in here: what steps in the background declare meanwhile is not lost.
static fault_t add_all (step_run_t *self, const subject_at_t *declared, size_t count)
{
    job_run_t *job = self->job;
    value_t *found = job->subjects ? value_copy (job->arena, job->subjects) : value_object (job->arena);
    size_t before = found->list.count;
    found->cased = true;
    for (size_t i = 0; i < count; i++)
        TRY (add (self, declared + i, found));
    job->subjects = found;
    if (found->list.count > before)
        step_log (self, "%zu declared in GITHUB_ARTIFACTS, %zu in this job so far\n",
                  found->list.count - before, found->list.count);
    return OK;
}

fault_t subjects_take (step_run_t *self, const char *text, size_t size)
{
    subject_at_t *declared = NULL;
    size_t count = 0, capacity = 0;
    for (line_t line = line_begin (text, size); line_next (&line);) {
        line_trim (&line);
        if (!line.size || line.text[0] == '#')
            continue;
        declared = arena_grow (self->scope.arena, declared, count, &capacity, sizeof (subject_at_t));
        TRY (read_line (self, &line, declared + count++));
    }
    return add_all (self, declared, count);
}

static int by_name (const void *a, const void *b)
{
    return strcmp (value_get_text (*(const value_t *const *) a, "name"),
                   value_get_text (*(const value_t *const *) b, "name"));
}

const char *subjects_list (const step_run_t *self)
{
    arena_t *arena = self->scope.arena;
    const value_t *found = self->job->subjects;
    size_t count = found ? found->list.count : 0;
    value_t *list = value_array (arena), *document = value_object (arena);
    const value_t **sorted = arena_array (arena, count + 1, sizeof (value_t *));
    for (size_t i = 0; i < count; i++)
        sorted[i] = found->list.items[i];
    qsort (sorted, count, sizeof (value_t *), by_name);
    for (size_t i = 0; i < count; i++)
        value_push (arena, list, sorted[i]);
    value_set (arena, document, "version", value_number (arena, 1));
    value_set (arena, document, "subjects", list);
    return value_to_json (arena, document, 0);
}
