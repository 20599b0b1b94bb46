/* db_unit.c - see db_unit.h. */

#include "common/db/db_unit.h"

#include "common/db/audit_outbox_store.h"
#include "common/db/request_store.h"

static db_t *db_of (void *self)
{
    return *(db_t **) self;
}

fault_t db_unit_write (db_t *db, turn_t *turn)
{
    return db_in_transaction (db) ? OK : db_begin (db, turn);
}

fault_t db_unit_commit (void *self, turn_t *turn)
{
    return db_in_transaction (db_of (self)) ? db_commit (db_of (self), turn) : OK;
}

void db_unit_rollback (void *self)
{
    db_rollback (db_of (self));
}

uint64_t db_unit_writes (void *self)
{
    return db_writes (db_of (self));
}

fault_t db_unit_announce (void *self, turn_t *turn, const char *service, const char *text)
{
    return db_announce (db_of (self), turn, service, text);
}

bool db_unit_in_doubt (void *self)
{
    return db_commit_unknown (db_of (self));
}

static fault_t remember (void *self, turn_t *turn, const remembered_t *request)
{
    return request_store_add (db_of (self), turn, request);
}

static fault_t recall (void *self, turn_t *turn, const char *key, remembered_t *request)
{
    return request_store_find (db_of (self), turn, key, request);
}

// SQLite commits in this process.
static bool is_certain (void *self)
{
    return !db_is_postgres (db_of (self));
}

const request_memory_t db_unit_requests = {.remember = remember, .recall = recall, .certain = is_certain};

static fault_t add_record (void *self, turn_t *turn, const char *service, const audit_record_t *record)
{
    TRY (db_unit_write (db_of (self), turn));
    return audit_outbox_add (db_of (self), turn, service, record);
}

static fault_t first_records (void *self, turn_t *turn, const char *service, int64_t limit,
                              audit_records_t *out)
{
    *out = (audit_records_t){0};
    // A service without a database changes nothing there
    return db_of (self) ? audit_outbox_first (db_of (self), turn, service, limit, out) : OK;
}

static fault_t remove_record (void *self, turn_t *turn, const char *id)
{
    TRY (db_unit_write (db_of (self), turn));
    return audit_outbox_remove (db_of (self), turn, id);
}

const audit_memory_t db_unit_audit = {.add = add_record, .first = first_records, .remove = remove_record};
