/* lint.c - what lint finds beyond loading: names that nothing defines, and each rule with its place and words. */

#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define JOB  "on: push\njobs:\n  a:\n    runs-on: x\n"
#define STEP JOB "    steps:\n"
#define END  "    steps: [{run: x}]\n"

static const char *linted (arena_t *arena, const char *text)
{
    return lint_findings (arena, text, NULL);
}

static const row_t names[] = {
    {STEP "      - run: echo ${{ steps.b.outputs.x }}\n      - {id: b, run: x}\n",
     "6:23 [names] step \"b\" has not run yet here; only steps before this one can be named"},
    {STEP "      - {id: build, run: x}\n      - run: echo ${{ steps.biuld.outputs.x }}\n",
     "7:23 [names] no step of this job has the id \"biuld\"; did you mean \"build\"?"},
    {STEP "      - {id: b, run: x}\n      - run: echo ${{ steps.b.output.x }} ${{ steps['b'].outcome }}\n",
     "7:23 [names] steps.b has no property \"output\"; did you mean \"outputs\"?"},
    {STEP
     "      - {id: b, run: x}\n      - run: echo ${{ steps.B.outputs.x }} ${{ toJSON(steps) }} ${{ join(steps.*.outcome) }}\n",
     ""},
    {JOB "    outputs: {o: '${{ steps.b.outputs.x }}'}\n    steps: [{id: b, run: x}]\n", ""},
    {JOB "    outputs: {o: '${{ steps.c.outputs.x }}'}\n    steps: [{id: b, run: x}]\n",
     "5:23 [names] no step of this job has the id \"c\""},
    {STEP
     "      - parallel: [{id: p, run: x}, {run: 'echo ${{ steps.p.outcome }}'}]\n      - run: echo ${{ steps.p.outcome }}\n",
     "6:53 [names] step \"p\" has not run yet here; only steps before this one can be named"},
    {JOB "    if: needs.b.result == 'success'\n" END "  b: {runs-on: x, steps: [{run: x}]}\n",
     "5:9 [names] job \"b\" is not in the \"needs\" of job \"a\""},
    {JOB "    if: needs.c.result == 'success'\n" END, "5:9 [names] needs has no job \"c\""},
    {JOB "    needs: b\n    env: {O: '${{ needs.b.outputs.p }}'}\n" END
         "  b: {runs-on: x, outputs: {o: v}, steps: [{run: x}]}\n",
     "6:19 [names] job \"b\" has no output \"p\""},
    {JOB "    needs: b\n    env: {O: '${{ needs.b.outputs.any }}'}\n" END "  b: {uses: ./b.yml}\n", ""},
    {JOB "    env: {O: '${{ matrix.os }}'}\n" END, "5:19 [names] job \"a\" has no matrix"},
    {JOB
     "    strategy: {matrix: {os: [l], include: [{os: l, extra: 1}]}}\n    env: {O: '${{ matrix.ox }} ${{ matrix.extra }}'}\n" END,
     "6:19 [names] the matrix of job \"a\" has no \"ox\""},
    {JOB
     "    strategy: {matrix: {os: [l], include: '${{ fromJSON(vars.M) }}'}}\n    env: {O: '${{ matrix.ox }}'}\n" END,
     ""},
    {STEP "      - run: echo ${{ inputs.x }}\n", "6:23 [names] the workflow has no input \"x\""},
    {"on: {workflow_dispatch: {inputs: {level: {}}}, workflow_call: {inputs: {other: {type: string}}}}\njobs:\n  a: {runs-on: x, steps: "
     "[{run: 'echo ${{ inputs.level }} ${{ inputs.other }} ${{ github.event.inputs.levl }}'}]}\n",
     "3:83 [names] the workflow has no input \"levl\"; did you mean \"level\"?"},
    {STEP "      - run: echo ${{ github.refname }} ${{ runner.oss }}\n",
     "6:23 [names] github has no property \"refname\"; did you mean \"ref_name\"?\n6:45 [names] runner has no property \"oss\"; did you mean \"os\"?"},
    {"on: {workflow_call: {outputs: {o: {value: '${{ jobs.b.outputs.x }}'}}}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:48 [names] no job of this file has the id \"b\""},
};

static const row_t properties[] = {
    {"on: push\njobs:\n  a:\n    runs-on: x\n    env: &e {A: '${{ github.nope }}'}\n    steps: [{run: x, env: *e}]\n",
     "5:22 [names] github has no property \"nope\""},
    {STEP "      - run: echo ${{ github.ref.name }} ${{ github.event.a.b.c }} ${{ runner.os.x }}\n",
     "6:23 [names] github.ref is a single value; it has no property \"name\"\n6:72 [names] runner.os is a single value; it has no property \"x\""},
    {STEP "      - {id: b, run: x}\n      - run: echo ${{ steps.b.outcome.x }} ${{ steps.b.outputs.o.p }}\n",
     "7:23 [names] steps.b.outcome is a single value; it has no property \"x\"\n7:48 [names] steps.b.outputs.o is a single value; it has no property \"p\""},
    {STEP "      - run: echo ${{ env.A.b }} ${{ vars.A[0] }} ${{ secrets.A.c }} ${{ env[github.ref] }}\n",
     "6:23 [names] env.A is a single value; it has no property \"b\"\n6:38 [names] vars.A is a single value; it has no property \"0\"\n6:55 [names] secrets.A is a single value; it has no property \"c\""},
    {STEP
     "      - run: echo ${{ job.status }} ${{ job.stats }} ${{ job.container.id }} ${{ job.services.db.id }}\n",
     "6:41 [names] job has no property \"stats\"; did you mean \"status\"?\n6:58 [names] job \"a\" has no container\n6:82 [names] job \"a\" has no service \"db\""},
    {JOB
     "    container: x\n    services: {redis: {image: x}}\n    steps:\n      - run: echo ${{ job.container.id }} "
     "${{ job.services.redis.ports[6379] }} ${{ job.services.redis.port }} ${{ job.services.reddis.id }}\n",
     "8:85 [names] job.services.redis has no property \"port\"; did you mean \"ports\"?\n8:116 [names] job \"a\" has no service \"reddis\"; did you mean \"redis\"?"},
    {JOB "    services: ${{ fromJSON(vars.S) }}\n    steps: [{run: 'echo ${{ job.services.any.id }}'}]\n",
     ""},
    {JOB
     "    strategy: {matrix: {t: [{os: l, arch: x}, {os: w}]}}\n    env: {A: '${{ matrix.t.arch }}', B: '${{ "
     "matrix.t.oss }}', C: '${{ matrix.t.*.oss }}'}\n" END,
     "6:46 [names] no value of matrix.t has a \"oss\"; did you mean \"os\"?\n6:72 [wrong-kind] this is a list, and a text is wanted; toJSON() writes it out"},
    {JOB
     "    strategy: {matrix: {os: [l, w], include: [{os: m, o: {p: 1}}]}}\n    env: {A: '${{ matrix.os.name }}', "
     "B: '${{ matrix.o.p }}'}\n" END,
     "6:19 [names] no value of matrix.os has a \"name\""},
    {JOB
     "    strategy: {matrix: {os: ['${{ fromJSON(vars.A) }}', w]}}\n    env: {A: '${{ matrix.os.name }}'}\n" END,
     ""},
    {"on: {workflow_call: {secrets: {key: }}}\njobs: {a: {runs-on: x, steps: [{run: x, env: {A: '${{ secrets.key }}', B: "
     "'${{ secrets.GITHUB_TOKEN }}', C: '${{ secrets.kez }}'}}]}}\n",
     "2:114 [undeclared-secret] the workflow does not declare the secret \"kez\""},
    {"on: {push: , workflow_call: {secrets: {key: }}}\njobs: {a: {runs-on: x, steps: [{run: x, env: {C: '${{ "
     "secrets.any }}'}}]}}\n",
     ""},
};

TEST (a_property_that_a_value_cannot_have_is_found)
{
    CHECK_ROWS (linted, properties);
}

TEST (a_name_that_nothing_defines_is_found)
{
    CHECK_ROWS (linted, names);
}

static const row_t rules[] = {
    {STEP "      - run: |\n          echo\n          echo \"${{ github.event.issue.title }}\"\n",
     "8:21 [script-injection] \"github.event.issue.title\" is text that strangers write, and the script runs it; pass it through \"env\""},
    {STEP "      - run: echo ${{ github.event.commits[0].message }} ${{ github.HEAD_REF }}\n",
     "6:23 [script-injection] \"github.event.commits.*.message\" is text that strangers write, and the script runs it; pass it through "
     "\"env\"\n6:62 [script-injection] \"github.head_ref\" is text that strangers write, and the script runs it; pass it through \"env\""},
    {STEP "      - {run: 'echo \"$T\"', env: {T: '${{ github.event.issue.title }}'}}\n", ""},
    {STEP
     "      - {uses: actions/github-script@v7, with: {script: 'x(\"${{ github.event.comment.body }}\")'}}\n",
     "6:65 [script-injection] \"github.event.comment.body\" is text that strangers write, and the script runs it; pass it through \"env\""},
    {STEP "      - uses: foo/bar@v1\n",
     "6:15 [unpinned-action] \"foo/bar@v1\" is not pinned; use a commit instead of \"v1\""},
    {STEP "      - uses: foo/bar/baz@0123456789abcdef0123456789abcdef01234567\n", ""},
    {STEP "      - uses: docker://alpine:3\n",
     "6:15 [unpinned-action] \"docker://alpine:3\" is not pinned; name the image with @sha256:..."},
    {STEP "      - uses: checkout\n",
     "6:15 [action-ref] \"checkout\" is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, $/path or docker://image"},
    {STEP "      - uses: actions/checkout\n",
     "6:15 [action-ref] \"actions/checkout\" is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, $/path or docker://image"},
    {"on: push\njobs: {a: {uses: ./a.yml@v1}}",
     "2:18 [action-ref] \"./a.yml@v1\" is not a workflow; write ./.github/workflows/file.yml or owner/repo/.github/workflows/file.yml@ref"},
    {STEP "      - run: echo \"::set-output name=a::b\"\n",
     "6:20 [deprecated-command] \"::set-output\" is deprecated; use echo \"name=value\" >> \"$GITHUB_OUTPUT\""},
    {STEP "      - {run: x, shell: zsh}\n",
     "6:25 [shell-name] unknown shell \"zsh\"; it is bash, sh, pwsh, powershell, cmd, python, or a command with {0} for the script"},
    {STEP "      - {run: x, shell: 'zsh {0}'}\n      - {run: x, shell: BASH}\n", ""},
    {JOB "    if: false\n" END, "5:9 [constant-condition] this condition is always false"},
    {JOB "    if: ${{ true || github.x }}\n" END,
     "5:9 [constant-condition] this condition is always true\n5:21 [names] github has no property \"x\""},
    {JOB "    if: \"${{ github.ref }} == 'x'\"\n" END,
     "5:9 [constant-condition] this condition is always true: text around ${{ }} makes it a non-empty string; put all of it inside the braces"},
    {STEP "      - {run: x, if: \"${{ false }}\"}\n",
     "6:22 [constant-condition] this condition is always false"},
    {STEP "      - {run: x, if: always()}\n", ""},
    {"on: push\njobs:\n  a: {if: false, runs-on: x, steps: [{run: x}]}\n  b: {needs: a, runs-on: x, steps: [{run: x}]}\n  c: {needs: a, if: "
     "always(), runs-on: x, steps: [{run: x}]}\n",
     "3:11 [constant-condition] this condition is always false\n4:14 [unreachable-job] job \"b\" never runs: it needs \"a\", which never does"},
    {"on: push\npermissions: write-all\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "2:14 [broad-permissions] \"write-all\" lets the job's token change everything; name what it needs, such as \"contents: read\""},
    {"on: pull_request_target\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}]}}",
     "2:72 [dangerous-checkout] this checks out a stranger's code in a run that has the repository's secrets"},
    {JOB "    container: {image: i, credentials: {username: u, password: p}}\n" END,
     "5:64 [plain-password] a password in the file; use ${{ secrets.NAME }}"},
    {JOB "    needs: [b, B]\n" END "  b: {runs-on: x, steps: [{run: x}]}\n",
     "5:16 [duplicate-need] job \"a\" needs \"B\" twice"},
    {STEP "      - run:\n", "6:13 [empty-run] \"run\" is empty"},
    {"on: {schedule: [{cron: '*/2 * * * *'}]}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:24 [schedule-interval] \"*/2 * * * *\" is more frequent than every five minutes"},
    {"on: {push: {paths: [./a, '!/b', c]}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:21 [path-filter] \"./a\" matches no path; leave out the \"./\"\n1:26 [path-filter] \"!/b\" matches no path; leave out the \"/\""},
    {"on: {push: {branches: ['[a']}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}",
     "1:25 [glob] the '[' has no ']'; write '\\[' for a literal '['"},
};

TEST (the_rules_find_what_they_are_for)
{
    CHECK_ROWS (linted, rules);
}

TEST (rules_are_switched_by_their_ids)
{
    arena_t *arena = arena_new ();
    const char *text = STEP "      - uses: foo/bar@v1\n";
    CHECK_STR (
        lint_findings (arena, text, "missing-timeout"),
        "3:3 [missing-timeout] job \"a\" has no \"timeout-minutes\"\n6:15 [unpinned-action] \"foo/bar@v1\" is not pinned; "
        "use a commit instead of \"v1\"");
    const char *off = "unpinned-action";
    lint_options_t options = {.off = &off, .off_count = 1};
    findings_t findings;
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_lint (arena, "test.yml", text, strlen (text), &options, &findings) == OK);
    CHECK_STR (findings_text (arena, &findings), "");
    size_t count = 0;
    const lint_rule_t *all = lint_rules (&count);
    for (size_t i = 0; i < count; i++)
        CHECK (*all[i].id && *all[i].meaning);
    arena_destroy (&arena);
}

TEST (a_file_with_many_errors_is_reported_in_part)
{
    arena_t *arena = arena_new ();
    const char *text = "on: push\njobs:\n";
    for (int i = 0; i < 300; i++)
        text = arena_printf (arena, "%s  a%d: {}\n", text, i);
    findings_t findings;
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_lint (arena, "test.yml", text, strlen (text), NULL, &findings) == INVALID);
    CHECK_INT (findings.count, FINDINGS_MAX);
    CHECK_INT (findings.errors, 600);
    arena_destroy (&arena);
}
