/* connect.c - a repository of a forge becomes a project; its webhook is made, looked at every night, and repaired.
 *
 * The order is what makes it whole: the forge is asked for the repository's id, the project is registered, its row here says `connecting`, and
 * only then the webhook is made, by the same look that repairs it later: so one that ends half-way is continued by the tick. */

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/hooks/delivery.h"
#include "services/scm/status/status_store.h"

#include <string.h>

#define HOOK_ID 'h'

static const char *const forks[] = {"approved", "never", "known",
                                    "all"}; // The first one is what nobody chose

static fault_t read_forks (turn_t *turn, const char *text, const char **out)
{
    *out = *text ? text : forks[0];
    for (size_t i = 0; i < sizeof forks / sizeof forks[0]; i++)
        if (is_same (*out, forks[i]))
            return OK;
    return turn_fail (turn, INVALID, "forks: %s: one of never, approved, known, all", text);
}

static fault_t set_statuses (scm_t *self, turn_t *turn, const char *text, forge_project_t *project)
{
    if (!*text)
        return OK;
    if (!is_same (text, "all") && !is_same (text, "workflows") && !is_same (text, "none"))
        return turn_fail (turn, INVALID, "statuses: %s: one of all, workflows, none", text);
    project->statuses = text;
    actor_tick_at (turn, turn->now_us);
    return is_same (text, "none") ? status_store_drop_waiting (self->db, turn, project->project_id) : OK;
}

// ---- in a thread: the forge is asked for a repository, and about its webhook ----

typedef struct {
    forge_access_t access;
    bool wants_hook;
    forge_hook_t hook;
    turn_t turn;
    forge_repository_t got;
    fault_t fault;
} look_t;

static fault_t look_at (look_t *self, forge_call_t *call)
{
    if (!call->forge->find) { // Nobody to ask: it is what it is called
        self->got = (forge_repository_t){
            .id = call->full_name,
            .full_name = call->full_name,
            .clone_url = arena_printf (self->turn.arena, "%s/%s", call->url, call->full_name),
            .default_branch = "",
            .visibility = ""};
        return OK;
    }
    TRY (call->forge->find (call, &self->got));
    call->full_name = self->got.full_name; // What was renamed is called by its new name
    return self->wants_hook && call->forge->hook ? call->forge->hook (call, &self->hook) : OK;
}

static void look (void *data)
{
    look_t *self = data;
    forge_call_t call;
    forge_call_begin (&call, &self->turn, &self->access);
    self->fault = look_at (self, &call);
    forge_call_end (&call);
}

static fault_t look_in_thread (scm_t *self, turn_t *turn, const forge_access_t *access,
                               const forge_hook_t *hook, look_t **out)
{
    const char *key = arena_printf (turn->arena, "look %s %s %s %s", turn->request_id, access->id,
                                    access->repository, access->full_name);
    fault_t fault = background_find (self->forging, turn, key, (void **) out);
    if (fault != NOT_FOUND)
        return fault;
    turn->detail = NULL;
    arena_t *arena = arena_new ();
    look_t *task = arena_alloc (arena, sizeof *task);
    *task = (look_t){.access = forge_access_copy (arena, access), .wants_hook = hook != NULL};
    if (hook)
        task->hook = (forge_hook_t){arena_strdup (arena, hook->url), arena_strdup (arena, hook->secret),
                                    arena_strdup (arena, hook->id)};
    turn_init (&task->turn, arena, arena_strdup (arena, turn->request_id), turn->now_us);
    return background_begin (self->forging, turn, key, look, &arena, task);
}

// ---- a repository becomes a project ----

static const char *last_part (const char *full_name)
{
    const char *slash = strrchr (full_name, '/');
    return slash ? slash + 1 : full_name;
}

static fault_t check_repository (turn_t *turn, const char *name)
{
    bool bad = !*name || *name == '/' || *name == '-' || strstr (name, "..") || strstr (name, "//") ||
               name[strlen (name) - 1] == '/';
    for (const unsigned char *at = (const unsigned char *) name; *at; at++)
        bad = bad || *at <= ' ' || *at == 0x7F || strchr ("?#%\\:@", *at);
    return bad ? turn_fail (turn, INVALID, "repository: %s: must be OWNER/REPO", name) : OK;
}

static int64_t poll_seconds_of (uint32_t asked, bool no_poll)
{
    return no_poll ? 0 : asked ? asked : FORGE_POLL_SECONDS;
}

static fault_t keep_link (scm_t *self, turn_t *turn, const forge_stored_t *forge, const forge_connect_t *ask,
                          const forge_repository_t *got, const project_t *project)
{
    arena_t *arena = turn->arena;
    const char *hook = id_new (arena, HOOK_ID, turn->now_us);
    bool has_hooks = forge_of_kind (forge->forge.kind)->hook != NULL;
    forge_link_t link = {
        .project = {.project_id = project->id,
                    .project = project->name,
                    .repository = got->id,
                    .full_name = got->full_name,
                    .url = got->clone_url,
                    .default_branch = got->default_branch,
                    .visibility = got->visibility,
                    .state = has_hooks ? "connecting" : "none",
                    .poll_seconds = (uint32_t) poll_seconds_of (ask->poll_seconds, ask->no_poll),
                    .created_at = turn->now_us},
        .forge_id = forge->forge.id,
        .hook = hook,
        .secret = forge_book_seal (self, arena, "secret", hook, hook_secret_new (arena)),
        .key_name = self->box.names[0],
        .check_at = has_hooks ? turn->now_us : NEVER,
        .poll_at = turn->now_us};
    TRY (read_forks (turn, given (ask->forks), &link.project.forks));
    TRY (db_unit_write (self->db, turn));
    TRY (forge_store_add_project (self->db, turn, &link));
    actor_tick_at (turn, turn->now_us);
    log_info ("a repository was connected", "project", project->name, "forge", forge->forge.name,
              "repository", got->full_name, "by", given (turn->caller.subject), NULL);
    return OK;
}

// Whoever asks twice finds it connected.
static fault_t is_connected (scm_t *self, turn_t *turn, const char *name, const forge_stored_t *forge,
                             const char *repository, forge_link_t *link, bool *is)
{
    fault_t fault = forge_store_project (self->db, turn, name, link);
    *is = fault == OK && is_same (link->forge_id, forge->forge.id) &&
          is_same (link->project.full_name, repository);
    if (fault == NOT_FOUND)
        turn->detail = NULL;
    return fault == NOT_FOUND ? OK : fault;
}

// One of that name and address is taken over: it was registered by its address, or by an earlier request that ended half-way.
static fault_t register_project (turn_t *turn, const char *name, const char *url, project_t *out)
{
    fault_t fault = actor_call (turn, MSG_project_add, &(project_add_t){.name = name, .url = url}, out);
    if (fault != CONFLICT)
        return fault;
    const char *detail = turn->detail;
    TRY (actor_call (turn, MSG_project_show, &(project_show_t){.project = name}, out));
    if (!is_same (out->url, url))
        return turn_fail (turn, CONFLICT, "%s", detail ? detail : fault_text (CONFLICT));
    turn->detail = NULL;
    return OK;
}

HANDLER (forge_connect)
{
    scm_t *self = context;
    const forge_connect_t *ask = asked;
    forge_stored_t forge;
    forge_access_t access;
    forge_link_t link;
    look_t *found;
    project_t project = {0};
    bool connected;
    const char *name = *given (ask->name) ? ask->name : last_part (ask->repository), *policy;
    TRY (check_repository (turn, ask->repository));
    TRY (read_forks (turn, given (ask->forks), &policy));
    TRY (forge_book_forge (self, turn, ask->forge, &forge, &access));
    TRY (is_connected (self, turn, name, &forge, ask->repository, &link, &connected));
    if (connected) {
        *(forge_project_t *) answered = link.project;
        return OK;
    }
    access.full_name = ask->repository;
    TRY (look_in_thread (self, turn, &access, NULL, &found));
    if (found->turn.detail)
        turn->detail = arena_strdup (turn->arena, found->turn.detail);
    TRY (found->fault);
    const forge_repository_t got = {arena_strdup (turn->arena, found->got.id),
                                    arena_strdup (turn->arena, found->got.full_name),
                                    arena_strdup (turn->arena, found->got.clone_url),
                                    arena_strdup (turn->arena, found->got.default_branch),
                                    arena_strdup (turn->arena, found->got.visibility)};
    TRY (register_project (turn, name, got.clone_url, &project));
    TRY (keep_link (self, turn, &forge, ask, &got, &project));
    TRY (forge_store_project (self->db, turn, project.id, &link));
    *(forge_project_t *) answered = link.project;
    return OK;
}

// ---- shown, changed ----

HANDLER (forge_project_show)
{
    scm_t *self = context;
    const forge_project_show_t *ask = asked;
    forge_link_t link;
    forge_access_t access;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    *(forge_project_t *) answered = link.project;
    return OK;
}

HANDLER (forge_project_set)
{
    scm_t *self = context;
    const forge_project_set_t *ask = asked;
    forge_link_t link;
    forge_access_t access;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    TRY (db_unit_write (self->db, turn));
    if (*given (ask->forks))
        TRY (read_forks (turn, ask->forks, &link.project.forks));
    if (ask->poll_seconds || ask->no_poll) {
        link.project.poll_seconds = (uint32_t) poll_seconds_of (ask->poll_seconds, ask->no_poll);
        link.poll_at = turn->now_us;
        actor_tick_at (turn, turn->now_us);
    }
    TRY (set_statuses (self, turn, given (ask->statuses), &link.project));
    TRY (forge_store_set (self->db, turn, &link));
    log_info ("how a project's forge is followed was changed", "project", link.project.project, "forks",
              link.project.forks, "statuses", link.project.statuses, "by", given (turn->caller.subject),
              NULL);
    *(forge_project_t *) answered = link.project;
    return OK;
}

// ---- its webhook ----

static int64_t pause_after (int64_t failures)
{
    int64_t pause_us = FORGE_RETRY_US;
    for (int64_t i = 1; i < failures && pause_us < FORGE_RETRY_MOST; i++)
        pause_us *= 2;
    return pause_us;
}

static fault_t follow (scm_t *self, turn_t *turn, forge_link_t *link, const forge_repository_t *got)
{
    arena_t *arena = turn->arena;
    forge_project_t *project = &link->project;
    bool moved = !is_same (got->full_name, project->full_name);
    if (!moved && is_same (got->default_branch, project->default_branch) &&
        is_same (got->visibility, project->visibility))
        return OK;
    if (moved)
        log_info ("a repository was renamed or transferred", "project", project->project, "from",
                  project->full_name, "to", got->full_name, NULL);
    project->full_name = arena_strdup (arena, got->full_name);
    project->url = arena_strdup (arena, got->clone_url);
    project->default_branch = arena_strdup (arena, got->default_branch);
    project->visibility = arena_strdup (arena, got->visibility);
    return forge_store_renamed (self->db, turn, project);
}

static fault_t checked (scm_t *self, turn_t *turn, forge_link_t *link, const look_t *found)
{
    forge_project_t *project = &link->project;
    const char *before = project->state;
    link->failures = found->fault == OK ? 0 : link->failures + 1;
    link->check_at = turn->now_us + (found->fault == OK ? FORGE_CHECK_US : pause_after (link->failures));
    project->checked_at = turn->now_us;
    project->state = found->fault == OK ? "active" : "failed";
    project->state_reason = "";
    if (found->fault != OK)
        project->state_reason = delivery_text (
            turn->arena, found->turn.detail ? found->turn.detail : fault_text (found->fault), MAX_TEXT);
    if (found->fault == OK)
        link->forge_hook = arena_strdup (turn->arena, found->hook.id);
    if (!is_same (before, project->state))
        log_info ("a project's webhook was looked at", "project", project->project, "state", project->state,
                  "reason", project->state_reason, NULL);
    TRY (forge_store_checked (self->db, turn, link));
    actor_tick_at (turn, link->check_at);
    return OK;
}

HANDLER (forge_check)
{
    scm_t *self = context;
    const forge_check_t *ask = asked;
    forge_link_t link;
    forge_access_t access;
    forge_hook_t hook;
    look_t *found;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    if (!access.forge->hook)
        return turn_fail (turn, INVALID, "a forge of kind %s makes no webhooks: see `opencicd forge hook`",
                          link.project.kind);
    TRY (forge_book_secret (self, turn, &link, &hook.secret));
    hook.url = forge_book_address (self, turn->arena, &link);
    hook.id = link.forge_hook;
    TRY (look_in_thread (self, turn, &access, &hook, &found));
    TRY (db_unit_write (self->db, turn));
    if (*given (found->got.id))
        TRY (follow (self, turn, &link, &found->got));
    TRY (checked (self, turn, &link, found));
    *(forge_project_t *) answered = link.project;
    return OK;
}

// ---- a removed project ----

typedef struct {
    forge_access_t access;
    const char *hook;
    turn_t turn;
} removal_t;

static void remove_hook (void *data)
{
    removal_t *self = data;
    forge_call_t call;
    forge_call_begin (&call, &self->turn, &self->access);
    if (call.forge->unhook (&call, self->hook) != OK)
        log_warn ("the webhook of a removed project stays at its forge", "repository", self->access.full_name,
                  "reason", given (self->turn.detail), NULL);
    forge_call_end (&call);
}

static fault_t removed (void *service, turn_t *turn, void *data)
{
    (void) service, (void) turn, (void) data;
    return OK;
}

fault_t forge_forget (scm_t *self, turn_t *turn, const char *project_id)
{
    forge_link_t link;
    forge_access_t access;
    fault_t fault = forge_book_project (self, turn, project_id, &link, &access);
    if (fault == NOT_FOUND) {
        turn->detail = NULL;
        return OK;
    }
    TRY (fault == BROKEN ? OK : fault); // Without its key it cannot be asked, but removed here
    TRY (db_unit_write (self->db, turn));
    TRY (forge_store_drop_project (self->db, turn, project_id));
    TRY (delivery_store_drop (self->db, turn, project_id));
    TRY (status_store_drop (self->db, turn, project_id));
    if (fault == BROKEN || !access.forge->unhook || !*link.forge_hook)
        return OK;
    arena_t *arena = arena_new ();
    removal_t *task = arena_alloc (arena, sizeof *task);
    *task =
        (removal_t){forge_access_copy (arena, &access), arena_strdup (arena, link.forge_hook), .turn = {0}};
    turn_init (&task->turn, arena, "unhook", turn->now_us);
    if (background_send (self->forging, turn, remove_hook, removed, &arena, task) != OK)
        log_warn ("the webhook of a removed project stays at its forge", "project", project_id, NULL);
    turn->detail = NULL;
    return OK;
}

fault_t forge_follow (scm_t *self, turn_t *turn, const char *project_id, const char *full_name)
{
    log_info ("a webhook names its repository anew", "project", project_id, "repository", full_name, NULL);
    actor_tick_at (turn, turn->now_us);
    return forge_store_check_at (self->db, turn, project_id, turn->now_us);
}
