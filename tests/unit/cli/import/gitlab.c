/* gitlab.c - tests of the translator of .gitlab-ci.yml. */

#include "tests/unit/cli/import/imported.h"

#include <string.h>

TEST (a_job_needs_all_jobs_of_the_stage_before)
{
    imported_t of = imported (
        import_gitlab,
        "stages: [build, test, deploy]\na: {stage: build, script: make}\nb: {stage: build, script: make}\nc: {stage: deploy, script: x}\nd: {stage: deploy, needs: [], script: x}\n");
    CHECK_HAS (&of, "  c:\n    needs:\n      - a\n      - b\n    runs-on: self-hosted\n");
    CHECK_HAS (&of, "  d:\n    runs-on: self-hosted\n");
    CHECK_INT (of.notes, 0);
    imported_end (&of);
}

TEST (needs_that_are_not_there_are_noted_unless_they_are_optional)
{
    imported_t of = imported (
        import_gitlab,
        "a: {script: x}\nb: {script: x, needs: [a, nope, {job: gone, optional: true}, {project: p, job: a}]}\n");
    CHECK_HAS (&of, "needs: \"nope\"");
    CHECK_LACKS (&of, "gone");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}

TEST (jobs_that_need_each_other_in_a_circle_do_not)
{
    imported_t of =
        imported (import_gitlab,
                  "a: {script: x, needs: [b]}\nb: {script: x, needs: [a]}\nc: {script: x, needs: [c]}\n");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}

TEST (what_a_job_extends_is_merged_deeply)
{
    imported_t of = imported (
        import_gitlab,
        ".one: {variables: {A: a, B: b}, tags: [x], script: one}\n.two: {extends: .one, variables: {B: c}, image: i}\n"
        "job: {extends: [.two], variables: {C: d}, script: [two, three]}\nlost: {extends: .gone, script: x}\n");
    CHECK_HAS (&of,
               "    runs-on:\n      - x\n    container: i\n    env:\n      A: a\n      B: c\n      C: d\n");
    CHECK_HAS (&of, "      - run: |\n          two\n          three\n");
    CHECK_HAS (&of, "extends: \".gone\" is not in this file");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (references_and_merge_keys_are_written_out)
{
    imported_t of = imported (
        import_gitlab,
        ".s: &s\n  before_script: [b1, b2]\n  variables: {V: one}\njob:\n  <<: *s\n  script: [!reference [.s, before_script], last]\n"
        "  variables: !reference [.s, variables]\nother:\n  script: !reference [.t, script]\n");
    CHECK_HAS (&of, "          b1\n          b2\n          b1\n          b2\n          last\n");
    CHECK_HAS (&of, "!reference [\".t\",\"script\"] is not in this file");
    CHECK_HAS (&of, "        run: exit 1\n");
    imported_end (&of);
}

TEST (extends_in_a_circle_ends)
{
    imported_t of = imported (
        import_gitlab,
        ".a: {extends: .b}\n.b: {extends: .a}\njob: {extends: .a, script: !reference [.c, script]}\n.c: {script: [!reference [.c, script]]}\n");
    CHECK (of.notes >= 1);
    imported_end (&of);
}

TEST (defaults_are_taken_unless_the_job_does_not_inherit_them)
{
    imported_t of = imported (
        import_gitlab,
        "default: {image: node, before_script: [setup]}\na: {script: x}\nb: {inherit: {default: false}, script: y}\nc: {inherit: {default: [image]}, script: z}\n");
    CHECK_HAS (&of, "  a:\n    runs-on: self-hosted\n    container: node\n");
    CHECK_HAS (&of, "          setup\n          x\n");
    CHECK_HAS (&of, "      - run: |\n          y\n");
    CHECK_HAS (&of, "  c:\n    runs-on: self-hosted\n    container: node\n");
    imported_end (&of);
}

TEST (rules_become_one_condition)
{
    static const struct {
        const char *rules, *want;
    } cases[] = {
        {"[{if: '$CI_COMMIT_TAG'}]", "if: ${{ github.ref_type == 'tag' }}"},
        {"[{if: '$CI_COMMIT_TAG', when: never}, {when: on_success}]",
         "if: ${{ !(github.ref_type == 'tag') }}"},
        {"[{if: '$CI_COMMIT_BRANCH == \"main\"'}]", "if: ${{ github.ref == 'refs/heads/main' }}"},
        {"[{if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'}]",
         "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"},
        {"[{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]",
         "if: ${{ github.event_name == 'pull_request' }}"},
        {"[{if: '$CI_COMMIT_REF_NAME =~ /^release\\/.*$/'}]",
         "startsWith((github.head_ref || github.ref_name), 'release/')"},
        {"[{if: '$CI_COMMIT_TITLE !~ /wip/i'}]", "!(contains((github.event.head_commit.message), 'wip'))"},
        {"[{if: '$DEPLOY == \"yes\" && ($X || $Y == null)'}]",
         "vars.DEPLOY == 'yes' && (vars.X != '' || vars.Y == '')"},
        {"[{if: '$CI_COMMIT_TAG', when: manual}]", "if: ${{ github.ref_type == 'tag' && inputs['job'] }}"},
        {"[{when: never}]", "if: ${{ false }}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (import_gitlab,
                                  arena_printf (arena, "job:\n  script: x\n  rules: %s\n", cases[i].rules));
        if (strchr (cases[i].want, '\'') &&
            strstr (of.text, "if: '")) // The writer chose quotes, which double those within
            CHECK_HAS (&of, "inputs[''job'']");
        else
            CHECK_HAS (&of, cases[i].want);
        CHECK_INT (of.notes, 0);
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (a_rule_that_is_not_understood_matches_nothing)
{
    static const char *const rules[] = {"[{changes: [a/*]}]",
                                        "[{exists: [b]}]",
                                        "[{if: '$X =~ /^a.c$/'}]",
                                        "[{if: '$X =~ $Y'}]",
                                        "[{if: '$CI_REGISTRY == \"x\"'}]",
                                        "[{if: 'x'}]"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of =
            imported (import_gitlab, arena_printf (arena, "job:\n  script: x\n  rules: %s\n", rules[i]));
        CHECK_HAS (&of, "    if: ${{ false }}\n");
        CHECK_HAS (&of, "this rule never matches");
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (the_rules_of_the_workflow_are_those_of_each_job)
{
    imported_t of = imported (
        import_gitlab,
        "workflow: {rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}, {if: '$CI_COMMIT_TAG'}]}\njob: {script: x}\n");
    CHECK_HAS (&of, "    if: ${{ github.event_name == 'pull_request' || github.ref_type == 'tag' }}\n");
    CHECK_HAS (&of, "  pull_request:\n");
    imported_end (&of);
}

TEST (only_and_except_become_a_condition)
{
    static const struct {
        const char *keys, *want;
    } cases[] = {{"only: [main, tags]", "if: ${{ github.ref_name == 'main' || github.ref_type == 'tag' }}"},
                 {"only: [/^v1/]", "if: ${{ startsWith(github.ref_name, 'v1') }}"},
                 {"except: [schedules]", "if: ${{ !(github.event_name == 'schedule') }}"},
                 {"only: {refs: [branches], variables: [$A]}",
                  "startsWith(github.ref, 'refs/heads/') && vars.A != ''"},
                 {"only: {changes: [x]}", "if: ${{ false }}"},
                 {"except: {changes: [x]}", "if: ${{ false }}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of =
            imported (import_gitlab, arena_printf (arena, "job:\n  script: x\n  %s\n", cases[i].keys));
        CHECK_HAS (&of, cases[i].want);
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (a_manual_job_has_an_input)
{
    imported_t of = imported (import_gitlab, "deploy prod: {script: x, when: manual}\n");
    CHECK_HAS (
        &of,
        "      deploy-prod:\n        description: 'Run \"deploy prod\"'\n        type: boolean\n        default: false\n");
    CHECK_HAS (&of, "inputs[''deploy-prod'']");
    CHECK_INT (of.notes, 0);
    imported_end (&of);
}

TEST (artifacts_come_back_to_where_they_were_in_the_jobs_after)
{
    imported_t of = imported (
        import_gitlab,
        "stages: [a, b]\none: {stage: a, script: x, artifacts: {paths: [out/], exclude: [out/tmp], expire_in: 2 weeks, when: always, reports: {junit: r.xml, dotenv: e}}}\n"
        "two: {stage: b, script: y}\nthree: {stage: b, dependencies: [], script: z}\n");
    CHECK_HAS (
        &of,
        "          name: files.one.0\n          path: |-\n            out/\n            !out/tmp\n            .workspace\n          retention-days: 14\n");
    CHECK_HAS (&of, "          pattern: files.one.*\n          merge-multiple: true\n");
    CHECK_HAS (&of, "          echo '::report file=r.xml::'\n");
    CHECK_INT (of.notes, 1);
    CHECK (!strstr (strstr (of.text, "  three:"), "download"));
    imported_end (&of);
}

TEST (caches_have_keys_that_each_run_renews)
{
    imported_t of = imported (
        import_gitlab,
        "cache: {key: $CI_COMMIT_REF_SLUG, paths: [a, b]}\none: {script: x}\ntwo: {script: x, cache: {key: {files: [l.lock]}, paths: [c], policy: pull}}\n");
    CHECK_HAS (
        &of,
        "          key: ${{ github.head_ref || github.ref_name }}-${{ github.run_id }}\n          restore-keys: ${{ github.head_ref || github.ref_name }}-\n");
    CHECK_HAS (
        &of,
        "      - uses: actions/cache/restore@v4\n        with:\n          path: c\n          key: ${{ hashFiles('l.lock') }}\n");
    imported_end (&of);
}

TEST (parallel_is_a_matrix)
{
    imported_t of = imported (
        import_gitlab,
        "a: {script: x, parallel: 2}\nb: {script: x, parallel: {matrix: [{P: [1, 2], Q: q}, {P: 3}]}}\nc: {script: x, parallel: 1000}\n");
    CHECK_HAS (
        &of,
        "        index:\n          - 1\n          - 2\n    env:\n      CI_NODE_INDEX: ${{ matrix.index }}\n      CI_NODE_TOTAL: '2'\n");
    CHECK_HAS (
        &of,
        "        include:\n          - P: '1'\n            Q: q\n          - P: '2'\n            Q: q\n          - P: '3'\n");
    CHECK_INT (of.notes, 1);
    imported_end (&of);
}

TEST (images_services_and_environments_have_their_variables)
{
    imported_t of = imported (
        import_gitlab,
        "variables: {V: '12'}\njob:\n  image: {name: 'node:$V', entrypoint: ['']}\n  services: [{name: 'postgres:$V', alias: db}, 'docker:dind']\n"
        "  environment: {name: review/$CI_COMMIT_REF_NAME, url: 'https://$HOST.x', on_stop: s}\n  timeout: 1h 30m\n  resource_group: g\n  script: x\n");
    CHECK_HAS (&of, "    container: 'node:12'\n");
    CHECK_HAS (&of, "      db:\n        image: 'postgres:12'\n");
    CHECK_HAS (
        &of,
        "      name: review/${{ github.head_ref || github.ref_name }}\n      url: 'https://${{ vars.HOST }}.x'\n");
    CHECK_HAS (&of, "    timeout-minutes: 90\n");
    CHECK_HAS (&of, "    concurrency:\n      group: g\n      queue: max\n");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}

TEST (variables_of_gitlab_that_scripts_name_are_set)
{
    imported_t of =
        imported (import_gitlab, "job:\n  script: [echo $CI_COMMIT_SHA $CI_COMMIT_SHORT_SHA $CI_REGISTRY]\n");
    CHECK_HAS (&of, "  CI_COMMIT_SHA: ${{ github.sha }}\n");
    CHECK_HAS (&of, "echo \"CI_COMMIT_SHORT_SHA=$(printf %.8s \"$GITHUB_SHA\")\" >> \"$GITHUB_ENV\"\n");
    CHECK_HAS (&of, "the variable CI_REGISTRY has no counterpart");
    imported_end (&of);
}

TEST (what_has_no_counterpart_is_noted_where_it_was)
{
    imported_t of = imported (
        import_gitlab,
        "include: [{local: a.yml}]\njob:\n  script: x\n  coverage: /a/\n  retry: 2\n  id_tokens: {T: {aud: x}}\nbridge:\n  trigger: {project: p}\n");
    CHECK_HAS (&of, "# NOT TRANSLATED (line 1): include: {\"local\":\"a.yml\"}\n");
    CHECK_HAS (&of, "    # NOT TRANSLATED (line 5): retry; the job runs once: 2\n");
    CHECK_HAS (&of, "    # NOT TRANSLATED (line 4): coverage: \"/a/\"\n");
    CHECK_HAS (&of, "trigger: {\"project\":\"p\"}");
    CHECK_INT (of.notes, 5);
    imported_end (&of);
}

TEST (what_is_no_pipeline_of_gitlab_is_refused_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"[a]", "1: a pipeline is a map of jobs"},
        {".hidden: {script: x}\n", "1: there is no job in this file"},
        {"a:\n  b: [\n",
         "3: invalid YAML: did not find expected node content while parsing a flow node that begins at line 3"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imported_t of = imported (import_gitlab, cases[i].text);
        CHECK_STR (of.error, cases[i].error);
        imported_end (&of);
    }
}
