/* lint_public.c - what reading a thousand public workflow files taught lint: where it was wrong, and what it passed over. */

#include "tests/unit/workflow/loaded.h"
#include "workflow/model/support.h"

#include <stdio.h>
#include <string.h>

#define JOB                    "on: push\njobs:\n  a:\n    runs-on: x\n"
#define STEP                   JOB "    steps:\n"
#define END                    "    steps: [{run: x}]\n"
#define MATRIX(text)           JOB "    strategy: {matrix: {" text "}}\n" END
#define MATRIX_OF(matrix, env) JOB "    strategy: {matrix: {" matrix "}}\n    env: {" env "}\n" END
#define ON(labels)             "on: push\njobs: {a: {runs-on: " labels ", steps: [{run: x}]}}"

static const char *places (arena_t *arena, const char *text)
{
    return lint_places (arena, text, NULL);
}

static const row_t answered[] = {
    {MATRIX_OF ("include: [{n: 1}, {n: 2}]",
                "A: '${{ matrix.may-fail || false }}', B: '${{ matrix.x.y || 1 }}'"),
     ""},
    {MATRIX_OF ("os: [{a: 1}]", "A: '${{ matrix.os.b && 1 || 2 }}', B: '${{ fromJSON(matrix.l || 3) }}'"),
     ""},
    {MATRIX_OF ("n: [1]", "A: '${{ matrix.may-fail }}', B: '${{ false || matrix.may-fail }}'"),
     "6:19 names 6:57 names"},
    {MATRIX_OF ("n: [1]", "A: '${{ matrix.may-fail == 1 || 2 }}'"), "6:19 names"},
    {JOB "    env: {A: '${{ inputs.x || 1 }}'}\n" END, ""},
};

TEST (a_property_that_no_cell_has_is_no_mistake_if_it_has_a_fallback)
{
    CHECK_ROWS (places, answered);
}

TEST (a_name_that_is_null_is_a_warning)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    const char *text =
        STEP "      - run: echo ${{ needs.setup.outputs.x }} ${{ github.no }} ${{ matrix.os }}\n";
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_lint (arena, "test.yml", text, strlen (text), NULL, &findings) == OK);
    CHECK_INT (findings.count, 3);
    arena_destroy (&arena);
}

#define SCRIPT(name)                                                                                    \
    STEP "      - {id: s, uses: actions/github-script@v8, with: {script: 'x'}}\n      - run: echo ${{ " \
         "steps.s.outputs." name " }}\n"

static const row_t script_outputs[] = {
    {SCRIPT ("version"), ""},
    {SCRIPT ("result"), ""},
};

TEST (what_a_script_sets_is_an_output_of_github_script)
{
    CHECK_ROWS (places, script_outputs);
}

#define GUARDED(keys) "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: x, shell: cmd, " keys "}]}}"

static const row_t guarded[] = {
    {GUARDED ("if: \"runner.os == 'Windows'\""), ""},
    {GUARDED ("if: \"github.ref == 'x' && runner.os == 'Windows'\""), ""},
    {GUARDED ("if: \"github.ref == 'x'\""), "2:60 shell-name"},
    {GUARDED ("name: runner.os"), "2:60 shell-name"},
};

TEST (a_shell_of_another_system_is_fine_in_a_step_that_asks_where_it_runs)
{
    CHECK_ROWS (places, guarded);
}

static const row_t self_references[] = {
    {"on: push\njobs: {a: {uses: $/.github/workflows/c.yml}}", ""},
    {"on: push\njobs: {a: {uses: $/.github/workflows/c.yml@v1}}", "2:18 action-ref"},
    {STEP "      - uses: $/actions/x\n", ""},
};

TEST (a_dollar_names_the_repository_itself)
{
    CHECK_ROWS (places, self_references);
}

static const row_t wrong_kinds[] = {
    {STEP "      - {run: x, env: {A: '${{ github.event }}'}}\n", "6:32 wrong-kind"},
    {STEP "      - {run: x, name: '${{ toJSON(github.event) }}'}\n", ""},
    {JOB "    if: github.ref == github.event\n" END, "5:23 wrong-kind"},
    {JOB "    if: github.event == 1\n" END, "5:9 wrong-kind"},
    {MATRIX_OF ("t: [{os: l}, {os: w}]", "A: \"${{ matrix.t == 'l' }}\""), "6:19 wrong-kind"},
    {MATRIX_OF ("t: [{os: l}, w]", "A: \"${{ matrix.t == 'l' }}\""), ""},
    {MATRIX_OF ("t: [{os: l}], include: [{t: l}]", "A: \"${{ matrix.t == 'l' }}\""), ""},
    {MATRIX_OF ("t: [l], include: [{t: m, n: {o: 1}}]", "A: '${{ matrix.t }}'"), ""},
    {STEP "      - run: |\n          echo ${{ fromJSON('{\"a\": 1,}').a }} ${{ fromJSON('[1]')[0] }}\n",
     "7:29 broken-json"},
    {"on: {workflow_dispatch: {inputs: {f: {type: boolean}}}}\njobs: {a: {runs-on: x, if: \"inputs.f == 'true'\", "
     "steps: [{run: x}]}}",
     "2:28 wrong-kind"},
    {"on: {workflow_dispatch: {inputs: {f: {type: boolean}}}}\njobs: {a: {runs-on: x, if: \"inputs.f == true || "
     "inputs.f != '1'\", steps: [{run: x}]}}",
     ""},
};

TEST (a_value_of_a_kind_that_cannot_be_meant_is_reported)
{
    CHECK_ROWS (places, wrong_kinds);
}

static const row_t exclusions[] = {
    {MATRIX ("n: [{v: 1}, {v: 2}], exclude: [{n: {v: 3}}]"), "5:60 matrix-value"},
    {MATRIX ("n: [{v: 1, w: 1}], exclude: [{n: {v: 1}}]"), ""},
    {MATRIX ("v: [1, 2], exclude: [{v: '1'}]"), ""},
    {MATRIX ("v: [[1, 2]], exclude: [{v: [1, 3]}]"), "5:52 matrix-value"},
    {MATRIX ("os: [a], include: [{os: b}], exclude: [{os: b}]"), "5:69 matrix-value"},
};

TEST (an_exclusion_that_matches_no_cell_is_reported)
{
    CHECK_ROWS (places, exclusions);
}

static const row_t contradictions[] = {
    {ON ("[ubuntu-latest, windows-latest]"), "2:37 runner-label"},
    {ON ("[self-hosted, linux, macos]"), "2:42 runner-label"},
    {ON ("[self-hosted, x64, ARM64]"), "2:40 runner-label"},
    {ON ("[ubuntu-22.04, ubuntu-24.04]"), "2:36 runner-label"},
    {ON ("[self-hosted, linux, x64, gpu]"), ""},
    {ON ("[ubuntu-latest, linux]"), ""},
};

TEST (labels_that_no_machine_has_at_once_are_reported)
{
    CHECK_ROWS (places, contradictions);
}

#define EVENTS(text) "on: " text "\njobs: {a: {runs-on: x, steps: [{run: x}]}}"

static const row_t events[] = {
    {EVENTS ("schedule"), "1:5 empty-schedule"},
    {EVENTS ("[push, schedule]"), "1:12 empty-schedule"},
    {EVENTS ("{push: , schedule: [{cron: '0 0 * * *'}]}"), ""},
    {EVENTS ("{workflow_call: {inputs: {a: {type: string, required: true, default: x}}}}"),
     "1:74 required-default"},
    {EVENTS ("{workflow_call: {inputs: {a: {type: string, required: false, default: x}}}}"), ""},
    {EVENTS ("{workflow_dispatch: {inputs: {a: {required: true, default: x}}}}"), ""},
    {EVENTS ("{workflow_call: {inputs: {a: {type: number, default: x}}}}"), "1:58 input-default"},
};

TEST (schedules_that_never_run_and_defaults_that_are_never_used_are_reported)
{
    CHECK_ROWS (places, events);
}

static bool is_berlin (const char *name)
{
    return strcmp (name, "Europe/Berlin") == 0;
}

static const char *zoned (arena_t *arena, const char *zone)
{
    const lint_options_t options = {.zone_exists = is_berlin};
    return lint_places (
        arena, arena_printf (arena, EVENTS ("{schedule: [{cron: '0 0 * * *', timezone: %s}]}"), zone),
        &options);
}

static const row_t zones[] = {
    {"Europe/Berlin", ""},
    {"Europe/Berlim", "1:47 unknown-timezone"},
};

TEST (a_time_zone_that_does_not_exist_is_reported)
{
    CHECK_ROWS (zoned, zones);
}

TEST (a_secret_that_is_written_into_the_file_is_reported)
{
    arena_t *arena = arena_new ();
    CHECK_STR (places (arena,
                       "on: push\njobs: {a: {uses: ./.github/workflows/c.yml, secrets: {t: abc, u: '${{ "
                       "secrets.U }}'}}}"),
               "2:58 plain-password");
    arena_destroy (&arena);
}

static const char *unsupported (arena_t *arena, const char *text)
{
    findings_t findings;
    const char *all = "";
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_lint (arena, "test.yml", text, strlen (text), NULL, &findings) == OK);
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp (findings.items[i].rule, "not-supported") == 0)
            all = arena_printf (arena, "%s%s%d:%d %s", all, *all ? "\n" : "", findings.items[i].line,
                                findings.items[i].column, findings.items[i].message);
    return all;
}

// As support.h has it: "" where the feature runs.
static const char *refusal_at (arena_t *arena, const char *place, feature_t feature)
{
    const char *refusal = feature_refusal (feature);
    return refusal ? arena_printf (arena, "%s %s", place, refusal) : "";
}

TEST (what_this_server_does_not_run_is_reported_in_the_words_of_its_refusal)
{
    static const struct {
        const char *text, *place;
        feature_t feature;
    } rows[] = {
        {JOB "    snapshot: x\n" END, "5:5", FEATURE_SNAPSHOT},
        {ON ("windows-latest"), "2:21", FEATURE_OTHER_SYSTEM},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (rows); i++)
        CHECK_STR (unsupported (arena, rows[i].text), refusal_at (arena, rows[i].place, rows[i].feature));
    CHECK_STR (unsupported (arena, JOB END), "");
    arena_destroy (&arena);
}

TEST (every_rule_of_lint_is_in_its_document)
{
    static char text[1 << 16];
    FILE *file = fopen (SOURCE_DIR "/docs/lint.md", "r");
    CHECK (file != NULL);
    text[fread (text, 1, sizeof text - 1, file)] = '\0';
    fclose (file);
    arena_t *arena = arena_new ();
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    for (size_t i = 0; i < count; i++)
        if (!strstr (text, arena_printf (arena, "| `%s` |", rules[i].id)))
            test_fail (__FILE__, __LINE__, "docs/lint.md has no row for %s", rules[i].id);
    arena_destroy (&arena);
}
