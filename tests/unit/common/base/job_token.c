/* A job's token is good for that job and attempt alone; its key is a file that only its owner can read. */

#include "common/base/job_token.h"
#include "common/base/id.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW SECONDS (1900000000)

static const char *make (arena_t *arena, const secret_key_t *key)
{
    return job_token_make (key, arena,
                           &(job_token_t){.job = "j01k9qz6f3xm4t0v8w2ya",
                                          .attempt = 4294967295u,
                                          .issued_us = NOW,
                                          .expires_us = NOW + SECONDS (60)});
}

TEST (a_job_token_carries_its_job_and_attempt)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1, 2, 3}};
    job_token_t token;
    CHECK_INT (job_token_check (&key, arena, make (arena, &key), NOW, &token), OK);
    CHECK_STR (token.job, "j01k9qz6f3xm4t0v8w2ya");
    CHECK_INT (token.attempt, 4294967295u);
    CHECK_INT (token.issued_us, NOW);
    CHECK_INT (token.expires_us, NOW + SECONDS (60));
    arena_destroy (&arena);
}

TEST (a_job_token_ends_at_its_time)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1}};
    job_token_t token;
    CHECK_INT (job_token_check (&key, arena, make (arena, &key), NOW + SECONDS (60) - 1, &token), OK);
    CHECK_INT (job_token_check (&key, arena, make (arena, &key), NOW + SECONDS (60), &token), UNAUTHORIZED);
    arena_destroy (&arena);
}

TEST (a_job_token_with_any_other_byte_is_refused)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1}}, other = {.bytes = {2}};
    job_token_t token;
    const char *good = make (arena, &key);
    for (size_t i = 0; i < strlen (good); i++) {
        char *bad = arena_strdup (arena, good);
        bad[i] ^= 1;
        CHECK_INT (job_token_check (&key, arena, bad, NOW, &token), UNAUTHORIZED);
        CHECK_INT (job_token_check (&key, arena, arena_strndup (arena, good, i), NOW, &token), UNAUTHORIZED);
    }
    CHECK_INT (job_token_check (&other, arena, good, NOW, &token), UNAUTHORIZED);
    CHECK_INT (job_token_check (&key, arena, arena_printf (arena, "%sx", good), NOW, &token), UNAUTHORIZED);
    arena_destroy (&arena);
}

TEST (a_token_of_an_older_key_is_valid_until_that_key_is_gone)
{
    arena_t *arena = arena_new ();
    const secret_key_t before = {.bytes = {1}}, other = {.bytes = {9}};
    secret_key_t now = {.bytes = {2}, .older = {{3}, {1}}, .older_count = 2};
    job_token_t token;
    const char *old = make (arena, &before), *new = make (arena, &now);
    CHECK_INT (job_token_check (&now, arena, old, NOW, &token), OK);
    CHECK_INT (job_token_check (&now, arena, new, NOW, &token), OK);
    CHECK_INT (job_token_check (&now, arena, make (arena, &other), NOW, &token), UNAUTHORIZED);
    CHECK_INT (job_token_check (&before, arena, new, NOW, &token), UNAUTHORIZED);
    now.older_count = 1;
    CHECK_INT (job_token_check (&now, arena, old, NOW, &token), UNAUTHORIZED);
    arena_destroy (&arena);
}

static const char *sign (arena_t *arena, const secret_key_t *key, const char *said)
{
    unsigned char mac[32];
    char text[64];
    crypto_generichash (mac, sizeof (mac), (const unsigned char *) said, strlen (said), key->bytes,
                        SECRET_KEY_SIZE);
    sodium_bin2base64 (text, sizeof (text), mac, sizeof (mac), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_printf (arena, "%s.%s", said, text);
}

TEST (a_signed_text_that_is_not_a_token_is_refused)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1}};
    job_token_t token;
    const char *good = make (arena, &key), *name = arena_strndup (arena, good + 6, 8);
    const char *said[] = {"ocj_2.",
                          "ocj_2.%s",
                          "ocj_2.%s.",
                          "ocj_2.%s.j1",
                          "ocj_2.%s.j1.1",
                          "ocj_2.%s.j1.1.1",
                          "ocj_2.%s..1.1.9999999999",
                          "ocj_2.%s.j1.-1.1.9999999999",
                          "ocj_2.%s.j1.4294967296.1.9999999999",
                          "ocj_2.%s.j1.1.1.99999999999999999999",
                          "ocj_2.%s.j1.1.1.9x",
                          "ocj_2.00000000.j1.1.1.9999999999"};
    for (size_t i = 0; i < sizeof (said) / sizeof (said[0]); i++) {
        const char *at = strstr (said[i], "%s");
        const char *text =
            at ? arena_printf (arena, "%.*s%s%s", (int) (at - said[i]), said[i], name, at + 2) : said[i];
        CHECK_INT (job_token_check (&key, arena, sign (arena, &key, text), NOW, &token), UNAUTHORIZED);
    }
    const char *fine = arena_printf (arena, "ocj_2.%s.j1.1.1.9999999999", name);
    CHECK_INT (job_token_check (&key, arena, sign (arena, &key, fine), NOW, &token), OK);
    arena_destroy (&arena);
}

// As the version before made it.
static const char *make_old (arena_t *arena, const secret_key_t *key, const char *job, const char *attempt)
{
    return sign (arena, key, arena_printf (arena, "ocj_%s.%s", job, attempt));
}

TEST (a_token_of_the_version_before_is_good_for_a_week_from_when_its_job_was_made)
{
    arena_t *arena = arena_new ();
    const secret_key_t key = {.bytes = {1}};
    job_token_t token;
    const char *job = id_new (arena, 'j', NOW), *old = make_old (arena, &key, job, "2");
    CHECK_INT (job_token_check (&key, arena, old, NOW + JOB_TOKEN_OLD - SECONDS (1), &token), OK);
    CHECK_STR (token.job, job);
    CHECK_INT (token.attempt, 2);
    CHECK_INT (job_token_check (&key, arena, old, NOW + JOB_TOKEN_OLD, &token), UNAUTHORIZED);
    CHECK_INT (job_token_check (&key, arena, make_old (arena, &key, "j1", "2"), NOW, &token), UNAUTHORIZED);
    CHECK_INT (job_token_check (&key, arena, make_old (arena, &key, job, "4294967296"), NOW, &token),
               UNAUTHORIZED);
    CHECK_INT (job_token_check (&key, arena, make_old (arena, &key, job, "-1"), NOW, &token), UNAUTHORIZED);
    arena_destroy (&arena);
}

TEST (a_key_file_holds_the_newest_key_first)
{
    char path[] = "/tmp/opencicd-keys-XXXXXX";
    int fd = mkstemp (path);
    arena_t *arena = arena_new ();
    turn_t turn;
    secret_key_t key;
    turn_init (&turn, arena, "test", 0);
    for (int i = 0; i < 3; i++) // 64 digits: 01.. 02.. 03..
        CHECK (dprintf (fd, "0%d%062d\n", i + 1, 0) == 65);
    CHECK_INT (secret_key_load (&key, &turn, path), OK);
    CHECK_INT (key.bytes[0], 1);
    CHECK_INT (key.older_count, 2);
    CHECK_INT (key.older[0][0], 2);
    CHECK_INT (key.older[1][0], 3);
    close (fd);
    unlink (path);
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
    char folder[256];
    test_folder (folder, sizeof (folder));
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
    char folder[256];
    test_folder (folder, sizeof (folder));
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const char *path = arena_printf (arena, "%s/secret.key", folder);
    const char *good = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const struct {
        const char *text;
        mode_t mode;
        fault_t fault;
    } cases[] = {
        {good, 0600, OK},
        {arena_printf (arena, "%s\n", good), 0400, OK},
        {good, 0640, BAD_INPUT},
        {"", 0600, BAD_INPUT},
        {good + 1, 0600, BAD_INPUT},
        {arena_printf (arena, "%s00", good), 0600, BAD_INPUT},
        {arena_printf (arena, "x%s", good + 1), 0600, BAD_INPUT},
        {arena_printf (arena, "%s\n%s\n", good, good), 0600, OK},
        {arena_printf (arena, "%s\n%s\n%s\n%s\n", good, good, good, good), 0600, OK},
        {arena_printf (arena, "%s\n%s\n%s\n%s\n%s\n", good, good, good, good, good), 0600, BAD_INPUT},
        {arena_printf (arena, "%s\n\n%s\n", good, good), 0600, BAD_INPUT},
        {arena_printf (arena, "%s\n%s", good, good + 1), 0600, BAD_INPUT}};
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

TEST (the_key_of_an_attempts_secrets_is_of_that_attempt_alone)
{
    arena_t *arena = arena_new ();
    secret_key_t key = {.bytes = "one"}, next = {.bytes = "two", .older_count = 1},
                 other = {.bytes = "three"};
    memcpy (next.older[0], key.bytes, SECRET_KEY_SIZE);
    const char *text = job_secrets_key (&key, arena, "j1", 2);
    CHECK (job_secrets_key_is (&key, "j1", 2, text));
    CHECK (job_secrets_key_is (&next, "j1", 2, text)); // Of a job that runs while the key is replaced
    CHECK (!job_secrets_key_is (&other, "j1", 2, text));
    CHECK (!job_secrets_key_is (&key, "j1", 3, text));
    CHECK (!job_secrets_key_is (&key, "j2", 2, text));
    CHECK (!job_secrets_key_is (&key, "j1", 2, ""));
    CHECK (!job_secrets_key_is (&key, "j1", 2, arena_printf (arena, "%s0", text)));
    arena_destroy (&arena);
}
