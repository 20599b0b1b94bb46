/* A list of blocks is read as Azure's clients write it, and nothing else is taken for one. */

#include "gateway/block_list.h"
#include "tests/unit/test.h"

#include <string.h>

static fault_t read_text (turn_t *turn, const char *text, strs_t *out)
{
    turn->detail = NULL;
    return block_list_read (turn, text, strlen (text), out);
}

TEST (the_names_of_blocks_come_in_the_order_of_the_list)
{
    static const char *const lists[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><BlockList><Latest>b2==</Latest>"
        "<Latest>a/+1</Latest></BlockList>",
        "\xef\xbb\xbf<?xml version='1.0'?>\n<BlockList>\n  <Uncommitted> b2== </Uncommitted>\n"
        "  <Latest>a/+1</Latest>\n</BlockList>\n"};
    arena_t *arena = arena_new ();
    turn_t turn;
    strs_t names;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < sizeof (lists) / sizeof (lists[0]); i++) {
        CHECK_INT (read_text (&turn, lists[i], &names), OK);
        CHECK_INT (names.count, 2);
        CHECK_STR (names.items[0], "b2==");
        CHECK_STR (names.items[1], "a/+1");
    }
    CHECK_INT (read_text (&turn, "<BlockList/>", &names), OK);
    CHECK_INT (names.count, 0);
    CHECK_INT (read_text (&turn, "<BlockList></BlockList>", &names), OK);
    CHECK_INT (names.count, 0);
    arena_destroy (&arena);
}

TEST (what_is_not_a_list_is_refused_with_its_location)
{
    static const char *const lists[] = {"",
                                        "<BlockList>",
                                        "<BlockList><Latest>a</BlockList>",
                                        "<BlockList><Latest>a</Uncommitted></BlockList>",
                                        "<BlockList><Committed>a</Committed></BlockList>",
                                        "<BlockList><Latest></Latest></BlockList>",
                                        "<BlockList><Latest>a&amp;</Latest></BlockList>",
                                        "<BlockList><Latest>a b</Latest></BlockList>",
                                        "<BlockList><Latest x='y'>a</Latest></BlockList>",
                                        "<BlockList/><BlockList/>",
                                        "<?xml <BlockList/>",
                                        "<!DOCTYPE x [<!ENTITY a 'b'>]><BlockList/>",
                                        "<blocklist/>"};
    arena_t *arena = arena_new ();
    turn_t turn;
    strs_t names;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < sizeof (lists) / sizeof (lists[0]); i++) {
        if (read_text (&turn, lists[i], &names) != BAD_INPUT)
            test_fail (__FILE__, __LINE__, "%s is taken", lists[i]);
        CHECK (turn.detail && *turn.detail);
    }
    CHECK_INT (block_list_read (&turn, "<BlockList><Latest>a\0b</Latest></BlockList>", 45, &names),
               BAD_INPUT);
    arena_destroy (&arena);
}

TEST (a_list_has_as_many_blocks_as_an_upload)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    strs_t names;
    turn_init (&turn, arena, "test", 0);
    buffer_t *text = buffer_new (1 << 20);
    buffer_puts (text, "<BlockList>");
    for (size_t i = 0; i <= MAX_BLOCKS; i++) {
        if (i == MAX_BLOCKS) {
            size_t size = buffer_size (text);
            buffer_puts (text, "</BlockList>");
            CHECK_INT (read_text (&turn, buffer_text (text), &names), OK);
            CHECK_INT (names.count, MAX_BLOCKS);
            buffer_truncate (text, size);
        }
        buffer_printf (text, "<Latest>b%zu</Latest>", i);
    }
    buffer_puts (text, "</BlockList>");
    CHECK_INT (read_text (&turn, buffer_text (text), &names), TOO_LARGE);
    buffer_destroy (&text);
    arena_destroy (&arena);
}
