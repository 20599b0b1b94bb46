/* fields_workflow.h - fields of workflow files: what a project has, what can be given to them, and what is wrong with one. */

#ifndef OPENCICD_FIELDS_WORKFLOW_H
#define OPENCICD_FIELDS_WORKFLOW_H

#include "proto/limits.h"

#define LINT_MOST (64 << 10) // Bytes of a file that is checked while others wait

#define WORKFLOW_INPUT(F, T)                                                                        \
    F (T, STR, name, MAX_NAME, "")                                                                  \
    F (T, STR, type, MAX_NAME, "string, number, boolean, choice or environment")                    \
    F (T, STR, description, MAX_TEXT, "")                                                           \
    F (T, BOOL, required, 1, "")                                                                    \
    F (T, STR, default_value, MAX_TEXT, "as text; empty where there is none")                       \
    F (T, STRS, options, 256, "of a choice; of an environment: those that the workflow files name") \
    F (T, STR, deprecation, MAX_TEXT, "why it should not be given any more")
#define WORKFLOW_FILE(F, T)                                                                         \
    F (T, KEY, path, MAX_TEXT, "within the repository")                                             \
    F (T, STR, name, MAX_TEXT, "the workflow's, else its path")                                     \
    F (T, BOOL, dispatch, 1, "it can be triggered by hand")                                         \
    F (T, LIST (workflow_input), inputs, 256, "of workflow_dispatch")                               \
    F (T, STR, problem, MAX_TEXT, "why it cannot be read, a finding a line; empty where it can be") \
    F (T, STR, text, MAX_DOC, "what is in it, where one was asked for by its path")
#define WORKFLOW_LIST(F, T)                                                           \
    F (T, KEY, project, MAX_NAME, "id or name")                                       \
    F (T, STR, ref, MAX_TEXT, "branch, tag or full ref; default: the default branch") \
    F (T, STR, path, MAX_TEXT, "only the file of this path or file name, with its text")
#define WORKFLOW_FILES(F, T)              \
    F (T, STR, ref, MAX_TEXT, "full ref") \
    F (T, STR, sha, MAX_ID, "the commit") \
    F (T, LIST (workflow_file), items, 100, "by path")

#define LINT_CHECK(F, T)                                                                      \
    F (T, STR, path, MAX_TEXT, "what the file is called; default: .github/workflows/new.yml") \
    F (T, STR, text, LINT_MOST, "what is in it")
#define LINT_FINDING(F, T)                                                    \
    F (T, U32, line, INT32_MAX, "from 1")                                     \
    F (T, U32, column, INT32_MAX, "from 1, in characters")                    \
    F (T, BOOL, error, 1, "it would not run; else a warning")                 \
    F (T, STR, rule, MAX_NAME, "id of the rule, as `opencicd lint` names it") \
    F (T, STR, message, MAX_TEXT, "")
#define LINT_JOB(F, T)                                                            \
    F (T, KEY, key, MAX_NAME, "")                                                 \
    F (T, STR, name, MAX_TEXT, "as it is written")                                \
    F (T, STRS, needs, 256, "keys of jobs")                                       \
    F (T, STRS, labels, 256, "of runs-on, as they are written")                   \
    F (T, STR, uses, MAX_TEXT, "the workflow that it calls; empty: it has steps") \
    F (T, U32, steps, 10000, "how many it has")                                   \
    F (T, U32, line, INT32_MAX, "where it is, from 1")                            \
    F (T, BOOL, matrix, 1, "it is run for each cell of a matrix")
#define LINT_REPORT(F, T)                                            \
    F (T, LIST (lint_finding), findings, 200, "in the file's order") \
    F (T, LIST (lint_job), jobs, 1000, "in the file's order; none where it cannot be read")

// Rows of MESSAGES (messages.h).
#define WORKFLOW_MESSAGES(M)                                                             \
    M (220, workflow_input, WORKFLOW_INPUT, "what a run of it by hand can be given")     \
    M (221, workflow_file, WORKFLOW_FILE, "a workflow file of a project")                \
    M (222, workflow_list, WORKFLOW_LIST, "the workflow files of a project at a commit") \
    M (223, workflow_files, WORKFLOW_FILES, "workflow files")                            \
    M (224, lint_check, LINT_CHECK, "what is wrong with this workflow file?")            \
    M (225, lint_finding, LINT_FINDING, "what is wrong, and where")                      \
    M (226, lint_job, LINT_JOB, "a job of the file")                                     \
    M (227, lint_report, LINT_REPORT, "what was found")

#endif
