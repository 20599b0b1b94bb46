/* docker_frames.c - what an engine streams, in whatever pieces it comes. */

#include "agent/engine/docker/docker_frames.h"

#include "common/base/arena.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static void collect (void *self, const char *bytes, size_t size)
{
    buffer_add (self, bytes, size);
}

static void collect_line (void *self, const char *line, size_t size)
{
    buffer_puts (self, "<");
    buffer_add (self, line, size);
    buffer_puts (self, ">");
}

static const char frames[] = "\1\0\0\0\0\0\0\2hi"
                             "\2\0\0\0\0\0\0\0"
                             "\2\0\0\0\0\0\0\5 you\n";

TEST (frames_are_taken_apart_wherever_they_are_cut)
{
    size_t size = sizeof (frames) - 1;
    for (size_t cut = 0; cut <= size; cut++) {
        buffer_t *out = buffer_new (1000);
        docker_frames_t reader = {.emit = collect, .self = out};
        CHECK (docker_frames_add (&reader, frames, cut));
        CHECK (docker_frames_add (&reader, frames + cut, size - cut));
        CHECK_STR (buffer_text (out), "hi you\n");
        buffer_destroy (&out);
    }
}

TEST (what_is_no_stream_of_frames_is_left)
{
    buffer_t *out = buffer_new (1000);
    docker_frames_t reader = {.emit = collect, .self = out};
    CHECK (!docker_frames_add (&reader, "plain text of a terminal", 24));
    CHECK (!docker_frames_add (&reader, frames, sizeof (frames) - 1));
    CHECK_STR (buffer_text (out), "");
    buffer_destroy (&out);
}

TEST (progress_comes_line_by_line_and_what_is_too_long_is_dropped)
{
    buffer_t *out = buffer_new (1000);
    docker_lines_t reader = {.emit = collect_line, .self = out};
    docker_lines_add (&reader, "{\"a\":", 5);
    docker_lines_add (&reader, "1}\r\n\r\n{\"b\":2}\n", 15);
    char *wide = malloc (DOCKER_LINE_MAX + 1);
    memset (wide, 'x', DOCKER_LINE_MAX + 1);
    docker_lines_add (&reader, wide, DOCKER_LINE_MAX + 1);
    docker_lines_add (&reader, "\nlast", 5);
    docker_lines_end (&reader);
    docker_lines_end (&reader);
    CHECK_STR (buffer_text (out), "<{\"a\":1}><{\"b\":2}><last>");
    free (wide);
    buffer_destroy (&out);
}
