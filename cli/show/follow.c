/* follow.c - see follow.h. Events only say that something changed; what changed is read from the run. */

#include "cli/show/follow.h"

#include "cli/server/streams.h"
#include "cli/show/show.h"
#include "cli/show/step_log.h"
#include "cli/terminal/format.h"
#include "cli/terminal/lines.h"
#include "cli/terminal/status_line.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define STEP_LATE_US \
    MILLISECONDS (700) // After the first byte of a step the row of the one before it is there
#define STEP_LOOK_US   MILLISECONDS (100)
#define STEP_BESIDE_US MILLISECONDS (500) // Between two looks while steps run at the same time

typedef struct following following_t;

typedef struct {
    following_t *all;
    char *id, *name;
    size_t index;
    int64_t attempt;  // The latest, 0 before the first
    int64_t streamed; // The attempt whose log is being read
    bool started, finished, green, reported;
    char *end; // How it ended, for the reader
    stream_t *stream;
    lines_t *lines;
    steps_t *steps; // NULL: the log is shown as it comes
    int64_t step;   // That the log is at
} watched_t;

typedef struct {
    const char *id;
    arena_t *latest; // Of
    const value_t *run;
    bool ended;
} followed_t;

struct following {
    cli_t *cli;
    client_t *client;
    const follow_ask_t *ask;
    streams_t *streams;
    stream_t *events;
    watched_t **jobs;
    size_t count, capacity, streaming, width;
    arena_t *memory;  // Of the jobs' list
    arena_t *scratch; // Of one event
    step_log_t source;
    step_logs_t logs; // Of steps that failed
    followed_t *runs;
    bool changed;
    int64_t began_us;
    int64_t changed_us; // A step may have ended: its row comes a moment later than its log; 0: none has
    bool beside;        // Steps of a job run at the same time
    int status;         // Why it cannot go on
};

// A job is followed for longer than the answer that named it is kept.
static char *keep_text (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        abort ();
    return copy;
}

// ---- logs ----

static void take_log (void *self_, const char *type, const char *data, size_t size)
{
    watched_t *self = self_;
    const value_t *event, *text;
    const char *error;
    // Only this ends a log: a connection that is lost is opened again where it stopped
    if (strcmp (type, "end") == 0) {
        lines_end (self->lines);
        stream_close (self->stream);
        self->stream = NULL;
        self->all->streaming--;
        return;
    }
    arena_reset (self->all->scratch);
    if (strcmp (type, "log") != 0 || value_from_json (self->all->scratch, data, size, &event, &error) != OK)
        return;
    text = value_get (event, "text");
    if (text && text->kind == VALUE_STRING && !self->steps)
        lines_add (self->lines, text->string.text, text->string.size);
    int64_t step = number_of (event, "step");
    if (step != self->step)
        self->all->changed_us = clock_monotonic_us ();
    self->step = step;
}

// A log that does not exist begins with its first byte; that of a job that has ended never will.
static bool log_refused (void *self_, fault_t fault, const char *detail)
{
    watched_t *self = self_;
    if (fault == NOT_FOUND && !self->finished)
        return true;
    if (fault != NOT_FOUND) {
        fflush (stdout);
        fprintf (stderr, "opencicd: log of %s: %s\n", paint_safe (self->all->scratch, self->name),
                 paint_safe (self->all->scratch, detail));
    }
    lines_end (self->lines);
    self->stream = NULL;
    self->all->streaming--;
    return false;
}

static void open_log (watched_t *self)
{
    following_t *all = self->all;
    const char *path = path_of (all->cli, "/jobs/%s/log/stream?attempt=", self->id);
    stream_listener_t listener = {.self = self, .event = take_log, .refused = log_refused};
    if (self->streamed)
        lines_report (self->lines, YELLOW,
                      arena_printf (all->scratch, "(attempt %" PRId64 ")", self->attempt));
    // Before it is open: an attempt is tried once, whatever becomes of it
    self->streamed = self->attempt;
    self->stream = streams_open (
        all->streams, arena_printf (all->cli->turn->arena, "%s%" PRId64, path, self->attempt), &listener);
    all->streaming++;
}

// Past the bound a job waits for the end of another's log; is_done waits for it, so none is left out.
static void open_logs (following_t *self)
{
    for (size_t i = 0; i < self->count && self->streaming < FOLLOW_LOGS; i++) {
        watched_t *job = self->jobs[i];
        if (self->ask->show == FOLLOW_NOTHING)
            job->streamed = job->attempt;
        if (!job->stream && job->started && job->attempt > job->streamed)
            open_log (job);
    }
}

// ---- jobs ----

static watched_t *watch (following_t *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->jobs[i]->id, id) == 0)
            return self->jobs[i];
    watched_t *job = calloc (1, sizeof (watched_t));
    if (!job)
        abort ();
    job->all = self;
    job->id = keep_text (id);
    job->name = keep_text ("");
    job->end = keep_text ("");
    job->index = self->count;
    job->lines = lines_new (stdout, self->cli->colour);
    lines_paths (job->lines, self->ask->paths);
    if (self->ask->show == FOLLOW_STEPS || self->ask->show == FOLLOW_FAILED)
        job->steps = steps_new (job->lines, self->cli->colour, self->ask->show == FOLLOW_FAILED, &self->logs);
    self->jobs = arena_grow (self->memory, self->jobs, self->count, &self->capacity, sizeof (watched_t *));
    self->jobs[self->count++] = job;
    return job;
}

static const char *end_of (const following_t *self, const value_t *job)
{
    const char *time = took (self->cli, job), *reason = value_get_text (job, "reason");
    return arena_printf (self->scratch, "%s%s%s%s%s", result_of (job), *time ? " in " : "", time,
                         *reason ? ": " : "", paint_safe (self->scratch, reason));
}

// Of several runs each job says of which workflow it is.
static const char *name_in (const following_t *self, const followed_t *run, const value_t *job)
{
    const char *name = value_get_text (job, "name"), *file = value_get_text (run->run, "name");
    return self->ask->run_count == 1 ? name : arena_printf (self->scratch, "%s: %s", file, name);
}

static void update_job (following_t *self, const followed_t *run, const value_t *from)
{
    watched_t *job = watch (self, value_get_text (from, "id"));
    const char *state = value_get_text (from, "state"), *name = name_in (self, run, from);
    size_t width = lines_width (name);
    free (job->name);
    job->name = keep_text (name);
    job->attempt = number_of (from, "attempt");
    job->finished = strcmp (state, "finished") == 0;
    job->started = job->finished || strcmp (state, "running") == 0 || strcmp (state, "cancelling") == 0;
    job->green = strcmp (value_get_text (from, "result"), "success") == 0;
    free (job->end);
    job->end = keep_text (job->finished ? end_of (self, from) : "");
    // A log that is not sealed soon after its job's end may never be: its agent is gone
    if (job->finished && job->stream)
        stream_hurry (job->stream, FOLLOW_LATE_US);
    if (width > self->width)
        self->width = width;
}

static void read_run (following_t *self, followed_t *run)
{
    answer_t answer;
    const value_t *const *jobs;
    turn_t turn = *self->cli->turn;
    arena_t *arena = arena_new (); // Of its own: a run may be read thousands of times
    turn.arena = arena;
    fault_t fault =
        client_ask (self->client, &turn, "GET", path_of (self->cli, "/runs/%s", run->id), NULL, &answer);
    if (fault != OK) {
        // If the server is away for a moment, the event stream reconnects and the run is read again.
        if (fault != UNAVAILABLE && fault != OVERLOADED && fault != TIMEOUT) {
            self->cli->turn->detail = arena_strdup (self->cli->turn->arena, turn.detail);
            self->status = cli_fail (self->cli, fault);
        }
        arena_destroy (&arena);
        return;
    }
    // Not before the new answer is there: what is shown meanwhile is of the old one
    arena_destroy (&run->latest);
    run->latest = arena;
    run->run = answer.json;
    run->ended = strcmp (value_get_text (run->run, "state"), "finished") == 0;
    arena_reset (self->scratch);
    size_t count = items_of (run->run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++)
        if (!self->ask->job || strcmp (self->ask->job, value_get_text (jobs[i], "id")) == 0)
            update_job (self, run, jobs[i]);
    if (self->ask->seen)
        self->ask->seen (self->ask->self, run->run);
}

static void refresh (following_t *self)
{
    static const paint_t kinds[] = {CYAN, MAGENTA, YELLOW, BLUE, GREEN};
    for (size_t i = 0; i < self->ask->run_count; i++)
        if (!self->runs[i].ended || !self->runs[i].run)
            read_run (self, &self->runs[i]);
    // Only when all are known is the widest name
    for (size_t i = 0; i < self->count && self->count > 1; i++)
        lines_name (self->jobs[i]->lines, self->jobs[i]->name, self->width,
                    kinds[i % (sizeof kinds / sizeof kinds[0])]);
}

// ---- steps ----

static void read_steps (following_t *self, watched_t *job)
{
    answer_t answer;
    turn_t turn = *self->cli->turn;
    turn.arena = arena_new ();
    if (client_ask (self->client, &turn, "GET", path_of (self->cli, "/jobs/%s", job->id), NULL, &answer) ==
        OK)
        steps_update (job->steps, answer.json);
    arena_destroy (&turn.arena);
}

// All of a job that is over are shown before its end is.
static void show_steps (following_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->jobs[i]->steps && self->jobs[i]->streamed && !self->jobs[i]->reported)
            read_steps (self, self->jobs[i]);
    bool late = clock_monotonic_us () - self->changed_us > STEP_LATE_US;
    self->changed_us = late ? 0 : self->changed_us;
    self->beside = false;
    for (size_t i = 0; i < self->count; i++)
        self->beside = self->beside || (self->jobs[i]->steps && !self->jobs[i]->reported &&
                                        steps_run_beside (self->jobs[i]->steps));
    streams_settle_every (self->streams, !late ? STEP_LOOK_US : self->beside ? STEP_BESIDE_US : 0);
}

// ---- events ----

static void take_event (void *self, const char *type, const char *data, size_t size)
{
    (void) type, (void) data, (void) size;
    ((following_t *) self)->changed = true;
}

static void events_opened (void *self)
{
    // Also when they are opened again: the run may have changed before, or while the connection was lost
    ((following_t *) self)->changed = true;
}

static bool events_refused (void *self_, fault_t fault, const char *detail)
{
    following_t *self = self_;
    self->events = NULL;
    self->cli->turn->detail = arena_strdup (self->cli->turn->arena, detail);
    self->status = cli_fail (self->cli, fault);
    return false;
}

// ---- the whole ----

static bool is_done (const watched_t *job)
{
    bool read = job->steps || !job->stream; // Of the steps only those that failed are read, when they have
    return job->finished && read && (!job->started || job->attempt <= job->streamed);
}

static void report_ends (following_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        watched_t *job = self->jobs[i];
        bool shown = self->count > 1 || self->ask->job;
        if (self->ask->show == FOLLOW_NOTHING || (self->ask->show == FOLLOW_FAILED && job->green))
            shown = false;
        if (is_done (job) && !job->reported && shown)
            lines_report (job->lines, job->green ? GREEN : YELLOW, job->end);
        // Not only set: a job that is run again has another end
        job->reported = is_done (job);
    }
}

static bool all_done (const following_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (!is_done (self->jobs[i]))
            return false;
    bool ended = true;
    for (size_t i = 0; i < self->ask->run_count; i++)
        ended = ended && self->runs[i].ended;
    return self->ask->job ? self->count > 0 : ended;
}

// What is under way, for a terminal: each job with its step.
static void draw_status (following_t *self)
{
    const char *text = "";
    if (self->ask->show != FOLLOW_STEPS || !status_line_possible ())
        return;
    arena_reset (self->scratch);
    for (size_t i = 0; i < self->count; i++) {
        const watched_t *job = self->jobs[i];
        const char *step = job->steps ? steps_running (job->steps) : "";
        if (job->started && !job->finished)
            text = arena_printf (self->scratch, "%s%s%s%s%s", text, *text ? "   " : "", job->name,
                                 *step ? ": " : "", step);
    }
    const char *time = duration_text (self->scratch, clock_monotonic_us () - self->began_us);
    status_line_draw (arena_printf (self->scratch, "... %s   %s", time, paint_safe (self->scratch, text)));
    if (!self->changed_us)
        streams_settle_every (self->streams, STATUS_LINE_US);
}

// They are freed once they have ended, and this is called again until then.
static void close_streams (following_t *self)
{
    if (self->events)
        stream_close (self->events);
    self->events = NULL;
    for (size_t i = 0; i < self->count; i++) {
        if (self->jobs[i]->stream)
            stream_close (self->jobs[i]->stream);
        self->jobs[i]->stream = NULL;
    }
}

// After each piece of work, so that a burst of events costs one look at the run.
static void settle (void *self_)
{
    following_t *self = self_;
    status_line_clear ();
    bool changed = self->changed;
    self->changed = false;
    if (changed)
        refresh (self);
    open_logs (self);
    if (changed || self->changed_us || self->beside)
        show_steps (self);
    report_ends (self);
    fflush (stdout);
    if (!all_done (self) && self->status == CLI_OK) {
        draw_status (self);
        return;
    }
    close_streams (self);
}

static int judge (const following_t *self)
{
    bool green = true;
    for (size_t i = 0; i < self->ask->run_count; i++)
        green = green && self->runs[i].run &&
                strcmp (value_get_text (self->runs[i].run, "result"), "success") == 0;
    if (self->status != CLI_OK)
        return self->status;
    if (self->ask->job)
        green = self->count > 0 && self->jobs[0]->green;
    return green ? CLI_OK : CLI_FAILED;
}

static int interrupted (const following_t *self)
{
    fflush (stdout);
    if (self->ask->woken)
        return CLI_INTERRUPTED;
    const char *run = self->ask->runs[0];
    fprintf (stderr, "\nopencicd: no longer following; run %s continues (opencicd cancel %s stops it)\n", run,
             run);
    return CLI_INTERRUPTED;
}

// Until all is done, or whoever asked does not want to go on.
static bool run_streams (following_t *self, int fd)
{
    bool woken = false;
    do {
        fault_t fault = streams_run (self->streams, self->cli->turn, fd, &woken);
        if (fault != OK)
            self->status = cli_fail (self->cli, fault);
    } while (woken && self->ask->woken && self->ask->woken (self->ask->self));
    return woken;
}

static int watch_interruptibly (following_t *self)
{
    sigset_t signals, before;
    sigemptyset (&signals);
    sigaddset (&signals, SIGINT);
    sigaddset (&signals, SIGTERM);
    // Blocked first: a signal before the descriptor exists is then pending, not lost
    sigprocmask (SIG_BLOCK, &signals, &before);
    int fd = signalfd (-1, &signals, SFD_CLOEXEC);
    int status = run_streams (self, fd) ? interrupted (self) : judge (self);
    struct signalfd_siginfo taken;
    // Taken before signals are unblocked: a pending one would end us without our exit status
    if (status == CLI_INTERRUPTED && read (fd, &taken, sizeof taken) < 0)
        status = CLI_INTERRUPTED;
    sigprocmask (SIG_SETMASK, &before, NULL);
    if (fd >= 0)
        close (fd);
    return status;
}

static int watch_all (following_t *self)
{
    const follow_ask_t *ask = self->ask;
    stream_listener_t listener = {
        .self = self, .event = take_event, .opened = events_opened, .refused = events_refused};
    const char *path = ask->run_count == 1 ? path_of (self->cli, "/events?run=%s", ask->runs[0]) : "/events";
    self->events = streams_open (self->streams, path, &listener);
    if (!ask->woken)
        return watch_interruptibly (self);
    return run_streams (self, ask->fd) ? interrupted (self) : judge (self);
}

// Streams first: until then their listeners point to the jobs.
static void forget (following_t *self)
{
    streams_destroy (&self->streams);
    for (size_t i = 0; i < self->count; i++) {
        watched_t *job = self->jobs[i];
        steps_destroy (&job->steps);
        lines_destroy (&job->lines);
        free (job->id);
        free (job->name);
        free (job->end);
        free (job);
    }
    for (size_t i = 0; i < self->ask->run_count; i++)
        arena_destroy (&self->runs[i].latest);
    arena_destroy (&self->memory);
    arena_destroy (&self->scratch);
}

// The run's own arena ends with `follow`: a copy, by way of its JSON.
static const value_t *keep_run (cli_t *cli, const value_t *run)
{
    const value_t *kept = NULL;
    const char *error, *text = run ? value_to_json (cli->turn->arena, run, 0) : "null";
    if (run)
        (void) !value_from_json (cli->turn->arena, text, strlen (text), &kept, &error);
    return kept;
}

int follow (cli_t *cli, client_t *client, const follow_ask_t *ask, const value_t **out)
{
    following_t self = {.cli = cli, .client = client, .ask = ask};
    self.source = (step_log_t){cli, client};
    self.logs = step_log_source (&self.source);
    self.began_us = clock_monotonic_us ();
    self.memory = arena_new ();
    self.scratch = arena_new ();
    self.runs = arena_array (self.memory, ask->run_count, sizeof *self.runs);
    for (size_t i = 0; i < ask->run_count; i++)
        self.runs[i].id = ask->runs[i];
    self.streams = streams_new (client, settle, &self);
    int status = watch_all (&self);
    status_line_clear ();
    for (size_t i = 0; i < ask->run_count; i++)
        out[i] = keep_run (cli, self.runs[i].run);
    forget (&self);
    return status;
}
