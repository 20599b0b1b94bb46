/* git_reader.c - requests and answers of `git cat-file --batch`.
 *
 * An answer is a line "<id> <type> <size>" and the object's bytes and a newline, or "<what was asked> missing". */

#include "services/scm/git_reader.h"

#include "common/base/clock.h"
#include "common/os/git.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_LINE 2048 // Bytes of the line before an object

struct git_reader {
    char *objects;
    process_t *git;
    int to, from; // Pipes
    bool broken;
};

static fault_t start (git_reader_t *self, turn_t *turn, const char *view)
{
    int in[2], out[2];
    fault_t fault = process_pipe (turn, &in[0], &in[1]);
    if (fault != OK)
        return fault;
    fault = process_pipe (turn, &out[0], &out[1]);
    if (fault == OK) {
        static const char *const argv[] = {"git", "cat-file", "--batch", NULL};
        const git_location_t location = {.folder = view, .objects = self->objects};
        process_spec_t spec = {.argv = argv,
                               .environment = git_environment (turn->arena, &location),
                               .folder = "/",
                               .in = in[0],
                               .out = out[1]};
        fault = process_start (&self->git, turn, &spec);
        close (out[1]);
        self->from = out[0];
    }
    close (in[0]);
    self->to = in[1];
    return fault;
}

fault_t git_reader_new (git_reader_t **out, turn_t *turn, const char *view, const char *objects)
{
    git_reader_t *self = calloc (1, sizeof (git_reader_t));
    if (!self)
        abort ();
    self->to = self->from = -1;
    self->objects = strdup (objects);
    fault_t fault = start (self, turn, view);
    if (fault != OK)
        git_reader_destroy (&self);
    *out = self;
    return fault;
}

void git_reader_destroy (git_reader_t **self_p)
{
    git_reader_t *self = *self_p;
    if (!self)
        return;
    if (self->to >= 0)
        close (self->to);
    if (self->from >= 0)
        close (self->from);
    process_destroy (&self->git);
    free (self->objects);
    free (self);
    *self_p = NULL;
}

bool git_reader_broken (const git_reader_t *self)
{
    return self->broken;
}

static fault_t give_up (git_reader_t *self, turn_t *turn, const char *reason)
{
    self->broken = true;
    return turn_fail (turn, UNAVAILABLE, "git, reading %s: %s", self->objects, reason);
}

static fault_t ask (git_reader_t *self, turn_t *turn, const char *name)
{
    const char *line = arena_printf (turn->arena, "%s\n", name);
    size_t size = strlen (line);
    // Far below a pipe's size, and git has answered all that came before: it is taken whole or not at all.
    return write (self->to, line, size) == (ssize_t) size ? OK : give_up (self, turn, "it has ended");
}

// Reads some bytes, at most `size`; 0 at the deadline or the end.
static size_t read_some (git_reader_t *self, char *into, size_t size, int64_t until_us)
{
    struct pollfd poller = {.fd = self->from, .events = POLLIN};
    int64_t left = until_us - clock_monotonic_us ();
    if (left <= 0 || poll (&poller, 1, (int) (left / 1000 + 1)) != 1)
        return 0;
    ssize_t got = read (self->from, into, size);
    return got > 0 ? (size_t) got : 0;
}

static fault_t read_line (git_reader_t *self, turn_t *turn, char line[HEAD_LINE], int64_t until_us)
{
    // Byte by byte, some 60 of them: what follows the line must stay in the pipe.
    for (size_t i = 0; i < HEAD_LINE - 1; i++) {
        if (read_some (self, &line[i], 1, until_us) != 1)
            return give_up (self, turn, "no answer");
        if (line[i] == '\n') {
            line[i] = 0;
            return OK;
        }
    }
    return give_up (self, turn, "its answer is too long");
}

static fault_t read_body (git_reader_t *self, turn_t *turn, git_object_t *object, int64_t until_us)
{
    char *data = arena_alloc (turn->arena, object->size + 1);
    for (size_t at = 0; at < object->size + 1;) { // A newline follows
        size_t got = read_some (self, data + at, object->size + 1 - at, until_us);
        if (got == 0)
            return give_up (self, turn, "an object was cut off");
        at += got;
    }
    data[object->size] = 0;
    object->data = data;
    return OK;
}

fault_t git_reader_get (git_reader_t *self, turn_t *turn, const char *name, git_object_t *out)
{
    int64_t until_us = clock_monotonic_us () + GIT_ANSWER_US;
    char line[HEAD_LINE], id[65], type[16];
    unsigned long size;
    fault_t fault = ask (self, turn, name);
    if (fault == OK)
        fault = read_line (self, turn, line, until_us);
    if (fault != OK)
        return fault;
    if (sscanf (line, "%64[0-9a-f] %15[a-z] %lu", id, type, &size) != 3)
        return turn_fail (turn, NOT_FOUND, "the repository has no %s", name);
    *out = (git_object_t){
        .id = arena_strdup (turn->arena, id), .type = arena_strdup (turn->arena, type), .size = size};
    if (size > GIT_OBJECT_MAX) {
        self->broken = true; // Too many bytes to skip
        return turn_fail (turn, TOO_LARGE, "%s has %lu bytes, at most %d are read", name, size,
                          GIT_OBJECT_MAX);
    }
    return read_body (self, turn, out, until_us);
}
