/* matrix.c - matrices and the cells they become; most rows are the examples of GitHub's documentation. */

#include "tests/unit/workflow/loaded.h"
#include "workflow/plan/load.h"

#include <string.h>

// The cells of a job with this matrix: "NAME VALUE" lines, or the findings.
static const char *cells (arena_t *arena, const char *matrix)
{
    const char *text =
        arena_printf (arena,
                      "on: push\njobs:\n  j:\n    runs-on: x\n    needs: n\n    strategy:\n      matrix: %s\n"
                      "    steps: [{run: x}]\n  n: {runs-on: x, steps: [{run: x}]}\n",
                      matrix);
    const workflow_t *workflow = NULL;
    findings_t findings;
    plan_expansion_t plan;
    findings_init (&findings, arena, "test.yml");
    plan_context_t context = {
        .jobs = json (arena, "{\"n\": {\"result\": \"success\", \"outputs\": {\"one\": \"[1]\", \"map\": "
                             "\"{\\\"a\\\": [1, 2]}\", \"none\": \"[]\", \"text\": \"x\"}}}")};
    if (workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow) != OK ||
        plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan) != OK)
        return findings_text (arena, &findings);
    const char *out = "";
    for (size_t i = 0; i < plan.cell_count; i++)
        out = arena_printf (arena, "%s%s%s %s", out, i ? "\n" : "", plan.cells[i].name,
                            value_to_json (arena, plan.cells[i].matrix, 0));
    return out;
}

static const row_t rules[] = {
    {"{v: [10, 12]}", "j (10) {\"v\":10}\nj (12) {\"v\":12}"},
    {"{os: [a, b], v: [1, 2]}",
     "j (a, 1) {\"os\":\"a\",\"v\":1}\nj (a, 2) {\"os\":\"a\",\"v\":2}\nj (b, 1) {\"os\":\"b\",\"v\":1}\nj (b, 2) "
     "{\"os\":\"b\",\"v\":2}"},
    // Objects: their leaves make the name
    {"{n: [{v: 14}, {v: 20, e: x}]}", "j (14) {\"n\":{\"v\":14}}\nj (20, x) {\"n\":{\"v\":20,\"e\":\"x\"}}"},
    // exclude: partial, by leaves, loosely equal
    {"{os: [a, b], v: [1, 2], exclude: [{os: a}]}",
     "j (b, 1) {\"os\":\"b\",\"v\":1}\nj (b, 2) {\"os\":\"b\",\"v\":2}"},
    {"{os: [a, b], v: [1, 2], exclude: [{os: A, v: '1'}]}",
     "j (a, 2) {\"os\":\"a\",\"v\":2}\nj (b, 1) {\"os\":\"b\",\"v\":1}\nj (b, 2) {\"os\":\"b\",\"v\":2}"},
    {"{n: [{v: 1, w: 1}, {v: 2, w: 1}], exclude: [{n: {v: 1}}]}", "j (2, 1) {\"n\":{\"v\":2,\"w\":1}}"},
    // A list item by item, from its beginning
    {"{a: [[1, 2], [1, 3], [3]], exclude: [{a: [1, 2]}]}", "j (1, 3) {\"a\":[1,3]}\nj (3) {\"a\":[3]}"},
    {"{a: [[1, 2], [1, 3], [3]], exclude: [{a: [1]}]}", "j (3) {\"a\":[3]}"},
    // include: adds where the product's keys agree, else is a cell of its own
    {"{os: [w, u], node: [14, 16], include: [{os: w, node: 16, npm: 6}]}",
     "j (w, 14) {\"os\":\"w\",\"node\":14}\nj (w, 16) {\"os\":\"w\",\"node\":16,\"npm\":6}\nj (u, 14) "
     "{\"os\":\"u\",\"node\":14}\nj (u, 16) {\"os\":\"u\",\"node\":16}"},
    {"{os: [m, w], v: [12], include: [{os: w, v: 17}]}",
     "j (m, 12) {\"os\":\"m\",\"v\":12}\nj (w, 12) {\"os\":\"w\",\"v\":12}\nj (w, 17) {\"os\":\"w\",\"v\":17}"},
    {"{include: [{site: production, dc: a}, {site: staging, dc: b}]}",
     "j (production, a) {\"site\":\"production\",\"dc\":\"a\"}\nj (staging, b) {\"site\":\"staging\",\"dc\":\"b\"}"},
    // GitHub's own example: fruit and animals
    {"{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat}, {fruit: apple, shape: "
     "circle}, {fruit: banana}, {fruit: banana, animal: cat}]}",
     "j (apple, cat) {\"fruit\":\"apple\",\"animal\":\"cat\",\"color\":\"pink\",\"shape\":\"circle\"}\n"
     "j (apple, dog) {\"fruit\":\"apple\",\"animal\":\"dog\",\"color\":\"green\",\"shape\":\"circle\"}\n"
     "j (pear, cat) {\"fruit\":\"pear\",\"animal\":\"cat\",\"color\":\"pink\"}\n"
     "j (pear, dog) {\"fruit\":\"pear\",\"animal\":\"dog\",\"color\":\"green\"}\n"
     "j (banana) {\"fruit\":\"banana\"}\n"
     "j (banana, cat) {\"fruit\":\"banana\",\"animal\":\"cat\"}"},
    {"{a: [1], exclude: [{a: 1}], include: [{a: 1, b: 2}]}", "j (1, 2) {\"a\":1,\"b\":2}"},
    {"{a: [1], exclude: [{a: 1}]}", "j null"},
    // Values of the product are never overwritten; what an include added is, by a later one
    {"{a: [1], include: [{b: 2}, {b: 3}]}", "j (1) {\"a\":1,\"b\":3}"},
    {"{a: [1, 2], include: [{a: 1, b: x}, {a: 3, b: y}]}",
     "j (1) {\"a\":1,\"b\":\"x\"}\nj (2) {\"a\":2}\nj (3, y) {\"a\":3,\"b\":\"y\"}"},
    // A cell that an include made is not extended by later ones
    {"{a: [1], include: [{a: 2}, {a: 2, b: x}]}",
     "j (1) {\"a\":1}\nj (2) {\"a\":2}\nj (2, x) {\"a\":2,\"b\":\"x\"}"},
    {"{a: [1, 2], exclude: [{a: 2}], include: [{a: 2}]}", "j (1) {\"a\":1}\nj (2) {\"a\":2}"},
    {"{n: [{v: 1, w: 1}], include: [{n: {v: 1}, x: y}]}", "j (1, 1) {\"n\":{\"v\":1,\"w\":1},\"x\":\"y\"}"},
    {"{a: [[1, 2], [3]]}", "j (1, 2) {\"a\":[1,2]}\nj (3) {\"a\":[3]}"},
    {"{a: [1], exclude: [{b: 1}]}", "7:33 \"exclude\" names \"b\", which is not a list of this matrix"},
    {"{a: [x], include: \"${{ fromJSON('[{\\\"a\\\": \\\"x\\\", \\\"b\\\": 1}]') }}\"}",
     "j (x) {\"a\":\"x\",\"b\":1}"},
    {"{a: [x, y], exclude: \"${{ fromJSON('[{\\\"a\\\": \\\"x\\\"}]') }}\"}", "j (y) {\"a\":\"y\"}"},
    {"{a: [true, null, 1.50, '']}",
     "j (true) {\"a\":true}\nj {\"a\":null}\nj (1.5) {\"a\":1.5}\nj {\"a\":\"\"}"},
    // Expressions
    {"{a: \"${{ fromJSON(needs.n.outputs.one) }}\", b: [x]}", "j (1, x) {\"a\":1,\"b\":\"x\"}"},
    {"${{ fromJSON(needs.n.outputs.map) }}", "j (1) {\"a\":1}\nj (2) {\"a\":2}"},
    {"{a: [\"${{ needs.n.outputs.text }}\", y]}", "j (x) {\"a\":\"x\"}\nj (y) {\"a\":\"y\"}"},
    {"{a: \"${{ fromJSON(needs.n.outputs.none) }}\"}", "7:19 \"a\" of the matrix has no values"},
    {"{a: \"${{ needs.n.outputs.text }}\"}", "7:19 \"a\" of a matrix must be a list"},
    {"${{ fromJSON(needs.n.outputs.one) }}", "7:15 the matrix must be a map of lists"},
    {"{a: [1], include: \"${{ fromJSON(needs.n.outputs.one) }}\"}",
     "7:33 item 1 of \"include\" must be a map with at least one key"},
};

TEST (a_matrix_expands_as_githubs_does)
{
    CHECK_ROWS (cells, rules);
}

// A matrix of `count` numbers, and of items of `include` beside them.
static const char *numbers (arena_t *arena, int count, int included)
{
    const char *list = "", *items = "";
    for (int i = 0; i < count; i++)
        list = arena_printf (arena, "%s%s%d", list, i ? "," : "", i);
    for (int i = 0; i < included; i++)
        items = arena_printf (arena, "%s%s{a: %d}", items, i ? "," : "", count + i);
    return cells (arena, arena_printf (arena, "{a: [%s], include: [%s]}", list, items));
}

TEST (a_matrix_has_256_cells_at_most_and_those_of_include_count)
{
    static const char many[] = "7:15 the matrix has more than 256 combinations";
    arena_t *arena = arena_new ();
    CHECK (strstr (numbers (arena, 256, 0), "\nj (255) {\"a\":255}"));
    CHECK (strstr (numbers (arena, 255, 1), "\nj (255) {\"a\":255}"));
    CHECK_STR (numbers (arena, 257, 0), many);
    CHECK_STR (numbers (arena, 256, 1), many);
    arena_destroy (&arena);
}

TEST (a_matrix_has_4096_combinations_at_most_however_many_lists_make_them)
{
    static const char many[] =
        "7:15 the matrix has more than 4096 combinations; at most 256 jobs can come of it";
    arena_t *arena = arena_new ();
    const char *twos = "a: [0, 1]", *rest = ", exclude: [{a: 0}, {b: 0}, {c: 0}, {d: 0}, {e: 0}]";
    for (int i = 1; i < 12; i++)
        twos = arena_printf (arena, "%s, %c: [0, 1]", twos, 'a' + i);
    CHECK (strstr (cells (arena, arena_printf (arena, "{%s%s}", twos, rest)), "\nj (1, 1, 1, 1, 1, 1, 1, "));
    CHECK_STR (cells (arena, arena_printf (arena, "{%s, m: [0, 1]%s}", twos, rest)), many);
    for (int i = 12; i < 64; i++) // 2 to the 64th
        twos = arena_printf (arena, "%s, x%d: [0, 1]", twos, i);
    CHECK_STR (cells (arena, arena_printf (arena, "{%s}", twos)), many);
    arena_destroy (&arena);
}

// A name of `count` times `character`, cut where it is too long.
static const char *named (arena_t *arena, const char *character, int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++)
        text = arena_printf (arena, "%s%s", text, character);
    return cells (arena, arena_printf (arena, "{a: [\"%s\"]}", text));
}

TEST (a_long_name_is_cut_at_a_hundred_characters)
{
    arena_t *arena = arena_new ();
    CHECK (strncmp (named (arena, "\xc3\xa9", 96), "j (\xc3\xa9", 5) == 0); // 100 with "j ()": not cut
    CHECK (!strstr (named (arena, "\xc3\xa9", 96), "... "));
    const char *got = named (arena, "\xe2\x82\xac", 200);
    CHECK_INT (strstr (got, "... ") - got, 3 + 94 * 3); // 97 characters, then the dots
    CHECK (strstr (named (arena, "a", 97), "aaa... ") != NULL);
    arena_destroy (&arena);
}
