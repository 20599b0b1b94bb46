/* actions.c - composite and JavaScript actions of the workspace. Node is played by bash, which hands on
 * variables of any name: what the engine promises an action is the same. */

#include "tests/unit/agent/engine/actions/action_world.h"
#include "tests/unit/agent/engine/job_world.h"

#include <sys/stat.h>
#include <unistd.h>

static void put_action (const world_t *world, const char *name, const char *text)
{
    folder_put (world->root, arena_printf (world->arena, "workspace/%s/action.yml", name), text);
}

static void put_node (const world_t *world)
{
    folder_put (world->root, "node/bin/node", "#!/bin/bash\nexec bash \"$@\"\n");
    CHECK_INT (chmod (arena_printf (world->arena, "%s/node/bin/node", world->root), 0755), 0);
}

TEST (a_composite_action_has_inputs_steps_and_outputs_of_its_own)
{
    world_t world;
    world_begin (&world);
    put_action (
        &world, "a",
        "name: a\ninputs:\n  who: {default: '${{ github.job }}'}\n  other: {}\noutputs:\n"
        "  said: {value: '${{ steps.s.outputs.x }}-${{ inputs.who }}'}\nruns:\n  using: composite\n  steps:\n"
        "  - id: s\n    shell: bash\n    run: |\n      echo x=1 >> $GITHUB_OUTPUT\n      echo LEAK=env >> $GITHUB_ENV\n"
        "      echo \"[${{ inputs.who }}][${{ inputs.other }}][${{ steps.outer.outputs.o }}][$INPUT_WHO][$OWN]\"\n"
        "      test $GITHUB_ACTION_PATH = ${{ github.action_path }} && echo in ${GITHUB_ACTION_PATH##*/}\n"
        "      test $GITHUB_ACTION_PATH = $HERE && echo ${GITHUB_ACTION_REF-none}${GITHUB_ACTION_REPOSITORY-none}.\n"
        "    env: {HERE: '${{ github.action_path }}'}\n");
    run (
        &world,
        "\"steps\":[{\"id\":\"outer\",\"run\":\"echo o=1 >> $GITHUB_OUTPUT\"},"
        "{\"id\":\"a\",\"uses\":\"./a\",\"env\":{\"OWN\":\"w\"}},"
        "{\"run\":\"echo \\\"[${{ steps.a.outputs.said }}][${{ steps.s.outputs.x }}][$LEAK][$GITHUB_ACTION_PATH]\\\"\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n[k][][][][w]\nin a\n.\n"));
    CHECK (logged (&world, "\n[1-k][][env][]\n"));
    CHECK_INT (world.step_count, 4);
    world_end (&world);
}

TEST (a_failed_step_of_an_action_ends_it_but_for_what_asks_for_failure_and_its_outputs)
{
    world_t world;
    world_begin (&world);
    put_action (&world, "a",
                "outputs:\n  o: {value: '${{ steps.last.outputs.o }}'}\nruns:\n  using: composite\n  steps:\n"
                "  - {shell: sh, run: exit 3}\n  - {shell: sh, run: echo never}\n"
                "  - {id: last, if: failure(), shell: sh, run: 'echo seen; echo o=1 >> $GITHUB_OUTPUT'}\n");
    run (&world,
         "\"steps\":[{\"id\":\"a\",\"uses\":\"./a\",\"continue-on-error\":true},"
         "{\"run\":\"echo ${{ steps.a.outcome }} ${{ steps.a.conclusion }} ${{ steps.a.outputs.o }}\"}]");
    CHECK (logged (&world, "\nseen\n") && !logged (&world, "\nnever\n"));
    CHECK (logged (&world, "\nfailure success 1\n"));
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (the_status_within_an_action_is_its_own)
{
    world_t world;
    world_begin (&world);
    put_action (&world, "a",
                "runs:\n  using: composite\n  steps:\n  - {shell: sh, run: echo inner}\n"
                "  - {if: failure(), shell: sh, run: echo never}\n");
    run (&world, "\"steps\":[{\"run\":\"false\"},{\"if\":\"always()\",\"uses\":\"./a\"}]");
    CHECK (logged (&world, "\ninner\n") && !logged (&world, "\nnever\n"));
    world_end (&world);
}

TEST (actions_use_one_another_nine_deep_and_no_deeper)
{
    world_t world;
    world_begin (&world);
    for (int i = 1; i <= 10; i++)
        put_action (&world, arena_printf (world.arena, "a%d", i),
                    arena_printf (world.arena, "runs:\n  using: composite\n  steps:\n  - %s\n",
                                  i == 10 ? "{shell: sh, run: echo deep}"
                                          : arena_printf (world.arena, "uses: ./a%d", i + 1)));
    run (&world, "\"steps\":[{\"uses\":\"./a2\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\ndeep\n"));
    run (&world, "\"steps\":[{\"uses\":\"./a1\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK (logged (&world, "actions use one another more than 9 deep"));
    world_end (&world);
}

TEST (a_javascript_action_gets_its_inputs_and_keeps_state_for_its_post)
{
    world_t world;
    world_begin (&world);
    put_node (&world);
    put_action (
        &world, "js",
        "inputs:\n  node version: {default: '${{ runner.os }}'}\n  empty: {}\n  old: {deprecationMessage: use new}\nruns: {using: node20, main: main.js, post: post.js}\n");
    folder_put (
        world.root, "workspace/js/main.js",
        "env | grep '^INPUT_' | LC_ALL=C sort; echo kept=7 >> $GITHUB_STATE; echo \"[$STATE_kept]\"; echo in $PWD; "
        "echo \"of <${GITHUB_ACTION_REPOSITORY-none}>\"; echo out=1 >> $GITHUB_OUTPUT\n");
    folder_put (world.root, "workspace/js/post.js", "echo \"post [$STATE_kept]\"; env | grep '^INPUT_a'\n");
    run (
        &world,
        "\"steps\":[{\"id\":\"j\",\"uses\":\"./js\",\"with\":{\"a-b\":\"1\",\"Old\":\"2\"}},{\"run\":\"\\n  \\techo ${{ steps.j.outputs.out }} next\"}]");
    CHECK (logged (&world, "\nINPUT_A-B=1\nINPUT_EMPTY=\nINPUT_NODE_VERSION=Linux\nINPUT_OLD=2\n[]\nin "));
    CHECK (logged (&world, "\nof <>\n"));
    CHECK (logged (&world, "##[warning]./js does not know the input `a-b`"));
    CHECK (logged (&world, "##[warning]The input `Old` is deprecated: use new\n"));
    CHECK (logged (&world, "##[group]Run echo 1 next\n"));
    CHECK (logged (&world, "\npost [7]\n") && logged (&world, "\n1 next\n"));
    CHECK_STR (world.steps[3].name, "Post Run ./js");
    CHECK_STR (world.steps[4].name, "Complete job");
    world_end (&world);
}

TEST (the_pre_of_a_local_action_does_not_run_which_is_said)
{
    world_t world;
    world_begin (&world);
    put_node (&world);
    put_action (&world, "early", "runs: {using: node20, pre: pre.js, main: main.js}\n");
    folder_put (world.root, "workspace/early/pre.js", "echo too early\n");
    folder_put (world.root, "workspace/early/main.js", "echo in time\n");
    run (&world, "\"steps\":[{\"uses\":\"./early\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "##[warning]./early has a `pre`, which does not run"));
    CHECK (logged (&world, "\nin time\n") && !logged (&world, "too early"));
    world_end (&world);
}

TEST (posts_run_the_last_first_and_also_after_a_failure)
{
    world_t world;
    world_begin (&world);
    put_node (&world);
    static const char *const names[] = {"one", "two", "skipped"};
    for (size_t i = 0; i < 3; i++) {
        put_action (&world, names[i], "runs: {using: node20, main: main.js, post: post.js}\n");
        folder_put (world.root, arena_printf (world.arena, "workspace/%s/main.js", names[i]),
                    i == 1 ? "exit 1\n" : "exit 0\n");
        folder_put (world.root, arena_printf (world.arena, "workspace/%s/post.js", names[i]),
                    arena_printf (world.arena, "echo after %s\n", names[i]));
    }
    put_action (&world, "both",
                "runs:\n  using: composite\n  steps: [{uses: ./one}, {uses: ./two}, {uses: ./skipped}]\n");
    run (&world, "\"steps\":[{\"uses\":\"./one\"},{\"uses\":\"./both\"},{\"uses\":\"./skipped\"}]");
    CHECK_INT (world.result.result, result_failure);
    const char *log = buffer_text (world.log), *two = strstr (log, "\nafter two\n");
    const char *one = two ? strstr (two, "\nafter one\n") : NULL;
    CHECK (one && strstr (one + 1, "\nafter one\n") && !logged (&world, "after skipped"));
    CHECK_STR (world.steps[4].name, "Post Run ./both");
    CHECK_STR (world.steps[5].name, "Post Run ./one");
    world_end (&world);
}

TEST (a_post_runs_where_its_post_if_holds)
{
    world_t world;
    world_begin (&world);
    put_node (&world);
    put_action (&world, "good", "runs: {using: node20, main: main.js, post: post.js, post-if: success()}\n");
    put_action (&world, "env",
                "runs: {using: node20, main: main.js, post: post.js, post-if: \"env.KEEP == 'yes'\"}\n");
    put_action (&world, "asked",
                "inputs: {clean: {default: 'no'}}\n"
                "runs: {using: node20, main: main.js, post: post.js, post-if: \"inputs.clean == 'yes'\"}\n");
    static const char *const names[] = {"good", "env", "asked"};
    for (size_t i = 0; i < 3; i++) {
        folder_put (world.root, arena_printf (world.arena, "workspace/%s/main.js", names[i]), "exit 0\n");
        folder_put (world.root, arena_printf (world.arena, "workspace/%s/post.js", names[i]),
                    arena_printf (world.arena, "echo after %s\n", names[i]));
    }
    run (&world, "\"steps\":[{\"uses\":\"./good\"},{\"uses\":\"./env\",\"env\":{\"KEEP\":\"yes\"}},"
                 "{\"uses\":\"./asked\"},{\"run\":\"false\"}]");
    CHECK (logged (&world, "\nafter env\n") && !logged (&world, "after good") &&
           !logged (&world, "after asked"));
    run (&world, "\"steps\":[{\"uses\":\"./asked\",\"with\":{\"clean\":\"yes\"}}]");
    CHECK (logged (&world, "\nafter asked\n"));
    world_end (&world);
}

TEST (a_cancel_within_an_action_ends_its_step_and_runs_what_is_always_run)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    put_action (
        &world, "a",
        "runs:\n  using: composite\n  steps:\n"
        "  - {shell: bash, run: \"trap 'echo interrupted; exit 1' INT; echo; echo ready; for i in 1 2 3 4 5 6 7 8 9; do sleep 1; done\"}\n"
        "  - {shell: sh, run: echo never}\n  - {if: always(), shell: sh, run: echo cleaned}\n");
    run (&world, "\"steps\":[{\"uses\":\"./a\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    CHECK (logged (&world, "interrupted\n") && logged (&world, "\ncleaned\n") &&
           !logged (&world, "\nnever\n"));
    world_end (&world);
}

TEST (an_action_that_cannot_run_says_what_is_missing)
{
    world_t world;
    world_begin (&world);
    put_action (&world, "docker", "runs: {using: docker, image: 'docker://alpine'}\n");
    run (&world, "\"steps\":[{\"uses\":\"./docker\",\"continue-on-error\":true},{\"uses\":\"./absent\"}]");
    CHECK (logged (
        &world,
        "this job needs a container engine (Docker or Podman): none is set up for this agent (docker_host)"));
    CHECK_INT (world.result.result, result_failure);
    CHECK (logged (&world, "./absent"));
    world_end (&world);
}

TEST (an_action_of_another_repository_is_fetched_and_its_pre_runs_before_all_steps)
{
    world_t world;
    action_world_t forge;
    world_begin (&world);
    action_world_begin (&forge);
    put_node (&world);
    action_world_sh (
        &forge,
        "git init -q -b main actions/own/act; cd actions/own/act; "
        "printf 'runs: {using: node20, pre: pre.js, main: main.js, post: post.js}\\n' > action.yml; "
        "echo 'echo kept=1 >> $GITHUB_STATE; echo before' > pre.js; "
        "echo 'echo \"main [$STATE_kept][$GITHUB_ACTION_REPOSITORY][$GITHUB_ACTION_REF]\"' > main.js; "
        "echo 'echo after' > post.js; git add -A; git commit -qm one; git tag v1");
    CHECK_INT (
        symlink (action_world_path (&forge, "actions"), arena_printf (world.arena, "%s/forge", world.root)),
        0);
    run (&world, "\"steps\":[{\"run\":\"echo first step\"},{\"uses\":\"own/act@v1\"}]");
    CHECK_INT (world.result.result, result_success);
    const char *before = strstr (buffer_text (world.log), "\nbefore\n");
    const char *first = before ? strstr (before, "\nfirst step\n") : NULL;
    const char *main_ = first ? strstr (first, "\nmain [1][own/act][v1]\n") : NULL;
    CHECK (main_ && strstr (main_, "\nafter\n"));
    CHECK_STR (world.steps[1].name, "Pre Run own/act@v1");
    CHECK_STR (world.steps[2].name, "Run echo first step");
    CHECK_STR (world.steps[4].name, "Post Run own/act@v1");
    run (&world, "\"steps\":[{\"run\":\"echo never begun\"},{\"uses\":\"own/absent@v1\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_INT (world.steps[0].conclusion, result_failure);
    CHECK (strstr (world.result.reason, "own/absent@v1") && !logged (&world, "\nnever begun\n"));
    action_world_end (&forge);
    world_end (&world);
}

TEST (only_an_action_that_uses_the_artifact_service_gets_the_toolkits_server)
{
    world_t world;
    world_begin (&world);
    put_node (&world);
    static const char *const names[] = {"speaks", "silent"};
    for (size_t i = 0; i < 2; i++) {
        put_action (&world, names[i], "runs: {using: node20, main: main.js}\n");
        buffer_t *text = buffer_new (1 << 20);
        buffer_puts (
            text, "echo \"[$GITHUB_SERVER_URL][$ACTIONS_RESULTS_URL]\"; echo token $ACTIONS_RUNTIME_TOKEN; "
                  "echo url=$GITHUB_SERVER_URL/x >> $GITHUB_OUTPUT\n# ");
        while (buffer_size (text) < (256 << 10) - 10) // So that the mark is cut in two where the file is read
            buffer_putc (text, ' ');
        buffer_printf (text, "%s\n", i ? "" : "results.api.v1.ArtifactService");
        folder_put (world.root, arena_printf (world.arena, "workspace/%s/main.js", names[i]),
                    buffer_text (text));
        buffer_destroy (&text);
    }
    static const engine_variable_t services[] = {
        {"ACTIONS_RESULTS_URL", "http://origin/"}, {"ACTIONS_RUNTIME_TOKEN", "very-secret"}, {NULL, NULL}};
    world.services = services;
    run (&world, "\"steps\":[{\"uses\":\"./speaks\",\"id\":\"s\"},{\"uses\":\"./silent\"},"
                 "{\"run\":\"echo \\\"${{ steps.s.outputs.url }} [$ACTIONS_RESULTS_URL]\\\"\"}]");
    CHECK (logged (&world, "\n[http://opencicd.ghe.localhost][http://origin/]\ntoken ***\n"));
    CHECK (logged (&world, "\n[http://server][http://origin/]\n"));
    CHECK (logged (&world, "\nhttp://server/x []\n"));
    world_end (&world);
}
