/* Which agents a server can call by the address at which they listen. */

#include "agent/reach.h"

#include "tests/unit/test.h"

TEST (an_agent_that_listens_on_loopback_is_reached_only_from_its_machine)
{
    static const struct {
        const char *server, *own;
        bool works;
    } rows[] = {
        {"http://127.0.0.1:8080", "http://127.0.0.1:4000", true},
        {"http://localhost:8080", "http://127.0.0.1:4000", true},
        {"http://ci.localhost", "http://0.0.0.0:4000", true},
        {"http://[::1]:8080", "http://[::]:4000", true},
        {"http://ci.example.org", "http://127.0.0.1:4000", false},
        {"https://ci.example.org", "http://127.1.2.3:4000", false},
        {"http://10.0.0.1:8080", "http://0.0.0.0:4000", false},
        {"http://10.0.0.1:8080", "http://[::]:4000", false},
        {"http://localhost.example.org", "http://[::1]:4000", false},
        {"http://ci.example.org", "http://10.0.0.2:4000", true},
        {"http://127.0.0.1:8080", "http://10.0.0.2:4000", true},
        {"not a url", "http://127.0.0.1:4000", true},
    };
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (reach_works (&turn, rows[i].server, rows[i].own) != rows[i].works)
            test_fail (__FILE__, __LINE__, "%s from %s", rows[i].own, rows[i].server);
    arena_destroy (&arena);
}
