/* fuzz_lint_request.c - any bytes as the body of POST /lint, up to its answer.
 *
 * Holds: what is read as a request is looked at, and what is said of it is an answer that can be sent and read: its bounds are kept, its places are
 * in the text. */

#include "proto/messages.h"
#include "services/scheduler/run/planner_look.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static uint32_t lines_of (const char *text)
{
    uint32_t lines = 1;
    for (const char *at = text; (at = strchr (at, '\n')); at++)
        lines++;
    return lines;
}

static void check_jobs (const looked_t *looked)
{
    for (size_t i = 0; i < looked->job_count; i++) {
        const written_job_t *job = &looked->jobs[i];
        FUZZ_CHECK (strlen (job->name) <= MAX_TEXT && strlen (job->uses) <= MAX_TEXT);
        FUZZ_CHECK (strlen (job->key) <= MAX_NAME && job->needs.count <= MOST_TEXTS &&
                    job->labels.count <= MOST_TEXTS);
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    lint_check_t ask = {.path = ""};
    looked_t looked;
    turn_init (&turn, arena, "fuzz", 0);
    if (message_read (MESSAGE (lint_check), &turn, (const char *) data, size, &ask) == OK &&
        message_check (MESSAGE (lint_check), &turn, &ask) == OK) {
        const char *text = ask.text ? ask.text : "";
        planner_look (&turn, ask.path && *ask.path ? ask.path : "new.yml", text, strlen (text), &looked);
        FUZZ_CHECK (looked.job_count <= 1000);
        for (size_t i = 0; i < looked.finding_count; i++)
            FUZZ_CHECK (looked.findings[i].line <= lines_of (text) &&
                        strlen (looked.findings[i].rule) <= MAX_NAME);
        check_jobs (&looked);
    }
    arena_destroy (&arena);
    return 0;
}
