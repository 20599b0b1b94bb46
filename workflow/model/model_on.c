/* model_on.c - `on` in its three forms: one event, a list of events, a map of events and their filters. */

#include "workflow/model/model_read.h"
#include "workflow/schema/schema.h"

#include <string.h>

static const input_t *read_inputs (arena_t *arena, const node_t *map, size_t *count)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    input_t *inputs = arena_array (arena, map->count, sizeof (input_t));
    for (size_t i = 0; i < map->count; i++) {
        const node_t *node = map->items[i];
        inputs[i] = (input_t){.name = read_text (arena, map->keys[i]),
                              .description = read_key (arena, node, "description"),
                              .type = read_key (arena, node, "type"),
                              .deprecation = read_key (arena, node, "deprecationMessage"),
                              .required = read_bool (node, "required"),
                              .fallback = node_get (node, "default"),
                              .options = read_texts (arena, node_get (node, "options"))};
        // GitHub's default; workflow_call's inputs must say theirs, which the schema checks
        if (!inputs[i].type.text)
            inputs[i].type = (text_t){.text = "string", .line = node->line, .column = node->column};
    }
    *count = map->count;
    return inputs;
}

static const declared_t *read_declared (arena_t *arena, const node_t *map, size_t *count)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    declared_t *all = arena_array (arena, map->count, sizeof (declared_t));
    for (size_t i = 0; i < map->count; i++)
        all[i] = (declared_t){.name = read_text (arena, map->keys[i]),
                              .description = read_key (arena, map->items[i], "description"),
                              .value = read_key (arena, map->items[i], "value"),
                              .required = read_bool (map->items[i], "required")};
    *count = map->count;
    return all;
}

static interface_t read_interface (arena_t *arena, const node_t *node)
{
    interface_t self = {0};
    self.inputs = read_inputs (arena, node_get (node, "inputs"), &self.input_count);
    self.outputs = read_declared (arena, node_get (node, "outputs"), &self.output_count);
    self.secrets = read_declared (arena, node_get (node, "secrets"), &self.secret_count);
    return self;
}

static void read_schedules (arena_t *arena, const node_t *list, workflow_t *out)
{
    if (!list || list->kind != NODE_LIST)
        return;
    schedule_t *schedules = arena_array (arena, list->count, sizeof (schedule_t));
    for (size_t i = 0; i < list->count; i++)
        schedules[i] = (schedule_t){read_key (arena, list->items[i], "cron"),
                                    read_key (arena, list->items[i], "timezone")};
    out->schedules = schedules;
    out->schedule_count = list->count;
}

// A filter that the event does not have is passed over, as GitHub does.
static texts_t read_filter (arena_t *arena, const node_t *name, const node_t *filters, const char *key)
{
    const schema_row_t *event = schema_row (&schema_on, node_text (arena, name));
    bool has = event && event->inner && schema_row (event->inner, key);
    return read_texts (arena, has ? node_get (filters, key) : NULL);
}

static event_t read_event (arena_t *arena, const node_t *name, const node_t *filters)
{
    return (event_t){.name = read_text (arena, name),
                     .types = read_filter (arena, name, filters, "types"),
                     .branches = read_filter (arena, name, filters, "branches"),
                     .branches_ignore = read_filter (arena, name, filters, "branches-ignore"),
                     .tags = read_filter (arena, name, filters, "tags"),
                     .tags_ignore = read_filter (arena, name, filters, "tags-ignore"),
                     .paths = read_filter (arena, name, filters, "paths"),
                     .paths_ignore = read_filter (arena, name, filters, "paths-ignore"),
                     .workflows = read_filter (arena, name, filters, "workflows")};
}

void read_events (arena_t *arena, const node_t *on, workflow_t *out)
{
    if (!on)
        return;
    bool map = on->kind == NODE_MAP, list = on->kind == NODE_LIST;
    size_t count = map || list ? on->count : 1;
    event_t *events = arena_array (arena, count, sizeof (event_t));
    for (size_t i = 0; i < count; i++)
        // A name alone has no filters: all of its events count
        events[i] = read_event (arena,
                                map    ? on->keys[i]
                                : list ? on->items[i]
                                       : on,
                                map ? on->items[i] : NULL);
    out->events = events;
    out->event_count = count;
    // These have more than filters, which only a map can give: of the other forms node_get finds nothing
    read_schedules (arena, node_get (on, "schedule"), out);
    out->dispatch = read_interface (arena, node_get (on, "workflow_dispatch"));
    out->call = read_interface (arena, node_get (on, "workflow_call"));
}
