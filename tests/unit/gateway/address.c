/* address.c - where a request comes from, behind which proxies. */

#include "gateway/address.h"
#include "tests/unit/test.h"

static void check (const char *peer, const char *forwarded, const char *proxies, const char *want)
{
    arena_t *arena = arena_new ();
    CHECK_STR (address_of (arena, peer, forwarded, proxies), want);
    arena_destroy (&arena);
}

TEST (without_proxies_it_is_the_peer_whatever_it_says)
{
    check ("198.51.100.1", NULL, "", "198.51.100.1");
    check ("198.51.100.1", "192.0.2.1", "", "198.51.100.1");
    check ("198.51.100.1", "192.0.2.1", "10.0.0.0/8", "198.51.100.1");
}

TEST (behind_proxies_it_is_the_last_entry_that_is_none_of_them)
{
    check ("10.0.0.7", "192.0.2.1", "10.0.0.7", "192.0.2.1");
    check ("10.0.0.8", "192.0.2.1", "10.0.0.7", "10.0.0.8");
    check ("10.0.0.7", "1.1.1.1, 192.0.2.1", "10.0.0.7", "192.0.2.1"); // What the client wrote before
    check ("10.0.0.7", "1.1.1.1 ,192.0.2.1, 10.1.2.3", "10.0.0.7, 10.1.0.0/16", "192.0.2.1");
    check ("10.0.0.7", "10.1.2.3", "10.0.0.7,10.1.0.0/16", "10.1.2.3");
    check ("10.0.0.7", NULL, "10.0.0.7", "10.0.0.7");
    check ("10.0.0.7", "", "10.0.0.7", "10.0.0.7");
    check ("10.0.0.7", "2001:db8::5", "10.0.0.7", "2001:db8::5");
    check ("10.0.0.7", "192.0.2.1, 2001:db8::5", "10.0.0.7, 2001:db8::/32", "192.0.2.1");
    check ("10.9.0.7", "192.0.2.1", "10.0.0.0/12", "192.0.2.1");
    check ("10.16.0.7", "192.0.2.1", "10.0.0.0/12", "10.16.0.7");
}

TEST (what_is_not_an_address_is_not_believed)
{
    check ("10.0.0.7", "unknown", "10.0.0.7", "10.0.0.7");
    check ("10.0.0.7", "192.0.2.1, evil\"; drop", "10.0.0.7", "10.0.0.7");
    check ("10.0.0.7", "192.0.2.1:4711", "10.0.0.7", "10.0.0.7");
    check ("10.0.0.7", "111111111111111111111111111111111111111111111111111111111111111111111111111111",
           "10.0.0.7", "10.0.0.7");
}

TEST (a_list_of_proxies_is_checked)
{
    static const char *const good[] = {"", "10.0.0.7", "10.0.0.0/8, 192.168.1.1 ,2001:db8::/32", "0.0.0.0/0"};
    static const char *const bad[] = {"proxy",      "10.0.0.0/33", "10.0.0.0/",
                                      "10.0.0.0/x", "10.0.0.0/-1", "10.0.0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK (address_is_list (good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK (!address_is_list (bad[i]));
}
