/* steps.c - see steps.h. Steps are shown in their order: one that failed holds back those after it until its log is whole. Only one that ran
 * beside others holds nothing back: it comes when it has ended, and its log is there. */

#include "cli/show/steps.h"

#include "cli/server/server.h"
#include "cli/terminal/format.h"
#include "workflow/expression/text.h"

#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 60
#define TIME_WIDTH 10
#define LOG_INDENT 6
#define STEPS_MAX  3002 // Of a job

struct steps {
    lines_t *lines;
    bool colour, quiet;
    const step_logs_t *logs;
    int64_t attempt;
    bool shown[STEPS_MAX]; // By number
    bool beside;           // Some run at the same time
    char *running;
};

steps_t *steps_new (lines_t *lines, bool colour, bool quiet, const step_logs_t *logs)
{
    steps_t *self = calloc (1, sizeof (steps_t));
    if (!self || !(self->running = strdup ("")))
        abort ();
    self->lines = lines;
    self->colour = colour;
    self->quiet = quiet;
    self->logs = logs;
    return self;
}

void steps_destroy (steps_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->running);
    free (*self_p);
    *self_p = NULL;
}

typedef struct {
    const char *mark;
    paint_t paint;
    bool failed;
} shown_t;

static shown_t shown_of (const char *outcome, const char *conclusion)
{
    if (strcmp (outcome, "success") == 0)
        return (shown_t){"ok  ", GREEN, false};
    if (strcmp (outcome, "skipped") == 0)
        return (shown_t){"skip", DIM, false};
    if (strcmp (outcome, "failure") == 0 && strcmp (conclusion, "success") == 0)
        return (shown_t){"warn", YELLOW, true};
    return (shown_t){strcmp (outcome, "cancelled") == 0 ? "stop" : "FAIL", RED, true};
}

// What is the machinery's own is of interest only if it went wrong.
static bool is_ours (const char *name)
{
    return strcmp (name, "Set up job") == 0 || strcmp (name, "Complete job") == 0;
}

static const char *line_of (const steps_t *self, arena_t *arena, const value_t *step, shown_t shown)
{
    int64_t from = time_of (step, "started_at"), to = time_of (step, "finished_at");
    const char *name = paint_safe (arena, value_get_text (step, "name"));
    const char *time = from && to ? duration_text (arena, to - from) : "";
    size_t width = text_length (name, strlen (name)), size = strlen (time);
    size_t room = NAME_WIDTH + TIME_WIDTH, pad = width + size < room ? room - width - size : 1;
    return arena_printf (arena, "%s  %s%*s%s", paint (arena, self->colour, shown.paint, shown.mark), name,
                         *time ? (int) pad : 0, "", paint (arena, self->colour, DIM, time));
}

static void print (const steps_t *self, const value_t *step, shown_t shown)
{
    arena_t *arena = arena_new ();
    if (shown.failed || (!self->quiet && !is_ours (value_get_text (step, "name"))))
        lines_report (self->lines, PLAIN, line_of (self, arena, step, shown));
    arena_destroy (&arena);
}

// False where it cannot be shown yet.
static bool show (steps_t *self, const value_t *job, const value_t *step)
{
    if (strcmp (value_get_text (step, "state"), "finished") != 0)
        return false;
    shown_t shown = shown_of (value_get_text (step, "outcome"), value_get_text (step, "conclusion"));
    int64_t number = number_of (step, "number");
    if (shown.failed && !self->logs->is_whole (self->logs->self, job, number))
        return false;
    print (self, step, shown);
    if (shown.failed) {
        lines_indent (self->lines, LOG_INDENT);
        self->logs->print (self->logs->self, job, number, self->lines);
        lines_indent (self->lines, 0);
    }
    return true;
}

// Did one that comes after it begin before it ended?
static bool ran_beside (const value_t *const *steps, size_t count, size_t at)
{
    // Both are UTC with the same digits: compared as texts
    const char *ended = value_get_text (steps[at], "finished_at");
    for (size_t i = at + 1; i < count; i++) {
        const char *began = value_get_text (steps[i], "started_at");
        if (*began && (!*ended || strcmp (began, ended) < 0))
            return true;
    }
    return false;
}

void steps_update (steps_t *self, const value_t *job)
{
    const value_t *const *steps;
    const char *running = "";
    size_t count = items_of (job, "steps", &steps);
    int64_t attempt = number_of (job, "attempt");
    // The steps of another attempt have the same numbers
    if (attempt != self->attempt)
        memset (self->shown, 0, sizeof self->shown);
    self->attempt = attempt;
    bool more = true;
    self->beside = false;
    for (size_t i = 0; i < count && i < STEPS_MAX; i++) {
        if (strcmp (value_get_text (steps[i], "state"), "running") == 0)
            running = value_get_text (steps[i], "name");
        if (!more || self->shown[i])
            continue;
        self->shown[i] = show (self, job, steps[i]);
        bool beside = !self->shown[i] && ran_beside (steps, count, i);
        self->beside = self->beside || beside;
        more = self->shown[i] || beside;
    }
    free (self->running);
    if (!(self->running = strdup (running)))
        abort ();
}

bool steps_run_beside (const steps_t *self)
{
    return self->beside;
}

const char *steps_running (const steps_t *self)
{
    return self->running;
}
