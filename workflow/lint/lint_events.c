/* lint_events.c - rules about what starts a workflow: filters, inputs and schedules. */

#include "workflow/lint/lint_rules.h"
#include "workflow/schema/cron.h"

#include <string.h>

// Patterns are matched against paths as git has them, from the root of the repository, without a slash or dot before.
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

// A pattern with "!" takes away from what those before it matched: alone it takes away from nothing.
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

// What no branch or tag has in its name, after "git check-ref-format". Brackets and what is escaped are let pass.
static const char *unlike_ref (const char *pattern)
{
    static const char *const parts[] = {" ", "~", "^", ":", "..", "//", "@{"};
    size_t size = strlen (pattern);
    if (strpbrk (pattern, "[\\$"))
        return NULL;
    for (size_t i = 0; i < sizeof (parts) / sizeof (parts[0]); i++)
        if (strstr (pattern, parts[i]))
            return parts[i];
    bool slash = size > 0 && (pattern[0] == '/' || pattern[size - 1] == '/');
    return slash ? "/" : NULL;
}

static void check_refs (lint_t *self, const texts_t *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const char *text = patterns->items[i].text + (patterns->items[i].text[0] == '!');
        const char *found = unlike_ref (text);
        if (found)
            lint_add (self, RULE_REFS, patterns->items[i].node, 0,
                      "\"%s\" matches no branch or tag: their names cannot %s \"%s\"",
                      patterns->items[i].text,
                      *found == '/' && found[1] == '\0' ? "begin or end with" : "contain", found);
    }
}

static void check_event (lint_t *self, const event_t *event)
{
    check_paths (self, &event->paths);
    check_paths (self, &event->paths_ignore);
    check_refs (self, &event->branches);
    check_refs (self, &event->branches_ignore);
    check_refs (self, &event->tags);
    check_refs (self, &event->tags_ignore);
    check_negative (self, "branches", &event->branches);
    check_negative (self, "tags", &event->tags);
    check_negative (self, "paths", &event->paths);
}

// GitHub hands on any default of workflow_dispatch as it is: the first to notice would be a script.
static bool fits_type (const input_t *input)
{
    const node_t *fallback = input->fallback;
    const char *type = input->type.text;
    if (strcmp (type, "boolean") == 0)
        return fallback->kind == NODE_BOOL || strcmp (fallback->text, "true") == 0 ||
               strcmp (fallback->text, "false") == 0;
    if (strcmp (type, "number") == 0)
        return fallback->kind == NODE_NUMBER ||
               strspn (fallback->text, "+-.0123456789") == strlen (fallback->text);
    for (size_t i = 0; strcmp (type, "choice") == 0 && i < input->options.count; i++)
        if (strcmp (input->options.items[i].text, fallback->text) == 0)
            return true;
    return strcmp (type, "choice") != 0;
}

static void check_inputs (lint_t *self, const interface_t *interface)
{
    for (size_t i = 0; i < interface->input_count; i++) {
        const input_t *input = &interface->inputs[i];
        if (input->fallback && node_is_scalar (input->fallback) && *input->fallback->text &&
            !input->fallback->template && input->type.text && !fits_type (input))
            lint_add (self, RULE_DEFAULT, input->fallback, 0, "the default \"%s\" of input \"%s\" is not %s",
                      input->fallback->text, input->name.text,
                      strcmp (input->type.text, "choice") == 0   ? "one of its options"
                      : strcmp (input->type.text, "number") == 0 ? "a number"
                                                                 : "true or false");
    }
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
                          "\"%s\" is more frequent than every five minutes", schedule->cron.text);
                return;
            }
}

// `on: [push, schedule]` names the event without its times.
static void check_schedule (lint_t *self)
{
    const event_t *event = workflow_event (self->workflow, "schedule");
    const node_t *on = node_get (self->workflow->node, "on");
    if (event && on && on->kind != NODE_MAP)
        lint_add (
            self, RULE_SCHEDULE, event->name.node, 0,
            "a schedule needs a list of times, such as \"schedule: [{cron: '0 3 * * *'}]\"; this one never runs");
}

static void check_zone (lint_t *self, const schedule_t *schedule)
{
    const char *zone = schedule->timezone.text;
    if (zone && *zone && self->options->zone_exists && !self->options->zone_exists (zone))
        lint_add (self, RULE_ZONE, schedule->timezone.node, 0,
                  "there is no time zone \"%s\"; names are like Europe/Berlin or America/New_York", zone);
}

// Somebody who starts it by hand sees the default in the form; a caller never gets it.
static void check_required (lint_t *self)
{
    const interface_t *call = &self->workflow->call;
    for (size_t i = 0; i < call->input_count; i++)
        if (call->inputs[i].required && call->inputs[i].fallback &&
            call->inputs[i].fallback->kind != NODE_NULL)
            lint_add (self, RULE_REQUIRED, call->inputs[i].fallback, 0,
                      "input \"%s\" is required, so its default is never used", call->inputs[i].name.text);
}

void lint_events (lint_t *self)
{
    check_inputs (self, &self->workflow->dispatch);
    check_inputs (self, &self->workflow->call);
    check_required (self);
    check_schedule (self);
    for (size_t i = 0; i < self->workflow->event_count; i++)
        check_event (self, &self->workflow->events[i]);
    for (size_t i = 0; i < self->workflow->schedule_count; i++) {
        check_interval (self, &self->workflow->schedules[i]);
        check_zone (self, &self->workflow->schedules[i]);
    }
}
