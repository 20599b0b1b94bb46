/* The machine's time of day is set anew in the middle of a job, by hours, forward and back: nothing that waits notices, and the job's
 * times stay in order. What the whole program takes for the time of day is this file's, until a test ends. */

#include "agent/spool.h"
#include "common/base/clock.h"
#include "tests/service/agent/fake_server.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HOURS(n) ((n) *INT64_C (3600))

static atomic_llong ahead_seconds;

// In the place of the C library's, for this whole program.
int clock_gettime (clockid_t which, struct timespec *now)
{
    int result = (int) syscall (SYS_clock_gettime, which, now);
    if (which == CLOCK_REALTIME)
        now->tv_sec += atomic_load (&ahead_seconds);
    return result;
}

static void set_clock (int64_t ahead)
{
    atomic_store (&ahead_seconds, ahead);
}

// The first one: what is counted is counted for the whole program.
TEST (an_agent_counts_what_its_jobs_do)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1",
                                  "[{\"run\":\"echo hello\"},{\"run\":\"exit 3\"},{\"run\":\"true\"}]"),
               202);
    fake_server_wait_finished (server);
    fake_server_wait_idle (server);
    // Set up job and Complete job are rows, not steps of the job
    static const char *const said[] = {
        "opencicd_agent_jobs_total{result=\"failure\"} 1\n",
        "opencicd_agent_jobs_total{result=\"success\"} 0\n",
        "opencicd_agent_steps_total{outcome=\"success\"} 1\n",
        "opencicd_agent_steps_total{outcome=\"failure\"} 1\n",
        "opencicd_agent_steps_total{outcome=\"skipped\"} 1\n",
        "opencicd_agent_isolation_total{sandbox=\"no\"} 1\n",
        "opencicd_agent_job_seconds_count 1\n",
        "opencicd_agent_busy 0\n",
        "opencicd_agent_spool_bytes 0\n",
        "opencicd_agent_spool_unsent_bytes 0\n",
    };
    for (size_t i = 0; i < sizeof (said) / sizeof (said[0]); i++)
        fake_server_wait_says (server, "/metrics", said[i]);
    fake_server_destroy (&server);
}

// The times of the steps in the last status: in order, and within ten minutes of each other.
static void check_times (const char *status)
{
    static const char *const names[] = {"\"started_at\":\"", "\"finished_at\":\""};
    int64_t first = 0, last = 0, time;
    size_t seen = 0;
    arena_t *arena = arena_new ();
    for (const char *at = strstr (status, "\"steps\":"); at && (at = strstr (at, names[seen % 2])); seen++) {
        at += strlen (names[seen % 2]);
        CHECK_INT (clock_parse (arena_strndup (arena, at, strcspn (at, "\"")), &time), OK);
        if (time < last || (first && time - first > SECONDS (600)))
            test_fail (__FILE__, __LINE__, "times are out of order: %s", status);
        first = first ? first : time;
        last = time;
    }
    CHECK_INT (seen, 10); // Set up job, three steps, Complete job
    arena_destroy (&arena);
}

#define WAITING(number) \
    "{\"run\":\"echo; echo ready " #number "; until test -e $RUNNER_TOOL_CACHE/go" #number "; do :; done\"}"

TEST (a_clock_that_is_set_hours_forward_and_back_ends_pauses_and_disorders_nothing)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[" WAITING (1) "," WAITING (2) ",{\"run\":\"echo last\"}]"),
               202);
    fake_server_wait_log (server, "\nready 1\n");
    set_clock (HOURS (5));
    fake_server_touch (server, "tools/go1");
    fake_server_wait_log (server, "\nready 2\n");
    set_clock (-HOURS (7));
    fake_server_wait_says (server, "/metrics", "opencicd_agent_busy 1\n");
    fake_server_touch (server, "tools/go2");
    fake_server_wait_finished (server);
    fake_server_check_result (server, "success");
    check_times (fake_server_status (server));
    fake_server_wait_says (server, "/metrics", "opencicd_agent_lease_pauses_total 0\n");
    set_clock (0);
    fake_server_destroy (&server);
}

TEST (a_step_runs_out_of_time_also_while_the_clock_is_set_back)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1",
                                  "[{\"timeout-minutes\":0.01,\"run\":\"echo; echo ready; sleep 100\"}]"),
               202);
    fake_server_wait_log (server, "\nready\n");
    set_clock (-HOURS (10));
    fake_server_wait_finished (server);
    fake_server_check_result (server, "failure");
    CHECK (strstr (fake_server_log (server), "The step ran out of time"));
    set_clock (0);
    fake_server_destroy (&server);
}

TEST (the_times_of_a_log_stay_in_order)
{
    static const int64_t steps[] = {0, HOURS (5), -HOURS (5), HOURS (20), 0};
    char folder[256], byte;
    spool_t *spool;
    int64_t last = 0, first = 0;
    arena_t *arena = arena_new ();
    test_folder (folder, sizeof (folder));
    CHECK_INT (spool_new (&spool, arena_printf (arena, "%s/log", folder)), OK);
    CHECK_INT (spool_begin (spool), OK);
    for (uint32_t i = 0; i < 5; i++) {
        set_clock (steps[i]);
        CHECK_INT (spool_add (spool, i, "x", 1), OK);
    }
    for (uint32_t i = 0; i < 5; i++) {
        spool_place_t place;
        size_t got;
        CHECK_INT (spool_read (spool, i, &byte, 1, &got, &place), OK);
        CHECK_INT (place.step, i);
        CHECK (place.at_us >= last && (!first || place.at_us < first + SECONDS (600)));
        last = place.at_us;
        first = first ? first : place.at_us;
    }
    // The next log's times are those of the clock as it is then
    set_clock (HOURS (5));
    spool_place_t place;
    size_t got;
    CHECK_INT (spool_begin (spool), OK);
    CHECK_INT (spool_add (spool, 1, "x", 1), OK);
    CHECK_INT (spool_read (spool, 0, &byte, 1, &got, &place), OK);
    CHECK (place.at_us > last + SECONDS (HOURS (4)));
    set_clock (0);
    spool_destroy (&spool);
    test_folder_remove (folder);
    arena_destroy (&arena);
}
