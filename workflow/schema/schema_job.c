/* schema_job.c - the keys of a workflow and of its jobs and steps. */

#include "workflow/schema/schema.h"

static const schema_row_t texts_rows[] = {{.key = "[]", .kinds = IS_TEXT}};
static const schema_object_t texts = SCHEMA_OBJECT (texts_rows, "a list of strings");

static const schema_object_t any_value;
static const schema_row_t any_rows[] = {{.key = "*", .kinds = IS_ANY, .inner = &any_value},
                                        {.key = "[]", .kinds = IS_ANY, .inner = &any_value}};
static const schema_object_t any_value = SCHEMA_OBJECT (any_rows, "a value");

static const schema_row_t env_rows[] = {{"*", IS_STRING, 0, NULL, NULL, "an environment variable"}};
static const schema_object_t env = SCHEMA_OBJECT (env_rows, "environment variables");
static const schema_row_t with_rows[] = {{"*", IS_STRING, 0, NULL, NULL, "an input of the action"}};
static const schema_object_t with = SCHEMA_OBJECT (with_rows, "inputs");

#define LEVELS(key, meaning)                              \
    {                                                     \
        key, IS_TEXT, 0, NULL, "read write none", meaning \
    }
static const schema_row_t permissions_rows[] = {
    LEVELS ("actions", "workflow runs and artifacts"),
    LEVELS ("artifact-metadata", "records about artifacts"),
    LEVELS ("attestations", "attestations of artifacts"),
    LEVELS ("checks", "check runs and suites"),
    LEVELS ("code-quality", "reports of code quality"),
    LEVELS ("contents", "commits, branches, releases"),
    LEVELS ("deployments", "deployments"),
    LEVELS ("discussions", "discussions"),
    {"id-token", IS_TEXT, 0, NULL, "write none", "a token to sign in elsewhere (OpenID Connect)"},
    LEVELS ("issues", "issues and their comments"),
    {"models", IS_TEXT, 0, NULL, "read none", "inference"},
    LEVELS ("packages", "packages"),
    LEVELS ("pages", "pages"),
    LEVELS ("pull-requests", "pull requests and their comments"),
    LEVELS ("repository-projects", "classic projects"),
    LEVELS ("security-events", "code scanning alerts"),
    LEVELS ("statuses", "commit statuses"),
    {"vulnerability-alerts", IS_TEXT, 0, NULL, "read none", "alerts about dependencies"},
};
const schema_object_t schema_permissions = SCHEMA_OBJECT (permissions_rows, "permissions");
#define PERMISSIONS                                                                    \
    {                                                                                  \
        "permissions", IS_TEXT | IS_MAP, 0, &schema_permissions, "read-all write-all", \
            "what the job's token may do"                                              \
    }

static const schema_row_t concurrency_rows[] = {
    {"group", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "only one of a group runs at a time"},
    {"cancel-in-progress", IS_BOOL, 0, NULL, NULL, "cancel the one that runs"},
    {"queue", IS_TEXT, 0, NULL, "single max", "how many wait: the latest one, or all"}};
static const schema_object_t concurrency = SCHEMA_OBJECT (concurrency_rows, "concurrency");

static const schema_row_t run_defaults_rows[] = {
    {"shell", IS_TEXT, 0, NULL, NULL, "bash, sh, pwsh, python, ... or a command with {0}"},
    {"working-directory", IS_TEXT, 0, NULL, NULL, "where the commands run"}};
static const schema_object_t run_defaults = SCHEMA_OBJECT (run_defaults_rows, "defaults.run");
static const schema_row_t workflow_defaults_rows[] = {
    {"run", IS_MAP, 0, &run_defaults, NULL, "for all run steps"}};
static const schema_object_t workflow_defaults = SCHEMA_OBJECT (workflow_defaults_rows, "defaults");
static const schema_row_t job_defaults_rows[] = {
    {"run", IS_MAP, IN_CELL | IN_env, &run_defaults, NULL, "for all run steps of the job"}};
static const schema_object_t job_defaults = SCHEMA_OBJECT (job_defaults_rows, "defaults");

static const schema_row_t runs_on_rows[] = {
    {"[]", IS_TEXT, 0, NULL, NULL, "a label that the agent must have"},
    {"group", IS_TEXT, 0, NULL, NULL, "the group that the agent is in"},
    {"labels", IS_TEXT | IS_LIST | IS_SOME, 0, &texts, NULL, "labels that the agent must have"}};
static const schema_object_t runs_on = SCHEMA_OBJECT (runs_on_rows, "runs-on");

static const schema_row_t filter_rows[] = {{.key = "[]", .kinds = IS_MAP, .inner = &any_value}};
static const schema_object_t filter = SCHEMA_OBJECT (filter_rows, "a list of combinations");
static const schema_row_t matrix_rows[] = {
    {"include", IS_LIST, 0, &filter, NULL, "combinations to extend or to add"},
    {"exclude", IS_LIST, 0, &filter, NULL, "combinations to leave out"},
    {"*", IS_LIST, 0, &any_value, NULL, "the values of one dimension"}};
static const schema_object_t matrix = SCHEMA_OBJECT (matrix_rows, "a matrix");
static const schema_row_t strategy_rows[] = {
    {"matrix", IS_MAP, 0, &matrix, NULL, "one job for each combination"},
    {"fail-fast", IS_BOOL, 0, NULL, NULL, "cancel the others where one fails; true where absent"},
    {"max-parallel", IS_NUMBER, 0, NULL, NULL, "how many run at a time"}};
static const schema_object_t strategy = SCHEMA_OBJECT (strategy_rows, "a strategy");

static const schema_row_t container_env_rows[] = {
    {"*", IS_STRING, IN_AGENT | IN_secrets, NULL, NULL, "an environment variable"}};
static const schema_object_t container_env = SCHEMA_OBJECT (container_env_rows, "environment variables");
static const schema_row_t credentials_rows[] = {{"username", IS_TEXT, 0, NULL, NULL, "who"},
                                                {"password", IS_TEXT, 0, NULL, NULL, "a secret"}};
static const schema_object_t credentials = SCHEMA_OBJECT (credentials_rows, "credentials");
#define CONTAINER_ROWS                                                                              \
    {"env", IS_MAP, 0, &container_env, NULL, "environment variables in the container"},             \
        {"ports", IS_LIST, 0, &texts, NULL, "ports to publish"},                                    \
        {"volumes", IS_LIST, 0, &texts, NULL, "volumes to mount"},                                  \
        {"options", IS_STRING, 0, NULL, NULL, "options of `docker create`"},                        \
    {                                                                                               \
        "credentials", IS_MAP, IN_RUN | IN_secrets | IN_env, &credentials, NULL, "for the registry" \
    }
static const schema_row_t container_rows[] = {
    {"image", IS_STRING | IS_REQUIRED, 0, NULL, NULL, "the image that the steps run in; empty for none"},
    CONTAINER_ROWS};
static const schema_object_t container = SCHEMA_OBJECT (container_rows, "a container");
static const schema_row_t service_rows[] = {
    {"image", IS_STRING | IS_REQUIRED, 0, NULL, NULL, "the image; empty for no such service"},
    {"entrypoint", IS_STRING, 0, NULL, NULL, "instead of the image's"},
    {"command", IS_STRING, 0, NULL, NULL, "instead of the image's"},
    CONTAINER_ROWS};
static const schema_object_t service = SCHEMA_OBJECT (service_rows, "a service");
static const schema_row_t services_rows[] = {
    {"*", IS_STRING | IS_MAP, IN_CELL, &service, NULL, "a container beside the job"}};
static const schema_object_t services = SCHEMA_OBJECT (services_rows, "services");

static const schema_row_t environment_rows[] = {
    {"name", IS_STRING | IS_REQUIRED, IN_CELL, NULL, NULL, "its rules must be met before the job runs"},
    {"url", IS_STRING, IN_AGENT, NULL, NULL, "where what was deployed is found"},
    {"deployment", IS_BOOL, 0, NULL, NULL, "record a deployment; true where absent"}};
static const schema_object_t environment = SCHEMA_OBJECT (environment_rows, "an environment");

static const schema_row_t snapshot_rows[] = {
    {"image-name", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "name of the image"},
    {"version", IS_TEXT, 0, NULL, NULL, "its version"},
    {"if", IS_STRING | IS_CONDITION, IN_AGENT | IN_STATUS | IN_HASH, NULL, NULL,
     "make it only where this holds"}};
static const schema_object_t snapshot = SCHEMA_OBJECT (snapshot_rows, "a snapshot");

static const schema_row_t outputs_rows[] = {
    {"*", IS_STRING, IN_AGENT | IN_secrets, NULL, NULL, "an output, for the jobs that need this one"}};
static const schema_object_t outputs = SCHEMA_OBJECT (outputs_rows, "outputs");

#define STEP_ROWS                                                                           \
    {"name", IS_STRING, IN_STEP, NULL, NULL, "what a person sees"},                         \
        {"id", IS_TEXT | IS_NAME, 0, NULL, NULL, "what expressions call it"},               \
    {                                                                                       \
        "continue-on-error", IS_BOOL, IN_STEP, NULL, NULL, "the job goes on where it fails" \
    }
#define ACTION_ROWS                                                                     \
    STEP_ROWS, {"if", IS_STRING | IS_CONDITION,   IN_AGENT | IN_HASH | IN_STATUS, NULL, \
                NULL, "run only where this holds"},                                     \
        {"timeout-minutes", IS_NUMBER, IN_STEP, NULL, NULL, "stop it after this long"}, \
        {"env", IS_MAP, IN_STEP, &env, NULL, "environment variables of this step"},     \
    {                                                                                   \
        "background", IS_BOOL, 0, NULL, NULL, "do not wait for it"                      \
    }
static const schema_row_t run_step_rows[] = {
    {"run", IS_STRING | IS_REQUIRED, IN_STEP, NULL, NULL, "commands for the shell"},
    {"shell", IS_TEXT, 0, NULL, NULL, "bash, sh, pwsh, python, ... or a command with {0}"},
    {"working-directory", IS_STRING, IN_STEP, NULL, NULL, "where the commands run"},
    ACTION_ROWS};
static const schema_object_t run_step = SCHEMA_OBJECT (run_step_rows, "a step with \"run\"");
static const schema_row_t uses_step_rows[] = {{"uses", IS_TEXT | IS_REQUIRED, 0, NULL, NULL,
                                               "an action: owner/repo@ref, ./path, $/path or docker://image"},
                                              {"with", IS_MAP, IN_STEP, &with, NULL, "inputs of the action"},
                                              ACTION_ROWS};
static const schema_object_t uses_step = SCHEMA_OBJECT (uses_step_rows, "a step with \"uses\"");
static const schema_row_t wait_rows[] = {
    {"wait", IS_TEXT | IS_LIST | IS_REQUIRED, 0, &texts, NULL, "ids of background steps"}, STEP_ROWS};
static const schema_object_t wait_step = SCHEMA_OBJECT (wait_rows, "a step with \"wait\"");
static const schema_row_t wait_all_rows[] = {
    {"wait-all", IS_NULL | IS_BOOL | IS_REQUIRED, 0, NULL, NULL, "wait for all background steps"}, STEP_ROWS};
static const schema_object_t wait_all_step = SCHEMA_OBJECT (wait_all_rows, "a step with \"wait-all\"");
static const schema_row_t cancel_rows[] = {
    {"cancel", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "id of a background step"}, STEP_ROWS};
static const schema_object_t cancel_step = SCHEMA_OBJECT (cancel_rows, "a step with \"cancel\"");
static const schema_variant_t member_variants[] = {{"run", &run_step}, {"uses", &uses_step}};
static const schema_object_t member = SCHEMA_VARIANTS (member_variants, "a step of \"parallel\"");
static const schema_row_t members_rows[] = {{.key = "[]", .kinds = IS_MAP, .inner = &member}};
static const schema_object_t members = SCHEMA_OBJECT (members_rows, "a list of steps");
static const schema_row_t parallel_rows[] = {
    {"parallel", IS_LIST | IS_REQUIRED, 0, &members, NULL, "steps that run at the same time"}, STEP_ROWS};
static const schema_object_t parallel_step = SCHEMA_OBJECT (parallel_rows, "a step with \"parallel\"");

static const schema_variant_t step_variants[] = {{"run", &run_step},       {"uses", &uses_step},
                                                 {"wait", &wait_step},     {"wait-all", &wait_all_step},
                                                 {"cancel", &cancel_step}, {"parallel", &parallel_step}};
static const schema_object_t step = SCHEMA_VARIANTS (step_variants, "a step");
static const schema_row_t steps_rows[] = {{.key = "[]", .kinds = IS_MAP, .inner = &step}};
static const schema_object_t steps = SCHEMA_OBJECT (steps_rows, "a list of steps");

#define BOTH_ROWS                                                                                            \
    {"name", IS_STRING, IN_CELL, NULL, NULL, "what a person sees"},                                          \
        {"needs", IS_TEXT | IS_LIST, 0, &texts, NULL, "jobs that come before"},                              \
        {"if", IS_STRING | IS_CONDITION, IN_CALL | IN_STATUS, NULL, NULL, "run only where this holds"},      \
        PERMISSIONS,                                                                                         \
        {"concurrency", IS_TEXT | IS_MAP, IN_CELL, &concurrency, NULL, "what may not run at the same time"}, \
    {                                                                                                        \
        "strategy", IS_MAP, IN_CALL, &strategy, NULL, "one job for each combination of values"               \
    }
#define JOB_ROWS                                                                                             \
    {"env", IS_MAP, IN_CELL | IN_secrets, &env, NULL, "environment variables of all steps"},                 \
        {"defaults", IS_MAP, 0, &job_defaults, NULL, "for all steps of the job"},                            \
        {"steps", IS_LIST, 0, &steps, NULL, "what is done, one after the other"},                            \
        {"outputs", IS_MAP, 0, &outputs, NULL, "what the jobs that need this one can read"},                 \
        {"timeout-minutes", IS_NUMBER, IN_CELL, NULL, NULL, "stop it after this long; 360 where absent"},    \
        {"cancel-timeout-minutes",                                                                           \
         IS_NUMBER,                                                                                          \
         IN_CELL,                                                                                            \
         NULL,                                                                                               \
         NULL,                                                                                               \
         "how long a cancelled job may take to end"},                                                        \
        {"continue-on-error", IS_BOOL, IN_CELL, NULL, NULL, "the run passes where it fails"},                \
        {"container", IS_STRING | IS_MAP, IN_CELL, &container, NULL, "the container that the steps run in"}, \
        {"services", IS_MAP, IN_CELL, &services, NULL, "containers beside the job"},                         \
        {"environment", IS_STRING | IS_MAP, IN_CELL, &environment, NULL, "where this job deploys to"},       \
    {                                                                                                        \
        "snapshot", IS_TEXT | IS_MAP, IN_CELL, &snapshot, NULL, "make an image of the machine"               \
    }

static const schema_row_t job_rows[] = {{"runs-on", IS_TEXT | IS_LIST | IS_SOME | IS_MAP | IS_REQUIRED,
                                         IN_CELL, &runs_on, NULL, "which agents may take it"},
                                        BOTH_ROWS,
                                        JOB_ROWS};
const schema_object_t schema_job = SCHEMA_OBJECT (job_rows, "a job");

static const schema_row_t call_with_rows[] = {
    {"*", IS_STRING | IS_BOOL | IS_NUMBER, IN_CELL, NULL, NULL, "an input of the workflow"}};
static const schema_object_t call_with = SCHEMA_OBJECT (call_with_rows, "inputs");
static const schema_row_t call_secrets_rows[] = {
    {"*", IS_STRING | IS_BOOL | IS_NUMBER, IN_CELL | IN_secrets, NULL, NULL, "a secret of the workflow"}};
static const schema_object_t call_secrets = SCHEMA_OBJECT (call_secrets_rows, "secrets");
static const schema_row_t call_rows[] = {
    {"uses", IS_TEXT | IS_REQUIRED, 0, NULL, NULL,
     "a workflow: ./.github/workflows/x.yml, $/path or owner/repo/path@ref"},
    {"with", IS_MAP, 0, &call_with, NULL, "inputs of the workflow"},
    {"secrets", IS_TEXT | IS_MAP, 0, &call_secrets, "inherit", "secrets of the workflow"},
    BOTH_ROWS};
static const schema_object_t call = SCHEMA_OBJECT (call_rows, "a job with \"uses\"");

static const schema_variant_t job_variants[] = {{"uses", &call}, {NULL, &schema_job}};
static const schema_object_t either_job = SCHEMA_VARIANTS (job_variants, "a job");
static const schema_row_t jobs_rows[] = {{"*", IS_MAP | IS_NAME, 0, &either_job, NULL, "a job"}};
static const schema_object_t jobs = SCHEMA_OBJECT (jobs_rows, "jobs");

static const schema_row_t workflow_rows[] = {
    {"name", IS_STRING, 0, NULL, NULL, "what a person sees; the file's path where absent"},
    {"description", IS_STRING, 0, NULL, NULL, "what it is for"},
    {"run-name", IS_STRING, IN_RUN, NULL, NULL, "what a person sees of one run"},
    {"on", IS_TEXT | IS_LIST | IS_MAP | IS_REQUIRED | IS_EVENT, 0, &schema_on, NULL, "events that start it"},
    PERMISSIONS,
    {"env", IS_MAP, IN_RUN | IN_secrets, &env, NULL, "environment variables of all jobs"},
    {"defaults", IS_MAP, 0, &workflow_defaults, NULL, "for all jobs"},
    {"concurrency", IS_STRING | IS_MAP, IN_RUN, &concurrency, NULL, "what may not run at the same time"},
    {"jobs", IS_MAP | IS_REQUIRED, 0, &jobs, NULL, "what is done"}};
const schema_object_t schema_workflow = SCHEMA_OBJECT (workflow_rows, "a workflow");

static const schema_row_t definition_rows[] = {
    {"key", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "the job's key in the file"},
    {"workflow-env", IS_MAP, IN_RUN | IN_secrets, &env, NULL, "the workflow's env"},
    {"name", IS_STRING, IN_CELL, NULL, NULL, "what a person sees"},
    PERMISSIONS,
    JOB_ROWS};
const schema_object_t schema_definition = SCHEMA_OBJECT (definition_rows, "a job's definition");
