/* mcp_tools.c - see mcp_tools.h. */

#include "cli/mcp/mcp_tools.h"

#include "common/base/bytes.h"
#include "common/base/url.h"
#include "common/base/utf8.h"
#include "workflow/expression/text.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_PARAMS                                                                              \
    {.name = "limit", .kind = MCP_NUMBER_PARAM, .doc = "At most so many rows, up to 200"},       \
    {                                                                                            \
        .name = "cursor", .kind = MCP_TEXT_PARAM, .doc = "`next` of the answer before, to go on" \
    }
#define RUN_PARAM                                                                     \
    {                                                                                 \
        .name = "run", .kind = MCP_TEXT_PARAM, .required = true, .doc = "Id of a run" \
    }
#define JOB_PARAM                                                                     \
    {                                                                                 \
        .name = "job", .kind = MCP_TEXT_PARAM, .required = true, .doc = "Id of a job" \
    }
#define ATTEMPT_PARAM                                                                              \
    {                                                                                              \
        .name = "attempt", .kind = MCP_NUMBER_PARAM, .doc = "Of its attempts; default: the latest" \
    }
#define PROJECT_PARAM                                                                                 \
    {                                                                                                 \
        .name = "project", .kind = MCP_TEXT_PARAM, .required = true, .doc = "Id or name of a project" \
    }

const mcp_tool_t mcp_tools[] = {
    {.name = "list_projects",
     .title = "Projects",
     .doc = "The projects of the server: repositories whose workflows it runs.",
     .method = "GET",
     .path = "/projects",
     .params = {PAGE_PARAMS}},
    {.name = "list_workflows",
     .title = "Workflows",
     .doc = "The workflow files of a project, with the inputs of those that can be triggered by hand.",
     .method = "GET",
     .path = "/projects/{project}/workflows",
     .params = {PROJECT_PARAM}},
    {.name = "list_runs",
     .title = "Runs",
     .doc =
         "Runs, the latest first, with state and result. Each has the commit, the ref and what triggered it.",
     .method = "GET",
     .path = "/runs",
     .params = {{.name = "project", .kind = MCP_TEXT_PARAM, .doc = "Only of this project, by id or name"},
                {.name = "workflow", .kind = MCP_TEXT_PARAM, .doc = "Only of this workflow, by its path"},
                {.name = "state",
                 .kind = MCP_TEXT_PARAM,
                 .choices = "pending|running|cancelling|finished",
                 .doc = "Only in this state"},
                PAGE_PARAMS}},
    {.name = "show_run",
     .title = "One run",
     .doc = "A run with its jobs and their steps: state, result, exit codes, times, why a job waits.",
     .method = "GET",
     .path = "/runs/{run}",
     .params = {RUN_PARAM}},
    {.name = "show_failure",
     .title = "Why a run failed",
     .doc =
         "The digest of a failed run: its causes with step, exit code and the lines of the log that matter,"
         " whether they were seen before or elsewhere, the commits since the last green run, and the command"
         " that reproduces it. Begin here when a run is red.",
     .method = "GET",
     .path = "/runs/{run}/failure",
     .params = {RUN_PARAM}},
    {.name = "show_plan",
     .title = "A run as it was planned",
     .doc =
         "Why each job of a run runs or does not, with every value of its `if`, its needs, labels and steps.",
     .method = "GET",
     .path = "/runs/{run}/plan",
     .params = {RUN_PARAM,
                {.name = "job", .kind = MCP_TEXT_PARAM, .doc = "Only the job with this key"},
                PAGE_PARAMS}},
    {.name = "list_annotations",
     .title = "Annotations",
     .doc = "Errors, warnings and notices that a run's steps reported, with file and line.",
     .method = "GET",
     .path = "/runs/{run}/annotations",
     .params = {RUN_PARAM}},
    {.name = "show_job",
     .title = "One job",
     .doc = "A job with its steps.",
     .method = "GET",
     .path = "/jobs/{job}",
     .params = {JOB_PARAM}},
    {.name = "read_log",
     .title = "Part of a log",
     .doc = "Lines of a job's log, 200 unless `lines` says otherwise. `log_info` tells how many there are.",
     .method = "GET",
     .path = "/jobs/{job}/log",
     .text = true,
     .params = {JOB_PARAM,
                ATTEMPT_PARAM,
                {.name = "line", .kind = MCP_NUMBER_PARAM, .doc = "The first line, from 1; default: 1"},
                {.name = "lines", .kind = MCP_NUMBER_PARAM, .doc = "How many; default: 200"}}},
    {.name = "log_info",
     .title = "Size of a log",
     .doc = "How many lines a job's log has, and where each step begins.",
     .method = "GET",
     .path = "/jobs/{job}/log/info",
     .params = {JOB_PARAM, ATTEMPT_PARAM}},
    {.name = "search_log",
     .title = "Search a log",
     .doc = "Lines of a job's whole log that match, with their numbers, and how many match.",
     .method = "GET",
     .path = "/jobs/{job}/log/search",
     .params = {JOB_PARAM,
                {.name = "pattern",
                 .kind = MCP_TEXT_PARAM,
                 .required = true,
                 .doc = "A text, or a regular expression"},
                {.name = "regex", .kind = MCP_FLAG_PARAM, .doc = "It is a regular expression (PCRE2)"},
                {.name = "ignore_case", .kind = MCP_FLAG_PARAM, .doc = "Case does not matter"},
                {.name = "line", .kind = MCP_NUMBER_PARAM, .doc = "List matches from this line on"},
                {.name = "limit", .kind = MCP_NUMBER_PARAM, .doc = "Matches that are listed; default: 100"},
                ATTEMPT_PARAM}},
    {.name = "list_artifacts",
     .title = "Artifacts",
     .doc = "The artifacts of a run: files that its jobs kept.",
     .method = "GET",
     .path = "/runs/{run}/artifacts",
     .params = {RUN_PARAM, PAGE_PARAMS}},
    {.name = "list_artifact_files",
     .title = "Files of an artifact",
     .doc = "The files of an artifact with their sizes.",
     .method = "GET",
     .path = "/artifacts/{artifact}/files",
     .params = {{.name = "artifact", .kind = MCP_TEXT_PARAM, .required = true, .doc = "Id of an artifact"},
                {.name = "under", .kind = MCP_TEXT_PARAM, .doc = "Only of this folder"},
                PAGE_PARAMS}},
    {.name = "read_artifact_file",
     .title = "Part of a file of an artifact",
     .doc =
         "Bytes of a file that a job kept: as text, or as base64 where they are no text. 64 KiB from `offset`, unless"
         " `bytes` says fewer. `list_artifact_files` tells paths and sizes.",
     .method = "GET",
     .path = "/artifacts/{artifact}/files/{path...}",
     .bytes = true,
     .params = {{.name = "artifact", .kind = MCP_TEXT_PARAM, .required = true, .doc = "Id of an artifact"},
                {.name = "path",
                 .kind = MCP_TEXT_PARAM,
                 .required = true,
                 .doc = "Of the file, within the artifact"},
                {.name = "offset", .kind = MCP_NUMBER_PARAM, .doc = "First byte, from 0; default: 0"},
                {.name = "bytes", .kind = MCP_NUMBER_PARAM, .doc = "How many, up to 65,536"}}},
    {.name = "show_queue",
     .title = "The queue",
     .doc = "Jobs that wait for an agent, by the labels that they ask for: why, and what would help.",
     .method = "GET",
     .path = "/queue",
     .params = {{.name = "cursor", .kind = MCP_TEXT_PARAM, .doc = "`next` of the answer before, to go on"}}},
    {.name = "list_agents",
     .title = "Agents",
     .doc = "The agents that run jobs: labels, state, the job that each has.",
     .method = "GET",
     .path = "/agents",
     .params = {PAGE_PARAMS}},
    {.name = "show_insights",
     .title = "Insights",
     .doc =
         "How a project's runs did in a range of days: durations, waits, results, slow steps, flaky jobs, cost.",
     .method = "GET",
     .path = "/projects/{project}/insights",
     .params = {PROJECT_PARAM,
                {.name = "from",
                 .kind = MCP_TEXT_PARAM,
                 .doc = "2026-11-01T00:00:00Z; default: 30 days before `to`"},
                {.name = "to", .kind = MCP_TEXT_PARAM, .doc = "Default: now"},
                {.name = "workflow", .kind = MCP_TEXT_PARAM, .doc = "Only of this workflow, by its path"},
                {.name = "branch", .kind = MCP_TEXT_PARAM, .doc = "Only of this branch"}}},
    {.name = "trigger_workflow",
     .title = "Run a workflow",
     .doc = "Starts a workflow that has `workflow_dispatch`.",
     .method = "POST",
     .path = "/projects/{project}/runs",
     .writes = true,
     .params = {PROJECT_PARAM,
                {.name = "workflow",
                 .kind = MCP_TEXT_PARAM,
                 .doc = "Path or file name; optional if there is only one"},
                {.name = "ref", .kind = MCP_TEXT_PARAM, .doc = "Branch or tag; default: the default branch"},
                {.name = "inputs", .kind = MCP_OBJECT_PARAM, .doc = "Inputs of the workflow"}}},
    {.name = "rerun",
     .title = "Run it again",
     .doc = "Runs a finished run again: all of it, what failed, or one job and what needs it.",
     .method = "POST",
     .path = "/runs/{run}/rerun",
     .writes = true,
     .params = {RUN_PARAM,
                {.name = "only", .kind = MCP_TEXT_PARAM, .choices = "all|failed|job", .doc = "Default: all"},
                {.name = "job", .kind = MCP_TEXT_PARAM, .doc = "With only = job: its id"},
                {.name = "debug", .kind = MCP_FLAG_PARAM, .doc = "Log for debugging"}}},
    {.name = "cancel_run",
     .title = "Cancel a run",
     .doc = "Asks a run to stop; steps with always() still run, unless it is hard.",
     .method = "POST",
     .path = "/runs/{run}/cancel",
     .writes = true,
     .destroys = true,
     .params = {RUN_PARAM, {.name = "hard", .kind = MCP_FLAG_PARAM, .doc = "Kill at once"}}},
};
const size_t mcp_tool_count = sizeof mcp_tools / sizeof mcp_tools[0];

// A name in braces, "{path...}" for several segments. NULL where the path has none of this name; *rest is what follows it.
static const char *find_hole (const char *path, const char *name, const char **rest, bool *many)
{
    size_t size = strlen (name);
    for (const char *hole = path; (hole = strchr (hole, '{')); hole++) {
        *many = strncmp (hole + 1 + size, "...}", 4) == 0;
        *rest = hole + 1 + size + (*many ? 4 : 1);
        if (strncmp (hole + 1, name, size) == 0 && (*many || hole[1 + size] == '}'))
            return hole;
    }
    return NULL;
}

const char *mcp_tool_path (arena_t *arena, const mcp_tool_t *tool, const value_t *arguments,
                           const char **body)
{
    const char *path = tool->path, *query = "", *after, *hole;
    value_t *rest = value_object (arena);
    bool many, posts = strcmp (tool->method, "POST") == 0;
    *body = NULL;
    for (const mcp_param_t *param = tool->params; param->name; param++) {
        const value_t *value = value_get (arguments, param->name);
        if (!value)
            continue;
        // To its place in the path, else into the body, else after the "?"; bytes are asked for by a header (mcp_tool_range)
        if ((hole = find_hole (path, param->name, &after, &many)))
            path = arena_printf (arena, "%.*s%s%s", (int) (hole - path), path,
                                 url_escape (arena, value_to_text (arena, value), many ? "/" : ""), after);
        else if (posts)
            value_set (arena, rest, param->name, value);
        else if (!tool->bytes)
            query = arena_printf (arena, "%s%c%s=%s", query, *query ? '&' : '?', param->name,
                                  url_escape (arena, value_to_text (arena, value), ""));
    }
    if (posts)
        *body = value_to_json (arena, rest, 0);
    // Without a bound the whole log would come, and all but its beginning be cut off
    if (tool->text && !value_get (arguments, "lines"))
        query = arena_printf (arena, "%s%clines=200", query, *query ? '&' : '?');
    if (tool->text && !value_get (arguments, "line"))
        query = arena_printf (arena, "%s&line=1", query);
    return arena_printf (arena, "%s%s", path, query);
}

static int64_t number_in (const value_t *arguments, const char *name, int64_t fallback, int64_t most)
{
    const value_t *value = value_get (arguments, name);
    double number = value && value->kind == VALUE_NUMBER ? value->number : (double) fallback;
    return number < 0 ? 0 : number > (double) most ? most : (int64_t) number;
}

const char *mcp_tool_range (arena_t *arena, const value_t *arguments)
{
    int64_t from = number_in (arguments, "offset", 0, INT64_C (1) << 52);
    int64_t size = number_in (arguments, "bytes", MCP_BYTES, MCP_BYTES);
    return arena_printf (arena, "Range: bytes=%" PRId64 "-%" PRId64, from, from + (size ? size : 1) - 1);
}

const char *mcp_bytes_text (arena_t *arena, const char *bytes, size_t size)
{
    size_t whole = size; // A range may end within a character
    for (size_t cut = 0; cut < 3 && whole > 0 && !utf8_valid (bytes, whole); cut++)
        whole--;
    if (memchr (bytes, 0, size) || !utf8_valid (bytes, whole))
        return arena_printf (arena, "base64 of %zu bytes:\n%s", size, bytes_base64 (arena, bytes, size));
    return arena_strndup (arena, bytes, whole);
}

// Without what is null, empty or false: a model reads the rest.
static const value_t *slim (arena_t *arena, const value_t *value)
{
    if (value->kind != VALUE_OBJECT && value->kind != VALUE_ARRAY)
        return value;
    bool list = value->kind == VALUE_ARRAY;
    value_t *out = list ? value_array (arena) : value_object (arena);
    for (size_t i = 0; i < value->list.count; i++) {
        const value_t *item = slim (arena, value->list.items[i]);
        bool empty = !value_truthy (item) && item->kind != VALUE_NUMBER;
        if ((item->kind == VALUE_OBJECT || item->kind == VALUE_ARRAY) && item->list.count == 0)
            empty = true;
        if (list) // An item that went would move those after it
            value_push (arena, out, item);
        else if (!empty)
            value_put (arena, out, value->list.keys[i], item);
    }
    return out;
}

const char *mcp_cut_text (arena_t *arena, const char *text, size_t size)
{
    if (size <= MCP_TEXT)
        return arena_strndup (arena, text, size);
    return arena_printf (
        arena, "%.*s\n... cut here: %zu bytes are too many; ask for less (limit, lines, a narrower question)",
        (int) text_cut (text, size, MCP_TEXT), text, size);
}

const char *mcp_tool_text (arena_t *arena, const value_t *answer)
{
    const char *text = value_to_json (arena, slim (arena, answer), 0);
    return mcp_cut_text (arena, text, strlen (text));
}
