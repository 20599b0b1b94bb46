/* A job's token is good for that job and attempt alone; its key is a file that only its owner can read. */

#include "common/job_token.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST (a_job_token_tells_its_job_and_attempt)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1, 2, 3}};
    const char *job;
    uint32_t attempt;
    const char *token = job_token_make (&key, arena, "j01k9qz6f3xm4t0v8w2ya", 4294967295u);
    CHECK_INT (job_token_check (&key, arena, token, &job, &attempt), OK);
    CHECK_STR (job, "j01k9qz6f3xm4t0v8w2ya");
    CHECK_INT (attempt, 4294967295u);
    arena_destroy (&arena);
}

TEST (a_job_token_with_any_other_byte_is_refused)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1}}, other = {.bytes = {2}};
    const char *job;
    uint32_t attempt;
    const char *good = job_token_make (&key, arena, "j1", 1);
    for (size_t i = 0; i < strlen (good); i++) {
        char *bad = arena_strdup (arena, good);
        bad[i] ^= 1;
        CHECK_INT (job_token_check (&key, arena, bad, &job, &attempt), UNAUTHORIZED);
        CHECK_INT (job_token_check (&key, arena, arena_strndup (arena, good, i), &job, &attempt),
                   UNAUTHORIZED);
    }
    CHECK_INT (job_token_check (&other, arena, good, &job, &attempt), UNAUTHORIZED);
    CHECK_INT (job_token_check (&key, arena, arena_printf (arena, "%sx", good), &job, &attempt),
               UNAUTHORIZED);
    arena_destroy (&arena);
}

static void write_file (const char *path, const char *text, mode_t mode)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    CHECK (fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text) && fchmod (fd, mode) == 0);
    close (fd);
}

TEST (a_key_is_made_once_and_then_read)
{
    char folder[] = "/tmp/opencicd-key-XXXXXX";
    CHECK (mkdtemp (folder));
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    secret_key_t first, second;
    struct stat info;
    const char *path = arena_printf (arena, "%s/secret.key", folder);
    CHECK_INT (secret_key_load (&first, &turn, path), OK);
    CHECK (stat (path, &info) == 0 && (info.st_mode & 0777) == 0600 && info.st_size == 65);
    CHECK_INT (secret_key_load (&second, &turn, path), OK);
    CHECK (memcmp (&first, &second, sizeof (first)) == 0);
    CHECK (unlink (path) == 0 && rmdir (folder) == 0); // Nothing was left beside it
    arena_destroy (&arena);
}

TEST (a_key_file_that_is_malformed_or_open_to_others_is_refused_by_name)
{
    char folder[] = "/tmp/opencicd-key-XXXXXX";
    CHECK (mkdtemp (folder));
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const char *path = arena_printf (arena, "%s/secret.key", folder);
    const char *good = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const struct {
        const char *text;
        mode_t mode;
        fault_t fault;
    } cases[] = {{good, 0600, OK},
                 {arena_printf (arena, "%s\n", good), 0400, OK},
                 {good, 0640, BAD_INPUT},
                 {"", 0600, BAD_INPUT},
                 {good + 1, 0600, BAD_INPUT},
                 {arena_printf (arena, "%s00", good), 0600, BAD_INPUT},
                 {arena_printf (arena, "x%s", good + 1), 0600, BAD_INPUT}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        secret_key_t key;
        unlink (path);
        write_file (path, cases[i].text, cases[i].mode);
        CHECK_INT (secret_key_load (&key, &turn, path), cases[i].fault);
        CHECK (cases[i].fault == OK || strstr (turn.detail, path));
    }
    unlink (path);
    rmdir (folder);
    arena_destroy (&arena);
}
