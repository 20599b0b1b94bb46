/* call.c - runs of several files: what they may call, and what is said where they may not. */

#include "workflow/plan/call.h"
#include "tests/unit/workflow/loaded.h"
#include "workflow/plan/load.h"

#include <stdio.h>
#include <string.h>

// A file begins behind a line "## NAME"; the run's own comes first and has none.
typedef struct {
    arena_t *arena;
    const char *text;
} files_t;

static const workflow_t *find (void *self_, const char *name, const char **reason)
{
    files_t *self = self_;
    const char *mark = arena_printf (self->arena, "## %s\n", name);
    const char *at = strstr (self->text, mark);
    if (!at)
        return NULL;
    findings_t findings;
    const workflow_t *workflow = NULL;
    const char *bytes = at + strlen (mark), *end = strstr (bytes, "## ");
    findings_init (&findings, self->arena, name);
    if (workflow_load (self->arena, name, bytes, end ? (size_t) (end - bytes) : strlen (bytes), &findings,
                       &workflow) == OK)
        return workflow;
    *reason = findings.items[0].message;
    return NULL;
}

static const char *checked (arena_t *arena, const char *text)
{
    files_t files = {arena, text};
    findings_t findings;
    const char *end = strstr (text, "## ");
    const workflow_t *root =
        load_workflow (arena, arena_strndup (arena, text, end ? (size_t) (end - text) : strlen (text)));
    call_finder_t finder = {&files, find};
    findings_init (&findings, arena, "root.yml");
    fault_t fault = calls_check (arena, root, &finder, &findings);
    CHECK_INT (fault, findings.errors ? INVALID : OK);
    const char *list = "";
    for (size_t i = 0; i < findings.count; i++)
        list = arena_printf (arena, "%s%s%s:%d:%d %s", list, i ? "\n" : "", findings.items[i].file,
                             findings.items[i].line, findings.items[i].column, findings.items[i].message);
    return list;
}

#define CALL(keys)   "on: push\njobs:\n  c:\n    uses: ./b.yml\n" keys
#define CALLED(keys) "## ./b.yml\non:\n  workflow_call:\n" keys "jobs: {j: {runs-on: x, steps: [{run: x}]}}\n"
#define PASSES(uses) "on: workflow_call\njobs: {c: {uses: " uses "}}\n"

static const row_t rows[] = {
    {CALL ("") CALLED (""), ""},
    {CALL (""), "test.yml:4:11 ./b.yml cannot be called: there is no such file"},
    {CALL ("") "## ./b.yml\non: push\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
     "test.yml:4:11 ./b.yml cannot be called: its `on` has no `workflow_call`"},
    {CALL ("") "## ./b.yml\non: workflow_call\n",
     "test.yml:4:11 ./b.yml cannot be called: a workflow needs \"jobs\": what is done"},
    {CALL ("    with: {size: 3}\n") CALLED ("    inputs: {size: {type: number}}\n"), ""},
    {CALL ("    with: {SIZE: 3}\n") CALLED ("    inputs: {size: {type: number}}\n"), ""},
    {CALL ("    with: {sise: 3}\n") CALLED ("    inputs: {size: {type: number}}\n"),
     "test.yml:5:12 ./b.yml has no input \"sise\"; did you mean \"size\"?"},
    {CALL ("") CALLED ("    inputs: {size: {type: number, required: true}}\n"),
     "test.yml:4:11 ./b.yml needs the input \"size\""},
    {CALL ("") CALLED ("    inputs: {size: {type: number, required: true, default: 1}}\n"), ""},
    {CALL ("    secrets: inherit\n") CALLED ("    secrets: {token: {required: true}}\n"), ""},
    {CALL ("    secrets: {token: x}\n") CALLED ("    secrets: {token: {required: true}}\n"), ""},
    {CALL ("") CALLED ("    secrets: {token: {required: true}}\n"),
     "test.yml:4:11 ./b.yml needs the secret \"token\""},
    {CALL ("    secrets: {other: x}\n") CALLED ("    secrets: {token: {required: false}}\n"),
     "test.yml:5:15 ./b.yml has no secret \"other\""},
    {CALL ("") "## ./b.yml\n" PASSES ("./c.yml") "## ./c.yml\n" PASSES ("./b.yml"),
     "./c.yml:2:18 workflows call each other in a circle: ./b.yml -> ./c.yml -> ./b.yml"},
    {CALL ("") "## ./b.yml\n" PASSES ("./b.yml"),
     "./b.yml:2:18 workflows call each other in a circle: ./b.yml -> ./b.yml"},
    {"on: push\njobs: {c: {uses: o/r/.github/workflows/b.yml@v1}}\n## o/r/.github/workflows/b.yml@v1\n" PASSES (
         "./.github/workflows/c.yml") "## o/r/.github/workflows/c.yml@v1\n" PASSES ("o/q/d.yml@v2"),
     "o/r/.github/workflows/c.yml@v1:2:18 o/q/d.yml@v2 cannot be called: there is no such file"},
    {"on: push\njobs:\n  c:\n    permissions: {contents: read}\n    uses: ./b.yml\n## ./b.yml\non: workflow_call\n"
     "permissions: {contents: read}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
     ""},
    {"on: push\njobs:\n  c:\n    permissions: {contents: read}\n    uses: ./b.yml\n## ./b.yml\non: workflow_call\n"
     "jobs: {j: {permissions: {contents: write}, runs-on: x, steps: [{run: x}]}}\n",
     "test.yml:5:11 job \"j\" of ./b.yml asks for contents: write, but its caller has contents: read"},
    {"on: push\npermissions: read-all\njobs: {c: {uses: ./b.yml}}\n## ./b.yml\non: workflow_call\n"
     "permissions: write-all\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
     "test.yml:3:18 job \"j\" of ./b.yml asks for actions: write, but its caller has actions: read"},
    // Of a caller that declares nothing only this is known
    {"on: push\njobs: {c: {uses: ./b.yml}}\n## ./b.yml\non: workflow_call\n"
     "permissions: {contents: write, id-token: write}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
     "test.yml:2:18 job \"j\" of ./b.yml asks for id-token: write, but its caller has id-token: none"},
    {"on: push\njobs: {c: {permissions: {id-token: write}, uses: ./b.yml}}\n## ./b.yml\non: workflow_call\n"
     "jobs: {c: {uses: ./c.yml}}\n## ./c.yml\non: workflow_call\n"
     "permissions: {id-token: write}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
     ""},
};

TEST (calls_are_refused_where_they_cannot_work)
{
    CHECK_ROWS (checked, rows);
}

// A row of `count` workflows, the run's own included. All but the last two have a job `beside` their call.
static const char *row_of (arena_t *arena, int count, const char *beside)
{
    const char *text = "on: push\njobs: {c: {uses: ./1.yml}}\n";
    for (int i = 1; i < count; i++)
        text = i + 1 == count
                   ? arena_printf (arena,
                                   "%s## ./%d.yml\non: workflow_call\njobs: {j: {runs-on: x, steps: [{run: "
                                   "x}]}}\n",
                                   text, i)
                   : arena_printf (arena, "%s## ./%d.yml\non: workflow_call\njobs: {%sc: {uses: ./%d.yml}}\n",
                                   text, i, i + 2 < count ? beside : "", i + 1);
    return text;
}

TEST (a_row_of_calls_is_as_long_as_ten_workflows)
{
    arena_t *arena = arena_new ();
    CHECK_STR (checked (arena, row_of (arena, CALL_DEPTH, "")), "");
    CHECK_STR (checked (arena, row_of (arena, CALL_DEPTH + 1, "")),
               "./9.yml:2:18 more than 10 workflows call one another in a row");
    arena_destroy (&arena);
}

// The first file of the row is known when it is called once more, a workflow later: what is below it counts, by its longest way.
TEST (a_row_of_calls_is_as_long_by_a_second_way_to_it)
{
    static const char *const besides[] = {"", "b: {uses: ./leaf.yml}, "};
    static const char more[] =
        "## ./by.yml\non: workflow_call\njobs: {c: {uses: ./1.yml}}\n"
        "## ./leaf.yml\non: workflow_call\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n";
    arena_t *arena = arena_new ();
    for (int i = 0; i < 4; i++) {
        int count = CALL_DEPTH - i % 2;
        const char *files = strstr (row_of (arena, count, besides[i / 2]), "## ");
        const char *text = arena_printf (
            arena, "on: push\njobs:\n  a: {uses: ./1.yml}\n  b: {uses: ./by.yml}\n%s%s", files, more);
        CHECK_STR (checked (arena, text),
                   count < CALL_DEPTH ? ""
                                      : "./by.yml:2:18 more than 10 workflows call one another in a row");
    }
    arena_destroy (&arena);
}

TEST (a_run_calls_fifty_workflows_at_most)
{
    arena_t *arena = arena_new ();
    const char *text = "on: push\njobs:\n", *files = "";
    for (int i = 0; i <= CALL_FILES; i++) {
        text = arena_printf (arena, "%s  c%d: {uses: ./%d.yml}\n", text, i, i);
        files = arena_printf (
            arena, "%s## ./%d.yml\non: workflow_call\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n", files,
            i);
    }
    CHECK_STR (checked (arena, arena_printf (arena, "%s%s", text, files)),
               "test.yml:53:15 a run calls at most 50 different workflows");
    arena_destroy (&arena);
}

TEST (a_name_yields_its_repository_and_its_ref)
{
    static const row_t names[] = {
        {"o/r/.github/workflows/b.yml@v1", "o/r v1"},
        {"o/r/a@b/c.yml@feature/x", "o/r feature/x"},
        {"https://git.example:8443/o/r/.github/workflows/b.yml@v1", "https://git.example:8443/o/r v1"},
        {"HTTP://host/o/r/b.yml@v1", "HTTP://host/o/r v1"},
        {"https://host/o/b.yml@v1", ""},
        {"https:///o/r/b.yml@v1", ""},
        {"./.github/workflows/b.yml", ""},
        {"o/r/b.yml", ""},
        {"o/r/b.yml@", ""},
        {"o/b.yml@v1", ""},
        {"/r/b.yml@v1", ""},
        {"o//b.yml@v1", ""},
        {"@v1", ""},
        {"", ""},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (names); i++) {
        const char *repository, *ref;
        bool is = call_repository (arena, names[i].text, &repository, &ref);
        CHECK_STR (is ? arena_printf (arena, "%s %s", repository, ref) : "", names[i].want);
    }
    arena_destroy (&arena);
}

TEST (outputs_of_a_called_workflow_come_from_its_jobs)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    const value_t *outputs;
    findings_init (&findings, arena, "test.yml");
    const workflow_t *workflow = load_workflow (
        arena,
        "on:\n  workflow_call:\n    inputs: {a: {type: string}}\n    outputs:\n      x: {value: '${{ jobs.j.outputs.v }}-${{ "
        "inputs.a }}'}\n      y: {value: '${{ jobs.j.outputs.none }}'}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n");
    const plan_context_t context = {
        .inputs = json (arena, "{\"a\": \"in\"}"),
        .jobs = json (arena, "{\"j\": {\"result\": \"success\", \"outputs\": {\"v\": \"1\"}}}")};
    CHECK_INT (call_outputs (arena, workflow, &context, &findings, &outputs), OK);
    CHECK_STR (value_to_json (arena, outputs, 0), "{\"x\":\"1-in\",\"y\":\"\"}");
    arena_destroy (&arena);
}
