/* cause.c - see failure.h: what went wrong, by a table of what tools print.
 *
 * To teach it another tool's words: add them to a row of `phrases`, in lower case. What is more specific comes first, because "permission
 * denied" says more than the "error" of the build tool that stumbled over it; but only within one incident, the last one: a database that refused
 * connections until it was up has nothing to do with the assertion that fails a page later. */

#include "services/scheduler/failure/failure.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_LOOKED 500 // Bytes of a line that are compared
#define SIGNALS         32
#define KILLED          137 // 128 + SIGKILL
#define ABORTED         134
#define NO_PROGRAM      127
#define NOT_EXECUTABLE  126

static const char *const signals[SIGNALS] = {
    [2] = "SIGINT",   [3] = "SIGQUIT",  [4] = "SIGILL",   [5] = "SIGTRAP",  [6] = "SIGABRT",
    [7] = "SIGBUS",   [8] = "SIGFPE",   [9] = "SIGKILL",  [11] = "SIGSEGV", [13] = "SIGPIPE",
    [15] = "SIGTERM", [24] = "SIGXCPU", [25] = "SIGXFSZ", [31] = "SIGSYS"};

const char *failure_signal (int64_t exit_code)
{
    const char *name = exit_code > 128 && exit_code < 128 + SIGNALS ? signals[exit_code - 128] : NULL;
    return name ? name : "";
}

#define PHRASES 16

typedef struct {
    cause_t cause;
    const char *phrases[PHRASES];
} phrase_row_t;

// What our own agent, server and built-in actions say; each of their sentences begins an error of its own.
static const phrase_row_t own[] = {
    {cause_timeout, {"the step ran out of time"}},
    {cause_artifact,
     {"the run has no artifact", "no files were found with the provided path", "no artifact matches"}},
    {cause_action,
     {"a source of actions cannot be asked", "there is no action.yml", "no source has this action",
      "cannot be fetched", "is locked to", "docker actions"}},
    {cause_secret, {"needs the secret"}},
    {cause_workflow, {"action.yml:", "action.yaml:", ".yml:", ".yaml:", "cannot be evaluated"}},
};

static const phrase_row_t printed[] = {
    {cause_disk, {"no space left on device", "disk quota exceeded", "enospc"}},
    {cause_memory,
     {"out of memory", "outofmemory", "memoryerror", "std::bad_alloc", "cannot allocate memory",
      "heap limit allocation failed", "oom-kill"}},
    {cause_crash,
     {"segmentation fault", "addresssanitizer", "bus error", "illegal instruction",
      "floating point exception", "sigsegv", "undefinedbehaviorsanitizer"}},
    {cause_network,
     {"could not resolve host", "temporary failure in name resolution", "name or service not known",
      "connection refused", "connection timed out", "connection reset by peer", "network is unreachable",
      "no route to host", "getaddrinfo", "econnrefused", "enotfound", "etimedout", "econnreset",
      "tls handshake", "failed to connect to", "couldn't connect to server"}},
    {cause_permission,
     {"permission denied", "eacces", "operation not permitted", "eperm", "read-only file system"}},
    {cause_secret,
     {"bad credentials", "authentication failed", "401 unauthorized", "403 forbidden", "invalid api key",
      "could not read username", "secret is not set", "token is not set", "secret is missing"}},
    {cause_dependency,
     {"cannot find module", "no module named", "modulenotfounderror", "command not found", ": not found",
      "cannot find package", "cannot find -l", "cannot open shared object file", "unable to locate package",
      "no matching distribution found", "unresolved import", "can't find crate", "could not find a version"}},
    {cause_test,
     {"assertion", "assertionerror", "--- fail:", "not ok ", "tests failed", "test failed", "failing tests",
      "failures:", "failed tests", "assert failed", "expected:", "test suites: "}},
    {cause_compile,
     {" error: ", ": fatal error:", "undefined reference to", "syntaxerror", "error[e", "error ts",
      "cannot find symbol", "ld returned", "compilation failed", "does not compile"}},
};

// Linters speak like compilers: the step's name tells them apart, or their own.
static const phrase_row_t linters[] = {
    {cause_lint,
     {"eslint", "shellcheck", "clang-format", "clang-tidy", "would reformat", "code style issues", "flake8",
      "pylint", "golangci", "prettier", "rubocop"}},
};
static const char *const lint_steps[] = {"lint", "format", "style", "fmt"};

// At the beginning of a word, where it begins with a letter: "enotfound" is not in "ModuleNotFoundError".
static bool has (const char *text, const char *phrase)
{
    bool word = isalnum ((unsigned char) phrase[0]);
    for (const char *at = text; (at = strcasestr (at, phrase)); at++)
        if (!word || at == text || !isalnum ((unsigned char) at[-1]))
            return true;
    return false;
}

static bool row_says (const phrase_row_t *row, const char *text)
{
    for (size_t i = 0; i < PHRASES && row->phrases[i]; i++)
        if (has (text, row->phrases[i]))
            return true;
    return false;
}

// What is often tried again, and then goes well: it counts only near the end.
static bool is_passing (const phrase_row_t *row)
{
    return row->cause == cause_network;
}

// The most specific row that says this; `count` for none.
static size_t row_of (const phrase_row_t *rows, size_t count, const char *text, bool is_far)
{
    for (size_t row = 0; row < count; row++)
        if (!(is_far && is_passing (&rows[row])) && row_says (&rows[row], text))
            return row;
    return count;
}

#define ROWS(table) table, sizeof (table) / sizeof *(table)

static bool look (const phrase_row_t *rows, size_t count, const log_line_items_t *lines, bool marked_only,
                  verdict_t *out)
{
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < lines->count; i++) {
            const char *text = lines->items[i].text;
            if ((marked_only && failure_text (text) == text) || !row_says (&rows[row], text))
                continue;
            *out = (verdict_t){rows[row].cause, i};
            return true;
        }
    return false;
}

#define CALM_LINES 2  // In a row: they part an incident from what came before it
#define NEAR_LINES 40 // Of the end

static bool is_far (const log_line_items_t *lines, size_t at)
{
    return lines->items[lines->count - 1].line - lines->items[at].line > NEAR_LINES;
}

// Something that goes on as it should: neither an error nor its context, which tools indent.
static bool is_calm (const char *text)
{
    return !isspace ((unsigned char) text[0]) && text[0] != '#' && !failure_is_error (text);
}

// The most specific row of the last incident, and the first line that says so.
static bool look_last (const phrase_row_t *rows, size_t count, const log_line_items_t *lines, verdict_t *out)
{
    size_t best = count, calm = 0;
    for (size_t i = lines->count; i > 0 && calm < CALM_LINES; i--) {
        size_t row = row_of (rows, count, lines->items[i - 1].text, is_far (lines, i - 1));
        best = row < best ? row : best;
        if (row < count || !is_calm (lines->items[i - 1].text))
            calm = 0;
        else if (best < count)
            calm++;
    }
    for (size_t i = 0; best < count && i < lines->count; i++) {
        bool counts = !(is_passing (&rows[best]) && is_far (lines, i));
        if (!counts || !row_says (&rows[best], lines->items[i].text))
            continue;
        *out = (verdict_t){rows[best].cause, i};
        return true;
    }
    return false;
}

const char *failure_text (const char *line)
{
    static const char mark[] = "##[error]";
    return strncmp (line, mark, sizeof mark - 1) == 0 ? line + sizeof mark - 1 : line;
}

bool failure_is_exit (const char *line)
{
    return strncmp (failure_text (line), "Process completed with exit code ", 33) == 0;
}

// "0 errors, 0 warnings" is not one.
static bool says_none (const char *line)
{
    static const char *const none[] = {"0 error",  "no error", "without error", "errors: 0",   "error: 0",
                                       "0 fail",   "no fail",  "failed: 0",     "failures: 0", "fail-fast",
                                       "on-error", "on error", "if error",      "0 problems",  "error-free"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (has (line, none[i]))
            return true;
    return false;
}

bool failure_is_error (const char *line)
{
    if (failure_is_exit (line))
        return false;
    static const char *const words[] = {"error", "fail", "fatal", "panic", "exception", "cannot "};
    bool is = failure_text (line) != line;
    if (!is && says_none (line))
        return false;
    for (size_t i = 0; !is && i < sizeof words / sizeof *words; i++)
        is = strcasestr (line, words[i]) != NULL; // Within a word, too: "TypeError"
    return is;
}

// ---- what needs no lines ----

static const struct {
    const char *begin;
    cause_t cause;
} reasons[] = {
    {"timed out after", cause_timeout},
    {"agent lost", cause_agent},
    {"the agent ", cause_agent},
    {"no agent ran it", cause_agent},
};

bool failure_is (result_t result, const char *reason)
{
    return result == result_failure ||
           (result == result_cancelled && strncmp (reason, "timed out after", 15) == 0);
}

static cause_t by_reason (const job_t *job)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strncmp (job->reason, reasons[i].begin, strlen (reasons[i].begin)) == 0)
            return reasons[i].cause;
    return job->result == result_cancelled ? cause_cancelled : cause_none;
}

static cause_t by_exit_code (const step_row_t *step)
{
    int64_t code = step ? step->exit_code : 0;
    if (code == KILLED)
        return step->out_of_memory ? cause_memory : cause_killed; // The kernel's word, or nobody's
    if (code == NO_PROGRAM)
        return cause_dependency;
    if (code == NOT_EXECUTABLE)
        return cause_permission;
    bool signalled = *failure_signal (code) && code != 128 + 2 && code != 128 + 13 && code != 128 + 15;
    return signalled ? cause_crash : cause_none;
}

// Its own steps of a job fail by what the server or the agent says, not by what a program prints.
static cause_t by_phase (const job_t *job, const step_row_t *step)
{
    log_line_t line = {.text = job->reason};
    verdict_t found;
    if (step && step->number > 0)
        return cause_none;
    return look (ROWS (own), &(log_line_items_t){&line, 1}, false, &found) ? found.cause : cause_none;
}

#define END_LINES 15 // Before the end, that say what was wrong where no phrase does

// An early line that holds the word "error" is rarely why a step fails: it went on after it.
static size_t error_line (const log_line_items_t *lines)
{
    size_t first = lines->count > END_LINES ? lines->count - END_LINES : 0;
    for (size_t i = 0; i < lines->count; i++) { // What the step itself called one
        const char *text = lines->items[i].text;
        if (failure_text (text) != text && !failure_is_exit (text))
            return i;
    }
    for (size_t i = first; i < lines->count; i++)
        if (failure_is_error (lines->items[i].text))
            return i;
    for (size_t i = lines->count; i > 0; i--)
        if (!failure_is_exit (lines->items[i - 1].text))
            return i - 1;
    return lines->count;
}

static bool is_lint (const step_row_t *step)
{
    for (size_t i = 0; step && i < sizeof lint_steps / sizeof *lint_steps; i++)
        if (has (step->name, lint_steps[i]))
            return true;
    return false;
}

static verdict_t by_lines (const step_row_t *step, const log_line_items_t *lines)
{
    verdict_t found = {cause_none, lines->count};
    if (look (ROWS (own), lines, true, &found) || look_last (ROWS (printed), lines, &found)) {
        bool code = found.cause == cause_compile || found.cause == cause_test;
        verdict_t lint;
        if (code && (is_lint (step) || look (ROWS (linters), lines, false, &lint)))
            found.cause = cause_lint;
        return found;
    }
    if (look (ROWS (linters), lines, false, &found))
        return found;
    return (verdict_t){is_lint (step) ? cause_lint : cause_none, lines->count};
}

verdict_t failure_cause (const job_t *job, const step_row_t *step, const log_line_items_t *lines)
{
    verdict_t found = by_lines (step, lines);
    cause_t reported = by_reason (job), exited = by_exit_code (step);
    bool aborted = step && step->exit_code == ABORTED && found.cause == cause_test; // By an assertion
    if (found.line == lines->count)
        found.line = error_line (lines);
    if (reported != cause_none)
        found.cause = reported;
    else if ((exited == cause_crash && !aborted) ||
             exited == cause_killed) // What it printed before is no reason
        found.cause = found.cause == cause_memory ? cause_memory : exited;
    else if (exited != cause_none && (found.cause == cause_none || exited == cause_memory))
        found.cause = exited;
    if (found.cause == cause_none)
        found.cause = by_phase (job, step);
    if (found.cause == cause_none)
        found.cause = cause_command;
    return found;
}

bool failure_is_told (const job_t *job, const log_line_items_t *lines)
{
    const step_row_t *step = failure_step (job);
    const cause_t exited = by_exit_code (step);
    bool certain = by_reason (job) != cause_none || exited == cause_crash || exited == cause_killed;
    for (size_t i = 0; step && !certain && i < job->annotations.count; i++) {
        const annotation_t *said = &job->annotations.items[i];
        certain = said->step == step->number && said->level == annotation_error && *said->file;
    }
    return certain || by_lines (step, lines).line < lines->count;
}

strs_t failure_words (arena_t *arena)
{
    const size_t rows = sizeof printed / sizeof *printed;
    strs_t words = {arena_array (arena, rows * PHRASES, sizeof (char *)), 0};
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < PHRASES && printed[row].phrases[i] && !is_passing (&printed[row]); i++)
            words.items[words.count++] = printed[row].phrases[i];
    return words;
}
