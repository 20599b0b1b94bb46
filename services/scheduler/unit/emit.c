/* emit.c - see emit.h. */

#include "services/scheduler/unit/emit.h"

#include "services/scheduler/store/event_store.h"

static fault_t emit (scheduler_t *self, turn_t *turn, event_t event)
{
    TRY (unit_write (self, turn));
    if (self->emitted_count == 0)
        actor_announce_soon (turn, TOPIC_EVENTS);
    self->emitted = arena_grow (self->emitted_arena, self->emitted, self->emitted_count,
                                &self->emitted_capacity, sizeof (event_t));
    self->emitted[self->emitted_count++] = (event_t){
        .type = event.type,
        .project_id = arena_strdup (self->emitted_arena, event.project_id),
        .run_id = arena_strdup (self->emitted_arena, event.run_id),
        .job_id = arena_strdup (self->emitted_arena, event.job_id),
        .agent_id = arena_strdup (self->emitted_arena, event.agent_id),
        .state = event.state, // Of a table, as the type and the result
        .result = event.result,
        .at = turn->now_us,
    };
    return OK;
}

fault_t emit_write (scheduler_t *self, turn_t *turn)
{
    if (self->emitted_count == 0)
        return OK;
    return event_store_add (self->db, turn, self->counter, self->emitted, self->emitted_count);
}

#define NOTHING          .project_id = "", .run_id = "", .job_id = "", .agent_id = "", .state = "", .result = ""
#define RESULT_OF(thing) ((thing)->result == result_none ? "" : state_name (&states_result, (thing)->result))

fault_t emit_project (scheduler_t *self, turn_t *turn, event_type_t type, const char *id, const char *state)
{
    event_t event = {.type = event_type_name (type), NOTHING};
    event.project_id = id;
    event.state = state;
    return emit (self, turn, event);
}

fault_t emit_run (scheduler_t *self, turn_t *turn, event_type_t type, const run_t *run)
{
    event_t event = {.type = event_type_name (type), NOTHING};
    event.project_id = run->project_id;
    event.run_id = run->id;
    event.state = state_name (&states_run, run->state);
    event.result = RESULT_OF (run);
    return emit (self, turn, event);
}

fault_t emit_job (scheduler_t *self, turn_t *turn, const job_t *job)
{
    event_t event = {.type = event_type_name (EVENT_job_state), NOTHING};
    event.project_id = job->project_id;
    event.run_id = job->run_id;
    event.job_id = job->id;
    event.agent_id = job->agent_id;
    event.state = state_name (&states_job, job->state);
    event.result = RESULT_OF (job);
    return emit (self, turn, event);
}

fault_t emit_agent (scheduler_t *self, turn_t *turn, event_type_t type, const char *id, agent_state_t state)
{
    event_t event = {.type = event_type_name (type), NOTHING};
    event.agent_id = id;
    event.state = state_name (&states_agent, state);
    return emit (self, turn, event);
}
