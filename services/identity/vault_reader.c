/* vault_reader.c - see vault_reader.h. The answer is kept for the request that asked, and no longer. */

#include "services/identity/vault_reader.h"

#include "common/actor/background.h"
#include "common/base/metrics.h"

typedef struct {
    arena_t *arena;
    vault_settings_t settings; // They live as long as the service
    const char *project, *environment;
    value_t *found[3]; // Of the environment, of the project, of all
    fault_t fault;
    const char *detail;
} vault_reading_t;

// In a helper thread: it has all that it needs in its own arena.
static void read_vaults (void *data)
{
    vault_reading_t *self = data;
    turn_t turn;
    turn_init (&turn, self->arena, "vault", 0);
    self->fault = OK;
    if (*self->environment)
        self->fault = vault_read (&turn, &self->settings, self->project, self->environment, self->found[0]);
    if (!self->fault && *self->project)
        self->fault = vault_read (&turn, &self->settings, self->project, "", self->found[1]);
    if (!self->fault)
        self->fault = vault_read (&turn, &self->settings, "", "", self->found[2]);
    self->detail = turn.detail;
}

static fault_t begin (identity_t *self, turn_t *turn, const char *key, const grant_t *grant)
{
    arena_t *arena = arena_new ();
    vault_reading_t *reading = arena_alloc (arena, sizeof (*reading));
    *reading = (vault_reading_t){.arena = arena,
                                 .settings = self->vaults,
                                 .project = arena_strdup (arena, grant->project_name),
                                 .environment = arena_strdup (arena, grant->environment)};
    for (size_t i = 0; i < 3; i++)
        reading->found[i] = value_object (arena);
    return background_begin (self->helpers, turn, key, read_vaults, &arena, reading);
}

static void count (fault_t fault)
{
    metric_add (metrics_counter ("opencicd_vault_reads_total", "result", fault ? "failed" : "read",
                                 "Times that the vaults were read for a job, by what came of it"),
                1);
}

fault_t vault_reader_find (identity_t *self, turn_t *turn, const grant_t *grant, vaulted_t *out)
{
    vault_reading_t *reading;
    const value_t *none = value_object (turn->arena);
    *out = (vaulted_t){none, none, none};
    if (!vault_any (&self->vaults))
        return OK;
    // Of this request alone: one that asks again after a refusal has the vault asked again
    const char *key = arena_printf (turn->arena, "%s\n%u\n%s", turn->caller.subject, turn->caller.attempt,
                                    turn->request_id);
    fault_t fault = background_find (self->helpers, turn, key, (void **) &reading);
    if (fault == NOT_FOUND)
        return begin (self, turn, key, grant);
    TRY (fault);
    count (reading->fault);
    if (reading->fault)
        return turn_fail (turn, reading->fault, "%s",
                          reading->detail ? reading->detail : fault_text (reading->fault));
    *out = (vaulted_t){reading->found[0], reading->found[1], reading->found[2]};
    return OK;
}
