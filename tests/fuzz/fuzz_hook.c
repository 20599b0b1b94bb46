/* fuzz_hook.c - any body as a webhook of each forge, for an event that its first byte names, and what a remote lists as its refs.
 *
 * Holds: what has no reason has an event and a payload; a ref is full or empty; of a pull request whose head's
 * repository is not known the code is not trusted. */

#include "services/scm/forges/forge.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/hooks/compare.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const events[] = {"push",
                                     "create",
                                     "delete",
                                     "pull_request",
                                     "pull_request_sync",
                                     "pull_request_review",
                                     "pull_request_comment",
                                     "pull_request_approved",
                                     "issue_comment",
                                     "issues",
                                     "release",
                                     "merge_group",
                                     "repository_dispatch",
                                     "nonsense"};

static void check_event (const hook_event_t *event)
{
    FUZZ_CHECK (event->event && event->action && event->reason && event->ref && event->sha && event->lane);
    if (*event->reason)
        return;
    FUZZ_CHECK (*event->event && event->payload && event->payload->kind == VALUE_OBJECT);
    FUZZ_CHECK (!*event->ref || strncmp (event->ref, "refs/", 5) == 0);
    bool pull = strcmp (event->event, "pull_request") == 0;
    const value_t *repository = hook_at (event->payload, "pull_request.head.repo");
    FUZZ_CHECK (!pull || event->untrusted || (repository && repository->kind == VALUE_OBJECT));
}

static void try_event (turn_t *turn, const forge_t *forge, hook_request_t *request, const char *name)
{
    hook_events_t out = {.count = 0};
    request->event = request->event_type = name;
    if (forge->read (turn, request, &out) != OK)
        return;
    FUZZ_CHECK (out.count > 0 && out.count <= HOOK_EVENTS && out.repository && out.full_name);
    for (size_t i = 0; i < out.count; i++)
        check_event (&out.items[i]);
}

static void try_refs (turn_t *turn, const char *text, size_t size)
{
    ref_rows_t rows;
    ref_changes_t changes;
    const ref_rows_t none = {NULL, 0};
    if (compare_read (turn, text, size, "refs/pull/", &rows) != OK)
        return;
    compare_refs (turn->arena, &rows, &none, 0, &changes);
    FUZZ_CHECK (changes.count <= rows.count);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const forge_t *const forges[] = {&forge_github, &forge_gitlab, &forge_gitea, &forge_git};
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "fuzz", 0);
    // The first byte says which event, the rest is the body
    const char *event = events[(size ? data[0] : 0) % (sizeof events / sizeof events[0])];
    char *body = arena_strndup (arena, size ? (const char *) data + 1 : "", size ? size - 1 : 0);
    hook_request_t request = {.delivery = body,
                              .hub = body,
                              .gitea = body,
                              .signature = body,
                              .timestamp = "1",
                              .token = body,
                              .body = body,
                              .size = strlen (body)};
    for (size_t i = 0; i < sizeof forges / sizeof forges[0]; i++) {
        FUZZ_CHECK (!forges[i]->verify (&request, ""));
        (void) forges[i]->verify (&request, "whsec_AAAA");
        try_event (&turn, forges[i], &request, event);
    }
    try_refs (&turn, body, strlen (body));
    arena_destroy (&arena);
    return 0;
}
