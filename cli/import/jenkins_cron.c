/* jenkins_cron.c - Jenkins' cron: five fields where H is a number that depends on the job's name, and @daily and its like.
 *
 * Source: Jenkins' "Cron syntax". H is hashed from the title, so that one file always gives the same times, and files differ. */

#include "cli/import/jenkins.h"
#include "common/base/line.h"
#include "workflow/schema/cron.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int low, high; // What H spreads over: days only to 28, which each month has
} ranges[] = {{0, 59}, {0, 23}, {1, 28}, {1, 12}, {0, 6}};
#define FIELDS 5

static const struct {
    const char *name, *fields;
} aliases[] = {{"@yearly", "H H H H *"}, {"@annually", "H H H H *"}, {"@monthly", "H H H * *"},
               {"@weekly", "H H * * H"}, {"@daily", "H H * * *"},    {"@midnight", "H H(0-2) * * *"},
               {"@hourly", "H * * * *"}};

static unsigned hash (const char *seed, size_t field)
{
    unsigned value = 2166136261U + (unsigned) field * 97; // FNV-1a
    for (; *seed; seed++)
        value = (value ^ (unsigned char) *seed) * 16777619U;
    return value >> 8;
}

static bool read_number (const char **p, int *out)
{
    if (!isdigit ((unsigned char) **p))
        return false;
    *out = 0;
    for (; isdigit ((unsigned char) **p); ++*p)
        *out = *out < 1000 ? *out * 10 + (**p - '0') : *out;
    return true;
}

// H, H(2-5), H/15, H(2-50)/15 as GitHub writes them; NULL where it is none of them.
static const char *spread (arena_t *arena, const char *item, unsigned value, size_t field)
{
    int low = ranges[field].low, high = ranges[field].high, step = 0;
    const char *p = item + 1;
    if (*p == '(') {
        p++;
        if (!read_number (&p, &low) || *p++ != '-' || !read_number (&p, &high) || *p++ != ')' || high < low)
            return NULL;
    }
    if (*p == '/' && (p++, !read_number (&p, &step) || step == 0))
        return NULL;
    if (*p)
        return NULL;
    if (step == 0)
        return arena_printf (arena, "%d", low + (int) (value % (unsigned) (high - low + 1)));
    if (step > high - low)
        step = high - low + 1;
    int first = low + (int) (value % (unsigned) step);
    if (first + step > high)
        return arena_printf (arena, "%d", first);
    return arena_printf (arena, "%d-%d/%d", first, high, step);
}

static const char *field_of (arena_t *arena, const char *text, const char *seed, size_t field)
{
    const char *out = "";
    for (const char *p = text; p; p = *p ? p + 1 : NULL) {
        size_t size = strcspn (p, ",");
        const char *item = arena_strndup (arena, p, size);
        if (*item == 'H')
            item = spread (arena, item, hash (seed, field), field);
        else if (field == 4 && strcmp (item, "7") == 0) // Sunday
            item = "0";
        if (!item)
            return NULL;
        out = arena_printf (arena, "%s%s%s", out, *out ? "," : "", item);
        p += size;
        if (!*p)
            break;
    }
    return out;
}

const char *jenkins_cron (arena_t *arena, const char *line, const char *seed)
{
    const char *out = "", *error;
    cron_t cron;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp (aliases[i].name, line) == 0)
            line = aliases[i].fields;
    for (size_t i = 0; i < FIELDS; i++) {
        line += strspn (line, " \t");
        size_t size = strcspn (line, " \t");
        const char *field = field_of (arena, arena_strndup (arena, line, size), seed, i);
        if (!field)
            return NULL;
        out = arena_printf (arena, "%s%s%s", out, i ? " " : "", field);
        line += size;
    }
    if (line[strspn (line, " \t")] || cron_parse (arena, out, &cron, &error) != OK)
        return NULL;
    return out;
}
