/* plan.c - conditions over ancestors, cells, definitions, results and inputs. */

#include "tests/unit/workflow/loaded.h"
#include "workflow/plan/load.h"

#include <string.h>

#define ONE(keys) "on: push\njobs:\n  j:\n    runs-on: x\n" keys "    steps: [{run: x}]\n"

typedef struct {
    const char *condition; // Of c, which needs b, which needs a
    const char *a, *b;     // Results
    bool cancelled;
    bool runs;
} status_row_t;

static const status_row_t statuses[] = {
    {"", "success", "success", false, true},
    {"", "failure", "skipped", false, false},
    {"", "skipped", "success", false, false}, // A skip far up skips all below
    {"success()", "success", "success", false, true},
    {"failure()", "success", "success", false, false},
    {"failure()", "failure", "skipped", false, true},
    {"failure()", "success", "failure", false, true},
    {"failure()", "success", "skipped", false, false},
    {"always()", "failure", "skipped", false, true},
    {"always()", "success", "cancelled", true, true},
    {"cancelled()", "success", "cancelled", true, true},
    {"cancelled()", "success", "success", false, false},
    {"${{ !cancelled() }}", "failure", "skipped", false, true},
    {"${{ !cancelled() }}", "success", "success", true, false},
    {"true", "failure", "skipped", false, false}, // success() is implied
    {"true", "success", "success", false, true},
    {"github.ref == 'refs/heads/main'", "success", "success", false, true},
    {"github.ref == 'refs/heads/next'", "success", "success", false, false},
    {"always() && needs.b.result == 'skipped'", "failure", "skipped", false, true},
    {"always() && needs.a.result == 'failure'", "failure", "skipped", false, false}, // a is not in its needs
    {"needs.b.outputs.go == 'yes'", "success", "success", false, true},
};

TEST (conditions_look_at_all_ancestors)
{
    for (size_t i = 0; i < COUNT_OF (statuses); i++) {
        const status_row_t *row = &statuses[i];
        arena_t *arena = arena_new ();
        findings_t findings;
        plan_expansion_t plan;
        findings_init (&findings, arena, "test.yml");
        const workflow_t *workflow = load_workflow (
            arena,
            arena_printf (
                arena,
                "on: push\njobs:\n  a: {runs-on: x, steps: [{run: x}]}\n  b: {needs: a, runs-on: x, steps: [{run: x}]}\n"
                "  c:\n    needs: b\n    runs-on: x\n    if: %s\n    steps: [{run: x}]\n",
                row->condition));
        plan_context_t context = {
            .github = json (arena, "{\"ref\": \"refs/heads/main\"}"),
            .cancelled = row->cancelled,
            .jobs = json (
                arena,
                arena_printf (
                    arena,
                    "{\"a\": {\"result\": \"%s\"}, \"b\": {\"result\": \"%s\", \"outputs\": {\"go\": \"yes\"}}}",
                    row->a, row->b))};
        CHECK (plan_expand (arena, workflow, &workflow->jobs[2], &context, &findings, &plan) == OK);
        if (plan.runs != row->runs || (*plan.reason == '\0') != row->runs)
            test_fail (__FILE__, __LINE__, "row %zu: %s runs %d: %s", i, row->condition, plan.runs,
                       plan.reason);
        arena_destroy (&arena);
    }
}

#define FOUR ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"

// One job's cells: "NAME [LABELS] GROUP MINUTES" or the findings.
static const char *planned (arena_t *arena, const char *text)
{
    const workflow_t *workflow = NULL;
    findings_t findings;
    plan_expansion_t plan;
    findings_init (&findings, arena, "test.yml");
    plan_context_t context = {
        .github = json (arena, "{\"ref_name\": \"main\", \"event_name\": \"push\"}"),
        .vars = json (
            arena,
            "{\"LABELS\": \"[\\\"a\\\", \\\"b\\\"]\", \"MINUTES\": \"7\", \"MANY\": \"" FOUR FOUR FOUR FOUR
            "\"}")};
    if (workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow) != OK ||
        plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan) != OK)
        return findings_text (arena, &findings);
    const char *out = "";
    for (size_t i = 0; i < plan.cell_count; i++) {
        const plan_cell_t *cell = &plan.cells[i];
        out = arena_printf (arena, "%s%s%s [", out, i ? "\n" : "", cell->name);
        for (size_t j = 0; j < cell->label_count; j++)
            out = arena_printf (arena, "%s%s%s", out, j ? " " : "", cell->labels[j]);
        out = arena_printf (arena, "%s] %s %d%s", out, cell->group ? cell->group : "-",
                            (int) cell->timeout_minutes, cell->continue_on_error ? " forgiven" : "");
    }
    return out;
}

#define RUNS_ON(what) "on: push\njobs:\n  j:\n    runs-on: " what "\n    steps: [{run: x}]\n"

static const row_t cells[] = {
    {RUNS_ON ("linux"), "j [linux] - 360"},
    {RUNS_ON ("[self-hosted, '${{ github.ref_name }}']"), "j [self-hosted main] - 360"},
    {RUNS_ON ("${{ fromJSON(vars.LABELS) }}"), "j [a b] - 360"},
    {RUNS_ON ("${{ github.event_name == 'push' && 'fast' || 'slow' }}"), "j [fast] - 360"},
    {RUNS_ON ("{group: big}"), "j [] big 360"},
    {RUNS_ON ("{group: '${{ github.ref_name }}', labels: [x, y]}"), "j [x y] main 360"},
    {RUNS_ON ("{labels: '${{ fromJSON(vars.LABELS) }}'}"), "j [a b] - 360"},
    {RUNS_ON ("${{ fromJSON('{\"group\":\"g\",\"labels\":[\"l\"]}') }}"), "j [l] g 360"},
    {RUNS_ON ("${{ fromJSON(format('[0{0}]', vars.MANY)) }}"),
     "4:14 \"runs-on\" gives 65 labels; at most 64"},
    {RUNS_ON ("${{ vars.NOTHING }}"), "4:14 \"runs-on\" gives an empty string as a label"},
    {RUNS_ON ("${{ fromJSON('x') }}"),
     "4:18 Error parsing fromJSON: a JSON value is expected at line 1, column 1"},
    {ONE ("    name: Build\n"), "Build [x] - 360"},
    {ONE ("    name: on ${{ github.ref_name }}\n    timeout-minutes: 5\n"), "on main [x] - 5"},
    {ONE ("    name: T\n    strategy: {matrix: {a: [1, 2]}}\n"), "T (1) [x] - 360\nT (2) [x] - 360"},
    {ONE ("    name: T ${{ matrix.a }} of ${{ strategy.job-total }}\n    strategy: {matrix: {a: [1, 2]}}\n"),
     "T 1 of 2 [x] - 360\nT 2 of 2 [x] - 360"},
    {ONE (
         "    timeout-minutes: ${{ fromJSON(vars.MINUTES) }}\n    continue-on-error: ${{ github.ref_name == 'main' }}\n"),
     "j [x] - 7 forgiven"},
    {ONE ("    timeout-minutes: 2.5\n"), "j [x] - 3"},
    {ONE ("    timeout-minutes: 0\n"), "5:22 \"timeout-minutes\" must be a number above 0"},
    {ONE ("    timeout-minutes: ${{ github.ref_name }}\n"),
     "5:22 \"timeout-minutes\" must be a number above 0"},
    {ONE ("    strategy: {max-parallel: 0, matrix: {a: [1]}}\n"),
     "5:30 \"max-parallel\" must be a number, at least 1"},
};

static const row_t wholes[] = {
    {ONE ("    strategy: ${{ fromJSON('{\"max-parallel\":1,\"matrix\":{\"a\":[1,2]}}') }}\n"),
     "j (1) [x] - 360\nj (2) [x] - 360"},
    {ONE ("    strategy: ${{ fromJSON('{\"matrix\":{\"a\":[]}}') }}\n"),
     "5:15 \"a\" of the matrix has no values"},
    {ONE ("    strategy: ${{ fromJSON('{\"max-parallel\":-1}') }}\n"),
     "5:15 \"max-parallel\" must be a number, at least 1"},
    {ONE ("    strategy: ${{ fromJSON('{') }}\n"),
     "5:19 Error parsing fromJSON: the JSON text ends too early at line 1, column 2"},
    {ONE ("    defaults: {run: '${{ fromJSON(vars.D) }}'}\n"),
     "5:21 \"defaults.run\" must be a map; its \"shell\" and \"working-directory\" may be expressions"},
};

TEST (an_expression_may_stand_for_a_whole_strategy)
{
    CHECK_ROWS (planned, wholes);
}

TEST (cells_get_names_labels_and_limits)
{
    CHECK_ROWS (planned, cells);
}

static const char *whole =
    "on: push\nenv: {A: 1, B: '${{ github.sha }}'}\ndefaults: {run: {shell: bash}}\npermissions: {contents: read}\njobs:\n"
    "  j:\n    runs-on: x\n    env: {B: two}\n    outputs: {o: '${{ steps.s.outputs.v }}'}\n    timeout-minutes: 5\n"
    "    defaults: {run: {working-directory: src}}\n    container: {image: alpine, env: {C: c}}\n"
    "    services: {db: postgres}\n    steps:\n      - id: s\n        run: |\n          echo \"\xc3\xa9 ${{ github.ref }}\"\n"
    "        if: always()\n      - uses: actions/checkout@v4\n        with: {depth: 0, flag: true}\n";

static const row_t passed[] = {
    // An expression, and what the call passes
    {"plain", "\"plain\""},
    {"'${{ secrets.OWN }}'",
     "{\"from\":\"OWN\",\"of\":\"agent\"}"}, // It was not passed: no stored one is meant
    {"'${{ secrets.given }}'", "\"known\""},
    {"'${{ secrets.renamed }}'", "{\"from\":\"FIRST\"}"}, // By the caller's caller
    {"\"${{ github.ref_name == 'main' && secrets.PROD || secrets.TEST }}\"",
     "{\"from\":\"PROD\",\"of\":\"agent\"}"},
    {"\"${{ github.ref_name == 'next' && secrets.PROD || secrets['TEST'] }}\"",
     "{\"from\":\"TEST\",\"of\":\"agent\"}"},
    {"'x${{ secrets.OWN }}${{ secrets.given }}'", "\"xknown\""},
    {"\"${{ secrets.renamed == 'FIRST' }}\"", "\"false\""},
};

TEST (a_call_passes_which_secret_it_means_where_only_the_agent_has_it)
{
    for (size_t i = 0; i < COUNT_OF (passed); i++) {
        arena_t *arena = arena_new ();
        findings_t findings;
        plan_expansion_t plan;
        findings_init (&findings, arena, "test.yml");
        const workflow_t *workflow = load_workflow (
            arena,
            arena_printf (
                arena, "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: {it: %s}\n",
                passed[i].text));
        plan_context_t context = {
            .github = json (arena, "{\"ref_name\": \"main\"}"),
            .secrets = json (arena, "{\"given\": \"known\", \"renamed\": {\"from\": \"FIRST\"}}")};
        CHECK (plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan) == OK);
        CHECK_STR (value_to_json (arena, value_get (plan.cells[0].secrets, "it"), 0), passed[i].want);
        arena_destroy (&arena);
    }
}

// What the first workflow of a run passes, and one that inherited all of that.
TEST (a_call_passes_any_secret_or_all_where_it_may_have_all)
{
    static const char *const given[] = {NULL, "{\"*\": {\"from\": \"*\"}}"};
    static const row_t rows[] = {{"{it: '${{ secrets.A }}'}", "{\"it\":{\"from\":\"A\"}}"},
                                 {"inherit", "{\"*\":{\"from\":\"*\"}}"},
                                 {"{it: plain}", "{\"it\":\"plain\"}"}};
    for (size_t i = 0; i < 2 * COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        findings_t findings;
        plan_expansion_t plan;
        const row_t *row = &rows[i / 2];
        findings_init (&findings, arena, "test.yml");
        const workflow_t *workflow = load_workflow (
            arena,
            arena_printf (arena, "on: push\njobs:\n  a: {uses: ./.github/workflows/b.yml, secrets: %s}\n",
                          row->text));
        plan_context_t context = {.secrets = given[i % 2] ? json (arena, given[i % 2]) : NULL};
        CHECK (plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan) == OK);
        CHECK_STR (value_to_json (arena, plan.cells[0].secrets, 0), row->want);
        arena_destroy (&arena);
    }
}

TEST (a_definition_is_all_that_an_agent_needs)
{
    arena_t *arena = arena_new ();
    const workflow_t *workflow = load_workflow (arena, whole);
    const char *definition = plan_definition (arena, &workflow->jobs[0], NULL);
    findings_t findings;
    const job_t *job = NULL;
    findings_init (&findings, arena, "definition");
    fault_t fault = job_load (arena, definition, strlen (definition), &findings, &job);
    CHECK_STR (findings_text (arena, &findings), "");
    CHECK (fault == OK);
    CHECK_STR (job->key.text, "j");
    CHECK_STR (job->workflow_env.items[1].value.text, "${{ github.sha }}");
    CHECK (job->workflow_env.items[1].value.expression != NULL);
    CHECK_STR (job->env.items[0].value.text, "two");
    CHECK_STR (job->defaults.shell.text, "bash");
    CHECK_STR (job->defaults.working_directory.text, "src");
    CHECK_STR (job->container.image.text, "alpine");
    CHECK_STR (job->services[0].container.image.text, "postgres");
    CHECK_STR (job->timeout_minutes.text, "5");
    CHECK_STR (job->permissions.items[0].key.text, "contents");
    CHECK_STR (job->steps[0].run.text, "echo \"\xc3\xa9 ${{ github.ref }}\"\n");
    CHECK (job->steps[0].condition.expression != NULL);
    CHECK_STR (job->steps[1].id.text, "__actions_checkout");
    CHECK_STR (job->steps[1].with.items[1].value.text, "true");
    CHECK_STR (plan_definition (arena, job, NULL), definition);
    arena_destroy (&arena);
}

TEST (a_malformed_definition_is_refused)
{
    static const char *const texts[] = {
        "", "{}", "[]", "{\"key\": \"a\", \"steps\": {}}", "{\"key\": \"a\", \"what\": 1}", "{\"key\""};
    for (size_t i = 0; i < COUNT_OF (texts); i++) {
        arena_t *arena = arena_new ();
        findings_t findings;
        const job_t *job = NULL;
        findings_init (&findings, arena, "definition");
        CHECK (job_load (arena, texts[i], strlen (texts[i]), &findings, &job) == INVALID);
        CHECK (findings.count > 0);
        arena_destroy (&arena);
    }
}

TEST (the_cells_of_a_job_add_up_to_one_result)
{
    static const struct {
        const char *cells, *want;
    } rows[] = {
        {"[]", "{\"result\":\"skipped\",\"outputs\":{}}"},
        {"[{\"result\": \"success\"}, {\"result\": \"skipped\"}]", "{\"result\":\"success\",\"outputs\":{}}"},
        {"[{\"result\": \"success\"}, {\"result\": \"failure\"}]", "{\"result\":\"failure\",\"outputs\":{}}"},
        {"[{\"result\": \"cancelled\"}, {\"result\": \"failure\"}]",
         "{\"result\":\"failure\",\"outputs\":{}}"},
        {"[{\"result\": \"cancelled\"}, {\"result\": \"success\"}]",
         "{\"result\":\"cancelled\",\"outputs\":{}}"},
        {"[{\"result\": \"failure\", \"continue-on-error\": true}]",
         "{\"result\":\"success\",\"outputs\":{}}"},
        {"[{\"result\": \"success\", \"outputs\": {\"a\": \"1\", \"b\": \"\"}}, {\"result\": \"success\", \"outputs\": {\"a\": \"\", "
         "\"b\": \"2\"}}]",
         "{\"result\":\"success\",\"outputs\":{\"a\":\"1\",\"b\":\"2\"}}"},
    };
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        const value_t *cells_of = json (arena, rows[i].cells);
        CHECK_STR (value_to_json (arena, plan_outcome (arena, cells_of->list.items, cells_of->list.count), 0),
                   rows[i].want);
        arena_destroy (&arena);
    }
}

static const char *dispatch =
    "on:\n  workflow_dispatch:\n    inputs:\n      text: {default: none}\n      flag: {type: boolean}\n      count: {type: number, "
    "default: 3}\n      level: {type: choice, options: [low, high]}\n      must: {required: true}\nrun-name: '${{ inputs.text }} x "
    "${{ inputs.count }}'\nconcurrency: {group: 'g-${{ inputs.level }}', cancel-in-progress: '${{ inputs.flag }}'}\njobs: {j: "
    "{runs-on: x, steps: [{run: x}]}}\n";

// The inputs of a dispatch, or what is wrong with them.
static const char *dispatched (arena_t *arena, const char *given)
{
    findings_t findings;
    plan_run_t run;
    findings_init (&findings, arena, "test.yml");
    plan_context_t context = {.github = json (arena, "{\"event_name\": \"workflow_dispatch\"}"),
                              .inputs = json (arena, given)};
    if (plan_run (arena, load_workflow (arena, dispatch), &context, &findings, &run) != OK)
        return findings_text (arena, &findings);
    return arena_printf (arena, "%s | %s | %s %d", value_to_json (arena, run.inputs, 0), run.run_name,
                         run.concurrency.group, run.concurrency.cancel_in_progress);
}

static const row_t inputs[] = {
    {"{\"must\": \"x\"}",
     "{\"text\":\"none\",\"flag\":false,\"count\":3,\"level\":\"low\",\"must\":\"x\"} | none x 3 | g-low 0"},
    {"{\"must\": 1, \"flag\": \"true\", \"count\": \"7\", \"level\": \"high\", \"TEXT\": \"\"}",
     "{\"text\":\"\",\"flag\":true,\"count\":7,\"level\":\"high\",\"must\":\"1\"} | x 7 | g-high 1"},
    {"{}", "8:7 input \"must\" is required"},
    {"{\"must\": \"x\", \"flag\": \"maybe\"}", "5:7 input \"flag\" must be true or false, not \"maybe\""},
    {"{\"must\": \"x\", \"count\": \"many\"}", "6:7 input \"count\" must be a number, not \"many\""},
    {"{\"must\": \"x\", \"level\": \"mid\"}", "7:7 input \"level\" must be one of: low, high; not \"mid\""},
    {"{\"must\": \"x\", \"other\": 1}", "1:1 the workflow has no input \"other\""},
};

TEST (inputs_are_checked_coerced_and_completed)
{
    CHECK_ROWS (dispatched, inputs);
}
