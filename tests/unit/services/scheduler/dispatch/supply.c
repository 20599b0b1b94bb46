/* Why no agent takes a job. */

#include "services/scheduler/dispatch/supply.h"

#include "tests/unit/test.h"

static const char *reason (arena_t *arena, const supply_t *supply, const char *labels, bool *busy)
{
    standing_t standing = supply_standing (arena, supply, labels);
    *busy = standing.state == SUPPLY_BUSY;
    return supply_reason (arena, &standing, labels);
}

static const char *reason_of_set (arena_t *arena, supply_set_t set, const char *labels, bool *busy)
{
    return reason (arena, &(supply_t){&set, 1}, labels, busy);
}

TEST (the_reason_why_no_agent_takes_a_job_is_a_sentence)
{
    supply_set_t sets[] = {
        {.labels = "linux", .all = 3, .online = 2},
        {.labels = "gpu", .all = 1, .online = 1, .idle = 1, .ready = 1},
        {.labels = "linux\nmoon", .all = 1},
    };
    supply_t supply = {sets, 3};
    arena_t *arena = arena_new ();
    bool busy;
    CHECK_STR (reason (arena, &(supply_t){0}, "", &busy), "no agent is registered");
    CHECK_STR (reason (arena, &supply, "linux\nmars", &busy), "no agent has the label mars");
    CHECK_STR (reason (arena, &supply, "gpu\nlinux", &busy), "no agent has all of the labels gpu, linux");
    CHECK_STR (reason (arena, &supply, "moon", &busy), "the only agent for it is offline");
    CHECK (!busy);
    CHECK_STR (reason (arena, &supply, "linux", &busy), "all agents for it are busy");
    CHECK (busy);
    CHECK_STR (reason (arena, &supply, "gpu", &busy), "an agent for it is free");
    CHECK (!busy);
    arena_destroy (&arena);
}

TEST (an_idle_agent_that_takes_nothing_is_not_called_busy)
{
    arena_t *arena = arena_new ();
    bool busy;
    CHECK_STR (reason_of_set (arena, (supply_set_t){"a", .all = 2}, "a", &busy),
               "all 2 agents for it are offline");
    CHECK_STR (reason_of_set (arena, (supply_set_t){"a", .all = 2, .online = 1, .draining = 1}, "a", &busy),
               "all agents for it are drained or about to end");
    CHECK_STR (reason_of_set (arena, (supply_set_t){"a", .all = 2, .online = 2, .idle = 1, .resting = 1}, "a",
                              &busy),
               "the free agents for it did not take a job, and are not asked for a while");
    CHECK_STR (reason_of_set (arena, (supply_set_t){"a", .all = 2, .online = 2, .idle = 2, .resting = 1}, "a",
                              &busy),
               "the free agents for it are not asking for a job");
    CHECK (!busy);
    arena_destroy (&arena);
}

TEST (what_would_help_a_job_that_waits_is_said)
{
    arena_t *arena = arena_new ();
    static const struct {
        standing_t standing;
        const char *labels, *help;
    } rows[] = {
        {{.state = SUPPLY_NONE}, "", "start an agent: opencicd-agent"},
        {{.state = SUPPLY_NONE, .any = true}, "a\nb", "start an agent: opencicd-agent --labels a,b"},
        {{.state = SUPPLY_NONE, .any = true, .missing = "b"},
         "a\nb",
         "give an agent the label b, or start one: opencicd-agent --labels a,b"},
        {{.state = SUPPLY_OFFLINE, .all = 1}, "a", "start that agent again"},
        {{.state = SUPPLY_OFFLINE, .all = 2}, "a", "start one of these agents again"},
        {{.state = SUPPLY_ENDING},
         "a",
         "resume one that was drained, or start another: opencicd-agent --labels a"},
        {{.state = SUPPLY_BUSY}, "a", "wait for one of them, or start another: opencicd-agent --labels a"},
        {{.state = SUPPLY_RESTING}, "a", "see in the logs of these agents why they take no job"},
        {{.state = SUPPLY_SILENT}, "a", "see whether these agents still run and can reach the server"},
        {{.state = SUPPLY_READY}, "a", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_STR (supply_help (arena, &rows[i].standing, rows[i].labels), rows[i].help);
    arena_destroy (&arena);
}
