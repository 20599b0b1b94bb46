/* What a job costs: how often the scheduler waits for PostgreSQL from its submission to its end. */

#include "common/base/metrics.h"
#include "tests/service/scheduler/world.h"

#define TRIPS_OF_A_JOB 10 // Submitted, leased, begun, finished, with all answers

static int64_t trips (void)
{
    return metric_read (metrics_counter ("opencicd_db_round_trips_total", NULL, NULL, ""));
}

static void run_one (world_t *world, fake_agent_t *agent)
{
    job_t job;
    MUST (world, job_submit, &job, .name = "hello", .steps = "[{\"run\":\"true\"}]",
          .runs_on = {(const char *[]){"linux"}, 1});
    CHECK_STR (takes (world, agent), "hello");
    ends (world, agent, result_success);
}

TEST_ON_ENGINES (a_job_costs_few_round_trips_to_the_database)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i < 3; i++) // Statements are prepared
        run_one (world, &ada);
    int64_t before = trips ();
    run_one (world, &ada);
    int64_t cost = trips () - before;
    if (cost > TRIPS_OF_A_JOB)
        test_fail (__FILE__, __LINE__, "%lld round trips", (long long) cost);
}
