/* lint_report.c - findings as text for people and editors, as JSON, and as workflow commands.
 *
 * Source: GitHub's "Workflow commands", ::error and ::warning. */

#include "cli/lint/lint.h"
#include "cli/terminal/paint.h"
#include "common/base/line.h"
#include "workflow/expression/text.h"

#include <string.h>

#define SOURCE_MAX 160 // Characters of a source line that are shown

static const char *severity_name (const finding_t *finding)
{
    return finding->severity == SEVERITY_ERROR ? "error" : "warning";
}

// ---- text ----

// The line's bytes, without its end.
static const char *source_line (const linted_t *file, int number, size_t *size)
{
    line_t line = line_begin (file->text, file->size);
    while (line_next (&line) && line.number < (size_t) number)
        ;
    bool there = line.number == (size_t) number;
    *size = there ? line.size - (line.size && line.text[line.size - 1] == '\r') : 0;
    return there ? line.text : "";
}

// Blanks as wide as the line before the column; a tab stays a tab.
static const char *indent_of (arena_t *arena, const char *line, size_t size, int column)
{
    char *indent = arena_alloc (arena, size + 1);
    size_t count = 0;
    for (size_t at = 0, used; at < size && column > 1; at += used, column--) {
        text_decode (line + at, size - at, &used);
        indent[count++] = line[at] == '\t' ? '\t' : ' ';
    }
    return indent;
}

static void print_source (FILE *out, const report_t *report, const linted_t *file, const finding_t *finding)
{
    size_t size;
    paint_t kind = finding->severity == SEVERITY_ERROR ? RED : YELLOW;
    const char *label = arena_printf (report->arena, "^ %s (%s)", severity_name (finding), finding->rule);
    const char *line = file->text ? source_line (file, finding->line, &size) : NULL;
    if (!line || finding->column > SOURCE_MAX) {
        fprintf (out, "    %s\n", paint (report->arena, report->colour, kind, label + 2));
        return;
    }
    if (size > SOURCE_MAX)
        size = text_cut (line, size, SOURCE_MAX);
    char *shown = arena_strndup (report->arena, line, size);
    for (char *tab = shown; (tab = strchr (tab, '\t')); tab++)
        *tab = ' ';
    fprintf (out, "    %s\n    %s%s\n", paint_safe (report->arena, shown),
             indent_of (report->arena, shown, size, finding->column),
             paint (report->arena, report->colour, kind, label));
}

void report_text (FILE *out, const report_t *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const linted_t *file = &report->files[i];
        for (size_t j = 0; j < file->findings.count; j++) {
            const finding_t *finding = &file->findings.items[j];
            const char *location =
                arena_printf (report->arena, "%s:%d:%d:", paint_safe (report->arena, file->path),
                              finding->line, finding->column);
            fprintf (out, "%s %s\n", paint (report->arena, report->colour, BOLD, location),
                     paint_safe (report->arena, finding->message));
            print_source (out, report, file, finding);
        }
    }
}

// ---- JSON ----

static void put (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

// Every finding of every file, made into a value.
typedef value_t *finding_fn (arena_t *arena, const linted_t *file, const finding_t *finding);
static value_t *list_of (const report_t *report, finding_fn *make)
{
    value_t *list = value_array (report->arena);
    for (size_t i = 0; i < report->count; i++) {
        const linted_t *file = &report->files[i];
        for (size_t j = 0; j < file->findings.count; j++)
            value_push (report->arena, list, make (report->arena, file, &file->findings.items[j]));
    }
    return list;
}

static value_t *json_finding (arena_t *arena, const linted_t *file, const finding_t *finding)
{
    value_t *object = value_object (arena);
    put (arena, object, "file", file->path);
    value_set (arena, object, "line", value_number (arena, finding->line));
    value_set (arena, object, "column", value_number (arena, finding->column));
    put (arena, object, "severity", severity_name (finding));
    put (arena, object, "rule", finding->rule);
    put (arena, object, "message", finding->message);
    return object;
}

void report_json (FILE *out, const report_t *report)
{
    value_t *object = value_object (report->arena);
    value_set (report->arena, object, "findings", list_of (report, json_finding));
    fprintf (out, "%s\n", value_to_json (report->arena, object, 2));
}

// ---- workflow commands ----

static void print_escaped (FILE *out, const char *text, const char *special)
{
    for (; *text; text++)
        if (strchr (special, *text))
            fprintf (out, "%%%02X", (unsigned) (unsigned char) *text);
        else
            fputc (*text, out);
}

void report_github (FILE *out, const report_t *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const linted_t *file = &report->files[i];
        for (size_t j = 0; j < file->findings.count; j++) {
            const finding_t *finding = &file->findings.items[j];
            fprintf (out, "::%s file=", severity_name (finding));
            print_escaped (out, file->path, "%\r\n:,");
            fprintf (out, ",line=%d,col=%d,title=%s::", finding->line, finding->column, finding->rule);
            print_escaped (out, finding->message, "%\r\n");
            fputc ('\n', out);
        }
    }
}
