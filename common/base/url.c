/* url.c - see url.h. */

#include "common/base/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HOST_MAX 253 // RFC 1035, as text

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static const char *lower (arena_t *arena, const char *text, size_t size)
{
    char *copy = arena_strndup (arena, text, size);
    for (char *at = copy; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return copy;
}

static bool has_odd_bytes (const char *text)
{
    for (const unsigned char *at = (const unsigned char *) text; *at; at++)
        if (*at <= ' ' || *at == 0x7F || *at == '\\')
            return true;
    return false;
}

// "[::1]" or "git.example.org"; *end is after it.
static bool read_host (arena_t *arena, const char *at, const char **end, url_t *out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    struct in6_addr address;
    if (*at != '[') {
        size_t size = strspn (at, allowed);
        out->host = lower (arena, at, size);
        *end = at + size;
        return size <= HOST_MAX && *at != '-' && *at != '.';
    }
    size_t size = strcspn (at, "]/");
    if (at[size] != ']')
        return false;
    out->host = lower (arena, at + 1, size - 1);
    *end = at + size + 1;
    return inet_pton (AF_INET6, out->host, &address) == 1;
}

static bool read_port (const char *at, const char *end, uint16_t *out)
{
    if (at == end)
        return true;
    char *stop;
    long port = *at == ':' && isdigit ((unsigned char) at[1]) ? strtol (at + 1, &stop, 10) : 0;
    if (port < 1 || port > 65535 || stop != end)
        return false;
    *out = (uint16_t) port;
    return true;
}

static fault_t read_authority (turn_t *turn, const char *text, url_t *out)
{
    const char *host = strrchr (text, '@'), *end;
    if (host) {
        const char *colon = memchr (text, ':', (size_t) (host - text));
        out->has_user = true;
        out->has_password = colon != NULL;
        out->user = arena_strndup (turn->arena, text, (size_t) ((colon ? colon : host) - text));
        host++;
    } else
        host = text;
    if (!read_host (turn->arena, host, &end, out))
        return turn_fail (turn, INVALID, "the URL's host is not a name or an address");
    if (!read_port (end, host + strlen (host), &out->port))
        return turn_fail (turn, INVALID, "the URL's host is not followed by a port or a path");
    return OK;
}

fault_t url_parse (turn_t *turn, const char *text, url_t *out)
{
    *out = (url_t){.scheme = "", .user = "", .host = "", .path = ""};
    size_t scheme = strspn (text, letters);
    scheme += strspn (text + scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    if (!isalpha ((unsigned char) *text) || strncmp (text + scheme, "://", 3) != 0)
        return turn_fail (turn, INVALID, "it is not a URL: SCHEME://HOST/PATH");
    if (strlen (text) > URL_MAX)
        return turn_fail (turn, INVALID, "the URL has more than %d bytes", URL_MAX);
    if (has_odd_bytes (text))
        return turn_fail (turn, INVALID, "the URL has a blank, a backslash or a control character");
    out->scheme = lower (turn->arena, text, scheme);
    const char *at = text + scheme + 3;
    size_t authority = strcspn (at, "/?#");
    TRY (read_authority (turn, arena_strndup (turn->arena, at, authority), out));
    if (!*out->host && strcmp (out->scheme, "file") != 0)
        return turn_fail (turn, INVALID, "the URL names no host");
    at += authority;
    size_t path = strcspn (at, "?#");
    out->path = arena_strndup (turn->arena, at, path);
    at += path;
    if (*at == '?')
        out->query = arena_strndup (turn->arena, at + 1, strcspn (at + 1, "#"));
    at = strchr (at, '#');
    out->fragment = at ? arena_strdup (turn->arena, at + 1) : NULL;
    return OK;
}

fault_t url_check_base (turn_t *turn, const char *what, const char *text)
{
    url_t url;
    if (url_parse (turn, text, &url) != OK)
        return turn_fail (turn, INVALID, "%s: %s", what, turn->detail);
    if (strcmp (url.scheme, "http") != 0 && strcmp (url.scheme, "https") != 0)
        return turn_fail (turn, INVALID, "%s: it must begin with http:// or https://", what);
    if (url.has_user || url.query || url.fragment)
        return turn_fail (turn, INVALID, "%s: it must not have a user, a `?` or a `#`", what);
    return OK;
}

const char *url_escape (arena_t *arena, const char *text, const char *also)
{
    char *escaped = arena_alloc (arena, 3 * strlen (text) + 1), *to = escaped;
    for (const unsigned char *at = (const unsigned char *) text; *at; at++)
        if (strchr (letters, *at) || isdigit (*at) || strchr ("-._~", *at) || strchr (also, *at)) {
            *to++ = (char) *at;
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[*at >> 4];
            *to++ = "0123456789ABCDEF"[*at & 15];
        }
    return escaped;
}

const char *url_redact (arena_t *arena, const char *text)
{
    for (const char *at = strstr (text, "://"); at; at = strstr (at, "://")) {
        at += 3;
        // Up to the last `@` of the authority: however it is parsed, no part of a password is left
        size_t authority = strcspn (at, "/?# \t\r\n"), user = authority;
        while (user > 0 && at[user - 1] != '@')
            user--;
        if (user == 0)
            continue;
        size_t before = (size_t) (at - text);
        text = arena_printf (arena, "%.*s%s", (int) before, text, at + user);
        at = text + before;
    }
    return text;
}

typedef struct {
    uint32_t address;
    int bits;
} network_t;

static bool is_public_4 (uint32_t address)
{
    static const network_t others[] = {
        {0x00000000, 8},  // This network
        {0x0A000000, 8},  // Private
        {0x64400000, 10}, // Carriers' own
        {0x7F000000, 8},  // Loopback
        {0xA9FE0000, 16}, // Link-local, and metadata services
        {0xAC100000, 12}, // Private
        {0xC0000000, 24}, // Protocol assignments
        {0xC0000200, 24}, // Documentation
        {0xC0586300, 24}, // 6to4 relays
        {0xC0A80000, 16}, // Private
        {0xC6120000, 15}, // Benchmarks
        {0xC6336400, 24}, // Documentation
        {0xCB007100, 24}, // Documentation
        {0xE0000000, 3},  // Multicast, reserved, broadcast
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if ((address ^ others[i].address) >> (32 - others[i].bits) == 0)
            return false;
    return true;
}

static uint32_t be32 (const uint8_t *bytes)
{
    return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

// Only 2000::/3 is in use; within it Teredo, documentation and 6to4, which lead to IPv4 addresses of anybody's choice, are not.
static bool is_public_6 (const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF}, nat64[12] = {0x00, 0x64, 0xFF, 0x9B};
    uint32_t first = be32 (bytes);
    if (memcmp (bytes, mapped, 12) == 0 || memcmp (bytes, nat64, 12) == 0)
        return is_public_4 (be32 (bytes + 12));
    if (first >> 29 != 1)
        return false;
    return first >> 9 != 0x20010000u >> 9 && first != 0x20010DB8 && first >> 16 != 0x2002;
}

bool address_is_public (const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy (&four, address, sizeof four);
        return is_public_4 (ntohl (four.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 six;
    memcpy (&six, address, sizeof six);
    return is_public_6 (six.sin6_addr.s6_addr);
}

bool host_is_number (const char *host, bool *is_public)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo (host, NULL, &hints, &found) != 0) // Takes "127.1" and "0x7f000001" as resolvers do
        return false;
    *is_public = address_is_public (found->ai_addr);
    freeaddrinfo (found);
    return true;
}

fault_t host_find_public (turn_t *turn, const char *host, const char **address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char text[INET6_ADDRSTRLEN + 1];
    bool all = getaddrinfo (host, NULL, &hints, &found) == 0 && found;
    for (struct addrinfo *at = found; at && all; at = at->ai_next)
        all = address_is_public (at->ai_addr);
    if (all)
        all =
            getnameinfo (found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0;
    if (found)
        freeaddrinfo (found);
    if (!all)
        return turn_fail (turn, FORBIDDEN, "%s has no address that may be reached from here", host);
    *address = arena_strdup (turn->arena, text);
    return OK;
}
