/* fuzz_payload.c - any JSON as the payload of every kind of event, and its text as a commit message.
 *
 * Holds: a ref is full or empty; a title is one line, within its bound; what a filter says and whether it triggers agree. */

#include "tests/fuzz/fuzz.h"
#include "workflow/plan/filter.h"
#include "workflow/plan/load.h"
#include "workflow/plan/payload.h"

#include <string.h>

static const char *const file =
    "on: {push: {branches: ['**', '!x']}, pull_request: {branches: [main]}, pull_request_target: , merge_group: , release: ,\n"
    "  create: , workflow_run: {workflows: [CI], branches: ['r*']}, issues: {types: [opened]}}\n"
    "jobs: {a: {runs-on: x, steps: [{run: x}]}}\n";

static const char *const events[] = {"push",         "pull_request", "pull_request_target",
                                     "release",      "create",       "merge_group",
                                     "workflow_run", "issues",       "nonsense"};

static void try_event (arena_t *arena, const workflow_t *workflow, const char *name, const value_t *payload,
                       const char *message)
{
    const char *ref = payload_ref (arena, name, payload), *title = payload_title (arena, name, payload),
               *reason;
    filter_event_t event = {
        .name = name, .ref = payload_filter_ref (arena, name, ref, payload), .message = message};
    FUZZ_CHECK (*ref == '\0' || strncmp (ref, "refs/", 5) == 0);
    FUZZ_CHECK (strlen (title) <= PAYLOAD_TITLE && !strpbrk (title, "\r\n"));
    FUZZ_CHECK (workflow_triggered (arena, workflow, &event, &reason) == (*reason == '\0'));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const char *text = arena_strndup (arena, (const char *) data, size), *error;
    const workflow_t *workflow;
    const value_t *payload;
    findings_t findings;
    findings_init (&findings, arena, "fuzz.yml");
    FUZZ_CHECK (workflow_load (arena, "fuzz.yml", file, strlen (file), &findings, &workflow) == OK);
    if (value_from_json (arena, text, strlen (text), &payload, &error) != OK)
        payload = value_null ();
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        try_event (arena, workflow, events[i], payload, text);
    arena_destroy (&arena);
    return 0;
}
