/* run.c - `opencicd run`: workflows of the files that lie here, by the embedded server and its agents in a folder that is gone afterwards.
 *
 * What is known to run on the server runs here by the same code: the working tree becomes a commit in a repository of ours (working_tree.h), which
 * is the server's only project, and an event of it is reported. What is shown comes from the server's API, as for any other client. */

#include "cli/files/run_folder.h"
#include "cli/run/run_artifacts.h"
#include "cli/run/run_event.h"
#include "cli/run/run_kept.h"
#include "cli/run/run_labels.h"
#include "cli/run/run_plan.h"
#include "cli/run/run_remote.h"
#include "cli/run/run_server.h"
#include "cli/run/watch.h"
#include "cli/show/annotations.h"
#include "cli/show/follow.h"
#include "cli/show/show.h"
#include "cli/terminal/status_line.h"
#include "common/base/log.h"
#include "common/settings/program.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROJECT "here"

typedef struct {
    cli_t *cli;
    working_tree_t tree;
    args_t files;
    const char *folder, *kept; // Of this run; of jobs that do not succeed
    run_server_t server;
    client_t *client;    // The server's
    run_remote_t remote; // With --remote, in its place
    snapshot_t snapshot;
    bool registered; // The repository of the snapshots is the server's project
    const char *runs[FOLLOW_RUNS];
    const value_t *last[FOLLOW_RUNS];
    size_t run_count, missing; // Workflows that were named and do not run
    int signals, wake;         // Of both
    file_watch_t *watch;       // NULL without --watch
    arena_t *round;            // Of what runs
    bool changed;              // A file did, and what runs was asked to end
    unsigned interrupts;
    const char **left_out; // Jobs that this machine cannot run
    size_t left_out_count, left_out_capacity;
} local_run_t;

static bool is_remote (const local_run_t *self)
{
    return flag_on (self->cli->flags, "remote");
}

static bool is_quiet (const local_run_t *self)
{
    return flag_on (self->cli->flags, "quiet") || flag_on (self->cli->flags, "json");
}

// ---- the event ----

static const char *snapshot_base (const local_run_t *self)
{
    return arena_printf (self->cli->turn->arena, "%s/git", self->folder);
}

static fault_t take_snapshot (local_run_t *self, const run_event_t *event)
{
    turn_t *turn = self->cli->turn;
    answer_t answer;
    value_t *body = value_object (turn->arena);
    TRY (snapshot_take (turn, &self->tree, snapshot_base (self), run_event_ref (turn->arena, event),
                        &self->snapshot));
    if (self->kept)
        TRY (run_kept_update (turn, self->kept, &self->tree, &self->snapshot));
    if (self->watch)
        TRY (watch_files (self->watch, turn, &self->tree, &self->snapshot));
    // After the snapshot, which makes the repository that the project names
    if (self->registered || is_remote (self))
        return OK;
    self->registered = true;
    body_text (self->cli, body, "name", PROJECT);
    body_text (self->cli, body, "url", self->snapshot.folder);
    return client_ask (self->client, turn, "POST", "/projects", body_json (self->cli, body), &answer);
}

static void announce (const local_run_t *self, const value_t *run)
{
    arena_t *arena = self->cli->turn->arena;
    if (is_quiet (self))
        return;
    printf ("%s  %s on %s%s\n",
            paint (arena, self->cli->colour, BOLD, paint_safe (arena, value_get_text (run, "name"))),
            value_get_text (run, "event"), paint_safe (arena, value_get_text (run, "ref")),
            self->snapshot.changed ? ", with changes that are not committed" : "");
    fflush (stdout);
}

// A workflow that reacts to something else is not worth a line beside those that run; one that is not valid always is.
static bool report_skipped (const local_run_t *self, const value_t *skipped, bool all)
{
    const char *file = value_get_text (skipped, "workflow"), *reason = value_get_text (skipped, "reason");
    size_t size = strlen (file);
    bool wrong = strncmp (reason, file, size) == 0 && reason[size] == ':'; // FILE:LINE:COLUMN: ...
    const char *said = paint_safe (self->cli->turn->arena, reason);
    if (wrong)
        fprintf (stderr, "opencicd: %s%s\n", self->tree.prefix, said);
    else if (all)
        fprintf (stderr, "opencicd: %s%s does not run: %s\n", self->tree.prefix, file, said);
    return wrong || all;
}

static fault_t post_event (local_run_t *self, const run_event_t *event, const char *workflow)
{
    cli_t *cli = self->cli;
    answer_t answer;
    const value_t *const *items;
    TRY (client_ask (self->client, cli->turn, "POST", "/projects/" PROJECT "/events",
                     run_event_body (cli, event, &self->snapshot, workflow), &answer));
    size_t count = items_of (answer.json, "items", &items);
    for (size_t i = 0; i < count && self->run_count < FOLLOW_RUNS; i++) {
        self->runs[self->run_count++] = value_get_text (items[i], "id");
        announce (self, items[i]);
    }
    bool all = workflow || count == 0;
    count = items_of (answer.json, "skipped", &items);
    for (size_t i = 0; i < count; i++)
        self->missing += report_skipped (self, items[i], all);
    return OK;
}

// Those that are named, else all that react to a push: as trials they may all be run.
static fault_t begin_remote (local_run_t *self)
{
    cli_t *cli = self->cli;
    const char *trial;
    const args_t *from = cli->args.count ? &cli->args : &self->files;
    TRY (take_snapshot (self, &(run_event_t){.name = "workflow_dispatch", .payload = value_null ()}));
    TRY (run_remote_send (&self->remote, &self->tree, &self->snapshot, &trial));
    for (size_t i = 0; i < from->count && self->run_count < FOLLOW_RUNS; i++) {
        const value_t *run;
        const char *file = workflow_file_named (&self->files, from->items[i]);
        if (!cli->args.count && !workflow_file_takes (cli->turn, &self->tree, file, "push"))
            continue;
        TRY (run_remote_begin (&self->remote, trial, file, &run));
        self->runs[self->run_count++] = value_get_text (run, "id");
        announce (self, run);
    }
    return self->run_count ? OK
                           : turn_fail (cli->turn, NOT_FOUND, "no workflow here reacts to a push: name one");
}

static fault_t begin_runs (local_run_t *self)
{
    if (is_remote (self))
        return begin_remote (self);
    cli_t *cli = self->cli;
    run_event_t event;
    size_t count = cli->args.count;
    for (size_t i = 0; i < (count ? count : 1); i++) {
        const char *workflow = count ? workflow_file_named (&self->files, cli->args.items[i]) : NULL;
        TRY (run_event_read (cli, &self->tree, workflow, &event));
        // Anew for each: the event decides on which ref the commit is
        TRY (take_snapshot (self, &event));
        TRY (post_event (self, &event, workflow));
    }
    return OK;
}

// ---- while it runs ----

// A run that has ended meanwhile refuses it, and a server that is gone has nothing left to cancel: faults change nothing.
static void cancel_runs (local_run_t *self, bool hard)
{
    answer_t answer;
    for (size_t i = 0; i < self->run_count; i++)
        (void) !client_ask (self->client, self->cli->turn, "POST",
                            path_of (self->cli, "/runs/%s/cancel", self->runs[i]),
                            hard ? "{\"hard\":true}" : "{}", &answer);
    if (!is_remote (self))
        run_server_nudge (&self->server);
}

// The first asks the jobs to end, the second ends them, the third does not wait for that.
static bool on_signal (local_run_t *self)
{
    struct signalfd_siginfo taken;
    if (read (self->signals, &taken, sizeof taken) != sizeof taken)
        return true; // It was a file that woke us
    self->interrupts++;
    status_line_clear ();
    fflush (stdout);
    if (self->interrupts == 1)
        fprintf (stderr, "\nopencicd: cancelling; Ctrl-C again to skip the steps that still run\n");
    if (self->interrupts <= 2)
        cancel_runs (self, self->interrupts == 2);
    return self->interrupts <= 2;
}

// What was written and is as before changes nothing.
static bool has_changed (local_run_t *self)
{
    snapshot_t now;
    const char *name;
    if (!self->watch || !watch_take (self->watch, self->cli->turn->arena, &name) || self->changed)
        return false;
    fault_t fault =
        snapshot_take (self->cli->turn, &self->tree, snapshot_base (self), self->snapshot.ref, &now);
    if (fault != OK || strcmp (now.tree, self->snapshot.tree) == 0)
        return false;
    fflush (stdout);
    status_line_clear ();
    fprintf (stderr, "opencicd: %s has changed\n", paint_safe (self->cli->turn->arena, name));
    return true;
}

static bool on_wake (void *self_)
{
    local_run_t *self = self_;
    if (has_changed (self)) {
        self->changed = true;
        cancel_runs (self, false);
    }
    return on_signal (self);
}

static bool is_left_out (const local_run_t *self, const char *id)
{
    for (size_t i = 0; i < self->left_out_count; i++)
        if (strcmp (self->left_out[i], id) == 0)
            return true;
    return false;
}

static void leave_out (local_run_t *self, const value_t *job, const char *label)
{
    arena_t *arena = self->cli->turn->arena;
    answer_t answer;
    const char *id = arena_strdup (arena, value_get_text (job, "id"));
    fflush (stdout);
    fprintf (
        stderr,
        "opencicd: %s is left out: it needs a machine with the label %s (--label %s declares this one as such)\n",
        paint_safe (arena, value_get_text (job, "name")), paint_safe (arena, label),
        paint_safe (arena, label));
    self->left_out =
        arena_grow (arena, self->left_out, self->left_out_count, &self->left_out_capacity, sizeof (char *));
    self->left_out[self->left_out_count++] = id;
    // After it is remembered: the run may be seen again, with the job still queued, before the cancel counts
    (void) !client_ask (self->client, self->cli->turn, "POST", path_of (self->cli, "/jobs/%s/cancel", id),
                        "{}", &answer);
}

// A job that no agent here could ever take would wait for ever.
static void on_seen (void *self_, const value_t *run)
{
    local_run_t *self = self_;
    const value_t *const *jobs;
    size_t count = is_remote (self) ? 0 : items_of (run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++) {
        if (strcmp (value_get_text (jobs[i], "state"), "queued") != 0 ||
            is_left_out (self, value_get_text (jobs[i], "id")))
            continue;
        const char *label = run_labels_lack (self->cli, jobs[i]);
        if (label)
            leave_out (self, jobs[i], label);
    }
}

static int follow_runs (local_run_t *self)
{
    const user_paths_t paths = {.workspaces =
                                    arena_printf (self->cli->turn->arena, "%s/agents", self->folder),
                                .root = self->tree.root,
                                .prefix = self->tree.prefix};
    const flags_t *flags = self->cli->flags;
    follow_ask_t ask = {.runs = self->runs,
                        .run_count = self->run_count,
                        .show = flag_on (flags, "json")      ? FOLLOW_NOTHING
                                : flag_on (flags, "quiet")   ? FOLLOW_FAILED
                                : flag_on (flags, "verbose") ? FOLLOW_LOG
                                                             : FOLLOW_STEPS,
                        .paths = &paths,
                        .self = self,
                        .seen = on_seen,
                        .fd = self->wake,
                        .woken = on_wake};
    return follow (self->cli, self->client, &ask, self->last);
}

// ---- how it ended ----

// A run all of whose jobs were skipped fails nothing, as at GitHub; nor does a job that is left out, and what needs it.
static bool is_green (const local_run_t *self, const value_t *run)
{
    const value_t *const *jobs;
    size_t count = items_of (run, "jobs", &jobs);
    const char *ended = value_get_text (run, "result");
    if (!self->left_out_count)
        return strcmp (ended, "success") == 0 || strcmp (ended, "skipped") == 0;
    for (size_t i = 0; i < count; i++) {
        const char *result = value_get_text (jobs[i], "result");
        bool good = strcmp (result, "success") == 0 || strcmp (result, "skipped") == 0;
        if (!good && !bool_of (jobs[i], "continue_on_error") &&
            !is_left_out (self, value_get_text (jobs[i], "id")))
            return false;
    }
    return true;
}

// Also of a run that failed: a report of what did is often one.
static void get_artifacts (const local_run_t *self)
{
    cli_t *cli = self->cli;
    const char *folder = flag_text (cli->flags, "artifacts");
    for (size_t i = 0; folder && i < self->run_count; i++)
        if (run_artifacts_get (cli, self->client, self->runs[i], folder) != OK)
            (void) cli_fail (cli, BROKEN);
}

static int show_end (const local_run_t *self, int status)
{
    cli_t *cli = self->cli;
    get_artifacts (self);
    bool green = true;
    value_t *items = value_array (cli->turn->arena), *all = value_object (cli->turn->arena);
    for (size_t i = 0; i < self->run_count; i++) {
        if (!self->last[i])
            continue;
        green = green && is_green (self, self->last[i]);
        value_push (cli->turn->arena, items, self->last[i]);
        if (!flag_on (cli->flags, "json")) {
            show_run_brief (cli, self->last[i]);
            show_annotations (cli, self->client, self->runs[i]);
        }
    }
    value_set (cli->turn->arena, all, "items", items);
    if (flag_on (cli->flags, "json"))
        printf ("%s\n", value_to_json (cli->turn->arena, all, 0));
    if (self->interrupts)
        return CLI_INTERRUPTED;
    return status != CLI_OK && status != CLI_FAILED ? status : green && !self->missing ? CLI_OK : CLI_FAILED;
}

static int complain (const local_run_t *self, fault_t fault)
{
    return fault == BAD_INPUT ? cli_usage (self->cli, "%s", self->cli->turn->detail)
                              : cli_fail (self->cli, fault);
}

// In memory of its own, as there may be many.
static int run_round (local_run_t *self)
{
    arena_t *before = self->round;
    self->round = self->cli->turn->arena = arena_new ();
    self->run_count = self->missing = self->left_out_count = self->left_out_capacity = 0;
    self->changed = false;
    self->left_out = NULL;
    self->snapshot = (snapshot_t){.tree = ""};
    fault_t fault = begin_runs (self);
    int status = fault != OK       ? complain (self, fault)
                 : self->run_count ? show_end (self, follow_runs (self))
                                   : CLI_FAILED;
    arena_destroy (&before);
    return status;
}

// Until a file changes. False at a signal.
static bool wait_for_change (local_run_t *self)
{
    fflush (stdout);
    if (!is_quiet (self) && !self->changed)
        fprintf (stderr, "opencicd: waiting for a change; Ctrl-C ends this\n");
    while (!self->changed) {
        struct epoll_event event;
        fflush (stdout);
        if (epoll_wait (self->wake, &event, 1, -1) < 0)
            continue;
        struct signalfd_siginfo taken;
        if (read (self->signals, &taken, sizeof taken) == sizeof taken)
            return false;
        self->changed = has_changed (self);
    }
    return self->interrupts == 0;
}

static int run_all (local_run_t *self)
{
    bool resume = flag_text (self->cli->flags, "resume-from") != NULL;
    fault_t fault = is_remote (self) ? run_remote_open (&self->remote, self->cli, &self->tree)
                                     : run_kept_open (self->cli->turn, &self->tree, resume, &self->kept);
    if (fault == OK && !is_remote (self))
        fault = run_server_start (&self->server, self->cli, self->folder, self->kept, &self->tree);
    if (fault == OK && flag_on (self->cli->flags, "watch"))
        fault = watch_new (&self->watch, self->cli->turn, self->wake);
    if (fault != OK)
        return complain (self, fault);
    self->client = is_remote (self) ? self->remote.client : self->server.client;
    int status;
    do
        status = run_round (self);
    // Without a snapshot nothing could be compared with
    while (self->watch && *self->snapshot.tree && self->interrupts == 0 && wait_for_change (self));
    return status;
}

static int with_folder (local_run_t *self)
{
    arena_t *arena = self->cli->turn->arena;
    fault_t fault = run_folder_make (self->cli->turn, self->tree.root, &self->folder);
    if (fault != OK)
        return cli_fail (self->cli, fault);
    int status = run_all (self);
    // The last round's arena, in which the turn's detail lives, goes first
    self->cli->turn->arena = arena;
    self->cli->turn->detail = NULL;
    arena_destroy (&self->round);
    watch_destroy (&self->watch);
    // Its agents and databases are in the folder: stopped before that is removed
    run_server_stop (&self->server);
    run_remote_close (&self->remote);
    run_folder_remove (self->folder);
    return status;
}

static int check_names (const local_run_t *self)
{
    for (size_t i = 0; i < self->cli->args.count; i++)
        if (!workflow_file_named (&self->files, self->cli->args.items[i]))
            return cli_fail (self->cli, turn_fail (self->cli->turn, NOT_FOUND, "there is no workflow %s here",
                                                   self->cli->args.items[i]));
    return CLI_OK;
}

static void open_signals (local_run_t *self)
{
    sigset_t signals;
    struct epoll_event event = {.events = EPOLLIN};
    sigemptyset (&signals);
    sigaddset (&signals, SIGINT);
    sigaddset (&signals, SIGTERM);
    self->signals = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    self->wake = epoll_create1 (EPOLL_CLOEXEC);
    epoll_ctl (self->wake, EPOLL_CTL_ADD, self->signals, &event);
}

static int run (cli_t *cli)
{
    local_run_t self = {.cli = cli, .snapshot = {.tree = ""}};
    settings_t logging = *cli->settings;
    // Whoever runs a workflow does not want to read a server's log beside it
    if (!settings_given (cli->settings, log_level))
        logging.log_level = LEVEL_ERROR;
    program_begin (&logging, "run"); // Blocks the signals, before the server's threads are started
    open_signals (&self);
    fault_t fault = working_tree_find (cli->turn, &self.tree);
    if (fault == OK)
        fault = workflow_files (cli->turn, &self.tree, &self.files);
    self.tree.stop = self.signals;
    int status = fault != OK ? cli_fail (cli, fault) : check_names (&self);
    if (status == CLI_OK && flag_on (cli->flags, "list"))
        status = run_list_workflows (cli, &self.tree, &self.files);
    else if (status == CLI_OK && flag_on (cli->flags, "plan"))
        status = run_plan (cli, &self.tree, &self.files);
    else if (status == CLI_OK)
        status = with_folder (&self);
    close (self.wake);
    close (self.signals);
    return status;
}

static const flag_t flags[] = {
    {.name = "event",
     .kind = FLAG_TEXT,
     .letter = 'e',
     .metavar = "EVENT",
     .doc =
         "The event. Default: push; if WORKFLOW is given, the first of push, pull_request and workflow_dispatch that it reacts to."},
    {.name = "payload",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc = "The event's payload (github.event); - reads standard input."},
    {.name = "ref",
     .kind = FLAG_TEXT,
     .metavar = "REF",
     .doc = "Run as if this branch or tag (refs/tags/v1) were checked out. Default: the current branch."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be repeated."},
    {.name = "job",
     .kind = FLAG_LIST,
     .letter = 'j',
     .metavar = "JOB",
     .doc = "Only the job with this key, and what it needs; may be repeated."},
    {.name = "no-needs", .kind = FLAG_SWITCH, .doc = "With --job: without the jobs that it needs."},
    {.name = "matrix",
     .kind = FLAG_LIST,
     .metavar = "KEY:VALUE",
     .doc = "Only the matrix cells that have this value; may be repeated."},
    {.name = "secret",
     .kind = FLAG_LIST,
     .letter = 's',
     .metavar = "NAME[=VALUE]",
     .doc = "A secret, secrets.NAME; without VALUE, from the environment variable NAME; may be repeated."},
    {.name = "secret-file",
     .kind = FLAG_LIST,
     .metavar = "FILE",
     .doc = "A file of secrets, NAME=VALUE lines; may be repeated."},
    {.name = "var",
     .kind = FLAG_LIST,
     .metavar = "NAME[=VALUE]",
     .doc = "A variable, vars.NAME, likewise; may be repeated."},
    {.name = "var-file",
     .kind = FLAG_LIST,
     .metavar = "FILE",
     .doc = "A file of variables; may be repeated."},
    {.name = "artifacts",
     .kind = FLAG_TEXT,
     .metavar = "FOLDER",
     .doc = "Put the jobs' artifacts into this folder, each into a subfolder of its name."},
    {.name = "list", .kind = FLAG_SWITCH, .doc = "List the workflows and their jobs; run nothing."},
    {.name = "plan",
     .kind = FLAG_SWITCH,
     .doc = "Show what would run, as `opencicd plan` does; run nothing."},
    {.name = "resume-from",
     .kind = FLAG_TEXT,
     .metavar = "STEP",
     .doc =
         "Continue jobs that failed in the last run, in their workspaces, at this step (id, name or number), with the files as they are now."},
    {.name = "watch",
     .kind = FLAG_SWITCH,
     .letter = 'w',
     .doc = "When a file changes, cancel what is running and run again, until Ctrl-C."},
    {.name = "label",
     .kind = FLAG_LIST,
     .metavar = "LABEL",
     .doc =
         "Another label of `runs-on` that this machine serves, or LABEL=docker:IMAGE, whose jobs run in that image; "
         "may be repeated."},
    {.name = "agents",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "How many jobs may run at once. Default: 1."},
    {.name = "isolation",
     .kind = FLAG_TEXT,
     .metavar = "MODE",
     .choices = "off|auto|on",
     .doc =
         "Run jobs in a sandbox, apart from this machine: on, off, or auto, where it allows that. Default: off."},
    {.name = "remote",
     .kind = FLAG_SWITCH,
     .doc = "Send the files to the server and run them on its agents, as a trial of the project."},
    {.name = "project",
     .kind = FLAG_TEXT,
     .metavar = "PROJECT",
     .doc = "With --remote: the project. Default: the one that has this repository."},
    {.name = "verbose",
     .kind = FLAG_SWITCH,
     .letter = 'v',
     .doc = "Show the logs of all steps as they are written."},
    {.name = "quiet", .kind = FLAG_SWITCH, .letter = 'q', .doc = "Show only failures and the result."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Print only the finished runs, in JSON."},
    {.name = NULL}};

const command_t command_run = {
    .name = "run",
    .group = GROUP_FILES,
    .usage = "[OPTIONS] [WORKFLOW...]",
    .summary = "Run the workflows of this folder on this machine, without a server.",
    .help =
        "Takes the working tree as it is, uncommitted changes included, ignored files not. WORKFLOW is a file's path or name;\n"
        "without one, every workflow runs that reacts to the event.\n"
        "Ctrl-C cancels: steps with always() still run. Press it again to end those, too.\n",
    .examples = "opencicd run\n"
                "opencicd run ci.yml\n"
                "opencicd run --event pull_request --agents 4\n"
                "opencicd run release.yml -i version=1.2 --ref refs/tags/v1.2\n"
                "opencicd run ci.yml --remote\n",
    .programs = CLIENT,
    .flags = flags,
    .max_args = MANY,
    .run = run};
