/* import.c - see import.h: comments, names, variables, and the workflow in the order in which people read one. */

#include "cli/import/import.h"

#include "common/base/line.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 60

void import_init (import_t *self, arena_t *arena, const char *file, const char *title)
{
    *self = (import_t){.arena = arena,
                       .file = file,
                       .title = title,
                       .exports = "",
                       .on = draft_map (arena),
                       .env = draft_map (arena),
                       .top = draft_map (arena)};
}

const char *import_taken (import_t *self, int line, buffer_t **text_p)
{
    const char *text = arena_strdup (self->arena, buffer_text (*text_p));
    if (buffer_full (*text_p) && !self->error)
        self->error =
            arena_printf (self->arena, "%d: a text here becomes more than %d bytes", line, DRAFT_MAX);
    buffer_destroy (text_p);
    return text;
}

// ---- comments ----

static const char *__attribute__ ((format (printf, 3, 0)))
note_head (const import_t *self, int line, const char *format, va_list args)
{
    char *what = arena_vprintf (self->arena, format, args);
    for (char *p = what; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return arena_printf (self->arena, "NOT TRANSLATED (line %d): %s", line, what);
}

static void add_note (import_t *self, draft_t *into, const char *text)
{
    if (self->notes++ < IMPORT_NOTES)
        draft_remark (into, text);
}

void import_note (import_t *self, draft_t *into, int line, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    const char *head = note_head (self, line, format, args);
    va_end (args);
    add_note (self, into, head);
}

void import_quote (import_t *self, draft_t *into, int line, const char *source, size_t size,
                   const char *format, ...)
{
    va_list args;
    va_start (args, format);
    const char *text = note_head (self, line, format, args);
    va_end (args);
    line_t from = line_begin (source, size);
    for (size_t i = 0; i < IMPORT_QUOTE && line_next (&from); i++)
        text = arena_printf (self->arena, "%s\n  | %.*s", text, (int) (from.size < 300 ? from.size : 300),
                             from.text);
    if (line_next (&from))
        text = arena_printf (self->arena, "%s\n  | ...", text);
    add_note (self, into, text);
}

// ---- names and variables ----

bool import_is_variable (const char *name)
{
    if (!isalpha ((unsigned char) *name) && *name != '_')
        return false;
    for (; *name; name++)
        if (!isalnum ((unsigned char) *name) && *name != '_')
            return false;
    return true;
}

const char *import_name (arena_t *arena, const char *text)
{
    char *name = arena_alloc (arena, NAME_MAX_BYTES + 2);
    size_t count = 0;
    for (; *text && count < NAME_MAX_BYTES; text++) {
        if (isalnum ((unsigned char) *text) || *text == '_')
            name[count++] = (char) tolower ((unsigned char) *text);
        else if (count && name[count - 1] != '-')
            name[count++] = '-';
    }
    while (count && name[count - 1] == '-')
        name[--count] = '\0';
    if (count == 0)
        return "x";
    return isdigit ((unsigned char) *name) ? arena_printf (arena, "x%s", name) : name;
}

const char *import_secret (import_t *self, const char *text)
{
    char *name = arena_strdup (self->arena, import_name (self->arena, text));
    for (char *p = name; *p; p++)
        *p = *p == '-' ? '_' : (char) toupper ((unsigned char) *p);
    if (strncmp (name, "GITHUB_", 7) == 0) // A secret cannot begin so
        name = arena_printf (self->arena, "X_%s", name);
    for (size_t i = 0; i < self->secret_count; i++)
        if (strcmp (self->secrets[i], name) == 0)
            return name;
    self->secrets =
        arena_grow (self->arena, self->secrets, self->secret_count, &self->secret_capacity, sizeof (char *));
    return self->secrets[self->secret_count++] = name;
}

const import_variable_t *import_variable (const import_variable_t *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp (table->name, name) == 0)
            return table;
    return NULL;
}

static bool is_word (char c)
{
    return isalnum ((unsigned char) c) || c == '_';
}

// As a whole word, which is none of a longer path of names.
static bool names (const char *text, size_t size, const char *name)
{
    size_t length = strlen (name);
    for (const char *at = text, *end = text + size; (at = memmem (at, (size_t) (end - at), name, length));
         at++)
        if ((at == text || !is_word (at[-1])) && (at + length == end || !is_word (at[length])))
            return true;
    return false;
}

void import_variables (import_t *self, const import_variable_t *table, const char *text, size_t size)
{
    for (; table->name; table++) {
        if (!names (text, size, table->name) || draft_get (self->env, table->name))
            continue;
        if (table->expression && *table->expression == '$')
            self->exports = arena_printf (self->arena, "%secho \"%s=%s\" >> \"$GITHUB_ENV\"\n", self->exports,
                                          table->name, table->expression);
        else if (table->expression)
            draft_set_text (self->env, table->name,
                            arena_printf (self->arena, "${{ %s }}", table->expression));
        else
            import_note (self, self->top, 1, "the variable %s has no counterpart; it is not set",
                         table->name);
    }
}

// ---- the workflow ----

static const char *plural (size_t count)
{
    return count == 1 ? " was" : "s were";
}

static void remark_secrets (const import_t *self, draft_t *workflow)
{
    const char *names = "";
    for (size_t i = 0; i < self->secret_count; i++)
        names = arena_printf (self->arena, "%s%s%s", names, i ? ", " : "", self->secrets[i]);
    if (self->secret_count)
        draft_remark (workflow,
                      arena_printf (self->arena, "Reads these secrets, which must be set: %s", names));
}

// A job is skipped where one before it was, though nothing failed: other systems go on.
static void find_uncertain (const import_t *self)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < self->job_count; i++)
            for (size_t j = 0; j < self->jobs[i]->need_count && !self->jobs[i]->uncertain; j++) {
                const import_job_t *need = self->jobs[i]->needs[j];
                self->jobs[i]->uncertain = need->condition || need->uncertain;
                again = again || self->jobs[i]->uncertain;
            }
    }
}

static const char *whole_condition (const import_t *self, const import_job_t *job)
{
    if (!job->uncertain || (job->condition && import_asks_status (self->arena, job->condition)))
        return job->condition;
    return import_and (self->arena, IMPORT_SUCCEEDED, job->condition);
}

static draft_t *job_draft (const import_t *self, const import_job_t *job)
{
    arena_t *arena = self->arena;
    draft_t *map = draft_map (arena), *needs = draft_list (arena);
    const char *condition = whole_condition (self, job);
    if (job->name && strcmp (job->name, job->id) != 0)
        draft_set_text (map, "name", job->name);
    for (size_t i = 0; i < job->need_count; i++)
        draft_add_text (needs, job->needs[i]->id);
    if (job->need_count)
        draft_set (map, "needs", needs);
    if (condition)
        draft_set_text (map, "if", arena_printf (arena, "${{ %s }}", condition));
    draft_add_map (map, job->head);
    if (draft_count (job->steps) == 0) // Green would say that what it did was done
        draft_add (job->steps, import_run (arena, "Nothing of this job was translated", "exit 1"));
    draft_t *steps = draft_list (arena);
    if (*self->exports)
        draft_add (steps, import_run (arena, "Variables of the other system", self->exports));
    draft_add_map (steps, job->steps);
    draft_set (map, "steps", steps);
    return map;
}

void import_print (const import_t *self, buffer_t *into)
{
    arena_t *arena = self->arena;
    draft_t *workflow = draft_map (arena), *jobs = draft_map (arena);
    find_uncertain (self);
    for (size_t i = 0; i < self->job_count; i++)
        draft_set (jobs, self->jobs[i]->id, job_draft (self, self->jobs[i]));
    draft_remark (workflow, arena_printf (arena, "Made from %s by `opencicd import`.",
                                          draft_escape (arena, self->file)));
    remark_secrets (self, workflow);
    draft_set_text (workflow, "name", self->title);
    draft_set (workflow, "on", self->on);
    draft_add_map (workflow, self->top);
    if (draft_count (self->env))
        draft_set (workflow, "env", self->env);
    draft_set (workflow, "jobs", jobs);
    if (self->notes > IMPORT_NOTES)
        draft_remark (workflow, arena_printf (arena, "The first %d are shown.", IMPORT_NOTES));
    draft_remark (workflow,
                  arena_printf (arena, "%zu thing%s not translated.", self->notes, plural (self->notes)));
    draft_print (workflow, into);
}
