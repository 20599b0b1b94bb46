/* annotation.c - see annotation.h. */

#include "agent/engine/output/annotation.h"

#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TITLE_MAX   255  // Bytes: what a report can carry
#define FILE_MAX    4096 // Bytes, here and below; longer ones are cut
#define MESSAGE_MAX 4096

// A report is UTF-8; what a step prints may be anything.
static const char *clean (arena_t *arena, const char *text, size_t most)
{
    return utf8_repair (arena, text, strlen (text), most);
}

bool annotation_level (const char *command, annotation_level_t *out)
{
    for (uint32_t level = 0; level < annotation_level_count; level++)
        if (strcasecmp (command, state_name (&states_annotation, level)) == 0) {
            *out = (annotation_level_t) level;
            return true;
        }
    return false;
}

static uint32_t number (const workflow_command_t *command, const char *key)
{
    const char *text = command_property (command, key);
    char *end;
    unsigned long long value = strtoull (text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && value <= INT32_MAX ? (uint32_t) value : 0;
}

// Both ends of a range of lines or columns.
static void read_range (const workflow_command_t *command, const char *from, const char *to, uint32_t *first,
                        uint32_t *last)
{
    *first = number (command, from);
    *last = number (command, to);
    if (*first == 0)
        *first = *last;
    if (*last == 0)
        *last = *first;
    if (*last < *first)
        *first = *last = 0;
}

static const char *within (const char *file, const char *workspace)
{
    size_t size = strlen (workspace);
    return size && strncmp (file, workspace, size) == 0 && file[size] == '/' ? file + size + 1 : file;
}

void annotation_read (arena_t *arena, const workflow_command_t *command, annotation_level_t level,
                      const char *workspace, engine_annotation_t *out)
{
    *out = (engine_annotation_t){
        .level = level,
        .title = clean (arena, command_property (command, "title"), TITLE_MAX),
        .file = clean (arena, within (command_property (command, "file"), workspace), FILE_MAX),
        .message = clean (arena, command->message, MESSAGE_MAX)};
    read_range (command, "line", "endLine", &out->line, &out->end_line);
    read_range (command, "col", "endColumn", &out->column, &out->end_column);
    if (out->line == 0 || out->line != out->end_line)
        out->column = out->end_column = 0;
}

bool annotation_keep (annotation_count_t *count, const engine_annotation_t *annotation)
{
    unsigned same = 0;
    for (unsigned i = 0; i < count->count; i++)
        same += count->kept[i].step == annotation->step && count->kept[i].level == annotation->level;
    if (count->count == ANNOTATIONS_MAX || same == ANNOTATIONS_EACH)
        return false;
    count->kept[count->count].step = annotation->step;
    count->kept[count->count++].level = annotation->level;
    return true;
}
