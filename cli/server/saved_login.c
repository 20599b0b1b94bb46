/* saved_login.c - see saved_login.h. */

#include "cli/server/saved_login.h"

#include "common/base/line.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/private.h"

#include <string.h>

#define FILE_BYTES (64 << 10)

typedef struct {
    saved_login_t items[SAVED_LOGINS];
    size_t count;
} saved_logins_t;

// The next word of a line; "" at its end.
static const char *take_word (arena_t *arena, const char **at)
{
    *at += strspn (*at, " ");
    size_t size = strcspn (*at, " ");
    const char *word = arena_strndup (arena, *at, size);
    *at += size;
    return word;
}

static fault_t read_all (turn_t *turn, const char *path, saved_logins_t *out)
{
    const char *text;
    out->count = 0;
    TRY (private_file (turn, path));
    fault_t fault = file_read (turn, path, FILE_BYTES, &text);
    turn->detail = fault == NOT_FOUND ? NULL : turn->detail;
    if (fault)
        return fault == NOT_FOUND ? OK : fault;
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);) {
        const char *at = arena_strndup (turn->arena, line.text, line.size);
        saved_login_t login = {.url = take_word (turn->arena, &at)};
        login.token = take_word (turn->arena, &at);
        login.id = take_word (turn->arena, &at);
        if (!*login.url)
            continue;
        if (!*login.id || out->count == SAVED_LOGINS)
            return turn_fail (turn, BAD_INPUT, "%s:%zu: must be: URL TOKEN ID; at most %d of them", path,
                              line.number, SAVED_LOGINS);
        out->items[out->count++] = login;
    }
    return OK;
}

fault_t saved_login_find (turn_t *turn, const char *path, const char *url, saved_login_t *out)
{
    saved_logins_t all;
    *out = (saved_login_t){.url = url};
    if (!path || !*path)
        return OK;
    TRY (read_all (turn, path, &all));
    for (size_t i = 0; i < all.count; i++)
        if (strcmp (all.items[i].url, url) == 0)
            *out = all.items[i];
    return OK;
}

static fault_t write_all (turn_t *turn, const char *path, const saved_logins_t *all)
{
    const char *text = "", *slash = strrchr (path, '/');
    for (size_t i = 0; i < all->count; i++)
        text = arena_printf (turn->arena, "%s%s %s %s\n", text, all->items[i].url, all->items[i].token,
                             all->items[i].id);
    if (slash && slash > path)
        TRY (folder_make (turn, arena_strndup (turn->arena, path, (size_t) (slash - path))));
    return file_write (turn, path, text);
}

fault_t saved_login_keep (turn_t *turn, const char *path, const saved_login_t *login)
{
    saved_logins_t all;
    size_t kept = 0;
    TRY (read_all (turn, path, &all));
    for (size_t i = 0; i < all.count; i++)
        if (strcmp (all.items[i].url, login->url) != 0)
            all.items[kept++] = all.items[i];
    all.count = kept;
    if (login->token && kept == SAVED_LOGINS)
        return turn_fail (turn, CONFLICT, "%s: has %d logins already; log out of some server", path,
                          SAVED_LOGINS);
    if (login->token)
        all.items[all.count++] = *login;
    return write_all (turn, path, &all);
}
