/* audit.c - see audit.h. What the gateway could not know is taken from the answer: the id of what was made, whose it is, who signed in. */

#include "proto/audit.h"

#include "common/base/id.h"

#include <string.h>

#define ENTRY_MAX (16 << 10) // Bytes of one as JSON

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

static fault_t print (turn_t *turn, audit_entry_t *entry, audit_record_t *out)
{
    buffer_t *text = buffer_new (ENTRY_MAX);
    entry->at = turn->now_us;
    entry->result = fault_name (OK);
    message_print (MESSAGE (audit_entry), entry, text);
    bool full = buffer_full (text);
    *out = (audit_record_t){entry->id, arena_strndup (turn->arena, buffer_text (text), buffer_size (text))};
    buffer_destroy (&text);
    return full ? turn_fail (turn, TOO_LARGE, "the record of this request is too large") : OK;
}

static fault_t read_entry (turn_t *turn, const char *text, audit_entry_t *out)
{
    memset (out, 0, sizeof *out);
    return message_read_newer (MESSAGE (audit_entry), turn, text, strlen (text), out);
}

fault_t audit_entry_of (turn_t *turn, const char *given, uint16_t answer_number, const void *answer,
                        audit_record_t *out)
{
    audit_entry_t entry;
    if (read_entry (turn, given, &entry) != OK || !entry.id || !*entry.id)
        return turn_fail (turn, BROKEN, "the gateway's record of this request cannot be read: %s",
                          turn->detail ? turn->detail : "it has no id");
    complete (&entry, message_by_number (answer_number), answer);
    return print (turn, &entry, out);
}

fault_t audit_note (turn_t *turn, const audit_entry_t *given, const audit_record_t **out)
{
    audit_entry_t entry = *given;
    audit_record_t *record = arena_alloc (turn->arena, sizeof *record);
    entry.id = id_new (turn->arena, 'u', turn->now_us);
    entry.request_id = turn->request_id;
    *out = record;
    return print (turn, &entry, record);
}

fault_t audit_put_of (turn_t *turn, const audit_records_t *records, uint16_t *number, const void **ask)
{
    audit_put_t *put = arena_alloc (turn->arena, sizeof *put);
    *put = (audit_put_t){.items = {arena_array (turn->arena, records->count + 1, sizeof (audit_entry_t)), 0}};
    for (size_t i = 0; i < records->count; i++)
        TRY (read_entry (turn, records->items[i].text, &put->items.items[put->items.count++]));
    *number = MSG_audit_put;
    *ask = put;
    return OK;
}
