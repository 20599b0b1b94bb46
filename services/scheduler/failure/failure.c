/* failure.c - see failure.h: which step it was, the lines that matter, and all of it in one sentence. */

#include "services/scheduler/failure/failure.h"

#include "common/base/utf8.h"

#include <inttypes.h>
#include <string.h>

#define BEFORE      2  // Lines that are shown before the one that tells the cause,
#define AFTER       11 // after it,
#define LAST        8  // and of the end where that is elsewhere
#define SUMMARY_MAX 400
#define KILLED      137 // 128 + SIGKILL

// ---- which step ----

static const step_row_t *first_with (const job_t *job, bool (*is) (const step_row_t *step))
{
    for (size_t i = 0; i < job->steps.count; i++)
        if (is (&job->steps.items[i]))
            return &job->steps.items[i];
    return NULL;
}

static bool has_failed (const step_row_t *step)
{
    return step->state == step_finished && step->conclusion == result_failure;
}

static bool was_stopped (const step_row_t *step)
{
    return step->state == step_running ||
           (step->state == step_finished && step->conclusion == result_cancelled);
}

const step_row_t *failure_step (const job_t *job)
{
    const step_row_t *step = job->result == result_cancelled ? NULL : first_with (job, has_failed);
    if (!step)
        step = first_with (job, was_stopped);
    return step ? step : first_with (job, has_failed);
}

// "Post X" and "Pre X" are X's, where there is such a step on its other side; a step of the workflow may be called that, too.
static bool belongs_to (const job_t *job, const step_row_t *step, const char *mark, bool before)
{
    size_t size = strlen (mark);
    if (strncmp (step->name, mark, size) != 0)
        return false;
    for (size_t i = 0; i < job->steps.count; i++) {
        const step_row_t *other = &job->steps.items[i];
        if (other != step && (other < step) == before && strcmp (other->name, step->name + size) == 0)
            return true;
    }
    return false;
}

phase_t failure_phase (const job_t *job, const step_row_t *step)
{
    if (!step)
        return phase_none;
    if (step->number == 0)
        return phase_setup;
    if (belongs_to (job, step, "Post ", true))
        return phase_post;
    bool last = step == job->steps.items + job->steps.count - 1;
    if (last && strcmp (step->name, "Complete job") == 0)
        return phase_complete;
    return belongs_to (job, step, "Pre ", false) ? phase_pre : phase_main;
}

// ---- its lines ----

static void add_lines (failure_t *out, const log_line_items_t *lines, size_t from, size_t upto)
{
    for (size_t i = from; i < upto && out->lines.count < MAX_FAILURE_LINES; i++) {
        const char *text = lines->items[i].text;
        if (strncmp (text, "##[", 3) == 0 && failure_text (text) == text)
            continue; // Folds, and what is said as notices
        out->lines.items[out->lines.count++] =
            (log_line_t){.line = lines->items[i].line, .text = failure_text (text)};
    }
}

// Around the line that tells the cause, and the end.
static void choose_lines (arena_t *arena, const log_line_items_t *lines, size_t cause, failure_t *out)
{
    out->lines.items = arena_array (arena, MAX_FAILURE_LINES, sizeof (log_line_t));
    size_t last = lines->count > LAST ? lines->count - LAST : 0;
    if (cause >= lines->count)
        cause = last;
    size_t from = cause > BEFORE ? cause - BEFORE : 0, upto = cause + 1 + AFTER;
    upto = upto < lines->count ? upto : lines->count;
    add_lines (out, lines, from, upto);
    add_lines (out, lines, upto > last ? upto : last, lines->count);
}

static void choose_annotations (arena_t *arena, const job_t *job, const step_row_t *step, failure_t *out)
{
    out->annotations.items = arena_array (arena, job->annotations.count + 1, sizeof (annotation_t));
    for (size_t i = 0; step && i < job->annotations.count; i++) {
        const annotation_t *said = &job->annotations.items[i];
        if (said->step == step->number && said->level == annotation_error)
            out->annotations.items[out->annotations.count++] = *said;
    }
}

// ---- its sentence ----

static const char *first_line (arena_t *arena, const char *text)
{
    return arena_strndup (arena, text, strcspn (text, "\r\n"));
}

static const char *where (arena_t *arena, const annotation_t *said)
{
    if (!*said->file)
        return "";
    return said->line ? arena_printf (arena, "%s:%u: ", said->file, said->line)
                      : arena_printf (arena, "%s: ", said->file);
}

// What a person would quote.
static const char *quote (arena_t *arena, const log_line_items_t *lines, size_t cause, const failure_t *self)
{
    if (self->annotations.count > 0) {
        const annotation_t *said = &self->annotations.items[0];
        const char *text = arena_printf (arena, "%s%s", where (arena, said), said->message);
        return first_line (arena, text);
    }
    if (cause < lines->count && !failure_is_exit (lines->items[cause].text))
        return failure_text (lines->items[cause].text);
    return self->phase == phase_setup || self->phase == phase_none ? first_line (arena, self->reason) : "";
}

static const char *what_happened (arena_t *arena, const failure_t *self)
{
    const char *step = self->step_name;
    if (self->cause == cause_cancelled)
        return *step ? arena_printf (arena, "%s during \"%s\"", self->reason, step) : self->reason;
    if (self->cause == cause_timeout || self->cause == cause_agent) {
        bool own = strncmp (self->reason, "step ", 5) == 0;
        if (!*step)
            return self->reason;
        return own ? arena_printf (arena, "\"%s\" ran out of time", step)
                   : arena_printf (arena, "%s, during \"%s\"", self->reason, step);
    }
    if (!*step)
        return "it did not begin";
    if (self->cause == cause_memory && self->exit_code == KILLED)
        return arena_printf (arena, "\"%s\" was killed (%d) for lack of memory", step, KILLED);
    if (self->cause == cause_killed)
        return arena_printf (arena, "\"%s\" was killed (%d), perhaps out of memory", step, KILLED);
    if (*self->signal)
        return arena_printf (arena, "\"%s\" was ended by %s", step, self->signal);
    if (self->exit_code)
        return arena_printf (arena, "\"%s\" exited with %" PRId64, step, self->exit_code);
    return arena_printf (arena, "\"%s\" failed", step);
}

static const char *sentence (arena_t *arena, const log_line_items_t *lines, size_t cause,
                             const failure_t *self)
{
    const char *happened = what_happened (arena, self);
    bool stopped = self->cause == cause_timeout || self->cause == cause_agent ||
                   self->cause == cause_cancelled || self->cause == cause_killed;
    const char *said = stopped ? "" : quote (arena, lines, cause, self);
    const char *text = *said ? arena_printf (arena, "%s: %s", happened, said) : happened;
    return strlen (text) > SUMMARY_MAX
               ? arena_printf (arena, "%s...", utf8_repair (arena, text, strlen (text), SUMMARY_MAX))
               : text;
}

void failure_read (arena_t *arena, const job_t *job, const log_line_items_t *lines, failure_t *out)
{
    const step_row_t *step = failure_step (job);
    verdict_t verdict = failure_cause (job, step, lines);
    *out = (failure_t){.job_id = job->id,
                       .job_name = job->name,
                       .key = job->key,
                       .called_by = "",
                       .workflow = "",
                       .matrix = job->matrix,
                       .attempt = job->attempt,
                       .result = job->result,
                       .reason = job->reason,
                       .phase = failure_phase (job, step),
                       .step = step ? step->number : 0,
                       .step_name = step ? step->name : "",
                       .exit_code = step ? step->exit_code : 0,
                       .cause = verdict.cause,
                       .fingerprint = "",
                       .same_as = "",
                       .since_run = "",
                       .reproduce = ""};
    out->signal = failure_signal (out->exit_code);
    choose_lines (arena, lines, verdict.line, out);
    choose_annotations (arena, job, step, out);
    out->summary = sentence (arena, lines, verdict.line, out);
    out->fingerprint = failure_fingerprint (arena, out, lines, &verdict);
}
