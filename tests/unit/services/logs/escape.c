/* Escape sequences go out of a line, all else stays. */

#include "services/logs/search.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (escape_sequences_are_taken_out)
{
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"\x1b[31mred\x1b[0m", "red"},
        {"a\x1b[1;38;5;200mb\x1b[mc", "abc"},
        {"\x1b]0;title\x07text", "text"},
        {"\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"},
        {"\x1b]never ended", "never ended"},
        {"\x1b(Bascii", "ascii"},
        {"\x1b"
         "7saved\x1b"
         "8",
         "saved"},
        {"cut\x1b[3", "cut"},
        {"cut\x1b", "cut"},
        {"\x1b\x1b[1mx", "x"},
    };
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        char line[64] = "";
        memcpy (line, rows[i][0], strlen (rows[i][0]));
        line[without_escapes (line, strlen (rows[i][0]))] = '\0';
        CHECK_STR (line, rows[i][1]);
    }
}
