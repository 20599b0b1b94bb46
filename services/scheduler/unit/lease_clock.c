/* lease_clock.c - see lease_clock.h. */

#include "services/scheduler/unit/lease_clock.h"

#include "common/base/log.h"
#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/seal_store.h"
#include "services/scheduler/unit/unit.h"

void lease_clock_init (scheduler_t *self)
{
    self->clock_base_us = clock_now_us (clock_system ()) - clock_boottime_us ();
    self->served_us = 0;
}

void lease_clock_read (scheduler_t *self, const turn_t *turn)
{
    self->lease_read_us = actor_steady_now_us (turn); // First: what passes makes a tick early, not late
    self->lease_now_us =
        self->clock ? clock_now_us (self->clock) : self->clock_base_us + clock_boottime_us ();
}

int64_t lease_clock_local (const scheduler_t *self, const turn_t *turn, int64_t at)
{
    // The turn began later than the unit of work, which may have had to reach the database, or to wait for its lock
    int64_t since = actor_steady_us (turn) - self->lease_read_us;
    return at == NEVER ? NEVER : turn->now_us + (at - self->lease_now_us) - since;
}

void lease_clock_tick_at (const scheduler_t *self, turn_t *turn, int64_t at)
{
    if (at != NEVER)
        actor_tick_at (turn, lease_clock_local (self, turn, at));
}

// The database's clock, if it has one of its own. A large difference is logged once.
static void correct (scheduler_t *self, turn_t *turn, int64_t database_us)
{
    if (self->clock)
        database_us = self->lease_now_us;
    else if (database_us) {
        self->clock_base_us = database_us - clock_boottime_us ();
        self->lease_now_us = database_us;
    }
    int64_t ahead = turn->now_us - database_us, off = ahead < 0 ? -ahead : ahead;
    bool skewed = database_us && off > SKEW_WARNED_US;
    if (skewed && !self->skewed)
        log_warn (arena_printf (turn->arena, "this machine's clock is %lld s %s the database's",
                                (long long) (off / SECONDS (1)), ahead < 0 ? "behind" : "ahead of"),
                  NULL);
    self->skewed = skewed;
}

static fault_t give_grace (scheduler_t *self, turn_t *turn, int64_t served)
{
    int64_t now = lease_now (self), until = now + lease_us (self), leases, agents;
    TRY (lease_store_grace (self->db, turn, served, until, &leases));
    TRY (agent_store_grace (self->db, turn, served, until, &agents));
    if (leases + agents > 0)
        log_warn (arena_printf (
                      turn->arena, "no scheduler served for %lld s: %lld leases and %lld agents get another",
                      (long long) ((now - served) / SECONDS (1)), (long long) leases, (long long) agents),
                  NULL);
    return OK;
}

// The clock of leases was set back: times further ahead than possible are brought near.
static fault_t pull_back (scheduler_t *self, turn_t *turn, int64_t by)
{
    int64_t now = lease_now (self);
    log_warn ("the clock of leases was set back", NULL);
    TRY (lease_store_pull_back (self->db, turn, now, now + lease_us (self), by));
    TRY (seal_store_pull_back (self->db, turn, now));
    unit_match_all (self, turn); // No agent is backed off any longer
    return agent_store_pull_back (self->db, turn, now, now + lease_us (self));
}

typedef struct {
    int64_t at;
} last_served_t;

static void served (void *context, void *data)
{
    scheduler_t *self = context;
    self->served_us = ((last_served_t *) data)->at;
}

// After the commit: a tick that is rolled back has not served.
static void remember (turn_t *turn, int64_t at)
{
    last_served_t *data = arena_alloc (turn->arena, sizeof *data);
    data->at = at;
    actor_after (turn, served, data);
}

fault_t lease_clock_serve (scheduler_t *self, turn_t *turn)
{
    int64_t every = lease_us (self) / 6, before, database_us;
    int64_t since = lease_now (self) - self->served_us;
    if (since >= 0 && since < every)
        return OK;
    TRY (lease_store_served (self->db, turn, &before, &database_us));
    correct (self, turn, database_us);
    since = lease_now (self) - before;
    if (since >= 0 && since < every / 2) { // Another replica has served meanwhile
        remember (turn, before);
        return OK;
    }
    TRY (unit_write (self, turn));
    TRY (lease_store_served (self->db, turn, &before, &database_us)); // It may have been first
    since = lease_now (self) - before;
    if (since > lease_us (self) / 3)
        TRY (give_grace (self, turn, before));
    if (since < -lease_us (self) / 3)
        TRY (pull_back (self, turn, -since));
    remember (turn, lease_now (self));
    return lease_store_set_served (self->db, turn, lease_now (self));
}
