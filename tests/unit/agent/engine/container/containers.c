/* containers.c - jobs that need a container engine where there is none. */

#include "common/base/clock.h"
#include "tests/unit/agent/engine/job_world.h"

#define ENOUGH_US SECONDS (15) // The end of a job whose engine went away waits twice as long

TEST (a_job_that_needs_containers_fails_at_once_where_no_engine_answers)
{
    static const char *const jobs[] = {
        "\"container\":\"alpine\",\"steps\":[{\"run\":\"echo never\"}]",
        "\"services\":{\"db\":{\"image\":\"postgres\"}},\"steps\":[{\"run\":\"echo never\"}]",
        "\"steps\":[{\"uses\":\"docker://alpine\"}]",
    };
    for (size_t i = 0; i < sizeof (jobs) / sizeof (jobs[0]); i++) {
        world_t world;
        int64_t before = clock_monotonic_us ();
        world_begin_with_containers (&world, "/nowhere/docker.sock");
        run (&world, jobs[i]);
        CHECK_INT (world.result.result, result_failure);
        CHECK (logged (&world, "##[error]this job needs a container engine (Docker or Podman): the container "
                               "engine at /nowhere/docker.sock: No such file or directory"));
        CHECK (!logged (&world, "never\n") && !logged (&world, "are not all gone"));
        CHECK (clock_monotonic_us () - before < ENOUGH_US);
        world_end (&world);
    }
}
