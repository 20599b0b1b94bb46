/* The session cookie, and whose page made a request, as pure functions. */

#include "gateway/cookie.h"
#include "tests/unit/test.h"

#include <string.h>

static http_head_t head_of (char *text)
{
    http_head_t head;
    CHECK_INT (http_head_parse (&head, text, strlen (text)).status, 0);
    return head;
}

TEST (a_cookie_is_found_by_its_whole_name)
{
    static const struct {
        const char *line, *value;
    } cases[] = {{"Cookie: opencicd_session=ocs_1", "ocs_1"},
                 {"Cookie: a=b; opencicd_session=ocs_2; c=d", "ocs_2"},
                 {"Cookie: a=b;opencicd_session=", ""},
                 {"Cookie: not_opencicd_session=ocs_3", NULL},
                 {"Cookie: opencicd_session2=ocs_4", NULL},
                 {"Cookie: opencicd_session", NULL},
                 {"Cookie: ;;; ", NULL},
                 {"X-Other: opencicd_session=ocs_5", NULL}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text =
            arena_printf (arena, "GET / HTTP/1.1\r\nHost: ci.example.org\r\n%s\r\n\r\n", cases[i].line);
        http_head_t head = head_of (text);
        CHECK_STR (cookie_get (arena, &head, cookie_name (false)), cases[i].value);
    }
    arena_destroy (&arena);
}

TEST (a_cookie_over_tls_is_bound_to_the_host_and_kept_from_scripts)
{
    arena_t *arena = arena_new ();
    CHECK_STR (cookie_set (arena, cookie_name (true), true, "ocs_1", 60),
               "__Host-opencicd=ocs_1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    CHECK_STR (cookie_set (arena, cookie_name (false), false, "ocs_1", 60),
               "opencicd_session=ocs_1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    CHECK_STR (cookie_set (arena, cookie_name (false), false, "", 60),
               "opencicd_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    arena_destroy (&arena);
}

TEST (a_session_serves_the_servers_own_pages_alone)
{
    static const struct {
        const char *method, *headers;
        bool allowed;
    } cases[] = {
        {"GET", "", true},
        {"GET", "Sec-Fetch-Site: same-origin\r\n", true},
        {"GET", "Sec-Fetch-Site: none\r\n", true},
        {"GET", "Sec-Fetch-Site: cross-site\r\n", false},
        {"GET", "Sec-Fetch-Site: same-site\r\n", false},
        {"GET", "Origin: http://evil.example\r\n", false},
        {"GET", "Origin: http://ci.example.org\r\n", true},
        {"POST", "Content-Type: application/json\r\nContent-Length: 2\r\n", false},
        {"POST", "Sec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n", false},
        {"POST", "Sec-Fetch-Site: same-origin\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", false},
        {"POST", "Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
         true},
        {"POST", "Sec-Fetch-Site: none\r\nContent-Type: application/json\r\nContent-Length: 2\r\n", false},
        {"POST", "Sec-Fetch-Site: cross-site\r\nOrigin: http://ci.example.org\r\nContent-Length: 0\r\n",
         false},
        {"POST", "Origin: http://ci.example.org\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
         true},
        {"POST",
         "Origin: http://ci.example.org:81\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
         false},
        {"POST", "Origin: null\r\nContent-Type: application/json\r\nContent-Length: 2\r\n", false},
        {"DELETE", "Sec-Fetch-Site: same-origin\r\n", true},
        {"DELETE", "", false}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = arena_printf (arena, "%s /runs HTTP/1.1\r\nHost: ci.example.org\r\n%s\r\n",
                                   cases[i].method, cases[i].headers);
        http_head_t head = head_of (text);
        bool allowed = cookie_refusal (&head) == NULL;
        if (allowed != cases[i].allowed)
            test_fail (__FILE__, __LINE__, "%s with %s is %s", cases[i].method, cases[i].headers,
                       allowed ? "allowed" : "refused");
    }
    arena_destroy (&arena);
}
