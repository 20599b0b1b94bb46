/* audit_syslog.c - see audit_syslog.h. Sending is a helper thread's work: the receiver may be slow, or away. */

#include "services/identity/audit_syslog.h"

#include "common/actor/background.h"
#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/url.h"
#include "common/db/db_unit.h"
#include "services/identity/audit_send.h"
#include "services/identity/audit_store.h"
#include "services/identity/inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEND_ROWS  100
#define SEND_CLAIM SECONDS (60) // Then another replica may send
#define SEND_AGAIN SECONDS (10)
#define OK_PRI     110           // Facility 13, log audit; severity 6, informational
#define REFUSED    108           // Severity 4, warning
#define SD_ID      "audit@32473" // RFC 5612: for those without a number of their own
#define MSGID_MAX  32

// ---- the message ----

// RFC 5424, 6.3.3: three characters are escaped, and no control character is in our texts' places.
static void put_param (buffer_t *into, const char *name, const char *value)
{
    buffer_printf (into, " %s=\"", name);
    for (; value && *value; value++) {
        if (strchr ("\"\\]", *value))
            buffer_putc (into, '\\');
        buffer_putc (into, (unsigned char) *value < 0x20 || *value == 0x7f ? ' ' : *value);
    }
    buffer_putc (into, '"');
}

// PRINTUSASCII, "-" for none.
static void put_word (buffer_t *into, const char *word, size_t most)
{
    size_t size = word ? strnlen (word, most) : 0;
    buffer_putc (into, ' ');
    for (size_t i = 0; i < size; i++)
        buffer_putc (into, word[i] > ' ' && word[i] < 0x7f ? word[i] : '?');
    if (size == 0)
        buffer_putc (into, '-');
}

void audit_syslog_print (const audit_entry_t *entry, const char *host, buffer_t *into)
{
    char at[CLOCK_TEXT];
    bool good = entry->result && strcmp (entry->result, fault_name (OK)) == 0;
    clock_print (at, entry->at);
    buffer_printf (into, "<%d>1 %s", good ? OK_PRI : REFUSED, at);
    put_word (into, host, 255);
    buffer_puts (into, " opencicd -");
    put_word (into, entry->action, MSGID_MAX);
    buffer_puts (into, " [" SD_ID);
    put_param (into, "id", entry->id);
    put_param (into, "actor", entry->actor);
    put_param (into, "object", entry->object);
    put_param (into, "project", entry->project);
    put_param (into, "result", entry->result);
    put_param (into, "address", entry->address);
    buffer_puts (into, "] \xef\xbb\xbf"); // The rest is UTF-8
    message_print (MESSAGE (audit_entry), entry, into);
}

// ---- where to ----

fault_t audit_syslog_set (audit_syslog_t *self, turn_t *turn, const char *to)
{
    audit_target_t target;
    if (!*to)
        return OK;
    TRY (audit_target_parse (turn, to, &target));
    self->to = strdup (to);
    if (!self->to)
        abort ();
    self->on = true;
    return OK;
}

void audit_syslog_clear (audit_syslog_t *self)
{
    free (self->to);
    self->to = NULL;
}

// ---- sending ----

typedef struct {
    turn_t turn;
    identity_t *identity;
    const char *to;
    strs_t lines;
    int64_t before, last; // Numbers: sent earlier, of the last of these
    fault_t fault;
} sending_t;

static void work (void *data)
{
    sending_t *sending = data;
    sending->fault = audit_send (&sending->turn, sending->to, &sending->lines);
}

static fault_t done (void *context, turn_t *turn, void *data)
{
    identity_t *self = context;
    const sending_t *sending = data;
    bool sent = sending->fault == OK;
    self->syslog.sending = false;
    self->syslog.again_us = sent ? 0 : turn->now_us + SEND_AGAIN;
    if (!sent)
        log_warn ("the audit cannot be sent to syslog", "to", sending->to, "why",
                  sending->turn.detail ? sending->turn.detail : fault_text (sending->fault), NULL);
    metric_add (sent ? metrics_counter ("opencicd_audit_syslog_total", "result", "sent",
                                        "Batches of entries that were sent to syslog, or could not be")
                     : metrics_counter ("opencicd_audit_syslog_total", "result", "failed",
                                        "Batches of entries that were sent to syslog, or could not be"),
                1);
    actor_tick_at (turn, sent ? turn->now_us : self->syslog.again_us);
    TRY (db_unit_write (self->db, turn));
    return audit_store_sent (self->db, turn, sent ? sending->last : sending->before);
}

typedef struct {
    turn_t *turn;
    audit_entry_items_t rows;
    audit_claim_t claim;
} handed_t;

// After the commit of the claim.
static void begin (void *context, void *data)
{
    identity_t *self = context;
    const handed_t *handed = data;
    arena_t *arena = arena_new ();
    sending_t *sending = arena_alloc (arena, sizeof *sending);
    char host[256] = "";
    (void) gethostname (host, sizeof host - 1);
    *sending = (sending_t){
        .identity = self, .to = arena_strdup (arena, self->syslog.to), .before = handed->claim.sent};
    turn_init (&sending->turn, arena, "", 0);
    sending->lines.items = arena_array (arena, handed->rows.count, sizeof (char *));
    buffer_t *line = buffer_new (SYSLOG_LINE);
    for (size_t i = 0; i < handed->rows.count; i++) {
        buffer_clear (line);
        audit_syslog_print (&handed->rows.items[i], host, line);
        sending->lines.items[sending->lines.count++] =
            arena_strndup (arena, buffer_text (line), buffer_size (line));
    }
    buffer_destroy (&line);
    // Between the last row and the last number there is nothing: entries that came twice
    bool all = handed->rows.count < SEND_ROWS;
    sending->last = all ? handed->claim.last : handed->rows.items[SEND_ROWS - 1].number;
    self->syslog.sending = background_send (self->helpers, handed->turn, work, done, &arena, sending) == OK;
}

fault_t audit_syslog_tick (identity_t *self, turn_t *turn, int64_t *next_us)
{
    static const audit_filter_t all = {.until = INT64_MAX};
    handed_t *handed = arena_alloc (turn->arena, sizeof *handed);
    if (!self->syslog.on)
        return OK;
    int64_t look_us = turn->now_us + SEND_CLAIM; // What a replica claimed that is gone
    *next_us = look_us < *next_us ? look_us : *next_us;
    if (self->syslog.sending || turn->now_us < self->syslog.again_us)
        return OK;
    TRY (db_unit_write (self->db, turn));
    TRY (audit_store_claim (self->db, turn, look_us, &handed->claim));
    if (!handed->claim.got)
        return OK;
    TRY (audit_store_after (self->db, turn, &all, handed->claim.sent, SEND_ROWS, &handed->rows));
    handed->turn = turn;
    if (handed->rows.count == 0)
        return audit_store_sent (self->db, turn, handed->claim.last);
    actor_after (turn, begin, handed);
    return OK;
}
