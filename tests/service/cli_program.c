/* cli_program.c - the built program, run as a user runs it: what it prints where, and its exit status. Needs no server. */

#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"
#include "workflow/expression/value.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX 12
#define RUN_US    SECONDS (60) // With sanitizers on a busy machine
#define OUT_MAX   (1 << 20)

static char folder[256];

static void make_folder (void)
{
    test_folder (folder, sizeof (folder));
}

static void remove_folder (void)
{
    test_folder_remove (folder);
}

static void put_file (arena_t *arena, const char *name, const char *text)
{
    FILE *out = fopen (arena_printf (arena, "%s/%s", folder, name), "we");
    CHECK (out);
    fputs (text, out);
    fclose (out);
}

// "STATUS|standard output|standard error" of `opencicd` with these words, in the test's folder.
static const char *run (arena_t *arena, const char *const *words)
{
    const char *argv[WORDS_MAX + 2] = {PROGRAM};
    const char *path = arena_printf (arena, "PATH=%s/bin:/usr/bin:/bin", folder);
    const char *const environment[] = {path, "HOME=/nonexistent", "LC_ALL=C.UTF-8", NULL};
    process_output_t output;
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < WORDS_MAX && words[i]; i++)
        argv[i + 1] = words[i];
    process_spec_t spec = {.argv = argv, .environment = environment, .folder = folder};
    CHECK_INT (process_run (&turn, &spec, RUN_US, OUT_MAX, &output), OK);
    return arena_printf (arena, "%d|%s|%s", output.end.status, output.out, output.err);
}

typedef struct {
    const char *words[WORDS_MAX];
    const char *want;
} case_t;

static void check_all (const case_t *cases, size_t count)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < count; i++)
        CHECK_STR (run (arena, cases[i].words), cases[i].want);
    arena_destroy (&arena);
}
#define CHECK_ALL(cases) check_all (cases, sizeof cases / sizeof cases[0])

TEST (eval_prints_the_result_as_json_or_the_error_with_its_position)
{
    static const case_t cases[] = {
        {{"eval", "format('{0}-{1}', 'a', 1 == 1)"}, "0|\"a-true\"\n|"},
        {{"eval", "github.ref"}, "0|null\n|"},
        {{"eval", "-1 < 0"}, "0|true\n|"},
        {{"eval", "-.5"}, "0|-0.5\n|"},
        {{"eval", "-Infinity < 0"}, "0|true\n|"},
        {{"eval", "-info"},
         "2||opencicd: -info: unknown option\nusage: opencicd eval [--context FILE.json] [--explain] EXPRESSION\n"},
        {{"eval", "${{ 1 }}-${{ true }}"}, "0|\"1-true\"\n|"},
        {{"eval", "--context", "contexts.json", "github.ref"}, "0|\"refs/heads/main\"\n|"},
        {{"eval", "--context=contexts.json", "failure() && env.A"}, "0|\"b\"\n|"},
        {{"eval", "fromJSON('[1]')"}, "0|[\n  1\n]\n|"},
        {{"eval", "foo.bar"}, "1||1:1: Unrecognized named-value: 'foo'\n"},
        {{"eval", "true &&\n foo"}, "1||2:2: Unrecognized named-value: 'foo'\n"},
        {{"eval", "1 && success('a')"}, "1||1:6: Too many parameters supplied: 'success'\n"},
        {{"eval", "true || foo"}, "1||1:9: Unrecognized named-value: 'foo'\n"},
        {{"eval", "--context", "contexts.json", "foo.bar +"}, "1||1:1: Unrecognized named-value: 'foo'\n"},
        {{"eval", "--context", "contexts.json", "mine.x +"},
         "1||1:8: Unexpected symbol: '+' (there is no arithmetic)\n"},
        {{"eval", "--context", "contexts.json", "ref: ${{ github.ref }}, ${{ mine.x }}"},
         "0|\"ref: refs/heads/main, 1\"\n|"},
        {{"eval", "a ${{ 1 }} ${{ 2"},
         "1||1:12: The expression is not closed: there is no '}}' for this '${{'\n"},
        {{"eval", "'${{'"}, "0|\"${{\"\n|"},
        {{"eval", "--context", "none.json", "1"}, "1||opencicd: none.json: No such file or directory\n"},
        {{"eval", "--context", "flat.json", "1"},
         "1||opencicd: flat.json: the context \"github\" must be an object\n"},
        {{"eval", "--context", "list.json", "1"}, "1||opencicd: list.json: must be a JSON object\n"},
        {{"eval"},
         "2||opencicd: an argument is missing\nusage: opencicd eval [--context FILE.json] [--explain] "
         "EXPRESSION\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "contexts.json",
              "{\"github\": {\"ref\": \"refs/heads/main\"}, \"env\": {\"A\": \"b\"}, \"job\": {\"status\": "
              "\"failure\"}, \"mine\": {\"x\": 1}}");
    put_file (arena, "list.json", "[]");
    put_file (arena, "flat.json", "{\"mine\": 1, \"needs\": null, \"github\": \"main\"}");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (lint_prints_file_line_and_column_and_fails_on_errors_alone)
{
    static const case_t cases[] = {
        {{"lint", "good.yml"}, "0||"},
        {{"lint", "bad.yml"},
         "1|bad.yml:4:12: job \"a\" needs \"b\", which is not a job of this file\n        needs: b\n"
         "               ^ error (needs)\n|"},
        {{"lint", "--format", "text", "good.yml", "none.yml"},
         "1|none.yml:1:1: cannot be read: No such file or directory\n    error (file)\n|"},
        {{"lint", "--format", "json", "none.yml"},
         "1|{\n  \"findings\": [\n    {\n      \"file\": \"none.yml\",\n      \"line\": 1,\n      \"column\": 1,\n"
         "      \"severity\": \"error\",\n      \"rule\": \"file\",\n"
         "      \"message\": \"cannot be read: No such file or directory\"\n    }\n  ]\n}\n|"},
        {{"lint", "--json", "good.yml"}, "0|{\n  \"findings\": []\n}\n|"},
        {{"lint", "--format=github", "none.yml"},
         "1|::error file=none.yml,line=1,col=1,title=file::cannot be read: No such file or directory\n|"},
        {{"lint", "warned.yml"},
         "0|warned.yml:6:13: this condition is always false\n          - if: false\n"
         "                ^ warning (constant-condition)\n|"},
        {{"lint", "--no-rule", "constant-condition", "warned.yml"}, "0||"},
        {{"lint", "--rule", "namez", "good.yml"},
         "2||opencicd: namez: unknown rule (did you mean names?)\nusage: opencicd lint [OPTIONS] "
         "[FILE|FOLDER ...]\n"},
        {{"lint"},
         "2||opencicd: there are no workflow files in .github/workflows or .opencicd/workflows\n"
         "usage: opencicd lint [OPTIONS] [FILE|FOLDER ...]\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "good.yml",
              "on: push\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - run: echo\n");
    put_file (arena, "bad.yml",
              "on: push\njobs:\n  a:\n    needs: b\n    runs-on: linux\n    steps:\n      - run: echo\n");
    put_file (
        arena, "warned.yml",
        "on: push\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - if: false\n        run: echo\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (lint_passes_scripts_to_shellcheck_and_reports_their_location_in_the_file)
{
    static const case_t cases[] = {
        {{"lint", "script.yml"},
         "0|script.yml:10:13: SC2999: odd\n              cat ${{1}}\n                ^ warning (shellcheck)\n|"},
        {{"lint", "--no-rule", "shellcheck", "script.yml"}, "0||"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    CHECK (mkdir (arena_printf (arena, "%s/bin", folder), 0700) == 0);
    put_file (
        arena, "bin/shellcheck",
        "#!/bin/sh\nfor last; do :; done\n"
        "grep -q '^cat ______$' \"$last\" || exit 1\n"
        "printf '{\"comments\":[{\"file\":\"%s\",\"line\":2,\"column\":3,\"code\":2999,\"message\":\"odd\"}]}' \"$last\"\n");
    CHECK (chmod (arena_printf (arena, "%s/bin/shellcheck", folder), 0700) == 0);
    put_file (
        arena, "script.yml",
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n        shell: python\n"
        "      - run: |\n          cat ${{1}}\n          cat ${{1}}\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (lint_lists_when_schedules_run_and_asks_for_agents_only_with_the_flag)
{
    static const case_t cases[] = {
        {{"lint", "--schedules", "never.yml"},
         "0|never.yml:1:23: \"0 0 31 2 *\" is not due within eight years\n|"},
        {{"lint", "never.yml"}, "0||"},
        {{"lint", "--schedules", "--json", "never.yml"},
         "2||opencicd: --schedules needs --format text\nusage: opencicd lint [OPTIONS] [FILE|FOLDER ...]\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "never.yml",
              "on: {schedule: [cron: 0 0 31 2 *]}\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n");
    CHECK_ALL (cases);
    const char *const asking[] = {"lint", "--agents", "--url", "http://127.0.0.1:1", "never.yml", NULL};
    const char *want = "3||opencicd: cannot reach the server http://127.0.0.1:1";
    CHECK (strncmp (run (arena, asking), want, strlen (want)) == 0);
    remove_folder ();
    arena_destroy (&arena);
}

// The rule that a result points at has the id that it names.
TEST (lint_describes_in_sarif_every_rule_that_a_result_names)
{
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "a b.yml",
              "on: push\njobs: {a: {runs-on: x, if: false, needs: b, steps: [{run: x}]}}\n");
    const char *text =
        run (arena, (const char *const[]){"lint", "--format", "sarif", "a b.yml", "none.yml", NULL});
    const char *error;
    const value_t *log;
    CHECK (strncmp (text, "1|", 2) == 0);
    CHECK_INT (value_from_json (arena, text + 2, strlen (text) - 3, &log, &error), OK);
    const value_t *first = value_get (log, "runs")->list.items[0], *results = value_get (first, "results");
    const value_t *rules = value_get (value_get (value_get (first, "tool"), "driver"), "rules");
    CHECK_INT (results->list.count, 3);
    for (size_t i = 0; i < results->list.count; i++) {
        const value_t *result = results->list.items[i];
        const value_t *place = value_get (value_get (result, "locations")->list.items[0], "physicalLocation");
        size_t index = (size_t) value_get (result, "ruleIndex")->number;
        CHECK_STR (value_get_text (rules->list.items[index], "id"), value_get_text (result, "ruleId"));
        CHECK_STR (value_get_text (value_get (place, "artifactLocation"), "uri"),
                   i < 2 ? "a%20b.yml" : "none.yml");
    }
    remove_folder ();
    arena_destroy (&arena);
}

TEST (lint_without_a_file_finds_those_of_the_repository)
{
    static const case_t cases[] = {
        {{"lint"},
         "1|../.github/workflows/a.yml:1:1: a workflow needs \"jobs\": what is done\n    on: push\n    ^ error (schema)\n|"}};
    arena_t *arena = arena_new ();
    make_folder ();
    for (const char *const *name =
             (const char *const[]){".git", ".github", ".github/workflows", "inner", NULL};
         *name; name++)
        CHECK (mkdir (arena_printf (arena, "%s/%s", folder, *name), 0700) == 0);
    put_file (arena, ".github/workflows/a.yml", "on: push\n");
    char whole[256];
    memcpy (whole, folder, sizeof whole);
    snprintf (folder, sizeof folder, "%.200s/inner", whole);
    CHECK_ALL (cases);
    memcpy (folder, whole, sizeof whole);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (plan_says_of_each_job_whether_it_runs_and_why)
{
    static const case_t cases[] = {
        {{"plan", "--event", "push", "w.yml"},
         "0|JOB                ON     WHY\n"
         "a    runs          linux\n"
         "b    does not run         its condition does not hold: github.ref == 'refs/heads/x'\n|"},
        {{"plan", "--event", "push", "--ref", "x", "w.yml"},
         "0|JOB        ON     WHY\n"
         "a    runs  linux\n"
         "b    runs  linux  after a; if: github.ref == 'refs/heads/x'\n|"},
        {{"plan", "-e", "schedule", "w.yml"},
         "0|w.yml does not run on schedule: it does not react to schedule\n|"},
        {{"plan", "w.yml"},
         "2||opencicd: --event is missing: push, pull_request, schedule, ...\n"
         "usage: opencicd plan --event EVENT [OPTIONS] FILE\n"},
        {{"plan", "-e", "pul_request", "w.yml"},
         "2||opencicd: --event: unknown event pul_request (did you mean pull_request?)\n"
         "usage: opencicd plan --event EVENT [OPTIONS] FILE\n"},
        {{"plan", "-e", "push", "--result", "a=good", "w.yml"},
         "2||opencicd: --result: a=good is not JOB=success, failure, cancelled or skipped\n"
         "usage: opencicd plan --event EVENT [OPTIONS] FILE\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "w.yml",
              "on: push\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: echo}]\n  b:\n    needs: a\n"
              "    if: github.ref == 'refs/heads/x'\n    runs-on: linux\n    steps: [{run: echo}]\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (plan_takes_ref_name_and_filters_from_the_payload)
{
    static const case_t cases[] = {
        {{"plan", "--event", "pull_request", "--payload", "pull.json", "w.yml"},
         "0|Run name     Add it\nConcurrency  ci-refs/pull/7/merge\n\n"
         "JOB        ON     WHY\n"
         "a    runs  linux  if: github.ref_name == '7/merge' && github.run_attempt == 1\n|"},
        {{"plan", "--event", "pull_request", "--payload", "other.json", "w.yml"},
         "0|w.yml does not run on pull_request: \"old\" does not match its \"branches\"\n|"},
        {{"plan", "--event", "pull_request", "--payload", "none.json", "w.yml"},
         "1||opencicd: none.json: No such file or directory\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (
        arena, "w.yml",
        "name: ci\non: {pull_request: {branches: [next]}}\nconcurrency: ${{ github.workflow }}-${{ github.ref }}\n"
        "jobs:\n  a:\n    if: github.ref_name == '7/merge' && github.run_attempt == 1\n    runs-on: linux\n"
        "    steps: [{run: echo}]\n");
    put_file (arena, "pull.json",
              "{\"action\": \"opened\", \"pull_request\": {\"number\": 7, \"title\": \"Add it\", \"base\": "
              "{\"ref\": \"next\"}}}");
    put_file (arena, "other.json",
              "{\"action\": \"opened\", \"pull_request\": {\"number\": 7, \"base\": {\"ref\": \"old\"}}}");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (plan_assumes_the_given_results_and_outputs)
{
    static const case_t cases[] = {
        {{"plan", "-e", "push", "--output", "b.list=[1, 2]", "w.yml"},
         "0|JOB                  ON  WHY\nb      runs          x\na (1)  runs          x   after b\n"
         "a (2)  runs          x   after b\nc      does not run      its condition does not hold: failure()\n|"},
        {{"plan", "-e", "push", "--output", "B.LIST=[1]", "--result", "a=failure", "w.yml"},
         "0|JOB          ON  WHY\nb      runs  x\na (1)  runs  x   after b\nc      runs  x   after a; if: failure()\n|"},
        {{"plan", "-e", "push", "--output", "b=1", "w.yml"},
         "2||opencicd: --output: b=1 is not JOB.NAME=VALUE\n"
         "usage: opencicd plan --event EVENT [OPTIONS] FILE\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (
        arena, "w.yml",
        "on: push\njobs:\n  b: {runs-on: x, outputs: {list: '${{ steps.s.outputs.v }}'}, steps: [{run: x, id: s}]}\n"
        "  a: {needs: b, runs-on: x, strategy: {matrix: {v: '${{ fromJSON(needs.b.outputs.list) }}'}}, "
        "steps: [{run: x}]}\n  c: {needs: a, if: failure(), runs-on: x, steps: [{run: x}]}\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (a_wrong_command_line_is_refused_by_name)
{
    static const case_t cases[] = {
        {{"nonsense"}, "2||opencicd: nonsense: unknown command (see opencicd help)\n"},
        {{"lin"}, "2||opencicd: lin: unknown command (did you mean lint?)\n"},
        {{"project"}, "2||opencicd: project: a subcommand is missing: add, list, show, remove, visibility\n"},
        {{"project", "ad"},
         "2||opencicd: project: there is no \"project ad\", only: add, list, show, remove, visibility\n"},
        {{"--json", "runs"}, "2||opencicd: --json: the command comes first\n"},
        {{"logs", "--folow", "x"},
         "2||opencicd: --folow: unknown option (did you mean --follow?)\n"
         "usage: opencicd logs [-f|-t] [--step N] [--attempt N] JOB|RUN\n"},
        {{"version", "x"}, "2||opencicd: x: one argument too many\nusage: opencicd version\n"},
        {{"version"}, "0|opencicd " OPENCICD_VERSION "\n|"},
        {{"--version"}, "0|opencicd " OPENCICD_VERSION "\n|"},
    };
    make_folder ();
    CHECK_ALL (cases);
    remove_folder ();
}

TEST (a_server_that_is_not_there_has_an_exit_status_of_its_own)
{
    static const char *const nowhere[] = {"agents", "--url", "http://127.0.0.1:1", NULL};
    static const case_t cases[] = {
        {{"agents", "--data-dir", "/nonexistent/data"},
         "3||opencicd: no server has left its address in /nonexistent/data (is `opencicd up` running?)\n"}};
    arena_t *arena = arena_new ();
    make_folder ();
    CHECK_ALL (cases);
    CHECK (strncmp (run (arena, nowhere), "3||opencicd: cannot reach the server http://127.0.0.1:1: ", 56) ==
           0);
    remove_folder ();
    arena_destroy (&arena);
}

// With what none of these has a part in: its own line and whether the machine's clock is synchronised.
static const char *doctor (arena_t *arena, const char *option, const char *value)
{
    const char *const words[] = {"doctor", "--data-dir", folder, option, value, NULL};
    return run (arena, words);
}

TEST (doctor_makes_nothing_of_what_it_looks_for)
{
    arena_t *arena = arena_new ();
    make_folder ();
    const char *said = doctor (arena, NULL, NULL);
    CHECK_INT (strncmp (said, "0|", 2), 0);
    CHECK (strstr (said, "/secret.key is not there"));
    CHECK (strstr (said, "blobs is not there yet"));
    CHECK_INT (rmdir (folder), 0); // Nothing is in it
    arena_destroy (&arena);
}

TEST (doctor_names_what_is_wrong_with_files_and_what_to_do)
{
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "secret.key", "not a key\n");
    put_file (arena, "scheduler.db", "this is text and not a database, however long it is\n");
    CHECK_INT (chmod (arena_printf (arena, "%s/secret.key", folder), 0644), 0);
    const char *said = doctor (arena, "--blob-url", arena_printf (arena, "dir:%s/secret.key", folder));
    CHECK_INT (strncmp (said, "1|", 2), 0);
    CHECK (strstr (said, "others of this machine may read the key"));
    CHECK (strstr (said, arena_printf (arena, "chmod 600 %s/secret.key", folder)));
    CHECK (strstr (said, "restore it from the backup"));
    CHECK (strstr (said, "file is not a database"));
    CHECK (strstr (said, "logs and artifacts cannot be stored until this is mended"));
    remove_folder ();
    arena_destroy (&arena);
}

TEST (doctor_shows_no_password_of_a_database_that_does_not_answer)
{
    arena_t *arena = arena_new ();
    make_folder ();
    const char *said = doctor (arena, "--database-url", "postgres://ci:opensesame@127.0.0.1:1/ci");
    CHECK_INT (strncmp (said, "1|", 2), 0);
    CHECK (strstr (said, "postgres://...@127.0.0.1:1/ci: "));
    CHECK (!strstr (said, "opensesame"));
    remove_folder ();
    arena_destroy (&arena);
}

TEST (every_command_of_the_overview_has_its_help)
{
    static const char *const overview[] = {"help", NULL};
    size_t count = 0;
    arena_t *arena = arena_new ();
    make_folder ();
    const char *text = run (arena, overview);
    CHECK (strncmp (text, "0|usage: opencicd COMMAND", 25) == 0);
    for (const char *line = text; (line = strstr (line, "\n  ")); line += 3, count++) {
        char *name = arena_strndup (arena, line + 3, strcspn (line + 3, "\n"));
        char *end = strstr (name, "  ");
        CHECK (end);
        *end = 0;
        char *second = strchr (name, ' ');
        if (second)
            *second++ = 0;
        const char *words[] = {"help", name, second, NULL};
        CHECK (strncmp (run (arena, words), "0|usage: opencicd ", 18) == 0);
        if (strcmp (name, "agent") == 0) // A program of its own
            continue;
        const char *flags[] = {name, second ? second : "--help", second ? "--help" : NULL, NULL};
        CHECK (strncmp (run (arena, flags), "0|usage: opencicd ", 18) == 0);
    }
    CHECK (count > 20);
    remove_folder ();
    arena_destroy (&arena);
}

#define FISH 3 // It has options without their hyphens

// Each "  -f, --follow" of a command's help.
static void check_options (arena_t *arena, const char *help, const char *const *texts)
{
    for (const char *at = help; (at = strstr (at, "\n  ")) != NULL; at += 3) {
        const char *flag = at + 3 + strspn (at + 3, " ");
        if (flag[0] == '-' && flag[1] != '-' && flag[2] == ',')
            flag += 4;
        if (strncmp (flag, "--", 2) != 0)
            continue;
        const char *name = arena_strndup (arena, flag + 2, strcspn (flag + 2, "=[ \n"));
        for (size_t i = 0; texts[i]; i++)
            if (!strstr (texts[i], arena_printf (arena, "%s%s", i == FISH ? " -l " : "--", name)))
                test_fail (__FILE__, __LINE__, "text %zu lacks --%s", i, name);
    }
}

static char *without_escapes (arena_t *arena, const char *text)
{
    char *out = arena_strdup (arena, text), *at = out;
    for (; *text; text++)
        if (*text != '\\')
            *at++ = *text;
    *at = 0;
    return out;
}

TEST (the_manual_and_every_completion_know_each_command_and_option_of_help)
{
    arena_t *arena = arena_new ();
    make_folder ();
    const char *texts[] = {run (arena, (const char *const[]){"help", "--man", NULL}),
                           run (arena, (const char *const[]){"help", "--completion=bash", NULL}),
                           run (arena, (const char *const[]){"help", "--completion=zsh", NULL}),
                           run (arena, (const char *const[]){"help", "--completion=fish", NULL}), NULL};
    for (size_t i = 0; texts[i]; i++) {
        CHECK (strncmp (texts[i], "0|", 2) == 0);
        texts[i] = without_escapes (arena, texts[i]);
    }
    const char *overview = run (arena, (const char *const[]){"help", NULL});
    for (const char *line = overview; (line = strstr (line, "\n  ")); line += 3) {
        char *name = arena_strndup (arena, line + 3, (size_t) (strstr (line + 3, "  ") - line - 3));
        CHECK (strstr (texts[0], arena_printf (arena, ".SS opencicd %s\n", name)));
        CHECK (strstr (texts[1], arena_printf (arena, "'%s') words+=", name)));
        CHECK (strstr (texts[2], arena_printf (arena, "'%s')\n        _arguments", name)));
        CHECK (strstr (texts[3], arena_printf (arena, "'__opencicd_in %s'", name)));
        char *second = strchr (name, ' ');
        if (second)
            *second++ = 0;
        check_options (arena, run (arena, (const char *const[]){"help", name, second, NULL}), texts);
    }
    remove_folder ();
    arena_destroy (&arena);
}

TEST (calls_of_the_same_repository_are_linted_and_planned_with_their_callers)
{
    static const case_t cases[] = {
        {{"plan", "--event", "push", ".github/workflows/a.yml"},
         "0|JOB                     ON                              WHY\n"
         "call (x)          runs  ./.github/workflows/b.yml\n"
         "call (x) / inner  runs  linux\n"
         "call (y)          runs  ./.github/workflows/b.yml\n"
         "call (y) / inner  runs  linux\n"
         "far               runs  o/r/.github/workflows/c.yml@v1  after call\n|"},
        {{"lint", ".github/workflows/a.yml"}, "0||"},
        {{"lint", ".github/workflows/wrong.yml"},
         "1|.github/workflows/wrong.yml:3:13: ./.github/workflows/b.yml needs the input \"to\"\n"
         "      a: {uses: ./.github/workflows/b.yml}\n"
         "                ^ error (calls)\n"
         ".github/workflows/wrong.yml:4:13: ./.github/workflows/none.yml cannot be called: there is no such file\n"
         "      b: {uses: ./.github/workflows/none.yml}\n"
         "                ^ error (calls)\n|"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    CHECK_INT (mkdir (arena_printf (arena, "%s/.github", folder), 0700), 0);
    CHECK_INT (mkdir (arena_printf (arena, "%s/.github/workflows", folder), 0700), 0);
    put_file (
        arena, ".github/workflows/a.yml",
        "on: push\njobs:\n  call:\n    strategy: {matrix: {to: [x, y]}}\n    uses: ./.github/workflows/b.yml\n"
        "    with: {to: '${{ matrix.to }}'}\n  far: {needs: call, uses: o/r/.github/workflows/c.yml@v1}\n");
    put_file (arena, ".github/workflows/b.yml",
              "on: {workflow_call: {inputs: {to: {type: string, required: true}}}}\n"
              "jobs: {inner: {runs-on: linux, steps: [{run: x}]}}\n");
    put_file (
        arena, ".github/workflows/wrong.yml",
        "on: push\njobs:\n  a: {uses: ./.github/workflows/b.yml}\n  b: {uses: ./.github/workflows/none.yml}\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}

TEST (import_writes_a_workflow_and_counts_what_is_missing)
{
    static const case_t cases[] = {
        {{"import", "jenkins", "Jenkinsfile", "--output", "ci.yml"},
         "0||Jenkinsfile: 1 job; 1 thing was not translated\n"},
        {{"lint", "ci.yml"}, "0||"},
        {{"import", "jenkins", "scripted"},
         "1||opencicd: scripted:1: there is no \"pipeline { }\": only declarative pipelines can be translated\n"},
        {{"import", "gitlab", "nothing.yml"}, "1||opencicd: nothing.yml: No such file or directory\n"},
        {{"import", "travis", "x"},
         "2||opencicd: travis: unknown system; write jenkins, gitlab or woodpecker\n"
         "usage: opencicd import [--output FILE] jenkins|gitlab|woodpecker FILE\n"},
        {{"import", "woodpecker", "w.yml"},
         "0|# Made from w.yml by `opencicd import`.\nname: Woodpecker\non:\n  push:\n  pull_request:\n  workflow_dispatch:\n"
         "jobs:\n  pipeline:\n    runs-on: self-hosted\n    container: alpine\n    steps:\n      - uses: actions/checkout@v4\n"
         "      - name: a\n        run: |\n          make\n# 0 things were not translated.\n|w.yml: 1 job; 0 things were not translated\n"},
    };
    arena_t *arena = arena_new ();
    make_folder ();
    put_file (arena, "Jenkinsfile",
              "pipeline {\n agent any\n stages { stage('A') { steps { sh 'make'; bat 'make' } } }\n}\n");
    put_file (arena, "scripted", "node { sh 'make' }\n");
    put_file (arena, "w.yml", "steps: {a: {image: alpine, commands: [make]}}\n");
    CHECK_ALL (cases);
    remove_folder ();
    arena_destroy (&arena);
}
