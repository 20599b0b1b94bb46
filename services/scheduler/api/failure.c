/* failure.c - the failure digest: what each failed job says (api/failure_look.c), held against the branch's history, other runs and the
 * commits since the branch last passed.
 *
 * All but the commits is read from the scheduler's own tables, by look-ups; the commits come from scm, and a digest without them, which says
 * why, is better than none. Asked for just after a failure, it waits a little for logs that are still to be looked at. */

#include "services/scheduler/failure/failure.h"
#include "proto/strs.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/tests.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/store/call_store.h"
#include "services/scheduler/store/failure_store.h"

#define WAIT_US     SECONDS (5) // For logs that are still to be looked at
#define MARGIN_US   SECONDS (1) // An answer leaves before its caller gives up
#define ALIKE_KINDS 10          // Fingerprints of one digest whose history is looked up

typedef struct {
    scheduler_t *self;
    turn_t *turn;
    run_row_t run;
    job_rows_t jobs;
    failure_rows_t known;
    branch_history_t history;
    size_t kinds; // Fingerprints that were looked up
    failure_digest_t *digest;
} digest_t;

const char *failure_topic (turn_t *turn, const char *run)
{
    return arena_printf (turn->arena, "failures:%s", run);
}

// ---- the jobs ----

static const failure_row_t *known_of (const digest_t *self, const job_t *job)
{
    for (size_t i = 0; i < self->known.count; i++)
        if (same (self->known.items[i].job_id, job->id) && self->known.items[i].attempt == job->attempt)
            return &self->known.items[i];
    return NULL;
}

// The calling job of one in a called workflow: its key is before the last slash, its name before the last " / ".
static const job_row_t *caller_of (const digest_t *self, const job_t *job)
{
    const char *slash = strrchr (job->key, '/');
    size_t size = slash ? (size_t) (slash - job->key) : 0;
    for (size_t i = 0; slash && i < self->jobs.count; i++) {
        const job_t *other = &self->jobs.items[i].job;
        if (strncmp (other->key, job->key, size) == 0 && !other->key[size] &&
            strncmp (other->name, job->name, strlen (other->name)) == 0)
            return &self->jobs.items[i];
    }
    return NULL;
}

static fault_t add_caller (digest_t *self, const job_t *job, failure_t *out)
{
    const job_row_t *caller = caller_of (self, job);
    run_call_t call;
    out->workflow = self->run.run.workflow;
    out->called_by = "";
    if (!caller)
        return OK;
    out->called_by = caller->job.name;
    fault_t fault = call_store_find (self->self->db, self->turn, caller->job.id, &call);
    if (fault == NOT_FOUND) {
        self->turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    out->workflow = call.file;
    return OK;
}

// What was kept, or, before its log was looked at, what the job itself says.
static fault_t read_failure (digest_t *self, job_row_t *row, failure_t *out)
{
    turn_t *turn = self->turn;
    const failure_row_t *known = known_of (self, &row->job);
    if (known && known->facts.size)
        TRY (message_unpack (MESSAGE (failure), turn, known->facts.data, known->facts.size, out));
    else {
        TRY (view_steps (turn, row));
        failure_read (turn->arena, &row->job, &(log_line_items_t){0}, out);
        out->fingerprint = "";
    }
    out->looked = !known || known->looked;
    out->matrix = row->job.matrix;
    TRY (add_caller (self, &row->job, out));
    out->reproduce = failure_command (turn->arena, &self->run.run, out);
    return OK;
}

static bool has_failed_callee (const digest_t *self, const job_t *caller)
{
    size_t size = strlen (caller->key);
    for (size_t i = 0; i < self->jobs.count; i++) {
        const job_t *job = &self->jobs.items[i].job;
        if (strncmp (job->key, caller->key, size) == 0 && job->key[size] == '/' &&
            failure_is (job->result, job->reason))
            return true;
    }
    return false;
}

static bool counts (const digest_t *self, const job_row_t *row, bool stopped)
{
    const job_t *job = &row->job;
    if (job->state != job_finished || job->continue_on_error || (row->calls && has_failed_callee (self, job)))
        return false;
    return failure_is (job->result, job->reason) || (stopped && job->result == result_cancelled);
}

static fault_t add_failures (digest_t *self, bool stopped)
{
    failure_items_t *list = &self->digest->failures;
    list->items = arena_array (self->turn->arena, MAX_FAILURES, sizeof (failure_t));
    for (size_t i = 0; i < self->jobs.count; i++) {
        if (!counts (self, &self->jobs.items[i], stopped))
            continue;
        if (list->count == MAX_FAILURES) {
            self->digest->more++;
            continue;
        }
        failure_t *failure = &list->items[list->count++];
        TRY (read_failure (self, &self->jobs.items[i], failure));
        for (size_t j = 0; j + 1 < list->count && !*failure->same_as; j++)
            if (*failure->fingerprint && same (list->items[j].fingerprint, failure->fingerprint))
                failure->same_as = list->items[j].job_id;
    }
    return OK;
}

static bool because_of_others (const job_t *job)
{
    return (job->result == result_skipped && strncmp (job->reason, "job \"", 5) == 0) ||
           (job->result == result_cancelled && !failure_is (job->result, job->reason));
}

static void add_skipped (digest_t *self)
{
    skipped_job_items_t *list = &self->digest->skipped;
    list->items = arena_array (self->turn->arena, MAX_FAILURES, sizeof (skipped_job_t));
    for (size_t i = 0; i < self->jobs.count && list->count < MAX_FAILURES; i++) {
        const job_t *job = &self->jobs.items[i].job;
        if (because_of_others (job))
            list->items[list->count++] = (skipped_job_t){
                .job_id = job->id, .job_name = job->name, .result = job->result, .reason = job->reason};
    }
}

// ---- other runs ----

// One row a run, latest first: a run in which several jobs failed alike counts once.
static void add_alike (const digest_t *self, const failure_seen_t *row, const char *last_run, failure_t *out)
{
    const run_t *run = &self->run.run;
    bool own = same (row->run_id, run->id), again = same (row->run_id, last_run);
    if (row->passed && !again && strcmp (row->run_id, self->history.oldest) >= 0)
        out->flaky_runs++;
    out->flaky |= row->passed;
    if (same (row->ref, run->ref) && strcmp (row->run_id, self->history.green.run_id) > 0 &&
        strcmp (row->run_id, run->id) <= 0) {
        out->since_run = row->run_id;
        out->since_number = row->run_number;
    }
    if (own || again)
        return;
    if (!same (row->ref, run->ref) && out->branches.count < MAX_SEEN && !strs_has (&out->branches, row->ref))
        out->branches.items[out->branches.count++] = row->ref;
    if (out->seen.count < MAX_SEEN)
        out->seen.items[out->seen.count++] = *row;
}

static fault_t look_up_alike (digest_t *self, failure_t *out)
{
    turn_t *turn = self->turn;
    failure_seen_items_t rows;
    const char *last_run = "";
    if (!*out->fingerprint || *out->same_as || self->kinds == ALIKE_KINDS)
        return OK;
    self->kinds++;
    TRY (failure_store_alike (self->self->db, turn, self->run.run.project_id, out->fingerprint, &rows));
    out->seen.items = arena_array (turn->arena, MAX_SEEN, sizeof (failure_seen_t));
    out->branches.items = arena_array (turn->arena, MAX_SEEN, sizeof (char *));
    for (size_t i = 0; i < rows.count; i++) {
        add_alike (self, &rows.items[i], last_run, out);
        last_run = rows.items[i].run_id;
    }
    out->of_runs = (uint32_t) self->history.counted_runs;
    return OK;
}

static fault_t add_tests (digest_t *self)
{
    test_results_t tests;
    if (self->digest->failures.count == 0)
        return OK;
    TRY (tests_of_run (self->self, self->turn, &self->run.run, &self->history, MAX_DIGEST_TESTS, &tests));
    self->digest->failed_tests = tests.failed;
    self->digest->tests = tests.failures;
    if (tests.failures.count > MAX_DIGEST_TESTS)
        self->digest->tests.count = MAX_DIGEST_TESTS;
    return OK;
}

static fault_t add_history (digest_t *self)
{
    failure_digest_t *digest = self->digest;
    branch_history_t *history = &self->history;
    TRY (failure_store_branch (self->self->db, self->turn, &self->run.run, history));
    digest->green_run = history->green.run_id;
    digest->green_number = history->green.number;
    digest->green_sha = history->green.sha;
    digest->green_at = history->green.at;
    digest->red_run = history->red.run_id;
    digest->red_number = history->red.number;
    digest->red_runs = (uint32_t) history->red_runs;
    TRY (add_tests (self));
    for (size_t i = 0; i < digest->failures.count; i++)
        TRY (look_up_alike (self, &digest->failures.items[i]));
    return OK;
}

// ---- the commits ----

static void list_commits (digest_t *self, const scm_commit_items_t *from)
{
    failure_digest_t *digest = self->digest;
    arena_t *arena = self->turn->arena;
    digest->commits.items = arena_array (arena, MAX_NEW_COMMITS, sizeof (new_commit_t));
    digest->more_commits = from->count > MAX_NEW_COMMITS || from->count == SCM_COMMITS;
    for (size_t i = from->count; i > 0 && digest->commits.count < MAX_NEW_COMMITS; i--) {
        const scm_commit_t *commit = &from->items[i - 1];
        digest->commits.items[digest->commits.count++] =
            (new_commit_t){.id = commit->id,
                           .subject = arena_strndup (arena, commit->message, strcspn (commit->message, "\n")),
                           .author = commit->author,
                           .authored_at = commit->authored_at};
    }
}

static fault_t add_commits (digest_t *self)
{
    const run_t *run = &self->run.run;
    const char *green = self->history.green.sha;
    project_row_t project;
    scm_tree_t tree = {0};
    if (!*green || same (green, run->sha) || self->digest->failures.count == 0)
        return OK;
    TRY (project_store_find (self->self->db, self->turn, run->project_id, &project));
    fault_t fault =
        fetch_tree (self->turn, &project, &(scm_fetch_t){.ref = "", .sha = run->sha, .before = green}, &tree);
    if (fault == LATER)
        return LATER;
    const char *detail = self->turn->detail ? self->turn->detail : fault_text (fault);
    self->turn->detail = NULL;
    if (fault || !tree.compared)
        self->digest->commits_unknown = fault ? detail : tree.uncompared;
    else
        list_commits (self, &tree.commits);
    return OK;
}

// ---- the answer ----

static void describe_run (digest_t *self)
{
    const run_t *run = &self->run.run;
    *self->digest = (failure_digest_t){.run_id = run->id,
                                       .project = run->project,
                                       .number = run->number,
                                       .workflow = run->workflow,
                                       .name = run->name,
                                       .title = run->title,
                                       .event = run->event,
                                       .ref = run->ref,
                                       .sha = run->sha,
                                       .state = run->state,
                                       .result = run->result,
                                       .attempt = run->attempt,
                                       .headline = "",
                                       .green_run = "",
                                       .green_sha = "",
                                       .red_run = "",
                                       .commits_unknown = ""};
}

static const char *headline (digest_t *self)
{
    const failure_items_t *list = &self->digest->failures;
    if (list->count == 0)
        return "";
    const char *text =
        arena_printf (self->turn->arena, "%s: %s", list->items[0].job_name, list->items[0].summary);
    return arena_strndup (self->turn->arena, text, strcspn (text, "\r\n"));
}

static bool is_complete (const digest_t *self)
{
    for (size_t i = 0; i < self->digest->failures.count; i++)
        if (!self->digest->failures.items[i].looked)
            return false;
    return true;
}

static fault_t wait_for_looks (digest_t *self)
{
    turn_t *turn = self->turn;
    int64_t until = turn->now_us + WAIT_US, latest = turn->deadline_us - MARGIN_US;
    return actor_wait (turn, failure_topic (turn, self->run.run.id), until < latest ? until : latest);
}

HANDLER (run_failure)
{
    scheduler_t *self = context;
    const run_failure_t *ask = asked;
    digest_t digest = {.self = self, .turn = turn, .digest = answered};
    TRY (run_store_find (self->db, turn, ask->run, &digest.run));
    TRY (run_store_inputs (self->db, turn, ask->run, &digest.run.run.inputs));
    TRY (job_store_of_run (self->db, turn, ask->run, &digest.jobs));
    TRY (failure_store_of_run (self->db, turn, ask->run, &digest.known));
    describe_run (&digest);
    TRY (add_failures (&digest, false));
    if (digest.digest->failures.count == 0 && digest.run.run.result == result_cancelled)
        TRY (add_failures (&digest, true));
    else if (digest.digest->failures.count > 0)
        add_skipped (&digest);
    digest.digest->complete = is_complete (&digest);
    if (!digest.digest->complete && !actor_waited (turn))
        return wait_for_looks (&digest);
    digest.digest->headline = headline (&digest);
    TRY (add_history (&digest));
    return digest.digest->complete ? add_commits (&digest) : OK;
}
