/* fuzz_address.c - where a request comes from: any peer, X-Forwarded-For and list of proxies, a line each.
 *
 * Holds: what comes out is an address, or the peer as it is; without proxies, and without the header, it is the peer. */

#include "gateway/address.h"
#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

static const char *take_line (arena_t *arena, const char **text, size_t *size)
{
    const char *end = memchr (*text, '\n', *size);
    size_t length = end ? (size_t) (end - *text) : *size;
    const char *line = arena_strndup (arena, *text, length);
    *text += length + (end != NULL);
    *size -= length + (end != NULL);
    return line;
}

static bool is_address (const char *text)
{
    unsigned char bytes[16];
    return inet_pton (AF_INET, text, bytes) == 1 || inet_pton (AF_INET6, text, bytes) == 1;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const char *text = (const char *) data;
    const char *peer = take_line (arena, &text, &size);
    const char *forwarded = take_line (arena, &text, &size);
    const char *proxies = take_line (arena, &text, &size);
    const char *found = address_of (arena, peer, forwarded, proxies);
    FUZZ_CHECK (strcmp (found, peer) == 0 || is_address (found));
    FUZZ_CHECK (address_of (arena, peer, forwarded, "") == peer);
    FUZZ_CHECK (address_of (arena, peer, NULL, proxies) == peer);
    (void) address_is_list (proxies);
    arena_destroy (&arena);
    return 0;
}
