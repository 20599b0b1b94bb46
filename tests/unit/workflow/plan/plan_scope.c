/* plan_scope.c - trees to values: lists in lists, and `${{ insert }}`, as GitHub takes them apart. */

#include "tests/unit/workflow/loaded.h"
#include "workflow/plan/load.h"

#include <string.h>

#define OUTPUTS                                                                                             \
    "{\"n\": {\"result\": \"success\", \"outputs\": {\"list\": \"[1, [2], \\\"x\\\"]\", \"none\": \"[]\", " \
    "\"map\": \"{\\\"a\\\": [1], \\\"b\\\": [2, 3]}\", \"text\": \"x\"}}}"

// What the job's key, as its text says, comes to: labels, matrices, the `with` of a call; or the findings.
static const char *planned (arena_t *arena, const char *keys)
{
    const char *text = arena_printf (
        arena, "on: push\njobs:\n  j:\n    needs: n\n%s\n  n: {runs-on: x, steps: [{run: x}]}\n", keys);
    const workflow_t *workflow = NULL;
    findings_t findings;
    plan_expansion_t plan;
    plan_context_t context = {.jobs = json (arena, OUTPUTS)};
    findings_init (&findings, arena, "test.yml");
    if (workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow) != OK ||
        plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan) != OK)
        return findings_text (arena, &findings);
    const char *out = "";
    for (size_t i = 0; i < plan.cell_count; i++) {
        const plan_cell_t *cell = &plan.cells[i];
        out = arena_printf (arena, "%s%s%s", out, i ? "\n" : "", value_to_json (arena, cell->matrix, 0));
        for (size_t j = 0; j < cell->label_count; j++)
            out = arena_printf (arena, "%s %s", out, cell->labels[j]);
        if (cell->with)
            out = arena_printf (arena, "%s %s", out, value_to_json (arena, cell->with, 0));
    }
    return out;
}

#define N(name)      "${{ fromJSON(needs.n.outputs." name ") }}"
#define MATRIX(text) "    runs-on: x\n    strategy: {matrix: " text "}\n    steps: [{run: x}]"
#define LABELS(text) "    runs-on: " text "\n    steps: [{run: x}]"
#define CALL(text)   "    uses: ./.github/workflows/x.yml\n    with: " text

static const row_t lists[] = {
    {MATRIX ("{v: [0, '" N ("list") "', 9]}"),
     "{\"v\":0} x\n{\"v\":1} x\n{\"v\":[2]} x\n{\"v\":\"x\"} x\n{\"v\":9} x"},
    {MATRIX ("{v: [0, '" N ("none") "']}"), "{\"v\":0} x"},
    {MATRIX ("{v: ['a" N ("list") "']}"), "{\"v\":\"aArray\"} x"},
    {MATRIX ("{include: ['" N ("map") "', {c: 1}]}"), "{\"a\":[1],\"b\":[2,3]} x\n{\"c\":1} x"},
    {LABELS ("[a, '${{ fromJSON(''[\"b\", \"c\"]'') }}', d]"), "null a b c d"},
    {LABELS ("{group: g, labels: ['${{ fromJSON(''[\"b\", \"c\"]'') }}', d]}"), "null b c d"},
};

TEST (an_item_that_is_an_expression_and_gives_a_list_is_that_lists_items)
{
    CHECK_ROWS (planned, lists);
}

static const row_t inserts[] = {
    {MATRIX ("{'${{ insert }}': {v: [1], w: [2]}, u: [3]}"), "{\"v\":1,\"w\":2,\"u\":3} x"},
    {MATRIX ("{'${{insert}}': '" N ("map") "', u: [3]}"),
     "{\"a\":1,\"b\":2,\"u\":3} x\n{\"a\":1,\"b\":3,\"u\":3} x"},
    {MATRIX ("{v: [{'${{ insert }}': '" N ("map") "', c: 1}]}"), "{\"v\":{\"a\":[1],\"b\":[2,3],\"c\":1}} x"},
    {MATRIX ("{'${{ insert }}': '${{ needs.n.outputs.text }}'}"),
     "6:42 \"${{ insert }}\" takes a map, and this gives none"},
    {MATRIX ("{'${{ insert }}': [a]}"), "6:42 \"${{ insert }}\" takes a map, not a list"},
    {MATRIX ("{'${{ insert }}': {v: [1]}, V: [2]}"),
     "6:52 duplicate key \"V\"; it is already defined at line 6"},
    {CALL ("{'${{ insert }}': {a: 1}, c: 1}"), "6:13 no expression is allowed in \"inputs\""},
    {LABELS ("{'${{ insert }}': {labels: [l]}}"), "null l"},
    {LABELS ("{'${{ insert }}': '" N ("map") "'}"),
     "5:15 \"${{ insert }}\" takes an expression only where keys are free, not in runs-on"},
    {"    runs-on: x\n    steps: [{'${{ insert }}': {run: x}}]",
     "6:13 a step needs \"run\", \"uses\", \"wait\", \"wait-all\", \"cancel\" or \"parallel\""},
};

TEST (insert_as_a_key_takes_a_map_apart)
{
    CHECK_ROWS (planned, inserts);
}
