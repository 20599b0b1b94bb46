/* lint_rules.h - what the rules of lint share: the table, the file, and adding a finding where the rule is on.
 *
 * A new rule is a row here and a function that calls lint_add with its id. */

#ifndef OPENCICD_WORKFLOW_LINT_RULES_H
#define OPENCICD_WORKFLOW_LINT_RULES_H

#include "workflow/lint.h"

//     name                 id                    severity          on     why
#define LINT_RULES(X)                                                                                        \
    X (NAMES, "names", SEVERITY_ERROR, true, "a name that nothing defines evaluates to null, silently")      \
    X (SECRET, "undeclared-secret", SEVERITY_WARNING, true,                                                  \
       "a caller cannot hand over what is not declared, but for all of its secrets at once")                 \
    X (KIND, "wrong-kind", SEVERITY_WARNING, true,                                                           \
       "as text a list or map is just Array or Object, and nothing is equal to it")                          \
    X (ACTION_REF, "action-ref", SEVERITY_ERROR, true, "an action that cannot be found fails the job")       \
    X (SHELL, "shell-name", SEVERITY_ERROR, true, "a shell that does not exist fails the step")              \
    X (INJECTION, "script-injection", SEVERITY_WARNING, true,                                                \
       "text that strangers write becomes part of the script and runs with its secrets")                     \
    X (UNPINNED, "unpinned-action", SEVERITY_WARNING, true,                                                  \
       "a tag or branch of somebody else's action can change under you; a commit cannot")                    \
    X (DEPRECATED, "deprecated-command", SEVERITY_WARNING, true,                                             \
       "these commands are switched off or will be")                                                         \
    X (CONSTANT, "constant-condition", SEVERITY_WARNING, true,                                               \
       "a condition that never changes is seldom meant")                                                     \
    X (UNREACHABLE, "unreachable-job", SEVERITY_WARNING, true,                                               \
       "a job behind one that never runs never runs")                                                        \
    X (TIMEOUT, "missing-timeout", SEVERITY_WARNING, false, "a job that hangs holds an agent for six hours") \
    X (PERMISSIONS, "broad-permissions", SEVERITY_WARNING, true, "a stolen token can do all that it may")    \
    X (CHECKOUT, "dangerous-checkout", SEVERITY_WARNING, true,                                               \
       "code of a fork runs with the secrets of the base repository")                                        \
    X (PASSWORD, "plain-password", SEVERITY_WARNING, true, "who can read the file can read the password")    \
    X (DUPLICATE, "duplicate-need", SEVERITY_WARNING, true, "one of them is a leftover or a slip")           \
    X (EMPTY_RUN, "empty-run", SEVERITY_WARNING, true, "a step that does nothing is a slip")                 \
    X (INTERVAL, "schedule-interval", SEVERITY_WARNING, true, "schedules run at most every five minutes")    \
    X (PATHS, "path-filter", SEVERITY_WARNING, true, "changed paths never begin with / or ./")               \
    X (NEGATIVE, "negative-filter", SEVERITY_WARNING, true,                                                  \
       "patterns with ! only take away from what others took")                                               \
    X (INPUT, "action-input", SEVERITY_WARNING, true, "an input that the action does not have is ignored")   \
    X (OUTPUT, "action-output", SEVERITY_WARNING, true, "an output that the action does not have is empty")  \
    X (LABEL, "runner-label", SEVERITY_WARNING, true, "a job whose labels no agent has waits for ever")      \
    X (MATRIX, "matrix-value", SEVERITY_WARNING, true,                                                       \
       "the same job twice, or an exclusion without effect, is a slip")                                      \
    X (REFS, "ref-filter", SEVERITY_WARNING, true, "a pattern that no branch or tag can have never matches") \
    X (ENV, "env-name", SEVERITY_WARNING, true, "such a variable cannot be set, or not be read")             \
    X (DEFAULT, "input-default", SEVERITY_WARNING, true,                                                     \
       "a default that the input's type does not have is refused when it starts")                            \
    X (UNUSED, "unused-output", SEVERITY_WARNING, false,                                                     \
       "an output that nothing reads is a leftover or misspelt")                                             \
    X (SECRETS, "all-secrets", SEVERITY_WARNING, true,                                                       \
       "a step that gets every secret can lose every secret")                                                \
    X (UNSECURE, "unsecure-commands", SEVERITY_WARNING, true,                                                \
       "whatever a step prints could then set variables")                                                    \
    X (UNNAMED, "missing-permissions", SEVERITY_WARNING, false,                                              \
       "without permissions the token has what the repository gives")                                        \
    X (SHELLCHECK, "shellcheck", SEVERITY_WARNING, true,                                                     \
       "what shellcheck, where it is installed, finds in a script")

#define LINT_ENUM(name, id, severity, on, why) RULE_##name,
typedef enum { LINT_RULES (LINT_ENUM) RULE_COUNT } rule_t;
#undef LINT_ENUM

typedef struct {
    int line;
    rule_t rule;
} quiet_t; // By a directive in the file

typedef struct {
    arena_t *arena;
    findings_t *findings;
    const workflow_t *workflow;
    const lint_options_t *options;
    bool on[RULE_COUNT];
    quiet_t *quiet;
    size_t quiet_count, quiet_capacity;
} lint_t;

typedef enum { RUNNER_UNKNOWN, RUNNER_LINUX, RUNNER_MACOS, RUNNER_WINDOWS } runner_t;

// At `offset` bytes into the node's text.
void lint_add (lint_t *self, rule_t rule, const node_t *node, size_t offset, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

void lint_names (lint_t *self);   // Every name in every expression
void lint_jobs (lint_t *self);    // Conditions, permissions, timeouts, needs
void lint_steps (lint_t *self);   // Scripts and shells
void lint_events (lint_t *self);  // Filters and schedules
void lint_outputs (lint_t *self); // Outputs that nothing reads; all secrets at once
void lint_scripts (lint_t *self);

void lint_injection (lint_t *self, const job_t *job, const step_t *step);
void lint_action (lint_t *self, const step_t *step);
// The outputs of a well-known action, separated by spaces; NULL: not known.
const char *lint_action_outputs (const char *uses);
void lint_called (lint_t *self, const text_t *uses); // A reusable workflow
void lint_runners (lint_t *self, const job_t *job);
void lint_cells (lint_t *self, const node_t *matrix); // NULL: none
runner_t lint_runner (const job_t *job);              // Where its labels tell

void lint_directives (lint_t *self, const char *bytes, size_t size);
bool lint_is_quiet (const lint_t *self, rule_t rule, int line);

// Does the path of `use` lead to the pattern's value, "github.event.commits.*.message"? "*" on either side stands for
// any step; an object that is printed whole holds what is below it.
bool lint_leads_to (const expression_use_t *use, const char *pattern);

#endif
