/* wanted.c - see wanted.h. */

#include "services/scm/status/wanted.h"

#include "common/base/clock.h"

#include <string.h>
#include <strings.h>

#define NAMED 5 // Failed jobs that a workflow's status names

const char *wanted_context (arena_t *arena, const char *workflow, const char *job, const char *event)
{
    return status_context (
        arena, arena_printf (arena, "open-cicd/%s%s%s (%s)", workflow, *job ? " / " : "", job, event));
}

static forge_state_t state_of_result (uint32_t result)
{
    switch (state_known (&states_result, result)) {
    case result_success: return STATUS_SUCCESS;
    case result_cancelled: return STATUS_CANCELLED;
    case result_skipped: return STATUS_SKIPPED;
    default: return STATUS_FAILURE;
    }
}

static const char *duration (arena_t *arena, int64_t from_us, int64_t to_us)
{
    long long seconds = from_us > 0 && to_us > from_us ? (to_us - from_us) / SECONDS (1) : 0;
    if (seconds < 60)
        return arena_printf (arena, "%lld s", seconds);
    if (seconds < 3600)
        return arena_printf (arena, "%lld min %lld s", seconds / 60, seconds % 60);
    return arena_printf (arena, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
}

// ---- a job ----

static const char *ended_as (arena_t *arena, const job_t *job, forge_state_t state)
{
    const char *took = duration (arena, job->started_at, job->finished_at);
    const char *reason = job->reason ? job->reason : "";
    switch (state) {
    case STATUS_SUCCESS: return arena_printf (arena, "Successful in %s", took);
    case STATUS_FAILURE: return arena_printf (arena, "Failed in %s%s%s", took, *reason ? ": " : "", reason);
    case STATUS_CANCELLED: return arena_printf (arena, "Cancelled%s%s", *reason ? ": " : "", reason);
    default: return "Skipped";
    }
}

static wanted_t of_job (arena_t *arena, const run_t *run, const job_t *job, const char *server)
{
    wanted_t made = {.context = wanted_context (arena, run->name, job->name, run->event),
                     .url = arena_printf (arena, "%s/jobs/%s", server, job->id),
                     .job_id = job->id};
    switch (state_known (&states_job, job->state)) {
    case job_pending:
        made.state = STATUS_PENDING;
        made.description = "Waiting";
        break;
    case job_queued:
    case job_assigned:
        made.state = STATUS_PENDING;
        made.description = "Queued";
        break;
    case job_finished:
        made.state = state_of_result (job->result);
        made.description = ended_as (arena, job, made.state);
        break;
    default: made.state = STATUS_RUNNING; made.description = "Running";
    }
    made.description = status_description (arena, made.description);
    return made;
}

// GitHub does not distinguish cases. Jobs of one name would hide each other: all but the first are numbered, in the workflow's order.
static void keep_apart (arena_t *arena, const run_t *run, const job_t *job, wanted_items_t *list)
{
    wanted_t *last = &list->items[list->count - 1];
    for (size_t i = 0, number = 2; i + 1 < list->count; i++)
        if (strcasecmp (list->items[i].context, last->context) == 0) {
            const char *name = arena_printf (arena, "%s #%zu", job->name, number++);
            last->context = wanted_context (arena, run->name, name, run->event);
            i = (size_t) -1; // That one may be there as well
        }
}

// ---- the workflow ----

static const char *failed_jobs (arena_t *arena, const run_t *run)
{
    const char *names = "";
    size_t count = 0;
    for (size_t i = 0; i < run->jobs.count; i++) {
        const job_t *job = &run->jobs.items[i];
        if (job->state != job_finished || job->result != result_failure || job->continue_on_error)
            continue;
        if (count++ < NAMED)
            names = arena_printf (arena, "%s%s%s", names, *names ? ", " : "", job->name);
    }
    return count > NAMED ? arena_printf (arena, "%s and %zu more", names, count - NAMED) : names;
}

static wanted_t of_workflow (arena_t *arena, const run_t *run, const char *server)
{
    wanted_t made = {.context = wanted_context (arena, run->name, "", run->event),
                     .url = arena_printf (arena, "%s/runs/%s", server, run->id),
                     .job_id = ""};
    uint32_t state = state_known (&states_run, run->state);
    const char *took = duration (arena, run->started_at, run->finished_at),
               *failed = failed_jobs (arena, run);
    made.state = state == run_pending    ? STATUS_PENDING
                 : state == run_finished ? state_of_result (run->result)
                                         : STATUS_RUNNING;
    static const char *const texts[] = {[STATUS_PENDING] = "Waiting",
                                        [STATUS_RUNNING] = "Running",
                                        [STATUS_CANCELLED] = "Cancelled",
                                        [STATUS_SKIPPED] = "Skipped: none of its jobs ran"};
    made.description = made.state == STATUS_SUCCESS ? arena_printf (arena, "Successful in %s", took)
                       : made.state == STATUS_FAILURE
                           ? arena_printf (arena, "Failed in %s%s%s", took, *failed ? ": " : "", failed)
                           : texts[made.state];
    made.description = status_description (arena, made.description);
    return made;
}

wanted_items_t wanted_of_run (arena_t *arena, const run_t *run, const char *server, bool with_jobs)
{
    size_t jobs = !with_jobs ? 0 : run->jobs.count < WANTED_JOBS ? run->jobs.count : WANTED_JOBS;
    wanted_items_t made = {arena_array (arena, jobs + 1, sizeof (wanted_t)), 0};
    made.items[made.count++] = of_workflow (arena, run, server);
    for (size_t i = 0; i < jobs; i++) {
        made.items[made.count++] = of_job (arena, run, &run->jobs.items[i], server);
        keep_apart (arena, run, &run->jobs.items[i], &made);
    }
    return made;
}
