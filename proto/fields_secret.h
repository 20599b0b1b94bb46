/* fields_secret.h - fields of secrets and variables.
 *
 * The value of a secret travels in two messages only: from whoever sets it to identity (secret_set), and from identity to the job's agent
 * (job_values, fields_grant.h). No other service sees one. */

#ifndef OPENCICD_FIELDS_SECRET_H
#define OPENCICD_FIELDS_SECRET_H

#include "proto/limits.h"

#define MAX_VALUE (48 << 10) // Bytes of a secret or a variable, as on GitHub
#define MAX_VARIABLES \
    (128 << 10) // Bytes of all variables of one scope, with their names: they go with every job's offer
#define MAX_SCOPE_VALUES 100 // Secrets of one scope, and as many variables

// Whose they are: empty fields mean all projects, and no environment.
#define VALUE_SCOPE(F, T)                                               \
    F (T, STR, project, MAX_NAME, "id or name; empty: of all projects") \
    F (T, STR, environment, MAX_NAME, "empty: of no environment")
#define VALUE_CHANGED(F, T)                             \
    F (T, TIME, created_at, 0, "when it was set first") \
    F (T, TIME, updated_at, 0, "when it was set last")  \
    F (T, STR, updated_by, MAX_ID, "who set it last")

#define SECRET_SHOWN(F, T)                                       \
    F (T, KEY, name, MAX_NAME, "upper case: letters, digits, _") \
    VALUE_CHANGED (F, T)
#define SECRET_SET(F, T)                                                                                 \
    VALUE_SCOPE (F, T)                                                                                   \
    F (T, KEY, name, MAX_NAME, "letters, digits, _; not first a digit or GITHUB_; case does not matter") \
    F (T, KEY, value, MAX_VALUE, "never shown again")
#define SECRET_LIST(F, T) VALUE_SCOPE (F, T) PAGE (F, T)
#define SECRET_PAGE(F, T) PAGE_OF (F, T, secret)
#define SECRET_REMOVE(F, T) \
    VALUE_SCOPE (F, T)      \
    F (T, KEY, name, MAX_NAME, "case does not matter")

#define VARIABLE(F, T)                                           \
    F (T, KEY, name, MAX_NAME, "upper case: letters, digits, _") \
    F (T, STR, value, MAX_VALUE, "everybody may read it")        \
    VALUE_CHANGED (F, T)
#define VARIABLE_SET(F, T)                                                                               \
    VALUE_SCOPE (F, T)                                                                                   \
    F (T, KEY, name, MAX_NAME, "letters, digits, _; not first a digit or GITHUB_; case does not matter") \
    F (T, STR, value, MAX_VALUE, "everybody may read it")
#define VARIABLE_LIST(F, T) VALUE_SCOPE (F, T) PAGE (F, T)
#define VARIABLE_PAGE(F, T) PAGE_OF (F, T, variable)
#define VARIABLE_REMOVE(F, T) \
    VALUE_SCOPE (F, T)        \
    F (T, KEY, name, MAX_NAME, "case does not matter")

// Rows of MESSAGES (messages.h).
#define SECRET_MESSAGES(M)                                                     \
    M (270, secret, SECRET_SHOWN, "a secret, without its value")               \
    M (271, secret_set, SECRET_SET, "set a secret")                            \
    M (272, secret_list, SECRET_LIST, "the secrets of a scope, by name")       \
    M (273, secret_page, SECRET_PAGE, "secrets")                               \
    M (274, secret_remove, SECRET_REMOVE, "remove a secret")                   \
    M (275, variable, VARIABLE, "a variable")                                  \
    M (276, variable_set, VARIABLE_SET, "set a variable")                      \
    M (277, variable_list, VARIABLE_LIST, "the variables of a scope, by name") \
    M (278, variable_page, VARIABLE_PAGE, "variables")                         \
    M (279, variable_remove, VARIABLE_REMOVE, "remove a variable")

#define SECRET_CALLS(C)                               \
    C (secret_set, identity, secret, AGAIN)           \
    C (secret_list, identity, secret_page, AGAIN)     \
    C (secret_remove, identity, done, AGAIN)          \
    C (variable_set, identity, variable, AGAIN)       \
    C (variable_list, identity, variable_page, AGAIN) \
    C (variable_remove, identity, done, AGAIN)

#endif
