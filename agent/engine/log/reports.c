/* reports.c - see reports.h. Nothing here fails a step: what cannot be read or sent is a warning in its log. */

#include "agent/engine/log/reports.h"

#include "agent/engine/builtin/artifact_port.h"
#include "agent/engine/folder/glob.h"
#include "agent/engine/log/log.h"
#include "agent/engine/state/lanes.h"
#include "common/base/line.h"
#include "common/os/rooted.h"
#include "common/report/test_report.h"

#include <string.h>
#include <strings.h>

static reports_t *reports_of (step_run_t *self)
{
    step_run_t *root = step_of_row (self);
    if (!root->reports)
        root->reports = arena_alloc (self->job->arena, sizeof (reports_t));
    return root->reports;
}

void reports_add_uploaded (step_run_t *self)
{
    reports_of (self)->uploaded = true;
}

void reports_add (step_run_t *self, const char *pattern, bool quiet)
{
    arena_t *arena = self->job->arena;
    reports_t *reports = reports_of (self);
    if (reports->count == REPORT_PATTERNS) {
        if (!quiet)
            step_warning (self, "A step reports at most %d patterns of files", REPORT_PATTERNS);
        return;
    }
    reports->quiet[reports->count] = quiet;
    reports->patterns[reports->count++] = arena_strdup (arena, pattern);
}

void reports_add_lines (step_run_t *self, const char *patterns)
{
    for (line_t line = line_begin (patterns, strlen (patterns)); line_next (&line);) {
        line_trim (&line);
        if (line.size && line.text[0] != '!')
            reports_add (self, arena_strndup (self->scope.arena, line.text, line.size), true);
    }
}

// "junit.xml", "TEST-a.xml", "results.tap", "go-test.json": what is uploaded is opened only where its name promises a report.
static bool is_named_like_one (const char *path)
{
    static const char *const parts[] = {"test", "junit", "report", "result", "spec", "tap"};
    const char *name = strrchr (path, '/'), *dot = strrchr (path, '.');
    name = name ? name + 1 : path;
    bool ends = dot && (strcasecmp (dot, ".xml") == 0 || strcasecmp (dot, ".tap") == 0 ||
                        strcasecmp (dot, ".json") == 0 || strcasecmp (dot, ".jsonl") == 0);
    for (size_t i = 0; ends && i < sizeof parts / sizeof *parts; i++)
        if (strcasestr (name, parts[i]))
            return true;
    return false;
}

static void mask_cases (job_run_t *job, arena_t *arena, reported_case_t *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cases[i].suite = mask_text (job->mask, arena, cases[i].suite);
        cases[i].name = mask_text (job->mask, arena, cases[i].name);
        cases[i].message = mask_text (job->mask, arena, cases[i].message);
    }
}

static fault_t send_report (step_run_t *self, turn_t *turn, const char *shown, const test_report_t *report)
{
    job_run_t *job = self->job;
    const artifact_port_t *port = job->sink->artifacts;
    test_brief_t *brief = arena_alloc (turn->arena, sizeof *brief);
    test_report_brief (report, brief);
    mask_cases (job, turn->arena, brief->failures, brief->failure_count);
    mask_cases (job, turn->arena, brief->slowest, brief->slowest_count);
    lanes_begin_builtin (job); // It speaks to the server, as they do
    fault_t fault = port->tests (port->self, turn, self->row->number, shown, report, brief);
    lanes_end_builtin (job);
    return fault;
}

// False where it is not a report, of which the log says something only if it was named.
static bool send_file (step_run_t *self, arena_t *arena, const char *path, const char *shown, bool quiet)
{
    const char *text, *error = "";
    test_report_t report;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    fault_t fault = rooted_read (&turn, self->job->folders->view, path, TEST_REPORT_MAX, &text);
    if (fault)
        error = turn.detail ? turn.detail : fault_own_text (fault);
    else
        fault = test_report_read (arena, text, strlen (text), &report, &error);
    if (fault) {
        if (!quiet)
            step_warning (self, "%s is not taken as a test report: %s", shown, error);
        return false;
    }
    fault = send_report (self, &turn, shown, &report);
    if (fault)
        step_warning (self, "The test report %s is not kept: %s", shown,
                      turn.detail ? turn.detail : fault_own_text (fault));
    return true;
}

static size_t send_pattern (step_run_t *self, const char *pattern, bool quiet, size_t most)
{
    const char *workspace = self->job->folders->workspace, *error;
    arena_t *arena = arena_new ();
    glob_result_t found;
    size_t sent = 0;
    const glob_query_t query = {.root = self->job->folders->view,
                                .base = workspace,
                                .patterns = &pattern,
                                .count = 1,
                                .flags = GLOB_FOLLOW};
    fault_t fault = glob_find (arena, &query, &found, &error);
    if (!quiet && (fault || found.count == 0))
        step_warning (self, "No test report is found with %s%s%s", pattern, fault ? ": " : "",
                      fault ? error : "");
    size_t prefix = strlen (workspace);
    for (size_t i = 0; !fault && i < found.count && sent < most; i++) {
        const char *path = found.items[i].path;
        bool within = strncmp (path, workspace, prefix) == 0 && path[prefix] == '/';
        if (within && (!quiet || is_named_like_one (path))) {
            arena_t *one = arena_new ();
            sent += send_file (self, one, path, path + prefix + 1, quiet);
            arena_destroy (&one);
        }
    }
    arena_destroy (&arena);
    return sent;
}

// ---- uploaded ----

typedef struct {
    step_run_t *step;
    size_t sent, most;
} sending_t;

static void begin_request (void *to)
{
    lanes_begin_builtin (((sending_t *) to)->step->job);
}

static void end_request (void *to)
{
    lanes_end_builtin (((sending_t *) to)->step->job);
}

static bool take_uploaded (void *to, arena_t *arena, const char *shown, const char *text, size_t size)
{
    sending_t *self = to;
    const char *error;
    test_report_t report;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    if (test_report_read (arena, text, size, &report, &error) != OK)
        return true;
    self->sent++;
    fault_t fault = send_report (self->step, &turn, shown, &report);
    if (fault)
        step_warning (self->step, "The test report %s is not kept: %s", shown,
                      turn.detail ? turn.detail : fault_own_text (fault));
    return self->sent < self->most;
}

static void send_uploaded (step_run_t *self, size_t most)
{
    job_run_t *job = self->job;
    sending_t sending = {.step = self, .most = most};
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "", 0);
    const uploaded_t uploaded = {.port = job->sink->artifacts,
                                 .seen = &job->uploaded,
                                 .keep = job->arena,
                                 .to = &sending,
                                 .begin = begin_request,
                                 .end = end_request,
                                 .wanted = is_named_like_one,
                                 .take = take_uploaded};
    fault_t fault = uploaded_read (&uploaded, &turn);
    if (fault)
        step_warning (self, "What was uploaded is not searched for test reports: %s",
                      turn.detail ? turn.detail : fault_own_text (fault));
    arena_destroy (&arena);
}

void reports_send (step_run_t *self)
{
    job_run_t *job = self->job;
    const reports_t *reports = self->reports;
    size_t sent = 0;
    if (!reports || !job->sink->artifacts || !job->sink->artifacts->tests)
        return;
    for (size_t i = 0; i < reports->count; i++)
        sent += send_pattern (self, reports->patterns[i], reports->quiet[i], REPORT_FILES - sent);
    if (reports->uploaded && sent < REPORT_FILES && job->sink->artifacts->own)
        send_uploaded (self, REPORT_FILES - sent);
    self->reports = NULL;
}
