/* rights.c - see rights.h.
 *
 * Root keeps what it takes to install packages and to act as other users, and loses what reaches the machine: mounts, devices, modules,
 * the network's set-up, other processes' memory, the clock. Another user has nothing to lose, and gains nothing: programs that are
 * set-uid stay without effect. */

#include "agent/sandbox/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int kept[] = {CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,  CAP_KILL,
                           CAP_SETGID,  CAP_SETUID,       CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SYS_CHROOT,
                           CAP_SETFCAP, CAP_SETPCAP,      CAP_AUDIT_WRITE};

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

// The keyring of the session would be the agent's. A kernel without keyrings has none to share.
int rights_give_up (void)
{
    if (syscall (SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
        return errno;
    if (geteuid () != 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    int error = give_up_capabilities ();
    // What it is asked to start, and the memory of this process, are not the job's to read or change.
    return error || prctl (PR_SET_DUMPABLE, 0) == 0 ? error : errno;
}
