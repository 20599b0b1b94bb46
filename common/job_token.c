/* job_token.c - see job_token.h. */

#include "common/job_token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX    "ocj_"
#define HEX_SIZE  (2 * SECRET_KEY_SIZE)
#define MAC_BYTES 32
#define MAC_CHARS 43 // base64url without padding
#define TOKEN_MAX 256

// ---- the key file ----

static fault_t read_key (secret_key_t *self, turn_t *turn, const char *path, int fd)
{
    char text[HEX_SIZE + 2]; // One more, to see that there is no more
    struct stat info;
    size_t size = 0;
    ssize_t got;
    if (fstat (fd, &info) != 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    if (info.st_mode & 077)
        return turn_fail (turn, BAD_INPUT, "%s: others may read this key: chmod 600 it", path);
    while (size < sizeof (text) && (got = read (fd, text + size, sizeof (text) - size)) > 0)
        size += (size_t) got;
    if (size == HEX_SIZE + 1 && text[HEX_SIZE] == '\n')
        size--;
    size_t length = 0;
    bool good = size == HEX_SIZE &&
                sodium_hex2bin (self->bytes, SECRET_KEY_SIZE, text, size, NULL, &length, NULL) == 0 &&
                length == SECRET_KEY_SIZE;
    sodium_memzero (text, sizeof (text));
    return good ? OK : turn_fail (turn, BAD_INPUT, "%s: a key is %d hex digits", path, HEX_SIZE);
}

static bool write_all (int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write (fd, text, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text += wrote;
        size -= (size_t) wrote;
    }
    return true;
}

// Written beside and linked into place: of several that start at once one wins, and no half of a key is ever seen.
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
    bool good = write_all (fd, text, HEX_SIZE) && write_all (fd, "\n", 1) && fsync (fd) == 0 &&
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

static void mac_of (const secret_key_t *key, const char *text, size_t size, char mac[MAC_CHARS + 1])
{
    unsigned char bytes[MAC_BYTES];
    crypto_generichash (bytes, sizeof (bytes), (const unsigned char *) text, size, key->bytes,
                        SECRET_KEY_SIZE);
    sodium_bin2base64 (mac, MAC_CHARS + 1, bytes, sizeof (bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

const char *job_token_make (const secret_key_t *key, arena_t *arena, const char *job, uint32_t attempt)
{
    char mac[MAC_CHARS + 1];
    const char *text = arena_printf (arena, PREFIX "%s.%u", job, attempt);
    mac_of (key, text, strlen (text), mac);
    return arena_printf (arena, "%s.%s", text, mac);
}

fault_t job_token_check (const secret_key_t *key, arena_t *arena, const char *token, const char **job,
                         uint32_t *attempt)
{
    char mac[MAC_CHARS + 1], *end;
    const char *last = strrchr (token, '.');
    size_t prefix = strlen (PREFIX);
    if (!last || strlen (token) > TOKEN_MAX || strncmp (token, PREFIX, prefix) != 0 ||
        strlen (last + 1) != MAC_CHARS)
        return UNAUTHORIZED;
    mac_of (key, token, (size_t) (last - token), mac);
    if (sodium_memcmp (mac, last + 1, MAC_CHARS) != 0)
        return UNAUTHORIZED;
    // From here on the text is our own
    const char *dot = memchr (token + prefix, '.', (size_t) (last - token) - prefix);
    unsigned long number = dot ? strtoul (dot + 1, &end, 10) : 0;
    if (!dot || end != last || number > UINT32_MAX)
        return UNAUTHORIZED;
    *job = arena_strndup (arena, token + prefix, (size_t) (dot - token) - prefix);
    *attempt = (uint32_t) number;
    return OK;
}
