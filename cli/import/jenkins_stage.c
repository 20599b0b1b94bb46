/* jenkins_stage.c - stages as steps of the job at hand, or as jobs of their own. See jenkins.h. */

#include "cli/import/jenkins.h"

#include <string.h>

#define CELLS_MAX 256 // Of a matrix, as GitHub has it

static void stage (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *outer, bool apart);

// ---- jobs ----

static void need_later (jenkins_t *self, import_job_t *job)
{
    self->before = arena_grow (self->arena, self->before, self->before_count, &self->before_capacity,
                               sizeof (self->before[0]));
    self->before[self->before_count++] = job;
}

void jenkins_close (jenkins_t *self)
{
    if (!self->job)
        return;
    self->before_count = 0;
    need_later (self, self->job);
    self->job = NULL;
}

// Has another job run where this one would have found its files?
static bool misses_files (const jenkins_t *self, const jenkins_scope_t *scope)
{
    return self->import->job_count > 1 && scope->agent && scope->agent == self->agent &&
           self->before_count > 0;
}

static void begin_steps (jenkins_t *self, const jenkins_scope_t *scope)
{
    if (self->checkout) {
        draft_t *step = import_checkout (self->import, self->job), *with = draft_map (self->arena);
        if (self->folder) {
            draft_set_text (with, "path", self->folder);
            draft_set (step, "with", with);
        }
    }
    jenkins_scope_t plain = {.stage = scope->stage};
    jenkins_tools (self, self->tools, &plain);
}

// False where there are too many. The scope's condition and environment become the job's where a job can have them.
static bool open_job (jenkins_t *self, const char *name, jenkins_scope_t *scope)
{
    import_job_t *job = import_job (self->import, name);
    if (!job)
        return false;
    for (size_t i = 0; i < self->before_count; i++)
        import_need (self->import, job, self->before[i]);
    if (scope->condition && scope->job_condition) {
        import_condition (self->import, job, scope->job_condition);
        scope->condition = scope->job_condition = NULL;
    }
    if (misses_files (self, scope))
        import_note (
            self->import, job->head, scope->agent->line,
            "this job begins with an empty workspace: pass on what earlier stages made as artifacts");
    jenkins_agent (self, scope->agent, job);
    if (self->minutes)
        draft_set (job->head, "timeout-minutes", draft_bare (self->arena, self->minutes));
    self->job = job;
    self->job_agent = scope->agent;
    begin_steps (self, scope);
    return true;
}

// ---- a stage with steps ----

static const groovy_t *block_of (const groovy_t *stage, const char *name)
{
    const groovy_t *call = groovy_find (stage->block, name);
    return call ? call->block : NULL;
}

// Someone must agree before it runs.
static void ask (jenkins_t *self, const groovy_t *call)
{
    const char *name = import_name (self->arena, self->job->name);
    draft_set_text (self->job->head, "environment", name);
    import_note (
        self->import, self->job->head, call->line,
        "the question of \"input\": give the environment \"%s\" its approvers, then this job waits for them",
        name);
}

static void stage_steps (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *post = block_of (call, "post"), *steps = block_of (call, "steps");
    size_t before = draft_count (self->job->steps);
    const char *mark = post ? arena_printf (self->arena, "stage-%d", ++self->marks) : NULL;
    jenkins_tools (self, block_of (call, "tools"), scope);
    self->mark = mark;
    if (steps)
        jenkins_steps (self, steps, scope);
    self->mark = NULL;
    if (post)
        jenkins_stage_post (self, post, scope, draft_count (self->job->steps) > before ? mark : NULL);
}

static void note_options (jenkins_t *self, const groovy_t *options, jenkins_scope_t *scope)
{
    for (size_t i = 0; options && i < options->count; i++) {
        const groovy_t *row = options->items[i];
        bool timeout = row->kind == GROOVY_CALL && strcmp (row->text, "timeout") == 0;
        const char *minutes = timeout ? jenkins_minutes (self, row) : NULL;
        bool idle = row->kind == GROOVY_CALL &&
                    (strcmp (row->text, "timestamps") == 0 || strcmp (row->text, "ansiColor") == 0);
        if (minutes)
            scope->minutes = minutes;
        else if (!idle)
            import_quote (self->import, self->job ? self->job->steps : self->import->top, row->line,
                          row->source, row->size, "an option of the stage");
    }
}

static void note_unknown (jenkins_t *self, const groovy_t *call, draft_t *notes)
{
    static const char known[] =
        " agent when environment options tools input steps stages parallel matrix post failFast ";
    for (size_t i = 0; i < call->block->count; i++) {
        const groovy_t *row = call->block->items[i];
        bool is_known =
            row->kind == GROOVY_CALL && strstr (known, arena_printf (self->arena, " %s ", row->text));
        if (!is_known)
            import_quote (self->import, notes, row->line, row->source, row->size, "something in the stage");
    }
}

// ---- parallel and matrix ----

static void join (jenkins_t *self, import_job_t ***ends, size_t *count, size_t *capacity)
{
    jenkins_close (self);
    for (size_t i = 0; i < self->before_count; i++) {
        *ends = arena_grow (self->arena, *ends, *count, capacity, sizeof (**ends));
        (*ends)[(*count)++] = self->before[i];
    }
}

static void branches (jenkins_t *self, const groovy_t *block, const jenkins_scope_t *scope)
{
    jenkins_close (self);
    size_t start_count = self->before_count, count = 0, capacity = 0;
    import_job_t **start = arena_array (self->arena, start_count + 1, sizeof (self->before[0])),
                 **ends = NULL;
    for (size_t i = 0; i < start_count; i++)
        start[i] = self->before[i];
    for (size_t i = 0; i < block->count && !self->import->error; i++) {
        const groovy_t *branch = block->items[i];
        if (branch->kind != GROOVY_CALL || strcmp (branch->text, "stage") != 0 || !branch->block) {
            import_quote (self->import, self->import->top, branch->line, branch->source, branch->size,
                          "a branch of \"parallel\"");
            continue;
        }
        self->before_count = 0;
        for (size_t j = 0; j < start_count; j++)
            need_later (self, start[j]);
        stage (self, branch, scope, true);
        join (self, &ends, &count, &capacity);
    }
    self->before_count = 0;
    for (size_t i = 0; i < count; i++)
        need_later (self, ends[i]);
}

static draft_t *values_of (jenkins_t *self, const groovy_t *call)
{
    draft_t *list = draft_list (self->arena);
    for (size_t i = 0; call && i < call->count; i++)
        if (call->items[i]->kind == GROOVY_STRING)
            draft_add_text (list, draft_escape (self->arena, call->items[i]->text));
    return list;
}

static bool add_axes (jenkins_t *self, const groovy_t *axes, draft_t *matrix, draft_t *env)
{
    size_t cells = 1;
    for (size_t i = 0; axes && i < axes->count; i++) {
        const groovy_t *axis = axes->items[i]->kind == GROOVY_CALL ? axes->items[i]->block : NULL;
        const char *name = axis ? groovy_argument_text (groovy_find (axis, "name"), NULL) : NULL;
        draft_t *values = axis ? values_of (self, groovy_find (axis, "values")) : NULL;
        cells *= draft_count (values);
        if (!name || !import_is_variable (name) || cells == 0 || cells > CELLS_MAX)
            return false;
        const char *text = arena_printf (self->arena, "${{ matrix.%s }}", name);
        draft_set (matrix, name, values);
        draft_set_text (env, name, text);
        jenkins_bind (self, name, text, NULL);
    }
    return draft_count (matrix) > 0;
}

// One exclude: each axis with one value is a row; with several, or notValues, it would be many.
static draft_t *exclusion (jenkins_t *self, const groovy_t *block, const draft_t *matrix)
{
    draft_t *row = draft_map (self->arena);
    for (size_t i = 0; block && i < block->count; i++) {
        const groovy_t *axis = block->items[i]->kind == GROOVY_CALL ? block->items[i]->block : NULL;
        const char *name = axis ? groovy_argument_text (groovy_find (axis, "name"), NULL) : NULL;
        const groovy_t *values = axis ? groovy_find (axis, "values") : NULL;
        if (!name || !draft_get (matrix, name) || !values || values->count != 1 ||
            values->items[0]->kind != GROOVY_STRING)
            return NULL;
        draft_set_text (row, name, draft_escape (self->arena, values->items[0]->text));
    }
    return draft_count (row) ? row : NULL;
}

static void add_exclusions (jenkins_t *self, const groovy_t *excludes, draft_t *matrix)
{
    draft_t *list = draft_list (self->arena);
    for (size_t i = 0; excludes && i < excludes->count; i++) {
        const groovy_t *row = excludes->items[i];
        draft_t *exclude = row->kind == GROOVY_CALL ? exclusion (self, row->block, matrix) : NULL;
        if (exclude)
            draft_add (list, exclude);
        else
            import_quote (self->import, self->job->head, row->line, row->source, row->size,
                          "an exclusion of the matrix");
    }
    if (draft_count (list))
        draft_set (matrix, "exclude", list);
}

static void cells (jenkins_t *self, const groovy_t *call, const char *name, jenkins_scope_t *scope)
{
    const groovy_t *block = call->block, *agent = groovy_find (block, "agent");
    draft_t *matrix = draft_map (self->arena), *strategy = draft_map (self->arena),
            *env = draft_map (self->arena);
    size_t bindings = self->binding_count;
    jenkins_close (self);
    bool done = add_axes (self, block_of (call, "axes"), matrix, env);
    if (agent)
        scope->agent = agent;
    jenkins_when (self, groovy_find (block, "when"), scope, self->import->top);
    if (!open_job (self, name, scope))
        return;
    jenkins_environment (self, block_of (call, "environment"), env, self->job->head);
    add_exclusions (self, block_of (call, "excludes"), matrix);
    draft_set (strategy, "fail-fast", draft_bare (self->arena, "false"));
    draft_set (strategy, "matrix", matrix);
    if (done) {
        draft_set (self->job->head, "strategy", strategy);
        draft_set (self->job->head, "env", env);
    } else
        import_quote (self->import, self->job->head, call->line, call->source, call->size,
                      "the axes of the matrix");
    self->flat = true;
    if (block_of (call, "stages"))
        jenkins_stages (self, block_of (call, "stages"), scope);
    self->flat = false;
    stage_steps (self, call, scope);
    self->binding_count = bindings;
    jenkins_close (self);
}

// ---- stages ----

static const char *name_of (const groovy_t *call)
{
    const groovy_t *name = groovy_argument (call, NULL);
    if (name && name->kind == GROOVY_STRING && *name->text)
        return name->text;
    return "stage";
}

static bool is_alone (const groovy_t *call)
{
    return groovy_find (call->block, "input") || jenkins_asks (block_of (call, "steps"));
}

static void branching (jenkins_t *self, const groovy_t *call, const groovy_t *parallel,
                       const jenkins_scope_t *scope)
{
    const groovy_t *post = block_of (call, "post");
    branches (self, parallel, scope);
    if (post)
        import_quote (self->import, self->import->top, post->line, post->source, post->size,
                      "what comes after all branches of \"parallel\"");
}

static void stage_body (jenkins_t *self, const groovy_t *call, jenkins_scope_t *scope, bool own)
{
    const groovy_t *parallel = block_of (call, "parallel"), *matrix = groovy_find (call->block, "matrix");
    const groovy_t *stages = block_of (call, "stages");
    if (parallel && !self->flat) {
        branching (self, call, parallel, scope);
        return;
    }
    if (matrix && matrix->block && !self->flat) {
        cells (self, matrix, scope->stage, scope);
        return;
    }
    if (!self->flat && (own || !self->job || self->job_agent != scope->agent)) {
        jenkins_close (self);
        if ((!stages || own) && !open_job (self, scope->stage, scope))
            return;
    }
    jenkins_stages (self, stages ? stages : parallel, scope);
    if (self->job)
        stage_steps (self, call, scope);
}

static void set_agent (jenkins_t *self, const groovy_t *agent, jenkins_scope_t *scope, draft_t *notes)
{
    if (agent && self->flat)
        import_quote (self->import, notes, agent->line, agent->source, agent->size,
                      "the agent of one stage of a matrix");
    else if (agent)
        scope->agent = agent;
}

static void set_environment (jenkins_t *self, const groovy_t *section, jenkins_scope_t *scope, draft_t *notes)
{
    if (!section)
        return;
    draft_t *env = draft_map (self->arena);
    draft_add_map (env, scope->env);
    jenkins_environment (self, section, env, notes);
    scope->env = env;
}

// `apart`: with a job of its own whatever it says.
static void stage (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *outer, bool apart)
{
    jenkins_scope_t scope = *outer;
    const groovy_t *agent = groovy_find (call->block, "agent");
    draft_t *notes = self->job ? self->job->steps : self->import->top;
    size_t bindings = self->binding_count, jobs = self->import->job_count;
    bool alone = is_alone (call) && !self->flat, own = apart || alone || (agent && !self->flat);
    scope.stage = name_of (call);
    set_agent (self, agent, &scope, notes);
    jenkins_when (self, groovy_find (call->block, "when"), &scope, notes);
    bool conditional = scope.condition != outer->condition;
    set_environment (self, block_of (call, "environment"), &scope, notes);
    note_options (self, block_of (call, "options"), &scope);
    note_unknown (self, call, notes);
    stage_body (self, call, &scope, own);
    if (alone && self->job)
        ask (self, call);
    // What comes after it must not have its condition, nor wait for its approval
    if (!self->flat && self->import->job_count > jobs && (own || conditional))
        jenkins_close (self);
    self->binding_count = bindings;
}

void jenkins_stages (jenkins_t *self, const groovy_t *block, const jenkins_scope_t *scope)
{
    for (size_t i = 0; block && i < block->count && !self->import->error; i++) {
        const groovy_t *row = block->items[i];
        if (row->kind == GROOVY_CALL && strcmp (row->text, "stage") == 0 && row->block)
            stage (self, row, scope, false);
        else
            import_quote (self->import, self->job ? self->job->steps : self->import->top, row->line,
                          row->source, row->size, "something between stages");
    }
}
