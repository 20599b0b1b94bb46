/* buffer.c - bytes up to a maximum. */

#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (an_empty_buffer_is_an_empty_string)
{
    buffer_t *buffer = buffer_new (10);
    CHECK_STR (buffer_text (buffer), "");
    CHECK_INT (buffer_size (buffer), 0);
    buffer_destroy (&buffer);
    CHECK (!buffer);
}

TEST (what_is_added_follows_what_was_there)
{
    buffer_t *buffer = buffer_new (1000);
    buffer_puts (buffer, "a");
    buffer_putc (buffer, 'b');
    buffer_printf (buffer, "%03d", 7);
    buffer_add (buffer, "\0z", 2);
    CHECK_INT (buffer_size (buffer), 7);
    CHECK (memcmp (buffer_text (buffer), "ab007\0z", 8) == 0);
    buffer_cut (buffer, 2);
    CHECK_STR (buffer_text (buffer), "007");
    buffer_cut (buffer, 100);
    CHECK_INT (buffer_size (buffer), 0);
    buffer_destroy (&buffer);
}

TEST (numbers_are_printed_to_the_ends_of_their_range)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {1234567890, "1234567890"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer_t *buffer = buffer_new (100);
        buffer_number (buffer, rows[i].number);
        CHECK_STR (buffer_text (buffer), rows[i].text);
        buffer_destroy (&buffer);
    }
}

TEST (what_is_formatted_fits_at_once_or_when_the_buffer_has_grown_or_not_at_all)
{
    for (size_t before = 250; before < 260; before++) { // Memory grows in steps of 256
        buffer_t *buffer = buffer_new (300);
        for (size_t i = 0; i < before; i++)
            buffer_putc (buffer, 'x');
        buffer_printf (buffer, "%d-%s", 12345, "abc");
        CHECK_INT (buffer_size (buffer), before + 9);
        CHECK_STR (buffer_text (buffer) + before, "12345-abc");
        buffer_printf (buffer, "%0200d", 1);
        CHECK (buffer_full (buffer));
        CHECK_STR (buffer_text (buffer) + before, "12345-abc");
        buffer_printf (buffer, "%d", 1);
        CHECK_STR (buffer_text (buffer) + before, "12345-abc");
        buffer_destroy (&buffer);
    }
}

TEST (a_full_buffer_says_so_and_accepts_nothing_more)
{
    buffer_t *buffer = buffer_new (300);
    for (int i = 0; i < 300; i++)
        buffer_putc (buffer, 'x');
    CHECK (!buffer_full (buffer));
    buffer_putc (buffer, 'y');
    CHECK (buffer_full (buffer));
    buffer_printf (buffer, "%s", "");
    CHECK_INT (buffer_size (buffer), 300);
    buffer_clear (buffer);
    CHECK (!buffer_full (buffer));
    buffer_printf (buffer, "%s", "again");
    CHECK_STR (buffer_text (buffer), "again");
    buffer_destroy (&buffer);
}
