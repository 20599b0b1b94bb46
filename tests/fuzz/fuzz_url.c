/* fuzz_url.c - any text as a URL, as the base of a path, and as a repository's address.
 *
 * Holds: what is taken has a host, a port and a path without odd bytes; nothing before an `@` is left in what is shown, or in what is said. */

#include "common/base/url.h"
#include "services/scm/address.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_url (turn_t *turn, const char *text)
{
    url_t url;
    if (url_parse (turn, text, &url) != OK) {
        FUZZ_CHECK (turn->detail && *turn->detail);
        return;
    }
    FUZZ_CHECK (*url.scheme && (*url.host || strcmp (url.scheme, "file") == 0));
    FUZZ_CHECK (!strpbrk (url.host, "@/\\ %?#") && !strpbrk (url.path, "?#\\ \t\r\n"));
    FUZZ_CHECK (!*url.path || *url.path == '/');
    FUZZ_CHECK (!url.has_user || strcmp (url_redact (turn->arena, text), text) != 0);
    bool is_public;
    (void) host_is_number (url.host, &is_public);
}

static void check_address (turn_t *turn, const char *text)
{
    address_t address;
    const address_policy_t policy = {.folders = "/srv/git", .real_folders = "/srv/git"};
    if (address_parse (turn, text, &address) != OK)
        return;
    FUZZ_CHECK (*address.url != '-');
    if (address.folder)
        FUZZ_CHECK (*address.folder == '/');
    else
        FUZZ_CHECK (*address.host && *address.host != '-' && address.port);
    if (address.folder && address_may (turn, &policy, &address, false) == OK)
        FUZZ_CHECK (strncmp (address.folder, "/srv/git", 8) == 0 && !strstr (address.folder, "/../"));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "fuzz", 0);
    const char *text = arena_strndup (arena, (const char *) data, size);
    const char *shown = url_redact (arena, text);
    FUZZ_CHECK (strcmp (url_redact (arena, shown), shown) == 0 || strstr (shown, "://"));
    check_url (&turn, text);
    turn.detail = NULL;
    (void) !url_check_base (&turn, "url", text);
    check_address (&turn, text);
    arena_destroy (&arena);
    return 0;
}
