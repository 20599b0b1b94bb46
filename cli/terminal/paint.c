/* paint.c - see paint.h. */

#include "cli/terminal/paint.h"

#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Source: no-color.org.
bool paint_enabled (FILE *out)
{
    const char *none = getenv ("NO_COLOR"), *term = getenv ("TERM");
    return isatty (fileno (out)) && !(none && *none) && !(term && strcmp (term, "dumb") == 0);
}

const char *paint (arena_t *arena, bool colour, paint_t kind, const char *text)
{
    return colour && kind != PLAIN && *text ? arena_printf (arena, "\033[%dm%s\033[0m", kind, text) : text;
}

// C1 controls are two bytes in UTF-8; terminals obey them too.
static bool is_control (const char *text, size_t size)
{
    unsigned char first = (unsigned char) text[0];
    return size == 0 || first < 0x20 || first == 0x7f ||
           (size == 2 && first == 0xc2 && (unsigned char) text[1] < 0xa0);
}

const char *paint_safe (arena_t *arena, const char *text)
{
    size_t left = strlen (text);
    char *safe = arena_alloc (arena, 2 * left + 1), *to = safe;
    while (left) {
        size_t size = utf8_length (text, left), breaks = strspn (text, "\r\n");
        if (breaks) {
            size = breaks + strspn (text + breaks, "\r\n\t ");
            if (size < left && to > safe)
                to = stpcpy (to, "; ");
        } else if (is_control (text, size)) {
            *to++ = '?';
        } else {
            memcpy (to, text, size);
            to += size;
        }
        size += size == 0;
        text += size;
        left -= size;
    }
    return safe;
}

paint_t paint_of_result (const char *result)
{
    static const struct {
        const char *word;
        paint_t kind;
    } rows[] = {{"success", GREEN}, {"failure", RED},     {"cancelled", YELLOW}, {"skipped", DIM},
                {"running", CYAN},  {"cancelling", CYAN}, {"queued", BLUE},      {"assigned", CYAN},
                {"idle", GREEN},    {"busy", CYAN},       {"offline", RED},      {"pending", DIM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp (rows[i].word, result) == 0)
            return rows[i].kind;
    return PLAIN;
}
