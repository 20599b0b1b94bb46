/* lint.c - how long a workflow file takes to parse and lint, and how much memory, at two sizes: both must grow with the file.
 *
 * Prints one JSON object a line: lines, milliseconds, megabytes of the process at its fullest. Each size runs in a process
 * of its own, as memory is only ever seen to grow. */

#include "workflow/lint/lint.h"
#include "common/base/buffer.h"
#include "tests/bench/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS   100
#define FILE_MAX (1 << 20)

static double milliseconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

// Jobs of 13 lines, each behind the one before it.
static buffer_t *make_workflow (long lines)
{
    buffer_t *out = buffer_new (FILE_MAX);
    buffer_printf (out, "name: big\non: push\njobs:\n");
    for (long job = 1, line = 3; line < lines; job++, line += 13)
        buffer_printf (out,
                       "  job%ld:\n    runs-on: ubuntu-latest\n    needs: [%s%.0ld]\n"
                       "    strategy: {matrix: {os: [a, b], v: [1, 2]}}\n"
                       "    outputs: {o: '${{ steps.s.outputs.x }}'}\n    steps:\n"
                       "      - uses: actions/checkout@v4\n        with: {fetch-depth: 0}\n"
                       "      - id: s\n        if: github.ref == 'refs/heads/main'\n        run: |\n"
                       "          echo ${{ matrix.os }} ${{ github.sha }}\n          make\n",
                       job, job > 1 ? "job" : "", job - 1);
    return out;
}

int main (int argc, char **argv)
{
    char *end = NULL;
    long lines = argc == 2 ? strtol (argv[1], &end, 10) : 0;
    if (!end || *end || lines < 100 || lines > 10000) {
        fprintf (stderr, "usage: bench-lint LINES   (100 to 10000)\n");
        return 2;
    }
    buffer_t *file = make_workflow (lines);
    arena_t *arena = arena_new ();
    size_t size = buffer_size (file), found = 0;
    double start = milliseconds ();
    for (int i = 0; i < ROUNDS; i++, arena_reset (arena)) {
        findings_t findings;
        findings_init (&findings, arena, "big.yml");
        fault_t fault = workflow_lint (arena, "big.yml", buffer_text (file), size, NULL, &findings);
        found += findings.count + (fault != OK);
    }
    printf (
        "{\"lines\": %ld, \"bytes\": %zu, \"findings\": %zu, \"milliseconds\": %.2f, \"megabytes\": %.1f}\n",
        lines, size, found / ROUNDS, (milliseconds () - start) / ROUNDS, most_megabytes ());
    arena_destroy (&arena);
    buffer_destroy (&file);
    return 0;
}
