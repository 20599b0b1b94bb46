/* agent.c - the program's main thread: makes the parts, registers, keeps in touch, and ends in order.
 *
 * It waits for a signal, for the end of an ephemeral agent's job, or for the time of the next word to the server; jobs come in by the
 * inbox's threads, or are asked for by one of our own. */

#include "agent/agent.h"

#include "agent/desk.h"
#include "agent/identity.h"
#include "agent/inbox.h"
#include "common/clock.h"
#include "common/lock.h"
#include "common/log.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define RETRY_LEAST_MS 100
#define RETRY_MOST_MS  5000
#define ASK_SECONDS    30 // One request for a job
#define STACK_SIZE     (256 << 10)

typedef struct {
    const settings_t *settings;
    arena_t *arena;
    identity_t identity;
    engine_t *engine;
    spool_t *spool;
    desk_t *desk;
    inbox_t *inbox;
    inbox_listener_t listener;
    server_t *server;
    int signals, finished; // Readable when it is time to end
    int ended, lock;       // The first readable when it ends
    atomic_bool stopping;
    pthread_t asker;
    bool asks;
} program_t;

// ---- what the inbox asks

static fault_t hear_offer (void *self_, arena_t **arena, const job_offer_t *offer)
{
    program_t *self = self_;
    return desk_offer (self->desk, arena, offer);
}

static fault_t hear_show (void *self_, turn_t *turn, const char *job, job_status_t *out)
{
    program_t *self = self_;
    return desk_show (self->desk, turn->arena, job, out);
}

static fault_t hear_cancel (void *self_, const char *job, bool hard)
{
    program_t *self = self_;
    return desk_cancel (self->desk, job, hard);
}

static void hear_health (void *self_, buffer_t *json)
{
    program_t *self = self_;
    arena_t *arena = arena_new ();
    uint32_t attempt;
    const char *job = desk_job (self->desk, arena, &attempt);
    buffer_printf (json, "{\"status\":\"%s\",\"job\":\"%s\"}", *job ? "busy" : "idle", job);
    arena_destroy (&arena);
}

static void hear_finished (void *self_)
{
    program_t *self = self_;
    eventfd_write (self->finished, 1);
}

// ---- waiting

// True when it is time to end.
static bool wait_ms (program_t *self, int timeout_ms)
{
    struct pollfd polls[] = {{self->signals, POLLIN, 0}, {self->finished, POLLIN, 0}};
    int ready;
    while ((ready = poll (polls, 2, timeout_ms)) < 0 && errno == EINTR)
        continue;
    struct signalfd_siginfo taken;
    if (polls[0].revents && read (self->signals, &taken, sizeof (taken)) < 0)
        return false;
    return ready > 0;
}

static int later_ms (int before_ms)
{
    return before_ms * 2 < RETRY_MOST_MS ? before_ms * 2 : RETRY_MOST_MS;
}

static bool is_passing (fault_t fault)
{
    return fault == UNAVAILABLE || fault == TIMEOUT || fault == OVERLOADED || fault == BROKEN;
}

// ---- speaking

// Until the server has answered. False where it refused, or where it is time to end.
static bool sign_on (program_t *self)
{
    arena_t *arena = arena_new ();
    fault_t fault = UNAVAILABLE;
    bool stop = false;
    for (int pause = RETRY_LEAST_MS; !stop && is_passing (fault); pause = later_ms (pause)) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "", clock_now_us (clock_system ()));
        fault = identity_register (&self->identity, &turn, self->server, self->settings);
        if (fault)
            log_say (is_passing (fault) ? LEVEL_WARN : LEVEL_ERROR, "cannot register", "server",
                     self->settings->url, "why", turn.detail, NULL);
        stop = is_passing (fault) && wait_ms (self, pause);
    }
    arena_destroy (&arena);
    if (fault)
        return false;
    if (self->inbox)
        inbox_set_key (self->inbox, identity_push_key (&self->identity));
    log_info ("registered", "agent", self->identity.id, "name", self->settings->name, "server",
              self->settings->url, "listens", self->identity.url, NULL);
    return true;
}

static fault_t beat (program_t *self, turn_t *turn)
{
    agent_beat_t ask = {.agent = self->identity.id, .url = self->identity.url};
    ask.job = desk_job (self->desk, turn->arena, &ask.attempt);
    job_orders_t orders = {.order = order_go_on};
    fault_t fault = server_beat (self->server, turn, self->identity.token, &ask, &orders);
    if (!fault && orders.order != order_go_on && *ask.job)
        fault = desk_cancel (self->desk, ask.job, orders.order == order_kill);
    return fault == NOT_FOUND && orders.order != order_go_on ? OK : fault;
}

// True when it is time to end.
static bool keep_in_touch (program_t *self)
{
    arena_t *arena = arena_new ();
    bool lost = false, stop = false;
    while (!stop && !(stop = wait_ms (self, (int) self->identity.heartbeat_seconds * 1000))) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "", clock_now_us (clock_system ()));
        fault_t fault = beat (self, &turn);
        if (fault && !lost)
            log_warn ("no heartbeat", "why", turn.detail, NULL);
        if (!fault && lost)
            log_info ("the server is back", NULL);
        lost = fault != OK;
        if (fault && !is_passing (fault))
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
    const agent_next_t ask = {.agent = self->identity.id, .wait = ASK_SECONDS};
    fault_t fault = server_next (server, &turn, self->identity.token, &ask, offer);
    if (!fault && *offer->job)
        fault = desk_offer (self->desk, &arena, offer);
    arena_destroy (&arena);
    return fault;
}

static void *ask_for_jobs (void *self_)
{
    program_t *self = self_;
    log_name_thread ("asker");
    server_t *server = server_new (self->settings->url);
    server_abandon_on (server, &self->stopping);
    int pause = RETRY_LEAST_MS;
    while (!atomic_load (&self->stopping)) {
        desk_wait_idle (self->desk, &self->stopping);
        if (atomic_load (&self->stopping))
            break;
        if (ask_once (self, server) == OK) {
            pause = RETRY_LEAST_MS;
            continue;
        }
        struct pollfd end = {self->ended, POLLIN, 0};
        poll (&end, 1, pause);
        pause = later_ms (pause);
    }
    server_destroy (&server);
    return NULL;
}

// ---- beginning and end

static void block_signals (program_t *self)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGPIPE);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    sigdelset (&set, SIGPIPE);
    self->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    self->finished = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->ended = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static bool fail (const char *what, const char *why)
{
    log_error (what, "why", why, NULL);
    return false;
}

// Before anything in it is touched: an agent that outlived its server may still be at a job there.
static fault_t lock_folder (program_t *self, const char **error)
{
    turn_t turn;
    turn_init (&turn, self->arena, "", clock_now_us (clock_system ()));
    fault_t fault =
        lock_take (&self->lock, &turn, arena_printf (self->arena, "%s/agent.lock", self->settings->work_dir));
    if (fault)
        *error = turn.detail;
    else if (engine_end_strays (self->engine) > 0)
        log_warn ("an agent that was killed had left processes of its job; they are gone now", NULL);
    return fault;
}

static bool open_folders (program_t *self)
{
    const settings_t *settings = self->settings;
    const engine_options_t options = {
        .work_dir = settings->work_dir, .name = settings->name, .server = settings->url};
    const char *error = settings->work_dir;
    fault_t fault = engine_new (&self->engine, self->arena, &options, &error);
    if (!fault)
        fault = lock_folder (self, &error);
    if (!fault && engine_clean (self->engine, &error) != OK)
        log_warn ("a job left something that cannot be removed", "folder", error, NULL);
    if (!fault) {
        error = arena_printf (self->arena, "%s/log", settings->work_dir);
        fault = spool_new (&self->spool, error);
    }
    return !fault || fail ("cannot use the work folder",
                           arena_printf (self->arena, "%s: %s", error, fault_text (fault)));
}

static bool open_inbox (program_t *self)
{
    const settings_t *settings = self->settings;
    const char *error, *url = settings->advertise_url;
    if (settings->parked)
        return true;
    self->listener = (inbox_listener_t){
        .self = self, .offer = hear_offer, .show = hear_show, .cancel = hear_cancel, .health = hear_health};
    if (inbox_new (&self->inbox, self->arena, settings->agent_listen, &self->listener, &error) != OK)
        return fail ("cannot take jobs", error);
    size_t host = (size_t) (strrchr (settings->agent_listen, ':') - settings->agent_listen);
    self->identity.url = *url ? url
                              : arena_printf (self->arena, "http://%.*s:%d", (int) host,
                                              settings->agent_listen, inbox_port (self->inbox));
    return true;
}

static bool begin (program_t *self)
{
    if (!open_folders (self))
        return false;
    identity_load (&self->identity, self->arena, self->settings);
    self->server = server_new (self->settings->url);
    const desk_options_t desk = {.engine = self->engine,
                                 .spool = self->spool,
                                 .url = self->settings->url,
                                 .lost_seconds = self->settings->lost_server_seconds,
                                 .ephemeral = self->settings->ephemeral,
                                 .finished = hear_finished,
                                 .self = self};
    self->desk = desk_new (&desk);
    if (!open_inbox (self) || !sign_on (self))
        return false;
    if (self->settings->parked) {
        pthread_attr_t attributes;
        pthread_attr_init (&attributes);
        pthread_attr_setstacksize (&attributes, STACK_SIZE);
        self->asks = pthread_create (&self->asker, &attributes, ask_for_jobs, self) == 0;
        pthread_attr_destroy (&attributes);
    }
    return !self->settings->parked || self->asks;
}

static void end (program_t *self)
{
    atomic_store (&self->stopping, true);
    eventfd_write (self->ended, 1);
    if (self->desk)
        desk_wake (self->desk);
    if (self->asks)
        pthread_join (self->asker, NULL);
    desk_destroy (&self->desk, self->settings->shutdown_seconds);
    inbox_destroy (&self->inbox);
    server_destroy (&self->server);
    spool_destroy (&self->spool);
    engine_destroy (&self->engine);
    close (self->signals);
    close (self->finished);
    close (self->ended);
    if (self->lock >= 0)
        close (self->lock);
    arena_destroy (&self->arena);
}

int agent_main (const settings_t *settings)
{
    program_t self = {.settings = settings, .arena = arena_new (), .lock = -1};
    mallopt (M_ARENA_MAX, 2);
    mallopt (M_MMAP_THRESHOLD, 128 << 10);
    mallopt (M_TRIM_THRESHOLD, 256 << 10);
    log_name_thread ("agent");
    block_signals (&self);
    bool good = begin (&self);
    if (good)
        keep_in_touch (&self);
    end (&self);
    return good ? 0 : 1;
}
