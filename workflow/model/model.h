/* model.h - a workflow file as plain structs, in file order, each text with its place.
 *
 * workflow_load (plan/load.h) reads the file (yaml.h), holds it against the schema (schema.h) and the rules that span keys (needs,
 * ids), and builds these structs and those of job.h. All of it lives in the arena and borrows `bytes` nowhere. */

#ifndef OPENCICD_WORKFLOW_MODEL_H
#define OPENCICD_WORKFLOW_MODEL_H

#include "common/base/index.h"
#include "workflow/model/job.h"

#define WORKFLOW_JOBS 1000 // In one file
#define JOB_NEEDS     256  // Of one job
#define JOB_NONE      INDEX_NONE

typedef struct {
    text_t name, description, type; // type "string" where it is absent in workflow_dispatch
    text_t deprecation;
    bool required;
    const node_t *fallback; // `default:`; NULL where absent
    texts_t options;
} input_t;

typedef struct {
    text_t name, description, value; // value: outputs only
    bool required;                   // secrets only
} declared_t;

typedef struct {
    const input_t *inputs;
    size_t input_count;
    const declared_t *outputs, *secrets;
    size_t output_count, secret_count;
} interface_t; // Of workflow_dispatch and workflow_call

typedef struct {
    text_t cron;
    text_t timezone; // text NULL: UTC
} schedule_t;

typedef struct {
    text_t name; // "push"
    texts_t types, branches, branches_ignore, tags, tags_ignore, paths, paths_ignore, workflows;
} event_t;

typedef struct {
    const char *file;
    text_t name, run_name;
    const event_t *events; // Every one of `on`, also schedule, workflow_dispatch, workflow_call
    size_t event_count;
    const schedule_t *schedules;
    size_t schedule_count;
    interface_t dispatch, call;
    pairs_t permissions; // `whole`: "read-all" or "write-all"
    bool has_permissions;
    pairs_t env;
    defaults_t defaults;
    concurrency_t concurrency;
    const job_t *jobs;
    size_t job_count;
    index_t job_keys;
    const node_t *node;
} workflow_t;

const job_t *workflow_job (const workflow_t *self, const char *key); // NULL where there is none; ignores case
const event_t *workflow_event (const workflow_t *self, const char *name);
const input_t *interface_input (const interface_t *self,
                                const char *name); // NULL where there is none; ignores case

#endif
