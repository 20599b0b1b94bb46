/* format.c - see format.h. */

#include "cli/terminal/format.h"

#include "common/base/clock.h"

#include <inttypes.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400
#define LONG   (30 * DAY) // Past it a date says more

const char *duration_text (arena_t *arena, int64_t us)
{
    int64_t s = us / SECONDS (1);
    if (us < 0)
        return "";
    if (s < 1)
        return arena_printf (arena, "%" PRId64 " ms", us / MILLISECONDS (1));
    if (s < MINUTE)
        return arena_printf (arena, "%" PRId64 ".%" PRId64 " s", s, us / MILLISECONDS (100) % 10);
    if (s < HOUR)
        return arena_printf (arena, "%" PRId64 " min %02" PRId64 " s", s / MINUTE, s % MINUTE);
    if (s < DAY)
        return arena_printf (arena, "%" PRId64 " h %02" PRId64 " min", s / HOUR, s % HOUR / MINUTE);
    return arena_printf (arena, "%" PRId64 " d %" PRId64 " h", s / DAY, s % DAY / HOUR);
}

const char *ago_text (arena_t *arena, int64_t then_us, int64_t now_us)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } rows[] = {{MINUTE, 1, "s"}, {HOUR, MINUTE, "min"}, {DAY, HOUR, "h"}, {LONG, DAY, "d"}};
    int64_t s = (now_us - then_us) / SECONDS (1);
    if (s < 1) // Also where their clock is ahead of ours
        return "just now";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (s < rows[i].below)
            return arena_printf (arena, "%" PRId64 " %s ago", s / rows[i].unit, rows[i].name);
    return arena_printf (arena, "%.10s", clock_format (arena, then_us));
}

const char *size_text (arena_t *arena, int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024)
        return arena_printf (arena, "%" PRId64 " B", bytes);
    double size = (double) bytes / 1024;
    size_t unit = 0;
    for (; size >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]; unit++) // Not "1024.0 KiB"
        size /= 1024;
    return arena_printf (arena, "%.1f %s", size, units[unit]);
}
