/* actions.c - checkout, by real git from a real repository; and what actions refuse. */

#include "agent/engine/engine.h"

#include "agent/engine/builtin.h"
#include "common/base/buffer.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <string.h>

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

static void run (heard_t *self, const char *steps)
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
    const engine_sink_t sink = {.self = self, .log = hear_log, .step = hear_step};
    engine_result_t result;
    *self = (heard_t){.log = buffer_new (1 << 20)};
    engine_run (engine, arena, &job, &sink, &result);
    CHECK_INT (engine_clean (engine, &error), OK);
    engine_destroy (&engine);
    cancel_destroy (&cancel);
    folder_remove (root);
    arena_destroy (&arena);
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

TEST (what_actions_cannot_do_is_said)
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
        {"{\"uses\":\"docker://alpine\"}", "docker://alpine: Docker actions are not run yet"},
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
    CHECK (builtin_find ("actions/checkout@v4", NULL) && builtin_find ("Actions/Checkout@main", ""));
    CHECK (!builtin_find ("actions/checkout@v4", "actions/checkout"));
    CHECK (!builtin_find ("Actions/Checkout@v4", "x/y, actions/checkout"));
    CHECK (builtin_find ("actions/upload-artifact@v4", "actions/checkout,x/y"));
    CHECK (!builtin_find ("actions/upload-artifact@v4", "all"));
    CHECK (!builtin_find ("actions/check@v4", NULL) && !builtin_find ("own/act@v1", NULL));
}
