/* schema_on.c - the keys below `on`: events, their activity types, filters and inputs.
 *
 * They are an editor's. GitHub itself reads all but workflow_call loosely when an event comes: a key that an event does
 * not have is passed over, an empty filter is none. So each event's row IS_LOOSE, and a mistake in one event's section
 * never stops the others. Source: actions/runner, src/Sdk/WorkflowParser/workflow-v1.0.json, "on" beside "on-strict". */

#include "workflow/schema/schema.h"

static const schema_row_t texts_rows[] = {{.key = "[]", .kinds = IS_TEXT}};
static const schema_object_t texts = SCHEMA_OBJECT (texts_rows, "a list of strings");

static const schema_row_t globs_rows[] = {{.key = "[]", .kinds = IS_TEXT | IS_GLOB}};
static const schema_object_t globs = SCHEMA_OBJECT (globs_rows, "a list of patterns");

#define GLOBS(key, meaning)                                        \
    {                                                              \
        key, IS_TEXT | IS_LIST | IS_GLOB, 0, &globs, NULL, meaning \
    }

#define BRANCH_ROWS                                         \
    GLOBS ("branches", "run only for branches that match"), \
        GLOBS ("branches-ignore", "run for branches that do not match")
#define TAG_ROWS \
    GLOBS ("tags", "run only for tags that match"), GLOBS ("tags-ignore", "run for tags that do not match")
#define PATH_ROWS                                             \
    GLOBS ("paths", "run only where a changed file matches"), \
        GLOBS ("paths-ignore", "run where a changed file does not match")
#define TYPES_ROW(list)                                                                  \
    {                                                                                    \
        "types", IS_TEXT | IS_LIST, 0, &list, NULL, "activities that start the workflow" \
    }

// An event that has activity types, and nothing else to filter by.
#define ACTIVITIES(name, types)                                                                        \
    static const schema_row_t name##_type_rows[] = {{.key = "[]", .kinds = IS_TEXT, .values = types}}; \
    static const schema_object_t name##_types = SCHEMA_OBJECT (name##_type_rows, "a list of activities")
#define EVENT(name, title, types)                                                                     \
    ACTIVITIES (name, types);                                                                         \
    static const schema_row_t name##_rows[] = {                                                       \
        {"types", IS_TEXT | IS_LIST, 0, &name##_types, types, "activities that start the workflow"}}; \
    static const schema_object_t name = SCHEMA_OBJECT (name##_rows, title)

#define PULL_TYPES                                                                                        \
    "assigned unassigned labeled unlabeled opened edited closed reopened synchronize converted_to_draft " \
    "ready_for_review locked unlocked review_requested review_request_removed auto_merge_enabled "        \
    "auto_merge_disabled milestoned demilestoned enqueued dequeued stacked"

EVENT (protection, "branch_protection_rule", "created edited deleted");
EVENT (check_run, "check_run", "created rerequested completed requested_action");
EVENT (check_suite, "check_suite", "completed");
EVENT (
    discussion, "discussion",
    "created edited deleted transferred pinned unpinned labeled unlabeled locked unlocked category_changed "
    "answered unanswered");
EVENT (comment, "a comment event", "created edited deleted");
EVENT (
    issues, "issues",
    "opened edited deleted transferred pinned unpinned closed reopened assigned unassigned labeled unlabeled "
    "locked unlocked milestoned demilestoned typed untyped field_added field_removed");
EVENT (milestone, "milestone", "created closed opened edited deleted");
EVENT (project, "project", "created updated closed reopened edited deleted");
EVENT (project_card, "project_card", "created moved converted edited deleted");
EVENT (project_column, "project_column", "created updated moved deleted");
EVENT (review, "pull_request_review", "submitted edited dismissed");
EVENT (registry_package, "registry_package", "published updated");
EVENT (release, "release", "published unpublished created edited deleted prereleased released");
EVENT (watch, "watch", "started");
ACTIVITIES (merge_group, "checks_requested destroyed");
ACTIVITIES (pull, PULL_TYPES);
ACTIVITIES (run, "completed requested in_progress");

static const schema_row_t merge_rows[] = {TYPES_ROW (merge_group_types), BRANCH_ROWS};
static const schema_object_t merge = SCHEMA_OBJECT (merge_rows, "merge_group");

static const schema_row_t pull_request_rows[] = {
    {"types", IS_TEXT | IS_LIST, 0, &pull_types, PULL_TYPES, "activities that start the workflow"},
    BRANCH_ROWS,
    PATH_ROWS};
static const schema_object_t pull_request = SCHEMA_OBJECT (pull_request_rows, "a pull request event");

static const schema_row_t push_rows[] = {BRANCH_ROWS, TAG_ROWS, PATH_ROWS};
static const schema_object_t push = SCHEMA_OBJECT (push_rows, "push");

static const schema_row_t workflow_run_rows[] = {
    {"types", IS_TEXT | IS_LIST, 0, &run_types, "completed requested in_progress",
     "activities that start the workflow"},
    {"workflows", IS_TEXT | IS_LIST, 0, &texts, NULL, "names of the workflows to follow"},
    BRANCH_ROWS};
static const schema_object_t workflow_run = SCHEMA_OBJECT (workflow_run_rows, "workflow_run");

static const schema_row_t repository_dispatch_rows[] = {
    {"types", IS_TEXT | IS_LIST, 0, &texts, NULL, "event_type values that start the workflow"}};
static const schema_object_t repository_dispatch =
    SCHEMA_OBJECT (repository_dispatch_rows, "repository_dispatch");

ACTIVITIES (image, "created ready deleted");
static const schema_row_t image_version_rows[] = {
    {"types", IS_TEXT | IS_LIST, 0, &image_types, "created ready deleted",
     "activities that start the workflow"},
    {"names", IS_TEXT | IS_LIST, 0, &texts, NULL, "patterns of image names"},
    {"versions", IS_TEXT | IS_LIST, 0, &texts, NULL, "patterns of image versions"}};
static const schema_object_t image_version = SCHEMA_OBJECT (image_version_rows, "image_version");

static const schema_row_t cron_rows[] = {
    {"cron", IS_TEXT | IS_REQUIRED | IS_CRON, 0, NULL, NULL, "five fields: minute hour day month weekday"},
    {"timezone", IS_TEXT, 0, NULL, NULL, "an IANA time zone, such as Europe/Berlin; UTC where absent"}};
static const schema_object_t cron = SCHEMA_OBJECT (cron_rows, "a schedule");
static const schema_row_t schedule_rows[] = {{.key = "[]", .kinds = IS_MAP, .inner = &cron}};
static const schema_object_t schedule = SCHEMA_OBJECT (schedule_rows, "a list of schedules");

static const schema_row_t dispatch_input_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "shown to who starts it"},
    {"type", IS_TEXT | IS_DEFAULTED, 0, NULL, "string boolean number choice environment",
     "what the value is"},
    {"required", IS_BOOL, 0, NULL, NULL, "must it be given?"},
    {"default", IS_STRING | IS_BOOL | IS_NUMBER, 0, NULL, NULL, "the value where none is given"},
    {"options", IS_LIST, 0, &texts, NULL, "the values of a choice"},
    {"deprecationMessage", IS_STRING, 0, NULL, NULL, "shown where it is still used"}};
static const schema_object_t dispatch_input = SCHEMA_OBJECT (dispatch_input_rows, "an input");
static const schema_row_t dispatch_inputs_rows[] = {
    {"*", IS_MAP | IS_NULL, 0, &dispatch_input, NULL, "an input"}};
static const schema_object_t dispatch_inputs = SCHEMA_OBJECT (dispatch_inputs_rows, "inputs");
static const schema_row_t workflow_dispatch_rows[] = {
    {"inputs", IS_MAP | IS_NULL, 0, &dispatch_inputs, NULL, "what who starts it may give"}};
static const schema_object_t workflow_dispatch = SCHEMA_OBJECT (workflow_dispatch_rows, "workflow_dispatch");

static const schema_row_t call_input_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "what it is for"},
    {"type", IS_TEXT | IS_REQUIRED, 0, NULL, "string boolean number", "what the value is"},
    {"required", IS_BOOL, 0, NULL, NULL, "must the caller give it?"},
    {"default", IS_STRING | IS_BOOL | IS_NUMBER, IN_RUN, NULL, NULL, "the value where none is given"},
    {"deprecationMessage", IS_STRING, 0, NULL, NULL, "shown where it is still used"}};
static const schema_object_t call_input = SCHEMA_OBJECT (call_input_rows, "an input");
static const schema_row_t call_inputs_rows[] = {{"*", IS_MAP, 0, &call_input, NULL, "an input"}};
static const schema_object_t call_inputs = SCHEMA_OBJECT (call_inputs_rows, "inputs");

static const schema_row_t call_secret_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "what it is for"},
    {"required", IS_BOOL, 0, NULL, NULL, "must the caller give it?"}};
static const schema_object_t call_secret = SCHEMA_OBJECT (call_secret_rows, "a secret");
static const schema_row_t call_secrets_rows[] = {{"*", IS_MAP | IS_NULL, 0, &call_secret, NULL, "a secret"}};
static const schema_object_t call_secrets = SCHEMA_OBJECT (call_secrets_rows, "secrets");

static const schema_row_t call_output_rows[] = {
    {"description", IS_STRING, 0, NULL, NULL, "what it is"},
    {"value", IS_STRING | IS_REQUIRED, IN_RUN | IN_jobs, NULL, NULL, "from the outputs of a job"}};
static const schema_object_t call_output = SCHEMA_OBJECT (call_output_rows, "an output");
static const schema_row_t call_outputs_rows[] = {{"*", IS_MAP, 0, &call_output, NULL, "an output"}};
static const schema_object_t call_outputs = SCHEMA_OBJECT (call_outputs_rows, "outputs");

static const schema_row_t workflow_call_rows[] = {
    {"inputs", IS_MAP, 0, &call_inputs, NULL, "what a caller may give"},
    {"outputs", IS_MAP, 0, &call_outputs, NULL, "what a caller gets"},
    {"secrets", IS_MAP, 0, &call_secrets, NULL, "secrets that a caller gives"}};
static const schema_object_t workflow_call = SCHEMA_OBJECT (workflow_call_rows, "workflow_call");

static const schema_object_t nothing = {.title = "an event without filters"};
#define PLAIN(key, meaning)                                          \
    {                                                                \
        key, IS_NULL | IS_MAP | IS_LOOSE, 0, &nothing, NULL, meaning \
    }
#define RICH(key, inner, meaning)                                  \
    {                                                              \
        key, IS_NULL | IS_MAP | IS_LOOSE, 0, &inner, NULL, meaning \
    }

static const schema_row_t on_rows[] = {
    {"[]", IS_TEXT | IS_EVENT, 0, NULL, NULL, "an event"},
    RICH ("branch_protection_rule", protection, "a branch protection rule changed"),
    RICH ("check_run", check_run, "a check run did something"),
    RICH ("check_suite", check_suite, "a check suite ended"),
    PLAIN ("create", "a branch or tag was made"),
    PLAIN ("delete", "a branch or tag was deleted"),
    PLAIN ("deployment", "a deployment was made"),
    PLAIN ("deployment_status", "a deployment's status came"),
    RICH ("discussion", discussion, "a discussion changed"),
    RICH ("discussion_comment", comment, "a comment on a discussion"),
    PLAIN ("fork", "the repository was forked"),
    PLAIN ("gollum", "a wiki page changed"),
    RICH ("image_version", image_version, "a custom image has a new version"),
    RICH ("issue_comment", comment, "a comment on an issue or pull request"),
    RICH ("issues", issues, "an issue changed"),
    RICH ("label", comment, "a label changed"),
    PLAIN ("member", "somebody became a collaborator"),
    RICH ("merge_group", merge, "a pull request entered the merge queue"),
    RICH ("milestone", milestone, "a milestone changed"),
    PLAIN ("page_build", "a page was built"),
    RICH ("project", project, "a classic project changed"),
    RICH ("project_card", project_card, "a card of a classic project changed"),
    RICH ("project_column", project_column, "a column of a classic project changed"),
    PLAIN ("public", "the repository became public"),
    RICH ("pull_request", pull_request, "a pull request changed; runs its merge"),
    RICH ("pull_request_comment", comment, "a comment on a pull request"),
    RICH ("pull_request_review", review, "a review of a pull request"),
    RICH ("pull_request_review_comment", comment, "a comment in a review"),
    RICH ("pull_request_target", pull_request, "a pull request changed; runs its base, with secrets"),
    RICH ("push", push, "commits or a tag were pushed"),
    RICH ("registry_package", registry_package, "a package was published"),
    RICH ("release", release, "a release changed"),
    RICH ("repository_dispatch", repository_dispatch, "somebody called the API"),
    {"schedule", IS_LIST | IS_SOME | IS_LOOSE, 0, &schedule, NULL, "at times, by cron"},
    PLAIN ("status", "a commit's status changed"),
    RICH ("watch", watch, "the repository was starred"),
    {"workflow_call", IS_NULL | IS_MAP, 0, &workflow_call, NULL, "another workflow calls this one"},
    RICH ("workflow_dispatch", workflow_dispatch, "somebody starts it by hand"),
    RICH ("workflow_run", workflow_run, "another workflow was asked for or has ended"),
};
const schema_object_t schema_on = SCHEMA_OBJECT (on_rows, "an event");
