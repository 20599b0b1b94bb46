/* actions.c - checkout, by real git from a real repository; and what actions refuse. */

#include "agent/engine/engine.h"

#include "agent/engine/builtin/builtin.h"
#include "common/base/buffer.h"
#include "proto/messages.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    buffer_t *log;
    result_t outcomes[16];
} heard_t;

static fault_t hear_log (void *self_, uint32_t step, const void *data, size_t size)
{
    heard_t *self = self_;
    (void) step;
    buffer_add (self->log, data, size);
    return OK;
}

static void hear_step (void *self_, const engine_step_t *step)
{
    heard_t *self = self_;
    if (step->number < 16)
        self->outcomes[step->number] = step->outcome;
}

static void run_with (heard_t *self, const char *steps, const artifact_port_t *artifacts)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    engine_t *engine;
    const engine_options_t options = {.work_dir = root, .name = "ada", .server = "http://server"};
    CHECK_INT (engine_new (&engine, arena, &options, &error), OK);
    cancel_t *cancel;
    CHECK_INT (cancel_new (&cancel), OK);
    const engine_job_t job = {.id = "j1",
                              .definition = arena_printf (arena, "{\"key\":\"k\",\"steps\":[%s]}", steps),
                              .cancel = cancel};
    const engine_sink_t sink = {.self = self, .log = hear_log, .step = hear_step, .artifacts = artifacts};
    engine_result_t result;
    *self = (heard_t){.log = buffer_new (1 << 20)};
    engine_run (engine, arena, &job, &sink, &result);
    CHECK_INT (engine_clean (engine, &error), OK);
    engine_destroy (&engine);
    cancel_destroy (&cancel);
    folder_remove (root);
    arena_destroy (&arena);
}

static void run (heard_t *self, const char *steps)
{
    run_with (self, steps, NULL);
}

#define MAKE_REPOSITORY                                                                                                     \
    "{\"run\":\"git init -q -b main $RUNNER_TEMP/r; cd $RUNNER_TEMP/r; git config user.name a; git config user.email a@b; " \
    "echo one > f; git add f; git commit -qm one; git tag v1; echo two > f; git commit -qam two\"},"

TEST (checkout_brings_the_ref_that_was_asked_for)
{
    heard_t heard;
    run (
        &heard, MAKE_REPOSITORY
        "{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"${{ runner.temp }}/r\",\"path\":\"a\"}},"
        "{\"uses\":\"Actions/Checkout@v3\",\"with\":{\"repository\":\"${{ runner.temp }}/r\",\"path\":\"b\",\"ref\":\"v1\"}},"
        "{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"${{ runner.temp }}/r\",\"path\":\"c\","
        "\"ref\":\"refs/heads/main\",\"fetch-depth\":0}},"
        "{\"run\":\"echo [$(cat a/f)][$(cat b/f)][$(cat c/f)]; git -C a rev-list --count HEAD; git -C c rev-list --count HEAD; "
        "git -C c branch --show-current\"}");
    CHECK (strstr (buffer_text (heard.log), "\n[two][one][two]\n1\n2\nmain\n"));
    CHECK_INT (heard.outcomes[5], result_success);
    buffer_destroy (&heard.log);
}

TEST (a_second_checkout_cleans_what_was_left)
{
    heard_t heard;
    run (
        &heard, MAKE_REPOSITORY
        "{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"${{ runner.temp }}/r\"}},{\"run\":\"touch left; echo x > f\"},"
        "{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"${{ runner.temp }}/r\"}},{\"run\":\"test ! -e left; cat f\"}");
    CHECK_INT (heard.outcomes[5], result_success);
    buffer_destroy (&heard.log);
}

TEST (what_actions_cannot_do_is_reported)
{
    static const struct {
        const char *step, *wanted;
    } cases[] = {
        {"{\"uses\":\"actions/checkout@v4\"}", "this job belongs to no repository: set `repository`"},
        {"{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"--upload-pack=x\"}}",
         "is not a repository"},
        {"{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"/x\",\"ref\":\"-x\"}}",
         "\"-x\" is not a ref"},
        {"{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"/x\",\"path\":\"../y\"}}",
         "is not in the workspace"},
        {"{\"uses\":\"actions/checkout@v4\",\"with\":{\"repository\":\"/nowhere/at/all\"}}",
         "cannot be checked out"},
        {"{\"uses\":\"actions/upload-artifact@v4\",\"with\":{\"path\":\"x\"}}", "artifacts need a server"},
        {"{\"uses\":\"docker://alpine\"}",
         "this job needs a container engine (Docker or Podman): none is set up for this agent (docker_host)"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        heard_t heard;
        run (&heard, cases[i].step);
        CHECK_INT (heard.outcomes[1], result_failure);
        CHECK (strstr (buffer_text (heard.log), cases[i].wanted));
        buffer_destroy (&heard.log);
    }
}

TEST (a_builtin_action_can_be_switched_to_its_original)
{
    CHECK (builtin_find ("actions/checkout@v4", NULL, "refs/heads/main") &&
           builtin_find ("Actions/Checkout@main", "", "refs/heads/main"));
    CHECK (!builtin_find ("actions/checkout", NULL, "refs/heads/main")); // No version
    CHECK (builtin_find ("https://data.forgejo.org/actions/checkout@v4", NULL, "refs/heads/main") &&
           builtin_find ("https://github.com/actions/upload-artifact@v4", NULL, "refs/heads/main"));
    CHECK (!builtin_find ("https://forge.example.org/actions/checkout@v4", NULL, "refs/heads/main"));
    CHECK (!builtin_find ("actions/checkout@v4", "actions/checkout", "refs/heads/main"));
    CHECK (!builtin_find ("Actions/Checkout@v4", "x/y, actions/checkout", "refs/heads/main"));
    CHECK (builtin_find ("actions/upload-artifact@v4", "actions/checkout,x/y", "refs/heads/main"));
    CHECK (!builtin_find ("actions/upload-artifact@v4", "all", "refs/heads/main"));
    CHECK (!builtin_find ("actions/check@v4", NULL, "refs/heads/main") &&
           !builtin_find ("own/act@v1", NULL, "refs/heads/main"));
}

TEST (a_trial_is_always_checked_out_by_the_builtin_action)
{
    CHECK (builtin_find ("actions/checkout@v4", "all", "refs/opencicd/try/y1"));
    CHECK (!builtin_find ("actions/upload-artifact@v4", "all", "refs/opencicd/try/y1"));
    CHECK (!builtin_find ("actions/checkout@v4", "all", "refs/opencicd/tries"));
}

// ---- a server that cannot take what is uploaded

typedef struct {
    fault_t fault; // Of the first requests of each kind
    int begins, puts, finishes, faults;
    bool names_parts; // Of this size; else of 1024 bytes
    uint32_t part_size;
    const char *name;     // Of its only artifact, which holds the file f
    const heard_t *swaps; // A job whose file becomes a pipe once its upload has begun
} store_t;

static fault_t answer (const store_t *self, turn_t *turn, int number)
{
    return number <= self->faults ? turn_fail (turn, self->fault, "no place for it") : OK;
}

static fault_t begin_artifact (void *self_, turn_t *turn, const struct artifact_begin *ask,
                               struct artifact *out)
{
    store_t *self = self_;
    *out = (artifact_t){.id = "a1", .number = 7, .name = ask->name, .part_size = 1024};
    out->part_size = self->names_parts ? self->part_size : out->part_size;
    const char *at = self->swaps ? strstr (buffer_text (self->swaps->log), "\nat=") + 4 : "";
    const char *file = arena_printf (turn->arena, "%.*s", (int) strcspn (at, "\n"), at);
    CHECK (!self->swaps || (unlink (file) == 0 && mkfifo (file, 0600) == 0));
    return answer (self, turn, ++self->begins);
}

static fault_t put_part (void *self_, turn_t *turn, const char *artifact, uint32_t part, const void *data,
                         size_t size)
{
    store_t *self = self_;
    (void) artifact, (void) part, (void) data, (void) size;
    return answer (self, turn, ++self->puts);
}

static fault_t finish_artifact (void *self_, turn_t *turn, const char *artifact, const char *sha256,
                                struct artifact *out)
{
    store_t *self = self_;
    (void) artifact, (void) sha256;
    *out = (artifact_t){.id = "a1", .number = 7};
    return answer (self, turn, ++self->finishes);
}

static void upload (store_t *store, heard_t *heard, const char *more)
{
    const artifact_port_t port = {.self = store,
                                  .url = "http://server",
                                  .begin = begin_artifact,
                                  .put = put_part,
                                  .finish = finish_artifact};
    char steps[300];
    snprintf (
        steps, sizeof steps,
        "{\"run\":\"echo x > f; echo; echo at=$PWD/f\"},{\"uses\":\"actions/upload-artifact@v4\",\"with\":{\"path\":\"f\"}%s}",
        more);
    run_with (heard, steps, &port);
}

TEST (an_upload_waits_for_room_and_for_the_server)
{
    static const fault_t faults[] = {NO_SPACE, UNAVAILABLE, TIMEOUT, OVERLOADED};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heard_t heard;
        store_t store = {.fault = faults[i], .faults = 2};
        upload (&store, &heard, "");
        CHECK_INT (heard.outcomes[2], result_success);
        CHECK_INT (store.begins, 3);
        CHECK_INT (store.puts, 3);
        CHECK_INT (store.finishes, 3);
        CHECK (strstr (buffer_text (heard.log), "no place for it; trying again"));
        buffer_destroy (&heard.log);
    }
}

TEST (an_upload_waits_no_longer_than_its_step_may_last)
{
    heard_t heard;
    store_t store = {.fault = NO_SPACE, .faults = 1000000};
    upload (&store, &heard, ",\"timeout-minutes\":0.01");
    CHECK_INT (heard.outcomes[2], result_failure);
    CHECK (store.begins > 1);
    CHECK (strstr (buffer_text (heard.log), "The step ran out of time."));
    buffer_destroy (&heard.log);
}

TEST (an_upload_that_is_refused_fails_at_once)
{
    heard_t heard;
    store_t store = {.fault = CONFLICT, .faults = 1000000};
    upload (&store, &heard, "");
    CHECK_INT (heard.outcomes[2], result_failure);
    CHECK_INT (store.begins, 1);
    buffer_destroy (&heard.log);
}

TEST (an_upload_in_parts_of_no_size_or_of_too_many_bytes_is_refused)
{
    static const uint32_t sizes[] = {0, MAX_PART + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        heard_t heard;
        store_t store = {.names_parts = true, .part_size = sizes[i]};
        upload (&store, &heard, "");
        CHECK_INT (heard.outcomes[2], result_failure);
        CHECK (strstr (buffer_text (heard.log), "the server wants parts of"));
        CHECK_INT (store.puts, 0);
        buffer_destroy (&heard.log);
    }
}

// ---- a server whose artifacts have names that no job could give

static fault_t list_artifacts (void *self_, turn_t *turn, const char *run, const char *name,
                               const char *cursor, struct artifact_page *out)
{
    store_t *self = self_;
    artifact_t *item = arena_alloc (turn->arena, sizeof *item);
    (void) run, (void) name, (void) cursor;
    *item = (artifact_t){.id = "a1", .name = self->name, .complete = true};
    *out = (artifact_page_t){.items = {item, 1}, .next = ""};
    return OK;
}

static fault_t show_artifact (void *self_, turn_t *turn, const char *artifact, struct artifact *out)
{
    store_t *self = self_;
    artifact_file_t *file = arena_alloc (turn->arena, sizeof *file);
    (void) artifact;
    *file = (artifact_file_t){.path = "f", .size = 1, .sha256 = ""};
    *out = (artifact_t){.id = "a1", .name = self->name, .size = 1, .files = {file, 1}};
    return OK;
}

static fault_t read_artifact (void *self, turn_t *turn, const char *artifact, int64_t offset, void *into,
                              size_t size, size_t *got)
{
    (void) self, (void) turn, (void) artifact, (void) offset, (void) size;
    memcpy (into, "x", 1);
    *got = 1;
    return OK;
}

TEST (an_artifact_is_downloaded_into_a_folder_of_its_name_and_nowhere_else)
{
    static const char *const names[] = {"good", "..", ".", "a/b", "/tmp", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        heard_t heard;
        store_t store = {.name = names[i]};
        const artifact_port_t port = {.self = &store,
                                      .url = "http://server",
                                      .list = list_artifacts,
                                      .show = show_artifact,
                                      .read = read_artifact};
        run_with (&heard,
                  "{\"uses\":\"actions/download-artifact@v4\",\"with\":{\"path\":\"in/it\"}},"
                  "{\"if\":\"always()\",\"run\":\"find . -name f\"}",
                  &port);
        CHECK_INT (heard.outcomes[1], i ? result_failure : result_success);
        CHECK_INT (strstr (buffer_text (heard.log), "./in/it/good/f\n") != NULL, i == 0);
        CHECK_INT (strstr (buffer_text (heard.log), "is not a name for a folder") != NULL, i > 0);
        buffer_destroy (&heard.log);
    }
}

// Nobody writes into it: to open it would take for ever, and no cancel would end that.
TEST (an_upload_does_not_wait_for_a_file_that_became_a_pipe)
{
    heard_t heard;
    store_t store = {.swaps = &heard};
    upload (&store, &heard, "");
    CHECK_INT (heard.outcomes[2], result_failure);
    CHECK_INT (store.puts, 0);
    CHECK (strstr (buffer_text (heard.log), "the files changed while they were uploaded"));
    buffer_destroy (&heard.log);
}
