/* login_delay.c - see login_delay.h. A table of sets: a key has WAYS places, found by a keyed hash that nobody outside can aim at. */

#include "services/identity/people/login_delay.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS      1024
#define WAYS      8
#define TEXT_SIZE 256 // A name and an address have 64 bytes at most

typedef struct {
    uint64_t key;     // 0: free
    int64_t tried_us; // The last try
    uint32_t count;   // Tries that did not sign in
} delay_t;

struct login_delay {
    unsigned char seed[crypto_shorthash_KEYBYTES];
    delay_t sets[SETS][WAYS];
};

login_delay_t *login_delay_new (void)
{
    login_delay_t *self = calloc (1, sizeof (*self)); // Pages that nothing is written to take no memory
    if (!self)
        abort ();
    randombytes_buf (self->seed, sizeof (self->seed));
    return self;
}

void login_delay_destroy (login_delay_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static const char *network_of (const char *address, char text[INET6_ADDRSTRLEN])
{
    struct in6_addr ip;
    if (inet_pton (AF_INET6, address, &ip) != 1)
        return address;
    if (IN6_IS_ADDR_V4MAPPED (&ip))
        return inet_ntop (AF_INET, &ip.s6_addr[12], text, INET6_ADDRSTRLEN);
    memset (&ip.s6_addr[8], 0, 8);
    return inet_ntop (AF_INET6, &ip, text, INET6_ADDRSTRLEN);
}

// Of a name from an address, or with a name of NULL of the address alone: no name is empty.
static uint64_t key_of (const login_delay_t *self, const char *name, const char *address)
{
    uint64_t key;
    char text[TEXT_SIZE], network[INET6_ADDRSTRLEN];
    snprintf (text, sizeof (text), "%s\n%s", network_of (address, network), name ? name : "");
    crypto_shorthash ((unsigned char *) &key, (const unsigned char *) text, strlen (text), self->seed);
    return key ? key : 1;
}

static const delay_t *find (const login_delay_t *self, uint64_t key)
{
    const delay_t *set = self->sets[key % SETS];
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

// The place of this key, if need be that of the one which was tried least lately.
static delay_t *take (login_delay_t *self, uint64_t key)
{
    delay_t *set = self->sets[key % SETS], *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].key == 0 || (oldest->key != 0 && set[i].tried_us < oldest->tried_us))
            oldest = &set[i];
    }
    *oldest = (delay_t){.key = key};
    return oldest;
}

static bool is_forgotten (const delay_t *delay, int64_t now_us)
{
    return !delay || delay->count == 0 || delay->tried_us + SECONDS (DELAY_FORGET) <= now_us;
}

static int64_t left_of (const delay_t *delay, uint32_t free_tries, int64_t most, int64_t now_us)
{
    if (is_forgotten (delay, now_us) || delay->count < free_tries)
        return 0;
    uint32_t doublings = delay->count - free_tries;
    int64_t seconds = doublings < 20 ? (int64_t) 1 << doublings : most;
    int64_t left = delay->tried_us + SECONDS (seconds < most ? seconds : most) - now_us;
    return left > 0 ? left : 0;
}

int64_t login_delay_left (const login_delay_t *self, const char *name, const char *address, int64_t now_us)
{
    int64_t of_pair =
        left_of (find (self, key_of (self, name, address)), DELAY_FREE, DELAY_MOST_SECONDS, now_us);
    int64_t of_address =
        left_of (find (self, key_of (self, NULL, address)), ADDRESS_FREE, ADDRESS_SECONDS, now_us);
    return of_pair > of_address ? of_pair : of_address;
}

static void charge (login_delay_t *self, uint64_t key, int64_t now_us)
{
    delay_t *delay = take (self, key);
    if (is_forgotten (delay, now_us))
        delay->count = 0;
    delay->count += delay->count < UINT32_MAX;
    delay->tried_us = now_us;
}

void login_delay_charge (login_delay_t *self, const char *name, const char *address, int64_t now_us)
{
    charge (self, key_of (self, name, address), now_us);
    charge (self, key_of (self, NULL, address), now_us);
}

void login_delay_clear (login_delay_t *self, const char *name, const char *address)
{
    uint64_t pair = key_of (self, name, address), whole = key_of (self, NULL, address);
    if (find (self, pair))
        *take (self, pair) = (delay_t){0};
    if (find (self, whole) && find (self, whole)->count > 0)
        take (self, whole)
            ->count--; // Not all of them: one account of one's own must not buy tries of others'
}

#define CODES "codes" // Instead of an address

int64_t login_delay_left_of_codes (const login_delay_t *self, const char *user, int64_t now_us)
{
    return left_of (find (self, key_of (self, user, CODES)), CODES_FREE, CODES_SECONDS, now_us);
}

void login_delay_charge_code (login_delay_t *self, const char *user, int64_t now_us)
{
    charge (self, key_of (self, user, CODES), now_us);
}

void login_delay_clear_codes (login_delay_t *self, const char *user)
{
    if (find (self, key_of (self, user, CODES)))
        *take (self, key_of (self, user, CODES)) = (delay_t){0};
}

bool login_delay_suspects (const login_delay_t *self, const char *address, int64_t now_us)
{
    return !is_forgotten (find (self, key_of (self, NULL, address)), now_us);
}
