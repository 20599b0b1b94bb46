/* draft.c - tests of the writer of workflows: what goes in as text is read as that text by the reader of workflows. */

#include "cli/import/draft.h"

#include "tests/unit/test.h"
#include "workflow/yaml/yaml.h"

#include <string.h>

static const char *printed (arena_t *arena, const draft_t *draft)
{
    buffer_t *text = buffer_new (1 << 16);
    draft_print (draft, text);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// What the reader finds at `key` of a map that has this text there.
static const char *read_back (arena_t *arena, const char *text)
{
    findings_t findings;
    node_t *root;
    draft_t *map = draft_map (arena);
    draft_set_text (map, "key", text);
    const char *yaml = printed (arena, map);
    findings_init (&findings, arena, "draft");
    CHECK_INT (yaml_parse (arena, yaml, strlen (yaml), &findings, &root), OK);
    const node_t *node = node_get (root, "key");
    CHECK (node && node->kind == NODE_STRING);
    return node->text;
}

TEST (a_text_comes_back_as_it_went_in)
{
    static const char *const texts[] = {"plain",
                                        "true",
                                        "No",
                                        "1.10",
                                        "",
                                        " blanks ",
                                        "a: b",
                                        "a #b",
                                        "it's",
                                        "- item",
                                        "* star",
                                        "\"quoted\"",
                                        "a\nb",
                                        "a\nb\n",
                                        "  indented\nless\n",
                                        "\tTab\nx",
                                        "a\n\n\nb",
                                        "@at",
                                        "%percent",
                                        "${{ github.sha }}",
                                        "a\\b",
                                        "{a}",
                                        "[a]",
                                        "~",
                                        "0x10",
                                        "Stra\303\237e",
                                        "?",
                                        "!tag",
                                        "&anchor",
                                        "|",
                                        ">",
                                        "key:",
                                        "-",
                                        "---\nx"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_STR (read_back (arena, texts[i]), texts[i]);
    arena_destroy (&arena);
}

TEST (characters_that_yaml_refuses_are_left_out)
{
    arena_t *arena = arena_new ();
    CHECK_STR (read_back (arena, "a\x01"
                                 "b\x7F"
                                 "c\xFF"
                                 "d"),
               "abcd");
    CHECK_STR (read_back (arena, "next\xC2\x85line\xE2\x80\xA8"
                                 "sep\xEF\xBB\xBF."),
               "nextlinesep.");
    arena_destroy (&arena);
}

TEST (an_escaped_text_holds_no_expression)
{
    arena_t *arena = arena_new ();
    CHECK_STR (draft_escape (arena, "a ${{ b }}"), "a ${{ '${{' }} b }}");
    CHECK_STR (draft_literal (arena, "it's"), "'it''s'");
    arena_destroy (&arena);
}

TEST (comments_are_where_they_were_added)
{
    arena_t *arena = arena_new ();
    draft_t *map = draft_map (arena), *list = draft_list (arena), *item = draft_map (arena);
    draft_remark (map, "first\nand second");
    draft_set (map, "list", list);
    draft_set_text (item, "a", "b");
    draft_remark (item, "in the item");
    draft_set_text (item, "on", "c");
    draft_add (list, item);
    draft_remark (list, "at the end");
    draft_set (map, "nothing", draft_bare (arena, ""));
    draft_set (map, "none", draft_list (arena));
    CHECK_STR (printed (arena, map),
               "# first\n# and second\nlist:\n  - a: b\n    # in the item\n    on: c\n  # at the end\n"
               "nothing:\nnone: []\n");
    arena_destroy (&arena);
}

TEST (a_key_that_is_set_again_has_the_new_value)
{
    arena_t *arena = arena_new ();
    draft_t *map = draft_map (arena);
    draft_set_text (map, "A", "one");
    draft_set_text (map, "a", "two");
    CHECK_STR (printed (arena, map), "A: two\n");
    CHECK_INT (draft_count (map), 1);
    arena_destroy (&arena);
}
