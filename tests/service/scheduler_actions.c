/* What tags and branches of actions are locked to: the first use counts, a move is seen, people accept it, a lock file comes first. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define A     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C     "cccccccccccccccccccccccccccccccccccccccc"
#define STEPS "jobs:\n  a:\n    runs-on: linux\n    steps: [{uses: own/act@v1}]\n"

static fault_t look (world_t *world, const fake_agent_t *agent, const char *reference, const char *commit,
                     action_pin_t *pin)
{
    world->caller =
        (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
    fault_t fault = ASK (world, action_look, pin, .job = agent->offer.job, .attempt = agent->offer.attempt,
                         .reference = reference, .commit = commit);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "", .attempt = 0};
    return fault;
}

static const char *locked (world_t *world, const fake_agent_t *agent, const char *reference,
                           const char *commit)
{
    action_pin_t pin;
    fault_t fault = look (world, agent, reference, commit, &pin);
    return fault ? fault_name (fault)
                 : arena_printf (world->arena, "%s %s", state_name (&states_pin, pin.source), pin.commit);
}

static fake_agent_t begun (world_t *world, const char *name)
{
    fake_agent_t one = agent (world, name, "linux");
    trigger (world);
    CHECK (take (world, &one));
    return one;
}

TEST_ON_ENGINES (the_first_commit_of_a_tag_is_what_every_job_gets)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" STEPS);
    project (world);
    fake_agent_t ada = begun (world, "ada"), eve = begun (world, "eve");
    CHECK_STR (locked (world, &ada, "own/act@v1", ""), "none ");
    CHECK_STR (locked (world, &ada, "own/act@v1", A), "record " A);
    CHECK_STR (locked (world, &ada, "own/act@v1", A), "record " A); // The answer was lost
    CHECK_STR (locked (world, &eve, "own/act@v1", B), "record " A); // Was second
    CHECK_STR (locked (world, &eve, "own/act@v1", ""), "record " A);
    CHECK_STR (locked (world, &eve, "own/act@main", C), "record " C);
    action_page_t page;
    MUST (world, action_list, &page, .project = "demo");
    CHECK_INT (page.items.count, 2);
    CHECK_STR (page.items.items[1].reference, "own/act@v1");
    CHECK_STR (page.items.items[1].moved_to, B);
    CHECK_STR (page.items.items[1].job, ada.offer.job);
    CHECK (page.items.items[1].moved_at > 0);
    MUST (world, action_list, &page, .project = "demo", .limit = 1);
    CHECK_STR (page.next, "own/act@main");
    MUST (world, action_list, &page, .project = "demo", .cursor = page.next);
    CHECK_INT (page.items.count, 1);
}

TEST_ON_ENGINES (a_move_that_somebody_accepted_is_what_jobs_get)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" STEPS);
    project (world);
    fake_agent_t ada = begun (world, "ada");
    action_pin_t pin;
    CHECK_STR (locked (world, &ada, "own/act@v1", A), "record " A);
    CHECK_INT (ASK (world, action_accept, &pin, .project = "demo", .reference = "own/act@v1"), CONFLICT);
    CHECK_STR (world->turn.detail, "own/act@v1 was seen nowhere but at " A "; name a commit");
    CHECK_STR (locked (world, &ada, "own/act@v1", B), "record " A);
    MUST (world, action_accept, &pin, .project = "demo", .reference = "own/act@v1");
    CHECK_STR (pin.commit, B);
    CHECK_STR (pin.moved_to, "");
    CHECK_STR (locked (world, &ada, "own/act@v1", B), "record " B);
    MUST (world, action_accept, &pin, .project = "demo", .reference = "own/act@v1", .commit = C);
    CHECK_STR (locked (world, &ada, "own/act@v1", C), "record " C);
    CHECK_INT (ASK (world, action_accept, &pin, .project = "demo", .reference = "own/none@v1"), NOT_FOUND);
    CHECK_INT (ASK (world, action_accept, &pin, .project = "demo", .reference = "own/act"), INVALID);
    events_t events;
    MUST (world, events_read, &events);
    size_t moved = 0, accepted = 0;
    for (size_t i = 0; i < events.items.count; i++) {
        moved += strcmp (events.items.items[i].type, "project.action_moved") == 0;
        accepted += strcmp (events.items.items[i].type, "project.action_accepted") == 0;
    }
    CHECK_INT (moved, 1);
    CHECK_INT (accepted, 2);
}

TEST_ON_ENGINES (only_the_job_itself_asks_and_only_about_what_can_move)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" STEPS);
    project (world);
    fake_agent_t ada = begun (world, "ada");
    action_pin_t pin;
    CHECK_INT (ASK (world, action_look, &pin, .job = ada.offer.job, .attempt = 1, .reference = "own/act@v1"),
               FORBIDDEN);
    static const char *const wrong[] = {"own/act", "Own/act@v1", "own/act/sub@v1", "./x", ("own/act@" A), ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_INT (look (world, &ada, wrong[i], "", &pin), INVALID);
    CHECK_INT (look (world, &ada, "own/act@v1", "abc", &pin), INVALID);
    fake_agent_t old = ada;
    old.offer.attempt = 7;
    CHECK_INT (look (world, &old, "own/act@v1", "", &pin), CONFLICT);
}

#define LOCK(workflow)                                                                                       \
    "version: 'v0.0.2'\nworkflows:\n  '" workflow "':\n    - 'own/act@v1'\ndependencies:\n  'Own/act@v1':\n" \
    "    ref: 'v1'\n    commit: 'sha1-" C "'\n    owner_id: 1\n    repo_id: 2\n"

TEST_ON_ENGINES (a_lock_file_that_covers_the_workflow_decides_alone)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" STEPS);
    world_file (world, "actions.lock", LOCK (".github/workflows/ci.yml"));
    project (world);
    fake_agent_t ada = begun (world, "ada");
    CHECK_STR (locked (world, &ada, "own/act@v1", ""), "file " C);
    CHECK_STR (locked (world, &ada, "own/act@v1", A), "file " C);
    CHECK_STR (locked (world, &ada, "own/act@v2", A), "missing ");
    action_page_t page;
    MUST (world, action_list, &page, .project = "demo");
    CHECK_INT (page.items.count, 0);
}

TEST_ON_ENGINES (a_lock_file_of_other_workflows_leaves_it_to_the_record)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" STEPS);
    world_file (world, "actions.lock", LOCK (".github/workflows/other.yml"));
    project (world);
    fake_agent_t ada = begun (world, "ada");
    CHECK_STR (locked (world, &ada, "own/act@v1", A), "record " A);
}

TEST_ON_ENGINES (a_lock_file_that_is_broken_lets_nothing_run)
{
    run_t run;
    event_runs_t runs;
    world_file (world, "ci.yml", "on: [workflow_dispatch, push]\n" STEPS);
    world_file (world, "actions.lock", "version: 'v0.0.2'\ndependencies: 7\n");
    project (world);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK_STR (world->turn.detail, ".github/workflows/actions.lock:2:15: must be a map");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main");
    CHECK_INT (runs.items.count, 0);
    CHECK_INT (runs.skipped.count, 1);
    CHECK_STR (runs.skipped.items[0].reason, ".github/workflows/actions.lock:2:15: must be a map");
}
