/* cgroup.c - see cgroup.h. */

#include "common/os/cgroup.h"

#include "common/os/cgroup_place.h"
#include "common/os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LEAF          "opencicd-self"
#define VALUE_MAX     64 // Bytes of one written value
#define FILE_TEXT_MAX 4096
#define PERIOD_US     100000    // In which a group may use its share of the processors
#define ATTEMPTS      16        // Processes may be started while others are moved
#define PROCESSES_MAX (4 << 20) // Bytes of a list of process numbers
#define UNLIMITED     INT64_C (0)

typedef enum { MEMORY, CPU, PROCESSES, CONTROLLERS } controller_t;
static const struct {
    const char *name, *file[3]; // By version
} controllers[CONTROLLERS] = {
    [MEMORY] = {"memory", {NULL, "memory.limit_in_bytes", "memory.max"}},
    [CPU] = {"cpu", {NULL, "cpu.cfs_quota_us", "cpu.max"}},
    [PROCESSES] = {"pids", {NULL, "pids.max", "pids.max"}},
};
static const char *const peak_files[] = {NULL, "memory.max_usage_in_bytes", "memory.peak"};

struct cgroup {
    arena_t *arena;
    int version;
    char *folders[CONTROLLERS]; // In version 2 all are the same one; NULL: not needed
    const char *entries[CONTROLLERS + 1];
};

static bool is_needed (const cgroup_limits_t *needs, size_t controller)
{
    const int64_t values[CONTROLLERS] = {
        [MEMORY] = needs->memory_bytes, [CPU] = needs->milli_cpus, [PROCESSES] = needs->processes};
    return values[controller] != UNLIMITED;
}

// One write: the kernel takes each as a whole value.
static bool put (const char *folder, const char *file, const char *text)
{
    char path[PATH_MAX];
    if (snprintf (path, sizeof path, "%s/%s", folder, file) >= (int) sizeof path)
        return errno = ENAMETOOLONG, false;
    int fd = open (path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);
    int error = errno;
    if (fd >= 0)
        close (fd);
    return errno = error, good;
}

static bool get (const char *folder, const char *file, char text[FILE_TEXT_MAX])
{
    char path[PATH_MAX];
    if (!folder || snprintf (path, sizeof path, "%s/%s", folder, file) >= (int) sizeof path)
        return false;
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read (fd, text, FILE_TEXT_MAX - 1) : -1;
    if (fd >= 0)
        close (fd);
    text[size > 0 ? size : 0] = 0;
    return size >= 0;
}

// ---- version 2: the controllers are handed down

static bool is_ours_to_arrange (const cgroup_texts_t *texts, const char *base)
{
    char value[2] = "";
    return strstr (texts->own, "0::/\n") || getxattr (base, "user.delegate", value, 1) == 1 ||
           getxattr (base, "trusted.delegate", value, 1) == 1;
}

// Into the leaf. One that has ended meanwhile is no fault.
static bool move_processes (turn_t *turn, const char *base)
{
    const char *leaf = arena_printf (turn->arena, "%s/" LEAF, base), *list;
    if (mkdir (leaf, 0755) != 0 && errno != EEXIST)
        return false;
    if (file_read (turn, arena_printf (turn->arena, "%s/cgroup.procs", base), PROCESSES_MAX, &list) != OK)
        return false;
    for (const char *line = list; *line; line += strcspn (line, "\n"), line += *line == '\n') {
        const char *number = arena_strndup (turn->arena, line, strcspn (line, "\n"));
        if (!put (leaf, "cgroup.procs", number) && errno != ESRCH)
            return false;
    }
    return true;
}

static fault_t hand_down (turn_t *turn, const cgroup_texts_t *texts, const char *base, const char *controller)
{
    const char *word = arena_printf (turn->arena, "+%s", controller);
    for (int i = 0; i < ATTEMPTS; i++) {
        if (put (base, "cgroup.subtree_control", word))
            return OK;
        if (errno != EBUSY)
            break;
        if (!is_ours_to_arrange (texts, base))
            return turn_fail (
                turn, FORBIDDEN,
                "the control group %s holds other processes, and is not delegated to this program"
                " (Delegate=yes in its unit)",
                base);
        if (!move_processes (turn, base))
            break;
    }
    return turn_fail (turn, fault_from_errno (errno), "cannot hand the controller %s down in %s: %s",
                      controller, base, strerror (errno));
}

// Our own group, or what is above it where an earlier one of us has moved us into the leaf.
static const char *base_of_two (arena_t *arena, const cgroup_texts_t *texts)
{
    const char *place = cgroup_place (arena, texts, NULL);
    const char *name = place ? strrchr (place, '/') : NULL;
    return name && strcmp (name, "/" LEAF) == 0 ? arena_strndup (arena, place, (size_t) (name - place))
                                                : place;
}

static bool has_controllers (const char *base, const cgroup_limits_t *needs)
{
    char text[FILE_TEXT_MAX];
    if (!get (base, "cgroup.controllers", text))
        return false;
    text[strcspn (text, "\n")] = ' ';
    for (size_t i = 0; i < CONTROLLERS; i++) {
        const char *at = strstr (text, controllers[i].name);
        while (at && ((at > text && at[-1] != ' ') || at[strlen (controllers[i].name)] != ' '))
            at = strstr (at + 1, controllers[i].name);
        if (is_needed (needs, i) && !at)
            return false;
    }
    return true;
}

// ---- making it

static fault_t make_folder (cgroup_t *self, turn_t *turn, size_t controller, const char *base,
                            const char *name)
{
    char *path = arena_printf (self->arena, "%s/%s", base, name);
    if (mkdir (path, 0755) != 0 && errno != EEXIST)
        return turn_fail (turn, fault_from_errno (errno), "cannot make the control group %s: %s", path,
                          strerror (errno));
    self->folders[controller] = path;
    return OK;
}

static fault_t make_two (cgroup_t *self, turn_t *turn, const cgroup_texts_t *texts, const char *base,
                         const char *name, const cgroup_limits_t *needs)
{
    self->version = 2;
    for (size_t i = 0; i < CONTROLLERS; i++)
        if (is_needed (needs, i)) {
            TRY (hand_down (turn, texts, base, controllers[i].name));
            TRY (make_folder (self, turn, i, base, name));
        }
    return OK;
}

static fault_t make_one (cgroup_t *self, turn_t *turn, const cgroup_texts_t *texts, const char *name,
                         const cgroup_limits_t *needs)
{
    self->version = 1;
    for (size_t i = 0; i < CONTROLLERS; i++) {
        const char *base =
            is_needed (needs, i) ? cgroup_place (turn->arena, texts, controllers[i].name) : NULL;
        if (base)
            TRY (make_folder (self, turn, i, base, name));
        else if (is_needed (needs, i))
            return turn_fail (turn, NOT_FOUND, "this machine has no controller %s for us",
                              controllers[i].name);
    }
    return OK;
}

static void list_entries (cgroup_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < CONTROLLERS; i++)
        if (self->folders[i] && (self->version == 1 || count == 0))
            self->entries[count++] = arena_printf (self->arena, "%s/cgroup.procs", self->folders[i]);
}

fault_t cgroup_new (cgroup_t **out, turn_t *turn, const char *name, const cgroup_limits_t *needs)
{
    cgroup_texts_t texts;
    cgroup_t *self = calloc (1, sizeof (cgroup_t));
    if (!self)
        abort ();
    self->arena = arena_new ();
    cgroup_texts_read (&texts, turn->arena);
    const char *base = base_of_two (turn->arena, &texts);
    fault_t fault = base && has_controllers (base, needs) ? make_two (self, turn, &texts, base, name, needs)
                                                          : make_one (self, turn, &texts, name, needs);
    if (fault) {
        cgroup_destroy (&self);
        return fault;
    }
    list_entries (self);
    *out = self;
    return OK;
}

void cgroup_destroy (cgroup_t **self_p)
{
    cgroup_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < CONTROLLERS; i++)
        if (self->folders[i])
            rmdir (self->folders[i]); // In version 2 the first one did it
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

const char *const *cgroup_entries (const cgroup_t *self)
{
    return self->entries;
}

// ---- limits, and what was used

static void format_limit (int version, size_t controller, int64_t limit, char text[VALUE_MAX])
{
    const char *none = version == 2 || controller == PROCESSES ? "max" : "-1";
    if (controller == CPU && version == 2 && limit)
        snprintf (text, VALUE_MAX, "%" PRId64 " %d", limit * PERIOD_US / 1000, PERIOD_US);
    else if (!limit)
        snprintf (text, VALUE_MAX, "%s", none);
    else
        snprintf (text, VALUE_MAX, "%" PRId64, controller == CPU ? limit * PERIOD_US / 1000 : limit);
}

// Memory that went to the disk would make a limit that is reached a machine that crawls. Kernels without accounts of swap have no such file.
static void forbid_swap (const cgroup_t *self, int64_t memory)
{
    char text[VALUE_MAX];
    format_limit (self->version, MEMORY, memory, text);
    if (self->version == 2)
        put (self->folders[MEMORY], "memory.swap.max", memory ? "0" : "max");
    else
        put (self->folders[MEMORY], "memory.memsw.limit_in_bytes", text);
}

fault_t cgroup_limit (cgroup_t *self, turn_t *turn, const cgroup_limits_t *limits)
{
    const int64_t values[CONTROLLERS] = {
        [MEMORY] = limits->memory_bytes, [CPU] = limits->milli_cpus, [PROCESSES] = limits->processes};
    char text[VALUE_MAX];
    // Version 1 has memory alone below memory with swap: it is raised last, and so is opened first
    if (self->folders[MEMORY] && self->version == 1)
        put (self->folders[MEMORY], "memory.memsw.limit_in_bytes", "-1");
    for (size_t i = 0; i < CONTROLLERS; i++) {
        if (!self->folders[i])
            continue;
        format_limit (self->version, i, values[i], text);
        if (!put (self->folders[i], controllers[i].file[self->version], text))
            return turn_fail (turn, INVALID, "the kernel does not take %s as %s in %s: %s", text,
                              controllers[i].file[self->version], self->folders[i], strerror (errno));
    }
    if (self->folders[MEMORY]) {
        forbid_swap (self, values[MEMORY]);
        put (self->folders[MEMORY], peak_files[self->version],
             "0"); // Older kernels of version 2 keep the old peak
    }
    return OK;
}

void cgroup_usage (const cgroup_t *self, cgroup_usage_t *out)
{
    char text[FILE_TEXT_MAX];
    *out = (cgroup_usage_t){-1, -1};
    if (get (self->folders[MEMORY], peak_files[self->version], text))
        out->peak_bytes = strtoll (text, NULL, 10);
    if (get (self->folders[PROCESSES], "pids.events", text) && strncmp (text, "max ", 4) == 0)
        out->refused = strtoll (text + 4, NULL, 10);
}
