/* git_object.c - see git_object.h. */

#include "services/scm/git_object.h"

#include "common/base/line.h"
#include "common/base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_SECONDS 253402300799LL // The last second of the year 9999

bool git_name_ok (const char *name)
{
    size_t size = strlen (name);
    if (size == 0 || size > 1000 || name[0] == '-' || name[0] == '/' || name[size - 1] == '/' ||
        name[size - 1] == '.' || strstr (name, "..") || strstr (name, "@{") || strstr (name, "//"))
        return false;
    for (const unsigned char *at = (const unsigned char *) name; *at; at++)
        if (*at <= ' ' || *at == 0x7F || strchr ("~^:?*[\\", *at))
            return false;
    return utf8_valid (name, size);
}

const char *git_text (arena_t *arena, const char *text, size_t most)
{
    size_t size = strlen (text);
    bool is_text = utf8_valid (text, size);
    if (is_text && size <= most)
        return text;
    size_t longest = is_text ? size : size * 3; // A byte becomes U+FFFD, which has three
    return utf8_repair (arena, text, size, longest < most ? longest : most);
}

bool git_is_hex (const char *name)
{
    size_t size = strspn (name, "0123456789abcdef");
    return size >= 4 && size <= 64 && name[size] == 0;
}

const char *git_time (arena_t *arena, const char *text)
{
    char *end, when[32];
    long long at = strtoll (text, &end, 10);
    bool zoned = end > text && end[0] == ' ' && (end[1] == '+' || end[1] == '-') &&
                 strspn (end + 2, "0123456789") >= 4;
    if (!zoned || at < 0 || at > MAX_SECONDS)
        return "";
    int hours = (end[2] - '0') * 10 + end[3] - '0', minutes = (end[4] - '0') * 10 + end[5] - '0';
    int offset = (hours * 60 + minutes) * 60;
    time_t local = (time_t) (at + (end[1] == '-' ? -offset : offset));
    struct tm parts;
    if (!gmtime_r (&local, &parts) || !strftime (when, sizeof when, "%Y-%m-%dT%H:%M:%S", &parts))
        return "";
    return arena_printf (arena, "%s%c%.2s:%.2s", when, end[1], end + 2, end + 4);
}

// "Ada Lovelace <ada@example.org> 1700000000 +0000"
static void read_person (arena_t *arena, const char *at, const char *end, const char **name,
                         const char **email, const char **when)
{
    const char *open = memchr (at, '<', (size_t) (end - at));
    const char *close = open ? memchr (open, '>', (size_t) (end - open)) : NULL;
    if (!close)
        return;
    const char *name_end = open;
    while (name_end > at && name_end[-1] == ' ')
        name_end--;
    *name = arena_strndup (arena, at, (size_t) (name_end - at));
    *email = arena_strndup (arena, open + 1, (size_t) (close - open - 1));
    *when =
        close + 1 < end ? git_time (arena, arena_strndup (arena, close + 2, (size_t) (end - close - 2))) : "";
}

// Is it "KEY value"? Where the value begins, or NULL.
static const char *value_of (const char *line, const char *end, const char *key)
{
    size_t size = strlen (key);
    bool is = (size_t) (end - line) > size && memcmp (line, key, size) == 0 && line[size] == ' ';
    return is ? line + size + 1 : NULL;
}

static void read_line (arena_t *arena, const char *at, const char *end, git_commit_t *out)
{
    const char *value;
    if ((value = value_of (at, end, "author")))
        read_person (arena, value, end, &out->author, &out->author_email, &out->authored_at);
    else if ((value = value_of (at, end, "committer")))
        read_person (arena, value, end, &out->committer, &out->committer_email, &out->committed_at);
    else if ((value = value_of (at, end, "tree")))
        out->tree = arena_strndup (arena, value, (size_t) (end - value));
    else if ((value = value_of (at, end, "parent")) && out->parent_count < GIT_PARENTS)
        out->parents[out->parent_count++] = arena_strndup (arena, value, (size_t) (end - value));
}

void git_commit_read (arena_t *arena, const char *data, size_t size, git_commit_t *out)
{
    *out = (git_commit_t){.subject = "",
                          .message = "",
                          .author = "",
                          .author_email = "",
                          .authored_at = "",
                          .tree = "",
                          .committer = "",
                          .committer_email = "",
                          .committed_at = ""};
    line_t line = line_begin (data, size);
    while (line_next (&line) && line.size) // The empty one is before the message
        read_line (arena, line.text, line.text + line.size, out);
    out->message = arena_strndup (arena, line.rest, line.left);
    out->subject = line_take (&line, arena);
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
