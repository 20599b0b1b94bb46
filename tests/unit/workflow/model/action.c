/* action.c - metadata files of actions: a table of what is read and what is refused, each with its place. */

#include "workflow/model/action.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

static const char *loaded (arena_t *arena, const char *text)
{
    findings_t findings;
    const action_t *action = NULL;
    findings_init (&findings, arena, "action.yml");
    fault_t fault = action_load (arena, "action.yml", text, strlen (text), &findings, &action);
    CHECK ((fault == OK) == (findings.errors == 0));
    if (fault != OK)
        return findings_text (arena, &findings);
    static const char *const kinds[] = {"node", "docker", "composite"};
    return arena_printf (arena, "%s %s, %zu inputs, %zu outputs, %zu steps", kinds[action->kind],
                         action->using.text, action->input_count, action->output_count, action->step_count);
}

#define COMPOSITE "runs:\n  using: composite\n  steps:\n"

static const row_t rows[] = {
    {"name: a\ndescription: b\nauthor: c\nbranding: {icon: x, color: y}\ninputs:\n  token: {required: true, default: '${{ github.token "
     "}}'}\n  path:\n    type: string\nruns: {using: node20, main: dist/index.js, pre: p.js, post: q.js, post-if: success()}\n",
     "node node20, 2 inputs, 0 outputs, 0 steps"},
    {"runs: {using: docker, image: Dockerfile, args: ['${{ inputs.a }}', b], env: {A: '${{ inputs.b }}'}}",
     "docker docker, 0 inputs, 0 outputs, 0 steps"},
    {"outputs: {o: {value: '${{ steps.s.outputs.x }}'}}\n" COMPOSITE
     "    - {id: s, run: x, shell: bash, if: \"inputs.a == 'b'\"}\n    - uses: "
     "a/b@c\n",
     "composite composite, 0 inputs, 1 outputs, 2 steps"},
    {"", "1:1 the file is empty; an action is a map"},
    {"name: a", "1:1 an action needs \"runs\": how it runs"},
    {"runs: {using: node20}", "1:7 \"runs\" needs \"main\", \"image\" or \"steps\""},
    {"runs: {main: a.js}", "1:7 \"runs\" with \"main\" needs \"using\": what runs it"},
    {"runs: {using: node18, main: a.js}",
     "1:15 \"using\" cannot be \"node18\"; it must be one of: node12, node16, node20, node24"},
    {"runs: {using: docker, main: a.js}",
     "1:15 \"using\" cannot be \"docker\"; it must be one of: node12, node16, node20, node24"},
    {"runs: {using: node20, main: a.js, image: b}",
     "1:35 \"runs\" has either \"main\" or \"image\", not both"},
    {"runs: {using: node20, main: a.js, posts: b}", "1:35 unknown key \"posts\"; did you mean \"post\"?"},
    {COMPOSITE "    - run: x\n", "4:7 a step with \"run\" needs \"shell\": in an action there is no default"},
    {COMPOSITE "    - {run: x, shell: bash, timeout-minutes: 5}\n",
     "4:29 unknown key \"timeout-minutes\" in a step with \"run\"; it can have: run, shell, working-directory, name, id, if, "
     "continue-on-error, env"},
    {COMPOSITE "    - {run: 'echo ${{ secrets.A }}', shell: bash}\n",
     "4:23 context \"secrets\" is not available here; there are: github, env, job, steps, runner, strategy, matrix, inputs"},
    {COMPOSITE "    - {run: x, shell: bash, background: true}\n",
     "4:29 unknown key \"background\" in a step with \"run\"; it can have: run, shell, working-directory, name, id, if, "
     "continue-on-error, env"},
    {"inputs: {a: {default: '${{ inputs.b }}'}}\nruns: {using: node20, main: a.js}",
     "1:28 context \"inputs\" is not available here; there are: github, job, runner, strategy, matrix"},
};

TEST (an_actions_metadata_is_read_or_refused_with_its_location)
{
    CHECK_ROWS (loaded, rows);
}
