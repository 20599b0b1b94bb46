/* cron.c - five fields to bit sets, and the next time that is in all of them.
 *
 * Local time is UTC plus what the caller's offset function says. The search steps over whole months, days and hours
 * that cannot match, so that even "0 0 29 2 *" takes a few hundred steps. */

#include "workflow/schema/cron.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MINUTE        60
#define HOUR          3600
#define DAY           86400
#define SECOND_US     1000000LL
#define HORIZON_YEARS 8 // From one 29th of February to the next, across a year such as 2100
#define STEPS_MAX     100000

typedef struct {
    const char *name;
    int low, high;
    const char *names[12]; // Names for low, low + 1, ...
} cron_field_t;

static const cron_field_t fields[] = {
    {"minute", 0, 59, {0}},
    {"hour", 0, 23, {0}},
    {"day of month", 1, 31, {0}},
    {"month", 1, 12, {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
    {"day of week", 0, 6, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
};
#define FIELD_COUNT (sizeof (fields) / sizeof (fields[0]))

typedef struct {
    arena_t *arena;
    const cron_field_t *field;
    const char *text; // The field, for messages
    const char *p;
    const char *error;
} reader_t;

static bool fail (reader_t *self)
{
    const cron_field_t *field = self->field;
    self->error =
        arena_printf (self->arena,
                      "wrong cron: \"%s\" is not a valid %s; it is *, or numbers %d-%d%s in lists (1,2), "
                      "ranges (1-5) and steps (*/2)",
                      self->text, field->name, field->low, field->high,
                      !field->names[0]                       ? ""
                      : strcmp (field->names[0], "JAN") == 0 ? " or JAN-DEC"
                                                             : " or SUN-SAT");
    return false;
}

static bool read_number (reader_t *self, int *out)
{
    if (!isdigit ((unsigned char) *self->p))
        return false;
    int number = 0;
    for (; isdigit ((unsigned char) *self->p); self->p++)
        number =
            number < 10000 ? number * 10 + (*self->p - '0') : number; // Past every field's range it stays
    *out = number;
    return true;
}

static bool read_value (reader_t *self, int *out)
{
    if (!read_number (self, out)) {
        for (int i = 0; i < 12 && self->field->names[i]; i++)
            if (strncasecmp (self->p, self->field->names[i], 3) == 0) {
                self->p += 3;
                *out = self->field->low + i;
                return !isalpha ((unsigned char) *self->p);
            }
        return false;
    }
    return *out >= self->field->low && *out <= self->field->high;
}

// One of a list: *, n, n-m, each with /step. n/step runs to the end.
static bool read_item (reader_t *self, uint64_t *bits)
{
    int from = self->field->low, to = self->field->high, step = 1;
    bool ranged = *self->p == '*';
    if (ranged)
        self->p++;
    else {
        if (!read_value (self, &from))
            return false;
        to = from;
        if (*self->p == '-') {
            self->p++;
            ranged = true;
            if (!read_value (self, &to) || to < from)
                return false;
        }
    }
    if (*self->p == '/') {
        self->p++;
        if (!read_number (self, &step) || step == 0 || step > self->field->high)
            return false;
        if (!ranged)
            to = self->field->high;
    }
    for (int i = from; i <= to; i += step)
        *bits |= 1ULL << i;
    return true;
}

static bool read_field (reader_t *self, uint64_t *bits)
{
    *bits = 0;
    do {
        if (!read_item (self, bits))
            return fail (self);
    } while (*self->p == ',' && *++self->p);
    return *self->p == '\0' && self->p[-1] != ',' ? true : fail (self);
}

static bool is_space (char c)
{
    return c == ' ' || c == '\t';
}

static size_t split (arena_t *arena, const char *text, const char *out[FIELD_COUNT])
{
    size_t count = 0;
    for (const char *p = text;;) {
        while (is_space (*p))
            p++;
        if (*p == '\0')
            return count;
        const char *begin = p;
        while (*p && !is_space (*p))
            p++;
        if (count < FIELD_COUNT)
            out[count] = arena_strndup (arena, begin, (size_t) (p - begin));
        count++;
    }
}

fault_t cron_parse (arena_t *arena, const char *text, cron_t *out, const char **error)
{
    const char *texts[FIELD_COUNT] = {0};
    uint64_t bits[FIELD_COUNT] = {0};
    size_t count = split (arena, text, texts);
    if (text[strspn (text, " \t")] == '@') {
        *error = arena_printf (
            arena, "wrong cron: \"%s\" is not supported; write five fields, such as \"0 0 * * *\"", text);
        return INVALID;
    }
    if (count != FIELD_COUNT) {
        *error = arena_printf (
            arena, "wrong cron: \"%s\" has %zu fields, not 5: minute hour day month weekday", text, count);
        return INVALID;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        reader_t reader = {.arena = arena, .field = &fields[i], .text = texts[i], .p = texts[i]};
        if (!read_field (&reader, &bits[i])) {
            *error = reader.error;
            return INVALID;
        }
    }
    *out = (cron_t){.minutes = bits[0],
                    .hours = (uint32_t) bits[1],
                    .days = (uint32_t) bits[2],
                    .months = (uint32_t) bits[3],
                    .weekdays = (uint32_t) bits[4],
                    .any_day = texts[2][0] == '*',
                    .any_weekday = texts[4][0] == '*'};
    return OK;
}

typedef struct {
    int64_t year;
    int month, day; // From 1
} date_t;

// Days since 1970-01-01 to a date and back: Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
static date_t date_of (int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int) (mp < 10 ? mp + 3 : mp - 9);
    return (date_t){yoe + era * 400 + (month <= 2), month, (int) (doy - (153 * mp + 2) / 5 + 1)};
}

static int64_t days_of (int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool takes_day (const cron_t *self, const date_t *date, int64_t days)
{
    bool day = self->days >> date->day & 1;
    bool weekday = self->weekdays >> ((days % 7 + 11) % 7) & 1; // 1970-01-01 was a Thursday
    // POSIX crontab: if both are restricted, either is enough
    return self->any_day || self->any_weekday ? day && weekday : day || weekday;
}

// The first local second >= `local` that matches; -1 past `end`.
static int64_t next_local (const cron_t *self, int64_t local, int64_t end)
{
    while (local < end) {
        int64_t days = local / DAY;
        date_t date = date_of (days);
        if (!(self->months >> date.month & 1)) {
            bool december = date.month == 12;
            local = days_of (date.year + december, december ? 1 : date.month + 1, 1) * DAY;
        } else if (!takes_day (self, &date, days))
            local = (days + 1) * DAY;
        else if (!(self->hours >> (local % DAY / HOUR) & 1))
            local = (local / HOUR + 1) * HOUR;
        else if (!(self->minutes >> (local % HOUR / MINUTE) & 1))
            local = (local / MINUTE + 1) * MINUTE;
        else
            return local;
    }
    return -1;
}

static int64_t offset_at (cron_offset_fn *offset, void *self, int64_t utc)
{
    return offset ? offset (self, utc) : 0;
}

// The UTC second at which the zone's clock shows `local`, the earlier one where it does so twice. Where it is skipped,
// the first second after the gap: a schedule in the gap moves to its end.
static int64_t utc_of (int64_t local, cron_offset_fn *offset, void *self)
{
    int64_t early = offset_at (offset, self, local - DAY), late = offset_at (offset, self, local + DAY);
    if (early == late)
        return local - early;
    int64_t before = local - early, after = local - late;
    if (offset_at (offset, self, before) == early)
        return before;
    if (offset_at (offset, self, after) == late)
        return after;
    int64_t low = after < before ? after : before, high = after < before ? before : after;
    while (low + 1 < high) { // The second at which the offset changes
        int64_t middle = low + (high - low) / 2;
        if (offset_at (offset, self, middle) == early)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int64_t cron_next (const cron_t *self, int64_t after_us, cron_offset_fn *offset, void *offset_self)
{
    int64_t after = after_us / SECOND_US;
    int64_t local = after + offset_at (offset, offset_self, after);
    int64_t end = local + HORIZON_YEARS * 366LL * DAY;
    local = (local / MINUTE + 1) * MINUTE - 2 * HOUR; // A clock that was set back repeats what it showed
    for (int step = 0; step < STEPS_MAX; step++) {
        local = next_local (self, local, end);
        if (local < 0)
            return -1;
        int64_t utc = utc_of (local, offset, offset_self);
        if (utc > after)
            return utc * SECOND_US;
        local += MINUTE;
    }
    return -1;
}
