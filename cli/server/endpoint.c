/* endpoint.c - see endpoint.h. */

#include "cli/server/endpoint.h"

#include "cli/server/saved_login.h"
#include "common/os/file.h"

#include <string.h>

#define FILE_BYTES 4096 // Of `url`, of a token

// The file's first line.
static fault_t read_line (turn_t *turn, const char *path, const char **out)
{
    const char *text;
    fault_t fault = file_read (turn, path, FILE_BYTES, &text);
    if (fault == OK)
        *out = arena_strndup (turn->arena, text, strcspn (text, "\r\n"));
    return fault;
}

static const char *without_slash (arena_t *arena, const char *url)
{
    size_t size = strlen (url);
    while (size && url[size - 1] == '/')
        size--;
    return arena_strndup (arena, url, size);
}

static fault_t find_url (turn_t *turn, const settings_t *settings, const char *left, const char **out)
{
    const char *url = settings->url;
    if (!settings_given (settings, url) && left)
        url = left;
    else if (!settings_given (settings, url) && settings_given (settings, data_dir))
        return turn_fail (turn, UNAVAILABLE,
                          "no server has left its address in %s (is `opencicd up` running?)",
                          settings->data_dir);
    *out = without_slash (turn->arena, url);
    return OK;
}

fault_t endpoint_find (turn_t *turn, const settings_t *settings, endpoint_t *out)
{
    arena_t *arena = turn->arena;
    const char *left = NULL; // By `up`
    *out = (endpoint_t){.url = "", .token = settings->token};
    if (read_line (turn, arena_printf (arena, "%s/url", settings->data_dir), &left) != OK)
        turn->detail = left = NULL;
    fault_t fault = find_url (turn, settings, left, &out->url);
    if (fault != OK || *out->token)
        return fault;
    if (*settings->token_file)
        return read_line (turn, settings->token_file, &out->token);
    saved_login_t login;
    fault = saved_login_find (turn, settings->login_file, out->url, &login);
    if (fault != OK || login.token) {
        out->token = login.token ? login.token : "";
        return fault;
    }
    // An administrator's token must not reach a server that is only named on the command line
    if (left && strcmp (without_slash (arena, left), out->url) == 0)
        return read_line (turn, arena_printf (arena, "%s/admin-token", settings->data_dir), &out->token);
    return OK;
}
