/* run.c - `opencicd run`: workflows of the files that lie here, by the embedded server and its agents in a folder that is gone afterwards.
 *
 * What is known to run on the server runs here by the same code: the working tree becomes a commit in a repository of ours (working_tree.h), which
 * is the server's only project, and an event of it is reported. What is shown comes from the server's API, as for any other client. */

#include "cli/annotations.h"
#include "cli/embedded.h"
#include "cli/follow.h"
#include "cli/run_artifacts.h"
#include "cli/run_event.h"
#include "cli/run_folder.h"
#include "cli/run_plan.h"
#include "cli/run_values.h"
#include "cli/show.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/folder.h"
#include "common/os/program.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PROJECT "here"
// Those of GitHub that this machine may stand for, in addition to what every agent has.
#define LABELS           "self-hosted,ubuntu-latest,ubuntu-24.04,ubuntu-22.04,ubuntu-20.04,ubuntu-slim"
#define SHUTDOWN_SECONDS 5 // For what is left of a job that did not end when it was told to

typedef struct {
    cli_t *cli;
    working_tree_t tree;
    args_t files;
    const char *folder, *labels;
    run_values_t values;
    settings_t settings; // The server's, and of its client
    embedded_t *server;
    client_t *client;
    snapshot_t snapshot;
    const char *runs[FOLLOW_RUNS];
    const value_t *last[FOLLOW_RUNS];
    size_t run_count, missing; // Workflows that were named and do not run
    int signals;
    unsigned interrupts;
    const char **left_out; // Jobs that this machine cannot run
    size_t left_out_count, left_out_capacity;
} local_run_t;

static bool is_quiet (const local_run_t *self)
{
    return flag_on (self->cli->flags, "quiet") || flag_on (self->cli->flags, "json");
}

// ---- the server ----

// The client's settings, and for the rest none that the user has for a server of their own.
static void set_up (local_run_t *self)
{
    arena_t *arena = self->cli->turn->arena;
    self->settings = *self->cli->settings;
    settings_t *settings = &self->settings;
    settings->data_dir = self->folder;
    settings->given |= 1ULL << SETTING_data_dir;
    settings->given &= ~(1ULL << SETTING_url | 1ULL << SETTING_token | 1ULL << SETTING_token_file);
    settings->token = settings->token_file = settings->public_url = settings->database_url = "";
    settings->listen = "127.0.0.1:0";
    settings->blob_url = arena_printf (arena, "dir:%s/blobs", self->folder);
    settings->secret_key_file = arena_printf (arena, "%s/secret.key", self->folder);
    settings->http_threads = 8;
    settings->agents = (uint32_t) flag_number (self->cli->flags, "agents", 1);
    settings->shutdown_seconds = SHUTDOWN_SECONDS;
    settings->variables_file = self->values.variables;
    if (!settings_given (settings, log_level))
        settings->log_level = LEVEL_ERROR;
}

// Without what configures an agent of the user's own.
static const char *const *agent_environment (arena_t *arena)
{
    static const char *const kept[] = {"OPENCICD_ACTION_", "OPENCICD_NODE_FOLDERS"};
    size_t count = 0, used = 0;
    while (environ[count])
        count++;
    const char **list = arena_array (arena, count + 1, sizeof (char *));
    for (size_t i = 0; i < count; i++) {
        bool ours = strncmp (environ[i], "OPENCICD_", 9) == 0;
        for (size_t j = 0; j < sizeof kept / sizeof kept[0]; j++)
            ours = ours && strncmp (environ[i], kept[j], strlen (kept[j])) != 0;
        if (!ours)
            list[used++] = environ[i];
    }
    return list;
}

// What a job installs or fetches for the next time is kept beside the runs: actions for all, tools for each agent.
static fault_t keep_tools (local_run_t *self)
{
    turn_t *turn = self->cli->turn;
    for (uint32_t i = 1; i <= self->settings.agents; i++) {
        const char *tools = arena_printf (turn->arena, "%s/tools/%u", run_cache (turn->arena), i);
        const char *agent = arena_printf (turn->arena, "%s/agents/%u", self->folder, i);
        TRY (folder_make (turn, tools));
        TRY (folder_make (turn, agent));
        if (symlink (tools, arena_printf (turn->arena, "%s/tools", agent)) != 0)
            return turn_fail (turn, BROKEN, "%s/tools: %m", agent);
    }
    return OK;
}

// Runs are by whoever runs them, not by an administrator.
static fault_t sign_on (local_run_t *self)
{
    turn_t *turn = self->cli->turn;
    answer_t answer;
    value_t *body = value_object (turn->arena);
    const char *user = getenv ("USER");
    TRY (client_new (&self->client, turn, &self->settings));
    if (!user || !*user)
        return OK;
    body_text (self->cli, body, "name", arena_printf (turn->arena, "%.64s", user));
    body_text (self->cli, body, "role", "ADMIN");
    TRY (client_ask (self->client, turn, "POST", "/tokens", body_json (self->cli, body), &answer));
    self->settings.token = value_get_text (answer.json, "token");
    self->settings.given |= 1ULL << SETTING_token;
    client_destroy (&self->client);
    return client_new (&self->client, turn, &self->settings);
}

static fault_t start_server (local_run_t *self)
{
    turn_t *turn = self->cli->turn;
    args_t more = flag_list (self->cli->flags, "label");
    self->labels = LABELS;
    for (size_t i = 0; i < more.count; i++)
        self->labels = arena_printf (turn->arena, "%s,%s", self->labels, more.items[i]);
    const char **args = arena_array (turn->arena, LOCAL_AGENTS_ARGS + 1, sizeof (char *));
    const char *const given[] = {"--log-level",
                                 settings_given (&self->settings, log_level) ? "warn" : "error",
                                 "--parked", // It ends at once, and needs no port
                                 "--shutdown-seconds",
                                 "1",
                                 "--lost-server-seconds",
                                 "10",
                                 "--action-cache",
                                 arena_printf (turn->arena, "%s/actions", run_cache (turn->arena)),
                                 *self->values.secrets ? "--secrets-file" : NULL,
                                 self->values.secrets};
    memcpy (args, given, sizeof given);
    const local_agents_spec_t agents = {
        .labels = self->labels, .args = args, .environment = agent_environment (turn->arena)};
    TRY (keep_tools (self));
    TRY (embedded_start (&self->server, turn, &self->settings, &agents));
    return sign_on (self);
}

// ---- the event ----

static fault_t take_snapshot (local_run_t *self, const run_event_t *event)
{
    turn_t *turn = self->cli->turn;
    answer_t answer;
    value_t *body = value_object (turn->arena);
    TRY (snapshot_take (turn, &self->tree, arena_printf (turn->arena, "%s/git", self->folder),
                        run_event_ref (turn->arena, event), &self->snapshot));
    if (self->run_count) // Once more of the same
        return OK;
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
    bool tell = workflow || count == 0;
    count = items_of (answer.json, "skipped", &items);
    for (size_t i = 0; i < count && tell; i++)
        fprintf (stderr, "opencicd: %s%s does not run: %s\n", self->tree.prefix,
                 value_get_text (items[i], "workflow"),
                 paint_safe (cli->turn->arena, value_get_text (items[i], "reason")));
    self->missing += tell ? count : 0;
    return OK;
}

static fault_t begin_runs (local_run_t *self)
{
    cli_t *cli = self->cli;
    run_event_t event;
    size_t count = cli->args.count;
    for (size_t i = 0; i < (count ? count : 1); i++) {
        const char *workflow = count ? workflow_file_named (&self->files, cli->args.items[i]) : NULL;
        TRY (run_event_read (cli, &self->tree, workflow, &event));
        TRY (take_snapshot (self, &event));
        TRY (post_event (self, &event, workflow));
    }
    return OK;
}

// ---- while it runs ----

static void cancel_runs (const local_run_t *self, bool hard)
{
    answer_t answer;
    for (size_t i = 0; i < self->run_count; i++)
        (void) !client_ask (self->client, self->cli->turn, "POST",
                            path_of (self->cli, "/runs/%s/cancel", self->runs[i]),
                            hard ? "{\"hard\":true}" : "{}", &answer);
}

// The first asks the jobs to end, the second ends them, the third does not wait for that.
static bool on_signal (void *self_)
{
    local_run_t *self = self_;
    struct signalfd_siginfo taken;
    if (read (self->signals, &taken, sizeof taken) != sizeof taken)
        return true;
    self->interrupts++;
    fflush (stdout);
    if (self->interrupts == 1)
        fprintf (stderr, "\nopencicd: cancelling (again: without the steps that still want to run)\n");
    if (self->interrupts <= 2)
        cancel_runs (self, self->interrupts == 2);
    return self->interrupts <= 2;
}

static bool has_label (const local_run_t *self, const char *label)
{
    static const char *const machine_names[][2] = {{"x86_64", "x64"}, {"aarch64", "arm64"}};
    struct utsname machine;
    size_t size = strlen (label);
    uname (&machine);
    if (strcmp (label, "linux") == 0 || strcmp (label, machine.machine) == 0)
        return true;
    for (size_t i = 0; i < 2; i++)
        if (strcmp (machine.machine, machine_names[i][0]) == 0 && strcmp (label, machine_names[i][1]) == 0)
            return true;
    for (const char *at = self->labels; *at; at += strspn (at, ",")) {
        size_t length = strcspn (at, ",");
        if (length == size && strncmp (at, label, size) == 0)
            return true;
        at += length;
    }
    return false;
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
        "opencicd: %s is left out: it wants a machine with the label %s (--label %s says that this is one)\n",
        paint_safe (arena, value_get_text (job, "name")), paint_safe (arena, label),
        paint_safe (arena, label));
    self->left_out =
        arena_grow (arena, self->left_out, self->left_out_count, &self->left_out_capacity, sizeof (char *));
    self->left_out[self->left_out_count++] = id;
    (void) !client_ask (self->client, self->cli->turn, "POST", path_of (self->cli, "/jobs/%s/cancel", id),
                        "{}", &answer);
}

// A job that no agent here could ever take would wait for ever.
static void on_seen (void *self_, const value_t *run)
{
    local_run_t *self = self_;
    const value_t *const *jobs, *const *labels;
    size_t count = items_of (run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++) {
        if (strcmp (value_get_text (jobs[i], "state"), "queued") != 0 ||
            is_left_out (self, value_get_text (jobs[i], "id")))
            continue;
        size_t wanted = items_of (jobs[i], "labels", &labels);
        for (size_t j = 0; j < wanted; j++)
            if (!has_label (self, value_to_text (self->cli->turn->arena, labels[j]))) {
                leave_out (self, jobs[i], value_to_text (self->cli->turn->arena, labels[j]));
                break;
            }
    }
}

static int follow_runs (local_run_t *self)
{
    const flags_t *flags = self->cli->flags;
    follow_ask_t ask = {.runs = self->runs,
                        .run_count = self->run_count,
                        .show = flag_on (flags, "json")      ? FOLLOW_NOTHING
                                : flag_on (flags, "quiet")   ? FOLLOW_FAILED
                                : flag_on (flags, "verbose") ? FOLLOW_LOG
                                                             : FOLLOW_STEPS,
                        .self = self,
                        .seen = on_seen,
                        .fd = self->signals,
                        .woken = on_signal};
    return follow (self->cli, self->client, &ask, self->last);
}

// ---- how it ended ----

// A job that is left out, and what needs it, fails nothing.
static bool is_green (const local_run_t *self, const value_t *run)
{
    const value_t *const *jobs;
    size_t count = items_of (run, "jobs", &jobs);
    if (!self->left_out_count)
        return strcmp (value_get_text (run, "result"), "success") == 0;
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

static int run_all (local_run_t *self)
{
    fault_t fault = start_server (self);
    if (fault == OK)
        fault = begin_runs (self);
    if (fault != OK)
        return complain (self, fault);
    if (self->run_count == 0)
        return CLI_FAILED;
    return show_end (self, follow_runs (self));
}

static int with_folder (local_run_t *self)
{
    fault_t fault = run_folder_make (self->cli->turn, &self->folder);
    if (fault != OK)
        return cli_fail (self->cli, fault);
    fault = run_values_write (self->cli, self->folder, &self->values);
    set_up (self);
    int status = fault == OK ? run_all (self) : complain (self, fault);
    client_destroy (&self->client);
    embedded_stop (&self->server);
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

static int run (cli_t *cli)
{
    local_run_t self = {.cli = cli, .signals = -1};
    sigset_t signals;
    settings_t logging = *cli->settings;
    if (!settings_given (cli->settings, log_level))
        logging.log_level = LEVEL_ERROR;
    program_begin (&logging, "run");
    sigemptyset (&signals);
    sigaddset (&signals, SIGINT);
    sigaddset (&signals, SIGTERM);
    self.signals = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
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
    close (self.signals);
    return status;
}

static const flag_t flags[] = {
    {.name = "event",
     .kind = FLAG_TEXT,
     .letter = 'e',
     .metavar = "EVENT",
     .doc =
         "Default: push; of a workflow that is named: push, pull_request or workflow_dispatch, what it reacts to."},
    {.name = "payload",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc = "The event's payload (github.event); - reads standard input."},
    {.name = "ref",
     .kind = FLAG_TEXT,
     .metavar = "REF",
     .doc = "Run as if this branch or tag (refs/tags/v1) were here. Default: the branch."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be repeated."},
    {.name = "job",
     .kind = FLAG_LIST,
     .letter = 'j',
     .metavar = "JOB",
     .doc = "Only this job, by its key, and what it needs; may be repeated."},
    {.name = "no-needs", .kind = FLAG_SWITCH, .doc = "With --job: not what it needs."},
    {.name = "matrix",
     .kind = FLAG_LIST,
     .metavar = "KEY:VALUE",
     .doc = "Only cells of matrices of which this holds; may be repeated."},
    {.name = "secret",
     .kind = FLAG_LIST,
     .letter = 's',
     .metavar = "NAME[=VALUE]",
     .doc = "secrets.NAME; without a value it is taken from the environment; may be repeated."},
    {.name = "secret-file",
     .kind = FLAG_LIST,
     .metavar = "FILE",
     .doc = "Secrets as NAME=VALUE lines; may be repeated."},
    {.name = "var",
     .kind = FLAG_LIST,
     .metavar = "NAME[=VALUE]",
     .doc = "vars.NAME, likewise; may be repeated."},
    {.name = "var-file",
     .kind = FLAG_LIST,
     .metavar = "FILE",
     .doc = "Variables, likewise; may be repeated."},
    {.name = "artifacts",
     .kind = FLAG_TEXT,
     .metavar = "FOLDER",
     .doc = "Put what the jobs publish there, each artifact in a folder of its name."},
    {.name = "list", .kind = FLAG_SWITCH, .doc = "List the workflows and their jobs; run nothing."},
    {.name = "plan",
     .kind = FLAG_SWITCH,
     .doc = "Show what would run, as `opencicd plan` does; run nothing."},
    {.name = "label",
     .kind = FLAG_LIST,
     .metavar = "LABEL",
     .doc = "A label of `runs-on` that this machine stands for, too; may be repeated."},
    {.name = "agents", .kind = FLAG_NUMBER, .metavar = "N", .doc = "How many jobs run at once. Default: 1."},
    {.name = "verbose",
     .kind = FLAG_SWITCH,
     .letter = 'v',
     .doc = "Show the logs of all steps, as they come."},
    {.name = "quiet", .kind = FLAG_SWITCH, .letter = 'q', .doc = "Show what fails, and the end."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Show nothing but the runs at their end, in JSON."},
    {.name = NULL}};

const command_t command_run = {
    .name = "run",
    .group = GROUP_FILES,
    .usage = "[OPTIONS] [WORKFLOW...]",
    .summary = "Run workflows of the files that lie here.",
    .help =
        "Takes the working tree as it is, with what is not committed, except for ignored files. WORKFLOW is a file's path or name;\n"
        "without one, all run that react to the event.\n"
        "Ctrl-C cancels: steps with always() still run; once more, and they do not.\n",
    .examples = "opencicd run\n"
                "opencicd run ci.yml\n"
                "opencicd run --event pull_request --agents 4\n"
                "opencicd run release.yml -i version=1.2 --ref refs/tags/v1.2\n",
    .programs = CLIENT,
    .flags = flags,
    .max_args = MANY,
    .run = run};
