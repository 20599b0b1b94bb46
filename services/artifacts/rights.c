/* rights.c - who may read and write artifacts and caches. A row of an artifact knows its project; of a cache people see what is in its project. */

#include "services/artifacts/artifacts_self.h"

#define OWN_JOB RIGHT_BIT (JOB)

// clang-format off
static const right_t rights[RIGHT_MESSAGES] = {
    RIGHT_OF (artifact_begin, OWN_JOB)
    RIGHT_OF (artifact_put, OWN_JOB)
    RIGHT_OF (artifact_finish, OWN_JOB)
    RIGHT_OF (artifact_open, OWN_JOB)
    RIGHT_OF (artifact_block, OWN_JOB)
    RIGHT_OF (artifact_gather, OWN_JOB)
    RIGHT_OF (artifact_close, OWN_JOB)
    [MSG_artifact_list] = {.of = RIGHT_LIST, .least = ROLE_VIEWER, .publicly = true, .others = OWN_JOB},
    RIGHT_TO_READ_OR (artifact_show, ARTIFACT, artifact, OWN_JOB)
    RIGHT_TO_READ_OR (artifact_files, ARTIFACT, artifact, OWN_JOB)
    RIGHT_TO_READ_OR (artifact_read, ARTIFACT, artifact, OWN_JOB)
    RIGHT_TO_READ (view_make, ARTIFACT, artifact)
    [MSG_artifact_remove] = {.of = RIGHT_ARTIFACT, .field = offsetof (artifact_remove_t, artifact),
                             .least = ROLE_DEVELOPER, .others = OWN_JOB},
    RIGHT_OF (cache_reserve, OWN_JOB)
    RIGHT_OF (cache_close, OWN_JOB)
    RIGHT_OF (cache_staged, OWN_JOB)
    RIGHT_OF (cache_look, OWN_JOB)
    RIGHT_OF (cache_copy, OWN_JOB)
    [MSG_cache_chunks] = {.of = RIGHT_INSTANCE, .least = ROLE_VIEWER, .others = OWN_JOB},
    [MSG_cache_show] = {.of = RIGHT_INSTANCE, .least = ROLE_VIEWER, .others = OWN_JOB},
    [MSG_cache_read] = {.of = RIGHT_INSTANCE, .least = ROLE_VIEWER, .others = OWN_JOB},
    RIGHT (retention_of_artifacts, INSTANCE, VIEWER)
    RIGHT_IN (cache_list, PROJECT, project, VIEWER)
    RIGHT_IN (cache_remove, PROJECT, project, DEVELOPER)
};
// clang-format on

static fault_t check_artifact (artifacts_t *self, turn_t *turn, const right_t *right, const char *id)
{
    artifact_row_t row;
    TRY (artifact_store_find (self->db, turn, id, &row));
    return places_check_thing (&self->places, turn, right, row.project, "artifact", id);
}

fault_t artifacts_may (void *context, turn_t *turn, uint16_t ask_number, const void *ask)
{
    artifacts_t *self = context;
    const right_t *right = rights_row (rights, ask_number);
    bool depends;
    TRY (rights_check (turn, right, &depends));
    if (!depends)
        return OK;
    const char *name = rights_named (right, ask);
    return right->of == RIGHT_PROJECT ? places_check_project (&self->places, turn, right, name)
                                      : check_artifact (self, turn, right, name);
}

// Of a run or a job without artifacts, and of one that the caller may not see, it sees none.
fault_t artifacts_see (artifacts_t *self, turn_t *turn, const artifact_list_t *ask, bool *sees)
{
    static const right_t right = {.of = RIGHT_RUN, .least = ROLE_VIEWER, .publicly = true};
    const char *project;
    bool found;
    *sees = true;
    if (turn->caller.role == ROLE_JOB || caller_may_everywhere (&turn->caller, ROLE_VIEWER))
        return OK;
    TRY (artifact_store_project (self->db, turn, ask->run, ask->job, &project, &found));
    fault_t fault =
        found ? places_check_thing (&self->places, turn, &right, project, "run", ask->run) : NOT_FOUND;
    *sees = fault == OK;
    return fault == NOT_FOUND ? OK : fault;
}
