/* follow.c - see follow.h. Events only say that something changed; what changed is read from the run. */

#include "cli/follow.h"

#include "cli/lines.h"
#include "cli/show.h"
#include "cli/streams.h"
#include "workflow/expression/text.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

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
} watched_t;

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
    arena_t *latest;  // Of `run`
    const value_t *run;
    bool changed, ended;
    int status; // Why it cannot go on
};

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
    if (text && text->kind == VALUE_STRING)
        lines_add (self->lines, text->string.text, text->string.size);
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
    listener_t listener = {.self = self, .event = take_log, .refused = log_refused};
    if (self->streamed)
        lines_report (self->lines, YELLOW,
                      arena_printf (all->scratch, "(attempt %" PRId64 ")", self->attempt));
    self->streamed = self->attempt;
    self->stream = streams_open (
        all->streams, arena_printf (all->cli->turn->arena, "%s%" PRId64, path, self->attempt), &listener);
    all->streaming++;
}

static void open_logs (following_t *self)
{
    for (size_t i = 0; i < self->count && self->streaming < FOLLOW_LOGS; i++) {
        watched_t *job = self->jobs[i];
        if (self->ask->quiet)
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

static void update_job (following_t *self, const value_t *from)
{
    watched_t *job = watch (self, value_get_text (from, "id"));
    const char *state = value_get_text (from, "state"), *name = value_get_text (from, "name");
    size_t width = text_length (name, strlen (name));
    free (job->name);
    job->name = keep_text (name);
    job->attempt = number_of (from, "attempt");
    job->finished = strcmp (state, "finished") == 0;
    job->started = job->finished || strcmp (state, "running") == 0 || strcmp (state, "cancelling") == 0;
    job->green = strcmp (value_get_text (from, "result"), "success") == 0;
    free (job->end);
    job->end = keep_text (job->finished ? end_of (self, from) : "");
    if (job->finished && job->stream)
        stream_hurry (job->stream, FOLLOW_LATE_US);
    if (width > self->width)
        self->width = width < FOLLOW_NAME ? width : FOLLOW_NAME;
}

static void update_names (following_t *self)
{
    static const paint_t kinds[] = {CYAN, MAGENTA, YELLOW, BLUE, GREEN};
    for (size_t i = 0; i < self->count && self->count > 1; i++)
        lines_name (self->jobs[i]->lines, self->jobs[i]->name, self->width,
                    kinds[i % (sizeof kinds / sizeof kinds[0])]);
}

static void refresh (following_t *self)
{
    answer_t answer;
    const value_t *const *jobs;
    turn_t turn = *self->cli->turn;
    arena_t *arena = arena_new ();
    turn.arena = arena;
    fault_t fault = client_ask (self->client, &turn, "GET", path_of (self->cli, "/runs/%s", self->ask->run),
                                NULL, &answer);
    if (fault != OK) {
        // If the server is away for a moment, the event stream reconnects and the run is read again.
        if (fault != UNAVAILABLE && fault != OVERLOADED && fault != TIMEOUT) {
            self->cli->turn->detail = arena_strdup (self->cli->turn->arena, turn.detail);
            self->status = cli_fail (self->cli, fault);
        }
        arena_destroy (&arena);
        return;
    }
    arena_destroy (&self->latest);
    self->latest = arena;
    self->run = answer.json;
    self->ended = strcmp (value_get_text (self->run, "state"), "finished") == 0;
    arena_reset (self->scratch);
    size_t count = items_of (self->run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++)
        if (!self->ask->job || strcmp (self->ask->job, value_get_text (jobs[i], "id")) == 0)
            update_job (self, jobs[i]);
    update_names (self);
}

// ---- events ----

static void take_event (void *self, const char *type, const char *data, size_t size)
{
    (void) type, (void) data, (void) size;
    ((following_t *) self)->changed = true;
}

static void events_opened (void *self)
{
    ((following_t *) self)->changed = true; // What was before them
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
    return job->finished && !job->stream && (!job->started || job->attempt <= job->streamed);
}

static void report_ends (following_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        watched_t *job = self->jobs[i];
        if (is_done (job) && !job->reported && !self->ask->quiet && (self->count > 1 || self->ask->job))
            lines_report (job->lines, job->green ? GREEN : YELLOW, job->end);
        job->reported = is_done (job);
    }
}

static bool all_done (const following_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (!is_done (self->jobs[i]))
            return false;
    return self->ask->job ? self->count > 0 : self->ended;
}

static void settle (void *self_)
{
    following_t *self = self_;
    if (self->changed) {
        self->changed = false;
        refresh (self);
    }
    open_logs (self);
    report_ends (self);
    fflush (stdout);
    if (!all_done (self) && self->status == CLI_OK)
        return;
    if (self->events)
        stream_close (self->events);
    for (size_t i = 0; i < self->count; i++)
        if (self->jobs[i]->stream)
            stream_close (self->jobs[i]->stream);
}

static int judge (const following_t *self)
{
    bool green = self->run && strcmp (value_get_text (self->run, "result"), "success") == 0;
    if (self->status != CLI_OK)
        return self->status;
    if (self->ask->job)
        green = self->count > 0 && self->jobs[0]->green;
    return green ? CLI_OK : CLI_FAILED;
}

static int interrupted (const following_t *self)
{
    fflush (stdout);
    fprintf (stderr, "\nopencicd: no longer following; run %s goes on (opencicd cancel %s stops it)\n",
             self->ask->run, self->ask->run);
    return CLI_INTERRUPTED;
}

static int watch_all (following_t *self)
{
    sigset_t signals, before;
    bool woken = false;
    listener_t listener = {
        .self = self, .event = take_event, .opened = events_opened, .refused = events_refused};
    sigemptyset (&signals);
    sigaddset (&signals, SIGINT);
    sigaddset (&signals, SIGTERM);
    sigprocmask (SIG_BLOCK, &signals, &before);
    int fd = signalfd (-1, &signals, SFD_CLOEXEC);
    self->events =
        streams_open (self->streams, path_of (self->cli, "/events?run=%s", self->ask->run), &listener);
    fault_t fault = streams_run (self->streams, self->cli->turn, fd, &woken);
    if (fault != OK)
        self->status = cli_fail (self->cli, fault);
    int status = woken ? interrupted (self) : judge (self);
    struct signalfd_siginfo taken;
    if (woken && read (fd, &taken, sizeof taken) < 0)
        status = CLI_INTERRUPTED;
    sigprocmask (SIG_SETMASK, &before, NULL);
    if (fd >= 0)
        close (fd);
    return status;
}

static void forget (following_t *self)
{
    streams_destroy (&self->streams);
    for (size_t i = 0; i < self->count; i++) {
        watched_t *job = self->jobs[i];
        lines_destroy (&job->lines);
        free (job->id);
        free (job->name);
        free (job->end);
        free (job);
    }
    arena_destroy (&self->memory);
    arena_destroy (&self->scratch);
    arena_destroy (&self->latest);
}

int follow (cli_t *cli, client_t *client, const follow_ask_t *ask, const value_t **out)
{
    following_t self = {.cli = cli, .client = client, .ask = ask};
    const char *error;
    self.memory = arena_new ();
    self.scratch = arena_new ();
    self.streams = streams_new (client, settle, &self);
    int status = watch_all (&self);
    *out = NULL;
    if (self.run) { // Out of an arena that ends here
        const char *text = value_to_json (cli->turn->arena, self.run, 0);
        (void) !value_from_json (cli->turn->arena, text, strlen (text), out, &error);
    }
    forget (&self);
    return status;
}
