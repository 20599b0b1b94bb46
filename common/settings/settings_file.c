/* settings_file.c - options from opencicd.yaml: one flat map of plain values. Nesting, aliases and unknown or repeated keys
 * are refused with file and line. */

#include "common/settings/settings_row.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

#define MAX_FILE (256 << 10) // Bytes; a larger one is refused: it is another file by mistake

typedef struct {
    loading_t *loading;
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event;
} file_t;

static const char *key_of (arena_t *arena, const setting_row_t *row)
{
    return row->flag_only || row->not_in_file ? NULL : arena_strdup (arena, row->name);
}

static fault_t next (file_t *self)
{
    yaml_event_delete (&self->event);
    if (yaml_parser_parse (&self->parser, &self->event))
        return OK;
    return settings_refuse (self->loading, "%s:%zu: %s", self->path, self->parser.problem_mark.line + 1,
                            self->parser.problem ? self->parser.problem : "not YAML");
}

static size_t line_of (const file_t *self)
{
    return self->event.start_mark.line + 1;
}

static fault_t expect (file_t *self, yaml_event_type_t type, const char *what)
{
    if (self->event.type == type)
        return OK;
    return settings_refuse (self->loading, "%s:%zu: expected %s", self->path, line_of (self), what);
}

static fault_t take_text (file_t *self, const char **out, const char *what)
{
    TRY (expect (self, YAML_SCALAR_EVENT, what));
    const char *text = (const char *) self->event.data.scalar.value;
    if (strlen (text) != self->event.data.scalar.length)
        return settings_refuse (self->loading, "%s:%zu: %s contains a NUL", self->path, line_of (self), what);
    *out = arena_strdup (self->loading->arena, text);
    return OK;
}

// The event is the key's.
static fault_t read_pair (file_t *self, bool *seen)
{
    loading_t *loading = self->loading;
    const char *key = NULL, *value = NULL;
    size_t line = line_of (self);
    TRY (take_text (self, &key, "a key"));
    const setting_row_t *row = strchr (key, '-') ? NULL : settings_row (key, strlen (key));
    if (!row || row->flag_only || row->not_in_file)
        return settings_refuse (loading, "%s:%zu: unknown setting %s%s", self->path, line, key,
                                settings_hint (loading, key, key_of));
    if (seen[row - settings_rows])
        return settings_refuse (loading, "%s:%zu: duplicate setting %s", self->path, line, key);
    seen[row - settings_rows] = true;
    fault_t fault = next (self);
    if (!fault)
        fault = take_text (self, &value, arena_printf (loading->arena, "a plain value of %s", key));
    if (!fault)
        settings_give (loading, row, FROM_FILE, value,
                       arena_printf (loading->arena, "%s:%zu: %s", self->path, line, key));
    return fault;
}

static fault_t read_map (file_t *self)
{
    bool *seen = arena_array (self->loading->arena, settings_row_count, sizeof (bool));
    fault_t fault = expect (self, YAML_MAPPING_START_EVENT, "a map of settings, one \"key: value\" per line");
    if (!fault)
        fault = next (self);
    while (!fault && self->event.type != YAML_MAPPING_END_EVENT) {
        fault = read_pair (self, seen);
        if (!fault)
            fault = next (self);
    }
    return fault;
}

// An empty file is fine.
static fault_t read_document (file_t *self)
{
    fault_t fault = next (self); // The stream's start
    if (!fault)
        fault = next (self);
    if (fault || self->event.type == YAML_STREAM_END_EVENT)
        return fault;
    fault = next (self);
    if (!fault)
        fault = read_map (self);
    if (!fault)
        fault = next (self); // The document's end
    if (!fault)
        fault = next (self);
    return fault ? fault : expect (self, YAML_STREAM_END_EVENT, "the end of the file");
}

static fault_t parse (loading_t *loading, const char *path, const char *text, size_t size)
{
    file_t file = {.loading = loading, .path = path};
    if (!yaml_parser_initialize (&file.parser))
        abort ();
    yaml_parser_set_input_string (&file.parser, (const unsigned char *) text, size);
    fault_t fault = read_document (&file);
    yaml_event_delete (&file.event);
    yaml_parser_delete (&file.parser);
    return fault;
}

fault_t settings_read_file (loading_t *self, const char *path, bool must_exist)
{
    FILE *in = fopen (path, "re");
    if (!in) {
        if (errno == ENOENT && !must_exist)
            return OK;
        return settings_refuse (self, "%s: cannot read the settings file: %s", path, strerror (errno));
    }
    char *text = arena_alloc (self->arena, MAX_FILE + 1);
    size_t size = fread (text, 1, MAX_FILE + 1, in);
    int error = ferror (in) ? errno : 0;
    fclose (in);
    if (error)
        return settings_refuse (self, "%s: cannot read the settings file: %s", path, strerror (error));
    if (size > MAX_FILE)
        return settings_refuse (self, "%s: the settings file has more than %d bytes", path, MAX_FILE);
    return parse (self, path, text, size);
}
