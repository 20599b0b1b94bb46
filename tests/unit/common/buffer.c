/* buffer.c - bytes up to a maximum. */

#include "common/buffer.h"
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

TEST (a_full_buffer_says_so_and_takes_no_more)
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
