/* lint_schedules.c - the next times of the files' schedules: shows by example what a cron line means. */

#include "cli/lint/lint.h"
#include "cli/terminal/paint.h"
#include "common/base/clock.h"
#include "workflow/plan/load.h"
#include "workflow/schema/cron.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define TIMES 3
#define ZONES "/usr/share/zoneinfo/"

bool lint_zone_exists (const char *name)
{
    char path[PATH_MAX];
    struct stat info;
    if (stat (ZONES, &info) != 0)
        return true;
    int size = snprintf (path, sizeof path, "%s%s", ZONES, name);
    return name[0] != '/' && !strstr (name, "..") && size < (int) sizeof path && stat (path, &info) == 0 &&
           S_ISREG (info.st_mode);
}

static int32_t zone_offset (void *self, int64_t utc_seconds)
{
    (void) self;
    struct tm local;
    time_t at = (time_t) utc_seconds;
    return localtime_r (&at, &local) ? (int32_t) local.tm_gmtoff : 0;
}

static void print_times (FILE *out, const cron_t *cron, const char *zone)
{
    int64_t at = clock_now_us (clock_system ());
    for (int i = 0; i < TIMES && (at = cron_next (cron, at, zone_offset, NULL)) >= 0; i++) {
        char text[32];
        time_t seconds = (time_t) (at / 1000000);
        struct tm local;
        localtime_r (&seconds, &local);
        strftime (text, sizeof text, "%a %Y-%m-%d %H:%M", &local);
        fprintf (out, "%s %s", i ? "," : " is next due at", text);
    }
    if (at < 0)
        fprintf (out, " is not due within eight years\n");
    else
        fprintf (out, " %s\n", zone);
}

static void print_schedule (FILE *out, turn_t *turn, const linted_t *file, const schedule_t *schedule)
{
    cron_t cron;
    const char *error, *zone = schedule->timezone.text ? schedule->timezone.text : "UTC";
    if (!schedule->cron.text || cron_parse (turn->arena, schedule->cron.text, &cron, &error) != OK)
        return; // A finding reports it
    setenv ("TZ", zone, 1);
    tzset ();
    fprintf (out, "%s:%d:%d: \"%s\"", paint_safe (turn->arena, file->path), schedule->cron.line,
             schedule->cron.column, paint_safe (turn->arena, schedule->cron.text));
    print_times (out, &cron, paint_safe (turn->arena, zone));
}

void lint_schedules (FILE *out, turn_t *turn, const report_t *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const linted_t *file = &report->files[i];
        const workflow_t *workflow;
        findings_t unused;
        findings_init (&unused, turn->arena, file->path);
        if (!file->text ||
            workflow_load (turn->arena, file->path, file->text, file->size, &unused, &workflow) != OK)
            continue;
        for (size_t j = 0; j < workflow->schedule_count; j++)
            print_schedule (out, turn, file, &workflow->schedules[j]);
    }
}
