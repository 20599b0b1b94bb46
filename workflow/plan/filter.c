/* filter.c - an event against the filters of `on`. Each check answers NULL, or why the workflow does not react. */

#include "workflow/plan/filter.h"
#include "workflow/schema/pattern.h"

#include <string.h>
#include <strings.h>

#define TRAILERS_MAX 100 // Lines at the end of a commit message

typedef struct {
    arena_t *arena;
    const event_t *event;
    const filter_event_t *happened;
} filter_t;

// Activities that start a workflow which names none. Of other events all do.
static const struct {
    const char *event;
    const char *activities;
} defaults[] = {{"pull_request", " opened synchronize reopened "},
                {"pull_request_target", " opened synchronize reopened "}};

static const char *const *pattern_list (arena_t *arena, const texts_t *texts)
{
    const char **list = arena_array (arena, texts->count, sizeof (char *));
    for (size_t i = 0; i < texts->count; i++)
        list[i] = texts->items[i].text;
    return (const char *const *) list;
}

// An answer that took too many steps is none: then the workflow reacts, as where nobody knows what has changed.
static bool is_unknown (const filter_t *self)
{
    return self->happened->steps && *self->happened->steps == 0;
}

static bool any_matches (const filter_t *self, const texts_t *texts, const char *text)
{
    return patterns_match (pattern_list (self->arena, texts), texts->count, text, self->happened->steps);
}

static const char *check_activity (const filter_t *self)
{
    const char *activity = self->happened->activity;
    const texts_t *types = &self->event->types;
    if (!activity)
        return NULL;
    for (size_t i = 0; i < types->count; i++)
        if (strcasecmp (types->items[i].text, activity) == 0)
            return NULL;
    for (size_t i = 0; types->count == 0 && i < sizeof (defaults) / sizeof (defaults[0]); i++)
        if (strcmp (defaults[i].event, self->happened->name) == 0 &&
            !strstr (defaults[i].activities, arena_printf (self->arena, " %s ", activity)))
            return arena_printf (self->arena, "without \"types\", %s reacts to%sonly, not to %s",
                                 self->happened->name, defaults[i].activities, activity);
    if (types->count == 0)
        return NULL;
    return arena_printf (self->arena, "its \"types\" do not have %s", activity);
}

// `kind` is "branches" or "tags".
static const char *check_name (const filter_t *self, const char *kind, const char *name, const texts_t *with,
                               const texts_t *without)
{
    if (with->count && !any_matches (self, with, name) && !is_unknown (self))
        return arena_printf (self->arena, "\"%s\" does not match its \"%s\"", name, kind);
    if (without->count && any_matches (self, without, name) && !is_unknown (self))
        return arena_printf (self->arena, "\"%s\" matches its \"%s-ignore\"", name, kind);
    return NULL;
}

static const char *check_ref (const filter_t *self)
{
    const event_t *event = self->event;
    const char *ref = self->happened->ref;
    bool branches = event->branches.count || event->branches_ignore.count;
    bool tags = event->tags.count || event->tags_ignore.count;
    if (!ref || (!branches && !tags))
        return NULL;
    if (strncmp (ref, "refs/tags/", 10) == 0) {
        if (!tags) // Filters for branches alone exclude all tags, and the other way round
            return "it is a tag, and the filters name only branches";
        return check_name (self, "tags", ref + 10, &event->tags, &event->tags_ignore);
    }
    if (!branches)
        return "it is a branch, and the filters name only tags";
    return check_name (self, "branches", strncmp (ref, "refs/heads/", 11) == 0 ? ref + 11 : ref,
                       &event->branches, &event->branches_ignore);
}

// Some changed file must match `paths`; some must not match `paths-ignore`. A push of a tag has no changes.
static const char *check_paths (const filter_t *self)
{
    const filter_event_t *happened = self->happened;
    const texts_t *with = &self->event->paths, *without = &self->event->paths_ignore;
    bool tag = happened->ref && strncmp (happened->ref, "refs/tags/", 10) == 0;
    if ((!with->count && !without->count) || !happened->paths || tag)
        return NULL;
    const texts_t *filter = with->count ? with : without;
    const char *const *patterns = pattern_list (self->arena, filter);
    // Where more have changed the rest is not looked at: a push of a whole tree must not cost its size times the patterns
    size_t count = happened->path_count < FILTER_PATHS ? happened->path_count : FILTER_PATHS;
    for (size_t i = 0; i < count; i++)
        if (patterns_match (patterns, filter->count, happened->paths[i], happened->steps) ==
                (with->count > 0) ||
            is_unknown (self))
            return NULL;
    return with->count ? "no changed file matches its \"paths\""
                       : "all changed files match its \"paths-ignore\"";
}

static const char *check_workflows (const filter_t *self)
{
    const texts_t *workflows = &self->event->workflows;
    if (!workflows->count || !self->happened->workflow ||
        any_matches (self, workflows, self->happened->workflow) || is_unknown (self))
        return NULL;
    return arena_printf (self->arena, "it does not follow the workflow \"%s\"", self->happened->workflow);
}

static bool is_due (const schedule_t *line, const filter_event_t *happened)
{
    const char *zone = line->timezone.text ? line->timezone.text : "";
    return line->cron.text && strcmp (line->cron.text, happened->cron) == 0 &&
           (!happened->timezone || strcmp (zone, happened->timezone) == 0);
}

static const char *check_cron (const filter_t *self, const workflow_t *workflow)
{
    if (!self->happened->cron)
        return NULL;
    for (size_t i = 0; i < workflow->schedule_count; i++)
        if (is_due (&workflow->schedules[i], self->happened))
            return NULL;
    const char *zone = self->happened->timezone ? self->happened->timezone : "";
    return arena_printf (self->arena, "it has no schedule \"%s\"%s%s", self->happened->cron,
                         *zone ? " in " : "", zone);
}

// GitHub's documentation names these two alone: a schedule or a manual run must not be stopped by an old commit message.
static bool honours_skip (const char *event)
{
    return strcmp (event, "push") == 0 || strcmp (event, "pull_request") == 0;
}

bool workflow_triggered (arena_t *arena, const workflow_t *workflow, const filter_event_t *event,
                         const char **reason)
{
    filter_t self = {arena, workflow_event (workflow, event->name), event};
    *reason = "";
    if (!self.event) {
        *reason = arena_printf (arena, "it does not react to %s", event->name);
        return false;
    }
    if (honours_skip (event->name) && filter_skips (arena, event->message)) {
        *reason = "the commit message asks to skip it";
        return false;
    }
    const char *refused = check_activity (&self);
    refused = refused ? refused : check_ref (&self);
    refused = refused ? refused : check_paths (&self);
    refused = refused ? refused : check_workflows (&self);
    refused = refused ? refused : check_cron (&self, workflow);
    *reason = refused ? refused : "";
    return !refused;
}

// The line before text[*size], without white space at its end; *size moves to where it begins.
static const char *last_line (arena_t *arena, const char *text, size_t *size)
{
    size_t end = *size, start;
    while (end > 0 && strchr (" \t\r", text[end - 1]))
        end--;
    for (start = end; start > 0 && text[start - 1] != '\n';)
        start--;
    *size = start > 0 ? start - 1 : 0;
    return arena_strndup (arena, text + start, end - start);
}

// "Key: value", the key without white space.
static bool is_trailer (const char *line)
{
    size_t key = strcspn (line, ": \t");
    return key > 0 && line[key] == ':';
}

// "skip-checks: true" is the last of the trailers, which are together at the end, after an empty line.
static bool has_trailer (arena_t *arena, const char *message)
{
    size_t size = strlen (message);
    while (size > 0 && strchr (" \t\r\n", message[size - 1]))
        size--;
    const char *line = last_line (arena, message, &size);
    if (strcasecmp (line, "skip-checks: true") != 0 && strcasecmp (line, "skip-checks:true") != 0)
        return false;
    for (size_t lines = 0; size > 0 && lines < TRAILERS_MAX; lines++) {
        line = last_line (arena, message, &size);
        if (*line == '\0')
            return true;
        if (!is_trailer (line))
            return false;
    }
    return false;
}

bool filter_skips (arena_t *arena, const char *message)
{
    static const char *const words[] = {"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]",
                                        "[actions skip]"};
    if (!message)
        return false;
    for (size_t i = 0; i < sizeof (words) / sizeof (words[0]); i++)
        if (strcasestr (message, words[i]))
            return true;
    return has_trailer (arena, message);
}
