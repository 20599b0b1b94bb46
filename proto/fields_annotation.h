/* fields_annotation.h - fields of what steps say of the code. */

#ifndef OPENCICD_FIELDS_ANNOTATION_H
#define OPENCICD_FIELDS_ANNOTATION_H

#include "proto/limits.h"

#define MAX_ANNOTATIONS 50 // Of a job; more stay in its log alone

#define ANNOTATION(F, T)                                                                       \
    F (T, U32, step, 10000, "number of the step that said it")                                 \
    F (T, ENUM (annotation), level, 0, "how much it matters")                                  \
    F (T, STR, title, MAX_NAME, "")                                                            \
    F (T, STR, file, MAX_TEXT, "within the workspace; empty where it is about no file")        \
    F (T, U32, line, INT32_MAX, "from 1; 0 where it is about no line")                         \
    F (T, U32, end_line, INT32_MAX, "the last of its lines")                                   \
    F (T, U32, column, INT32_MAX, "from 1, where it is about one line; 0 for the whole of it") \
    F (T, U32, end_column, INT32_MAX, "the last of its columns")                               \
    F (T, STR, message, MAX_TEXT, "what was said; secrets are masked")                         \
    F (T, STR, job_id, MAX_ID, "the job, where a run's are listed")                            \
    F (T, STR, job_name, MAX_TEXT, "that job's name")

#define RUN_ANNOTATIONS(F, T)   \
    F (T, KEY, run, MAX_ID, "") \
    PAGE (F, T)
#define ANNOTATION_PAGE(F, T) PAGE_OF (F, T, annotation)

#define ANNOTATION_MESSAGES(M)                              \
    M (18, annotation_page, ANNOTATION_PAGE, "annotations") \
    M (39, run_annotations, RUN_ANNOTATIONS, "what a run's steps say of the code")

#endif
