/* jenkins.c - tests of the translator of declarative Jenkinsfiles. */

#include "tests/unit/cli/import/imported.h"

#include <string.h>

#define STEPS(steps) "pipeline { agent any\n stages { stage('One') {\n steps {\n" steps "\n} } } }"

TEST (stages_of_one_agent_are_steps_of_one_job)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline {\n agent { label 'linux && docker' }\n stages {\n stage('Build') { steps { sh 'make' } }\n"
        " stage('Test') { steps { sh 'make test' } }\n }\n}\n");
    CHECK_INT (of.notes, 0);
    CHECK_HAS (
        &of,
        "  build:\n    name: Build\n    runs-on:\n      - linux\n      - docker\n    steps:\n      - uses: actions/checkout@v4\n");
    CHECK_HAS (
        &of,
        "      - name: 'Build: make'\n        run: make\n      - name: 'Test: make test'\n        run: make test\n");
    CHECK_HAS (&of, "# 0 things were not translated.\n");
    imported_end (&of);
}

TEST (a_stage_with_an_agent_of_its_own_is_a_job)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent none\n stages { stage('A') { agent { docker { image 'maven:3'\n args '-v /a:/a' } }\n steps { sh 'a' } }\n"
        "stage('B') { agent { docker 'node' }\n steps { sh 'b' } } } }");
    CHECK_HAS (
        &of,
        "  a:\n    name: A\n    runs-on: self-hosted\n    container:\n      image: 'maven:3'\n      options: '-v /a:/a'\n");
    CHECK_HAS (
        &of,
        "  b:\n    name: B\n    needs:\n      - a\n    runs-on: self-hosted\n    container:\n      image: node\n");
    CHECK_INT (of.notes, 0);
    imported_end (&of);
}

TEST (branches_of_parallel_run_beside_each_other_and_what_follows_needs_them_all)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n stages {\n stage('First') { steps { sh '1' } }\n stage('P') { parallel {\n"
        "stage('X') { steps { sh 'x' } }\n stage('Y') { stages { stage('Y1') { steps { sh 'y1' } } } }\n} }\n"
        "stage('Last') { steps { sh '2' } }\n} }");
    CHECK_HAS (&of, "  x:\n    name: X\n    needs:\n      - first\n");
    CHECK_HAS (&of, "  'y':\n    name: 'Y'\n    needs:\n      - first\n");
    CHECK_HAS (&of, "  last:\n    name: Last\n    needs:\n      - x\n      - 'y'\n");
    CHECK_INT (of.notes, 3); // Each begins with an empty workspace
    imported_end (&of);
}

TEST (a_matrix_has_its_axes_as_variables_and_its_exclusions)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent none\n stages { stage('M') { matrix {\n agent { label \"${OS}\" }\n axes {\n axis { name 'OS'; values 'a', 'b' }\n"
        "axis { name 'V'; values '1', '2' } }\n excludes { exclude { axis { name 'OS'; values 'b' }\n axis { name 'V'; values '2' } } }\n"
        "stages { stage('T') { steps { sh 'make $V' } } } } } } }");
    CHECK_HAS (&of, "runs-on: ${{ matrix.OS }}\n");
    CHECK_HAS (&of, "        exclude:\n          - OS: b\n            V: '2'\n");
    CHECK_HAS (&of, "    env:\n      OS: ${{ matrix.OS }}\n      V: ${{ matrix.V }}\n");
    CHECK_INT (of.notes, 0);
    imported_end (&of);
}

TEST (a_matrix_of_too_many_cells_is_noted)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n stages { stage('M') { matrix {\n axes {\n"
        "axis { name 'A'; values '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17' }\n"
        "axis { name 'B'; values '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16' } }\n"
        "stages { stage('T') { steps { sh 'x' } } } } } } }");
    CHECK_HAS (&of, "the axes of the matrix");
    CHECK_LACKS (&of, "strategy:");
    imported_end (&of);
}

TEST (variables_of_the_environment_may_name_others)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n environment {\n A = 'a'\n B = \"${A}-${env.BUILD_NUMBER}\"\n C = credentials('my-login')\n D = foo()\n }\n"
        "stages { stage('S') { steps { sh 'echo $C_USR' } } } }");
    CHECK_HAS (&of, "  B: a-${{ github.run_number }}\n");
    CHECK_HAS (&of, "  C: ${{ secrets.MY_LOGIN }}\n  C_USR: ${{ secrets.MY_LOGIN_USR }}\n");
    CHECK_LACKS (&of, "C_PSW");
    CHECK_HAS (&of, "# NOT TRANSLATED (line 6): a variable of the environment\n#   | D = foo()\n");
    CHECK_HAS (&of, "# Reads these secrets, which must be set: MY_LOGIN, MY_LOGIN_USR\n");
    imported_end (&of);
}

TEST (parameters_are_inputs_with_their_defaults_on_a_push)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n parameters {\n string(name: 'WHERE', defaultValue: 'staging', description: 'Where to')\n"
        "booleanParam(name: 'DRY', defaultValue: true)\n choice(name: 'LEVEL', choices: ['low', 'high'])\n file(name: 'F') }\n"
        "stages { stage('S') { steps { sh \"deploy ${params.WHERE}\" } } } }");
    CHECK_HAS (
        &of, "      WHERE:\n        description: Where to\n        type: string\n        default: staging\n");
    CHECK_HAS (&of,
               "  WHERE: ${{ (github.event_name != 'workflow_dispatch' && 'staging' || inputs.WHERE) }}\n");
    CHECK_HAS (&of, "        options:\n          - low\n          - high\n");
    CHECK_HAS (&of, "        run: deploy ${WHERE}\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (options_and_triggers_are_keys_of_the_workflow)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n options { timeout(time: 2, unit: 'HOURS')\n disableConcurrentBuilds(abortPrevious: true)\n timestamps()\n buildDiscarder(x()) }\n"
        "triggers { cron('TZ=Europe/Berlin\\n0 4 * * 1-5')\n pollSCM('H/5 * * * *') }\n stages { stage('S') { steps { sh 'x' } } } }");
    CHECK_HAS (&of, "    - cron: '0 4 * * 1-5'\n      timezone: Europe/Berlin\n");
    CHECK_HAS (&of, "  cancel-in-progress: true\n");
    CHECK_HAS (&of, "    timeout-minutes: 120\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (conditions_become_expressions)
{
    static const struct {
        const char *when, *want;
    } cases[] = {
        {"branch 'main'", "if: ${{ github.ref == 'refs/heads/main' }}"},
        {"branch 'release/*'", "if: ${{ startsWith(github.ref, 'refs/heads/release/') }}"},
        {"tag 'v*'", "if: ${{ startsWith(github.ref, 'refs/tags/v') }}"},
        {"buildingTag()", "if: ${{ github.ref_type == 'tag' }}"},
        {"changeRequest()", "if: ${{ github.event_name == 'pull_request' }}"},
        {"not { branch 'main' }", "if: ${{ !(github.ref == 'refs/heads/main') }}"},
        {"anyOf { branch 'a'; branch 'b' }", "github.ref == 'refs/heads/a' || github.ref == 'refs/heads/b'"},
        {"environment name: 'E', value: 'x'", "if: ${{ (env.E) == ('x') }}"},
        {"expression { return params.P == 'y' && !(env.E == 'z') }", "inputs.P == 'y' && ! ( env.E == 'z' )"},
        {"triggeredBy 'TimerTrigger'", "if: ${{ github.event_name == 'schedule' }}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (
            import_jenkins,
            arena_printf (
                arena,
                "pipeline { agent any\n parameters { string(name: 'P') }\n stages { stage('S') { steps { sh 'a' } }\n"
                "stage('W') { when { %s }\n steps { sh 'b' } } } }",
                cases[i].when));
        CHECK_HAS (&of, cases[i].want);
        CHECK_INT (of.notes, 0);
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (what_depends_on_a_condition_that_is_not_understood_never_runs)
{
    static const char *const whens[] = {"changeset '**/*.js'", "expression { foo(bar) }",
                                        "branch pattern: 'a|b', comparator: 'REGEXP'",
                                        "not { changelog 'x' }"};
    for (size_t i = 0; i < sizeof whens / sizeof whens[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (
            import_jenkins,
            arena_printf (
                arena,
                "pipeline { agent any\n stages { stage('W') { when { %s }\n steps { sh 'deploy' } } } }",
                whens[i]));
        CHECK_HAS (&of, "    if: ${{ false }}\n");
        CHECK_INT (of.notes, 1);
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (steps_around_others_change_them)
{
    imported_t of = imported (
        import_jenkins,
        STEPS (
            "dir('sub') { withEnv(['A=b', 'PATH+X=/y']) { timeout(5) { sh 'one' } } }\n"
            "withCredentials([string(credentialsId: 'api-key', variable: 'KEY'), usernamePassword(credentialsId: 'u', usernameVariable: 'U', passwordVariable: 'P')]) { sh 'two' }\n"
            "catchError { sh 'three' }\n retry(3) { sh 'four' }"));
    CHECK_HAS (
        &of,
        "        run: one\n        working-directory: sub\n        timeout-minutes: 5\n        env:\n          A: b\n");
    CHECK_HAS (
        &of,
        "        run: two\n        env:\n          KEY: ${{ secrets.API_KEY }}\n          U: ${{ secrets.U_USR }}\n          P: ${{ secrets.U_PSW }}\n");
    CHECK_HAS (&of, "        run: three\n        continue-on-error: true\n");
    CHECK_HAS (&of, "retry: the next steps run once");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}

TEST (files_are_kept_in_artifacts)
{
    imported_t of = imported (
        import_jenkins,
        STEPS ("archiveArtifacts artifacts: 'a/*.jar, b', allowEmptyArchive: true\n junit 'reports/*.xml'\n"
               "stash name: 'my jars', includes: 'x/**'\n unstash 'my jars'\n archiveArtifacts(someList)"));
    CHECK_HAS (
        &of, "          path: |-\n            a/*.jar\n            b\n          if-no-files-found: ignore\n");
    CHECK_HAS (&of, "          echo '::report file=reports/*.xml::'\n");
    CHECK_HAS (
        &of, "          name: stash-my-jars\n          path: |-\n            x/**\n            .workspace\n");
    CHECK_HAS (&of,
               "        uses: actions/download-artifact@v4\n        with:\n          name: stash-my-jars\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (what_is_no_step_that_we_know_is_quoted_whole)
{
    imported_t of = imported (
        import_jenkins,
        STEPS (
            "bat 'dir'\n onlyOnFridays { sh 'deploy' }\n script { def x = 1\n sh \"$x\" }\n script { sh 'simple' }\n sh script: foo(), label: 'a'"));
    CHECK_HAS (&of, "a script for Windows\n      #   | bat 'dir'\n");
    CHECK_HAS (&of, "#   | onlyOnFridays { sh 'deploy' }\n");
    CHECK_HAS (&of, "#   | script { def x = 1\n");
    CHECK_HAS (&of, "        run: simple\n");
    CHECK_LACKS (&of, "        run: deploy\n");
    CHECK_INT (of.notes, 4);
    imported_end (&of);
}

TEST (what_comes_after_a_stage_runs_only_where_the_stage_began)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n stages { stage('S') { steps { sh 'a' }\n post { always { sh 'b' }\n failure { sh 'c' }\n changed { sh 'd' } } } } }");
    CHECK_HAS (&of, "        id: stage-1\n        run: a\n");
    CHECK_HAS (&of, "        if: ${{ always() && steps.stage-1.outcome != 'skipped' }}\n        run: b\n");
    CHECK_HAS (&of, "        if: ${{ failure() && steps.stage-1.outcome != 'skipped' }}\n        run: c\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (what_comes_after_several_jobs_is_a_job_that_needs_them_all)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n stages { stage('P') { parallel { stage('A') { steps { sh 'a' } }\n stage('B') { steps { sh 'b' } } } } }\n"
        "post { failure { sh 'page' }\n cleanup { sh 'clean' } } }");
    CHECK_HAS (&of, "  post:\n    needs:\n      - a\n      - b\n    if: ${{ always() }}\n");
    CHECK_HAS (&of,
               "        if: ${{ always() && contains(needs.*.result, 'failure') }}\n        run: page\n");
    imported_end (&of);
}

TEST (a_stage_that_asks_waits_for_an_environment)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n stages { stage('Go live') { input { message 'Sure?' }\n steps { sh 'go' } }\n stage('After') { steps { sh 'x' } } } }");
    CHECK_HAS (&of, "    environment: go-live\n");
    CHECK_HAS (&of, "  after:\n    name: After\n    needs:\n      - go-live\n");
    CHECK_HAS (&of, "give the environment \"go-live\" its approvers");
    imported_end (&of);
}

TEST (a_job_after_one_that_may_be_skipped_goes_on)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent none\n stages { stage('A') { agent any\n when { branch 'x' }\n steps { sh 'a' } }\n stage('B') { agent any\n steps { sh 'b' } } } }");
    CHECK_HAS (&of, "  b:\n    name: B\n    needs:\n      - a\n    if: ${{ !failure() && !cancelled() }}\n");
    imported_end (&of);
}

TEST (a_script_keeps_what_only_looks_like_an_expression)
{
    imported_t of = imported (
        import_jenkins, STEPS ("sh 'echo ${{ secrets.X }}'\n sh '''#!/usr/bin/env python3\nprint(1)'''"));
    CHECK_HAS (&of, "run: echo ${{ '${{' }} secrets.X }}\n");
    CHECK_HAS (&of, "        shell: python\n");
    imported_end (&of);
}

TEST (what_becomes_an_expression_only_with_its_values_stays_text)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n environment { A = '$'\n B = \"${A}{{ secrets.X }}\"\n C = \"${A}${A}${BUILD_NUMBER}\" }\n"
        "stages { stage('S') { steps { sh \"echo '${A}{{ secrets.X }}'\"\n echo \"\\${{ secrets.X }} ${B}\"\n junit '$\xE2\x80\xA8{{ secrets.X }}.xml' } } } }");
    CHECK_HAS (&of, "  B: ${{ '${{' }} secrets.X }}\n  C: '$$${{ github.run_number }}'\n");
    CHECK_HAS (&of, "run: echo '${{ '${{' }} secrets.X }}'\n");
    CHECK_HAS (&of, "run: 'echo \"\\${{ ''${{'' }} secrets.X }} ${B}\"'\n");
    CHECK_LACKS (&of, "::report");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (variables_of_steps_are_known_in_the_scripts_within_and_not_after)
{
    imported_t of = imported (
        import_jenkins,
        STEPS (
            "withEnv(['A=b']) { sh \"one '${A}'\" }\n"
            "withCredentials([string(credentialsId: 'k', variable: 'KEY')]) { sh \"two '${KEY}'\" }\n sh \"three ${KEY}\""));
    CHECK_HAS (&of, "        run: 'one ''''\"${A}\"'''''\n");
    CHECK_HAS (&of, "        run: 'two ''''\"${KEY}\"'''''\n");
    CHECK_HAS (&of, "this script holds code of Groovy; it is in the next step as it was\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (a_script_whose_status_is_returned_may_fail)
{
    imported_t of = imported (import_jenkins, STEPS ("sh script: 'make lint', returnStatus: true"));
    CHECK_HAS (&of, "        run: make lint\n        continue-on-error: true\n");
    imported_end (&of);
}

TEST (a_stage_of_which_nothing_was_translated_fails)
{
    imported_t of = imported (
        import_jenkins,
        "pipeline { agent any\n options { skipDefaultCheckout() }\n stages { stage('S') { steps { build 'other' } } } }");
    CHECK_HAS (&of, "        run: exit 1\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (what_is_no_declarative_pipeline_is_refused_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"node { sh 'x' }", "1: there is no \"pipeline { }\": only declarative pipelines can be translated"},
        {"pipeline {\n agent any\n}", "1: the pipeline has no stages"},
        {"pipeline {\n stages {", "2: this block does not end"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imported_t of = imported (import_jenkins, cases[i].text);
        CHECK_STR (of.error, cases[i].error);
        CHECK_STR (of.text, "");
        imported_end (&of);
    }
}
