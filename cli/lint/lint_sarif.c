/* lint_sarif.c - findings as SARIF, which code scanning and editors read.
 *
 * Source: OASIS "Static Analysis Results Interchange Format 2.1.0". Every rule is described, those of loading as well. */

#include "cli/lint/lint.h"

#include "common/base/url.h"

#include <string.h>

// What loading refuses, in addition to the rules of lint.
static const lint_rule_t loading[] = {
    {"syntax", SEVERITY_ERROR, true, "a file must be YAML as GitHub reads it"},
    {"schema", SEVERITY_ERROR, true, "every key has its place and its type of value"},
    {"expression", SEVERITY_ERROR, true, "an expression must parse, and name only what is available there"},
    {"needs", SEVERITY_ERROR, true, "jobs need jobs of the same file, without a cycle"},
    {"calls", SEVERITY_ERROR, true,
     "a called workflow exists, and gets the inputs and secrets that it requires"},
    {"filters", SEVERITY_ERROR, true, "a filter and its -ignore form exclude each other"},
    {"glob", SEVERITY_ERROR, true, "a pattern must mean something"},
    {"cron", SEVERITY_ERROR, true, "a schedule is five fields, each within its bounds"},
    {"matrix", SEVERITY_ERROR, true, "a matrix makes 1 to 256 jobs"},
    {"directive", SEVERITY_WARNING, true, "a comment that switches rules must name them"},
    {"file", SEVERITY_ERROR, true, "a file that cannot be read is not checked"},
};
#define LOADING_COUNT (sizeof (loading) / sizeof (loading[0]))

static void put (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static value_t *wrap (arena_t *arena, const char *key, const value_t *inner)
{
    value_t *object = value_object (arena);
    value_set (arena, object, key, inner);
    return object;
}

static const value_t *text_of (arena_t *arena, const char *text)
{
    return wrap (arena, "text", value_string (arena, text));
}

static const char *level_of (severity_t severity)
{
    return severity == SEVERITY_ERROR ? "error" : "warning";
}

// A URI reference, "file:" where the path is absolute.
static const char *uri_of (arena_t *arena, const char *path)
{
    const char *uri = url_escape (arena, path + (strncmp (path, "./", 2) == 0 ? 2 : 0), "/");
    return *uri == '/' ? arena_printf (arena, "file://%s", uri) : uri;
}

static const lint_rule_t *rule_at (size_t index)
{
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    if (index < count)
        return &rules[index];
    return index < count + LOADING_COUNT ? &loading[index - count] : NULL;
}

static value_t *location_of (arena_t *arena, const linted_t *file, const finding_t *finding)
{
    value_t *region = value_object (arena), *location = value_object (arena);
    value_set (arena, region, "startLine", value_number (arena, finding->line));
    value_set (arena, region, "startColumn", value_number (arena, finding->column));
    value_set (arena, location, "artifactLocation",
               wrap (arena, "uri", value_string (arena, uri_of (arena, file->path))));
    value_set (arena, location, "region", region);
    return wrap (arena, "physicalLocation", location);
}

static value_t *result_of (arena_t *arena, const linted_t *file, const finding_t *finding)
{
    value_t *result = value_object (arena), *locations = value_array (arena);
    put (arena, result, "ruleId", finding->rule);
    for (size_t i = 0; rule_at (i); i++)
        if (strcmp (rule_at (i)->id, finding->rule) == 0)
            value_set (arena, result, "ruleIndex", value_number (arena, (double) i));
    put (arena, result, "level", level_of (finding->severity));
    value_set (arena, result, "message", text_of (arena, finding->message));
    value_push (arena, locations, location_of (arena, file, finding));
    value_set (arena, result, "locations", locations);
    return result;
}

// `fixed`: it cannot be switched off.
static value_t *rule_of (arena_t *arena, const lint_rule_t *row, bool fixed)
{
    const char *how = fixed ? "It is always reported"
                            : arena_printf (arena,
                                            "To switch it off: --no-rule %s, or a comment in the file, "
                                            "# opencicd-lint: off %s",
                                            row->id, row->id);
    value_t *rule = value_object (arena), *start = value_object (arena);
    put (arena, rule, "id", row->id);
    value_set (arena, rule, "shortDescription", text_of (arena, row->meaning));
    value_set (arena, rule, "help", text_of (arena, arena_printf (arena, "%s. %s.", row->meaning, how)));
    value_set (arena, start, "enabled", value_bool (row->on));
    put (arena, start, "level", level_of (row->severity));
    value_set (arena, rule, "defaultConfiguration", start);
    return rule;
}

static value_t *rules_of (arena_t *arena)
{
    size_t count;
    value_t *list = value_array (arena);
    (void) lint_rules (&count);
    for (size_t i = 0; rule_at (i); i++)
        value_push (arena, list, rule_of (arena, rule_at (i), i >= count));
    return list;
}

static value_t *results_of (const report_t *report)
{
    value_t *list = value_array (report->arena);
    for (size_t i = 0; i < report->count; i++)
        for (size_t j = 0; j < report->files[i].findings.count; j++)
            value_push (report->arena, list,
                        result_of (report->arena, &report->files[i], &report->files[i].findings.items[j]));
    return list;
}

void report_sarif (FILE *out, const report_t *report)
{
    arena_t *arena = report->arena;
    value_t *driver = value_object (arena), *run = value_object (arena), *runs = value_array (arena);
    put (arena, driver, "name", "opencicd");
    put (arena, driver, "version", OPENCICD_VERSION);
    value_set (arena, driver, "rules", rules_of (arena));
    value_set (arena, run, "tool", wrap (arena, "driver", driver));
    put (arena, run, "columnKind", "unicodeCodePoints");
    value_set (arena, run, "results", results_of (report));
    value_push (arena, runs, run);
    value_t *log = value_object (arena);
    put (arena, log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    put (arena, log, "version", "2.1.0");
    value_set (arena, log, "runs", runs);
    fprintf (out, "%s\n", value_to_json (arena, log, 2));
}
