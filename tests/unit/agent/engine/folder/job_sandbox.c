/* job_sandbox.c - what an agent says of its jobs' isolation. */

#include "agent/engine/folder/job_sandbox.h"

#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>

typedef struct {
    const char *name;
    isolation_t isolation;
    const char *missing; // NULL: it depends on this machine
} case_t;

TEST (who_does_not_isolate_jobs_knows_why)
{
    static const char no_program[] = "opencicd-sandbox is not in this program's folder";
    static const case_t cases[] = {
        {"off", {.mode = ISOLATE_OFF, .program = "/bin/false"}, "isolation is off"},
        {"auto", {.mode = ISOLATE_AUTO}, no_program},
        {"auto, and it fails", {.mode = ISOLATE_AUTO, .program = "/bin/false"}, NULL},
        {"on", {.mode = ISOLATE_ON}, ""}}; // Then no job runs at all
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, root, NULL, &error), OK);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        turn_t turn;
        turn_init (&turn, arena, "", 0);
        job_sandbox_t *sandbox = job_sandbox_new (&cases[i].isolation, &workspace);
        if (cases[i].missing)
            CHECK_STR (job_sandbox_missing (sandbox), cases[i].missing);
        else
            CHECK (*job_sandbox_missing (sandbox));
        bool runs = cases[i].isolation.mode != ISOLATE_ON;
        CHECK_INT (job_sandbox_enter (sandbox, &turn, NULL), runs ? OK : UNAVAILABLE);
        CHECK (!job_sandbox_link (sandbox));
        job_sandbox_destroy (&sandbox);
    }
    folder_remove (root);
    arena_destroy (&arena);
}
