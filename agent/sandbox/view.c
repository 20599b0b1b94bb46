/* view.c - see view.h. Nothing is freed: it runs once, in a small process. */

#include "agent/sandbox/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOUNTS_MAX 4096
#define PLACE \
    "/proc" // Where the view is put together: a folder that is everywhere, and that costs nothing to make
#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const char *failed_at = "";

// ---- small steps: 0, or an errno, and then failed_at says where

static char *text (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
static char *text (const char *format, ...)
{
    char *out;
    va_list args;
    va_start (args, format);
    if (vasprintf (&out, format, args) < 0)
        abort ();
    va_end (args);
    return out;
}

static int failed (const char *what, const char *path)
{
    int error = errno;
    failed_at = text ("cannot %s %s", what, path);
    return error;
}

static int put (const char *type, const char *path, unsigned long flags, const char *options)
{
    return mount (type, path, type, flags, options) == 0 ? 0 : failed (text ("mount %s on", type), path);
}

static int bind (const char *from, const char *to, bool with_mounts)
{
    unsigned long flags = MS_BIND | (with_mounts ? MS_REC : 0);
    return mount (from, to, NULL, flags, NULL) == 0 ? 0 : failed (text ("bind %s on", from), to);
}

static int set_flags (const char *path, uint64_t flags)
{
    struct mount_attr attributes = {.attr_set = flags};
    return mount_setattr (AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof (attributes)) == 0
               ? 0
               : failed ("restrict", path);
}

static int bind_read_only (const char *from, const char *to)
{
    int error = bind (from, to, true);
    return error ? error : set_flags (to, MOUNT_ATTR_RDONLY);
}

static bool exists (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0;
}

static bool is_folder (const char *path)
{
    struct stat status;
    return stat (path, &status) == 0 && S_ISDIR (status.st_mode);
}

static int make_folder (const char *path, mode_t mode)
{
    if (mkdir (path, mode) != 0 && errno != EEXIST)
        return failed ("make", path);
    return 0;
}

static int make_folders (char *path)
{
    if (is_folder (path))
        return 0;
    for (char *at = strchr (path + 1, '/'); at; at = strchr (at + 1, '/')) {
        *at = 0;
        int error = make_folder (path, 0755);
        *at = '/';
        if (error)
            return error;
    }
    return make_folder (path, 0755);
}

// Without links: one that is followed below the place where the view is put together would lead out of it. What is not there stays as it is.
static const char *real (const char *path)
{
    const char *found = realpath (path, NULL);
    return found ? found : path;
}

static const char *const *all_real (const char *const *paths)
{
    size_t count = 0;
    while (paths[count])
        count++;
    const char **found = calloc (count + 1, sizeof (char *));
    if (!found)
        abort ();
    for (size_t i = 0; i < count; i++)
        found[i] = real (paths[i]);
    return found;
}

static bool is_below (const char *path, const char *folder)
{
    size_t size = strlen (folder);
    return strncmp (path, folder, size) == 0 && (path[size] == 0 || path[size] == '/');
}

static bool is_below_any (const char *path, const char *const *folders)
{
    for (; *folders; folders++)
        if (is_below (path, *folders))
            return true;
    return false;
}

// ---- the machine's file systems

// In an option of overlayfs.
static char *escaped (const char *path)
{
    char *out = malloc (2 * strlen (path) + 1), *at = out;
    if (!out)
        abort ();
    for (; *path; *at++ = *path++)
        if (strchr (",:\\", *path))
            *at++ = '\\';
    *at = 0;
    return out;
}

static int put_layer (const view_t *self, const char *lower, const char *to)
{
    static unsigned number;
    const char *upper = text ("%s/upper-%u", self->folder, ++number),
               *work = text ("%s/work-%u", self->folder, number);
    int error = make_folder (upper, 0755);
    if (!error)
        error = make_folder (work, 0700);
    struct stat status;
    if (!error && stat (lower, &status) == 0 && chmod (upper, status.st_mode & 07777) != 0)
        error = failed ("set the mode of", upper);
    // What is written goes with the sandbox: without "volatile" its end would sync the whole file system that it was kept on, the server's
    // databases too. In a user namespace overlayfs may keep its marks only in attributes of users.
    const char *options = text ("lowerdir=%s,upperdir=%s,workdir=%s,volatile%s", escaped (lower),
                                escaped (upper), escaped (work), geteuid () == 0 ? "" : ",userxattr");
    return error ? error : put ("overlay", to, MS_NODEV, options);
}

// Octal escapes of /proc/self/mountinfo.
static char *unescaped (char *path)
{
    char *to = path;
    for (const char *from = path; *from; to++)
        if (from[0] == '\\' && from[1] && from[2] && from[3]) {
            *to = (char) ((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else
            *to = *from++;
    *to = 0;
    return path;
}

typedef struct {
    char *path;
    char device[24]; // "MAJOR:MINOR"
    bool whole;      // What is mounted is its file system's folder of that same path
    bool read_only;
} mount_t;

static bool read_mount (const char *line, mount_t *out)
{
    char *root, options[3];
    if (sscanf (line, "%*s %*s %23s %ms %ms %2s", out->device, &root, &out->path, options) != 4)
        return false;
    out->whole = strcmp (root, out->path) == 0;
    out->read_only = strcmp (options, "ro") == 0; // The first one
    free (root);
    unescaped (out->path);
    return true;
}

static int list_mounts (mount_t *mounts, size_t *count)
{
    FILE *file = fopen ("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    if (!file)
        return failed ("read", "/proc/self/mountinfo");
    while (*count < MOUNTS_MAX && getline (&line, &size, file) > 0)
        if (read_mount (line, mounts + *count))
            ++*count;
    fclose (file);
    free (line);
    return 0;
}

// Those that are made new, or are somebody's own.
static bool is_left_out (const view_t *self, const char *path)
{
    static const char *const own[] = {"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/run", NULL};
    return strcmp (path, "/") == 0 || is_below_any (path, own) || is_below (path, self->folder) ||
           is_below_any (path, self->hidden) || is_below_any (path, self->shared);
}

// One that cannot be a lower layer can only be read.
static int put_mount (const view_t *self, const char *root, const mount_t *mount)
{
    char *to = text ("%s%s", root, mount->path);
    if (is_left_out (self, mount->path) || !exists (to))
        return 0;
    if (!mount->read_only && is_folder (mount->path) && put_layer (self, mount->path, to) == 0)
        return 0;
    return bind_read_only (mount->path, to);
}

// A layer costs as much as the rest of a sandbox. A folder that is mounted on itself, as engines of containers do with theirs, is in the
// root's already.
static bool is_in_root (const mount_t *mount, const mount_t *root)
{
    return mount->whole && root->whole && strcmp (mount->device, root->device) == 0;
}

// NULL: there is none.
static const char *home_folder (void)
{
    const char *home = getenv ("HOME");
    return home && home[0] == '/' && home[1] && is_folder (home) ? real (home) : NULL;
}

// In a user namespace the mounts that came with it cannot be taken apart, and none of them can be a lower layer whole. But there is little
// that a user could write: what is in its home is kept aside, and the rest can only be read.
static int put_machine_of_user (const view_t *self, const char *root)
{
    const char *home = home_folder ();
    int error = bind_read_only ("/", root);
    if (error || !home || is_below_any (home, self->hidden))
        return error;
    return put_layer (self, home, text ("%s%s", root, home));
}

static int put_machine (const view_t *self, const char *root)
{
    static mount_t mounts[MOUNTS_MAX];
    const mount_t *machine = NULL;
    size_t count = 0;
    if (geteuid () != 0)
        return put_machine_of_user (self, root);
    int error = list_mounts (mounts, &count); // First: it is read where the root is put together
    if (!error)
        error = put_layer (self, "/", root);
    for (size_t i = 0; i < count; i++)
        if (strcmp (mounts[i].path, "/") == 0)
            machine = mounts + i; // The last one covers the others
    for (size_t i = 0; i < count && !error; i++)
        if (!machine || !is_in_root (mounts + i, machine))
            error = put_mount (self, root, mounts + i);
    return error;
}

// ---- what every view has of its own

static int put_temporary (const view_t *self, const char *root)
{
    static const struct {
        const char *path, *name;
    } folders[] = {{"/tmp", "tmp"}, {"/var/tmp", "var-tmp"}};
    int error = 0;
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]) && !error; i++) {
        char *from = text ("%s/%s", self->folder, folders[i].name),
             *to = text ("%s%s", root, real (folders[i].path));
        if (!is_folder (to))
            continue;
        error = make_folder (from, 01777);
        if (!error && chmod (from, 01777) != 0)
            error = failed ("set the mode of", from);
        if (!error)
            error = bind (from, to, false);
        if (!error)
            error = set_flags (to, MOUNT_ATTR_NODEV);
    }
    return error;
}

// A node, or, where we may not make one, the machine's.
static int put_device (const char *root, const char *name)
{
    struct stat status;
    char *from = text ("/dev/%s", name), *to = text ("%s/dev/%s", root, name);
    if (lstat (from, &status) != 0)
        return 0;
    if (S_ISCHR (status.st_mode) && mknod (to, status.st_mode, status.st_rdev) == 0)
        return lchown (to, status.st_uid, status.st_gid) == 0 ? 0 : failed ("own", to);
    int fd = open (to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return failed ("make", to);
    close (fd);
    return bind (from, to, false);
}

static int put_link (const char *root, const char *target, const char *name)
{
    char *path = text ("%s/dev/%s", root, name);
    return symlink (target, path) == 0 ? 0 : failed ("link", path);
}

static int put_devices (const char *root)
{
    static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty", "kvm"};
    static const struct {
        const char *target, *name;
    } links[] = {{"pts/ptmx", "ptmx"},
                 {"/proc/self/fd", "fd"},
                 {"/proc/self/fd/0", "stdin"},
                 {"/proc/self/fd/1", "stdout"},
                 {"/proc/self/fd/2", "stderr"}};
    int error = put ("tmpfs", text ("%s/dev", root), MS_NOSUID | MS_NOEXEC, "mode=755,size=1m");
    for (size_t i = 0; i < sizeof (devices) / sizeof (devices[0]) && !error; i++)
        error = put_device (root, devices[i]);
    for (size_t i = 0; i < sizeof (links) / sizeof (links[0]) && !error; i++)
        error = put_link (root, links[i].target, links[i].name);
    if (!error)
        error = make_folder (text ("%s/dev/pts", root), 0755);
    if (!error)
        error = put ("devpts", text ("%s/dev/pts", root), MS_NOSUID | MS_NOEXEC,
                     "newinstance,ptmxmode=0666,mode=620");
    if (!error)
        error = make_folder (text ("%s/dev/shm", root), 01777);
    return error ? error : put ("tmpfs", text ("%s/dev/shm", root), MS_NOSUID | MS_NODEV, "mode=1777");
}

// What of it belongs to the machine, and not to a process, can only be read; or not even that.
static int put_proc (const char *root)
{
    static const char *const read_only[] = {"sys",    "sysrq-trigger", "irq",  "bus",  "fs",
                                            "driver", "dynamic_debug", "scsi", "acpi", "mtrr"};
    static const char *const empty[] = {"kcore",      "keys",        "key-users",   "kmsg",
                                        "timer_list", "sched_debug", "kallsyms",    "latency_stats",
                                        "kpagecount", "kpageflags",  "kpagecgroup", "vmcore"};
    int error = put ("proc", text ("%s/proc", root), QUIET, NULL);
    for (size_t i = 0; i < sizeof (read_only) / sizeof (read_only[0]) && !error; i++) {
        char *path = text ("%s/proc/%s", root, read_only[i]);
        error = exists (path) ? bind_read_only (path, path) : 0;
    }
    for (size_t i = 0; i < sizeof (empty) / sizeof (empty[0]) && !error; i++) {
        char *path = text ("%s/proc/%s", root, empty[i]);
        error = exists (path) ? bind ("/dev/null", path, false) : 0;
    }
    return error;
}

// Of what is mounted in it only the control groups, where programs look how much of the machine is theirs: the rest is for who watches the
// kernel. In a user namespace the mounts cannot be taken apart, and only root can read those others.
static int put_sys (const char *root)
{
    static const char groups[] = "/sys/fs/cgroup";
    bool whole = geteuid () != 0;
    int error = bind ("/sys", text ("%s/sys", root), whole);
    if (!error && !whole && is_folder (groups))
        error = bind (groups, text ("%s%s", root, groups), true);
    if (!error)
        error = set_flags (text ("%s/sys", root), MOUNT_ATTR_RDONLY);
    if (!error && is_folder ("/sys/firmware"))
        error = put ("tmpfs", text ("%s/sys/firmware", root), QUIET | MS_RDONLY, "size=4k");
    return error;
}

// Names are still resolved where systemd or NetworkManager writes resolv.conf.
static int put_run (const char *root)
{
    char real[PATH_MAX];
    int error = put ("tmpfs", text ("%s/run", root), MS_NOSUID | MS_NODEV, "mode=755,size=16m");
    if (!error)
        error = make_folder (text ("%s/run/lock", root), 01777);
    if (error || !realpath ("/etc/resolv.conf", real) || !is_below (real, "/run"))
        return error;
    *strrchr (real, '/') = 0;
    char *to = text ("%s%s", root, real);
    error = make_folders (to);
    return error ? error : bind_read_only (real, to);
}

// ---- what is hidden, and what is shared

// A folder is there in any case: what leads to shared ones below it is made in it.
static int hide (const char *root, const char *path)
{
    char *to = text ("%s%s", root, path);
    if (!is_folder (path))
        return exists (to) ? bind ("/dev/null", to, false) : 0;
    int error = make_folders (to);
    return error ? error : put ("tmpfs", to, QUIET, "mode=755,size=1m");
}

// Is a folder above it hidden too, or was it named before?
static bool is_hidden_already (const view_t *self, const char *const *path)
{
    for (const char *const *other = self->hidden; *other; other++)
        if (is_below (*path, *other) && (strcmp (*path, *other) != 0 || other < path))
            return true;
    return false;
}

// A home that is hidden is the job's own, and empty: programs want to write there. Of an agent that is a service of the machine it is the
// very folder that is hidden.
static int put_home (const view_t *self, const char *root)
{
    const char *home = home_folder ();
    if (!home || !is_below_any (home, self->hidden))
        return 0;
    char *from = text ("%s/home", self->folder), *to = text ("%s%s", root, home);
    int error = make_folder (from, 0700);
    if (!error)
        error = make_folders (to);
    if (!error)
        error = bind (from, to, false);
    return error ? error : set_flags (to, MOUNT_ATTR_NODEV);
}

// The folders that lead to shared ones are made in them by now; a home that covers one stays writable.
static int close_hidden (const view_t *self, const char *root)
{
    const char *home = home_folder ();
    for (const char *const *path = self->hidden; *path; path++) {
        char *to = text ("%s%s", root, *path);
        if (is_folder (*path) && !is_hidden_already (self, path) && (!home || strcmp (home, *path) != 0) &&
            mount ("none", to, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL) != 0)
            return failed ("restrict", to);
    }
    return 0;
}

static int share (const char *root, const char *path, uint64_t flags)
{
    char *to = text ("%s%s", root, path);
    int error = make_folders (to);
    if (!error)
        error = bind (path, to, true);
    return error ? error : set_flags (to, flags | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
}

static int put_folders (const view_t *self, const char *root)
{
    int error = 0;
    for (const char *const *path = self->hidden; *path && !error; path++)
        error = is_hidden_already (self, path) ? 0 : hide (root, *path);
    if (!error)
        error = put_home (self, root);
    for (const char *const *path = self->shared; *path && !error; path++)
        error = share (root, *path, 0);
    for (const char *const *path = self->shown; *path && !error; path++)
        error = is_folder (*path) ? share (root, *path, MOUNT_ATTR_RDONLY) : 0;
    return error ? error : close_hidden (self, root);
}

// ---- together

// The old root is detached: nothing in here leads back to it.
static int enter_root (const char *root)
{
    if (chdir (root) != 0 || syscall (SYS_pivot_root, ".", ".") != 0)
        return failed ("enter", root);
    return umount2 (".", MNT_DETACH) == 0 && chdir ("/") == 0 ? 0 : failed ("leave", "the machine's root");
}

int view_enter (const view_t *given, const char **what)
{
    const view_t resolved = {given->folder, all_real (given->hidden), all_real (given->shared),
                             all_real (given->shown)};
    const view_t *self = &resolved;
    const char *root = PLACE;
    int error = mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : failed ("own", "/");
    umask (0);
    if (!error)
        error = put_machine (self, root);
    // From here the kernel has no long way to each place
    if (!error && chdir (root) != 0)
        error = failed ("enter", root);
    root = ".";
    if (!error)
        error = put_temporary (self, root);
    if (!error)
        error = put_proc (root);
    if (!error)
        error = put_sys (root);
    if (!error)
        error = put_devices (root);
    if (!error)
        error = put_run (root);
    if (!error)
        error = put_folders (self, root);
    if (!error)
        error = enter_root (root);
    umask (022);
    *what = failed_at;
    return error;
}
