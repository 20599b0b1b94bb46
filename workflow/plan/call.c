/* call.c - see call.h. Depth first through the files: each is walked once, and remembers how deep the calls below it go. */

#include "workflow/plan/call.h"
#include "common/base/nearest.h"
#include "workflow/plan/call_permissions.h"
#include "workflow/plan/plan_scope.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *name;
    const workflow_t *workflow;
    size_t height; // Workflows in the longest row of calls that begins here
    bool open;     // On the way down
} callee_t;

typedef struct {
    arena_t *arena;
    const call_finder_t *finder;
    findings_t *findings;
    callee_t files[CALL_FILES + 1]; // The run's own first
    size_t count;
    const char *way[CALL_DEPTH + 1];
    size_t depth;
} walk_t;

#define COMPLAIN(self, at, ...) \
    findings_add ((self)->findings, (at)->line, (at)->column, SEVERITY_ERROR, "calls", __VA_ARGS__)

// Bytes of "https://host/" at its beginning, as forges other than GitHub let a repository be named.
static size_t site_size (const char *name)
{
    size_t scheme = strncasecmp (name, "https://", 8) == 0  ? 8
                    : strncasecmp (name, "http://", 7) == 0 ? 7
                                                            : 0;
    size_t host = scheme ? strcspn (name + scheme, "/@") : 0;
    return host > 0 && name[scheme + host] == '/' ? scheme + host + 1 : 0;
}

// Bytes of "[https://host/]owner/repo" at its beginning; 0 where it has not that form.
static size_t repository_size (const char *name)
{
    size_t site = site_size (name), repository = 0;
    const char *own = name + site;
    size_t owner = strcspn (own, "/@");
    if (owner > 0 && own[owner] == '/' && strncmp (own, "./", 2) != 0)
        repository = strcspn (own + owner + 1, "/@");
    return repository > 0 && own[owner + 1 + repository] == '/' ? site + owner + 1 + repository : 0;
}

bool call_repository (arena_t *arena, const char *name, const char **repository, const char **ref)
{
    size_t size = repository_size (name);
    const char *at = strrchr (name, '@');
    if (size == 0 || !at || !at[1])
        return false;
    *repository = arena_strndup (arena, name, size);
    *ref = at + 1;
    return true;
}

const char *call_name (arena_t *arena, const char *from, const char *uses)
{
    const char *at = strrchr (from, '@');
    if (strncmp (uses, "./", 2) != 0 && strncmp (uses, "$/", 2) != 0)
        return uses;
    if (strncmp (from, "./", 2) == 0 || !at) // "./" and "$/" are one name, so that both are one file
        return arena_printf (arena, ".%s", uses + 1);
    return arena_printf (arena, "%.*s%s%s", (int) repository_size (from), from, uses + 1, at);
}

static const declared_t *find_secret (const interface_t *interface, const char *name)
{
    for (size_t i = 0; i < interface->secret_count; i++)
        if (strcasecmp (interface->secrets[i].name.text, name) == 0)
            return &interface->secrets[i];
    return NULL;
}

static bool gives (const pairs_t *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (strcasecmp (pairs->items[i].key.text, name) == 0)
            return true;
    return pairs->whole.text != NULL;
}

static void check_with (walk_t *self, const job_t *job, const interface_t *interface)
{
    for (size_t i = 0; i < job->with.count; i++) {
        const text_t *key = &job->with.items[i].key;
        if (interface_input (interface, key->text))
            continue;
        nearest_t nearest;
        nearest_begin (&nearest, key->text);
        for (size_t k = 0; k < interface->input_count; k++)
            nearest_offer (&nearest, interface->inputs[k].name.text);
        COMPLAIN (self, key, "%s has no input \"%s\"%s", job->uses.text, key->text,
                  nearest.best ? arena_printf (self->arena, "; did you mean \"%s\"?", nearest.best) : "");
    }
    for (size_t i = 0; i < interface->input_count; i++) {
        const input_t *input = &interface->inputs[i];
        if (input->required && !input->fallback && !gives (&job->with, input->name.text))
            COMPLAIN (self, &job->uses, "%s needs the input \"%s\"", job->uses.text, input->name.text);
    }
}

static void check_secrets (walk_t *self, const job_t *job, const interface_t *interface)
{
    if (job->inherit_secrets)
        return;
    for (size_t i = 0; i < job->secrets.count; i++) {
        const text_t *key = &job->secrets.items[i].key;
        if (!find_secret (interface, key->text))
            COMPLAIN (self, key, "%s has no secret \"%s\"", job->uses.text, key->text);
    }
    for (size_t i = 0; i < interface->secret_count; i++) {
        const declared_t *secret = &interface->secrets[i];
        if (secret->required && !gives (&job->secrets, secret->name.text))
            COMPLAIN (self, &job->uses, "%s needs the secret \"%s\"", job->uses.text, secret->name.text);
    }
}

static void check_permissions (walk_t *self, const job_t *job, const workflow_t *workflow)
{
    bool first = self->depth == 1; // It is the run's own file that calls
    for (size_t i = 0; i < workflow->job_count; i++) {
        const char *raised = permission_raised (self->arena, job, &workflow->jobs[i], first);
        if (raised)
            COMPLAIN (self, &job->uses, "job \"%s\" of %s asks for %s", workflow->jobs[i].key.text,
                      job->uses.text, raised);
    }
}

static callee_t *file_of (walk_t *self, const job_t *job, const char *name)
{
    const char *reason = "there is no such file";
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->files[i].name, name) == 0)
            return &self->files[i];
    if (self->count == CALL_FILES + 1) {
        COMPLAIN (self, &job->uses, "a run calls at most %d different workflows", CALL_FILES);
        return NULL;
    }
    const workflow_t *workflow = self->finder->find (self->finder->self, name, &reason);
    if (!workflow && reason)
        COMPLAIN (self, &job->uses, "%s cannot be called: %s", name, reason);
    else if (workflow && !workflow_event (workflow, "workflow_call")) {
        COMPLAIN (self, &job->uses, "%s cannot be called: its `on` has no `workflow_call`", name);
        workflow = NULL;
    }
    // Not kept where it cannot be called: each call of it is to be reported
    callee_t *file = workflow ? &self->files[self->count++] : NULL;
    if (file)
        *file = (callee_t){.name = name, .workflow = workflow};
    return file;
}

static void report_circle (walk_t *self, const job_t *job, const callee_t *file)
{
    const char *names = "";
    for (size_t i = 0; i < self->depth; i++)
        if (*names || strcmp (self->way[i], file->name) == 0)
            names = arena_printf (self->arena, "%s%s -> ", names, self->way[i]);
    COMPLAIN (self, &job->uses, "workflows call each other in a circle: %s%s", names, file->name);
}

// As deep as CALL_DEPTH at most.
static void walk_file (walk_t *self, callee_t *file);

static void walk_call (walk_t *self, callee_t *from, const job_t *job)
{
    callee_t *file = file_of (self, job, call_name (self->arena, from->name, job->uses.text));
    if (!file)
        return;
    // At every call, also of a file that was walked before: what it is given differs
    check_with (self, job, &file->workflow->call);
    check_secrets (self, job, &file->workflow->call);
    check_permissions (self, job, file->workflow);
    if (file->open) {
        report_circle (self, job, file);
        return;
    }
    // A file that was walked before is not walked again, however many call it: its height alone tells what is below
    if (self->depth + (file->height ? file->height : 1) > CALL_DEPTH) {
        COMPLAIN (self, &job->uses, "more than %d workflows call one another in a row", CALL_DEPTH);
        return;
    }
    if (!file->height)
        walk_file (self, file);
    if (file->height + 1 > from->height)
        from->height = file->height + 1;
}

static void walk_file (walk_t *self, callee_t *file)
{
    const char *before = self->findings->file;
    // What is found below is of that file; put back at the end
    self->findings->file = file->workflow->file;
    self->way[self->depth++] = file->name;
    file->open = true;
    for (size_t i = 0; i < file->workflow->job_count; i++)
        if (file->workflow->jobs[i].uses.text)
            walk_call (self, file, &file->workflow->jobs[i]);
    file->open = false;
    file->height = file->height ? file->height : 1;
    self->depth--;
    self->findings->file = before;
}

fault_t calls_check (arena_t *arena, const workflow_t *root, const call_finder_t *finder,
                     findings_t *findings)
{
    size_t errors = findings->errors;
    walk_t self = {.arena = arena, .finder = finder, .findings = findings, .count = 1};
    self.files[0] = (callee_t){.name = "", .workflow = root};
    walk_file (&self, &self.files[0]);
    return findings->errors == errors ? OK : INVALID;
}

fault_t call_outputs (arena_t *arena, const workflow_t *workflow, const plan_context_t *context,
                      findings_t *findings, const value_t **out)
{
    plan_scope_t scope = {.arena = arena, .findings = findings, .context = context};
    size_t errors = findings->errors;
    value_t *outputs = value_object (arena);
    for (size_t i = 0; i < workflow->call.output_count; i++) {
        const declared_t *output = &workflow->call.outputs[i];
        value_set (arena, outputs, output->name.text,
                   value_string (arena, plan_string (&scope, &output->value)));
    }
    *out = outputs;
    return findings->errors == errors ? OK : INVALID;
}
