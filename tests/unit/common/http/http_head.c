/* Heads of requests: where they end, what is in them, and what could be read in two ways. */

#include "common/http/http_head.h"
#include "tests/unit/test.h"

#include <string.h>

#define HOST "Host: test\r\n"

TEST (a_number_has_digits_alone_and_fits)
{
    int64_t number;
    CHECK (http_number ("0", 1, &number) && number == 0);
    CHECK (http_number ("0042", 4, &number) && number == 42);
    CHECK (http_number ("999999999999999999", 18, &number) && number == 999999999999999999);
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "9999999999999999999"};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        CHECK (!http_number (wrong[i], strlen (wrong[i]), &number));
}

typedef struct {
    char text[HTTP_HEAD_MAX + 1];
    http_head_t head;
    http_refusal_t refusal;
} parsed_t;

static int parse (parsed_t *self, const char *text)
{
    size_t size = 0;
    memset (self, 0, sizeof *self);
    memcpy (self->text, text, strlen (text));
    if (http_head_find (self->text, strlen (text), 0, &size) != HEAD_WHOLE)
        return -1;
    self->refusal = http_head_parse (&self->head, self->text, size);
    return self->refusal.status;
}

TEST (a_head_is_taken_apart)
{
    parsed_t parsed;
    CHECK_INT (
        parse (&parsed, "GET /jobs/j1?a=b?c HTTP/1.1\r\n" HOST "X-Empty:\r\nX-Blank: \t a b\t \r\n\r\n"), 0);
    CHECK_STR (parsed.head.method, "GET");
    CHECK_STR (parsed.head.path, "/jobs/j1");
    CHECK_STR (parsed.head.query, "a=b?c");
    CHECK_INT (parsed.head.minor, 1);
    CHECK_INT (parsed.head.count, 3);
    CHECK_STR (http_head_get (&parsed.head, "host"), "test");
    CHECK_STR (http_head_get (&parsed.head, "x-empty"), "");
    CHECK_STR (http_head_get (&parsed.head, "X-Blank"), "a b");
    CHECK (!http_head_get (&parsed.head, "X"));
    CHECK_INT (parse (&parsed, "PATCH / HTTP/1.0\r\n\r\n"), 0);
    CHECK (!parsed.head.query && parsed.head.minor == 0 && parsed.head.count == 0);
}

TEST (a_head_that_is_not_one_is_refused)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
        {"GET / http/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.12\r\n" HOST "\r\n", 400},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
        {"GET / HTTP/0.9\r\n" HOST "\r\n", 505},
        {"GET /\r\n" HOST "\r\n", 400},
        {"GET\r\n" HOST "\r\n", 400},
        {"G(T / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET http://test/ HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /a\tb HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\x7f HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: y\r\n z\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "\rX: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: \x7f\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Authorization: Bearer a\r\nAuthorization: Bearer a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Authorization: Bearer a\r\n\r\n", 0},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n", 0}};
    parsed_t parsed;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (parse (&parsed, cases[i].text) != cases[i].status)
            test_fail (__FILE__, __LINE__, "%zu is %d: %s", i, parsed.refusal.status, cases[i].text);
}

TEST (the_end_of_a_head_is_found_however_it_comes_in)
{
    static const char text[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET ";
    const size_t whole = sizeof text - 1 - strlen ("GET ");
    for (size_t have = 1; have < sizeof text; have++)
        for (size_t seen = 0; seen < have && seen < whole; seen++) {
            size_t size = 0;
            head_part_t part = http_head_find (text, have, seen, &size);
            CHECK_INT (part, have < whole ? HEAD_PART : HEAD_WHOLE);
            CHECK_INT (size, have < whole ? 0 : whole);
        }
    static const char *const bad[] = {"\x16\x03\x01", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nA: b\n\r\n",
                                      "\r\n\r\n", " GET"};
    size_t size;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT (http_head_find (bad[i], strlen (bad[i]), 0, &size), HEAD_BAD);
}

TEST (a_comma_list_has_its_items_whole)
{
    http_head_t head = {.count = 1, .headers = {{"accept", "text/html, application/json;q=0.9,text/plain"}}};
    CHECK (http_head_has (&head, "Accept", "application/json"));
    CHECK (http_head_has (&head, "Accept", "TEXT/PLAIN"));
    CHECK (!http_head_has (&head, "Accept", "text"));
    CHECK (!http_head_has (&head, "Accept", "json"));
    CHECK (!http_head_has (&head, "Range", "text"));
}

TEST (a_connection_stays_as_its_client_says)
{
    parsed_t parsed;
    static const struct {
        const char *text;
        bool keeps;
    } cases[] = {{"GET / HTTP/1.1\r\n" HOST "\r\n", true},
                 {"GET / HTTP/1.0\r\n" HOST "\r\n", false},
                 {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
                 {"GET / HTTP/1.0\r\n" HOST "Connection: Keep-Alive\r\n\r\n", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT (parse (&parsed, cases[i].text), 0);
        CHECK_INT (http_head_keeps (&parsed.head), cases[i].keeps);
    }
}
