/* audit.c - see audit.h. An entry names what was done to by the path and by those fields of the ask that are names: no other text that
 * somebody typed is in it, so that no secret can be. */

#include "gateway/audit.h"

#include "common/base/id.h"
#include "common/base/utf8.h"
#include "gateway/audit_queue.h"
#include "gateway/inside.h"

#include <string.h>

#define ENTRY_MAX  (5 << 10) // Bytes of an entry as JSON: it travels in a header (common/bus/wire.h)
#define DETAIL_MAX 512

static bool is_person (role_t role)
{
    return role_rank (role) > 0;
}

// A route that is open to all is one by which people sign in.
static bool is_recorded (const request_t *self)
{
    bool open = self->route && (self->route->roles & MAY (NOBODY));
    return self->route && route_audited (self->route) && (open || is_person (self->person.role));
}

static const char *header_text (request_t *self, const char *name)
{
    const char *value = http_head_get (self->info, name);
    return value ? utf8_repair (self->turn.arena, value, strlen (value), MAX_NAME) : "";
}

// Texts that name something. A field of another name is never recorded, whatever it holds.
static const char *const names[] = {
    "name", "environment", "decision", "workflow", "ref",    "role", "subject",  "run",       "job",
    "only", "actor",       "event",    "runs",     "labels", "tags", "branches", "approvers", "provider"};

static const char *strs_text (arena_t *arena, const strs_t *list)
{
    const char *text = "";
    for (size_t i = 0; i < list->count && strlen (text) < DETAIL_MAX / 2; i++)
        text = arena_printf (arena, "%s%s%.100s", text, i ? "," : "", list->items[i]);
    return text;
}

static const char *text_at (arena_t *arena, const message_t *message, const void *ask, const char *name)
{
    const field_t *field = ask ? message_field (message, name) : NULL;
    const void *at = field ? (const char *) ask + field->offset : NULL;
    if (field && field->kind == KIND_STRS)
        return strs_text (arena, at);
    if (!field || (field->kind != KIND_KEY && field->kind != KIND_STR))
        return "";
    const char *text = *(const char *const *) at;
    return text ? text : "";
}

static const char *detail_of (request_t *self, const message_t *message, const void *ask, const char *object)
{
    arena_t *arena = self->turn.arena;
    const char *detail = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = text_at (arena, message, ask, names[i]);
        if (*text && strcmp (text, object) != 0 && strlen (detail) + strlen (text) < DETAIL_MAX)
            detail = arena_printf (arena, "%s%s%s=%s", detail, *detail ? " " : "", names[i], text);
    }
    return detail;
}

static audit_entry_t entry_of (request_t *self, const message_t *message, const void *ask)
{
    const char *object = "", *project = pairs_get (&self->path, "project");
    for (size_t i = 0; i < self->path.count; i++)
        object = self->path.items[i].value;
    if (self->route->status == 201 && self->path.count == 1 &&
        project) // What is made in it is named by the answer
        object = "";
    if (!project)
        project = text_at (self->turn.arena, message, ask, "project");
    return (audit_entry_t){.id = id_new (self->turn.arena, 'u', self->turn.now_us),
                           .at = self->turn.now_us,
                           .actor = self->person.subject ? self->person.subject : "",
                           .role = is_person (self->person.role) ? role_name (self->person.role) : "",
                           .credential = self->credential_id ? self->credential_id : "",
                           .action = self->route->ask->name,
                           .object = utf8_repair (self->turn.arena, object, strlen (object), MAX_NAME),
                           .project = utf8_repair (self->turn.arena, project, strlen (project), MAX_NAME),
                           .detail = detail_of (self, message, ask, object),
                           .address = http_conn_peer (self->conn),
                           .forwarded_for = header_text (self, "X-Forwarded-For"),
                           .client = header_text (self, "User-Agent"),
                           .request_id = self->turn.request_id};
}

const char *audit_of_call (request_t *self, const message_t *message, const void *ask)
{
    if (!is_recorded (self) || message != self->route->ask)
        return NULL;
    const audit_entry_t entry = entry_of (self, message, ask);
    buffer_t *text = buffer_new (ENTRY_MAX);
    message_print (MESSAGE (audit_entry), &entry, text);
    const char *copy = arena_strndup (self->turn.arena, buffer_text (text), buffer_size (text));
    bool full = buffer_full (text);
    buffer_destroy (&text);
    self->recorded = !full; // Else by us, at the end
    return full ? NULL : copy;
}

void audit_end (request_t *self, fault_t fault)
{
    if (!is_recorded (self) || (fault == OK && self->recorded))
        return;
    audit_entry_t entry = entry_of (self, self->route->ask, NULL);
    entry.result = fault_name (fault);
    audit_queue_add (gateway_audit (self->gateway), &entry);
}
