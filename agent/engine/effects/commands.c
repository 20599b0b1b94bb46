/* commands.c - see commands.h. One row a command; names that have none are ordinary output, as on GitHub.
 *
 * What a person should read stays in the log, in the form ##[error]text; what only the runner should read goes, unless ::echo::on. */

#include "agent/engine/effects/commands.h"

#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/log/reports.h"
#include "agent/engine/output/annotation.h"
#include "common/os/rooted.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// As on GitHub a command that cannot be obeyed fails its step, whatever the step's exit code is.
static void refuse (step_run_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static void refuse (step_run_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    step_error (self, "%s", arena_vprintf (self->scope.arena, format, args));
    va_end (args);
    self->refused = true;
}

#define SHORT_TOKEN \
    6 // Bytes of a word that ends ::stop-commands:: and is not masked, as it may be an ordinary one

static void add_mask (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) arena;
    if (!command->message[strspn (command->message, " \t\r\n")])
        step_warning (self, "The `add-mask` command needs a value: an empty one cannot be masked");
    else
        step_mask (self, command->message);
}

// ---- outputs, state, environment

// GitHub serves these two still, with a warning: once a step here.
static void warn_of (step_run_t *self, const char *command, const char *file)
{
    if (!self->warned)
        step_warning (self, "The `%s` command is deprecated: write to the file that $%s names", command,
                      file);
    self->warned = true;
}

static void set_output (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) arena;
    warn_of (self, command->name, "GITHUB_OUTPUT");
    step_set_output (self, command_property (command, "name"), command->message);
}

static void save_state (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) arena;
    warn_of (self, command->name, "GITHUB_STATE");
    step_keep_state (self, command_property (command, "name"), command->message);
}

// A switch of the workflow's, else of the agent's own environment.
static const char *given (step_run_t *self, const char *name)
{
    const char *text = value_get_text (self->scope.env, name), *ours = environ_get (&self->job->base, name);
    return !*text && ours ? ours : text;
}

// Whoever can print into a job's log could set variables for its later steps: only where the workflow allows it.
static bool is_allowed (step_run_t *self, const workflow_command_t *command)
{
    static const char allow[] = "ACTIONS_ALLOW_UNSECURE_COMMANDS";
    if (strcasecmp (given (self, allow), "true") == 0)
        return true;
    refuse (
        self,
        "The `%s` command is disabled: write to the file that $GITHUB_ENV or $GITHUB_PATH names, or set %s to true",
        command->name, allow);
    return false;
}

static void set_env (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) arena;
    if (is_allowed (self, command))
        step_set_env (self, command_property (command, "name"), command->message);
}

static void add_path (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) arena;
    if (is_allowed (self, command))
        step_add_path (self, command->message);
}

// ---- annotations

// As the step sees it. A Docker action has it in another place than the job's other steps.
static const char *workspace_of (const step_run_t *self)
{
    bool docker = self->of && self->of->handler == &handler_docker;
    return docker ? "/github/workspace" : self->job->folders->workspace;
}

// A path in there as the job's other steps see it; NULL where it is not in there.
static const char *within (const step_run_t *self, arena_t *arena, const char *path)
{
    const char *workspace = workspace_of (self);
    size_t size = strlen (workspace);
    bool inside = strncmp (path, workspace, size) == 0 && path[size] == '/' && !strstr (path, "/../");
    return inside ? arena_printf (arena, "%s%s", self->job->folders->workspace, path + size) : NULL;
}

static void add_annotation (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    engine_annotation_t annotation;
    annotation_level_t level;
    if (!annotation_level (command->name, &level))
        return;
    annotation_read (arena, command, level, workspace_of (self), &annotation);
    step_keep_annotation (self, &annotation);
}

// ---- problem matchers

static void use_matcher_file (step_run_t *self, arena_t *arena, const char *file, const char *not_done,
                              fault_t (*use) (matchers_t *matchers, arena_t *arena, const char *json,
                                              const char **error))
{
    job_run_t *job = self->job;
    const char *path = file, *inside = within (self, arena, file), *text, *error = "";
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    if (inside)
        path = inside;
    else if (*path != '/')
        path = arena_printf (arena, "%s/%s", job->folders->workspace, path);
    fault_t fault = rooted_read (&turn, job->folders->view, path, MATCHER_FILE_MAX, &text);
    if (fault)
        error = turn.detail ? turn.detail : fault_own_text (fault);
    else
        fault = use (job->matchers, arena, text, &error);
    if (fault)
        step_warning (self, "The problem matchers in %s are not %s: %s", file, not_done, error);
}

static void add_matcher (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    if (*command->message)
        use_matcher_file (self, arena, command->message, "added", matchers_add);
    else
        step_warning (self, "The `add-matcher` command needs the path of a file");
}

static void remove_matcher (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    const char *owner = command_property (command, "owner");
    if (!*owner == !*command->message)
        step_warning (self, "The `remove-matcher` command needs either an owner or the path of a file");
    else if (*owner)
        matchers_remove (self->job->matchers, owner);
    else
        use_matcher_file (self, arena, command->message, "removed", matchers_remove_of);
}

static bool watches (void *self_)
{
    const step_run_t *self = self_;
    return matchers_any (self->job->matchers);
}

// A path that a tool printed, as one within the workspace; "" where there is no such file.
static const char *file_of (step_run_t *self, arena_t *arena, const matched_problem_t *problem)
{
    const char *workspace = workspace_of (self), *file = problem->file, *there;
    struct stat status;
    if (!*file)
        return "";
    const char *slash = *problem->from_path ? strrchr (problem->from_path, '/') : NULL;
    if (*file != '/' && slash)
        file = arena_printf (arena, "%.*s/%s", (int) (slash - problem->from_path), problem->from_path, file);
    if (*file != '/')
        file = arena_printf (arena, "%s/%s", workspace, file);
    if (self->job->inside || workspace != self->job->folders->workspace) { // Its paths are not this machine's
        there = within (self, arena, file);
        bool found = there && rooted_stat (self->job->folders->view, there, true, &status) == 0;
        return found ? file : "";
    }
    char *real = realpath (file, NULL);
    size_t size = strlen (workspace);
    bool within = real && strncmp (real, workspace, size) == 0 && real[size] == '/';
    file = within ? arena_strdup (arena, real) : "";
    free (real);
    return file;
}

// As a command, whose reading of lines and columns is the same.
static const char *look (void *self_, arena_t *arena, const char *line, size_t size)
{
    step_run_t *self = self_;
    matched_problem_t problem;
    annotation_level_t level;
    bool found = matchers_find (self->job->matchers, arena, line, size, &problem);
    const char *dropped = matchers_dropped (self->job->matchers, arena);
    if (dropped)
        step_warning (self, "The problem matcher %s is removed: its pattern takes too long", dropped);
    if (!found || !annotation_level (problem.severity, &level))
        return NULL;
    const workflow_command_t command = {
        .name = problem.severity,
        .keys = {"file", "line", "col", "title"},
        .values = {file_of (self, arena, &problem), problem.line, problem.column, problem.code},
        .count = 4,
        .message = problem.message};
    engine_annotation_t annotation;
    annotation_read (arena, &command, level, workspace_of (self), &annotation);
    step_keep_annotation (self, &annotation);
    return arena_printf (arena, "##[%s]%.*s", state_name (&states_annotation, level), (int) size, line);
}

// ---- test reports

static void add_report (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    const char *file = command_property (command, "file");
    (void) arena;
    if (*file)
        reports_add (self, file, false);
    else
        step_warning (self, "The `report` command needs a file: ::report file=junit.xml::");
}

// ---- the table

static void echo (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    const char *text = command->message + strspn (command->message, " \t");
    const char *word = arena_strndup (arena, text, strcspn (text, " \t"));
    if (strcasecmp (word, "on") == 0 || strcasecmp (word, "off") == 0)
        self->echoes = strcasecmp (word, "on") == 0;
    else
        refuse (self, "The `echo` command takes on or off, not \"%s\"", command->message);
}

static void nothing (step_run_t *self, arena_t *arena, const workflow_command_t *command)
{
    (void) self, (void) arena, (void) command;
}

typedef enum { SHOW_TEXT, SHOW_DEBUG, SHOW_ECHO, SHOW_NEVER } show_t;

static const struct {
    const char *name;
    void (*act) (step_run_t *self, arena_t *arena,
                 const workflow_command_t *command); // What the line needs goes with it
    show_t show;
    bool named, late; // It has a name; it counts from a process whose step has ended too
} commands[] = {{"add-mask", add_mask, SHOW_NEVER, false, true},
                {"add-matcher", add_matcher, SHOW_ECHO, false, false},
                {"add-path", add_path, SHOW_ECHO, false, false},
                {"debug", nothing, SHOW_DEBUG, false, true},
                {"echo", echo, SHOW_ECHO, false, false},
                {"endgroup", nothing, SHOW_TEXT, false, true},
                {"error", add_annotation, SHOW_TEXT, false, true},
                {"group", nothing, SHOW_TEXT, false, true},
                {"notice", add_annotation, SHOW_TEXT, false, true},
                {"remove-matcher", remove_matcher, SHOW_ECHO, false, false},
                {"report", add_report, SHOW_ECHO, false, false},
                {"save-state", save_state, SHOW_ECHO, true, false},
                {"set-env", set_env, SHOW_ECHO, true, false},
                {"set-output", set_output, SHOW_ECHO, true, false},
                {"warning", add_annotation, SHOW_TEXT, false, true}};

static const char *shown (const step_run_t *self, arena_t *arena, show_t show, bool echoes, const char *name,
                          const char *text)
{
    bool debugs = show == SHOW_DEBUG && *value_get_text (self->job->runner, "debug");
    if (show == SHOW_TEXT || debugs)
        return arena_printf (arena, "##[%s]%s", name, text);
    return show == SHOW_ECHO && echoes ? NULL : "";
}

static const char *act (void *self_, arena_t *arena, const workflow_command_t *command)
{
    step_run_t *self = self_;
    bool echoes = self->echoes; // Before it acts: ::echo::off is shown, ::echo::on is not
    for (size_t i = 0; i < sizeof (commands) / sizeof (commands[0]); i++) {
        if (strcasecmp (command->name, commands[i].name) != 0 || (self->ended && !commands[i].late))
            continue;
        if (commands[i].named && !*command_property (command, "name"))
            refuse (self, "The `%s` command needs a name", command->name);
        else
            commands[i].act (self, arena, command);
        return shown (self, arena, commands[i].show, echoes, commands[i].name, command->message);
    }
    return OUTPUT_PLAIN;
}

// The name of a command could be printed by anybody who knows this language: what stops commands must be a word of the step's own.
static bool may_stop (void *self_, const char *token)
{
    static const char *const others[] = {"stop-commands", "pause-logging", ""};
    static const char allow[] = "ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS";
    step_run_t *self = self_;
    bool known = false;
    for (size_t i = 0; i < sizeof (commands) / sizeof (commands[0]); i++)
        known = known || strcasecmp (token, commands[i].name) == 0;
    for (size_t i = 0; i < sizeof (others) / sizeof (others[0]); i++)
        known = known || strcasecmp (token, others[i]) == 0;
    const char *allowed = known ? given (self, allow) : "";
    if (known && strcasecmp (allowed, "true") != 0 && strcmp (allowed, "1") != 0) {
        refuse (self, "The `stop-commands` command needs a word of your own, not \"%s\"; %s allows any",
                token, allow);
        return false;
    }
    if (strlen (token) > SHORT_TOKEN) // So that what is printed later cannot know it from the log
        step_mask (self, token);
    return true;
}

const output_use_t commands_use = {
    .emit = step_emit, .act = act, .may_stop = may_stop, .watches = watches, .look = look};
