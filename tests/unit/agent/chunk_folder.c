/* Copies of chunks of caches: only what has its name's sum is given, whatever happened to the files. */

#include "agent/chunk_folder.h"

#include "common/base/clock.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 1000

typedef struct {
    char root[256], folder[300], data[SIZE], sum[8][SHA256_HEX + 1];
    arena_t *arena;
    chunk_folder_t copies;
} world_t;

static void fill (world_t *self, int number)
{
    sha256_t sum;
    memset (self->data, 'a' + number, SIZE);
    sha256_init (&sum);
    sha256_add (&sum, self->data, SIZE);
    snprintf (self->sum[number], sizeof self->sum[number], "%s", sha256_hex (&sum, self->arena));
}

static void put (world_t *self, int number)
{
    fill (self, number);
    chunk_folder_put (&self->copies, self->sum[number], self->data, SIZE);
}

static bool take (world_t *self, int number)
{
    char got[SIZE], wanted[SIZE];
    memset (wanted, 'a' + number, SIZE);
    bool taken = chunk_folder_take (&self->copies, self->sum[number], got, SIZE);
    CHECK (!taken || memcmp (got, wanted, SIZE) == 0);
    return taken;
}

static const char *path_of (world_t *self, int number)
{
    return arena_printf (self->arena, "%s/%.2s/%s", self->folder, self->sum[number], self->sum[number]);
}

static void begin (world_t *self)
{
    *self = (world_t){.arena = arena_new ()};
    test_folder (self->root, sizeof self->root);
    snprintf (self->folder, sizeof self->folder, "%s/chunks", self->root);
    self->copies = (chunk_folder_t){self->folder, INT64_C (3) * SIZE};
}

static void end (world_t *self)
{
    test_folder_remove (self->root);
    arena_destroy (&self->arena);
}

TEST (what_was_kept_is_taken_by_its_sum_alone)
{
    world_t world;
    struct stat status;
    char got[SIZE];
    begin (&world);
    put (&world, 0);
    fill (&world, 1);
    CHECK (take (&world, 0));
    CHECK (chunk_folder_has (&world.copies, world.sum[0], SIZE));
    CHECK (!chunk_folder_has (&world.copies, world.sum[0], SIZE + 1));
    CHECK (!take (&world, 1));
    CHECK (!chunk_folder_take (&world.copies, "../../etc/passwd", got, SIZE));
    CHECK_INT (stat (world.folder, &status), 0);
    CHECK_INT (status.st_mode & 0777, 0700);
    CHECK_INT (stat (path_of (&world, 0), &status), 0);
    CHECK_INT (status.st_mode & 0777, 0600);
    end (&world);
}

TEST (a_copy_that_was_changed_cut_or_replaced_is_not_given)
{
    world_t world;
    begin (&world);
    for (int i = 0; i < 4; i++)
        put (&world, i);
    int fd = open (path_of (&world, 0), O_WRONLY);
    CHECK_INT (pwrite (fd, "x", 1, 500), 1);
    close (fd);
    CHECK_INT (truncate (path_of (&world, 1), SIZE - 1), 0);
    CHECK_INT (unlink (path_of (&world, 2)), 0);
    CHECK_INT (symlink (path_of (&world, 3), path_of (&world, 2)), 0);
    for (int i = 0; i < 3; i++)
        CHECK (!take (&world, i));
    CHECK (access (path_of (&world, 0), F_OK) != 0); // It is fetched anew, and kept
    put (&world, 0);
    CHECK (take (&world, 0));
    CHECK (take (&world, 3));
    end (&world);
}

TEST (over_its_limit_the_least_recently_used_goes_and_what_was_left_half)
{
    world_t world;
    begin (&world);
    for (int i = 0; i < 5; i++) {
        put (&world, i);
        const struct timespec times[2] = {{.tv_sec = 1000 + i}, {.tv_sec = 1000 + i}};
        CHECK_INT (utimensat (AT_FDCWD, path_of (&world, i), times, 0), 0);
    }
    const char *half = arena_printf (world.arena, "%s/%.2s/.new-abcdef", world.folder, world.sum[0]);
    CHECK_INT (close (open (half, O_CREAT | O_WRONLY, 0600)), 0);
    CHECK (take (&world, 0)); // It is used now
    chunk_folder_trim (&world.copies, clock_now_us (clock_system ()));
    CHECK (take (&world, 0) && take (&world, 4) && take (&world, 3));
    CHECK (!take (&world, 1) && !take (&world, 2));
    CHECK_INT (access (half, F_OK), 0); // Another agent may be writing it
    chunk_folder_trim (&world.copies, clock_now_us (clock_system ()) + SECONDS (7200));
    CHECK (access (half, F_OK) != 0);
    end (&world);
}

static void *use (void *self)
{
    world_t own = *(world_t *) self; // Another agent
    own.arena = arena_new ();
    for (int round = 0; round < 200; round++) {
        put (&own, round % 4);
        (void) take (&own, (round + 1) % 4); // It may have gone
        if (round % 10 == 0)
            chunk_folder_trim (&own.copies, clock_now_us (clock_system ()));
    }
    arena_destroy (&own.arena);
    return NULL;
}

TEST (two_agents_share_a_folder_without_harm)
{
    world_t world;
    pthread_t threads[2];
    begin (&world);
    for (int i = 0; i < 4; i++)
        fill (&world, i);
    for (int i = 0; i < 2; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, use, &world), 0);
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
    for (int i = 0; i < 3; i++)
        put (&world, i);
    for (int i = 0; i < 3; i++)
        CHECK (take (&world, i));
    end (&world);
}
