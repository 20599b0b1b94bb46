/* pretended.c - scm, logs, artifacts and identity, as far as the scheduler asks them. They say what a test wants and remember what they were
 * asked. */

#include "common/base/id.h"
#include "common/base/line.h"
#include "tests/service/scheduler/fake_trials.h"
#include "tests/service/scheduler/fake_values.h"
#include "tests/service/scheduler/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Since "old" one file has changed, since "same" none; any other commit is gone.
static void add_changes (turn_t *turn, const char *before, scm_tree_t *tree)
{
    bool old = strcmp (before, "old") == 0;
    tree->compared = old || strcmp (before, "same") == 0;
    tree->uncompared = tree->compared || !*before ? "" : "it is gone";
    tree->changed.items = arena_array (turn->arena, 1, sizeof (char *));
    tree->changed.items[0] = "src/a.c";
    tree->changed.count = old ? 1 : 0;
}

// refs/pull/N/merge is a merge of MERGED_HEAD into the base.
static void add_merge (turn_t *turn, const scm_fetch_t *ask, scm_tree_t *tree)
{
    if (!strstr (ask->ref, "/merge"))
        return;
    tree->sha = "3333333333333333333333333333333333333333";
    tree->parents = (strs_t){arena_array (turn->arena, 2, sizeof (char *)), 2};
    tree->parents.items[0] = "4444444444444444444444444444444444444444";
    tree->parents.items[1] = MERGED_HEAD;
}

static fault_t scm_fetch (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_fetch_t *ask = asked;
    scm_tree_t *tree = answered;
    fault_t fault = OK;
    pthread_mutex_lock (&in->lock);
    bool hangs = in->fails && in->scm_fault == LATER;
    if (in->fails && !hangs)
        fault = turn_fail (turn, in->scm_fault ? in->scm_fault : INVALID, "%s", in->fails);
    in->trusted = ask->trusted;
    in->fetches++;
    tree->sha = arena_strdup (turn->arena, *ask->sha ? ask->sha : in->sha);
    tree->default_branch = "main";
    bool is_full = strncmp (ask->ref, "refs/", 5) == 0;
    tree->ref = !*ask->ref ? "refs/heads/main"
                           : arena_printf (turn->arena, "%s%s", is_full ? "" : "refs/heads/", ask->ref);
    if (*ask->trial)
        tree->ref = arena_printf (turn->arena, "refs/opencicd/try/%s", ask->trial);
    tree->is_tip = strcmp (tree->ref, "refs/heads/main") == 0 && strcmp (tree->sha, in->sha) == 0;
    tree->subject = tree->message = "Make it so";
    tree->author = tree->author_email = "ada";
    add_merge (turn, ask, tree);
    tree->commits = (scm_commit_items_t){arena_array (turn->arena, 1, sizeof (scm_commit_t)), 1};
    tree->commits.items[0] = (scm_commit_t){.id = tree->sha,
                                            .tree = "7ee",
                                            .message = "Make it so",
                                            .author = "ada",
                                            .author_email = "ada@example.org",
                                            .authored_at = "2026-01-01T00:00:00+01:00",
                                            .committer = "bob",
                                            .committer_email = "bob@example.org",
                                            .committed_at = "2026-01-02T00:00:00+01:00"};
    tree->files.items = arena_array (turn->arena, FILES, sizeof (file_text_t));
    for (size_t i = 0; i < in->files; i++) {
        const char *path = arena_printf (turn->arena, ".github/workflows/%s", in->paths[i]);
        size_t size = strlen (in->texts[i]);
        bytes_t text = {arena_copy (turn->arena, in->texts[i], size), size};
        if (strcmp (in->paths[i], "actions.lock") == 0)
            tree->action_lock = text;
        else
            tree->files.items[tree->files.count++] = (file_text_t){path, text};
    }
    pthread_mutex_unlock (&in->lock);
    if (hangs)
        return actor_wait (turn, "never", turn->deadline_us);
    add_changes (turn, ask->before, tree);
    return fault;
}

// Is it the one that waits to be let go?
static bool is_held (struct inside *in, const turn_t *turn)
{
    pthread_mutex_lock (&in->lock);
    if (in->holds_next)
        snprintf (in->held, sizeof in->held, "%s", turn->request_id);
    in->holds_next = false;
    bool held = *in->held && strcmp (in->held, turn->request_id) == 0;
    pthread_mutex_unlock (&in->lock);
    return held;
}

static fault_t scm_called (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_called_t *ask = asked;
    scm_called_files_t *out = answered;
    fault_t fault = OK;
    pthread_mutex_lock (&in->lock);
    snprintf (in->called_asked, sizeof in->called_asked, "%s %s %s %s %s %s", ask->site, ask->repository,
              ask->ref, ask->commit, ask->url, ask->name);
    if (in->called_fails)
        fault = turn_fail (turn, NOT_FOUND, "%s", in->called_fails);
    *out = (scm_called_files_t){.sha = arena_strdup (turn->arena, in->called_sha),
                                .url = "https://forge.example/org/shared",
                                .unseen = ""};
    out->files.items = arena_array (turn->arena, 1, sizeof (file_text_t));
    out->files.count = !*ask->commit || strcmp (ask->commit, in->called_sha) == 0;
    const char *text = in->called_text ? in->called_text : "";
    out->files.items[0] = (file_text_t){arena_strdup (turn->arena, in->called_path),
                                        {arena_copy (turn->arena, text, strlen (text)), strlen (text)}};
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t scm_check (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) answered;
    if (is_held (in, turn))
        return actor_wait (turn, "held", turn->deadline_us);
    pthread_mutex_lock (&in->lock);
    in->check_trusted = ((const scm_check_t *) asked)->trusted;
    bool refuses = in->refuses;
    pthread_mutex_unlock (&in->lock);
    return refuses ? turn_fail (turn, INVALID, "url: it is no address") : OK;
}

static fault_t scm_forget (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_forget_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->forget_fault;
    in->forgotten +=
        !fault && *ask->url; // Without one others have the repository: what is at a forge goes alone
    if (*ask->url)
        snprintf (in->forgotten_url, sizeof in->forgotten_url, "%s%s", ask->trusted ? "" : "untrusted ",
                  ask->url);
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t log_seal (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const log_seal_t *ask = asked;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->log_fault;
    if (in->seals_held) {
        in->seals_waiting++;
        pthread_mutex_unlock (&in->lock);
        return actor_wait (turn, "seals", turn->deadline_us);
    }
    in->seals += *ask->sha256 == 0 && !fault;
    in->seals_named += id_is (ask->project, 'p') && !fault;
    pthread_mutex_unlock (&in->lock);
    *(log_offset_t *) answered = (log_offset_t){ask->size, true};
    return fault;
}

static fault_t log_excerpt (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    log_lines_t *answer = answered;
    (void) asked;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->excerpt_fault;
    const char *printed = in->printed ? in->printed : "";
    in->excerpts++;
    pthread_mutex_unlock (&in->lock);
    answer->items.items = arena_array (turn->arena, line_count (printed) + 1, sizeof (log_line_t));
    for (line_t line = line_begin (printed, strlen (printed)); line_next (&line);)
        answer->items.items[answer->items.count++] = (log_line_t){
            .line = (int64_t) line.number, .text = arena_strndup (turn->arena, line.text, line.size)};
    return fault;
}

static fault_t log_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const log_purge_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->log_purge_fault;
    in->purged_jobs += fault ? 0 : (int) ask->jobs.count;
    in->most_purged = (int) ask->jobs.count > in->most_purged ? (int) ask->jobs.count : in->most_purged;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t artifact_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const artifact_purge_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->artifact_purge_fault;
    if (!fault)
        snprintf (in->purged_run, sizeof in->purged_run, "%s", ask->run);
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t cache_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const cache_purge_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    snprintf (in->purged_project, sizeof in->purged_project, "%s", ask->project);
    pthread_mutex_unlock (&in->lock);
    return OK;
}

// "ada AGENT for registrar: linux gpu", as it was asked for.
static fault_t record_issue (struct inside *in, const token_issue_t *ask)
{
    pthread_mutex_lock (&in->lock);
    int size = snprintf (in->issued, sizeof in->issued, "%s %s for %s:", ask->name, ask->role,
                         *ask->registration ? ask->registration : "nobody");
    for (size_t i = 0; i < ask->labels.count; i++)
        size += snprintf (in->issued + size, sizeof in->issued - (size_t) size, " %s", ask->labels.items[i]);
    fault_t fault = in->identity_fault;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t token_issue (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const token_issue_t *ask = asked;
    if (is_held (in, turn))
        return actor_wait (turn, "held", turn->deadline_us);
    fault_t fault = record_issue (in, ask);
    if (fault)
        return turn_fail (turn, fault, "identity refuses");
    if (*ask->hash) { // As identity does: the same secret is the same token
        pthread_mutex_lock (&in->lock);
        if (strcmp (in->hash, ask->hash) != 0) {
            snprintf (in->hash, sizeof in->hash, "%s", ask->hash);
            snprintf (in->subject, sizeof in->subject, "%s", ask->subject);
        }
        *(token_t *) answered =
            (token_t){.role = ask->role, .subject = arena_strdup (turn->arena, in->subject), .token = ""};
        pthread_mutex_unlock (&in->lock);
        return OK;
    }
    *(token_t *) answered = (token_t){
        .id = id_new (turn->arena, 't', turn->now_us),
        .name = ask->name,
        .role = ask->role,
        .subject = ask->subject,
        .token = secret_new (turn->arena, "oca_"),
    };
    return OK;
}

static fault_t token_revoke (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) turn, (void) asked, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->identity_fault;
    in->revoked += !fault;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

// Whatever was sent again counts again.
static fault_t audit_put (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const audit_put_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->identity_fault;
    for (size_t i = 0; !fault && i < ask->items.count; i++) {
        const audit_entry_t *entry = &ask->items.items[i];
        in->audited++;
        snprintf (in->audit, sizeof in->audit, "%s %s %s %s %s", entry->actor, entry->action, entry->object,
                  entry->project, entry->result);
    }
    in->audit_asked++;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static const handler_t scm_handlers[] = {
    {MSG_scm_fetch, scm_fetch},           {MSG_scm_called, scm_called},
    {MSG_scm_check, scm_check},           {MSG_scm_forget, scm_forget},
    {MSG_scm_trial_put, fake_trial_put},  {MSG_scm_trial_read, fake_trial_read},
    {MSG_scm_trial_drop, fake_trial_drop}};
static const handler_t log_handlers[] = {
    {MSG_log_seal, log_seal}, {MSG_log_purge, log_purge}, {MSG_log_excerpt, log_excerpt}};
static const handler_t artifact_handlers[] = {{MSG_artifact_purge, artifact_purge},
                                              {MSG_cache_purge, cache_purge}};
static const handler_t identity_handlers[] = {{MSG_token_issue, token_issue},
                                              {MSG_token_revoke, token_revoke},
                                              {MSG_variables_read, fake_variables_read},
                                              {MSG_values_purge, fake_values_purge},
                                              {MSG_environment_show, fake_environment_show},
                                              {MSG_audit_put, audit_put}};
const actor_class_t pretended_scm = {.name = "scm", .handlers = scm_handlers, .count = 7};
const actor_class_t pretended_logs = {.name = "logs", .handlers = log_handlers, .count = 3};
const actor_class_t pretended_artifacts = {.name = "artifacts", .handlers = artifact_handlers, .count = 2};
const actor_class_t pretended_identity = {.name = "identity", .handlers = identity_handlers, .count = 6};
