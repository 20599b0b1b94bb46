/* git_object.c - see git_object.h. */

#include "services/scm/git_object.h"

#include <ctype.h>
#include <string.h>

bool git_name_ok (const char *name)
{
    size_t size = strlen (name);
    if (size == 0 || size > 1000 || name[0] == '-' || name[0] == '/' || name[size - 1] == '/' ||
        name[size - 1] == '.' || strstr (name, "..") || strstr (name, "@{") || strstr (name, "//"))
        return false;
    for (const unsigned char *at = (const unsigned char *) name; *at; at++)
        if (*at <= ' ' || *at == 0x7F || strchr ("~^:?*[\\", *at))
            return false;
    return true;
}

bool git_is_hex (const char *name)
{
    size_t size = strspn (name, "0123456789abcdef");
    return size >= 4 && size <= 64 && name[size] == 0;
}

static const char *line_end (const char *at, const char *end)
{
    const char *newline = memchr (at, '\n', (size_t) (end - at));
    return newline ? newline : end;
}

// "author Ada Lovelace <ada@example.org> 1700000000 +0000"
static void read_author (arena_t *arena, const char *at, const char *end, git_commit_t *out)
{
    const char *open = memchr (at, '<', (size_t) (end - at));
    const char *close = open ? memchr (open, '>', (size_t) (end - open)) : NULL;
    if (!close)
        return;
    const char *name_end = open;
    while (name_end > at && name_end[-1] == ' ')
        name_end--;
    out->author = arena_strndup (arena, at, (size_t) (name_end - at));
    out->author_email = arena_strndup (arena, open + 1, (size_t) (close - open - 1));
}

void git_commit_read (arena_t *arena, const char *data, size_t size, git_commit_t *out)
{
    const char *at = data, *end = data + size;
    *out = (git_commit_t){.subject = "", .message = "", .author = "", .author_email = ""};
    while (at < end && *at != '\n') {
        const char *eol = line_end (at, end);
        if (eol - at > 7 && memcmp (at, "author ", 7) == 0)
            read_author (arena, at + 7, eol, out);
        at = eol < end ? eol + 1 : end;
    }
    if (at < end)
        at++; // The empty line before the message
    out->message = arena_strndup (arena, at, (size_t) (end - at));
    out->subject = arena_strndup (arena, at, (size_t) (line_end (at, end) - at));
}

bool git_tree_next (arena_t *arena, const char *data, size_t size, size_t id_size, size_t *at,
                    git_entry_t *out)
{
    const char *mode = data + *at, *end = data + size;
    const char *name = memchr (mode, ' ', (size_t) (end - mode));
    const char *nul = name ? memchr (name, 0, (size_t) (end - name)) : NULL;
    if (!nul || (size_t) (end - nul - 1) < id_size)
        return false;
    char *id = arena_alloc (arena, id_size * 2 + 1);
    for (size_t i = 0; i < id_size; i++) {
        unsigned char byte = (unsigned char) nul[1 + i];
        id[2 * i] = "0123456789abcdef"[byte >> 4];
        id[2 * i + 1] = "0123456789abcdef"[byte & 15];
    }
    out->name = arena_strdup (arena, name + 1);
    out->id = id;
    out->is_file = name - mode == 6 && memcmp (mode, "100", 3) == 0;
    *at = (size_t) (nul + 1 - data) + id_size;
    return true;
}

const char *git_head_read (arena_t *arena, const char *data, size_t size)
{
    static const char prefix[] = "ref: ";
    if (size < sizeof prefix || memcmp (data, prefix, sizeof prefix - 1) != 0)
        return NULL;
    size_t length = size - (sizeof prefix - 1);
    char *name = arena_strndup (arena, data + sizeof prefix - 1, length);
    for (size_t i = strlen (name); i > 0 && isspace ((unsigned char) name[i - 1]); i--)
        name[i - 1] = 0;
    return name;
}
