/* local_agents.c - one small thread per agent, which only waits for it. */

#include "cli/up/local_agents.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/beside.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/lock.h"
#include "common/os/process.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AGAIN_MS    1000        // Delay before an agent that ended is restarted
#define STACK_BYTES (256 << 10) // Of threads that only wait for their agents
#define TOKEN_MAX   4096
#define TOKEN_IN    "OPENCICD_REGISTRATION_TOKEN="

static const char *const isolations[] = {"off", "auto", "on"}; // As settings_local.h has them

#define OWN_ARGS 17 // Of an agent's command line

typedef struct {
    local_agents_t *all;
    unsigned number; // From 1
    pthread_t thread;
    pthread_mutex_t lock; // Of the process, which ends only under it, so that no signal goes astray
    process_t *agent;     // NULL: none runs
} slot_t;

struct local_agents {
    char *program, *data_dir, *url, *registration;
    char *hidden;          // From isolated jobs: PATH:...
    const char *isolation; // A name, static
    char *limits;
    local_agents_spec_t spec;
    int64_t timeout_us;
    int stop; // eventfd: readable when they are to end
    slot_t *slots;
    unsigned count;
};

unsigned local_agents_isolation (const char *name)
{
    unsigned mode = sizeof isolations / sizeof isolations[0];
    while (mode > 0 && (!name || strcmp (isolations[mode - 1], name) != 0))
        mode--;
    return mode > 0 ? mode - 1 : 0;
}

static const char *work_dir (const local_agents_t *self, arena_t *arena, unsigned number)
{
    return arena_printf (arena, "%s/agents/%u", self->data_dir, number);
}

// True when they are to end; false when `fd` is readable or the time has passed.
static bool wait_for (const local_agents_t *self, int fd, int ms)
{
    struct pollfd polled[2] = {{.fd = self->stop, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    while (poll (polled, 2, ms) < 0 && errno == EINTR)
        ;
    return polled[0].revents != 0;
}

// Waits for the end of an agent that an earlier server started. True when the agents are to stop: then it has been signalled.
static bool outwait (const local_agents_t *self, pid_t pid)
{
    int fd = (int) syscall (SYS_pidfd_open, pid, 0); // It is not our child: waitpid knows nothing of it
    if (fd < 0)
        return wait_for (self, -1, AGAIN_MS);
    bool stop = wait_for (self, fd, -1);
    if (stop)
        kill (pid, SIGTERM);
    close (fd);
    return stop;
}

// Ours, with the token of this server instead of one that the operator has set for others: the first of a name is read.
static const char *const *environment_for (const local_agents_t *self, arena_t *arena)
{
    size_t count = 0, kept = 0;
    const char *const *ours = self->spec.environment ? self->spec.environment : (const char *const *) environ;
    while (ours[count])
        count++;
    const char **list = arena_array (arena, count + 2, sizeof (char *));
    for (size_t i = 0; i < count; i++)
        if (strncmp (ours[i], TOKEN_IN, strlen (TOKEN_IN)) != 0)
            list[kept++] = ours[i];
    list[kept] = arena_printf (arena, TOKEN_IN "%s", self->registration);
    return list;
}

static fault_t start (const local_agents_t *self, turn_t *turn, const slot_t *slot, process_t **out)
{
    const char *argv[OWN_ARGS + LOCAL_AGENTS_ARGS + 1] = {
        self->program,
        "--url",
        self->url,
        "--name",
        arena_printf (turn->arena, "local-%u", slot->number),
        "--labels",
        self->spec.labels,
        "--work-dir",
        work_dir (self, turn->arena, slot->number),
        "--isolation",
        self->isolation,
        "--limits",
        self->limits,
        "--hide",
        self->hidden,
        "--cache-copies-mib", // The server is on this machine: there is no way to save
        "0"};
    for (size_t i = 0; self->spec.args && self->spec.args[i] && i < LOCAL_AGENTS_ARGS; i++)
        argv[OWN_ARGS + i] = self->spec.args[i];
    process_spec_t spec = {.argv = argv,
                           .environment = environment_for (self, turn->arena),
                           .out = PROCESS_OURS,
                           .err = PROCESS_OURS};
    return process_start (out, turn, &spec);
}

static void end (const local_agents_t *self, process_t **agent_p)
{
    process_end_t how;
    process_signal (*agent_p, SIGTERM);
    (void) !process_wait (*agent_p, self->timeout_us, &how);
    process_destroy (agent_p);
}

static void set_agent (slot_t *slot, process_t *agent)
{
    pthread_mutex_lock (&slot->lock);
    slot->agent = agent;
    pthread_mutex_unlock (&slot->lock);
}

// One life of one agent. True when they are to end.
static bool live (slot_t *slot, turn_t *turn)
{
    const local_agents_t *self = slot->all;
    process_t *agent;
    const char *folder = work_dir (self, turn->arena, slot->number);
    pid_t earlier = lock_holder (arena_printf (turn->arena, "%s/agent.lock", folder));
    if (earlier)
        return outwait (self, earlier);
    if (start (self, turn, slot, &agent) != OK) {
        log_error (turn->detail, NULL);
        return wait_for (self, -1, AGAIN_MS);
    }
    set_agent (slot, agent);
    bool ends = wait_for (self, process_fd (agent), -1);
    set_agent (slot, NULL);
    if (ends) {
        end (self, &agent);
        return true;
    }
    process_destroy (&agent);
    log_warn ("a local agent ended; it will be restarted", NULL);
    return wait_for (self, -1, AGAIN_MS); // One that cannot start must not be started in a loop
}

static void *supervise (void *context)
{
    slot_t *slot = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    log_name_thread ("agents");
    do {
        arena_reset (arena);
        turn_init (&turn, arena, "agents", 0);
    } while (!live (slot, &turn));
    arena_destroy (&arena);
    return NULL;
}

// ---- beginning and end ----

static fault_t find_program (turn_t *turn, char **out)
{
    const char *beside = beside_path (turn->arena, "opencicd-agent");
    if (access (beside, X_OK) != 0)
        return turn_fail (turn, NOT_FOUND, "the agent program %s does not exist", beside);
    *out = strdup (beside);
    return OK;
}

static fault_t start_all (local_agents_t *self, turn_t *turn, unsigned count)
{
    pthread_attr_t attributes;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_BYTES);
    self->slots = calloc (count + 1, sizeof (slot_t));
    fault_t fault = OK;
    while (self->count < count && fault == OK) {
        slot_t *slot = &self->slots[self->count];
        *slot = (slot_t){.all = self, .number = self->count + 1, .lock = PTHREAD_MUTEX_INITIALIZER};
        fault = folder_make (turn, work_dir (self, turn->arena, slot->number));
        if (fault == OK && pthread_create (&slot->thread, &attributes, supervise, slot) != 0)
            fault = turn_fail (turn, BROKEN, "cannot start a thread: %m");
        if (fault == OK)
            self->count++;
    }
    pthread_attr_destroy (&attributes);
    return fault;
}

// What of the server's no job may read, wherever it is. INVALID: one of them cannot be named in the list.
static fault_t list_hidden (turn_t *turn, const settings_t *settings, char **out)
{
    const char *const paths[] = {settings->data_dir,         settings->config,
                                 settings->secret_key_file,  settings->secrets_folder,
                                 settings->vault_token_file, settings->scm_git_config};
    const char *text = "";
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (!*paths[i] || access (paths[i], F_OK) != 0)
            continue;
        if (strchr (paths[i], ':') && settings->isolation != 0)
            return turn_fail (
                turn, INVALID,
                "%s cannot be hidden from jobs because of its colon: move it, or use --isolation off",
                paths[i]);
        text = arena_printf (turn->arena, "%s%s%s", text, *text ? ":" : "", paths[i]);
    }
    *out = strdup (text);
    return OK;
}

fault_t local_agents_new (local_agents_t **out, turn_t *turn, const settings_t *settings, const char *url,
                          const local_agents_spec_t *spec)
{
    const char *token;
    local_agents_t *self = calloc (1, sizeof (local_agents_t));
    if (!self)
        abort ();
    self->data_dir = strdup (settings->data_dir);
    self->url = strdup (url);
    self->isolation = isolations[settings->isolation];
    self->limits = strdup (settings->limits);
    self->spec = *spec;
    self->timeout_us = SECONDS (settings->shutdown_seconds);
    self->stop = eventfd (0, EFD_CLOEXEC);
    fault_t fault = list_hidden (turn, settings, &self->hidden);
    if (fault == OK)
        fault = find_program (turn, &self->program);
    if (fault == OK)
        fault = file_read (turn, arena_printf (turn->arena, "%s/registration-token", self->data_dir),
                           TOKEN_MAX, &token);
    if (fault == OK) {
        self->registration = strndup (token, strcspn (token, "\n"));
        fault = start_all (self, turn, settings->agents);
    }
    if (fault != OK)
        local_agents_destroy (&self);
    *out = self;
    return fault;
}

void local_agents_nudge (local_agents_t *self)
{
    for (unsigned i = 0; i < self->count; i++) {
        slot_t *slot = &self->slots[i];
        pthread_mutex_lock (&slot->lock);
        if (slot->agent)
            kill (process_pid (slot->agent), SIGUSR1);
        pthread_mutex_unlock (&slot->lock);
    }
}

void local_agents_destroy (local_agents_t **self_p)
{
    local_agents_t *self = *self_p;
    if (!self)
        return;
    // Never read again: it wakes all threads at once, so that the agents end at the same time
    (void) !write (self->stop, &(uint64_t){1}, sizeof (uint64_t));
    for (unsigned i = 0; i < self->count; i++)
        pthread_join (self->slots[i].thread, NULL);
    close (self->stop);
    free (self->slots);
    free (self->program);
    free (self->data_dir);
    free (self->hidden);
    free (self->url);
    free (self->limits);
    free (self->registration);
    free (self);
    *self_p = NULL;
}
