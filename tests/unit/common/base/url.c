/* What a URL is taken for, what is refused, and which addresses are public. */

#include "common/base/url.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static fault_t parse (arena_t *arena, turn_t *turn, const char *text, url_t *url)
{
    turn_init (turn, arena, "test", 0);
    return url_parse (turn, text, url);
}

TEST (a_url_is_taken_apart)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    url_t url;
    CHECK_INT (parse (arena, &turn, "HTTPS://Git.Example.org:8443/a%20b/c.git?x=1#y", &url), OK);
    CHECK_STR (url.scheme, "https");
    CHECK_STR (url.host, "git.example.org");
    CHECK_INT (url.port, 8443);
    CHECK_STR (url.path, "/a%20b/c.git");
    CHECK_STR (url.query, "x=1");
    CHECK_STR (url.fragment, "y");
    CHECK (!url.has_user);
    CHECK_INT (parse (arena, &turn, "ssh://git:pa:ss@[2001:DB8::1]/x", &url), OK);
    CHECK_STR (url.user, "git");
    CHECK (url.has_user && url.has_password);
    CHECK_STR (url.host, "2001:db8::1");
    CHECK_INT (parse (arena, &turn, "http://a@evil@good/x", &url), OK);
    CHECK_STR (url.host, "good");
    CHECK_INT (parse (arena, &turn, "http://good#@evil/", &url), OK);
    CHECK_STR (url.host, "good");
    CHECK_INT (parse (arena, &turn, "file:///srv/git", &url), OK);
    CHECK_STR (url.path, "/srv/git");
    arena_destroy (&arena);
}

TEST (a_url_that_could_be_read_in_two_ways_is_refused_and_not_repeated)
{
    static const char *const rows[] = {
        "",
        "secret",
        "//secret/x",
        "1http://secret/",
        "http:/secret",
        "http://",
        "http:///secret",
        "http://secret:/x",
        "http://secret:0/x",
        "http://secret:65536/x",
        "http://secret:12x/",
        "http://secret\\@evil/x",
        "http://secret /x",
        "http://secret/\n",
        "http://secret/\x7f",
        "http://sec%72et/",
        "http://-secret/",
        "http://.secret/",
        "http://[secret]/",
        "http://[::1/secret",
        "http://u:secret@/x",
    };
    arena_t *arena = arena_new ();
    turn_t turn;
    url_t url;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (parse (arena, &turn, rows[i], &url) != INVALID)
            test_fail (__FILE__, __LINE__, "%s is taken", rows[i]);
        CHECK (turn.detail && !strstr (turn.detail, "secret"));
    }
    char *longest = arena_alloc (arena, URL_MAX + 2);
    memset (longest, 'a', URL_MAX + 1);
    memcpy (longest, "http://a/", 9);
    CHECK_INT (parse (arena, &turn, longest, &url), INVALID);
    longest[URL_MAX] = 0;
    CHECK_INT (parse (arena, &turn, longest, &url), OK);
    arena_destroy (&arena);
}

TEST (what_paths_are_appended_to_is_plain_http)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (url_check_base (&turn, "url", "http://10.0.0.1:8080/agent"), OK);
    static const char *const rows[] = {"ftp://a/",     "http://u@a/",  "http://a/?delete=1#",
                                       "http://a/?",   "http://a/#",   "http://a/x y",
                                       "http://a b/x", "javascript:x", "file:///etc"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (url_check_base (&turn, "url", rows[i]) != INVALID)
            test_fail (__FILE__, __LINE__, "%s is taken", rows[i]);
        CHECK (strncmp (turn.detail, "url: ", 5) == 0);
    }
    arena_destroy (&arena);
}

TEST (what_precedes_the_at_is_never_shown)
{
    arena_t *arena = arena_new ();
    CHECK_STR (url_redact (arena, "https://u:pw@h/x"), "https://h/x");
    CHECK_STR (url_redact (arena, "https://u:p@w@h/x@y"), "https://h/x@y");
    CHECK_STR (url_redact (arena, "https://h/x@y"), "https://h/x@y");
    CHECK_STR (url_redact (arena, "git@h:x"), "git@h:x");
    CHECK_STR (url_redact (arena, "no 'https://a:b@c/': redirect to http://d@e?f@g"),
               "no 'https://c/': redirect to http://e?f@g");
    CHECK_STR (url_redact (arena, "http://u@"), "http://");
    CHECK_STR (url_redact (arena, "http://u'p\"<>w@h/"), "http://h/");
    arena_destroy (&arena);
}

static bool is_public (const char *text)
{
    bool yes = false;
    if (!host_is_number (text, &yes))
        test_fail (__FILE__, __LINE__, "%s is not an address", text);
    return yes;
}

TEST (addresses_of_this_machine_and_of_private_networks_are_not_public)
{
    static const char *const ours[] = {"127.0.0.1",
                                       "127.255.255.255",
                                       "127.1",
                                       "2130706433",
                                       "0x7f000001",
                                       "0.0.0.0",
                                       "10.0.0.0",
                                       "10.255.255.255",
                                       "100.64.0.1",
                                       "169.254.169.254",
                                       "172.16.0.0",
                                       "172.31.255.255",
                                       "192.168.0.1",
                                       "224.0.0.1",
                                       "255.255.255.255",
                                       "::",
                                       "::1",
                                       "::ffff:127.0.0.1",
                                       "64:ff9b::10.0.0.1",
                                       "fe80::1",
                                       "fec0::1",
                                       "fd00::1",
                                       "ff02::1",
                                       "2001::1",
                                       "2001:db8::1",
                                       "2002:7f00:1::"};
    static const char *const others[] = {
        "1.1.1.1",       "9.255.255.255", "11.0.0.0",        "126.255.255.255",      "128.0.0.0",
        "172.15.0.1",    "172.32.0.0",    "192.167.255.255", "223.255.255.255",      "100.128.0.1",
        "169.253.255.1", "2a00:1450::1",  "::ffff:8.8.8.8",  "2606:4700:4700::1111", "64:ff9b::8.8.8.8"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (is_public (ours[i]))
            test_fail (__FILE__, __LINE__, "%s is taken for public", ours[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (!is_public (others[i]))
            test_fail (__FILE__, __LINE__, "%s is not taken for public", others[i]);
    bool yes;
    CHECK (!host_is_number ("git.example.org", &yes));
}

TEST (a_host_is_refused_in_the_same_words_whether_it_is_private_or_is_not_there)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const char *address;
    CHECK_INT (host_find_public (&turn, "localhost", &address), FORBIDDEN);
    CHECK_STR (turn.detail, "localhost has no address that may be reached from here");
    CHECK_INT (host_find_public (&turn, "nowhere.invalid", &address), FORBIDDEN);
    CHECK_STR (turn.detail, "nowhere.invalid has no address that may be reached from here");
    CHECK_INT (host_find_public (&turn, "8.8.8.8", &address), OK);
    CHECK_STR (address, "8.8.8.8");
    arena_destroy (&arena);
}

TEST (whatever_means_something_in_a_url_is_percent_encoded)
{
    arena_t *arena = arena_new ();
    CHECK_STR (url_escape (arena, "a/b ?\303\244", ""), "a%2Fb%20%3F%C3%A4");
    CHECK_STR (url_escape (arena, "A-z_0.~%+&=", ""), "A-z_0.~%25%2B%26%3D");
    CHECK_STR (url_escape (arena, "a/b c", "/"), "a/b%20c");
    arena_destroy (&arena);
}
