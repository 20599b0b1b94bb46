/* docker_context.c - what an image is built from: the archive as tar itself reads it, and what .dockerignore leaves out. */

#include "agent/engine/docker/docker_context.h"

#include "agent/engine/docker/docker_ignore.h"
#include "common/os/process.h"
#include "common/os/rooted.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(table) (sizeof (table) / sizeof (table[0]))

TEST (the_last_pattern_that_matches_a_path_or_a_folder_above_it_decides)
{
    static const struct {
        const char *file, *ignored, *kept; // Paths, separated by blanks
    } rows[] = {
        {"", "", "a"},
        {"# a\n\na\n", "a a/b a/b/c", "b ba"},
        {"/a\n", "a", "b/a"},
        {"*.log\n", "x.log", "a/x.log x.log2"},
        {"**/*.log\n", "x.log a/x.log a/b/x.log", "x.lo"},
        {"a/**\n", "a/b a/b/c", "b"},
        {"a/*/c\n", "a/b/c a/x/c/d", "a/c a/b/b/c"},
        {"tmp?\n", "tmp1", "tmp tmp12"},
        {"[a-c]x\n", "ax bx cx", "dx"},
        {"[^a]x\n", "bx", "ax"},
        {"*\n!src\n!*.md\n", "a b/c", "src src/x README.md"},
        {"*.md\n!README.md\nREADME-secret.md\n", "a.md README-secret.md", "README.md"},
        {"\\*x\n", "*x", "ax"},
        {"a\\\n[\n[a\n", "[", "b"},
        {"./a/\n", "a a/b", "b"},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        docker_ignore_t ignore;
        arena_t *arena = arena_new ();
        docker_ignore_read (&ignore, arena, rows[i].file, strlen (rows[i].file));
        for (int kept = 0; kept < 2; kept++) {
            char *save = NULL, *list = arena_strdup (arena, kept ? rows[i].kept : rows[i].ignored);
            for (char *path = strtok_r (list, " ", &save); path; path = strtok_r (NULL, " ", &save))
                if (docker_ignore_has (&ignore, path) != !kept)
                    test_fail (__FILE__, __LINE__, "row %zu: %s is %s", i, path, kept ? "ignored" : "kept");
        }
        arena_destroy (&arena);
    }
}

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
} world_t;

static void begin (world_t *self)
{
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
}

static void end (world_t *self)
{
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static void put (world_t *self, const char *name, const char *text)
{
    char *path = arena_printf (self->arena, "%s/%s", self->folder, name);
    for (char *slash = path + strlen (self->folder) + 1; (slash = strchr (slash, '/')); slash++) {
        *slash = 0;
        CHECK (mkdir (path, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen (path, "w");
    CHECK (file);
    fputs (text, file);
    fclose (file);
}

static const char *tar (world_t *self, int archive, const char *words)
{
    process_output_t output = {.out = ""};
    const process_spec_t spec = {
        .argv = (const char *const[]){"/bin/sh", "-c", arena_printf (self->arena, "tar %s", words), NULL},
        .in = archive};
    CHECK (lseek (archive, 0, SEEK_SET) == 0);
    CHECK_INT (process_run (&self->turn, &spec, 20000000, 100000, &output), OK);
    CHECK_STR (output.err, "");
    return output.out;
}

TEST (the_archive_has_the_files_as_they_are_but_for_those_that_are_ignored)
{
    world_t world;
    int archive;
    begin (&world);
    char *deep = arena_printf (world.arena, "src/%0120d/%0110d", 1, 2);
    put (&world, "Dockerfile", "FROM scratch\n");
    put (&world, ".dockerignore", "Dockerfile\n.dockerignore\n*.log\nsecret\n!secret/but\n");
    put (&world, "x.log", "no");
    put (&world, "secret/key", "no");
    put (&world, "secret/but", "yes");
    put (&world, deep, "far away");
    put (&world, "run.sh", "#!/bin/sh\n");
    CHECK_INT (chmod (arena_printf (world.arena, "%s/run.sh", world.folder), 0755), 0);
    CHECK_INT (symlink ("/etc/passwd", arena_printf (world.arena, "%s/link", world.folder)), 0);
    CHECK_INT (mkfifo (arena_printf (world.arena, "%s/pipe", world.folder), 0600), 0);
    const docker_context_t context = {ROOTED_OURS, world.folder, "Dockerfile", world.folder};
    CHECK_INT (docker_context_open (&world.turn, &context, &archive), OK);
    CHECK_STR (tar (&world, archive, "-tf -"),
               arena_printf (world.arena,
                             ".dockerignore\nDockerfile\nlink\nrun.sh\nsecret/but\nsrc/\nsrc/%0120d/\n%s\n",
                             1, deep));
    CHECK_STR (tar (&world, archive, "-xOf - Dockerfile"), "FROM scratch\n");
    CHECK_STR (tar (&world, archive, arena_printf (world.arena, "-xOf - %s", deep)), "far away");
    CHECK (strstr (tar (&world, archive, "-tvf - link"), "link -> /etc/passwd"));
    CHECK (strncmp (tar (&world, archive, "-tvf - run.sh"), "-rwxr-xr-x", 10) == 0);
    close (archive);
    end (&world);
}

TEST (equal_files_make_an_equal_archive)
{
    world_t world;
    int archives[2];
    begin (&world);
    put (&world, "b", "2");
    put (&world, "a", "1");
    put (&world, "Dockerfile", "");
    const docker_context_t context = {ROOTED_OURS, world.folder, "Dockerfile", "/tmp"};
    CHECK_INT (docker_context_open (&world.turn, &context, &archives[0]), OK);
    CHECK_INT (docker_context_open (&world.turn, &context, &archives[1]), OK);
    CHECK_STR (tar (&world, archives[0], "-tvf -"), tar (&world, archives[1], "-tvf -"));
    close (archives[0]);
    close (archives[1]);
    end (&world);
}

TEST (a_folder_without_its_dockerfile_is_refused)
{
    world_t world;
    int archive;
    begin (&world);
    const docker_context_t context = {ROOTED_OURS, world.folder, "Dockerfile", world.folder};
    CHECK_INT (docker_context_open (&world.turn, &context, &archive), NOT_FOUND);
    CHECK_STR (world.turn.detail, "there is no Dockerfile in the action's folder");
    end (&world);
}
