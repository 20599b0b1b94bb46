/* identity.c - see identity.h.
 *
 * Only admins and services reach its handlers, people those of sessions (session.c); agents register through the scheduler, which names the registration token
 * that they used. Adding or removing a token takes one lock first, so that bounds, uses and the last admin are counted right by any
 * number of replicas. */

#include "services/identity/identity.h"

#include "common/actor/background.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/sha256.h"
#include "common/db/db_unit.h"
#include "proto/messages.h"
#include "proto/strs.h"
#include "services/identity/inside.h"
#include "services/identity/people/people.h"
#include "services/identity/providers/providers.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VAULT_THREADS 2
#define ASKER_THREADS 4  // Of providers: each may be slow
#define PAGE_ROWS     50 // Of a page where the caller names no number

identity_t *identity_new (db_t *db, const secret_key_t *key)
{
    identity_t *self = calloc (1, sizeof (identity_t));
    if (!self)
        abort ();
    self->db = db;
    secret_box_init (&self->box, key);
    self->vaults = (vault_settings_t){"", "", "", "", "", "", "", ""};
    self->helpers = background_new (VAULT_THREADS);
    self->hashing = hashing_new ();
    self->delays = login_delay_new ();
    self->askers = background_new (ASKER_THREADS);
    self->known = known_new ();
    identity_set_url (self, "");
    return self;
}

void identity_set_vaults (identity_t *self, const vault_settings_t *settings)
{
    self->vaults = *settings;
}

void identity_give_no_tokens (identity_t *self)
{
    self->no_id_tokens = true;
}

void identity_set_url (identity_t *self, const char *url)
{
    size_t size = strlen (url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    free (self->issuer);
    self->issuer = strndup (url, size);
    if (!self->issuer)
        abort ();
}

void identity_set_password_cost (identity_t *self, uint64_t passes, size_t memory)
{
    hashing_set_cost (self->hashing, passes, memory);
}

fault_t identity_set_audit (identity_t *self, turn_t *turn, uint32_t days, const char *syslog)
{
    self->audit_days = days;
    return audit_syslog_set (&self->syslog, turn, syslog);
}

static void stop (void *context)
{
    identity_t *self = context;
    background_stop (self->helpers);
    background_stop (self->askers);
    hashing_stop (self->hashing);
}

void identity_destroy (identity_t **self_p)
{
    if (*self_p) {
        secret_box_clear (&(*self_p)->box);
        background_destroy (&(*self_p)->helpers);
        background_destroy (&(*self_p)->askers);
        known_destroy (&(*self_p)->known);
        hashing_destroy (&(*self_p)->hashing);
        login_delay_destroy (&(*self_p)->delays);
        free ((*self_p)->issuer);
        audit_syslog_clear (&(*self_p)->syslog);
    }
    free (*self_p);
    *self_p = NULL;
}

// ---- log ----

typedef struct {
    const char *what, *id, *role, *name, *subject, *by;
} record_t;

static void log_change (void *service, void *data)
{
    const record_t *record = data;
    (void) service;
    log_info (record->what, "token", record->id, "role", record->role, "name", record->name, "subject",
              record->subject, "by", record->by, NULL);
}

void identity_record_token (turn_t *turn, const char *what, const token_t *token)
{
    record_t *record = arena_alloc (turn->arena, sizeof (*record));
    *record = (record_t){.what = what,
                         .id = token->id ? token->id : "",
                         .role = token->role ? token->role : "",
                         .name = token->name ? token->name : "",
                         .subject = token->subject ? token->subject : "",
                         .by = turn->caller.subject ? turn->caller.subject : ""};
    actor_after (turn, log_change, record);
}

// ---- making ----

// A prefix that shows a token's kind, so that a leaked one is recognized.
static const char *prefix_of (role_t role)
{
    return role == ROLE_AGENT ? "oca_" : role == ROLE_REGISTRAR ? "ocr_" : "oct_";
}

// Agents have a bound of their own, so that registrations leave room for the tokens of people.
static fault_t check_room (identity_t *self, turn_t *turn, role_t role)
{
    token_counts_t counts;
    TRY (token_store_lock (self->db, turn, &counts));
    if (role == ROLE_AGENT && counts.agents >= IDENTITY_AGENTS)
        return turn_fail (turn, CONFLICT, "there are tokens of %d agents already; remove some agents",
                          IDENTITY_AGENTS);
    if (role != ROLE_AGENT && counts.others >= IDENTITY_TOKENS)
        return turn_fail (turn, CONFLICT, "there are %d tokens already; revoke some", IDENTITY_TOKENS);
    return OK;
}

fault_t identity_make_token (identity_t *self, turn_t *turn, role_t role, const token_issue_t *ask,
                             const char *user, token_t *out)
{
    TRY (token_store_remove_expired (self->db, turn));
    TRY (check_room (self, turn, role));
    bool given = is_given (ask->hash);
    *out = (token_t){.id = id_new (turn->arena, 't', turn->now_us),
                     .name = ask->name ? ask->name : "",
                     .role = role_name (role),
                     .subject = ask->subject ? ask->subject : "",
                     .created_at = turn->now_us,
                     .expires_at = ask->ttl_seconds > 0 ? turn->now_us + SECONDS (ask->ttl_seconds) : 0,
                     .token = given ? "" : secret_new (turn->arena, prefix_of (role)),
                     .labels = role == ROLE_REGISTRAR ? ask->labels : (strs_t){0},
                     .uses = ask->uses,
                     .projects = ask->projects,
                     .user = user};
    return token_store_add (self->db, turn, out, given ? ask->hash : secret_hash (turn->arena, out->token));
}

static fault_t make_first (identity_t *self, turn_t *turn, role_t role, const char *name, const char **secret)
{
    int64_t count = 0;
    const token_issue_t ask = {.name = name};
    token_t token;
    *secret = NULL;
    TRY (role == ROLE_ADMIN ? people_admins (self, turn, "", "", "", &count)
                            : token_store_of_role (self->db, turn, role_name (role), &count));
    if (count > 0)
        return OK;
    TRY (identity_make_token (self, turn, role, &ask, "", &token));
    *secret = token.token;
    return OK;
}

fault_t identity_first_tokens (identity_t *self, turn_t *turn, first_tokens_t *out)
{
    token_counts_t counts;
    *out = (first_tokens_t){0};
    // Another replica that starts at the same time waits here, and then finds the tokens.
    TRY (token_store_lock (self->db, turn, &counts));
    TRY (token_store_recount (self->db, turn));
    TRY (make_first (self, turn, ROLE_ADMIN, "first admin", &out->admin));
    return make_first (self, turn, ROLE_REGISTRAR, "agents' registration", &out->registration);
}

// ---- issuing ----

static bool is_operator (const turn_t *turn)
{
    return turn->caller.role == ROLE_ADMIN || turn->caller.role == ROLE_SERVICE;
}

bool identity_has_control (const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

fault_t identity_check_text (turn_t *turn, const char *name)
{
    return identity_has_control (name)
               ? turn_fail (turn, INVALID, "name, subject: control characters are not allowed")
               : OK;
}

static fault_t check_labels (turn_t *turn, const strs_t *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        if (!*labels->items[i] || identity_has_control (labels->items[i]))
            return turn_fail (turn, INVALID, "labels: \"%s\" is not a label", labels->items[i]);
    return OK;
}

// Fields for some roles only.
static fault_t check_narrowing (turn_t *turn, role_t role, const token_issue_t *ask)
{
    if (is_given (ask->hash) &&
        (role != ROLE_AGENT || !sha256_is_hex (ask->hash))) // The length of our hashes
        return turn_fail (turn, INVALID, "hash: 64 hex digits, and only for role AGENT");
    if (role != ROLE_REGISTRAR && ask->uses)
        return turn_fail (turn, INVALID, "uses: only for a REGISTRAR");
    if (role != ROLE_REGISTRAR && role != ROLE_AGENT && ask->labels.count)
        return turn_fail (turn, INVALID, "labels: only for a REGISTRAR");
    if (ask->projects.count && !role_is_of_project (role))
        return turn_fail (turn, INVALID, "projects: only for a VIEWER, DEVELOPER or MAINTAINER");
    return check_labels (turn, &ask->labels);
}

static fault_t check_issue (turn_t *turn, role_t role, const token_issue_t *ask)
{
    if (role == ROLE_NOBODY || role == ROLE_JOB || role == ROLE_SERVICE)
        return turn_fail (
            turn, INVALID,
            "role: must be one of REGISTRAR, MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN, AGENT");
    TRY (identity_check_text (turn, ask->name));
    TRY (identity_check_text (turn, ask->subject));
    if (role == ROLE_AGENT && !is_given (ask->subject))
        return turn_fail (turn, INVALID, "subject: must be the agent's id");
    if (ask->ttl_seconds < 0 || ask->ttl_seconds >= INT64_MAX / SECONDS (2))
        return turn_fail (turn, INVALID,
                          "ttl_seconds: must be 0 (for never) or a positive number of seconds");
    return check_narrowing (turn, role, ask);
}

static bool is_among (const strs_t *labels, const char *label)
{
    for (size_t i = 0; i < labels->count; i++)
        if (strcasecmp (labels->items[i], label) == 0)
            return true;
    return false;
}

static bool token_is_valid (const turn_t *turn, const token_t *token)
{
    return token->role && (token->expires_at == 0 || token->expires_at > turn->now_us);
}

// Does this registration token allow one more agent with these labels? Counts it, in the unit of work that creates the agent's token.
static fault_t use_registration (identity_t *self, turn_t *turn, const token_issue_t *ask)
{
    token_t token;
    bool used;
    TRY (token_store_show (self->db, turn, ask->registration, &token));
    if (!token_is_valid (turn, &token) || strcmp (token.role, role_name (ROLE_REGISTRAR)) != 0)
        return turn_fail (turn, UNAUTHORIZED, "the registration token is revoked or has expired");
    if (token.uses && token.used >= token.uses)
        return turn_fail (turn, FORBIDDEN, "the registration token is used up: it was for %u agents",
                          token.uses);
    for (size_t i = 0; token.labels.count && i < ask->labels.count; i++)
        if (!is_among (&token.labels, ask->labels.items[i]))
            return turn_fail (turn, FORBIDDEN, "the registration token does not allow the label \"%s\"",
                              ask->labels.items[i]);
    TRY (token_store_use (self->db, turn, token.id, IDENTITY_A_MINUTE, &used));
    return used ? OK
                : turn_fail (turn, OVERLOADED,
                             "%d agents have registered with this token in this minute; try again later",
                             IDENTITY_A_MINUTE);
}

// The token created for this secret by an earlier request, whose answer may have been lost. NOT_FOUND.
static fault_t find_made (identity_t *self, turn_t *turn, const token_issue_t *ask, token_t *out)
{
    if (!is_given (ask->hash))
        return NOT_FOUND;
    TRY (token_store_find (self->db, turn, ask->hash, out));
    if (!out->role)
        return NOT_FOUND;
    if (strcmp (out->role, role_name (ROLE_AGENT)) != 0 ||
        strcmp (out->name, ask->name ? ask->name : "") != 0)
        return turn_fail (turn, CONFLICT, "hash: this secret belongs to another token");
    return OK;
}

// Nobody is to be taken for a user: a user's tokens are made by that user (people/user_token.c).
static fault_t check_holder (identity_t *self, turn_t *turn, const token_issue_t *ask)
{
    const char *holder = is_given (ask->subject) ? ask->subject : ask->name ? ask->name : "";
    bool taken;
    TRY (user_store_is_taken (self->db, turn, identity_key (turn->arena, holder), &taken));
    return taken ? turn_fail (
                       turn, CONFLICT,
                       "%s is the name of a user, or was, who makes tokens of their own; choose another one",
                       holder)
                 : OK;
}

// As ids, each once.
static fault_t find_projects (turn_t *turn, const strs_t *named, strs_t *out)
{
    *out = (strs_t){arena_array (turn->arena, named->count + 1, sizeof (char *)), 0};
    for (size_t i = 0; i < named->count; i++) {
        rights_place_t place;
        fault_t fault = identity_project (turn, named->items[i], &place);
        if (fault == NOT_FOUND)
            return turn_fail (turn, INVALID, "projects: there is no project %s", named->items[i]);
        TRY (fault);
        if (!strs_has (out, place.project))
            out->items[out->count++] = place.project;
    }
    return OK;
}

static HANDLER (token_issue)
{
    identity_t *self = context;
    token_issue_t given = *(const token_issue_t *) asked;
    const token_issue_t *ask = &given;
    role_t role = role_from_name (ask->role);
    token_counts_t counts;
    if (!is_operator (turn))
        return turn_fail (turn, FORBIDDEN, "only an admin issues tokens");
    TRY (check_issue (turn, role, ask));
    TRY (find_projects (turn, &((const token_issue_t *) asked)->projects, &given.projects));
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    fault_t fault = find_made (self, turn, ask, answered);
    if (fault != NOT_FOUND)
        return fault;
    if (people_role_is (role))
        TRY (check_holder (self, turn, ask));
    if (role == ROLE_AGENT && is_given (ask->registration))
        TRY (use_registration (self, turn, ask));
    TRY (identity_make_token (self, turn, role, ask, "", answered));
    identity_record_token (turn, "a token was issued", answered);
    return OK;
}

// ---- checking ----

const char *identity_subject (const token_t *token)
{
    if (strcmp (token->role, role_name (ROLE_REGISTRAR)) == 0)
        return token->id; // What it allows is looked up by that
    if (*token->subject)
        return token->subject;
    return *token->name && strlen (token->name) <= MAX_ID ? token->name : token->id;
}

static HANDLER (token_check)
{
    identity_t *self = context;
    token_t token;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services check tokens");
    TRY (token_store_find (self->db, turn, ((const token_check_t *) asked)->hash, &token));
    if (!token.role)
        return identity_check_session (self, turn, ((const token_check_t *) asked)->hash, answered);
    TRY (identity_principal (self, turn, &token, answered));
    ((principal_t *) answered)->credential = token.id;
    return OK;
}

static HANDLER (token_list)
{
    identity_t *self = context;
    const token_list_t *ask = asked;
    token_page_t *page = answered;
    uint32_t limit = ask->limit ? ask->limit : PAGE_ROWS;
    if (!is_operator (turn))
        return turn_fail (turn, FORBIDDEN, "only an admin sees the tokens");
    TRY (token_store_list (self->db, turn, ask->cursor ? ask->cursor : "", limit + 1, &page->items));
    if (page->items.count > limit) {
        page->items.count = limit;
        page->next = page->items.items[limit - 1].id;
    }
    return OK;
}

// ---- revoking ----

static fault_t last_admin (turn_t *turn)
{
    return turn_fail (turn, CONFLICT, "this is the last admin's token; issue another one first");
}

// An installation without an admin could never be repaired through its own API.
static fault_t revoke_one (identity_t *self, turn_t *turn, const char *id)
{
    token_t token;
    int64_t others;
    TRY (token_store_show (self->db, turn, id, &token));
    if (!token.role)
        return turn_fail (turn, NOT_FOUND, "there is no token %s", id);
    TRY (people_admins (self, turn, "", id, "", &others));
    if (others == 0 && !is_given (token.user) && token_is_valid (turn, &token) &&
        strcmp (token.role, role_name (ROLE_ADMIN)) == 0)
        return last_admin (turn);
    TRY (token_store_remove (self->db, turn, id));
    TRY (session_store_remove_of_token (self->db, turn, id));
    identity_record_token (turn, "a token was revoked", &token);
    return OK;
}

static fault_t revoke_all_of (identity_t *self, turn_t *turn, const char *subject)
{
    int64_t admins, others;
    TRY (people_admins (self, turn, "", "", "", &admins));
    TRY (people_admins (self, turn, "", "", subject, &others));
    if (admins > 0 && others == 0)
        return last_admin (turn);
    TRY (token_store_remove_of (self->db, turn, subject));
    TRY (session_store_remove_of_subject (self->db, turn, subject));
    identity_record_token (turn, "all tokens of a subject were revoked", &(token_t){.subject = subject});
    return OK;
}

// One of the caller's own, and of no others does it say whether they are there.
static fault_t revoke_own (identity_t *self, turn_t *turn, const token_revoke_t *ask)
{
    own_t own;
    token_t token;
    TRY (people_own (self, turn, ask->hash, &own));
    TRY (token_store_show (self->db, turn, ask->token, &token));
    if (!token.role || strcmp (token.user, own.user.id) != 0)
        return turn_fail (turn, NOT_FOUND, "there is no token %s of yours", ask->token);
    return revoke_one (self, turn, ask->token);
}

static HANDLER (token_revoke)
{
    identity_t *self = context;
    const token_revoke_t *ask = asked;
    token_counts_t counts;
    bool by_id = is_given (ask->token), by_subject = is_given (ask->subject);
    (void) answered;
    if (by_id == by_subject)
        return turn_fail (turn, INVALID, "token or subject: exactly one of them must be given");
    bool own = by_id && is_given (ask->hash);
    if (!own && !is_operator (turn))
        return turn_fail (turn, FORBIDDEN, "only an admin revokes tokens of others");
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    if (own)
        return revoke_own (self, turn, ask);
    return by_id ? revoke_one (self, turn, ask->token) : revoke_all_of (self, turn, ask->subject);
}

#define VALUE_ROW(message) HANDLER_ROW (message),
static const handler_t handlers[] = {HANDLER_ROW (token_issue),
                                     HANDLER_ROW (token_check),
                                     HANDLER_ROW (token_list),
                                     HANDLER_ROW (token_revoke),
                                     HANDLER_ROW (session_begin),
                                     HANDLER_ROW (session_show),
                                     HANDLER_ROW (session_end),
                                     HANDLER_ROW (link_make),
                                     HANDLER_ROW (session_list),
                                     HANDLER_ROW (session_revoke),
                                     HANDLER_ROW (audit_put),
                                     HANDLER_ROW (audit_list),
                                     HANDLER_ROW (audit_read),
                                     HANDLER_ROW (retention_of_audit),
                                     VALUE_HANDLERS (VALUE_ROW) PEOPLE_HANDLERS (VALUE_ROW)
                                         PROVIDER_HANDLERS (VALUE_ROW)};
#undef VALUE_ROW

const actor_class_t identity_class = {.name = "identity",
                                      .may = identity_may,
                                      .handlers = handlers,
                                      .count = sizeof (handlers) / sizeof (handlers[0]),
                                      .commit = db_unit_commit,
                                      .rollback = db_unit_rollback,
                                      .writes = db_unit_writes,
                                      .in_doubt = db_unit_in_doubt,
                                      .announce = db_unit_announce,
                                      .tick = identity_tick,
                                      .stop = stop,
                                      .requests = &db_unit_requests,
                                      .audit = &db_unit_audit};
