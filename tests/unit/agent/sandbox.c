/* sandbox.c - what a process in a sandbox sees, may do, and leaves behind. */

#include "common/os/sandbox.h"
#include "common/base/clock.h"
#include "common/os/folder_empty.h"
#include "common/os/process.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OUT_MAX 4096

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    char *aside, *secret, *shared; // Below it
    sandbox_maker_t *maker;
    sandbox_link_t *sandbox; // NULL: this machine allows none
} world_t;

static char *below (world_t *self, const char *name)
{
    char *path = arena_printf (self->arena, "%s/%s", self->folder, name);
    CHECK_INT (mkdir (path, 0755), 0);
    return path;
}

static void write_file (world_t *self, const char *folder, const char *name, const char *text)
{
    FILE *file = fopen (arena_printf (self->arena, "%s/%s", folder, name), "w");
    CHECK (file);
    fputs (text, file);
    fclose (file);
}

// Of the secret folder a folder is shared, as an agent's work folder has a job's.
static void world_begin (world_t *self)
{
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
    CHECK_INT (chmod (self->folder, 0755), 0);
    self->aside = below (self, "aside");
    self->secret = below (self, "secret");
    self->shared = below (self, "secret/shared");
    write_file (self, self->secret, "token", "s3cret");
    write_file (self, self->shared, "given", "hello");
    const sandbox_spec_t spec = {.program = OPENCICD_SANDBOX,
                                 .folder = self->aside,
                                 .hidden = (const char *const[]){self->secret, self->aside, NULL},
                                 .shared = (const char *const[]){self->shared, NULL}};
    self->maker = sandbox_maker_new (&spec);
    CHECK_INT (sandbox_make (self->maker, &self->turn, NULL, &self->sandbox), OK);
    if (sandbox_link_ready (self->sandbox, &self->turn) != OK) {
        printf ("not tried: %s\n", self->turn.detail);
        sandbox_link_destroy (&self->sandbox);
    }
}

static void world_end (world_t *self)
{
    sandbox_link_destroy (&self->sandbox);
    sandbox_maker_destroy (&self->maker);
    CHECK_INT (folder_empty (self->aside), OK); // Overlayfs leaves what only this can remove for a user
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

// What a script prints in the sandbox, and how it ends.
static process_output_t run (world_t *self, const char *script)
{
    process_output_t output = {.out = ""};
    const process_spec_t spec = {
        .argv =
            (const char *const[]){"sh", "-c", script, "sh", self->folder, self->secret, self->shared, NULL},
        .environment = (const char *const[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nowhere", NULL},
        .sandbox = self->sandbox};
    CHECK_INT (process_run (&self->turn, &spec, SECONDS (60), OUT_MAX, &output), OK);
    return output;
}

TEST (a_process_in_a_sandbox_prints_and_ends_as_any_other)
{
    static const struct {
        const char *script, *out, *err;
        int status, signal;
    } cases[] = {{"echo hello; echo sorry >&2; exit 3", "hello\n", "sorry\n", 3, 0},
                 {"kill -9 $$", "", "", 137, 9},
                 {"cat", "", "", 0, 0}, // Its input is /dev/null
                 {"sleep 100 & echo left", "left\n", "", 0, 0},
                 {"(sleep 0 &); echo $HOME", "/nowhere\n", "", 0, 0},
                 {"cd /; pwd", "/\n", "", 0, 0}};
    world_t world;
    world_begin (&world);
    for (size_t i = 0; world.sandbox && i < sizeof (cases) / sizeof (cases[0]); i++) {
        process_output_t output = run (&world, cases[i].script);
        CHECK_STR (output.err, cases[i].err);
        CHECK_STR (output.out, cases[i].out);
        CHECK_INT (output.end.status, cases[i].status);
        CHECK_INT (output.end.signal, cases[i].signal);
    }
    world_end (&world);
}

TEST (a_program_that_is_not_there_is_named_from_a_sandbox_too)
{
    world_t world;
    process_t *process;
    world_begin (&world);
    if (world.sandbox) {
        process_spec_t spec = {.argv = (const char *const[]){"/no/such/program", NULL},
                               .sandbox = world.sandbox};
        CHECK_INT (process_start (&process, &world.turn, &spec), NOT_FOUND);
        CHECK (strstr (world.turn.detail, "/no/such/program"));
        spec.argv = (const char *const[]){"true", NULL};
        spec.folder = "/no/such/folder";
        CHECK_INT (process_start (&process, &world.turn, &spec), NOT_FOUND);
        CHECK (strstr (world.turn.detail, "/no/such/folder"));
    }
    world_end (&world);
}

TEST (a_sandbox_has_no_process_of_outside)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        CHECK_STR (run (&world, "echo $$ $PPID | grep -qE '^[0-9]{1,2} 1$' && echo yes").out, "yes\n");
        process_output_t output =
            run (&world,
                 arena_printf (world.arena,
                               "test -e /proc/%d || echo unseen; kill -0 %d 2>&1 | grep -o 'No such process'",
                               (int) getpid (), (int) getpid ()));
        CHECK_STR (output.out, "unseen\nNo such process\n");
        CHECK_STR (run (&world, "kill -9 1; kill -STOP 1; kill -TERM 1; echo here").out,
                   "here\n"); // Its first process
        CHECK_STR (run (&world, "cat /proc/1/environ 2>&1 >/dev/null | grep -o 'Permission denied'").out,
                   "Permission denied\n");
    }
    world_end (&world);
}

TEST (what_is_hidden_is_empty_and_what_is_shared_is_the_same)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        CHECK_STR (
            run (&world,
                 "ls $2; cat $3/given; echo back >$3/made; echo no >$2/other 2>/dev/null || echo refused")
                .out,
            "shared\nhellorefused\n");
        char text[16] = "";
        int fd = open (arena_printf (world.arena, "%s/made", world.shared), O_RDONLY);
        CHECK_INT (read (fd, text, sizeof (text) - 1), 5);
        close (fd);
        CHECK_STR (text, "back\n");
    }
    world_end (&world);
}

// As root anywhere, else in our home: in a place that is in no folder of the test's.
TEST (what_a_sandbox_writes_to_the_machine_is_gone_with_it)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        const char *home = geteuid () == 0 ? "/etc" : getenv ("HOME");
        char *path = arena_printf (world.arena, "%s/opencicd-%d", home ? home : "", (int) getpid ());
        process_output_t output = run (
            &world,
            arena_printf (world.arena,
                          "echo here >%s && cat %s; echo x >/tmp/opencicd-%d; ls /tmp | grep -c ^opencicd",
                          path, path, (int) getpid ()));
        CHECK_STR (output.out,
                   arena_printf (world.arena, "here\n%d\n", strncmp (world.folder, "/tmp/", 5) == 0 ? 2 : 1));
        CHECK (access (path, F_OK) != 0);
        CHECK (access (arena_printf (world.arena, "/tmp/opencicd-%d", (int) getpid ()), F_OK) != 0);
    }
    world_end (&world);
}

TEST (a_sandbox_changes_no_file_of_the_machine)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox && geteuid () == 0) {
        char before[16] = "", after[16] = "";
        int fd = open ("/etc/hostname", O_RDONLY);
        ssize_t size = read (fd, before, sizeof (before));
        CHECK_STR (
            run (
                &world,
                "echo changed >/etc/hostname; cat /etc/hostname; rm -f /etc/passwd; test -e /etc/passwd || echo removed")
                .out,
            "changed\nremoved\n");
        CHECK_INT (pread (fd, after, sizeof (after), 0), size);
        close (fd);
        CHECK (memcmp (before, after, sizeof (before)) == 0);
        CHECK_INT (access ("/etc/passwd", F_OK), 0);
    }
    world_end (&world);
}

TEST (a_link_is_followed_in_a_sandbox_and_not_outside_of_it)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        CHECK_INT (run (&world, "ln -s $2/token $3/link").end.status, 0);
        struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
        const char *path = arena_printf (world.arena, "%s/link", world.shared);
        CHECK_INT (syscall (SYS_openat2, sandbox_link_root (world.sandbox), path, &how, sizeof (how)), -1);
        CHECK_INT (errno, ENOENT);
        CHECK_INT (access (path, R_OK), 0); // As we would have read it
    }
    world_end (&world);
}

TEST (root_in_a_sandbox_cannot_reach_the_machine)
{
    static const char *const refused[] = {
        "mount -t tmpfs none /mnt",
        "umount $2",
        "umount /proc",
        "mknod /tmp/disk b 254 0",
        "echo x >/proc/sys/kernel/core_pattern",
        "echo 1 >/sys/kernel/mm/ksm/run",
        "cat /proc/kcore",
        "ls /run/systemd/private",
        "nsenter -t 1 -m true",
        "hostname other",
        "chroot /proc/1/root ls $2/token",
        "unshare -m umount $2",
        "unshare -Urm umount $2",
        "unshare -Urm umount -l $2",
        "unshare -UrC true", // Its control groups, mounted anew, could be written
        "mount -o remount,rw,bind /proc/sys",
        "echo x >/proc/scsi/scsi",
        "head -c 1 /proc/kpageflags | grep -a .",
        "touch /sys/fs/cgroup/x",
        "mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x",
        "ls /sys/kernel/debug | grep .",
        "ls /sys/kernel/tracing | grep .",
        "dmesg"};
    world_t world;
    world_begin (&world);
    for (size_t i = 0; world.sandbox && i < sizeof (refused) / sizeof (refused[0]); i++) {
        process_output_t output = run (&world, refused[i]);
        if (output.end.status == 0)
            test_fail (__FILE__, __LINE__, "it may: %s", refused[i]);
    }
    world_end (&world);
}

// Whoever writes into the pipe is alive.
TEST (all_that_runs_in_a_sandbox_ends_with_it)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        int read_end, write_end;
        process_t *process;
        process_end_t end;
        char byte;
        CHECK_INT (process_pipe (&world.turn, &read_end, &write_end), OK);
        const process_spec_t spec = {
            .argv =
                (const char *const[]){
                    "sh", "-c",
                    "setsid env -i sh -c 'trap \"\" TERM INT HUP; (sleep 1000 & sleep 1000) & sleep 1000' & echo started",
                    NULL},
            .out = write_end,
            .sandbox = world.sandbox};
        CHECK_INT (process_start (&process, &world.turn, &spec), OK);
        close (write_end);
        CHECK_INT (process_wait (process, SECONDS (60), &end), OK);
        CHECK_INT (end.status, 0);
        process_release (&process);
        CHECK_INT (read (read_end, &byte, 1), 1);
        sandbox_link_destroy (&world.sandbox);
        while (read (read_end, &byte, 1) > 0) // Ends once nobody has the other end
            continue;
        close (read_end);
    }
    world_end (&world);
}

TEST (a_process_of_a_sandbox_that_was_killed_counts_as_killed)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        process_t *process;
        process_end_t end;
        const process_spec_t spec = {.argv = (const char *const[]){"sleep", "1000", NULL},
                                     .sandbox = world.sandbox};
        CHECK_INT (process_start (&process, &world.turn, &spec), OK);
        CHECK_INT (process_wait (process, 0, &end), TIMEOUT);
        process_signal (process, SIGTERM);
        CHECK_INT (process_wait (process, SECONDS (60), &end), OK);
        CHECK_INT (end.signal, SIGTERM);
        process_destroy (&process);
        CHECK_STR (run (&world, "echo again").out, "again\n");
    }
    world_end (&world);
}

// With links in the paths, as an operator may have them.
static void make_with_links (world_t *self)
{
    const char *link = arena_printf (self->arena, "%s/link", self->folder);
    CHECK_INT (symlink (self->secret, link), 0);
    sandbox_link_destroy (&self->sandbox);
    sandbox_maker_destroy (&self->maker);
    const sandbox_spec_t spec = {
        .program = OPENCICD_SANDBOX,
        .folder = self->aside,
        .hidden = (const char *const[]){link, self->aside, NULL},
        .shared = (const char *const[]){arena_printf (self->arena, "%s/shared", link), NULL}};
    self->maker = sandbox_maker_new (&spec);
    CHECK_INT (sandbox_make (self->maker, &self->turn, NULL, &self->sandbox), OK);
}

TEST (what_is_hidden_by_a_path_with_a_link_is_hidden_by_its_real_one_too)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        make_with_links (&world);
        CHECK_STR (run (&world, "ls $2; cat $2/token $1/link/token 2>/dev/null; cat $3/given").out,
                   "shared\nhello");
    }
    world_end (&world);
}

// Of a service its home is the folder that is hidden.
TEST (a_home_that_is_hidden_is_empty_and_can_be_written)
{
    world_t world;
    const char *home = getenv ("HOME");
    world_begin (&world);
    if (world.sandbox) {
        CHECK_INT (setenv ("HOME", world.secret, 1), 0);
        sandbox_link_destroy (&world.sandbox);
        const sandbox_spec_t spec = {.program = OPENCICD_SANDBOX,
                                     .folder = world.aside,
                                     .hidden = (const char *const[]){world.secret, world.aside, NULL},
                                     .shared = (const char *const[]){world.shared, NULL}};
        sandbox_maker_destroy (&world.maker);
        world.maker = sandbox_maker_new (&spec);
        CHECK_INT (sandbox_make (world.maker, &world.turn, NULL, &world.sandbox), OK);
        CHECK_INT (sandbox_link_ready (world.sandbox, &world.turn), OK);
        CHECK_INT (home ? setenv ("HOME", home, 1) : unsetenv ("HOME"), 0);
        CHECK_STR (run (&world, "ls $2; echo kept >$2/.config && cat $2/.config $3/given").out,
                   "shared\nkept\nhello");
        CHECK (access (arena_printf (world.arena, "%s/.config", world.secret), F_OK) != 0);
    }
    world_end (&world);
}

static void make_next (world_t *self)
{
    sandbox_link_destroy (&self->sandbox);
    CHECK_INT (sandbox_make (self->maker, &self->turn, NULL, &self->sandbox), OK);
}

TEST (a_sandbox_has_nothing_of_the_one_before)
{
    world_t world;
    world_begin (&world);
    if (world.sandbox) {
        const char *write =
            "for i in /etc ~ /tmp /var/tmp /dev/shm /dev /run; do echo x >$i/left-of-a-sandbox; done; true";
        const char *look =
            "ls -d /etc/left* ~/left* /tmp/left* /var/tmp/left* /dev/shm/left* /dev/left* /run/left*";
        CHECK_INT (run (&world, write).end.status, 0);
        make_next (&world);
        CHECK_STR (run (&world, look).out, "");
    }
    world_end (&world);
}

// The only child of this program that is not the sandbox's is the one that makes them.
TEST (a_sandbox_is_made_though_what_makes_them_was_killed)
{
    world_t world;
    char text[64] = "";
    world_begin (&world);
    if (world.sandbox) {
        int fd = open ("/proc/thread-self/children", O_RDONLY);
        CHECK (read (fd, text, sizeof (text) - 1) > 0);
        close (fd);
        CHECK_INT (kill ((pid_t) strtol (text, NULL, 10), SIGKILL), 0);
        CHECK_STR (run (&world, "echo goes on").out, "goes on\n");
        make_next (&world);
        CHECK_STR (run (&world, "echo the next").out, "the next\n");
    }
    world_end (&world);
}
