/* jenkins.h - the parts of the translator of Jenkinsfiles.
 *
 * Stages of one agent share its workspace, as steps of one job do: they become steps of one job. A stage with an agent of its own, the
 * branches of `parallel`, and a `matrix` become jobs, which need what was before them. */

#ifndef OPENCICD_CLI_IMPORT_JENKINS_H
#define OPENCICD_CLI_IMPORT_JENKINS_H

#include "cli/import/groovy.h"
#include "cli/import/import.h"

// What a name stands for in a string with ${}: a parameter, a variable of `environment`, an axis.
typedef struct {
    const char *name;
    const char *text;       // With its ${{ }}
    const char *expression; // Its value in an expression; NULL: none that a job's `if` may have
    const char *constant;   // Its value, where the file has it; NULL
} jenkins_binding_t;

typedef struct {
    import_t *import;
    arena_t *arena;
    const char *text;
    size_t size;
    const groovy_t *agent; // Of the pipeline; NULL: none
    const groovy_t *tools; // Of the pipeline
    bool tools_noted;      // Those that are not translated
    bool checkout;         // A job begins with one
    const char *folder;    // That it goes to; NULL: the workspace
    const char *minutes;   // Of each job; NULL: no bound
    jenkins_binding_t *bindings;
    size_t binding_count, binding_capacity;
    import_job_t *job;         // That is being filled; NULL: the next stage opens one
    const groovy_t *job_agent; // Its
    import_job_t **before;     // What the next job needs
    size_t before_count, before_capacity;
    const char *mark; // The id of the next step; NULL: none
    int marks;
    bool flat; // In a matrix: no jobs of their own
} jenkins_t;

// What stages and steps have from what they are in.
typedef struct {
    const groovy_t *agent;
    const char *stage;         // Its name
    const char *condition;     // Of each step; NULL: none
    const char *job_condition; // The same for a job, without env; NULL: it cannot be said there
    draft_t *env;              // Of each step; NULL: none
    const char *folder, *minutes;
    bool goes_on; // Though a step fails
} jenkins_scope_t;

// ---- jenkins_values.c ----

extern const import_variable_t jenkins_variables[];
void jenkins_bind (jenkins_t *self, const char *name, const char *text, const char *expression);
void jenkins_bind_constant (jenkins_t *self, const char *name, const char *value);
const jenkins_binding_t *jenkins_bound (jenkins_t *self,
                                        const char *name); // Jenkins' own variables too; NULL: unknown
// X of "X", "env.X" and "params.X"; NULL where it is anything else.
const char *jenkins_name (arena_t *arena, const char *code);
// A string, number or name with what its ${} stand for. *known false where one of them is not known: it is left as it is.
const char *jenkins_value (jenkins_t *self, const groovy_t *value, bool *known);
// Without secrets, which most places may not have.
const char *jenkins_plain (jenkins_t *self, const groovy_t *value, bool *known);
void jenkins_environment (jenkins_t *self, const groovy_t *section, draft_t *into, draft_t *notes);
const char *jenkins_minutes (jenkins_t *self, const groovy_t *call); // Of timeout (); NULL: not a number

// ---- jenkins_shell.c ----

// A script that does what the string, number or name would do in Jenkins; *problem, else NULL, is what it does not.
const char *jenkins_script (jenkins_t *self, const groovy_t *value, const char **problem);
// One word of a shell that is this value; NULL where it holds code.
const char *jenkins_word (jenkins_t *self, const groovy_t *value);
const char *jenkins_quoted (jenkins_t *self, const char *text, int line); // 'text', for a shell

// ---- jenkins_options.c, jenkins_cron.c ----

void jenkins_parameters (jenkins_t *self, const groovy_t *section);
void jenkins_options (jenkins_t *self, const groovy_t *section);
void jenkins_triggers (jenkins_t *self, const groovy_t *section);
// A line of a cron with H and @daily as five fields; NULL: it is none. `seed` decides what H is.
const char *jenkins_cron (arena_t *arena, const char *line, const char *seed);

// ---- jenkins_when.c ----

// Both conditions of the scope; what is not understood is never true, and noted.
void jenkins_when (jenkins_t *self, const groovy_t *section, jenkins_scope_t *scope, draft_t *notes);
// An expression of Groovy; NULL: not understood. `step`: may it name env?
const char *jenkins_expression (jenkins_t *self, const char *source, size_t size, bool step);

// ---- jenkins_stage.c, jenkins_agent.c, jenkins_post.c ----

void jenkins_stages (jenkins_t *self, const groovy_t *block, const jenkins_scope_t *scope);
void jenkins_close (jenkins_t *self); // The job; the next ones need it
void jenkins_agent (jenkins_t *self, const groovy_t *agent, import_job_t *job);
void jenkins_tools (jenkins_t *self, const groovy_t *section, const jenkins_scope_t *scope);
void jenkins_stage_post (jenkins_t *self, const groovy_t *section, const jenkins_scope_t *scope,
                         const char *mark);
void jenkins_pipeline_post (jenkins_t *self, const groovy_t *section);

// ---- jenkins_steps.c ----

void jenkins_steps (jenkins_t *self, const groovy_t *block, const jenkins_scope_t *scope);
void jenkins_add (jenkins_t *self, draft_t *step, const jenkins_scope_t *scope); // With what the scope says
bool jenkins_asks (const groovy_t *block);                                       // Is there an `input` in it?

#endif
