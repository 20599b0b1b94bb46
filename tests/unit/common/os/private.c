/* What holds databases, tokens and keys is for nobody but us. */

#include "common/os/private.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char folder[256];
    const char *file;
    arena_t *arena;
    turn_t turn;
} world_t;

static world_t world_new (void)
{
    world_t self = {.arena = arena_new ()};
    test_folder (self.folder, sizeof (self.folder));
    turn_init (&self.turn, self.arena, "test", 0);
    self.file = arena_printf (self.arena, "%s/identity.db", self.folder);
    return self;
}

static void world_destroy (world_t *self)
{
    unlink (self->file);
    rmdir (self->folder);
    arena_destroy (&self->arena);
}

TEST (a_data_folder_that_everybody_may_write_to_is_closed_to_others)
{
    static const struct {
        mode_t before, after;
    } cases[] = {{0700, 0700}, {0750, 0750},  {0755, 0755}, {02770, 02770},
                 {0777, 0700}, {01777, 0700}, {0702, 0700}, {0773, 0700}};
    world_t world = world_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        struct stat status;
        CHECK_INT (chmod (world.folder, cases[i].before), 0);
        CHECK_INT (private_folder (&world.turn, world.folder), OK);
        CHECK_INT (stat (world.folder, &status), 0);
        CHECK_INT (status.st_mode & 03777, cases[i].after);
    }
    chmod (world.folder, 0700);
    CHECK_INT (private_folder (&world.turn, world.file), NOT_FOUND);
    world_destroy (&world);
}

TEST (a_file_that_others_may_read_is_closed_to_them)
{
    static const mode_t modes[] = {0600, 0666, 0640, 0604, 0611, 0400};
    world_t world = world_new ();
    CHECK_INT (private_file (&world.turn, world.file), OK); // There is none yet
    for (size_t i = 0; i < sizeof (modes) / sizeof (modes[0]); i++) {
        struct stat status;
        int fd = open (world.file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        CHECK (fd >= 0 && fchmod (fd, modes[i]) == 0);
        close (fd);
        CHECK_INT (private_file (&world.turn, world.file), OK);
        CHECK_INT (stat (world.file, &status), 0);
        CHECK_INT (status.st_mode & 07777, modes[i] == 0400 ? 0400 : 0600);
        CHECK_INT (unlink (world.file), 0);
    }
    world_destroy (&world);
}
