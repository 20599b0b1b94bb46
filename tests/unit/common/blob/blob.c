/* blob.c - the blob store in a directory: what is of files and folders. What holds for every store is in stores.c. */

#include "common/blob/blob.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    char *folder;
    const char *url;
    blob_t *blob;
} world_t;

static world_t *world_new (void)
{
    world_t *world = calloc (1, sizeof (world_t));
    world->arena = arena_new ();
    turn_init (&world->turn, world->arena, "test", 1);
    world->folder = arena_alloc (world->arena, 256);
    test_folder (world->folder, 256);
    world->url = arena_printf (world->arena, "dir:%s/deep/store", world->folder);
    CHECK_INT (blob_open (&world->blob, world->url, &world->turn), OK);
    return world;
}

static const char *path_of (world_t *world, const char *name)
{
    return arena_printf (world->arena, "%s/deep/store/%s", world->folder, name);
}

static void world_destroy (world_t **world_p)
{
    world_t *world = *world_p;
    blob_close (&world->blob);
    static const char *const folders[] = {"TMP", "", "..", "../.."};
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]); i++) {
        const char *path = i < 2 ? path_of (world, folders[i])
                                 : arena_printf (world->arena, "%s%s", world->folder, i == 2 ? "/deep" : "");
        CHECK_INT (rmdir (path), 0); // Nothing may be left behind
    }
    arena_destroy (&world->arena);
    free (world);
    *world_p = NULL;
}

TEST (a_key_below_another_blob_or_above_others_is_taken)
{
    world_t *world = world_new ();
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "one", 3), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "a/b", "one", 3), CONFLICT);
    CHECK_INT (blob_put (world->blob, &world->turn, "f/b", "", 0), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "f", "one", 3), CONFLICT);
    CHECK_INT (blob_delete (world->blob, &world->turn, "f/b"), OK);
    CHECK_INT (blob_delete (world->blob, &world->turn, "a"), OK);
    world_destroy (&world);
}

TEST (what_is_not_a_key_reaches_no_file)
{
    static const char *const wrong[] = {"",     "/a",  "a/",     "a//b",  ".",   "..",  "../a",
                                        "a/..", "a/.", "a/../b", "TMP/x", "a b", "a\n", "\xc3\xa9"};
    world_t *world = world_new ();
    char *long_key = arena_alloc (world->arena, 514);
    memset (long_key, 'a', 513);
    size_t got;
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        if (blob_put (world->blob, &world->turn, wrong[i], "x", 1) != BAD_INPUT)
            test_fail (__FILE__, __LINE__, "\"%s\" was taken", wrong[i]);
    CHECK_INT (blob_get (world->blob, &world->turn, long_key, 0, NULL, 0, &got), BAD_INPUT);
    CHECK_INT (blob_delete (world->blob, &world->turn, "../x"), BAD_INPUT);
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "x", BLOB_PUT_MAX + 1), TOO_LARGE);
    world_destroy (&world);
}

TEST (what_a_crash_left_is_removed_at_the_next_open_but_not_what_is_being_written)
{
    world_t *world = world_new ();
    const char *old = path_of (world, "TMP/1.2.3"), *fresh = path_of (world, "TMP/4.5.6");
    close (open (old, O_CREAT | O_WRONLY, 0600));
    close (open (fresh, O_CREAT | O_WRONLY, 0600));
    CHECK_INT (utimensat (AT_FDCWD, old, (struct timespec[2]){{.tv_sec = 1}, {.tv_sec = 1}}, 0), 0);
    blob_close (&world->blob);
    CHECK_INT (blob_open (&world->blob, world->url, &world->turn), OK);
    CHECK (access (old, F_OK) != 0);
    CHECK_INT (unlink (fresh), 0);
    world_destroy (&world);
}

TEST (an_invalid_store_is_refused_with_its_location_but_not_its_secret)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    blob_t *blob;
    CHECK_INT (blob_open (&blob, "s4://user:secret@x", &turn), BAD_INPUT);
    CHECK (!strstr (turn.detail, "secret"));
    CHECK_INT (blob_open (&blob, "dir:", &turn), BAD_INPUT);
    CHECK (blob_open (&blob, "dir:/dev/null/x", &turn) != OK);
    CHECK (strstr (turn.detail, "/dev/null"));
    arena_destroy (&arena);
}
