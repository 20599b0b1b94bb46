/* process_gate.c - see process_gate.h. */

#include "common/os/process_gate.h"

#include "common/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct process_gate {
    _Atomic uint32_t shut;   // The other side's
    _Atomic uint32_t starts; // Under way; the program's
};
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "what two processes share needs no lock");

static process_gate_t *_Atomic used; // By this program
static _Atomic int lent = -1;

static fault_t map (process_gate_t **out, turn_t *turn, int fd)
{
    void *page = mmap (NULL, sizeof (process_gate_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return turn_fail (turn, fault_from_errno (errno), "cannot map shared memory: %s", strerror (errno));
    *out = page;
    return OK;
}

fault_t process_gate_new (process_gate_t **out, turn_t *turn, int *fd)
{
    *fd = memfd_create ("opencicd-gate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Sealed: a page that somebody cut off would end whoever reads it
    if (*fd < 0 || ftruncate (*fd, sizeof (process_gate_t)) != 0 ||
        fcntl (*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        fault_t fault =
            turn_fail (turn, fault_from_errno (errno), "cannot make shared memory: %s", strerror (errno));
        if (*fd >= 0)
            close (*fd);
        return fault;
    }
    fault_t fault = map (out, turn, *fd);
    if (fault)
        close (*fd);
    return fault;
}

fault_t process_gate_map (process_gate_t **out, turn_t *turn, int fd)
{
    int seals = fcntl (fd, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK))
        return turn_fail (turn, INVALID, "the descriptor %d is not the page of a gate", fd);
    return map (out, turn, fd);
}

void process_gate_destroy (process_gate_t **self_p)
{
    if (*self_p)
        munmap (*self_p, sizeof (process_gate_t));
    *self_p = NULL;
}

// ---- the other side

bool process_gate_is_busy (const process_gate_t *self)
{
    return atomic_load (&self->starts) > 0;
}

// A container waits for the word itself: no pipe leads there from the guard, which must not wait for one.
static void set (process_gate_t *self, uint32_t shut)
{
    atomic_store (&self->shut, shut);
    syscall (SYS_futex, &self->shut, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void process_gate_wait (const process_gate_t *self, bool shut)
{
    syscall (SYS_futex, &self->shut, FUTEX_WAIT, (uint32_t) shut, NULL, NULL, 0);
}

bool process_gate_shut (process_gate_t *self, int64_t for_us)
{
    set (self, 1);
    int64_t until = clock_monotonic_us () + for_us;
    bool
        busy; // Seen once as false it counts: who comes later is inside only until it sees that the gate is shut
    while ((busy = process_gate_is_busy (self)) && clock_monotonic_us () < until)
        poll (NULL, 0, 1);
    return !busy;
}

void process_gate_open (process_gate_t *self)
{
    set (self, 0);
}

// ---- the program

void process_gate_use (process_gate_t *self)
{
    atomic_store (&used, self);
}

void process_gate_lend (int page)
{
    atomic_store (&lent, page);
}

int process_gate_page (void)
{
    return atomic_load (&lent);
}

bool process_gate_looks_shut (const process_gate_t *self)
{
    return self && atomic_load (&self->shut);
}

bool process_gate_is_shut (void)
{
    return process_gate_looks_shut (atomic_load (&used));
}

bool process_gate_enter (void)
{
    process_gate_t *self = atomic_load (&used);
    if (!self)
        return true;
    atomic_fetch_add (&self->starts, 1);
    if (!atomic_load (&self->shut))
        return true;
    atomic_fetch_sub (&self->starts, 1);
    return false;
}

// The second look closes the race with process_gate_open: who opens lets everything go on after that, so either we see that it is open, or
// what we stopped is found there. As long as we are counted nobody who shuts it again looks for processes.
void process_gate_leave (pid_t started)
{
    process_gate_t *self = atomic_load (&used);
    if (!self)
        return;
    if (started > 0 && atomic_load (&self->shut)) {
        kill (-started, SIGSTOP);
        if (!atomic_load (&self->shut))
            kill (-started, SIGCONT);
    }
    atomic_fetch_sub (&self->starts, 1);
}
