/* id.c - see id.h. Randomness comes from libsodium, whose randombytes needs no initialization. */

#include "common/base/id.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define TIME_CHARS   10
#define CHANCE_CHARS 10
#define SECRET_BYTES 32

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's: without i, l, o, u

static void put (char *into, int count, uint64_t bits)
{
    for (int i = count - 1; i >= 0; i--, bits >>= 5)
        into[i] = digits[bits & 31];
}

#define STEP_BITS  30 // Largest distance of two ids of the same millisecond: as hard to guess as 30 bits
#define KINDS      32 // Kinds are letters: each has a place of its own
#define FIRST_BITS 48 // Of the first one: leaves room for a million steps after it

// Ids of one kind and one millisecond go on from the one before, so that rows in the order of their ids are in the order in which
// they were made: by one actor, in whichever thread it runs just now.
static uint64_t chance_after (char kind, uint64_t time_ms)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // Of what follows
    static struct {
        uint64_t ms, chance;
    } kinds[KINDS];
    uint64_t chance;
    randombytes_buf (&chance, sizeof (chance));
    pthread_mutex_lock (&lock);
    uint64_t *last = &kinds[(unsigned char) kind % KINDS].chance;
    uint64_t *last_ms = &kinds[(unsigned char) kind % KINDS].ms;
    if (*last > 0 && time_ms == *last_ms)
        *last += 1 + (chance & ((UINT64_C (1) << STEP_BITS) - 1));
    else
        *last = chance & ((UINT64_C (1) << FIRST_BITS) - 1);
    *last_ms = time_ms;
    chance = *last;
    pthread_mutex_unlock (&lock);
    return chance;
}

const char *id_new (arena_t *arena, char kind, int64_t now_us)
{
    uint64_t time_ms = now_us > 0 ? (uint64_t) now_us / 1000 : 0, chance = chance_after (kind, time_ms);
    char *id = arena_alloc (arena, ID_SIZE);
    id[0] = kind;
    put (id + 1, TIME_CHARS, time_ms);
    put (id + 1 + TIME_CHARS, CHANCE_CHARS, chance);
    return id;
}

const char *id_from (arena_t *arena, char kind, int64_t us)
{
    char *id = arena_alloc (arena, ID_SIZE);
    id[0] = kind;
    put (id + 1, TIME_CHARS, us > 0 ? (uint64_t) us / 1000 : 0);
    return id;
}

bool id_is (const char *text, char kind)
{
    if (!text || text[0] != kind || strnlen (text, ID_SIZE) != ID_SIZE - 1)
        return false;
    return strspn (text + 1, digits) == ID_SIZE - 2;
}

int64_t id_time_us (const char *id)
{
    int64_t ms = 0;
    for (int i = 1; i <= TIME_CHARS; i++) {
        const char *digit = strchr (digits, id[i]);
        ms = ms << 5 | (digit && *digit ? digit - digits : 0);
    }
    return ms * 1000;
}

const char *secret_new (arena_t *arena, const char *prefix)
{
    unsigned char chance[SECRET_BYTES];
    char text[sodium_base64_ENCODED_LEN (SECRET_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    randombytes_buf (chance, sizeof (chance));
    sodium_bin2base64 (text, sizeof (text), chance, sizeof (chance),
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    const char *secret = arena_printf (arena, "%s%s", prefix, text);
    sodium_memzero (chance, sizeof (chance));
    sodium_memzero (text, sizeof (text));
    return secret;
}

const char *secret_hash (arena_t *arena, const char *secret)
{
    unsigned char hash[32];
    crypto_generichash (hash, sizeof (hash), (const unsigned char *) secret, strlen (secret), NULL, 0);
    char *text = arena_alloc (arena, 2 * sizeof (hash) + 1);
    return sodium_bin2hex (text, 2 * sizeof (hash) + 1, hash, sizeof (hash));
}
