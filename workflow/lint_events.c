/* lint_events.c - rules about what starts a workflow: path filters and schedules. */

#include "workflow/cron.h"
#include "workflow/lint_rules.h"

#include <string.h>

static void check_paths (lint_t *self, const texts_t *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i].text + (paths->items[i].text[0] == '!');
        if (path[0] == '/' || strncmp (path, "./", 2) == 0)
            lint_add (self, RULE_PATHS, paths->items[i].node, 0,
                      "\"%s\" matches no path; leave out the \"%s\"", paths->items[i].text,
                      path[0] == '/' ? "/" : "./");
    }
}

static void check_negative (lint_t *self, const char *name, const texts_t *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (patterns->items[i].text[0] != '!')
            return;
    if (patterns->count)
        lint_add (
            self, RULE_NEGATIVE, patterns->items[0].node, 0,
            "\"%s\" has only \"!\" patterns and matches nothing; add one without \"!\", or use \"%s-ignore\"",
            name, name);
}

static void check_event (lint_t *self, const event_t *event)
{
    check_paths (self, &event->paths);
    check_paths (self, &event->paths_ignore);
    check_negative (self, "branches", &event->branches);
    check_negative (self, "tags", &event->tags);
    check_negative (self, "paths", &event->paths);
}

static void check_interval (lint_t *self, const schedule_t *schedule)
{
    cron_t cron;
    const char *error = NULL;
    if (!schedule->cron.text || cron_parse (self->arena, schedule->cron.text, &cron, &error) != OK)
        return;
    for (int i = 0; i < 60; i++)
        for (int gap = 1; gap < 5; gap++)
            if ((cron.minutes >> i & 1) && i + gap < 60 && (cron.minutes >> (i + gap) & 1)) {
                lint_add (self, RULE_INTERVAL, schedule->cron.node, 0,
                          "\"%s\" comes more often than every five minutes", schedule->cron.text);
                return;
            }
}

void lint_events (lint_t *self)
{
    for (size_t i = 0; i < self->workflow->event_count; i++)
        check_event (self, &self->workflow->events[i]);
    for (size_t i = 0; i < self->workflow->schedule_count; i++)
        check_interval (self, &self->workflow->schedules[i]);
}
