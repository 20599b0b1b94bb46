/* lint_rules.c - where a rule of lint speaks and where it is silent, row by row; directives; agents; scripts. */

#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define JOB  "on: push\njobs:\n  a:\n    runs-on: x\n"
#define STEP JOB "    steps:\n"
#define END  "    steps: [{run: x}]\n"

static const char *places (arena_t *arena, const char *text)
{
    return lint_places (arena, text, NULL);
}

// The rule's places for one script with this expression.
static const char *injected (arena_t *arena, const char *expression)
{
    return places (arena,
                   arena_printf (arena, STEP "      - run: |\n          echo ${{ %s }}\n", expression));
}

static const row_t strangers[] = {
    {"github.event.issue.title", "7:20 script-injection"},
    {"github['event']['issue']['title']", "7:20 script-injection"},
    {"github.event.issue.number", ""},
    {"github.event.pull_request.head.repo.owner.description", "7:20 script-injection"},
    {"github.event.workflow_run.pull_requests[0].head.ref", "7:20 script-injection"},
    {"github.event.discussion.category.description", ""},
    {"github.event.check_suite.head_commit.author.name", "7:20 script-injection"},
    {"github.event.pull_request.base.repo.description", ""},
    {"github.event.repository.description", ""},
    {"github.event.repository.owner.name", ""},
    {"github.event.release.body", ""},
    {"github.event.pull_request.user.login", ""},
    {"github.event.pull_request.head.sha", ""},
    {"github.event.pull_request.head.repo.description", "7:20 script-injection"},
    {"github.event.pull_request", ""},
    {"github.event.*.body", "7:20 wrong-kind 7:20 script-injection"},
    {"join(github.event.commits.*.message, ' ')", "7:25 script-injection"},
    {"github.event.commits[1].author.name", "7:20 script-injection"},
    {"github.event.commits[1].id", ""},
    {"format('{0}', github.head_ref)", "7:34 script-injection"},
    {"toJSON(github.event)", "7:27 script-injection"},
    {"toJSON(github)", "7:27 script-injection"},
    {"toJSON(github.event.issue.labels)", ""},
    {"toJSON(github.ref)", ""},
    {"fromJSON(toJSON(github.event.issue)).title", "7:36 script-injection"},
    {"github.head_ref || github.ref_name", "7:20 script-injection"},
    {"github.ref_name && github.head_ref", "7:39 script-injection"},
    {"github.head_ref && 'pull' || 'push'", ""},
    {"case(github.head_ref == 'a', 'b', github.head_ref)", "7:54 script-injection"},
    {"case(github.head_ref == 'a', 'b', 'c')", ""},
    {"contains(github.event.issue.title, 'x')", ""},
    {"github.event.comment.body == 'x'", ""},
    {"!github.event.comment.body", ""},
};

TEST (a_script_is_warned_about_only_where_strangers_text_becomes_part_of_it)
{
    CHECK_ROWS (injected, strangers);
}

static const row_t scripts[] = {
    {STEP
     "      - {uses: actions/github-script@v8, with: {script: 'f(${{ toJSON(github.event.issue.title) }})'}}\n",
     ""},
    {STEP "      - {run: 'f ${{ toJSON(github.event.issue.title) }}'}\n", "6:29 script-injection"},
    {STEP "      - {run: 'x', env: {T: '${{ github.head_ref }}'}}\n", ""},
    {STEP "      - {run: 'echo ${{ env.T }}', env: {T: '${{ github.head_ref }}'}}\n",
     "6:25 script-injection"},
    {JOB "    env: {T: '${{ github.head_ref }}'}\n    steps: [{run: 'echo ${{ env.T }}'}]\n",
     "6:29 script-injection"},
    {JOB "    env: {T: '${{ github.head_ref }}'}\n    steps: [{run: 'echo ${{ env.T }}', env: {T: x}}]\n",
     ""},
    {STEP
     "      - {uses: appleboy/ssh-action@0123456789abcdef0123456789abcdef01234567, with: {script: '${{ github.head_ref }}'}}\n",
     "6:98 script-injection"},
    {STEP
     "      - {uses: actions/github-script@v8, with: {script: 'x', result-encoding: '${{ github.head_ref }}'}}\n",
     ""},
    {STEP
     "      - run: |\n          echo ::set-output name=a::b\n          # ::set-output name=a::b\n          echo ::set-output name=c::d\n",
     "7:16 deprecated-command 9:16 deprecated-command"},
};

TEST (scripts_are_checked_wherever_they_are)
{
    CHECK_ROWS (places, scripts);
}

static const row_t conditions[] = {
    {"false && github.ref == 'x'", "5:9 constant-condition"},
    {"github.ref == 'x' || true", "5:9 constant-condition"},
    {"\"!false\"", "5:9 constant-condition"},
    {"1 == 2", "5:9 constant-condition"},
    {"contains('abc', 'b')", "5:9 constant-condition"},
    {"${{ false }}", "5:9 constant-condition"},
    {"${{ github.ref }} == 'x'", "5:9 constant-condition"},
    {"github.ref == 'x' && true", ""},
    {"always()", ""},
    {"success()", ""},
    {"\"!cancelled()\"", ""},
    {"failure() || github.ref", ""},
    {"hashFiles('x') != ''", "5:9 expression"},
    {"''", ""},
};

static const char *conditioned (arena_t *arena, const char *condition)
{
    return places (arena, arena_printf (arena, JOB "    if: %s\n" END, condition));
}

TEST (a_condition_that_never_changes_is_reported)
{
    CHECK_ROWS (conditioned, conditions);
}

#define ONE(name, more) "  " name ": {" more ", runs-on: x, steps: [{run: x}]}\n"

static const row_t reach[] = {
    {"on: push\njobs:\n" ONE ("c", "needs: b") ONE ("b", "needs: a") ONE ("a", "if: false"),
     "3:14 unreachable-job 4:14 unreachable-job 5:11 constant-condition"},
    {"on: push\njobs:\n" ONE ("a", "if: false") ONE ("b", "needs: a, if: always()") ONE ("c", "needs: b"),
     "3:11 constant-condition"},
    {"on: push\njobs:\n" ONE ("a", "if: false") ONE ("b", "needs: a, if: success()"),
     "3:11 constant-condition 4:14 unreachable-job"},
};

TEST (a_job_after_one_that_never_runs_is_reported)
{
    CHECK_ROWS (places, reach);
}

#define SHELL_ON(runner, shell) \
    "on: push\njobs: {a: {runs-on: " runner ", steps: [{run: x, shell: '" shell "'}]}}"

static const row_t shells[] = {
    {SHELL_ON ("ubuntu-latest", "cmd"), "2:60 shell-name"},
    {SHELL_ON ("macos-15", "powershell"), "2:55 shell-name"},
    {SHELL_ON ("windows-latest", "cmd"), ""},
    {SHELL_ON ("my-own", "cmd"), ""},
    {SHELL_ON ("'${{ vars.R }}'", "cmd"), ""},
    {SHELL_ON ("ubuntu-latest", "pwsh"), ""},
    {SHELL_ON ("ubuntu-latest", "perl {0}"), ""},
    {SHELL_ON ("ubuntu-latest", "bash -e"), "2:60 shell-name"},
    {"on: push\njobs: {a: {runs-on: ubuntu-latest, defaults: {run: {shell: cmd}}, steps: [{run: x}]}}",
     "2:60 shell-name"},
};

TEST (a_shell_must_exist_on_the_jobs_system)
{
    CHECK_ROWS (places, shells);
}

static const row_t inputs[] = {
    {STEP "      - {uses: actions/checkout@v4, with: {fetch-dept: 0}}\n", "6:44 action-input"},
    {STEP "      - {uses: actions/checkout@v4, with: {FETCH-DEPTH: 0}}\n", ""},
    {STEP "      - uses: actions/upload-artifact@v4\n", "6:15 action-input"},
    {STEP "      - {uses: actions/upload-artifact@v4, with: {path: a}}\n", ""},
    {STEP "      - {uses: actions/cache/save@v4, with: {path: a, key: b, restore-keys: c}}\n",
     "6:63 action-input"},
    {STEP "      - {uses: actions/checkout-more@v4, with: {any: 0}}\n", ""},
    {STEP "      - {uses: ./checkout, with: {any: 0}}\n", ""},
};

TEST (inputs_of_well_known_actions_are_known)
{
    CHECK_ROWS (places, inputs);
}

#define ON(labels) "on: push\njobs: {a: {runs-on: " labels ", steps: [{run: x}]}}"

static const row_t mistakes[] = {
    {ON ("ubuntu-lastest"), "2:21 runner-label"},
    {ON ("[self-hosted, windows-latests]"), "2:35 runner-label"},
    {ON ("ubuntu-latest"), ""},
    {ON ("ubuntu-18.04"), ""},
    {ON ("mac"), ""},
    {ON ("ubuntu-large"), ""},
    {ON ("'${{ vars.R }}'"), ""},
};

TEST (a_misspelled_label_of_a_known_image_is_reported)
{
    CHECK_ROWS (places, mistakes);
}

static const char *asked (arena_t *arena, const char *labels)
{
    static const char *const ada[] = {"linux", "x64", "gpu"}, *const bob[] = {"windows", "x64"};
    static const lint_agent_t agents[] = {{ada, 3}, {bob, 2}};
    lint_options_t options = {.agents_known = true, .agents = agents, .agent_count = 2};
    return lint_places (arena, arena_printf (arena, ON ("%s"), labels), &options);
}

static const row_t wanted[] = {
    {"linux", ""},
    {"[GPU, Linux]", ""},
    {"[windows, gpu]", "2:22 runner-label"},
    {"[linux, gpus]", "2:29 runner-label"},
    {"ubuntu-latest", "2:21 runner-label"},
    {"['${{ vars.R }}', linux]", ""},
    {"'${{ vars.R }}'", ""},
};

TEST (labels_are_checked_against_the_known_agents)
{
    CHECK_ROWS (asked, wanted);
}

#define LATE "  a: {runs-on: x, if: false, steps: [{run: x}]}"

static const row_t directives[] = {
    {"on: push\njobs:\n" LATE " # opencicd-lint: off constant-condition\n", ""},
    {"on: push\njobs:\n  # opencicd-lint: off constant-condition, names\n" LATE "\n", ""},
    {"on: push\njobs:\n  # opencicd-lint: off names\n" LATE "\n", "4:23 constant-condition"},
    {"# A comment\n# opencicd-lint: off constant-condition\non: push\njobs:\n" LATE "\n", ""},
    {"# opencicd-lint: off constant-condition\r\n# opencicd-lint: on missing-timeout\r\non: push\njobs:\n" LATE
     "\n",
     "5:3 missing-timeout"},
    {"# opencicd-lint: off constant-conditions\non: push\njobs:\n" LATE "\n",
     "1:22 directive 4:23 constant-condition"},
    {"# opencicd-lint: silent\non: push\njobs:\n" LATE "\n", "1:18 directive 4:23 constant-condition"},
    {"on: push # opencicd-lint: on missing-timeout\njobs:\n" LATE "\n",
     "1:27 directive 3:23 constant-condition"},
    {"# opencicd-lint: off schema\non: push\njobs: []\n", "1:22 directive 3:7 schema"},
};

TEST (a_comment_switches_rules_for_its_line_the_next_one_or_the_file)
{
    CHECK_ROWS (places, directives);
}

static const row_t negatives[] = {
    {"on: {push: {branches: ['!a', '!b']}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:24 negative-filter"},
    {"on: {push: {branches: ['!a', b]}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}", ""},
    {"on: {push: {paths-ignore: ['!a']}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}", ""},
};

TEST (a_filter_that_only_excludes_is_reported)
{
    CHECK_ROWS (places, negatives);
}

#define MATRIX(text) JOB "    strategy: {matrix: {" text "}}\n" END

static const row_t matrices[] = {
    {MATRIX ("os: [a, b, a]"), "5:36 matrix-value"},
    {MATRIX ("os: [{x: 1}, {x: 1}]"), "5:38 matrix-value"},
    {MATRIX ("os: [1, '1']"), ""},
    {JOB "    strategy: {matrix: {os: [l], include: [[a]]}}\n    env: {A: '${{ matrix.os.b }}'}\n" END,
     "5:43 matrix 5:44 schema 6:19 names"},
    {MATRIX ("os: [a, b], exclude: [{os: c}]"), "5:52 matrix-value"},
    {MATRIX ("os: [a, b], exclude: [{ox: a}]"), "5:46 matrix"},
    {MATRIX ("os: [a, '${{ vars.A }}'], exclude: [{ox: a}]"), "5:62 matrix-value"},
    {MATRIX ("os: [a, b], v: [1], exclude: [{os: a, v: '1'}]"), ""},
    {MATRIX ("os: ['${{ vars.A }}', b], exclude: [{os: c}]"), ""},
    {MATRIX ("os: [a, b], exclude: '${{ fromJSON(vars.A) }}'"), ""},
};

TEST (a_matrix_that_repeats_itself_or_excludes_nothing_is_reported)
{
    CHECK_ROWS (places, matrices);
}

#define GIVES "  a: {runs-on: x, outputs: {o: v, p: v}, steps: [{run: x}]}\n"
#define READS(expression) \
    "on: push\njobs:\n" GIVES "  b: {needs: a, runs-on: x, steps: [{run: 'echo ${{ " expression " }}'}]}\n"

static const row_t outputs[] = {
    {READS ("needs.a.outputs.o"), "3:35 unused-output"},
    {READS ("needs.a.outputs.O || needs.A.outputs.p"), ""},
    {READS ("toJSON(needs.a.outputs.*)"), ""},
    {READS ("toJSON(needs)"), ""},
    {READS ("toJSON(needs[github.job])"), ""},
    {READS ("needs.a.result"), "3:29 unused-output 3:35 unused-output"},
    {"on: {workflow_call: {outputs: {x: {value: '${{ jobs.a.outputs.o }}'}}}}\njobs:\n" GIVES,
     "3:35 unused-output"},
};

static const char *unread (arena_t *arena, const char *text)
{
    const char *rule = "unused-output";
    return lint_places (arena, text, &(lint_options_t){.on = &rule, .on_count = 1});
}

TEST (an_output_that_nothing_reads_is_reported_if_the_rule_is_on)
{
    CHECK_ROWS (unread, outputs);
    arena_t *arena = arena_new ();
    CHECK_STR (places (arena, READS ("needs.a.result")), "");
    arena_destroy (&arena);
}

static const row_t careless[] = {
    {STEP "      - {run: x, env: {ALL: '${{ toJSON(secrets) }}'}}\n", "6:41 all-secrets"},
    {STEP "      - {run: x, env: {ALL: '${{ toJSON(secrets.A) }}'}}\n", ""},
    {STEP "      - {run: x, env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true}}\n", "6:24 unsecure-commands"},
    {JOB "    env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: false}\n" END, ""},
};

TEST (what_exposes_every_secret_is_reported)
{
    CHECK_ROWS (places, careless);
}

TEST (missing_permissions_are_reported_only_if_the_rule_is_on)
{
    arena_t *arena = arena_new ();
    const char *rule = "missing-permissions";
    lint_options_t options = {.on = &rule, .on_count = 1};
    CHECK_STR (lint_places (arena, JOB END, &options), "3:3 missing-permissions");
    CHECK_STR (lint_places (arena, JOB END, NULL), "");
    CHECK_STR (lint_places (arena, "permissions: {}\n" JOB END, &options), "");
    CHECK_STR (lint_places (arena, JOB "    permissions: read-all\n" END, &options), "");
    arena_destroy (&arena);
}

static const char *filtered (arena_t *arena, const char *pattern)
{
    return places (arena,
                   arena_printf (arena,
                                 "on: {push: {branches: [%s]}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
                                 pattern));
}

static const row_t refs[] = {
    {"'a b'", "1:24 ref-filter"},
    {"'^x'", "1:24 ref-filter"},
    {"'!a..b'", "1:24 ref-filter 1:24 negative-filter"},
    {"/a", "1:24 ref-filter"},
    {"feature/", "1:24 ref-filter"},
    {"'a:b'", "1:24 ref-filter"},
    {"feature/**", ""},
    {"'v[0-9].*'", ""},
    {"'a\\ b'", ""},
    {"'**'", ""},
    {"a.b", ""},
};

TEST (a_pattern_that_no_ref_can_match_is_reported)
{
    CHECK_ROWS (filtered, refs);
}

static const char *defaulted (arena_t *arena, const char *input)
{
    return places (
        arena,
        arena_printf (
            arena, "on: {workflow_dispatch: {inputs: {i: {%s}}}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
            input));
}

static const row_t defaults[] = {
    {"type: boolean, default: 3", "1:63 input-default"},
    {"type: boolean, default: 'true'", ""},
    {"type: number, default: x", "1:62 input-default"},
    {"type: number, default: -1.5", ""},
    {"type: choice, options: [a, b], default: c", "1:79 input-default"},
    {"type: choice, options: [a, b], default: b", ""},
    {"type: string, default: x", ""},
    {"default: x", ""},
    {"type: boolean, default: ''", ""},
};

TEST (a_default_must_be_of_its_inputs_type)
{
    CHECK_ROWS (defaulted, defaults);
}

static const row_t variables[] = {
    {JOB "    env: {'A=B': x}\n" END, "5:11 env-name"},
    {JOB "    env: {A.B-C: x}\n" END, ""},
    {STEP "      - {run: x, env: {'A B': x}}\n", "6:24 env-name"},
};

TEST (a_variable_needs_a_name_that_can_be_set)
{
    CHECK_ROWS (places, variables);
}

static const row_t called[] = {
    {"on: push\njobs: {a: {uses: a/b/.github/workflows/c.yml@v1}}", ""},
    {"on: push\njobs: {a: {uses: ./.github/workflows/c.yml}}", ""},
    {"on: push\njobs: {a: {uses: a/b@v1}}", "2:18 action-ref"},
    {STEP "      - uses: docker://\n", "6:15 action-ref"},
};

TEST (what_is_called_must_be_a_workflow_and_what_is_used_an_action)
{
    CHECK_ROWS (places, called);
}

#define CACHED(name)                                                                                                    \
    STEP                                                                                                                \
        "      - {id: c, uses: actions/cache@v4, with: {path: a, key: b}}\n      - run: echo ${{ steps.c.outputs." name \
        " }}\n"

static const row_t given[] = {
    {CACHED ("cache-hits"), "7:23 action-output"},
    {CACHED ("Cache-Hit"), ""},
    {STEP
     "      - {id: c, uses: a/b@0123456789abcdef0123456789abcdef01234567}\n      - run: echo ${{ steps.c.outputs.any }}\n",
     ""},
};

TEST (outputs_of_well_known_actions_are_known)
{
    CHECK_ROWS (places, given);
}

// Remarks upon the last character of each script, and keeps what it saw.
static size_t remark (void *checker, arena_t *arena, const lint_script_t *seen, size_t count,
                      lint_remark_t **out)
{
    const char **all = checker;
    *out = arena_array (arena, count, sizeof (lint_remark_t));
    for (size_t i = 0; i < count; i++) {
        *all = arena_printf (arena, "%s%s<%s>", *all, seen[i].shell, seen[i].text);
        (*out)[i] = (lint_remark_t){.script = i, .line = 2, .column = 3, .message = "x"};
    }
    return count;
}

TEST (a_checker_sees_shell_scripts_and_its_findings_have_their_location_in_the_file)
{
    arena_t *arena = arena_new ();
    const char *seen = "";
    lint_options_t options = {.check_scripts = remark, .checker = &seen};
    const char *text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
                       "      - run: |\n          a ${{ github.ref }}\n          bcd\n"
                       "      - {run: y, shell: python}\n      - {run: z, shell: '/bin/sh -e {0}'}\n";
    CHECK_STR (lint_places (arena, text, &options), "8:13 shellcheck 10:16 shellcheck");
    CHECK_STR (seen, "bash<a _________________\nbcd\n>sh<z>");
    seen = "";
    CHECK_STR (lint_places (arena, ON ("windows-latest"), &options), "");
    CHECK_STR (lint_places (arena, ON ("'${{ vars.R }}'"), &options), "");
    CHECK_STR (seen, "");
    arena_destroy (&arena);
}
