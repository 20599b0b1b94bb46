/* rights.c - see rights.h.
 *
 * Root keeps what it takes to install packages and to act as other users, and loses what reaches the machine: mounts, devices, modules,
 * the network's set-up and what passes on it (CAP_NET_RAW: the server's and the agents' tokens, on loopback), other processes' memory, the
 * clock. Another user has nothing to lose, and gains nothing: programs that are set-uid stay without effect.
 *
 * What no capability guards is filtered (calls.h), and abstract sockets, which belong to the machine's network, are out of reach where
 * the kernel can do that (6.12). */

#include "agent/sandbox/rights.h"

#include "agent/sandbox/calls.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int kept[] = {CAP_CHOWN,      CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,
                           CAP_KILL,       CAP_SETGID,       CAP_SETUID,  CAP_NET_BIND_SERVICE,
                           CAP_SYS_CHROOT, CAP_SETFCAP,      CAP_SETPCAP, CAP_AUDIT_WRITE};

static bool is_kept (int capability)
{
    for (size_t i = 0; i < sizeof (kept) / sizeof (kept[0]); i++)
        if (kept[i] == capability)
            return true;
    return false;
}

static int give_up_capabilities (void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    for (int i = 0; prctl (PR_CAPBSET_READ, i) >= 0; i++)
        if (!is_kept (i) && prctl (PR_CAPBSET_DROP, i) != 0)
            return errno;
    for (size_t i = 0; i < sizeof (kept) / sizeof (kept[0]); i++) {
        data[kept[i] / 32].permitted |= 1u << (kept[i] % 32);
        data[kept[i] / 32].effective |= 1u << (kept[i] % 32);
    }
    return syscall (SYS_capset, &header, data) == 0 ? 0 : errno;
}

// As of linux/landlock.h, which Debian 12 has without `scoped`.
typedef struct {
    uint64_t handled_access_fs, handled_access_net, scoped;
} ruleset_t;
#define RULESET_HAS_SCOPES     6 // Version of the interface
#define SCOPE_ABSTRACT_SOCKETS (1 << 0)
#define CREATE_RULESET_VERSION (1 << 0)

// Sockets in the abstract namespace of this sandbox's processes alone. An older kernel, or one without it, leaves them as they are.
static int leave_abstract_sockets (void)
{
    const ruleset_t ruleset = {.scoped = SCOPE_ABSTRACT_SOCKETS};
    if (syscall (SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION) < RULESET_HAS_SCOPES)
        return 0;
    int fd = (int) syscall (SYS_landlock_create_ruleset, &ruleset, sizeof (ruleset), 0);
    if (fd < 0)
        return errno;
    int error = syscall (SYS_landlock_restrict_self, fd, 0) == 0 ? 0 : errno;
    close (fd);
    return error;
}

// The keyring of the session would be the agent's, which the kernel searches for what it needs itself. One without keyrings has none to share.
int rights_give_up (void)
{
    if (syscall (SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
        return errno;
    if (geteuid () != 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    int error = leave_abstract_sockets ();
    if (!error)
        error =
            calls_filter (); // As the capabilities are still there: without them it would want "no new privileges"
    if (!error)
        error = give_up_capabilities ();
    // What it is asked to start, and the memory of this process, are not the job's to read or change.
    return error || prctl (PR_SET_DUMPABLE, 0) == 0 ? error : errno;
}
