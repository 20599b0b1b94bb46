/* gitlab.h - the parts of the translator of .gitlab-ci.yml.
 *
 * `extends`, `!reference` and `default` are written out first; then each job that is not hidden becomes a job. */

#ifndef OPENCICD_CLI_IMPORT_GITLAB_H
#define OPENCICD_CLI_IMPORT_GITLAB_H

#include "cli/import/import.h"
#include "workflow/yaml/yaml.h"

#define GITLAB_CONDITION 6000 // Bytes of a condition

typedef struct {
    const char *name;   // As the file has it
    const node_t *node; // Written out
    const char *stage;
    size_t stage_at;   // Its place among the stages
    import_job_t *job; // What it becomes
    bool files;        // Leaves artifacts
} gitlab_job_t;

typedef struct {
    import_t *import;
    arena_t *arena;
    const node_t *root;
    const char *text;
    size_t size;
    gitlab_job_t *jobs;
    size_t job_count, job_capacity;
    const char **stages;
    size_t stage_count, stage_capacity;
    bool pulls;            // Are there pipelines of merge requests?
    bool ruled;            // workflow:rules
    const char *condition; // Of each job, by workflow:rules; NULL: none
    draft_t *inputs;       // By which jobs are started by hand
    size_t nodes;          // That were written out
    size_t written;        // Bytes and variables of texts in which variables were written out
} gitlab_t;

extern const import_variable_t gitlab_variables[];

// ---- gitlab_merge.c: the tree ----

// A job with all that it extends; NULL where it is not a map.
const node_t *gitlab_job_node (gitlab_t *self, const node_t *job);
// The value of a job's key, its own or the default's, with !reference written out; NULL: neither has it.
const node_t *gitlab_key (gitlab_t *self, const node_t *job, const char *key);
const char *gitlab_lines (gitlab_t *self, const node_t *script); // A script's lines, nested lists flattened
const char *gitlab_json (gitlab_t *self, const node_t *node);    // For comments: one line, cut

// ---- gitlab_text.c: variables in texts ----

// With $NAME and ${NAME} of variables that are known; *known false where others are left.
const char *gitlab_text (gitlab_t *self, const node_t *job, const char *text, bool *known);
const char *gitlab_value (const node_t *variable); // The text of a row of `variables`; NULL where it has none
const char *gitlab_minutes (arena_t *arena, const char *duration,
                            int unit_minutes); // "1h 30 min"; NULL: not understood

// ---- gitlab_rules.c ----

// NULL: not understood.
const char *gitlab_expression (gitlab_t *self, const node_t *job, const char *text);
void gitlab_workflow (gitlab_t *self);                      // workflow:rules
void gitlab_conditions (gitlab_t *self, gitlab_job_t *job); // rules, only, except, when

// ---- gitlab_only.c ----

bool gitlab_only (gitlab_t *self, gitlab_job_t *job,
                  const char **out); // False where the job has none of only and except
const char *gitlab_regex (gitlab_t *self, const char *value,
                          const char *regex); // "/^v/" over an expression; NULL

// ---- gitlab_job.c, gitlab_files.c ----

void gitlab_head (gitlab_t *self, gitlab_job_t *job);  // Where it runs
void gitlab_steps (gitlab_t *self, gitlab_job_t *job); // What it does
void gitlab_download (gitlab_t *self, gitlab_job_t *job);
void gitlab_cache (gitlab_t *self, gitlab_job_t *job);
void gitlab_artifacts (gitlab_t *self, gitlab_job_t *job);
gitlab_job_t *gitlab_find (gitlab_t *self, const char *name);

#endif
