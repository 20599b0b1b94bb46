/* What expression_type_errors says of values whose kind cannot be meant, and what it leaves alone. */

#include "workflow/expression/type_check.h"
#include "tests/unit/test.h"

#include <string.h>

#define COUNT_OF(array) (sizeof (array) / sizeof ((array)[0]))

// "OFFSET MESSAGE" of the first type error; "" where there is none.
static const char *first_type_error (arena_t *arena, const char *text)
{
    const expression_t *expression;
    expression_error_t error;
    type_error_t *errors;
    size_t count;
    if (template_parse (arena, text, strlen (text), &expression, &error) != OK)
        return error.message;
    expression_type_errors (expression, arena, NULL, &errors, &count);
    return count ? arena_printf (arena, "%zu %s", errors[0].offset, errors[0].message) : "";
}

static void check_slips (const char *const rows[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        arena_t *arena = arena_new ();
        const char *errors = first_type_error (arena, rows[i][0]);
        if (strncmp (errors, rows[i][1], strlen (rows[i][1])) != 0 || (!*rows[i][1] && *errors))
            test_fail (__FILE__, __LINE__, "%s\n    is  %s\n    not %s", rows[i][0], errors, rows[i][1]);
        arena_destroy (&arena);
    }
}

TEST (a_list_or_map_as_text_is_reported)
{
    static const char *const rows[][2] = {
        {"a ${{ github }}", "6 this is a map and becomes the text \"Object\""},
        {"a ${{ github.event }}", "6 this is a map"},
        {"a ${{ github.event.x }}", ""},
        {"a ${{ github.ref }} ${{ steps.b }}", "24 this is a map"},
        {"a ${{ steps.b.outputs }}", "6 this is a map"},
        {"a ${{ steps.b.outputs.x }}", ""},
        {"a ${{ steps[matrix.x].outputs }}", "6 this is a map"},
        {"a ${{ job.services.db }}", "6 this is a map"},
        {"a ${{ matrix.x }}", ""},
        {"a ${{ matrix.* }}", "6 this is a list and becomes the text \"Array\""},
        {"a ${{ github.event.commits.*.id }}", "6 this is a list"},
        {"a ${{ github.event.commits.*.id[0] }}", "6 this is a list"},
        {"a ${{ toJSON(github) }}", ""},
        {"a ${{ fromJSON('{}') }}", ""},
        {"a ${{ github || 'x' }}", ""},
        {"a ${{ github.event && github }}", "6 this is a map"},
        {"a ${{ case(true, github, env) }}", "6 this is a map"},
        {"a ${{ case(true, github, 'x') }}", ""},
        {"${{ github }}", ""},
        {"${{ format('{0}', github) }}", "18 this is a map"},
        {"${{ hashFiles(env) }}", "14 this is a map"},
    };
    check_slips (rows, COUNT_OF (rows));
}

TEST (a_comparison_or_argument_that_comes_to_nothing_is_reported)
{
    static const char *const rows[][2] = {
        {"${{ github.event == 'push' }}", "4 this is a map, which is never equal"},
        {"${{ 'push' != github.event.*.x }}", "14 this is a list, which is never equal"},
        {"${{ github == github }}", ""},
        {"${{ github == fromJSON('1') }}", ""},
        {"${{ github < fromJSON('1') }}", "4 this is a map"},
        {"${{ contains(github, 'ref') }}", "13 this is a map, for which contains() is always false"},
        {"${{ contains(steps.*.outcome, 'failure') }}", ""},
        {"${{ contains(github.ref, env) }}", "25 this is a map"},
        {"${{ startsWith(steps.*.outcome, 'f') }}",
         "15 this is a list, for which startsWith() is always false"},
        {"${{ endsWith('f', needs) }}", "18 this is a map"},
        {"${{ join(needs.*.result) }}", ""},
        {"${{ join(needs) }}", "9 this is a map, of which join() makes an empty text"},
        {"${{ fromJSON(needs) }}", "13 this is a map already; fromJSON() takes a text"},
        {"${{ case('x', 1, 2) }}", "9 this is a text, but case() fails without a boolean"},
        {"${{ case(github.event.x, 1, 2) }}", ""},
        {"${{ case(github.ref, 1, 2) }}", "9 this is a text, but case() fails without a boolean"},
        {"${{ case(1 == 1, 1, success(), 1, 2) }}", ""},
    };
    check_slips (rows, COUNT_OF (rows));
}
