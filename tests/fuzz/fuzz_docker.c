/* fuzz_docker.c - what comes from a container engine in pieces, and what a workflow says to it: any bytes, cut anywhere.
 *
 * The first byte chooses the reader. Frames and lines must give the same output however their bytes are cut; options, ports, volumes and
 * .dockerignore must be read within their bounds, with an error that says something. */

#include "agent/engine/docker/docker_frames.h"
#include "agent/engine/docker/docker_ignore.h"
#include "agent/engine/docker/docker_options.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define OUT_MAX (4 << 20)

static void collect (void *out, const char *bytes, size_t size)
{
    buffer_add (out, bytes, size);
}

static void collect_line (void *out, const char *line, size_t size)
{
    buffer_add (out, line, size);
    buffer_putc (out, '\n');
}

static buffer_t *read_frames (const char *text, size_t size, size_t cut)
{
    buffer_t *out = buffer_new (OUT_MAX);
    docker_frames_t frames = {.emit = collect, .self = out};
    docker_frames_add (&frames, text, cut);
    docker_frames_add (&frames, text + cut, size - cut);
    return out;
}

static buffer_t *read_lines (const char *text, size_t size, size_t cut)
{
    buffer_t *out = buffer_new (OUT_MAX);
    docker_lines_t lines = {.emit = collect_line, .self = out};
    docker_lines_add (&lines, text, cut);
    docker_lines_add (&lines, text + cut, size - cut);
    docker_lines_end (&lines);
    return out;
}

static void expect_same (buffer_t *left, buffer_t *right)
{
    FUZZ_CHECK (buffer_size (left) == buffer_size (right));
    FUZZ_CHECK (memcmp (buffer_text (left), buffer_text (right), buffer_size (left)) == 0);
    buffer_destroy (&left);
    buffer_destroy (&right);
}

static void read_spec (arena_t *arena, const char *text, bool may_all)
{
    docker_spec_t spec;
    docker_spec_init (&spec, arena);
    spec.may_all = may_all;
    spec.volumes = may_all ? NULL : "job-";
    FUZZ_CHECK (docker_spec_options (&spec, text) == OK || *spec.error);
    FUZZ_CHECK (docker_spec_port (&spec, text) == OK || *spec.error);
    FUZZ_CHECK (docker_spec_volume (&spec, text) == OK || *spec.error);
    FUZZ_CHECK (may_all || !value_get (spec.host, "Privileged"));
    value_to_json (arena, spec.body, 0);
    value_to_json (arena, spec.host, 0);
}

// What is before the first NUL are the patterns, what follows is a path.
static void read_ignore (arena_t *arena, const char *text, size_t size)
{
    docker_ignore_t ignore;
    size_t patterns = strnlen (text, size);
    docker_ignore_read (&ignore, arena, text, patterns);
    docker_ignore_has (&ignore, patterns < size ? text + patterns + 1 : "a/b");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    arena_t *arena = arena_new ();
    const char *text = arena_copy (arena, data + 2, size - 2);
    size_t cut = (size_t) data[1] % (size - 1);
    size -= 2;
    if (data[0] % 4 == 0)
        expect_same (read_frames (text, size, 0), read_frames (text, size, cut));
    else if (data[0] % 4 == 1)
        expect_same (read_lines (text, size, 0), read_lines (text, size, cut));
    else if (data[0] % 4 == 2)
        read_spec (arena, text, data[1] & 1);
    else
        read_ignore (arena, text, size);
    arena_destroy (&arena);
    return 0;
}
