/* schema_action.c - the keys of an action's metadata file. */

#include "workflow/schema/schema.h"

#define IN_COMPOSITE \
    (IN_github | IN_inputs | IN_strategy | IN_matrix | IN_steps | IN_job | IN_runner | IN_env | IN_HASH)

static const schema_object_t any_value;
static const schema_row_t any_rows[] = {{.key = "*", .kinds = IS_ANY, .inner = &any_value},
                                        {.key = "[]", .kinds = IS_ANY, .inner = &any_value}};
static const schema_object_t any_value = SCHEMA_OBJECT (any_rows, "a value");

static const schema_row_t pairs_rows[] = {{"*", IS_STRING, 0, NULL, NULL, "a value"}};
static const schema_object_t pairs = SCHEMA_OBJECT (pairs_rows, "a map of strings");

static const schema_row_t input_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "what it is for"},
    {"required", IS_BOOL | IS_STRING, 0, NULL, NULL, "must it be given?"},
    {"default", IS_STRING, IN_github | IN_strategy | IN_matrix | IN_job | IN_runner | IN_HASH, NULL, NULL,
     "the value where none is given"},
    {"deprecationMessage", IS_STRING, 0, NULL, NULL, "shown where it is still used"},
    {"*", IS_ANY, 0, &any_value, NULL, "passed over"}};
static const schema_object_t input = SCHEMA_OBJECT (input_rows, "an input");
static const schema_row_t inputs_rows[] = {{"*", IS_MAP | IS_NULL, 0, &input, NULL, "an input"}};
static const schema_object_t inputs = SCHEMA_OBJECT (inputs_rows, "inputs");

static const schema_row_t output_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "what it is"},
    {"value", IS_STRING, IN_COMPOSITE & ~IN_HASH, NULL, NULL, "of a composite action: where it comes from"}};
static const schema_object_t output = SCHEMA_OBJECT (output_rows, "an output");
static const schema_row_t outputs_rows[] = {{"*", IS_MAP | IS_NULL, 0, &output, NULL, "an output"}};
static const schema_object_t outputs = SCHEMA_OBJECT (outputs_rows, "outputs");

#define WHEN(key, meaning)                                                                         \
    {                                                                                              \
        key, IS_STRING | IS_CONDITION, (IN_COMPOSITE & ~IN_steps) | IN_STATUS, NULL, NULL, meaning \
    }
static const schema_row_t node_rows[] = {
    {"using", IS_TEXT | IS_REQUIRED, 0, NULL, "node12 node16 node20 node24", "what runs it"},
    {"main", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "the file to run"},
    {"pre", IS_TEXT, 0, NULL, NULL, "a file to run when the job begins"},
    WHEN ("pre-if", "run it only where this holds; always() where absent"),
    {"post", IS_TEXT, 0, NULL, NULL, "a file to run when the job ends"},
    WHEN ("post-if", "run it only where this holds; always() where absent")};
static const schema_object_t node = SCHEMA_OBJECT (node_rows, "\"runs\" with \"main\"");

static const schema_row_t args_rows[] = {{.key = "[]", .kinds = IS_STRING}};
static const schema_object_t args = SCHEMA_OBJECT (args_rows, "a list of strings");
static const schema_row_t docker_rows[] = {
    {"using", IS_TEXT | IS_REQUIRED, 0, NULL, "docker", "what runs it"},
    {"image", IS_TEXT | IS_REQUIRED, 0, NULL, NULL, "Dockerfile, or docker://image"},
    {"entrypoint", IS_TEXT, 0, NULL, NULL, "instead of the image's"},
    {"args", IS_LIST, IN_inputs, &args, NULL, "arguments of the entrypoint"},
    {"env", IS_MAP, IN_inputs, &pairs, NULL, "environment variables in the container"},
    {"pre-entrypoint", IS_TEXT, 0, NULL, NULL, "run when the job begins"},
    WHEN ("pre-if", "run it only where this holds; always() where absent"),
    {"post-entrypoint", IS_TEXT, 0, NULL, NULL, "run when the job ends"},
    WHEN ("post-if", "run it only where this holds; always() where absent")};
static const schema_object_t docker = SCHEMA_OBJECT (docker_rows, "\"runs\" with \"image\"");

#define STEP_ROWS                                                                                            \
    {"name", IS_STRING, IN_COMPOSITE, NULL, NULL, "what a person sees"},                                     \
        {"id", IS_TEXT | IS_NAME, 0, NULL, NULL, "what expressions call it"},                                \
        {"if", IS_STRING | IS_CONDITION, IN_COMPOSITE | IN_STATUS, NULL, NULL, "run only where this holds"}, \
        {"continue-on-error", IS_BOOL, IN_COMPOSITE, NULL, NULL, "go on where it fails"},                    \
    {                                                                                                        \
        "env", IS_MAP, IN_COMPOSITE, &pairs, NULL, "environment variables of this step"                      \
    }
static const schema_row_t run_rows[] = {
    {"run", IS_STRING | IS_REQUIRED, IN_COMPOSITE, NULL, NULL, "commands for the shell"},
    {"shell", IS_TEXT | IS_REQUIRED, IN_COMPOSITE, NULL, NULL, "in an action there is no default"},
    {"working-directory", IS_STRING, IN_COMPOSITE, NULL, NULL, "where the commands run"},
    STEP_ROWS};
static const schema_object_t run_step = SCHEMA_OBJECT (run_rows, "a step with \"run\"");
static const schema_row_t uses_rows[] = {{"uses", IS_TEXT | IS_REQUIRED, 0, NULL, NULL,
                                          "an action: owner/repo@ref, ./path, $/path or docker://image"},
                                         {"with", IS_MAP, IN_COMPOSITE, &pairs, NULL, "inputs of the action"},
                                         STEP_ROWS};
static const schema_object_t uses_step = SCHEMA_OBJECT (uses_rows, "a step with \"uses\"");
static const schema_variant_t step_variants[] = {{"run", &run_step}, {"uses", &uses_step}};
static const schema_object_t step = SCHEMA_VARIANTS (step_variants, "a step");
static const schema_row_t steps_rows[] = {{.key = "[]", .kinds = IS_MAP, .inner = &step}};
static const schema_object_t steps = SCHEMA_OBJECT (steps_rows, "a list of steps");
static const schema_row_t composite_rows[] = {
    {"using", IS_TEXT | IS_REQUIRED, 0, NULL, "composite", "what runs it"},
    {"steps", IS_LIST | IS_REQUIRED, 0, &steps, NULL, "what is done, one after the other"}};
static const schema_object_t composite = SCHEMA_OBJECT (composite_rows, "\"runs\" with \"steps\"");

static const schema_variant_t runs_variants[] = {{"main", &node}, {"image", &docker}, {"steps", &composite}};
static const schema_object_t runs = SCHEMA_VARIANTS (runs_variants, "\"runs\"");

static const schema_row_t action_rows[] = {
    {"name", IS_STRING, 0, NULL, NULL, "what a person sees"},
    {"description", IS_STRING, 0, NULL, NULL, "what it does"},
    {"inputs", IS_MAP, 0, &inputs, NULL, "what may be given with `with`"},
    {"outputs", IS_MAP, 0, &outputs, NULL, "what later steps can read"},
    {"runs", IS_MAP | IS_REQUIRED, 0, &runs, NULL, "how it runs"},
    {"*", IS_ANY, 0, &any_value, NULL, "passed over"}};
const schema_object_t schema_action = SCHEMA_OBJECT (action_rows, "an action");
