/* What a whole commit id is, and what only looks like one. */

#include "common/base/commit_id.h"

#include "tests/unit/test.h"

#define FORTY "0123456789abcdef0123456789abcdef01234567"
#define LONG  FORTY "0123456789abcdef01234567"

TEST (a_whole_commit_id_has_40_or_64_hexadecimal_digits)
{
    static const struct {
        const char *text;
        size_t size; // That it begins with
        bool is, is_meant;
    } cases[] = {{FORTY, 40, true, true},
                 {LONG, 64, true, true},
                 {FORTY " refs/heads/main", 40, false, false},
                 {LONG "\n", 64, false, false},
                 {"ABCDEF0123456789ABCDEF0123456789ABCDEF01", 0, false, true},
                 {FORTY "0", 0, false, false},
                 {LONG "0", 0, false, false},
                 {"0123456789abcdef0123456789abcdef0123456", 0, false, false},
                 {"main", 0, false, false},
                 {"", 0, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT (commit_id_size (cases[i].text), cases[i].size);
        CHECK_INT (commit_id_is (cases[i].text), cases[i].is);
        CHECK_INT (commit_id_is_meant (cases[i].text), cases[i].is_meant);
    }
}
