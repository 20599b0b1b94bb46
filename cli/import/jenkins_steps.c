/* jenkins_steps.c - the steps of a stage, one function a kind. See jenkins.h.
 *
 * A step that wraps others is translated by its effect on each of them; one that is not known is left out whole, with what it wraps: it
 * may be a condition. */

#include "cli/import/jenkins.h"

#include <string.h>

#define NAME_BYTES 60 // Of a step's name

typedef bool step_fn (jenkins_t *self, const groovy_t *call,
                      const jenkins_scope_t *scope); // False: not understood

static step_fn *find (const char *name);

// ---- adding steps ----

static void add_env (draft_t *step, const draft_t *env, arena_t *arena)
{
    draft_t *all = draft_map (arena);
    draft_add_map (all, env);
    draft_add_map (all, draft_get (step, "env"));
    if (draft_count (all))
        draft_set (step, "env", all);
}

void jenkins_add (jenkins_t *self, draft_t *step, const jenkins_scope_t *scope)
{
    arena_t *arena = self->arena;
    draft_t *whole = draft_map (arena);
    const draft_t *name = draft_get (step, "name");
    if (name)
        draft_set (whole, "name", draft_get (step, "name"));
    if (self->mark)
        draft_set_text (whole, "id", self->mark);
    self->mark = NULL;
    if (scope->condition)
        draft_set_text (whole, "if", arena_printf (arena, "${{ %s }}", scope->condition));
    draft_add_map (whole, step);
    if (scope->folder && draft_get (step, "run"))
        draft_set_text (whole, "working-directory", scope->folder);
    if (scope->goes_on)
        draft_set (whole, "continue-on-error", draft_bare (arena, "true"));
    if (scope->minutes)
        draft_set (whole, "timeout-minutes", draft_bare (arena, scope->minutes));
    add_env (whole, scope->env, arena);
    draft_add (self->job->steps, whole);
}

static void quote (jenkins_t *self, const groovy_t *call, const char *what)
{
    import_quote (self->import, self->job->steps, call->line, call->source, call->size, "%s", what);
}

// "Build: mvn package": the stage, and how the script begins.
static const char *name_of (jenkins_t *self, const jenkins_scope_t *scope, const char *what)
{
    const char *begin = what + strspn (what, " \t\r\n");
    size_t size = strcspn (begin, "\r\n");
    bool cut = size > NAME_BYTES;
    size = cut ? NAME_BYTES : size;
    while (cut && size && ((unsigned char) begin[size] & 0xC0) == 0x80)
        size--;
    const char *line = arena_printf (self->arena, "%.*s%s", (int) size, begin, cut ? "..." : "");
    const char *stage = draft_escape (self->arena, scope->stage);
    line = draft_escape (self->arena, line);
    return *line ? arena_printf (self->arena, "%s%s%s", stage, *stage ? ": " : "", line) : stage;
}

static const groovy_t *argument (const groovy_t *call, const char *name)
{
    const groovy_t *value = groovy_argument (call, name);
    return value ? value : groovy_argument (call, NULL);
}

// ---- shells ----

static void set_shell (jenkins_t *self, const groovy_t *call, const char *script, draft_t *step)
{
    if (strncmp (script, "#!", 2) != 0)
        return;
    const char *line = arena_strndup (self->arena, script, strcspn (script, "\n"));
    if (strstr (line, "python"))
        draft_set_text (step, "shell", "python");
    else if (strstr (line, "bash"))
        draft_set_text (step, "shell", "bash");
    else if (!strstr (line, "/sh"))
        quote (self, call, "the interpreter of this script");
}

static bool is_text (const groovy_t *value)
{
    return value && (value->kind == GROOVY_STRING || value->kind == GROOVY_TEMPLATE ||
                     value->kind == GROOVY_NUMBER || value->kind == GROOVY_NAME);
}

static bool step_sh (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const char *problem, *status = groovy_argument_text (call, "returnStatus");
    const groovy_t *script = argument (call, "script");
    const char *label = groovy_argument_text (call, "label");
    if (!is_text (script))
        return false;
    const char *text = jenkins_script (self, script, &problem);
    text += strspn (text, "\r\n");
    if (!text[strspn (text, " \t\r\n")])
        return true;
    if (problem)
        quote (self, call, problem);
    const char *first = script->kind == GROOVY_STRING
                            ? script->text
                            : arena_strndup (self->arena, script->source, script->size);
    first += script->kind == GROOVY_STRING ? 0 : strspn (first, "\"$/");
    draft_t *step = import_run (self->arena, name_of (self, scope, label ? label : first), text);
    set_shell (self, call, text, step);
    jenkins_scope_t inner = *scope;
    inner.goes_on = inner.goes_on || (status && strcmp (status, "true") == 0);
    jenkins_add (self, step, &inner);
    return true;
}

// echo takes a dash at the beginning for an option, and in some shells reads backslashes: printf does neither.
static const char *print_of (const groovy_t *value)
{
    bool template = value->kind == GROOVY_TEMPLATE, plain = true;
    for (size_t i = 0; i < (template ? value->count : 1); i++) {
        const groovy_t *part = template ? value->items[i] : value;
        plain = plain && (part->kind != GROOVY_STRING || !strchr (part->text, '\\')) &&
                (i > 0 || *part->text != '-');
    }
    return plain ? "echo" : "printf '%s\\n'";
}

static bool step_echo (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *message = argument (call, "message");
    const char *word = message ? jenkins_word (self, message) : NULL;
    if (word)
        jenkins_add (self,
                     import_run (self->arena, name_of (self, scope, "echo"),
                                 arena_printf (self->arena, "%s %s", print_of (message), word)),
                     scope);
    return word != NULL;
}

static bool step_error (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *message = argument (call, "message");
    const char *word = message ? jenkins_word (self, message) : NULL;
    if (word)
        jenkins_add (
            self,
            import_run (self->arena, name_of (self, scope, "error"),
                        arena_printf (self->arena, "%s \"::error::\"%s\nexit 1\n", print_of (message), word)),
            scope);
    return word != NULL;
}

static bool step_sleep (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *time = argument (call, "time");
    if (!time || time->kind != GROOVY_NUMBER || groovy_argument (call, "unit"))
        return false;
    jenkins_add (self,
                 import_run (self->arena, name_of (self, scope, "sleep"),
                             arena_printf (self->arena, "sleep %s", time->text)),
                 scope);
    return true;
}

// ---- files ----

static bool step_checkout (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *what = groovy_argument (call, NULL);
    bool scm = what && what->kind == GROOVY_NAME && strcmp (what->text, "scm") == 0;
    if (!scm)
        return false;
    if (self->checkout && !self->folder) // The job has begun with it
        return true;
    draft_t *step = import_uses (self->arena, NULL, "actions/checkout@v4"), *with = draft_map (self->arena);
    if (scope->folder) {
        draft_set_text (with, "path", scope->folder);
        draft_set (step, "with", with);
    }
    jenkins_add (self, step, scope);
    return true;
}

// "a, b" as a line each, in the folder that the scope is in.
static const char *paths_of (jenkins_t *self, const char *text, int line, const jenkins_scope_t *scope)
{
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (const char *p = text; *p;) {
        p += strspn (p, ", \t\r\n");
        size_t size = draft_span (p, ",\r\n"), next = size;
        while (size && strchr (" \t", p[size - 1]))
            size--;
        if (size)
            buffer_printf (out, "%s%s%s%.*s", buffer_size (out) ? "\n" : "",
                           scope->folder ? scope->folder : "", scope->folder ? "/" : "", (int) size, p);
        p += next;
    }
    return import_taken (self->import, line, &out);
}

static bool upload (jenkins_t *self, const char *title, const char *name, const char *paths, bool may_lack,
                    const jenkins_scope_t *scope)
{
    draft_t *step = import_uses (self->arena, name_of (self, scope, title), "actions/upload-artifact@v4");
    draft_t *with = draft_map (self->arena);
    draft_set_text (with, "name", name);
    draft_set_text (with, "path", paths);
    draft_set_text (with, "if-no-files-found", may_lack ? "ignore" : "error");
    draft_set (step, "with", with);
    jenkins_add (self, step, scope);
    return true;
}

// Names of artifacts are unique in a run; cells of a matrix get their own.
static const char *artifact_name (jenkins_t *self, const char *what)
{
    const char *cell = draft_get (self->job->head, "strategy") ? "-${{ strategy.job-index }}" : "";
    return arena_printf (self->arena, "%s-%s-%zu%s", what, self->job->id, draft_count (self->job->steps),
                         cell);
}

static bool step_archive (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    bool known = false;
    const groovy_t *files = argument (call, "artifacts");
    const char *text = files ? jenkins_value (self, files, &known) : "",
               *lack = groovy_argument_text (call, "allowEmptyArchive");
    const char *paths = paths_of (self, text, call->line, scope);
    const char *without = groovy_argument_text (call, "excludes");
    if (!known || !*paths)
        return false;
    if (without)
        paths = arena_printf (self->arena, "%s\n!%s", paths, draft_escape (self->arena, without));
    return upload (self, "archive artifacts", artifact_name (self, "files"), paths,
                   lack && strcmp (lack, "true") == 0, scope);
}

static bool step_junit (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const char *files = groovy_argument_text (call, "testResults");
    if (!files)
        files = groovy_argument_text (call, NULL);
    const char *paths = files ? paths_of (self, draft_escape (self->arena, files), call->line, scope) : "";
    if (!*paths || strstr (paths, "${{")) // What is in a variable must not become part of a script
        return false;
    buffer_t *script = buffer_new (DRAFT_MAX);
    for (const char *p = paths; *p;) { // Reports are found by this command, whatever their names are
        size_t size = strcspn (p, "\n");
        const char *path = arena_strndup (self->arena, p, size);
        const char *command = arena_printf (self->arena, "::report file=%s::", path);
        buffer_printf (script, "echo %s\n", jenkins_quoted (self, command, call->line));
        p += size + (p[size] == '\n');
    }
    jenkins_scope_t plain = *scope;
    plain.folder = NULL; // It is in the paths
    jenkins_add (self,
                 import_run (self->arena, name_of (self, scope, "test reports"),
                             import_taken (self->import, call->line, &script)),
                 &plain);
    return true;
}

static bool step_stash (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const char *name = groovy_argument_text (call, "name"), *files = groovy_argument_text (call, "includes");
    if (!name)
        name = groovy_argument_text (call, NULL);
    const char *paths = paths_of (self, files ? draft_escape (self->arena, files) : "**", call->line, scope);
    if (!name || !*paths)
        return false;
    const char *without = groovy_argument_text (call, "excludes"),
               *lack = groovy_argument_text (call, "allowEmpty");
    if (without)
        paths = arena_printf (self->arena, "%s\n!%s", paths, draft_escape (self->arena, without));
    // The last one makes their common folder the one that they are in, so that they come back to where they were
    paths = arena_printf (self->arena, "%s\n%s%s.workspace", paths, scope->folder ? scope->folder : "",
                          scope->folder ? "/" : "");
    return upload (self, "stash", arena_printf (self->arena, "stash-%s", import_name (self->arena, name)),
                   paths, lack && strcmp (lack, "true") == 0, scope);
}

static bool step_unstash (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *name = argument (call, "name");
    if (!name || name->kind != GROOVY_STRING)
        return false;
    draft_t *step =
        import_uses (self->arena, name_of (self, scope, "unstash"), "actions/download-artifact@v4");
    draft_t *with = draft_map (self->arena);
    draft_set_text (with, "name",
                    arena_printf (self->arena, "stash-%s", import_name (self->arena, name->text)));
    if (scope->folder)
        draft_set_text (with, "path", scope->folder);
    draft_set (step, "with", with);
    jenkins_add (self, step, scope);
    return true;
}

// ---- steps around others ----

static bool step_dir (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    bool known = false;
    jenkins_scope_t inner = *scope;
    const groovy_t *path = argument (call, "path");
    const char *text = path ? jenkins_value (self, path, &known) : "";
    if (!known || !call->block)
        return false;
    inner.folder =
        scope->folder && *text != '/' ? arena_printf (self->arena, "%s/%s", scope->folder, text) : text;
    jenkins_steps (self, call->block, &inner);
    return true;
}

static draft_t *scope_env (jenkins_t *self, const jenkins_scope_t *scope)
{
    draft_t *env = draft_map (self->arena);
    draft_add_map (env, scope->env);
    return env;
}

// NAME=value of one item of withEnv.
static bool set_pair (jenkins_t *self, const groovy_t *item, draft_t *env)
{
    bool known;
    const char *text = jenkins_value (self, item, &known), *equals = strchr (text, '=');
    if (!known || !equals)
        return false;
    const char *name = arena_strndup (self->arena, text, (size_t) (equals - text));
    if (!import_is_variable (name)) // PATH+X prepends
        return false;
    draft_set_text (env, name, equals + 1);
    if (item->kind == GROOVY_STRING)
        jenkins_bind_constant (self, name, strchr (item->text, '=') + 1);
    else
        jenkins_bind (self, name, equals + 1, NULL);
    return true;
}

static bool step_with_env (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *list = argument (call, "overrides");
    jenkins_scope_t inner = *scope;
    size_t bindings = self->binding_count;
    if (!list || list->kind != GROOVY_LIST || !call->block)
        return false;
    inner.env = scope_env (self, scope);
    for (size_t i = 0; i < list->count; i++)
        if (!set_pair (self, list->items[i], inner.env))
            quote (self, list->items[i], "a variable of the next steps");
    jenkins_steps (self, call->block, &inner);
    self->binding_count = bindings;
    return true;
}

static void set_secret (jenkins_t *self, draft_t *env, const char *variable, const char *id, const char *half)
{
    if (!variable || !import_is_variable (variable))
        return;
    const char *secret = import_secret (self->import, arena_printf (self->arena, "%s%s", id, half));
    const char *text = arena_printf (self->arena, "${{ secrets.%s }}", secret);
    draft_set_text (env, variable, text);
    jenkins_bind (self, variable, text, NULL);
}

static bool set_credential (jenkins_t *self, const groovy_t *item, draft_t *env)
{
    const char *id = groovy_argument_text (item, "credentialsId"),
               *variable = groovy_argument_text (item, "variable");
    if (item->kind != GROOVY_CALL || !id)
        return false;
    if (strcmp (item->text, "string") == 0)
        set_secret (self, env, variable, id, "");
    else if (strcmp (item->text, "usernamePassword") == 0) {
        set_secret (self, env, groovy_argument_text (item, "usernameVariable"), id, "_USR");
        set_secret (self, env, groovy_argument_text (item, "passwordVariable"), id, "_PSW");
    } else
        return false;
    return true;
}

static bool step_with_credentials (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    const groovy_t *list = argument (call, "bindings");
    jenkins_scope_t inner = *scope;
    size_t bindings = self->binding_count;
    if (!list || list->kind != GROOVY_LIST || !call->block)
        return false;
    inner.env = scope_env (self, scope);
    for (size_t i = 0; i < list->count; i++)
        if (!set_credential (self, list->items[i], inner.env))
            quote (self, list->items[i], "credentials of the next steps");
    jenkins_steps (self, call->block, &inner);
    self->binding_count = bindings;
    return true;
}

static bool step_timeout (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    jenkins_scope_t inner = *scope;
    const char *minutes = jenkins_minutes (self, call);
    if (!minutes || !call->block)
        return false;
    inner.minutes = minutes;
    jenkins_steps (self, call->block, &inner);
    return true;
}

static bool step_catch (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    jenkins_scope_t inner = *scope;
    inner.goes_on = true;
    if (call->block)
        jenkins_steps (self, call->block, &inner);
    return call->block != NULL;
}

static bool step_retry (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    if (!call->block)
        return false;
    import_note (self->import, self->job->steps, call->line, "retry: the next steps run once");
    jenkins_steps (self, call->block, scope);
    return true;
}

// What is around is left out, and matters: it is noted.
static bool step_around (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    if (!call->block)
        return false;
    import_note (self->import, self->job->steps, call->line, "%s; the next steps run without it", call->text);
    jenkins_steps (self, call->block, scope);
    return true;
}

static bool step_inside (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    if (call->block)
        jenkins_steps (self, call->block, scope);
    return call->block != NULL;
}

// Are all statements steps that we know? Else the code decides which of them run.
static bool is_simple (const groovy_t *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const groovy_t *row = block->items[i];
        if (row->kind != GROOVY_CALL || !find (row->text) || (row->block && !is_simple (row->block)))
            return false;
    }
    return true;
}

static bool step_script (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    if (!call->block || !is_simple (call->block))
        return false;
    jenkins_steps (self, call->block, scope);
    return true;
}

// The job waits for its approval before it begins; each job has a fresh workspace.
static bool step_nothing (jenkins_t *self, const groovy_t *call, const jenkins_scope_t *scope)
{
    (void) self;
    (void) scope;
    return call->block == NULL;
}

static const struct {
    const char *name;
    step_fn *add;
} steps[] = {{"sh", step_sh},
             {"echo", step_echo},
             {"error", step_error},
             {"sleep", step_sleep},
             {"checkout", step_checkout},
             {"archiveArtifacts", step_archive},
             {"junit", step_junit},
             {"stash", step_stash},
             {"unstash", step_unstash},
             {"dir", step_dir},
             {"withEnv", step_with_env},
             {"withCredentials", step_with_credentials},
             {"timeout", step_timeout},
             {"catchError", step_catch},
             {"warnError", step_catch},
             {"retry", step_retry},
             {"timestamps", step_inside},
             {"ansiColor", step_inside},
             {"script", step_script},
             {"input", step_nothing},
             {"cleanWs", step_nothing},
             {"deleteDir", step_nothing},
             {"configFileProvider", step_around},
             {"lock", step_around},
             {"nodejs", step_around},
             {"sshagent", step_around},
             {"withAWS", step_around},
             {"withDockerRegistry", step_around},
             {"withMaven", step_around},
             {"withSonarQubeEnv", step_around},
             {"wrap", step_around}};

static step_fn *find (const char *name)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (strcmp (steps[i].name, name) == 0)
            return steps[i].add;
    return NULL;
}

void jenkins_steps (jenkins_t *self, const groovy_t *block, const jenkins_scope_t *scope)
{
    static const char *const windows[] = {"bat", "powershell", "pwsh"};
    for (size_t i = 0; i < block->count; i++) {
        const groovy_t *row = block->items[i];
        step_fn *add = row->kind == GROOVY_CALL ? find (row->text) : NULL;
        const char *what = row->kind == GROOVY_CALL ? "a step" : "code";
        for (size_t j = 0; j < sizeof windows / sizeof windows[0] && row->kind == GROOVY_CALL; j++)
            if (strcmp (windows[j], row->text) == 0)
                what = "a script for Windows";
        if (!add || !add (self, row, scope))
            quote (self, row, what);
    }
}

bool jenkins_asks (const groovy_t *block)
{
    for (size_t i = 0; block && i < block->count; i++) {
        const groovy_t *row = block->items[i];
        if (row->kind == GROOVY_CALL && (strcmp (row->text, "input") == 0 || jenkins_asks (row->block)))
            return true;
    }
    return false;
}
