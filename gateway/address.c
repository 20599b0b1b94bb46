/* address.c - see address.h. */

#include "gateway/address.h"

#include "gateway/request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ADDRESS_MOST 64 // Characters of an entry

typedef struct {
    unsigned char bytes[16];
    int bits; // Of the address: 32 or 128
} network_t;

static bool read_address (const char *text, network_t *out)
{
    out->bits = strchr (text, ':') ? 128 : 32;
    return inet_pton (out->bits == 128 ? AF_INET6 : AF_INET, text, out->bytes) == 1;
}

// "192.0.2.0/24", or one address; *prefix is how many bits count.
static bool read_network (char *text, network_t *out, int *prefix)
{
    char *slash = strchr (text, '/'), *end = NULL;
    if (slash)
        *slash = '\0';
    if (!read_address (text, out))
        return false;
    long bits = slash ? strtol (slash + 1, &end, 10) : out->bits;
    *prefix = (int) bits;
    return (!slash || (end != slash + 1 && !*end)) && bits >= 0 && bits <= out->bits;
}

static bool is_within (const network_t *address, const network_t *network, int prefix)
{
    if (address->bits != network->bits || memcmp (address->bytes, network->bytes, (size_t) prefix / 8) != 0)
        return false;
    int rest = prefix % 8, at = prefix / 8;
    return rest == 0 || (address->bytes[at] ^ network->bytes[at]) >> (8 - rest) == 0;
}

// The entry that ends before `end`; where it begins. False where it is too long to be one.
static bool read_entry (const char *from, size_t *end, char out[ADDRESS_MOST])
{
    size_t last = *end, first;
    while (last > 0 && strchr (" \t,", from[last - 1]))
        last--;
    first = last;
    while (first > 0 && !strchr (" \t,", from[first - 1]))
        first--;
    *end = first;
    if (last - first >= ADDRESS_MOST)
        return false;
    memcpy (out, from + first, last - first);
    out[last - first] = '\0';
    return last > first;
}

static bool is_proxy (const char *text, const char *proxies)
{
    network_t address, network;
    char entry[ADDRESS_MOST];
    size_t end = strlen (proxies);
    int prefix;
    if (!read_address (text, &address))
        return false;
    while (end > 0 && read_entry (proxies, &end, entry))
        if (read_network (entry, &network, &prefix) && is_within (&address, &network, prefix))
            return true;
    return false;
}

bool address_is_list (const char *proxies)
{
    network_t network;
    char entry[ADDRESS_MOST];
    size_t end = strlen (proxies);
    int prefix;
    while (end > 0)
        if (!read_entry (proxies, &end, entry) || !read_network (entry, &network, &prefix))
            return false;
    return true;
}

const char *address_of (arena_t *arena, const char *peer, const char *forwarded, const char *proxies)
{
    network_t address;
    char entry[ADDRESS_MOST];
    size_t end = forwarded ? strlen (forwarded) : 0;
    const char *found = peer;
    while (is_proxy (found, proxies) && end > 0 && read_entry (forwarded, &end, entry)) {
        if (!read_address (entry, &address)) // Not an address: what our proxy wrote it cannot be
            break;
        found = arena_strdup (arena, entry);
    }
    return found;
}

// All of them, in their order: some proxies add to the header, others add one of their own.
static const char *forwarded_of (const request_t *self)
{
    const char *all = NULL;
    for (size_t i = 0; i < self->info->count; i++) {
        const http_header_t *header = &self->info->headers[i];
        if (strcasecmp (header->name, "X-Forwarded-For") == 0)
            all = all ? arena_printf (self->turn.arena, "%s,%s", all, header->value) : header->value;
    }
    return all;
}

const char *request_address (const request_t *self)
{
    const char *proxies = gateway_config (self->gateway)->proxies;
    return address_of (self->turn.arena, http_conn_peer (self->conn), forwarded_of (self),
                       proxies ? proxies : "");
}
