/* Test reports are read as their tools write them, and refused where they are not well formed. */

#include "common/report/test_report.h"
#include "tests/unit/test.h"

#include <string.h>

static test_report_t read_report (arena_t *arena, const char *text)
{
    test_report_t report;
    const char *error;
    CHECK_INT (test_report_read (arena, text, strlen (text), &report, &error), OK);
    CHECK_STR (error, "");
    return report;
}

static void check_refused (const char *text, const char *why)
{
    arena_t *arena = arena_new ();
    test_report_t report;
    const char *error;
    CHECK_INT (test_report_read (arena, text, strlen (text), &report, &error), INVALID);
    CHECK_STR (error, why);
    arena_destroy (&arena);
}

TEST (junit_xml_has_suites_cases_and_what_failures_say)
{
    arena_t *arena = arena_new ();
    test_report_t report = read_report (
        arena,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made -->\n<testsuites><testsuite name=\"outer\">"
        "<testcase name=\"adds\" classname=\"Sum\" time=\"0.25\"/>"
        "<testcase name=\"a &lt; b &#x41;\" time='1,001.5'><failure message=\"expected &quot;1&quot;\">trace</failure></testcase>"
        "<testcase name=\"breaks\"><error><![CDATA[ <boom> & so on ]]></error></testcase>"
        "<testcase name=\"waits\"><skipped/></testcase>"
        "</testsuite></testsuites>\n");
    CHECK_STR (report.format, "junit");
    CHECK_INT (report.passed, 1);
    CHECK_INT (report.failed, 2);
    CHECK_INT (report.skipped, 1);
    CHECK_STR (report.cases[0].suite, "Sum");
    CHECK_INT (report.cases[0].duration_us, 250000);
    CHECK_STR (report.cases[1].suite, "outer");
    CHECK_STR (report.cases[1].name, "a < b A");
    CHECK_STR (report.cases[1].message, "expected \"1\"");
    CHECK_INT (report.cases[1].duration_us, 1001500000);
    CHECK_STR (report.cases[2].message, "<boom> & so on");
    arena_destroy (&arena);
}

TEST (xml_that_is_not_well_formed_is_refused_with_its_line)
{
    check_refused ("<!DOCTYPE a [<!ENTITY b \"c\">]>\n<testsuite/>", "line 1: a document type is refused");
    check_refused ("<testsuite>\n<testcase></testsuite>", "line 2: an element ends that did not begin");
    check_refused ("<testsuite>", "line 1: it ends before its outermost element does");
    check_refused ("<testsuite a=b/>", "line 1: an attribute's value is not in quotes");
    check_refused ("<testsuite/>\n<testsuite/>", "line 2: there is more than one outermost element");
    check_refused ("<testsuite/>x", "line 1: there is text outside of the outermost element");
    check_refused ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><testsuite/>",
                   "line 1: its encoding is not UTF-8");
    check_refused ("<html/>", "it is neither JUnit XML nor TAP nor the output of go test -json");
}

TEST (tap_has_directives_blocks_and_tests_within_tests)
{
    arena_t *arena = arena_new ();
    test_report_t report = read_report (arena, "TAP version 14\n1..5\n"
                                               "ok 1 - adds\n"
                                               "not ok 2 - subtracts\n"
                                               "  ---\n  message: 'expected 3'\n  duration_ms: 12.5\n  ...\n"
                                               "not ok 3 - later # todo not yet\n"
                                               "ok 4 - elsewhere # SKIP no network\n"
                                               "    not ok 1 - within\n"
                                               "# a comment\n"
                                               "not ok 5 - sums up\n");
    CHECK_STR (report.format, "tap");
    CHECK_INT (report.passed, 1);
    CHECK_INT (report.failed, 2);
    CHECK_INT (report.skipped, 2);
    CHECK_STR (report.cases[1].name, "subtracts");
    CHECK_STR (report.cases[1].message, "expected 3");
    CHECK_INT (report.cases[1].duration_us, 12500);
    CHECK_STR (report.cases[2].name, "later");
    CHECK_STR (report.cases[4].name, "sums up");
    report = read_report (arena, "ok 1\nBail out! no database\n");
    CHECK_INT (report.failed, 1);
    CHECK_STR (report.cases[1].message, "no database");
    check_refused ("TAP version 13\n1..0\n", "it reports no test");
    arena_destroy (&arena);
}

TEST (go_test_has_packages_output_and_only_the_innermost_failure)
{
    arena_t *arena = arena_new ();
    test_report_t report = read_report (
        arena,
        "{\"Action\":\"run\",\"Package\":\"a/b\",\"Test\":\"TestX\"}\n"
        "{\"Action\":\"output\",\"Package\":\"a/b\",\"Test\":\"TestX/one\",\"Output\":\"=== RUN   TestX/one\\n\"}\n"
        "{\"Action\":\"output\",\"Package\":\"a/b\",\"Test\":\"TestX/one\",\"Output\":\"    x_test.go:7: got 2\\n\"}\n"
        "{\"Action\":\"fail\",\"Package\":\"a/b\",\"Test\":\"TestX/one\",\"Elapsed\":0.5}\n"
        "{\"Action\":\"pass\",\"Package\":\"a/b\",\"Test\":\"TestX/two\",\"Elapsed\":0.25}\n"
        "{\"Action\":\"fail\",\"Package\":\"a/b\",\"Test\":\"TestX\",\"Elapsed\":0.75}\n"
        "# a/b built with warnings\n{not json}\n"
        "{\"Action\":\"skip\",\"Package\":\"a/b\",\"Test\":\"TestY\",\"Elapsed\":0}\n"
        "{\"Action\":\"fail\",\"Package\":\"a/b\",\"Elapsed\":0.8}\n");
    CHECK_STR (report.format, "go");
    CHECK_INT (report.failed, 1);
    CHECK_INT (report.passed, 1);
    CHECK_INT (report.skipped, 1);
    CHECK_STR (report.cases[0].suite, "a/b");
    CHECK_STR (report.cases[0].name, "TestX/one");
    CHECK_STR (report.cases[0].message, "x_test.go:7: got 2");
    CHECK_INT (report.cases[0].duration_us, 500000);
    arena_destroy (&arena);
}

TEST (a_brief_has_the_failures_and_the_slowest)
{
    arena_t *arena = arena_new ();
    test_report_t report = {.format = "tap"};
    test_brief_t *brief = arena_alloc (arena, sizeof *brief);
    for (int i = 0; i < 300; i++)
        test_report_add (&report, arena,
                         &(reported_case_t){.suite = "",
                                            .name = arena_printf (arena, "%d", i),
                                            .message = "",
                                            .duration_us = (i * 7) % 300,
                                            .outcome = CASE_FAILED});
    test_report_brief (&report, brief);
    CHECK_INT (brief->failure_count, TEST_BRIEF_FAILURES);
    CHECK_INT (brief->slowest_count, TEST_BRIEF_SLOWEST);
    CHECK_INT (brief->slowest[0].duration_us, 299);
    CHECK_INT (brief->slowest[19].duration_us, 280);
    arena_destroy (&arena);
}
