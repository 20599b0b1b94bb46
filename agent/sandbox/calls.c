/* calls.c - see calls.h. A filter for the kernel (seccomp, in its BPF), made from a table.
 *
 * Refused is what would outlive a job or reach past its sandbox: the user's keyrings, which no namespace divides; programs in the kernel;
 * its counters; handling another thread's page faults and io_uring, both of which have been ways into the kernel more than once.
 *
 * A control group namespace of its own would let root mount the control groups anew and writable: to lift its limits, or to kill all of
 * its agent's group, which may be the server's. The flags of clone3 are in memory, where a filter cannot look: it is said not to be there,
 * and callers use clone.
 *
 * Programs of the processor's older architecture have other numbers. Source: the kernel's Documentation/userspace-api/seccomp_filter.rst and
 * arch/<name>/tools/syscall*.tbl. */

#include "agent/sandbox/calls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE         AUDIT_ARCH_X86_64
#define OLDER          AUDIT_ARCH_I386
#define OLD(i386, arm) (i386)
#define NUMBER_MASK    (~UINT32_C (0x40000000)) // A third way to call, x32, has this bit and the same numbers
#elif defined(__aarch64__)
#define NATIVE         AUDIT_ARCH_AARCH64
#define OLDER          AUDIT_ARCH_ARM
#define OLD(i386, arm) (arm)
#define NUMBER_MASK    UINT32_MAX
#else
#error "this processor's numbers are not in the table"
#endif

typedef struct {
    uint32_t native, older;
    uint32_t flags; // Refused only where the first argument has one of them; 0: always
    uint32_t error;
} refused_call_t;

static const refused_call_t refused[] = {
    {SYS_add_key, OLD (286, 309), 0, EPERM},
    {SYS_request_key, OLD (287, 310), 0, EPERM},
    {SYS_keyctl, OLD (288, 311), 0, EPERM},
    {SYS_bpf, OLD (357, 386), 0, EPERM},
    {SYS_perf_event_open, OLD (336, 364), 0, EPERM},
    {SYS_userfaultfd, OLD (374, 388), 0, EPERM},
    {SYS_io_uring_setup, 425, 0, EPERM},
    {SYS_io_uring_enter, 426, 0, EPERM},
    {SYS_io_uring_register, 427, 0, EPERM},
    {SYS_unshare, OLD (310, 337), CLONE_NEWCGROUP, EPERM},
    {SYS_clone, 120, CLONE_NEWCGROUP, EPERM},
    {SYS_clone3, 435, 0, ENOSYS},
};

enum {
    ROWS = sizeof refused / sizeof refused[0],
    ROW = 5,
    ARCH_CHECKS = 5,
    PROGRAM_MAX = ARCH_CHECKS + 2 * (ROWS * ROW + 3)
};

typedef struct {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short count;
} filter_t;

#define AT(field) ((uint32_t) offsetof (struct seccomp_data, field))
#define LOW_HALF  AT (args[0]) // Both processors are little-endian

static void add (filter_t *self, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
    self->code[self->count++] = (struct sock_filter){code, if_true, if_false, k};
}

static void load (filter_t *self, uint32_t at)
{
    add (self, BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
}

static void answer (filter_t *self, uint32_t what)
{
    add (self, BPF_RET | BPF_K, what, 0, 0);
}

// The number is loaded before it, and after it where the call is another one.
static void add_row (filter_t *self, uint32_t number, const refused_call_t *call)
{
    uint32_t error = SECCOMP_RET_ERRNO | call->error;
    if (!call->flags) {
        add (self, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
        answer (self, error);
        return;
    }
    add (self, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
    load (self, LOW_HALF);
    add (self, BPF_JMP | BPF_JSET | BPF_K, call->flags, 0, 1);
    answer (self, error);
    answer (self, SECCOMP_RET_ALLOW);
}

static void add_table (filter_t *self, bool native)
{
    load (self, AT (nr));
    add (self, BPF_ALU | BPF_AND | BPF_K, native ? NUMBER_MASK : UINT32_MAX, 0, 0);
    for (size_t i = 0; i < ROWS; i++)
        add_row (self, native ? refused[i].native : refused[i].older, refused + i);
    answer (self, SECCOMP_RET_ALLOW);
}

int calls_filter (void)
{
    filter_t older = {.count = 0}, filter = {.count = 0};
    add_table (&older, false);
    load (&filter, AT (arch));
    add (&filter, BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 2, 0);
    add (&filter, BPF_JMP | BPF_JEQ | BPF_K, OLDER, 2, 0);
    answer (&filter, SECCOMP_RET_KILL_PROCESS); // Neither: there is none
    add (&filter, BPF_JMP | BPF_JA, older.count, 0, 0);
    for (size_t i = 0; i < older.count; i++)
        filter.code[filter.count++] = older.code[i];
    add_table (&filter, true);
    const struct sock_fprog program = {filter.count, filter.code};
    // Without the flag older kernels slow every filtered process down (SSBD), as if it ran scripts of many sites
    return syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0
               ? 0
               : errno;
}
