/* yaml_foreign.c - tests of reading YAML as other systems write it. */

#include "tests/unit/test.h"
#include "workflow/yaml/yaml.h"

#include <string.h>

// What it holds, as JSON; or its first error.
static const char *json_of (arena_t *arena, const char *text)
{
    findings_t findings;
    node_t *root;
    findings_init (&findings, arena, "f");
    if (yaml_parse_foreign (arena, text, strlen (text), &findings, &root) != OK)
        return findings.items[0].message;
    return value_to_json (arena, node_value (arena, root), 0);
}

TEST (merge_keys_add_what_a_map_does_not_have)
{
    arena_t *arena = arena_new ();
    CHECK_STR (
        json_of (arena,
                 "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {b: 5, <<: *x}\nw: {<<: [*x, *y], d: 6}\n"),
        "{\"x\":{\"a\":1,\"b\":2},\"y\":{\"b\":3,\"c\":4},\"z\":{\"a\":1,\"b\":5},\"w\":{\"c\":4,\"a\":1,\"b\":2,\"d\":6}}");
    CHECK_STR (json_of (arena, "a: {<<: text}\n"), "a merge key (\"<<\") takes a map or a list");
    arena_destroy (&arena);
}

TEST (a_list_that_is_merged_as_an_item_gives_its_items)
{
    arena_t *arena = arena_new ();
    CHECK_STR (json_of (arena, "a: &a [1, 2]\nb: [0, {<<: *a}, 3]\n"), "{\"a\":[1,2],\"b\":[0,1,2,3]}");
    arena_destroy (&arena);
}

TEST (of_equal_keys_the_last_is_read_and_case_matters)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    node_t *root;
    const char text[] = "a: 1\nA: 2\na: 3\n";
    findings_init (&findings, arena, "f");
    CHECK_INT (yaml_parse_foreign (arena, text, strlen (text), &findings, &root), OK);
    CHECK_STR (node_get (root, "a")->text, "3");
    CHECK_STR (node_get (root, "A")->text, "2");
    CHECK_INT (root->count, 2);
    arena_destroy (&arena);
}

TEST (tags_are_kept_and_the_last_document_counts)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    node_t *root;
    const char text[] = "spec: x\n---\na: !reference [b, c]\nd: !other text\n";
    findings_init (&findings, arena, "f");
    CHECK_INT (yaml_parse_foreign (arena, text, strlen (text), &findings, &root), OK);
    CHECK (!node_get (root, "spec"));
    CHECK_STR (node_get (root, "a")->tag, "!reference");
    CHECK_STR (node_get (root, "d")->text, "text");
    arena_destroy (&arena);
}

TEST (merges_that_grow_without_end_are_refused)
{
    arena_t *arena = arena_new ();
    const char *text = "a0: &a0 {k: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}\n";
    for (int i = 1; i < 12; i++)
        text = arena_printf (arena, "%sa%d: &a%d {x%d: *a%d, y%d: *a%d, z%d: *a%d, <<: *a%d}\n", text, i, i,
                             i, i - 1, i, i - 1, i, i - 1, i - 1);
    CHECK_STR (json_of (arena, text), "too large once its aliases are written out");
    CHECK_STR (json_of (arena, "a: &a {<<: *a}\n"), "alias \"*a\" is inside the value that it names");
    arena_destroy (&arena);
}
