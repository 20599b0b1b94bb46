/* fields_environment.h - fields of environments: what jobs deploy to, and the rules that come before. */

#ifndef OPENCICD_FIELDS_ENVIRONMENT_H
#define OPENCICD_FIELDS_ENVIRONMENT_H

#include "proto/fields_secret.h"

#define MAX_ENVIRONMENTS 100 // Of one project
#define MAX_APPROVERS    20
#define MAX_PATTERNS     50

#define ENVIRONMENT_RULES(F, T)                                                                             \
    F (T, U32, wait_minutes, 43200, "a job for it waits that long")                                         \
    F (T, STRS, approvers, MAX_APPROVERS, "subjects, of whom one must approve a job for it; empty: nobody") \
    F (T, BOOL, no_self_review, 1, "whoever started the run does not approve it")                           \
    F (T, STRS, branches, MAX_PATTERNS, "patterns of the branches whose jobs may use it")                   \
    F (T, STRS, tags, MAX_PATTERNS, "patterns of tags; with no pattern at all: any branch or tag")
#define ENVIRONMENT(F, T)                                               \
    F (T, KEY, name, MAX_NAME, "what `environment` in a workflow says") \
    ENVIRONMENT_RULES (F, T)                                            \
    VALUE_CHANGED (F, T)
#define ENVIRONMENT_SET(F, T)                                           \
    F (T, KEY, project, MAX_NAME, "id or name")                         \
    F (T, KEY, environment, MAX_NAME, "its name; case does not matter") \
    ENVIRONMENT_RULES (F, T)
#define ENVIRONMENT_LIST(F, T)                  \
    F (T, KEY, project, MAX_NAME, "id or name") \
    PAGE (F, T)
#define ENVIRONMENT_PAGE(F, T) PAGE_OF (F, T, environment)
#define ENVIRONMENT_SHOW(F, T)                  \
    F (T, KEY, project, MAX_NAME, "id or name") \
    F (T, KEY, environment, MAX_NAME, "its name; case does not matter")

// Rows of MESSAGES (messages.h).
#define ENVIRONMENT_MESSAGES(M)                                                           \
    M (280, environment, ENVIRONMENT, "what jobs deploy to, and who may")                 \
    M (281, environment_set, ENVIRONMENT_SET, "make an environment, or change its rules") \
    M (282, environment_list, ENVIRONMENT_LIST, "the environments of a project, by name") \
    M (283, environment_page, ENVIRONMENT_PAGE, "environments")                           \
    M (284, environment_show, ENVIRONMENT_SHOW, "one environment")                        \
    M (285, environment_remove, ENVIRONMENT_SHOW, "remove an environment, its secrets and variables")

#define ENVIRONMENT_CALLS(C)                                \
    C (environment_set, identity, environment, AGAIN)       \
    C (environment_list, identity, environment_page, AGAIN) \
    C (environment_show, identity, environment, AGAIN)      \
    C (environment_remove, identity, done, AGAIN)

#endif
