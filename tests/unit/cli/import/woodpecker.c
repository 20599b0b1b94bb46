/* woodpecker.c - tests of the translator of Woodpecker's pipelines. */

#include "tests/unit/cli/import/imported.h"

#include <string.h>

TEST (steps_of_one_image_run_in_the_jobs_container)
{
    imported_t of = imported (
        import_woodpecker,
        "steps:\n  a: {image: golang, commands: [go build, 'echo $${X}']}\n  b: {image: golang, commands: go test}\n");
    CHECK_HAS (&of, "    container: golang\n");
    CHECK_HAS (&of, "        run: |\n          go build\n          echo ${X}\n");
    CHECK_INT (of.notes, 0);
    imported_end (&of);
}

TEST (steps_of_different_images_run_in_their_own)
{
    imported_t of = imported (
        import_woodpecker,
        "steps:\n  - {name: a, image: golang, commands: [go build]}\n  - {name: b, image: node, commands: [npm test], failure: ignore, detach: true}\n");
    CHECK_LACKS (&of, "container:");
    CHECK_HAS (
        &of,
        "        uses: 'docker://golang'\n        with:\n          entrypoint: '/bin/sh'\n          args: '-ec ''eval \"$STEP_SCRIPT\"'''\n        env:\n          STEP_SCRIPT: |\n            go build\n");
    CHECK_HAS (&of, "        background: true\n        continue-on-error: true\n");
    imported_end (&of);
}

TEST (a_plugin_gets_its_settings_as_variables)
{
    imported_t of = imported (
        import_woodpecker,
        "steps:\n  p: {image: plugins/x, settings: {repo: a/b, tags: [one, '${CI_COMMIT_TAG}'], dry-run: true, password: {from_secret: reg-pw}, deep: {a: 1}}}\n");
    CHECK_HAS (
        &of,
        "          PLUGIN_REPO: a/b\n          PLUGIN_TAGS: one,${{ github.ref_type == 'tag' && github.ref_name || '' }}\n          PLUGIN_DRY_RUN: 'true'\n"
        "          PLUGIN_PASSWORD: ${{ secrets.REG_PW }}\n          PLUGIN_DEEP: '{\"a\":1}'\n");
    CHECK_HAS (&of, "  CI_COMMIT_SHA: ${{ github.sha }}\n"); // A plugin may read any of them
    imported_end (&of);
}

TEST (secrets_and_variables_of_a_step_are_its_environment)
{
    imported_t of = imported (
        import_woodpecker,
        "steps:\n  a: {image: i, commands: x, environment: [A=b], secrets: [token, {source: s, target: t}]}\n  b: {image: i, commands: x, environment: {C: {from_secret: c}}}\n");
    CHECK_HAS (&of, "          A: b\n          TOKEN: ${{ secrets.TOKEN }}\n          T: ${{ secrets.S }}\n");
    CHECK_HAS (&of, "          C: ${{ secrets.C }}\n");
    imported_end (&of);
}

TEST (conditions_of_woodpecker_become_expressions)
{
    static const struct {
        const char *when, *want;
    } cases[] = {
        {"{event: pull_request}", "if: ${{ github.event_name == 'pull_request' }}"},
        {"{event: [tag, cron]}", "if: ${{ github.ref_type == 'tag' || github.event_name == 'schedule' }}"},
        {"[{event: tag}, {event: manual}]",
         "if: ${{ github.ref_type == 'tag' || github.event_name == 'workflow_dispatch' }}"},
        {"{branch: main}", "(github.base_ref || github.ref_name) == 'main'"},
        {"{branch: {include: [main, release/*], exclude: release/old}}",
         "!((github.base_ref || github.ref_name) == 'release/old')"},
        {"{ref: refs/tags/v*}", "startsWith(github.ref, 'refs/tags/v')"},
        {"{status: [success, failure]}", "if: ${{ success() || failure() }}"},
        {"[{event: tag}, {status: failure}]",
         "if: ${{ success() && github.ref_type == 'tag' || failure() }}"},
        {"[{status: failure}, {event: tag}]",
         "if: ${{ failure() || (success() && github.ref_type == 'tag') }}"},
        {"{matrix: {GO: '1.2'}}", "if: ${{ matrix.GO == '1.2' }}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (
            import_woodpecker,
            arena_printf (
                arena,
                "matrix: {GO: ['1.1', '1.2']}\nsteps:\n  a: {image: 'golang:${GO}', commands: x, when: %s}\n",
                cases[i].when));
        CHECK_HAS (&of, cases[i].want);
        CHECK_HAS (&of, "    container: 'golang:${{ matrix.GO }}'\n");
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (a_condition_that_is_not_understood_never_holds)
{
    static const char *const whens[] = {"{path: [a]}", "{evaluate: 'x == 1'}", "{branch: 'a[bc]'}",
                                        "{instance: x}", "{event: unknown}"};
    for (size_t i = 0; i < sizeof whens / sizeof whens[0]; i++) {
        arena_t *arena = arena_new ();
        imported_t of = imported (
            import_woodpecker,
            arena_printf (arena, "steps:\n  a: {image: i, commands: deploy, when: %s}\n", whens[i]));
        CHECK_HAS (&of, "        if: ${{ false }}\n");
        CHECK_INT (of.notes, 1);
        imported_end (&of);
        arena_destroy (&arena);
    }
}

TEST (steps_come_after_those_that_they_depend_on)
{
    imported_t of = imported (
        import_woodpecker,
        "steps:\n  z: {image: i, commands: last, depends_on: [a, b]}\n  a: {image: i, commands: first}\n  b: {image: i, commands: second, depends_on: a}\n  c: {image: i, commands: third, depends_on: [d]}\n  d: {image: i, commands: fourth, depends_on: [c]}\n");
    CHECK (strstr (of.text, "first") < strstr (of.text, "second"));
    CHECK (strstr (of.text, "second") < strstr (of.text, "last"));
    CHECK_HAS (&of, "third"); // In a circle, they come as they are in the file
    CHECK_HAS (&of, "fourth");
    imported_end (&of);
}

TEST (the_matrix_may_be_a_list_of_rows)
{
    imported_t of = imported (
        import_woodpecker,
        "matrix: {include: [{A: '1', B: x}, {A: '2', B: y}]}\nsteps: [{name: s, image: 'i:${A}', commands: [x]}]\n");
    CHECK_HAS (&of, "        include:\n          - A: '1'\n            B: x\n");
    CHECK_HAS (&of, "    env:\n      A: ${{ matrix.A }}\n      B: ${{ matrix.B }}\n");
    imported_end (&of);
}

TEST (the_clone_the_labels_and_the_services_are_the_jobs)
{
    imported_t of = imported (
        import_woodpecker,
        "labels: {platform: linux/arm64, host: x}\nclone: {git: {image: g, settings: {depth: 5, lfs: false}}}\n"
        "services: [{name: db, image: postgres, environment: {P: {from_secret: pw}}, ports: [5432], privileged: true}]\nsteps: {s: {image: i, commands: x}}\n");
    CHECK_HAS (&of, "    runs-on:\n      - linux\n      - arm64\n");
    CHECK_HAS (&of, "          fetch-depth: '5'\n          lfs: 'false'\n");
    CHECK_HAS (
        &of,
        "      db:\n        image: postgres\n        env:\n          P: ${{ secrets.PW }}\n        ports:\n          - '5432'\n");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}

TEST (a_list_that_is_merged_into_a_list_gives_its_items)
{
    imported_t of = imported (
        import_woodpecker,
        "variables:\n  - &cmds [one, two]\nsteps:\n  s:\n    image: i\n    commands:\n      - <<: *cmds\n      - three\n");
    CHECK_HAS (&of, "          one\n          two\n          three\n");
    imported_end (&of);
}

TEST (what_has_no_steps_is_refused)
{
    imported_t of = imported (import_woodpecker, "steps: []\n");
    CHECK_STR (of.error, "1: there are no steps in this file");
    imported_end (&of);
}
