/* address.c - see address.h. */

#include "services/scm/address.h"

#include "common/base/url.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define NOT_AN_ADDRESS \
    "url: it is neither the path of a folder nor an address that git fetches: https:, http:, ssh:, git: or user@host:path"
#define NO_CREDENTIALS                                                                                  \
    "url: it must not contain a user or a password: give them to the user that the server runs as, in " \
    "~/.netrc, as an ssh key, or by a credential helper (scm_git_config)"
#define NO_FOLDER \
    "url: a folder of this server must be registered by an administrator, or be below one that scm_folders lists"

static const struct {
    const char *scheme;
    uint16_t port;
} schemes[] = {{"https", 443}, {"http", 80}, {"ssh", 22}, {"git", 9418}};

static bool is_control (const char *text)
{
    for (const unsigned char *at = (const unsigned char *) text; *at; at++)
        if (*at < ' ' || *at == 0x7F)
            return true;
    return false;
}

// A name that ssh cannot misread.
static bool user_ok (const char *user)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return *user && *user != '-' && !user[strspn (user, allowed)];
}

static fault_t parse_folder (turn_t *turn, const char *path, address_t *out)
{
    if (path[0] != '/' || strlen (path) >= PATH_MAX)
        return turn_fail (turn, INVALID, NOT_AN_ADDRESS);
    out->folder = out->url = arena_strdup (turn->arena, path);
    return OK;
}

static int hex (char c)
{
    return isdigit ((unsigned char) c)    ? c - '0'
           : isxdigit ((unsigned char) c) ? tolower ((unsigned char) c) - 'a' + 10
                                          : -1;
}

// As git does it: file:///a%20b is "/a b".
static fault_t parse_file (turn_t *turn, const url_t *url, address_t *out)
{
    char *path = arena_strdup (turn->arena, url->path), *to = path;
    for (const char *at = path; *at; at++) {
        bool escaped = at[0] == '%' && hex (at[1]) >= 0 && hex (at[2]) >= 0;
        *to++ = escaped ? (char) (hex (at[1]) << 4 | hex (at[2])) : *at;
        at += escaped ? 2 : 0;
    }
    *to = 0;
    if ((*url->host && strcmp (url->host, "localhost") != 0) || url->has_user || url->query ||
        url->fragment || strlen (path) != (size_t) (to - path) || is_control (path))
        return turn_fail (turn, INVALID, NOT_AN_ADDRESS);
    return parse_folder (turn, path, out);
}

// What a URL may have beside host and path.
static fault_t check_parts (turn_t *turn, const url_t *url)
{
    bool is_ssh = strcmp (url->scheme, "ssh") == 0;
    if (url->has_user && (!is_ssh || url->has_password))
        return turn_fail (turn, INVALID, NO_CREDENTIALS);
    if (url->has_user && !user_ok (url->user))
        return turn_fail (turn, INVALID, "url: the user's name may have only letters, digits, . _ and -");
    if (url->query || url->fragment)
        return turn_fail (turn, INVALID, "url: a repository's address must not have a `?` or a `#`");
    if (!*url->path || strcmp (url->path, "/") == 0)
        return turn_fail (turn, INVALID, "url: it names a host, but no repository");
    return OK;
}

static fault_t parse_url (turn_t *turn, const char *text, address_t *out)
{
    url_t url;
    if (url_parse (turn, text, &url) != OK)
        return turn_fail (turn, INVALID, "url: %s", turn->detail);
    if (strcmp (url.scheme, "file") == 0)
        return parse_file (turn, &url, out);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strcmp (url.scheme, schemes[i].scheme) == 0)
            out->port = schemes[i].port;
    if (!out->port)
        return turn_fail (turn, INVALID, NOT_AN_ADDRESS);
    TRY (check_parts (turn, &url));
    out->port = url.port ? url.port : out->port;
    out->scheme = url.scheme;
    out->host = url.host;
    out->url = arena_strdup (turn->arena, text);
    return OK;
}

// "git@example.org:path"; a colon after a slash would make it a path.
static fault_t parse_scp (turn_t *turn, const char *text, address_t *out)
{
    size_t before = strcspn (text, ":/"), user = strcspn (text, "@");
    if (text[before] != ':' || !text[before + 1] || strchr ("-:", text[before + 1]) ||
        strpbrk (text, " \\\"'"))
        return turn_fail (turn, INVALID, strstr (text, "@") ? NO_CREDENTIALS : NOT_AN_ADDRESS);
    if (text[user] && user > before) // "user:password@host"
        return turn_fail (turn, INVALID, NO_CREDENTIALS);
    if (user < before) {
        if (!user_ok (arena_strndup (turn->arena, text, user)))
            return turn_fail (turn, INVALID, NOT_AN_ADDRESS);
        user++;
    } else
        user = 0;
    url_t url;
    const char *host = arena_strndup (turn->arena, text + user, before - user);
    if (url_parse (turn, arena_printf (turn->arena, "ssh://%s/", host), &url) != OK || url.has_user)
        return turn_fail (turn, INVALID, NOT_AN_ADDRESS);
    turn->detail = NULL;
    *out =
        (address_t){.url = arena_strdup (turn->arena, text), .scheme = "ssh", .host = url.host, .port = 22};
    return OK;
}

fault_t address_parse (turn_t *turn, const char *text, address_t *out)
{
    *out = (address_t){.scheme = "", .host = ""};
    if (is_control (text))
        return turn_fail (turn, INVALID, "url: it has a control character");
    if (text[0] == '/')
        return parse_folder (turn, text, out);
    return strstr (text, "://") ? parse_url (turn, text, out) : parse_scp (turn, text, out);
}

bool address_must_be_public (const address_policy_t *policy, bool trusted)
{
    return policy->private_networks == PRIVATE_FOR_NOBODY ||
           (policy->private_networks == PRIVATE_FOR_ADMINISTRATORS && !trusted);
}

static bool is_below (const char *path, const char *folder, size_t size)
{
    while (size > 1 && folder[size - 1] == '/')
        size--;
    return size > 0 && strncmp (path, folder, size) == 0 && (size == 1 || path[size] == '/' || !path[size]);
}

static bool is_listed (const char *folders, const char *path)
{
    for (const char *at = folders; *at; at += strspn (at, ":")) {
        size_t size = strcspn (at, ":");
        if (at[0] == '/' && is_below (path, at, size))
            return true;
        at += size;
    }
    return false;
}

static bool climbs (const char *path)
{
    size_t size = strlen (path);
    return strstr (path, "/../") || (size >= 3 && strcmp (path + size - 3, "/..") == 0);
}

fault_t address_may_read (turn_t *turn, const address_policy_t *policy, const char *real, bool trusted)
{
    return trusted || is_listed (policy->real_folders, real) ? OK : turn_fail (turn, FORBIDDEN, NO_FOLDER);
}

fault_t address_may (turn_t *turn, const address_policy_t *policy, const address_t *address, bool trusted)
{
    bool is_public;
    if (address->folder && !trusted && climbs (address->folder))
        return turn_fail (turn, FORBIDDEN, NO_FOLDER);
    if (address->folder)
        return trusted || is_listed (policy->folders, address->folder)
                   ? OK
                   : turn_fail (turn, FORBIDDEN, NO_FOLDER);
    if (address_must_be_public (policy, trusted) && host_is_number (address->host, &is_public) && !is_public)
        return turn_fail (turn, FORBIDDEN, "%s has no address that may be reached from here", address->host);
    return OK;
}

fault_t address_reach (turn_t *turn, const address_policy_t *policy, const address_t *address, bool trusted,
                       const char *config, git_location_t *out)
{
    const char *found = NULL;
    bool is_http = strncmp (address->scheme, "http", 4) == 0;
    bool must_be_public = address_must_be_public (policy, trusted);
    if (must_be_public)
        TRY (host_find_public (turn, address->host, &found));
    *out = (git_location_t){.config = config, .remote = address->url, .no_redirects = must_be_public};
    // Connect to the address that was checked, even if the resolver answers differently by then
    if (found && is_http)
        out->address = arena_printf (turn->arena, "%s:%u:%s", address->host, address->port, found);
    return OK;
}
