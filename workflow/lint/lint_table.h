/* lint_table.h - every rule of lint, once: from these rows come the rules' ids, `opencicd lint --rules` and the forms in
 * which findings are printed. docs/lint.md has an example of each. */

#ifndef OPENCICD_WORKFLOW_LINT_TABLE_H
#define OPENCICD_WORKFLOW_LINT_TABLE_H

//     name                 id                    severity          on     why
#define LINT_RULES(X)                                                                                        \
    X (NAMES, "names", SEVERITY_WARNING, true, "a name that nothing defines evaluates to null, silently")    \
    X (SECRET, "undeclared-secret", SEVERITY_WARNING, true,                                                  \
       "a caller can pass an undeclared secret only by passing all of its secrets")                          \
    X (KIND, "wrong-kind", SEVERITY_WARNING, true,                                                           \
       "a list or map becomes the text Array or Object, and is equal to nothing")                            \
    X (ACTION_REF, "action-ref", SEVERITY_ERROR, true, "an action that cannot be found fails the job")       \
    X (SHELL, "shell-name", SEVERITY_ERROR, true, "a shell that does not exist fails the step")              \
    X (INJECTION, "script-injection", SEVERITY_WARNING, true,                                                \
       "text that strangers write becomes part of the script and runs with its secrets")                     \
    X (UNPINNED, "unpinned-action", SEVERITY_WARNING, true,                                                  \
       "a tag or branch of somebody else's action can change under you; a commit cannot")                    \
    X (DEPRECATED, "deprecated-command", SEVERITY_WARNING, true,                                             \
       "these commands are switched off or will be")                                                         \
    X (CONSTANT, "constant-condition", SEVERITY_WARNING, true,                                               \
       "a condition that never changes is rarely intended")                                                  \
    X (UNREACHABLE, "unreachable-job", SEVERITY_WARNING, true,                                               \
       "a job never runs if one that it needs never runs")                                                   \
    X (TIMEOUT, "missing-timeout", SEVERITY_WARNING, false, "a job that hangs holds an agent for six hours") \
    X (PERMISSIONS, "broad-permissions", SEVERITY_WARNING, true,                                             \
       "whoever steals the token can do all that it may do")                                                 \
    X (CHECKOUT, "dangerous-checkout", SEVERITY_WARNING, true,                                               \
       "code of a fork runs with the secrets of the base repository")                                        \
    X (PASSWORD, "plain-password", SEVERITY_WARNING, true,                                                   \
       "whoever can read the file can read the password")                                                    \
    X (DUPLICATE, "duplicate-need", SEVERITY_WARNING, true, "one of the two is a leftover or a mistake")     \
    X (EMPTY_RUN, "empty-run", SEVERITY_WARNING, true, "a step that does nothing is a mistake")              \
    X (INTERVAL, "schedule-interval", SEVERITY_WARNING, true, "schedules run at most every five minutes")    \
    X (PATHS, "path-filter", SEVERITY_WARNING, true, "changed paths never begin with / or ./")               \
    X (NEGATIVE, "negative-filter", SEVERITY_WARNING, true,                                                  \
       "patterns with ! only remove from what earlier ones matched")                                         \
    X (INPUT, "action-input", SEVERITY_WARNING, true, "an input that the action does not have is ignored")   \
    X (OUTPUT, "action-output", SEVERITY_WARNING, true, "an output that the action does not have is empty")  \
    X (LABEL, "runner-label", SEVERITY_WARNING, true, "a job whose labels no agent has waits forever")       \
    X (MATRIX, "matrix-value", SEVERITY_WARNING, true,                                                       \
       "the same job twice, or an exclusion without effect, is a mistake")                                   \
    X (REFS, "ref-filter", SEVERITY_WARNING, true, "a pattern that no branch or tag can have never matches") \
    X (ENV, "env-name", SEVERITY_WARNING, true, "such a variable cannot be set, or cannot be read")          \
    X (DEFAULT, "input-default", SEVERITY_WARNING, true,                                                     \
       "a default that does not fit the input's type is refused when the workflow starts")                   \
    X (UNUSED, "unused-output", SEVERITY_WARNING, false,                                                     \
       "an output that nothing reads is a leftover or misspelled")                                           \
    X (SECRETS, "all-secrets", SEVERITY_WARNING, true,                                                       \
       "a step that gets every secret can leak every secret")                                                \
    X (UNSECURE, "unsecure-commands", SEVERITY_WARNING, true,                                                \
       "whatever a step prints could then set variables")                                                    \
    X (UNNAMED, "missing-permissions", SEVERITY_WARNING, false,                                              \
       "without permissions the token has what the repository gives")                                        \
    X (JSON, "broken-json", SEVERITY_ERROR, true, "fromJSON() of a text that is not JSON fails the job")     \
    X (SCHEDULE, "empty-schedule", SEVERITY_WARNING, true, "a schedule without times never runs")            \
    X (ZONE, "unknown-timezone", SEVERITY_WARNING, true,                                                     \
       "a schedule in a time zone that does not exist runs in UTC")                                          \
    X (REQUIRED, "required-default", SEVERITY_WARNING, true,                                                 \
       "the default of an input that must be given is never used")                                           \
    X (SUPPORT, "not-supported", SEVERITY_WARNING, true, "this server does not run it yet")                  \
    X (SHELLCHECK, "shellcheck", SEVERITY_WARNING, true,                                                     \
       "what shellcheck, where it is installed, finds in a script")

#endif
