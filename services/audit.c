/* audit.c - see audit.h. What the gateway could not know is taken from the answer: the id of what was made, whose it is, who signed in. */

#include "services/audit.h"

#include "common/base/log.h"
#include "proto/messages.h"
#include "services/audit_outbox_store.h"

#include <stdlib.h>
#include <string.h>

static db_t *db_of (void *self)
{
    return *(db_t **) self;
}

// A text of the answer; NULL where it has no such field, or an empty one.
static const char *text_of (const message_t *message, const void *answer, const char *name)
{
    const field_t *field = message_field (message, name);
    if (!field || (field->kind != KIND_KEY && field->kind != KIND_STR))
        return NULL;
    const char *text = *(const char *const *) ((const char *) answer + field->offset);
    return text && *text ? text : NULL;
}

static void fill (const char **into, const message_t *message, const void *answer, const char *name)
{
    const char *text = *into && **into ? NULL : text_of (message, answer, name);
    if (text)
        *into = text;
}

static void complete (audit_entry_t *entry, const message_t *message, const void *answer)
{
    bool unknown = !entry->actor || !*entry->actor;
    const char *project = text_of (message, answer, "project_id");
    fill (&entry->object, message, answer, "id");
    if (project) // A name may be given to another project one day
        entry->project = project;
    if (!unknown)
        return;
    fill (&entry->actor, message, answer, "subject");
    fill (&entry->role, message, answer, "role");
}

static fault_t read_entry (turn_t *turn, const char *text, audit_entry_t *out)
{
    memset (out, 0, sizeof *out);
    return message_read_newer (MESSAGE (audit_entry), turn, text, strlen (text), out);
}

static fault_t add (void *self, turn_t *turn, uint16_t answer_number, const void *answer)
{
    audit_entry_t entry;
    if (read_entry (turn, turn->audit, &entry) != OK)
        return turn_fail (turn, BROKEN, "the gateway's record of this request cannot be read: %s",
                          turn->detail ? turn->detail : "");
    complete (&entry, message_by_number (answer_number), answer);
    entry.at = turn->now_us;
    entry.result = fault_name (OK);
    buffer_t *text = buffer_new (AUDIT_TEXT);
    message_print (MESSAGE (audit_entry), &entry, text);
    fault_t fault =
        buffer_full (text)
            ? turn_fail (turn, TOO_LARGE, "the record of this request is too large")
            : audit_outbox_store_add (db_of (self), turn, actor_name (turn), entry.id, buffer_text (text));
    buffer_destroy (&text);
    return fault;
}

typedef struct {
    size_t count;
    char ids[MAX_AUDIT_ROWS][MAX_ID + 1];
} sent_t;

static fault_t remove_sent (void *self, turn_t *turn, void *data)
{
    const sent_t *sent = data;
    TRY (db_in_transaction (db_of (self)) ? OK : db_begin (db_of (self), turn));
    for (size_t i = 0; i < sent->count; i++)
        TRY (audit_outbox_store_remove (db_of (self), turn, sent->ids[i]));
    return OK;
}

// What cannot be read is of a newer version than this one, which sends it.
static fault_t forward (void *self, turn_t *turn, void *data)
{
    audit_outbox_t rows;
    (void) data;
    if (!db_of (self)) // It keeps nothing, so nothing can be changed there
        return OK;
    TRY (audit_outbox_store_first (db_of (self), turn, actor_name (turn), MAX_AUDIT_ROWS, &rows));
    audit_put_t put = {.items = {arena_array (turn->arena, rows.count + 1, sizeof (audit_entry_t)), 0}};
    sent_t *sent = calloc (1, sizeof (sent_t));
    if (!sent)
        abort ();
    for (size_t i = 0; i < rows.count; i++) {
        audit_entry_t *entry = &put.items.items[put.items.count];
        if (read_entry (turn, rows.items[i].text, entry) != OK) {
            log_error ("a record of the audit cannot be read", "id", rows.items[i].id, NULL);
            continue;
        }
        put.items.count++;
        size_t size = strlen (rows.items[i].id);
        memcpy (sent->ids[sent->count++], rows.items[i].id, size < MAX_ID ? size + 1 : MAX_ID);
    }
    fault_t fault = sent->count ? actor_call (turn, MSG_audit_put, &put, NULL) : OK;
    if (fault == OK && sent->count)
        actor_then (turn, remove_sent, sent);
    else
        free (sent);
    return fault;
}

const actor_audit_t service_audit = {.add = add, .forward = forward};
