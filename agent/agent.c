/* agent.c - the program's main thread: makes the parts, registers, keeps in touch, and ends in order.
 *
 * It waits for a signal, for the end of an ephemeral agent's job, or for the time of the next message to the server; jobs come in by the
 * threads of our HTTP server, or are asked for by one of our own. */

#include "agent/agent.h"

#include "agent/agent_server.h"
#include "agent/engine/process/counters.h"
#include "agent/engine/process/orphans.h"
#include "agent/label_image.h"
#include "agent/reach.h"
#include "agent/registration.h"
#include "agent/slot.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/url.h"
#include "common/os/beside.h"
#include "common/os/folder.h"
#include "common/os/lock.h"
#include "common/os/systemd.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define RETRY       ((backoff_t){.least_us = MILLISECONDS (100), .most_us = SECONDS (5)})
#define ASK_SECONDS 30 // One request for a job
#define STACK_SIZE  (256 << 10)
#define DRAIN_MS    1000 // For the heartbeat that says that it ends

typedef struct {
    const settings_t *settings;
    arena_t *arena;
    registration_t registration;
    guard_t *guard;
    engine_t *engine;
    spool_t *spool;
    taken_t *taken;
    job_slot_t *slot;
    agent_server_t *http_server;
    agent_server_listener_t listener;
    server_t *server;
    server_t *asking; // The asker's; NULL where the agent is pushed its jobs
    server_clock_t clock;
    int signals, finished; // Readable when it is time to end
    int resync;            // Readable when the server's clock may have been set: a heartbeat shows it
    int ended, lock;       // The first readable when it ends
    atomic_bool stopping;  // Set by the main thread, read by the asker between two requests
    pthread_t asker;
    pthread_mutex_t signing; // Held while the registration changes; the asker reads it
    bool parked;             // It asks for its jobs
    bool asks;               // And has the thread for that
    bool stopped;            // It was asked to end before it could register
    bool unguarded;          // Its guard was killed
} program_t;

// ---- what the agent's own HTTP server asks

static fault_t on_offer (void *self_, arena_t **arena, const job_offer_t *offer, bool *runs)
{
    program_t *self = self_;
    fault_t fault = slot_offer (self->slot, arena, offer, runs);
    if (fault == GONE)
        eventfd_write (self->resync, 1);
    return fault;
}

static void on_run (void *self_)
{
    const program_t *self = self_;
    slot_run (self->slot);
}

static fault_t on_show (void *self_, turn_t *turn, const char *job, job_status_t *out)
{
    program_t *self = self_;
    return slot_show (self->slot, turn->arena, job, out);
}

static fault_t on_cancel (void *self_, const char *job, uint32_t attempt, bool hard)
{
    program_t *self = self_;
    return slot_cancel (self->slot, job, attempt, hard);
}

static void on_health (void *self_, buffer_t *json)
{
    program_t *self = self_;
    arena_t *arena = arena_new ();
    uint32_t attempt;
    const char *job = slot_job (self->slot, arena, &attempt);
    buffer_printf (json, "{\"status\":\"%s\",\"job\":\"%s\"}", *job ? "busy" : "idle", job);
    arena_destroy (&arena);
}

static void on_stale (void *self_)
{
    program_t *self = self_;
    eventfd_write (self->resync, 1);
}

static void on_finished (void *self_)
{
    program_t *self = self_;
    eventfd_write (self->finished, 1);
}

// ---- waiting

// True when it is time to end.
static bool wait_ms (program_t *self, int timeout_ms)
{
    struct pollfd polls[] = {{self->signals, POLLIN, 0},
                             {self->finished, POLLIN, 0},
                             {self->resync, POLLIN, 0},
                             {guard_handle (self->guard), 0, 0}};
    eventfd_t times;
    while (poll (polls, 4, timeout_ms) < 0 && errno == EINTR)
        continue;
    if (polls[3].revents && !self->unguarded)
        log_error ("the guard of this agent is gone: it ends, as nothing would pause its job in time", NULL);
    self->unguarded = polls[3].revents != 0;
    if (polls[2].revents)
        eventfd_read (self->resync, &times);
    struct signalfd_siginfo taken;
    bool ends = polls[0].revents && read (self->signals, &taken, sizeof (taken)) == sizeof (taken) &&
                taken.ssi_signo != SIGUSR1;
    return ends || polls[1].revents || self->unguarded;
}

// ---- speaking

// Until the server has answered. False where it refused, or where it is time to end.
static bool sign_on (program_t *self)
{
    arena_t *arena = arena_new ();
    fault_t fault = UNAVAILABLE;
    bool stop = false;
    for (backoff_t backoff = RETRY; !stop && fault_is_transient (fault);) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "", clock_now_us (clock_system ()));
        pthread_mutex_lock (&self->signing);
        fault = registration_send (&self->registration, &turn, self->server, self->settings);
        pthread_mutex_unlock (&self->signing);
        if (fault)
            log_write (fault_is_transient (fault) ? LEVEL_WARN : LEVEL_ERROR, "cannot register", "server",
                       self->settings->url, "why", turn.detail, NULL);
        stop = fault_is_transient (fault) && wait_ms (self, (int) (backoff_next_us (&backoff) / 1000));
    }
    self->stopped = stop;
    arena_destroy (&arena);
    if (fault)
        return false;
    server_clock_set (&self->clock, self->registration.server_time);
    eventfd_write (self->resync, 1); // Its first heartbeat says at once that it has no job, or which
    slot_set_token (self->slot, self->registration.token);
    if (self->http_server)
        agent_server_set_key (self->http_server, self->registration.id,
                              registration_push_key (&self->registration));
    log_info ("registered", "agent", self->registration.id, "name", self->settings->name, "server",
              self->settings->url, "listens", self->registration.url, NULL);
    return true;
}

static fault_t heartbeat (program_t *self, turn_t *turn)
{
    agent_heartbeat_t ask = {.agent = self->registration.id, .url = self->registration.url};
    ask.draining = atomic_load (&self->stopping);
    (void) server_clock_now (&self->clock, &ask.sent_at); // Before we look what to report
    ask.job = slot_job (self->slot, turn->arena, &ask.attempt);
    job_orders_t orders = {.order = order_go_on};
    int64_t sent_us = clock_boottime_us ();
    fault_t fault = server_heartbeat (self->server, turn, self->registration.token, &ask, &orders);
    if (!fault)
        server_clock_set (&self->clock, orders.server_time);
    if (!fault && orders.order != order_kill && *ask.job)
        slot_prolong (self->slot, ask.job, ask.attempt, sent_us, orders.lease_seconds);
    if (!fault && orders.order != order_go_on && *ask.job)
        fault = slot_cancel (self->slot, ask.job, ask.attempt, orders.order == order_kill);
    return fault == NOT_FOUND && orders.order != order_go_on ? OK : fault;
}

// True when it is time to end.
static bool keep_in_touch (program_t *self)
{
    arena_t *arena = arena_new ();
    bool lost = false, stop = false;
    while (!stop && !(stop = wait_ms (self, (int) self->registration.heartbeat_seconds * 1000))) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "", clock_now_us (clock_system ()));
        fault_t fault = heartbeat (self, &turn);
        if (fault && !lost)
            log_warn ("no heartbeat", "why", turn.detail, NULL);
        if (!fault && lost)
            log_info ("the server is back", NULL);
        lost = fault != OK;
        if (fault && !fault_is_transient (fault))
            stop = !sign_on (self);
    }
    arena_destroy (&arena);
    return stop;
}

// ---- an agent that asks for its jobs

static fault_t ask_once (program_t *self, server_t *server)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", clock_now_us (clock_system ()));
    job_offer_t *offer = arena_alloc (arena, sizeof (job_offer_t));
    pthread_mutex_lock (&self->signing);
    agent_next_t ask = {.agent = self->registration.id, .wait = ASK_SECONDS};
    const char *token = self->registration.token;
    pthread_mutex_unlock (&self->signing);
    (void) server_clock_now (&self->clock, &ask.sent_at);
    fault_t fault = server_next (server, &turn, token, &ask, offer);
    if (!fault && *offer->job)
        fault = slot_offer (self->slot, &arena, offer, NULL);
    arena_destroy (&arena);
    return fault;
}

static void *ask_for_jobs (void *self_)
{
    program_t *self = self_;
    log_name_thread ("asker");
    backoff_t backoff = RETRY;
    while (!atomic_load (&self->stopping)) {
        slot_wait_idle (self->slot, &self->stopping);
        if (atomic_load (&self->stopping))
            break;
        if (ask_once (self, self->asking) == OK) {
            backoff_reset (&backoff);
            continue;
        }
        struct pollfd end = {self->ended, POLLIN, 0};
        poll (&end, 1, (int) (backoff_next_us (&backoff) / 1000));
    }
    return NULL;
}

// ---- beginning and end

// SIGTERM comes from the kernel then. False where the parent was quicker.
static bool end_with_parent (pid_t parent)
{
    return prctl (PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid () == parent;
}

static void block_signals (program_t *self)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGUSR1); // Asks for a heartbeat at once
    sigaddset (&set, SIGPIPE);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    sigdelset (&set, SIGPIPE);
    self->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    self->finished = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->resync = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->ended = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static bool fail (const char *what, const char *why)
{
    log_error (what, "why", why, NULL);
    return false;
}

// Before anything in it is touched: an agent that outlived its server may still be at a job there. The guard comes after the orphans,
// which it would be one of, and before the engine adopts any.
static fault_t lock_folder (program_t *self, const char **error)
{
    const char *folder = self->settings->work_dir;
    char real[PATH_MAX];
    turn_t turn;
    turn_init (&turn, self->arena, "", clock_now_us (clock_system ()));
    fault_t fault = folder_make_open (&turn, folder);
    if (!fault)
        fault = lock_take (&self->lock, &turn, arena_printf (self->arena, "%s/agent.lock", folder));
    const char *tracking = tracking_id (self->arena, realpath (folder, real) ? real : folder);
    if (!fault && orphans_kill (tracking) > 0)
        log_warn ("an agent that was killed had left processes of its job; they are gone now", NULL);
    if (!fault)
        fault = guard_new (&self->guard, &turn, tracking);
    if (fault)
        *error = turn.detail ? turn.detail : folder;
    return fault;
}

// The paths that are named in a setting, and before them others, of which some may be "".
static const char *const *list_paths (arena_t *arena, const char *named, const char *const *others)
{
    size_t most = 2, count = 0; // One more than there are colons, and the end
    for (const char *colon = named; (colon = strchr (colon, ':')); colon++)
        most++;
    for (const char *const *other = others; *other; other++)
        most++;
    const char **paths = arena_array (arena, most, sizeof (char *));
    for (; *others; others++)
        if (**others)
            paths[count++] = *others;
    while (*named) {
        size_t size = strcspn (named, ":");
        if (size > 0)
            paths[count++] = arena_strndup (arena, named, size);
        named += size + (named[size] == ':');
    }
    return paths;
}

static bool limit_jobs (program_t *self)
{
    const limit_rules_t *rules;
    const char *error = NULL;
    turn_t turn;
    if (!*self->settings->limits)
        return true;
    turn_init (&turn, self->arena, "", clock_now_us (clock_system ()));
    if (limits_parse (self->arena, self->settings->limits, &rules, &error) != OK)
        return fail ("the setting limits cannot be read", error);
    return engine_limit (self->engine, &turn, rules) == OK || fail ("jobs cannot be limited", turn.detail);
}

// GitHub's name for it counts too, but not within a job, whose runner has already run that script.
static const char *hook_of (const char *setting, const char *name)
{
    const char *given = getenv ("GITHUB_ACTIONS") ? NULL : getenv (name);
    return *setting ? setting : given && *given ? given : NULL;
}

// NULL for none. Where the setting is not given, DOCKER_HOST counts, which other programs of this user go by; one that is behind TLS is
// refused when a job wants it, by the name that says so.
static const char *docker_host (program_t *self)
{
    const settings_t *settings = self->settings;
    const char *given = settings_given (settings, docker_host) ? NULL : getenv ("DOCKER_HOST");
    const char *tls = getenv ("DOCKER_TLS_VERIFY");
    if (given && *given && tls && *tls && strncmp (given, "tcp://", 6) == 0)
        return arena_printf (self->arena, "https://%s", given + 6);
    if (given && *given)
        return given;
    return strcmp (settings->docker_host, "none") == 0 ? NULL : settings->docker_host;
}

static bool open_folders (program_t *self)
{
    const settings_t *settings = self->settings;
    const char *const own[] = {settings->secrets_file,      settings->token_file,   settings->config,
                               settings->action_git_config, settings->cache_copies, NULL};
    const engine_options_t options = {
        .work_dir = settings->work_dir,
        .name = settings->name,
        .server = settings->url,
        .node_folders = settings->node_folders,
        .tool_cache = *settings->tool_cache ? settings->tool_cache : NULL,
        .hook_job_started = hook_of (settings->hook_job_started, "ACTIONS_RUNNER_HOOK_JOB_STARTED"),
        .hook_job_completed = hook_of (settings->hook_job_completed, "ACTIONS_RUNNER_HOOK_JOB_COMPLETED"),
        .isolation = {.mode = (isolate_t) settings->isolation,
                      .program = beside_program (self->arena, "opencicd-sandbox"),
                      .hidden = list_paths (self->arena, settings->hide, own),
                      .shown = list_paths (self->arena, settings->show, &(const char *){NULL})},
        .containers = {.host = docker_host (self),
                       .program = beside_program (self->arena, "opencicd-inside"),
                       .pulls = settings->container_pull == 0,
                       .may_all = settings->container_host_access},
        .actions = {.cache = *settings->action_cache ? settings->action_cache : NULL,
                    .sources = settings->action_sources,
                    .git_config = settings->action_git_config,
                    .max_mib = settings->action_cache_mib,
                    .max_count = settings->action_cache_count,
                    .max_days = settings->action_cache_days,
                    .ref_seconds = settings->action_ref_seconds,
                    .originals = settings->action_originals}};
    const char *error = settings->work_dir;
    fault_t fault = lock_folder (self, &error);
    if (!fault)
        fault = engine_new (&self->engine, self->arena, &options, &error);
    if (!fault && !limit_jobs (self))
        return false;
    if (!fault && engine_clean (self->engine, &error) != OK)
        log_error ("what a job left behind cannot be moved aside", "folder", error, NULL);
    if (!fault) {
        error = arena_printf (self->arena, "%s/log", settings->work_dir);
        fault = spool_new (&self->spool, error);
    }
    if (!fault) {
        error = arena_printf (self->arena, "%s/taken", settings->work_dir);
        fault = taken_new (&self->taken, error);
    }
    return !fault || fail ("cannot use the work folder",
                           arena_printf (self->arena, "%s: %s", error, fault_own_text (fault)));
}

// Empty where none are kept.
static chunk_folder_t copies_of (program_t *self)
{
    const settings_t *settings = self->settings;
    if (settings->cache_copies_mib == 0)
        return (chunk_folder_t){"", 0};
    return (chunk_folder_t){*settings->cache_copies
                                ? settings->cache_copies
                                : arena_printf (self->arena, "%s/chunks", settings->work_dir),
                            (int64_t) settings->cache_copies_mib << 20};
}

static bool listen_for_jobs (program_t *self, turn_t *turn)
{
    const settings_t *settings = self->settings;
    const char *url = settings->advertise_url;
    self->listener = (agent_server_listener_t){.self = self,
                                               .clock = &self->clock,
                                               .offer = on_offer,
                                               .run = on_run,
                                               .show = on_show,
                                               .cancel = on_cancel,
                                               .health = on_health,
                                               .stale = on_stale};
    if (agent_server_new (&self->http_server, turn, settings->agent_listen, &self->listener) != OK)
        return fail ("cannot take jobs", turn->detail);
    size_t host = (size_t) (strrchr (settings->agent_listen, ':') - settings->agent_listen);
    self->registration.url =
        *url ? url
             : arena_printf (self->arena, "http://%.*s:%d", (int) host, settings->agent_listen,
                             agent_server_port (self->http_server));
    return true;
}

// An agent that the server would call at the server's own machine would seem to be offline, and get no job.
static bool open_http_server (program_t *self)
{
    const settings_t *settings = self->settings;
    turn_t turn;
    turn_init (&turn, self->arena, "", clock_now_us (clock_system ()));
    int host = (int) (strrchr (settings->agent_listen, ':') -
                      settings->agent_listen); // The port may be 0: not known yet
    self->parked = settings->parked;
    if (!self->parked && !*settings->advertise_url &&
        !reach_works (&turn, settings->url,
                      arena_printf (self->arena, "http://%.*s", host, settings->agent_listen))) {
        log_warn (
            "the server cannot call this agent where it listens: it asks for its jobs, as with --parked",
            "listens", settings->agent_listen, "server", url_redact (self->arena, settings->url), "instead",
            "--parked, or --advertise-url", NULL);
        self->parked = true;
    }
    if (self->parked && !settings_given (settings, agent_listen))
        return true;
    const char *before = self->registration.url;
    if (!listen_for_jobs (self, &turn))
        return false;
    if (self->parked) // For /health and /metrics alone: the server is not to call it
        self->registration.url = before;
    return true;
}

static bool begin (program_t *self)
{
    const char *wrong;
    if (!label_images_ok (self->arena, self->settings->labels, &wrong))
        return fail ("cannot use --labels",
                     arena_printf (self->arena, "%s is not LABEL, LABEL=host or LABEL=docker:IMAGE", wrong));
    if (!open_folders (self))
        return false;
    server_clock_init (&self->clock);
    registration_load (&self->registration, self->arena, self->settings);
    self->registration.not_isolated = engine_not_isolated (self->engine);
    self->server = server_new (self->settings->url);
    const slot_options_t options = {
        .engine = self->engine,
        .guard = self->guard,
        .clock = &self->clock,
        .spool = self->spool,
        .taken = self->taken,
        .keep_failed = self->settings->keep_failed,
        .resume_from = self->settings->resume_from,
        .secrets_file = self->settings->secrets_file,
        .caches = {self->settings->caches, (int64_t) self->settings->caches_mib << 20},
        .copies = copies_of (self),
        .labels = self->settings->labels,
        .url = self->settings->url,
        .lost_seconds = self->settings->lost_server_seconds,
        .ephemeral = self->settings->ephemeral,
        .finished = on_finished,
        .self = self};
    self->slot = slot_new (&options);
    counters_open ();
    if (!open_http_server (self) || !sign_on (self))
        return false;
    if (self->parked) {
        self->asking = server_new (self->settings->url);
        pthread_attr_t attributes;
        pthread_attr_init (&attributes);
        pthread_attr_setstacksize (&attributes, STACK_SIZE);
        self->asks = pthread_create (&self->asker, &attributes, ask_for_jobs, self) == 0;
        pthread_attr_destroy (&attributes);
    }
    return !self->parked || self->asks;
}

// So that no job is offered to an agent that ends. A server that does not answer must not use up the time that a job has to end.
static void announce_end (program_t *self)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", clock_now_us (clock_system ()));
    server_set_patience (self->server, DRAIN_MS);
    if (heartbeat (self, &turn) != OK)
        log_warn ("the end of this agent could not be reported", "why", turn.detail, NULL);
    arena_destroy (&arena);
}

static void end (program_t *self, bool registered)
{
    int64_t until_us = clock_monotonic_us () + SECONDS (self->settings->shutdown_seconds);
    atomic_store (&self->stopping, true);
    if (registered)
        announce_end (self);
    eventfd_write (self->ended, 1);
    if (self->slot)
        slot_wake (self->slot);
    if (self->asking)
        server_abandon (self->asking);
    if (self->asks)
        pthread_join (self->asker, NULL);
    server_destroy (&self->asking);
    if (self->slot)
        slot_close (self->slot, until_us);
    agent_server_destroy (&self->http_server); // Its threads call the slot
    slot_destroy (&self->slot);
    guard_destroy (&self->guard);
    server_destroy (&self->server);
    spool_destroy (&self->spool);
    taken_destroy (&self->taken);
    engine_destroy (&self->engine);
    close (self->signals);
    close (self->finished);
    close (self->resync);
    close (self->ended);
    if (self->lock >= 0)
        close (self->lock);
    pthread_mutex_destroy (&self->signing);
    arena_destroy (&self->arena);
}

int agent_main (const settings_t *settings)
{
    pid_t parent = getppid ();
    program_t self = {.settings = settings, .arena = arena_new (), .lock = -1};
    pthread_mutex_init (&self.signing, NULL);
    mallopt (M_ARENA_MAX, 2);
    mallopt (M_MMAP_THRESHOLD, 128 << 10);
    mallopt (M_TRIM_THRESHOLD, 256 << 10);
    log_name_thread ("agent");
    block_signals (&self);
    bool good = (!settings->with_parent || end_with_parent (parent)) && begin (&self);
    if (good) {
        systemd_ready (); // Registered, and able to take a job
        keep_in_touch (&self);
        systemd_stopping ();
    }
    end (&self, good);
    return (good || self.stopped) && !self.unguarded ? 0 : 1;
}
