/* reports.h - test reports of a step: files that it names with `::report file=PATTERN::`, and those that it uploads by whatever action, and that look like
 * reports. They are read when the step ends, and what they say goes to the server, secrets masked. */

#ifndef OPENCICD_AGENT_ENGINE_LOG_REPORTS_H
#define OPENCICD_AGENT_ENGINE_LOG_REPORTS_H

#include "agent/engine/state/step_run.h"

#define REPORT_PATTERNS 20 // Of one step
#define REPORT_FILES    20 // Likewise; the server keeps as many of a job

typedef struct reports {
    const char *patterns[REPORT_PATTERNS]; // In the job's arena
    bool quiet[REPORT_PATTERNS];           // Files that are no reports are passed over
    size_t count;
    bool uploaded; // Look into what it uploaded by the toolkit
} reports_t;

void reports_add (step_run_t *self, const char *pattern, bool quiet);
void reports_add_lines (step_run_t *self, const char *patterns); // Of an artifact: quietly
void reports_add_uploaded (step_run_t *self); // Of what an action uploaded by GitHub's toolkit, likewise
void reports_send (step_run_t *self);         // At the end of a row

#endif
