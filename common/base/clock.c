/* clock.c - the system's clock, and one that a test turns by hand.
 *
 * Dates are computed here, without the C library's time zones: everything here is UTC in the proleptic Gregorian
 * calendar. */

#include "common/base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct wall_clock {
    bool by_hand;
    _Atomic int64_t now_us;  // Of a manual clock
    _Atomic int64_t step_us; // How far the time of day was set
};

wall_clock_t *clock_system (void)
{
    static wall_clock_t self;
    return &self;
}

wall_clock_t *clock_by_hand (int64_t now_us)
{
    wall_clock_t *self = calloc (1, sizeof (wall_clock_t));
    if (!self)
        abort ();
    self->by_hand = true;
    atomic_init (&self->now_us, now_us);
    return self;
}

void clock_destroy (wall_clock_t **self_p)
{
    if (*self_p && (*self_p)->by_hand)
        free (*self_p);
    *self_p = NULL;
}

static int64_t read_us (clockid_t which)
{
    struct timespec now;
    clock_gettime (which, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us (wall_clock_t *self)
{
    return self->by_hand ? atomic_load (&self->now_us) + atomic_load (&self->step_us)
                         : read_us (CLOCK_REALTIME);
}

int64_t clock_steady_us (wall_clock_t *self)
{
    return self->by_hand ? atomic_load (&self->now_us) : read_us (CLOCK_MONOTONIC);
}

void clock_turn (wall_clock_t *self, int64_t by_us)
{
    atomic_fetch_add (&self->now_us, by_us);
}

void clock_step (wall_clock_t *self, int64_t by_us)
{
    atomic_fetch_add (&self->step_us, by_us);
}

bool clock_is_by_hand (const wall_clock_t *self)
{
    return self->by_hand;
}

int64_t clock_monotonic_us (void)
{
    return read_us (CLOCK_MONOTONIC);
}

int64_t clock_thread_us (void)
{
    return read_us (CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_boottime_us (void)
{
    return read_us (CLOCK_BOOTTIME);
}

static char *put_digits (char *at, int number, int digits)
{
    for (int i = digits; i-- > 0; number /= 10)
        at[i] = (char) ('0' + number % 10);
    return at + digits;
}

// Days since 1970-01-01 as a date, the inverse of days_from: March is counted as the first month, so that the leap day is the year's last.
static void date_of (int64_t days, int *year, int *month, int *day)
{
    days += 719468; // Since 0000-03-01
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    *day = (int) (day_of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int) (from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int) (era * 400 + year_of_era + (*month <= 2));
}

// Of what divides without a remainder below zero.
static int64_t floor_of (int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

// "2026-11-23T", and how long that is.
typedef struct {
    int64_t day;
    size_t size; // 0: nothing yet
    char text[CLOCK_TEXT / 2];
} date_t;

static void print_date (date_t *into, int64_t days)
{
    int year, month, day;
    date_of (days, &year, &month, &day);
    into->day = days;
    into->size = (size_t) snprintf (into->text, sizeof into->text, "%04d-%02d-%02dT", year, month, day);
}

// A list of jobs has thousands of times, nearly all of one day: printf would take most of the time that it takes to print it.
void clock_print (char text[CLOCK_TEXT], int64_t time_us)
{
    static _Thread_local date_t date;
    int64_t seconds = floor_of (time_us, 1000000), days = floor_of (seconds, 86400);
    int part = (int) (time_us - seconds * 1000000), second = (int) (seconds - days * 86400);
    if (date.size == 0 || date.day != days)
        print_date (&date, days);
    memcpy (text, date.text, date.size);
    char *at = put_digits (text + date.size, second / 3600, 2);
    *at++ = ':';
    at = put_digits (at, second / 60 % 60, 2);
    *at++ = ':';
    at = put_digits (at, second % 60, 2);
    *at++ = '.';
    at = put_digits (at, part, 6);
    *at++ = 'Z';
    *at = 0;
}

const char *clock_format (arena_t *arena, int64_t time_us)
{
    char text[CLOCK_TEXT] = "";
    if (time_us != 0)
        clock_print (text, time_us);
    return arena_strdup (arena, text);
}

// Take exactly `digits` digits within least..most, then `after` (0 for nothing).
static bool take (const char **text, int digits, int least, int most, char after, int *out)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    if (after && *(*text)++ != after)
        return false;
    *out = value;
    return value >= least && value <= most;
}

// Days since 1970-01-01. March is counted as the first month, so that the leap day is the year's last.
static int64_t days_from (int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static bool is_day (int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && leap);
}

static bool take_fraction (const char **text, int64_t *out)
{
    *out = 0;
    if (**text != '.')
        return true;
    const char *first = ++*text;
    for (int64_t unit = 100000; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
        *out += (**text - '0') * unit;
    return *text > first;
}

static bool take_zone (const char **text, int64_t *offset_s)
{
    char sign = *(*text)++;
    int hours = 0, minutes = 0;
    if (sign != 'Z' && sign != 'z') {
        if ((sign != '+' && sign != '-') || !take (text, 2, 0, 23, ':', &hours) ||
            !take (text, 2, 0, 59, 0, &minutes))
            return false;
    }
    *offset_s = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
    return **text == 0;
}

fault_t clock_parse (const char *text, int64_t *out)
{
    int year, month, day, hour, minute, second;
    int64_t part, offset_s;
    if (!take (&text, 4, 0, 9999, '-', &year) || !take (&text, 2, 1, 12, '-', &month) ||
        !take (&text, 2, 1, 31, 0, &day) || !is_day (year, month, day))
        return BAD_INPUT;
    if (*text != 'T' && *text != 't' && *text != ' ')
        return BAD_INPUT;
    text++;
    if (!take (&text, 2, 0, 23, ':', &hour) || !take (&text, 2, 0, 59, ':', &minute) ||
        !take (&text, 2, 0, 60, 0, &second) || !take_fraction (&text, &part) || !take_zone (&text, &offset_s))
        return BAD_INPUT;
    int64_t seconds = days_from (year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
    *out = seconds * 1000000 + part;
    return OK;
}
