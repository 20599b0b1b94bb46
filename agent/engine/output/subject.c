/* subject.c - see subject.h. */

#include "agent/engine/output/subject.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    size_t digits;
} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};

#define ALGORITHMS (sizeof (algorithms) / sizeof (algorithms[0]))

static fault_t refuse (const char **error, const char *why)
{
    *error = why;
    return INVALID;
}

// The length of "SCHEME://" at its beginning; 0 where there is none.
static size_t scheme_size (const char *text)
{
    size_t size = 0;
    if (!isalpha ((unsigned char) text[0]))
        return 0;
    while (isalnum ((unsigned char) text[size]) || (text[size] && strchr ("+.-", text[size])))
        size++;
    return strncmp (text + size, "://", 3) == 0 ? size + 3 : 0;
}

// The last '@' of REFERENCE@ALGORITHM:HEX, and which algorithm that is; NULL where it has not that form. The number of digits may be wrong.
static const char *find_digest (const char *text, size_t *algorithm)
{
    const char *at = strrchr (text, '@');
    if (!at || at == text)
        return NULL;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        size_t size = strlen (algorithms[i].name);
        if (strncmp (at + 1, algorithms[i].name, size) != 0 || at[1 + size] != ':')
            continue;
        const char *hex = at + 2 + size;
        *algorithm = i;
        return *hex && hex[strspn (hex, "0123456789abcdefABCDEF")] == 0 ? at : NULL;
    }
    return NULL;
}

static fault_t take_file (const char *path, subject_line_t *out, const char **error)
{
    if (!path[strspn (path, " \t")])
        return refuse (error, "file:// names no file");
    out->path = path;
    return OK;
}

// Without a whole digest it is a file, unless its scheme said that it is an image.
static fault_t take_image (arena_t *arena, const char *text, bool named, subject_line_t *out,
                           const char **error)
{
    size_t algorithm = 0;
    const char *at = find_digest (text, &algorithm);
    size_t digits = at ? strlen (strchr (at, ':') + 1) : 0;
    if (named && !at)
        return refuse (error, "oci:// needs a digest at its end, @sha256:HEX, @sha384:HEX or @sha512:HEX");
    if (named && digits != algorithms[algorithm].digits)
        return refuse (error, arena_printf (arena, "a %s has %zu digits, not %zu", algorithms[algorithm].name,
                                            algorithms[algorithm].digits, digits));
    if (!at || digits != algorithms[algorithm].digits)
        return take_file (text, out, error);
    char *digest = arena_strdup (arena, at + 1);
    for (char *c = digest; *c; c++)
        *c = (char) tolower ((unsigned char) *c);
    out->name = arena_strndup (arena, text, (size_t) (at - text));
    out->digest = digest;
    return OK;
}

fault_t subject_line_parse (arena_t *arena, const char *text, subject_line_t *out, const char **error)
{
    size_t scheme = scheme_size (text);
    bool file = scheme == 7 && strncasecmp (text, "file", 4) == 0;
    bool image = scheme == 6 && strncasecmp (text, "oci", 3) == 0;
    *out = (subject_line_t){.path = NULL};
    if (strchr (text, '='))
        return refuse (error, "entries that have a = are reserved");
    if (scheme && !file && !image)
        return refuse (error, "only file:// and oci:// are known");
    return file ? take_file (text + scheme, out, error)
                : take_image (arena, text + scheme, image, out, error);
}
