/* junit.c - JUnit XML: <testsuite> with <testcase>, which passed unless it holds <failure>, <error> or <skipped>. See test_report.h. */

#include "common/report/test_report.h"
#include "common/report/xml.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    xml_t xml;
    test_report_t *out;
    const char *suites[XML_DEPTH]; // Names of the open ones, by their depth
    reported_case_t one;
    bool within;     // A test case
    bool in_failure; // Of it
} junit_t;

static void open_case (junit_t *self)
{
    const char *class = xml_attribute (&self->xml, self->arena, "classname", TEST_NAME_MAX);
    const char *time = xml_attribute (&self->xml, self->arena, "time", 32);
    for (size_t i = self->xml.depth; i > 0 && !*class; i--)
        if (self->suites[i - 1])
            class = self->suites[i - 1];
    self->within = true;
    self->one = (reported_case_t){.suite = class,
                                  .name = xml_attribute (&self->xml, self->arena, "name", TEST_NAME_MAX),
                                  .message = "",
                                  .duration_us = test_report_seconds (time, strlen (time))};
}

static void open_failure (junit_t *self)
{
    if (!*self->one.message)
        self->one.message = xml_attribute (&self->xml, self->arena, "message", TEST_MESSAGE_MAX);
    self->one.outcome = CASE_FAILED;
    self->in_failure = true;
}

static void open_element (junit_t *self)
{
    xml_span_t name = self->xml.name;
    self->suites[self->xml.depth - 1] = NULL;
    if (xml_is (name, "testsuite"))
        self->suites[self->xml.depth - 1] = xml_attribute (&self->xml, self->arena, "name", TEST_NAME_MAX);
    else if (xml_is (name, "testcase"))
        open_case (self);
    else if (self->within && (xml_is (name, "failure") || xml_is (name, "error")))
        open_failure (self);
    else if (self->within && xml_is (name, "skipped") && self->one.outcome == CASE_PASSED)
        self->one.outcome = CASE_SKIPPED;
}

static void close_element (junit_t *self)
{
    xml_span_t name = self->xml.name;
    if (xml_is (name, "failure") || xml_is (name, "error"))
        self->in_failure = false;
    if (!self->within || !xml_is (name, "testcase"))
        return;
    test_report_add (self->out, self->arena, &self->one);
    self->within = self->in_failure = false;
}

static void say (junit_t *self)
{
    const xml_t *xml = &self->xml;
    if (!self->in_failure || *self->one.message)
        return;
    self->one.message = xml->plain
                            ? test_report_text (self->arena, xml->said.text, xml->said.size, TEST_MESSAGE_MAX)
                            : xml_decode (self->arena, xml->said, TEST_MESSAGE_MAX);
}

fault_t junit_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error)
{
    junit_t self = {.arena = arena, .out = out};
    xml_begin (&self.xml, text, size);
    for (;;)
        switch (xml_next (&self.xml)) {
        case XML_OPEN: open_element (&self); break;
        case XML_CLOSE: close_element (&self); break;
        case XML_TEXT: say (&self); break;
        case XML_END: return OK;
        default:
            *error = arena_printf (arena, "line %zu: %s", xml_line (&self.xml), self.xml.error);
            return INVALID;
        }
}
