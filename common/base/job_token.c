/* job_token.c - see job_token.h. */

#include "common/base/job_token.h"
#include "common/base/bytes.h"

#include "common/base/id.h"
#include "common/base/line.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX      "ocj_"
#define HEX_SIZE    (2 * SECRET_KEY_SIZE)
#define MAC_BYTES   32
#define MAC_CHARS   43 // base64url without padding
#define TOKEN_MAX   256
#define VERSION     "2."
#define KEY_NAME    8 // Characters that name a key
#define KEY_NAMED   "open-cicd: the name of a key"
#define SECRETS_FOR "open-cicd: the secrets of an attempt"
#define LATEST      (INT64_MAX / SECONDS (1) / 2) // In seconds

// ---- the key file ----

// One line of the file; false where it is not a key.
static bool read_line (unsigned char key[SECRET_KEY_SIZE], const char *line, size_t size)
{
    size_t length = 0;
    return size == HEX_SIZE && sodium_hex2bin (key, SECRET_KEY_SIZE, line, size, NULL, &length, NULL) == 0 &&
           length == SECRET_KEY_SIZE;
}

static bool read_lines (secret_key_t *self, const char *text, size_t size)
{
    size_t count = 0;
    for (line_t line = line_begin (text, size); line_next (&line); count++)
        if (count == SECRET_KEYS ||
            !read_line (count == 0 ? self->bytes : self->older[count - 1], line.text, line.size))
            return false;
    self->older_count = count > 0 ? count - 1 : 0;
    return count > 0;
}

static fault_t read_key (secret_key_t *self, turn_t *turn, const char *path, int fd)
{
    char text[SECRET_KEYS * (HEX_SIZE + 1) + 1]; // One more byte, to detect a file that is too long
    struct stat info;
    size_t size = 0;
    ssize_t got;
    *self = (secret_key_t){0};
    if (fstat (fd, &info) != 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    if (info.st_mode & 077)
        return turn_fail (turn, BAD_INPUT, "%s: others may read this key; chmod 600 it", path);
    while (size < sizeof (text) && (got = read (fd, text + size, sizeof (text) - size)) > 0)
        size += (size_t) got;
    bool good = size < sizeof (text) && read_lines (self, text, size);
    sodium_memzero (text, sizeof (text));
    return good ? OK
                : turn_fail (turn, BAD_INPUT,
                             "%s: a key is %d hex digits; up to %d, one a line, the newest first", path,
                             HEX_SIZE, SECRET_KEYS);
}

// Written to a temporary file and linked into place: of several processes that start at once one wins, and a partial key is never seen.
static fault_t make_key (turn_t *turn, const char *path)
{
    unsigned char bytes[SECRET_KEY_SIZE];
    char text[HEX_SIZE + 1];
    char *beside = arena_printf (turn->arena, "%s.XXXXXX", path);
    int fd = mkstemp (beside); // Mode 0600
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: cannot make a key: %s", path,
                          strerror (errno));
    randombytes_buf (bytes, sizeof (bytes));
    sodium_bin2hex (text, sizeof (text), bytes, sizeof (bytes));
    bool good = bytes_write (fd, text, HEX_SIZE) && bytes_write (fd, "\n", 1) && fsync (fd) == 0 &&
                (link (beside, path) == 0 || errno == EEXIST);
    int error = errno;
    unlink (beside);
    close (fd);
    sodium_memzero (bytes, sizeof (bytes));
    sodium_memzero (text, sizeof (text));
    return good ? OK : turn_fail (turn, fault_from_errno (error), "%s: %s", path, strerror (error));
}

fault_t secret_key_load (secret_key_t *self, turn_t *turn, const char *path)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        fault_t fault = make_key (turn, path);
        if (fault != OK)
            return fault;
        fd = open (path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    fault_t fault = read_key (self, turn, path, fd);
    close (fd);
    return fault;
}

// ---- tokens ----

static void mac_of (const unsigned char *key, const char *text, size_t size, char mac[MAC_CHARS + 1])
{
    unsigned char bytes[MAC_BYTES];
    crypto_generichash (bytes, sizeof (bytes), (const unsigned char *) text, size, key, SECRET_KEY_SIZE);
    sodium_bin2base64 (mac, MAC_CHARS + 1, bytes, sizeof (bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void name_of (const unsigned char *key, char name[KEY_NAME + 1])
{
    unsigned char bytes[crypto_generichash_BYTES_MIN];
    crypto_generichash (bytes, sizeof (bytes), (const unsigned char *) KEY_NAMED, strlen (KEY_NAMED), key,
                        SECRET_KEY_SIZE);
    sodium_bin2hex (name, KEY_NAME + 1, bytes, KEY_NAME / 2);
}

const char *job_token_make (const secret_key_t *key, arena_t *arena, const job_token_t *token)
{
    char mac[MAC_CHARS + 1], name[KEY_NAME + 1];
    name_of (key->bytes, name);
    const char *text = arena_printf (arena, PREFIX VERSION "%s.%s.%u.%lld.%lld", name, token->job,
                                     token->attempt, (long long) (token->issued_us / SECONDS (1)),
                                     (long long) (token->expires_us / SECONDS (1)));
    mac_of (key->bytes, text, strlen (text), mac);
    return arena_printf (arena, "%s.%s", text, mac);
}

static const unsigned char *key_at (const secret_key_t *key, size_t index)
{
    return index == 0 ? key->bytes : key->older[index - 1];
}

// The key whose MAC over what precedes the last dot is what follows it; NULL for none.
static const unsigned char *signer (const secret_key_t *key, const char *text)
{
    const char *last = strrchr (text, '.');
    if (!last || strlen (text) > TOKEN_MAX || strlen (last + 1) != MAC_CHARS)
        return NULL;
    for (size_t i = 0; i <= key->older_count; i++) {
        char mac[MAC_CHARS + 1];
        mac_of (key_at (key, i), text, (size_t) (last - text), mac);
        if (sodium_memcmp (mac, last + 1, MAC_CHARS) == 0)
            return key_at (key, i);
    }
    return NULL;
}

static void secrets_key_of (const unsigned char *key, const char *job, uint32_t attempt,
                            char text[HEX_SIZE + 1])
{
    unsigned char mac[SECRET_KEY_SIZE];
    crypto_generichash_state state;
    const unsigned char number[4] = {(unsigned char) attempt, (unsigned char) (attempt >> 8),
                                     (unsigned char) (attempt >> 16), (unsigned char) (attempt >> 24)};
    crypto_generichash_init (&state, key, SECRET_KEY_SIZE, sizeof (mac));
    crypto_generichash_update (&state, (const unsigned char *) SECRETS_FOR, strlen (SECRETS_FOR));
    crypto_generichash_update (&state, number, sizeof (number));
    crypto_generichash_update (&state, (const unsigned char *) job, strlen (job));
    crypto_generichash_final (&state, mac, sizeof (mac));
    sodium_bin2hex (text, HEX_SIZE + 1, mac, sizeof (mac));
}

const char *job_secrets_key (const secret_key_t *key, arena_t *arena, const char *job, uint32_t attempt)
{
    char text[HEX_SIZE + 1];
    secrets_key_of (key->bytes, job, attempt, text);
    return arena_strdup (arena, text);
}

bool job_secrets_key_is (const secret_key_t *key, const char *job, uint32_t attempt, const char *text)
{
    bool is = false;
    for (size_t i = 0; i <= key->older_count && strlen (text) == HEX_SIZE; i++) {
        char own[HEX_SIZE + 1];
        secrets_key_of (key_at (key, i), job, attempt, own);
        is |= sodium_memcmp (own, text, HEX_SIZE) == 0;
    }
    return is;
}

// The next field, up to a dot; NULL where there is none, or it is empty.
static const char *take_field (arena_t *arena, const char **at)
{
    size_t size = strcspn (*at, ".");
    if (size == 0 || (*at)[size] != '.')
        return NULL;
    const char *field = arena_strndup (arena, *at, size);
    *at += size + 1;
    return field;
}

static bool take_number (arena_t *arena, const char **at, int64_t most, int64_t *out)
{
    const char *field = take_field (arena, at);
    if (!field || strlen (field) > 15 || strspn (field, "0123456789") != strlen (field))
        return false;
    *out = strtoll (field, NULL, 10);
    return *out <= most;
}

static fault_t check_new (const unsigned char *key, arena_t *arena, const char *text, int64_t now_us,
                          job_token_t *out)
{
    char name[KEY_NAME + 1];
    int64_t attempt, issued, expires;
    const char *at = text + strlen (PREFIX VERSION), *named = take_field (arena, &at);
    name_of (key, name);
    if (!named || strcmp (named, name) != 0 || !(out->job = take_field (arena, &at)) ||
        !take_number (arena, &at, UINT32_MAX, &attempt) || !take_number (arena, &at, LATEST, &issued) ||
        !take_number (arena, &at, LATEST, &expires))
        return UNAUTHORIZED;
    out->attempt = (uint32_t) attempt;
    out->issued_us = SECONDS (issued);
    out->expires_us = SECONDS (expires);
    return now_us < out->expires_us ? OK : UNAUTHORIZED;
}

static fault_t check_old (arena_t *arena, const char *text, int64_t now_us, job_token_t *out)
{
    int64_t attempt;
    const char *at = text + strlen (PREFIX);
    if (!(out->job = take_field (arena, &at)) || !take_number (arena, &at, UINT32_MAX, &attempt) ||
        !id_is (out->job, 'j'))
        return UNAUTHORIZED;
    out->attempt = (uint32_t) attempt;
    out->issued_us = id_time_us (out->job);
    out->expires_us = out->issued_us + JOB_TOKEN_OLD;
    return now_us < out->expires_us ? OK : UNAUTHORIZED;
}

fault_t job_token_check (const secret_key_t *key, arena_t *arena, const char *text, int64_t now_us,
                         job_token_t *out)
{
    *out = (job_token_t){0};
    if (strncmp (text, PREFIX, strlen (PREFIX)) != 0)
        return UNAUTHORIZED;
    const unsigned char *by = signer (key, text);
    if (!by)
        return UNAUTHORIZED;
    return strncmp (text, PREFIX VERSION, strlen (PREFIX VERSION)) == 0
               ? check_new (by, arena, text, now_us, out)
               : check_old (arena, text, now_us, out);
}
