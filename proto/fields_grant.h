/* fields_grant.h - fields of what a job gets: its secrets as it begins, and the variables that it is planned with. */

#ifndef OPENCICD_FIELDS_GRANT_H
#define OPENCICD_FIELDS_GRANT_H

#include "proto/limits.h"

#define MAX_JOB_SECRETS (4 << 20) // Bytes of all that one job gets
#define MAX_GRANTED     300       // Secrets that one job names

#define JOB_SECRETS(F, T)                          \
    F (T, KEY, job, MAX_ID, "")                    \
    F (T, U32, attempt, UINT32_MAX, "that begins") \
    F (T, KEY, key, 128, "`secrets_key` of the offer: what runs in the job does not know it")
#define JOB_VALUES(F, T)                                                                    \
    F (T, JSON, secrets, MAX_JOB_SECRETS, "an object of strings: those that the job names") \
    F (T, JSON, variables, MAX_DOC, "an object of strings: those of its environment, which come first")

// Identity asks the scheduler, which knows the job and no secret.
#define JOB_GRANT(F, T)                 \
    F (T, KEY, job, MAX_ID, "")         \
    F (T, U32, attempt, UINT32_MAX, "") \
    F (T, KEY, key, 128, "as the agent said")
#define GRANTED_SECRET(F, T)                                      \
    F (T, KEY, name, MAX_NAME, "as the called workflow knows it") \
    F (T, KEY, from, MAX_NAME, "as its caller knows it")
#define GRANT(F, T)                                                                                    \
    F (T, STR, project, MAX_ID, "id")                                                                  \
    F (T, STR, environment, MAX_NAME, "the job's; empty for none")                                     \
    F (T, BOOL, withheld, 1, "it runs code of a fork: no secret")                                      \
    F (T, BOOL, all, 1, "it names them by an expression: all that it may have")                        \
    F (T, STRS, names, MAX_GRANTED, "those that it names")                                             \
    F (T, BOOL, shared, 1, "those of the project and of all projects too, not only its environment's") \
    F (T, LIST (granted_secret), passed, MAX_GRANTED, "by the job that calls its workflow")            \
    F (T, STR, project_name, MAX_NAME, "for vaults, which know projects by their names")

#define VARIABLES_READ(F, T)  F (T, STR, project, MAX_ID, "id; empty: only those of all projects")
#define VARIABLE_VALUES(F, T) F (T, JSON, values, MAX_DOC, "an object of strings")
#define VALUES_PURGE(F, T)    F (T, KEY, project, MAX_ID, "that was removed")

// Rows of MESSAGES (messages.h).
#define GRANT_MESSAGES(M)                                                         \
    M (286, job_secrets, JOB_SECRETS, "an agent asks for the secrets of its job") \
    M (287, job_values, JOB_VALUES, "secrets and variables of a job")             \
    M (288, job_grant, JOB_GRANT, "which secrets may this attempt have?")         \
    M (289, granted_secret, GRANTED_SECRET, "a secret under another name")        \
    M (290, grant, GRANT, "what an attempt may have")                             \
    M (291, variables_read, VARIABLES_READ, "variables for a plan")               \
    M (292, variable_values, VARIABLE_VALUES, "variables by name")                \
    M (293, values_purge, VALUES_PURGE, "remove all of a removed project")

#define GRANT_CALLS(C)                                   \
    C (job_secrets, identity, job_values, AGAIN)         \
    C (variables_read, identity, variable_values, AGAIN) \
    C (values_purge, identity, done, AGAIN)              \
    C (job_grant, scheduler, grant, AGAIN)

#endif
