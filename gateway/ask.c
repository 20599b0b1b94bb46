/* ask.c - see ask.h. */

#include "gateway/ask.h"

#include "common/base/utf8.h"
#include "gateway/call.h"

#include <string.h>

static bool may_be_asked (const request_t *self, const char *name)
{
    const field_t *field = message_field (self->route->ask, name);
    if (!field)
        return self->route->handler->extra && (strcmp (self->route->handler->extra, "*") == 0 ||
                                               strcmp (name, self->route->handler->extra) == 0);
    return field->kind != KIND_JSON && field->kind != KIND_LIST && field->kind != KIND_BYTES &&
           !pairs_get (&self->path, name);
}

fault_t request_query_known (request_t *self)
{
    for (size_t i = 0; i < self->query.count; i++)
        if (!may_be_asked (self, self->query.items[i].name))
            return turn_fail (&self->turn, BAD_INPUT, "%.100s: unknown query parameter for this path",
                              self->query.items[i].name);
    return OK;
}

static fault_t set_query (request_t *self, void *ask)
{
    for (size_t i = 0; i < self->query.count; i++) {
        const uri_pair_t *pair = &self->query.items[i];
        if (!message_field (self->route->ask, pair->name))
            continue;
        fault_t fault = message_set (self->route->ask, &self->turn, pair->name, pair->value, ask);
        if (fault != OK)
            return fault;
    }
    return OK;
}

// Tools of GitHub's know a run by its github.run_id, a whole number, which stands for the id in every path.
static fault_t run_of (request_t *self, const uri_pair_t *pair, const char **value)
{
    run_find_t ask;
    done_t found = {0};
    *value = pair->value;
    if (strcmp (pair->name, "run") != 0 || !http_number (pair->value, strlen (pair->value), &ask.number))
        return OK;
    TRY (gateway_call (self, MESSAGE (run_find), &ask, &found, 0));
    *value = found.id;
    return OK;
}

static fault_t set_path (request_t *self, void *ask)
{
    for (size_t i = 0; i < self->path.count; i++) {
        const uri_pair_t *pair = &self->path.items[i];
        const char *value;
        if (!message_field (self->route->ask, pair->name))
            continue;
        TRY (run_of (self, pair, &value));
        TRY (message_set (self->route->ask, &self->turn, pair->name, value, ask));
    }
    return OK;
}

fault_t request_fields (request_t *self, void *ask)
{
    fault_t fault = set_query (self, ask);
    if (fault == OK)
        fault = set_path (self, ask);
    return fault == OK ? message_check (self->route->ask, &self->turn, ask) : fault;
}

fault_t request_ask (request_t *self, void *ask)
{
    if (self->body_size) {
        if (!utf8_valid (self->body, self->body_size))
            return turn_fail (&self->turn, BAD_INPUT, "the body is not UTF-8");
        fault_t fault = message_read (self->route->ask, &self->turn, self->body, self->body_size, ask);
        if (fault != OK)
            return fault;
    }
    return request_fields (self, ask);
}
