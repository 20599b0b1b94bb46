/* Trials: a commit that is in no repository belongs to a project, is run as one of it, and goes with the last of its runs. */

#include "tests/service/scheduler/fake_trials.h"
#include "tests/service/scheduler/world.h"

#include <string.h>

// It reacts to pushes alone: as a trial it can be run by hand nevertheless.
static const char on_push[] = "on: push\njobs:\n  one:\n    runs-on: linux\n    steps: [{run: one}]\n";

static trial_t begun (world_t *world)
{
    trial_t trial;
    done_t done;
    fake_trial_fault (OK);
    (void) fake_trial_parts ();
    world_file (world, "ci.yml", on_push);
    project (world);
    MUST (world, trial_add, &trial, .project = "demo");
    MUST (world, trial_put, &done, .trial = trial.id, .part = 0, .data = {"bytes", 5});
    return trial;
}

static run_t tried (world_t *world, const trial_t *trial)
{
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .trial = trial->id);
    return run;
}

static fault_t read_as (world_t *world, const char *job, uint32_t attempt, trial_bytes_t *bytes,
                        const char *of)
{
    world->caller = (caller_t){.role = ROLE_JOB, .subject = job, .attempt = attempt};
    fault_t fault = ASK (world, trial_read, bytes, .job = of, .size = 100);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "", .attempt = 0};
    return fault;
}

TEST_ON_ENGINES (a_trial_is_run_whatever_its_workflow_reacts_to_and_under_a_ref_of_its_own)
{
    trial_t trial = begun (world);
    CHECK (strncmp (trial.ref, "refs/opencicd/try/y", 19) == 0);
    CHECK_INT (trial.most, 32 << 20);
    CHECK_INT (fake_trial_parts (), 1);
    run_t run = tried (world, &trial);
    CHECK_STR (run.event, "workflow_dispatch");
    CHECK_STR (run.ref, trial.ref);
    run_t again;
    CHECK_INT (ASK (world, run_trigger, &again, .project = "demo"), INVALID); // Not by hand
    CHECK_INT (ASK (world, run_trigger, &again, .project = "demo", .trial = trial.id, .ref = "main"),
               INVALID);
    CHECK (strstr (world->turn.detail, "neither `ref` nor `sha`"));
}

TEST_ON_ENGINES (no_forge_is_shown_how_a_trial_went)
{
    commit_at_t at;
    trial_t trial = begun (world);
    run_t run = tried (world, &trial);
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scm"};
    MUST (world, run_commit, &at, .run = run.id);
    CHECK_STR (at.sha, "");
}

TEST_ON_ENGINES (a_trial_is_of_one_project)
{
    trial_t trial = begun (world);
    project_t other;
    run_t run;
    MUST (world, project_add, &other, .name = "other", .url = "/other");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "other", .trial = trial.id), NOT_FOUND);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .trial = "y0000000000000000001x"),
               NOT_FOUND);
}

TEST_ON_ENGINES (a_bundle_does_not_change_once_it_runs_and_has_a_bound)
{
    trial_t trial = begun (world);
    done_t done;
    CHECK_INT (ASK (world, trial_put, &done, .trial = trial.id, .part = 8, .data = {"bytes", 5}), TOO_LARGE);
    CHECK (strstr (world->turn.detail, "33554432"));
    MUST (world, trial_put, &done, .trial = trial.id, .part = 7, .data = {"bytes", 5});
    tried (world, &trial);
    CHECK_INT (ASK (world, trial_put, &done, .trial = trial.id, .part = 0, .data = {"other", 5}), CONFLICT);
    CHECK_INT (ASK (world, trial_put, &done, .trial = "y0000000000000000001x", .data = {"other", 5}),
               NOT_FOUND);
}

TEST_ON_ENGINES (only_its_own_jobs_read_a_trial)
{
    trial_t trial = begun (world);
    trial_bytes_t bytes;
    fake_agent_t ada = agent (world, "ada", "linux");
    tried (world, &trial);
    CHECK (take (world, &ada));
    const char *job = ada.offer.job;
    CHECK_INT (read_as (world, job, ada.offer.attempt, &bytes, job), OK);
    CHECK_INT (bytes.data.size, strlen (trial.id)); // Scm was asked for this very one
    CHECK (memcmp (bytes.data.data, trial.id, bytes.data.size) == 0);
    CHECK_INT (read_as (world, job, ada.offer.attempt + 1, &bytes, job), CONFLICT);
    CHECK_INT (read_as (world, "j1", ada.offer.attempt, &bytes, job), FORBIDDEN);
    CHECK_INT (ASK (world, trial_read, &bytes, .job = job), FORBIDDEN);
    ends (world, &ada, result_success);
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  two:\n    runs-on: linux\n    steps: [{run: two}]\n");
    trigger (world);
    CHECK (take (world, &ada));
    CHECK_INT (read_as (world, ada.offer.job, ada.offer.attempt, &bytes, ada.offer.job), NOT_FOUND);
}

static void wait_for_drop (world_t *world, const char *trial)
{
    for (int i = 0; i < 400 && strcmp (fake_trial_dropped (), trial) != 0; i++)
        world_turn (world, 5);
    CHECK_STR (fake_trial_dropped (), trial);
}

TEST_ON_ENGINES (a_trial_is_removed_with_the_last_of_its_runs)
{
    world->keeps = (scheduler_keeps_t){.runs = 1};
    world_restart (world);
    trial_t trial = begun (world), kept;
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i < 2; i++) {
        tried (world, &trial);
        CHECK (take (world, &ada));
        begins (world, &ada);
        ends (world, &ada, result_success);
    }
    world_turn (world, 3 * 3600); // The first of both is over: the other still has it
    CHECK_STR (fake_trial_dropped (), "");
    done_t done;
    MUST (world, trial_add, &kept, .project = "demo");
    MUST (world, trial_put, &done, .trial = kept.id, .part = 0, .data = {"bytes", 5});
    tried (world, &kept);
    CHECK (take (world, &ada));
    begins (world, &ada);
    ends (world, &ada, result_success);
    wait_for_drop (world, trial.id);
    for (int i = 0; i < 100 && world_number (world, "select count (*) from trials") != 1; i++)
        world_turn (world, 5);
    CHECK_INT (world_number (world, "select count (*) from trials"), 1);
    CHECK_INT (world_number (world, "select count (*) from trial_runs"), 1);
}

TEST_ON_ENGINES (a_trial_that_nobody_runs_is_removed_after_an_hour_with_retries)
{
    trial_t trial = begun (world);
    run_t run;
    world_turn (world, 3000);
    CHECK_STR (fake_trial_dropped (), "");
    fake_trial_fault (UNAVAILABLE);
    world_turn (world, 700);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .trial = trial.id),
               NOT_FOUND); // On its way out
    CHECK_INT (world_number (world, "select count (*) from trials"), 1);
    fake_trial_fault (OK);
    wait_for_drop (world, trial.id);
    for (int i = 0; i < 100 && world_number (world, "select count (*) from trials"); i++)
        world_turn (world, 5);
    CHECK_INT (world_number (world, "select count (*) from trials"), 0);
}
