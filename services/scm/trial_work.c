/* trial_work.c - see trial_work.h. */

#include "services/scm/trial_work.h"

#include <inttypes.h>

typedef struct {
    trials_t trials;
    trial_order_t order;
    turn_t turn; // In the task's arena
    trial_bytes_t got;
    fault_t fault;
} work_of_trial_t;

static void do_it (void *data)
{
    work_of_trial_t *self = data;
    const trial_order_t *order = &self->order;
    switch (order->act) {
    case TRIAL_PUT_IT:
        self->fault = trial_put (&self->trials, &self->turn, order->trial, order->part, &order->data);
        break;
    case TRIAL_READ_IT:
        self->fault =
            trial_read (&self->trials, &self->turn, order->trial, order->offset, order->size, &self->got);
        break;
    case TRIAL_DROP_IT: self->fault = trial_drop (&self->trials, &self->turn, order->trial); break;
    }
}

static fault_t begin (scm_t *scm, turn_t *turn, const trial_order_t *order, const char *key)
{
    arena_t *arena = arena_new ();
    work_of_trial_t *work = arena_alloc (arena, sizeof *work);
    *work = (work_of_trial_t){.trials = scm->trials, .order = *order};
    work->order.trial = arena_strdup (arena, order->trial);
    work->order.data.data = arena_copy (arena, order->data.data, order->data.size);
    turn_init (&work->turn, arena, arena_strdup (arena, turn->request_id), turn->now_us);
    return background_begin (scm->bundles, turn, key, do_it, &arena, work);
}

fault_t trial_work (scm_t *scm, turn_t *turn, const trial_order_t *order, trial_bytes_t *out)
{
    work_of_trial_t *work;
    const char *key = arena_printf (turn->arena, "%d %s %" PRIu32 " %" PRId64 " %zu %s", (int) order->act,
                                    order->trial, order->part, order->offset, order->size, turn->request_id);
    fault_t fault = background_find (scm->bundles, turn, key, (void **) &work);
    if (fault == NOT_FOUND)
        return begin (scm, turn, order, key);
    TRY (fault);
    if (work->turn.detail)
        turn->detail = arena_strdup (turn->arena, work->turn.detail);
    if (work->fault == OK && out)
        *out = (trial_bytes_t){
            {arena_copy (turn->arena, work->got.data.data, work->got.data.size), work->got.data.size},
            work->got.size};
    return work->fault;
}
