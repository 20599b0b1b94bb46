/* model.c - loading: wrong files with the place and the words of each error, right ones of every shape (fixtures/). */

#include "tests/unit/workflow/loaded.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define JOB  "on: push\njobs:\n  a:\n    runs-on: x\n"
#define STEP JOB "    steps:\n"
#define END  "    steps: [{run: x}]\n"

static const row_t refused[] = {
    {STEP "      - run: echo ${{ secret.A }} ${{ Github.ref }}\n",
     "6:23 unknown context \"secret\"; did you mean \"secrets\"?"},
    {"", "1:1 the file is empty; a workflow is a map"},
    {"- a", "1:1 a workflow must be a map, not a list"},
    {"jobs: {a: {runs-on: x, steps: [{run: x}]}}", "1:1 a workflow needs \"on\": events that start it"},
    {"on: push", "1:1 a workflow needs \"jobs\": what is done"},
    {"on: push\njobs: {}", "2:7 a workflow needs at least one job"},
    {"on: push\njobs:\n", "2:6 \"jobs\" is empty; it must be a map"},
    {"on: pusk\n"
     "jobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:5 unknown event \"pusk\"; did you mean \"push\"?"},
    {JOB "    step:\n      - run: x\n", "5:5 unknown key \"step\"; did you mean \"steps\"?"},
    {JOB "    steps:\n      - {run: x, shell: '${{ matrix.shell }}'}\n",
     "6:26 no expression is allowed in \"shell\""},
    {JOB "    steps: []\n", "5:12 job \"a\" has no steps"},
    {"on: push\njobs:\n  a:\n    steps: [{run: x}]\n",
     "4:5 a job needs \"runs-on\": which agents may take it"},
    {"on: push\njobs:\n  1a: {runs-on: x, steps: [{run: x}]}\n",
     "3:3 \"1a\" is not a valid id; it must begin with a letter or _, hold only letters, digits, - and _, and be shorter "
     "than 100 characters"},
    {"on: push\njobs:\n  __a: {runs-on: x, steps: [{run: x}]}\n",
     "3:3 \"__a\" is not a valid id; those that begin with __ are reserved"},
    {JOB "    needs: b\n" END, "5:12 job \"a\" needs \"b\", which is not a job of this file"},
    {JOB "    needs: [a]\n" END, "5:13 jobs need each other in a circle: a -> a"},
    {"on: push\njobs:\n  a: {needs: b, runs-on: x, steps: [{run: x}]}\n  b: {needs: [c], runs-on: x, steps: [{run: x}]}\n  c: "
     "{needs: a, runs-on: x, steps: [{run: x}]}\n",
     "5:14 jobs need each other in a circle: a -> b -> c -> a"},
    {JOB "    timeout-minutes: soon\n" END,
     "5:22 \"timeout-minutes\" must be a number, not the string \"soon\""},
    {JOB "    continue-on-error: 'true'\n" END,
     "5:24 \"continue-on-error\" must be a boolean (true or false), not the string \"true\""},
    {JOB "    env: [a]\n" END, "5:10 \"env\" must be a map, not a list"},
    {JOB "    env: {A: [1]}\n" END, "5:14 \"A\" must be a string, not a list"},
    {JOB "    env:\n" END, "5:9 \"env\" is empty; it must be a map"},
    {JOB "    strategy: {matrix: {os: linux}}\n" END, "5:29 \"os\" must be a list, not the string \"linux\""},
    {JOB "    strategy: {matrix: {os: []}}\n" END, "5:29 \"os\" of the matrix has no values"},
    {JOB "    strategy: {matrix: {include: []}}\n" END,
     "5:34 the matrix has no values: give at least one list, or items of \"include\""},
    {JOB "    strategy: {matrix: {os: [a], exclude: [{on: a}]}}\n" END,
     "5:43 \"exclude\" names \"on\", which is not a list of this matrix"},
    {JOB "    permissions: {contents: admin}\n" END,
     "5:29 \"contents\" cannot be \"admin\"; it must be one of: read, write, none"},
    {JOB "    permissions: write\n" END,
     "5:18 \"permissions\" cannot be \"write\"; it must be one of: read-all, write-all"},
    {JOB "    permissions: {content: read}\n" END,
     "5:19 unknown key \"content\"; did you mean \"contents\"?"},
    {JOB "    name: ${{ secrets.A }}\n" END,
     "5:15 context \"secrets\" is not available here; there are: github, vars, strategy, matrix, needs, inputs"},
    {JOB "    if: success('b') || failure('b', 'c')\n" END, ""},
    {JOB "    if: always('b')\n" END, "5:9 Too many parameters supplied: 'always' (it takes 0 arguments)"},
    {JOB "    steps: [{run: x, if: success('b')}]\n",
     "5:26 Too many parameters supplied: 'success' (only the \"if\" of a job may name jobs in it)"},
    {JOB "    if: github.ref == main branch\n" END,
     "5:23 unknown context \"main\"; there are: github, vars, needs, inputs"},
    {JOB "    if: hashFiles('a') == ''\n" END, "5:9 function \"hashFiles\" is not available here"},
    {JOB "    if: github.ref == \"x\"\n" END,
     "5:23 Unexpected symbol: '\"x\"' (strings are written in single quotes)"},
    {JOB "    concurrency: {group: a, queue: max, cancel-in-progress: true}\n" END,
     "5:36 \"queue: max\" and \"cancel-in-progress: true\" exclude each other"},
    {JOB "    container: {options: a}\n" END,
     "5:16 a container needs \"image\": the image that the steps run in; empty for none"},
    {"on: push\njobs:\n  a: {uses: ./a.yml, steps: [{run: x}]}\n",
     "3:22 \"steps\" is not allowed in a job with \"uses\""},
    {"on: push\njobs:\n  a: {uses: ./a.yml, with: {a: [1]}}\n",
     "3:32 \"a\" must be a string, a boolean (true or false) or a number, not a list"},
    {"name: ${{ github.ref }}\non: push\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:7 no expression is allowed in \"name\""},
    {STEP "      - name: x\n",
     "6:9 a step needs \"run\", \"uses\", \"wait\", \"wait-all\", \"cancel\" or \"parallel\""},
    {STEP "      - runn: x\n", "6:9 unknown key \"runn\"; did you mean \"run\"?"},
    {STEP "      - run: x\n        uses: a/b@c\n", "7:9 a step has either \"run\" or \"uses\", not both"},
    {STEP "      - uses: a/b@c\n        shell: sh\n", "7:9 \"shell\" is not allowed in a step with \"uses\""},
    {STEP "      - run: x\n        id: a\n      - run: x\n        id: A\n",
     "9:13 duplicate step id \"A\"; the step at line 6 has it"},
    {STEP "      - run: x\n        id: a b\n",
     "7:13 \"a b\" is not a valid id; it must begin with a letter or _, hold only letters, digits, - and _, and be shorter "
     "than 100 characters"},
    {STEP "      - run: |\n          echo a\n          echo ${{ github.ref }\n",
     "8:16 The expression is not closed: there is no '}}' for this '${{'"},
    {STEP "      - run: echo ${{ foo.bar }}\n",
     "6:23 unknown context \"foo\"; there are: github, env, vars, job, steps, runner, secrets, strategy, matrix, needs, inputs"},
    {STEP "      - run: x\n        if: secrets.A != ''\n",
     "7:13 context \"secrets\" is not available here; there are: github, env, vars, job, steps, runner, strategy, matrix, "
     "needs, inputs"},
    {STEP "      - wait: b\n", "6:15 no step before this one has the id \"b\""},
    {STEP "      - run: x\n        id: b\n      - cancel: b\n",
     "8:17 step \"b\" does not run in the background; there is nothing to cancel"},
    {STEP "      - wait-all:\n        if: always()\n",
     "7:9 \"if\" is not allowed in a step with \"wait-all\""},
    {STEP "      - parallel:\n        - parallel: []\n",
     "7:11 a step of \"parallel\" needs \"run\" or \"uses\""},
    {"on: {push: {branches: [a], branches-ignore: [b]}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:46 event \"push\" has both \"branches\" and \"branches-ignore\"; use \"branches\" with \"!\" patterns"},
    {"on: {schedule: [{cron: '* * * *'}]}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:24 wrong cron: \"* * * *\" has 4 fields, not 5: minute hour day month weekday"},
    {"on: {workflow_call: {inputs: {a: {default: 1}}}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:34 an input needs \"type\": what the value is"},
};

TEST (an_invalid_workflow_is_refused_with_its_location)
{
    CHECK_ROWS (load_findings, refused);
}

TEST (a_duplicate_key_is_reported_and_the_rest_of_the_file_is_still_checked)
{
    arena_t *arena = arena_new ();
    CHECK_STR (
        load_findings (arena, "on: push\non: pull\njobs:\n  a: {runs-on: x, step: [], name: '${{ x.y }}'}\n"
                              "  A: {runs-on: x, steps: [{run: x}]}\n"),
        "2:1 duplicate key \"on\"; it is already defined at line 1\n4:19 unknown key \"step\"; did you mean "
        "\"steps\"?\n4:40 unknown context \"x\"; there are: github, vars, strategy, matrix, needs, inputs\n"
        "5:3 duplicate key \"A\"; it is already defined at line 4");
    arena_destroy (&arena);
}

TEST (the_name_of_a_workflow_is_as_it_is_written_and_a_description_may_stand_beside_it)
{
    arena_t *arena = arena_new ();
    const workflow_t *workflow = load_workflow (arena, "name: 1.10\ndescription: what it is for\n" JOB END);
    CHECK_STR (workflow->name.text, "1.10");
    arena_destroy (&arena);
}

TEST (a_matrix_of_a_hundred_thousand_cells_is_refused)
{
    arena_t *arena = arena_new ();
    const char *ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    const char *text =
        arena_printf (arena, JOB "    strategy: {matrix: {a: %s, b: %s, c: %s, d: %s, e: %s}}\n" END, ten,
                      ten, ten, ten, ten);
    CHECK_STR (load_findings (arena, text),
               "5:24 the matrix has more than 4096 combinations; at most 256 jobs can come of it");
    text = arena_printf (arena, JOB "    strategy: {matrix: {a: %s, b: %s, c: [1, 2, 3]}}\n" END, ten, ten);
    CHECK_STR (load_findings (arena, text), "5:24 the matrix has more than 256 combinations");
    arena_destroy (&arena);
}

TEST (several_errors_come_in_file_order)
{
    arena_t *arena = arena_new ();
    CHECK_STR (
        load_findings (arena,
                       "nam: x\non: pus\njobs:\n  b: {needs: z, runs-on: x, steps: [{run: x}]}\n  c: {}\n"),
        "1:1 unknown key \"nam\"; did you mean \"name\"?\n2:5 unknown event \"pus\"; did you mean \"push\"?\n4:14 job "
        "\"b\" needs \"z\", which is not a job of this file\n5:3 job \"c\" has neither \"steps\" nor \"uses\"\n5:6 a job "
        "needs \"runs-on\": which agents may take it");
    arena_destroy (&arena);
}

static size_t read_file (const char *path, char *bytes, size_t size)
{
    FILE *file = fopen (path, "r");
    CHECK (file != NULL);
    size_t count = fread (bytes, 1, size, file);
    fclose (file);
    return count;
}

TEST (workflows_of_every_shape_load_and_lint_without_a_finding)
{
    const char *folder = SOURCE_DIR "/tests/unit/workflow/fixtures";
    DIR *all = opendir (folder);
    size_t seen = 0;
    static char bytes[1 << 16];
    CHECK (all != NULL);
    for (struct dirent *one; (one = readdir (all)) != NULL;) {
        if (!strstr (one->d_name, ".yml"))
            continue;
        arena_t *arena = arena_new ();
        findings_t findings;
        findings_init (&findings, arena, one->d_name);
        size_t size = read_file (arena_printf (arena, "%s/%s", folder, one->d_name), bytes, sizeof (bytes));
        const char *off = "not-supported"; // They are of every shape, also of those that do not run here yet
        const lint_options_t options = {.off = &off, .off_count = 1};
        fault_t fault = workflow_lint (arena, one->d_name, bytes, size, &options, &findings);
        if (fault != OK || findings.count > 0)
            test_fail (__FILE__, __LINE__, "%s: %s", one->d_name, findings_text (arena, &findings));
        arena_destroy (&arena);
        seen++;
    }
    closedir (all);
    CHECK (seen >= 12);
}

TEST (the_model_holds_what_the_file_says)
{
    arena_t *arena = arena_new ();
    const workflow_t *workflow = load_workflow (
        arena,
        "name: CI\non: [push, pull_request]\nenv: {A: 1.10, B: true, C: }\ndefaults: {run: {shell: bash}}\njobs:\n"
        "  a:\n    runs-on: [self-hosted, linux]\n    defaults: {run: {working-directory: src}}\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: one\n        id: x\n      - run: two\n      - run: three\n"
        "  b: {needs: a, runs-on: {group: g, labels: l}, if: true, steps: [{run: x, env: {K: v}}]}\n");
    CHECK_STR (workflow->name.text, "CI");
    CHECK_INT (workflow->event_count, 2);
    CHECK_STR (workflow->env.items[0].value.text, "1.1");
    CHECK_STR (workflow->env.items[1].value.text, "true");
    CHECK_STR (workflow->env.items[2].value.text, "");
    const job_t *a = workflow_job (workflow, "A"), *b = workflow_job (workflow, "b");
    CHECK (a && b && !workflow_job (workflow, "c"));
    CHECK_INT (a->labels.count, 2);
    CHECK_STR (a->defaults.shell.text, "bash");
    CHECK_STR (a->defaults.working_directory.text, "src");
    CHECK_STR (a->steps[0].id.text, "__actions_checkout");
    CHECK_STR (a->steps[1].id.text, "x");
    CHECK_STR (a->steps[2].id.text, "__run");
    CHECK_STR (a->steps[3].id.text, "__run_2");
    CHECK_INT (a->steps[1].line, 11);
    CHECK_STR (b->needs.items[0].text, "a");
    CHECK_STR (b->group.text, "g");
    CHECK (b->condition.expression != NULL);
    CHECK_STR (b->steps[0].env.items[0].key.text, "K");
    arena_destroy (&arena);
}
