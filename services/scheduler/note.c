/* note.c - see note.h. */

#include "services/scheduler/note.h"

#include "services/scheduler/event_store.h"

fault_t unit_write (scheduler_t *self, turn_t *turn)
{
    if (self->writing)
        return OK;
    fault_t fault = event_store_lock (self->db, turn, &self->event_id);
    self->writing = !fault;
    return fault;
}

static fault_t note (scheduler_t *self, turn_t *turn, event_t event)
{
    TRY (unit_write (self, turn));
    event.id = ++self->event_id;
    event.at = turn->now_us;
    if (!self->events_made)
        actor_announce (turn, TOPIC_EVENTS);
    self->events_made = true;
    return event_store_add (self->db, turn, &event);
}

#define NOTHING          .project_id = "", .run_id = "", .job_id = "", .agent_id = "", .state = "", .result = ""
#define RESULT_OF(thing) ((thing)->result == result_none ? "" : state_name (&states_result, (thing)->result))

fault_t note_project (scheduler_t *self, turn_t *turn, const char *type, const char *id)
{
    event_t event = {.type = type, NOTHING};
    event.project_id = id;
    return note (self, turn, event);
}

fault_t note_run (scheduler_t *self, turn_t *turn, const char *type, const run_t *run)
{
    event_t event = {.type = type, NOTHING};
    event.project_id = run->project_id;
    event.run_id = run->id;
    event.state = state_name (&states_run, run->state);
    event.result = RESULT_OF (run);
    return note (self, turn, event);
}

fault_t note_job (scheduler_t *self, turn_t *turn, const job_t *job)
{
    event_t event = {.type = "job.state", NOTHING};
    event.project_id = job->project_id;
    event.run_id = job->run_id;
    event.job_id = job->id;
    event.agent_id = job->agent_id;
    event.state = state_name (&states_job, job->state);
    event.result = RESULT_OF (job);
    return note (self, turn, event);
}

fault_t note_agent (scheduler_t *self, turn_t *turn, const char *type, const char *id, agent_state_t state)
{
    event_t event = {.type = type, NOTHING};
    event.agent_id = id;
    event.state = state_name (&states_agent, state);
    return note (self, turn, event);
}
