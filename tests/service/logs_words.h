/* logs_words.h - what a test says to the log collector of its world: append, seal, read, show. */

#ifndef OPENCICD_TEST_LOGS_WORDS_H
#define OPENCICD_TEST_LOGS_WORDS_H

#include "tests/service/logs_world.h"

// A turn of a service that asks. Its arena is the world's.
static inline fault_t world_ask (world_t *self, uint16_t number, const void *ask, void *answer)
{
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "test"};
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    self->turn.detail = NULL;
    return bus_client_call (self->client, &self->turn, number, ask, answer);
}

static inline fault_t append_as (world_t *self, uint32_t attempt, uint32_t step, int64_t offset,
                                 const void *data, size_t size, log_offset_t *answer)
{
    log_append_t ask = {
        .job = self->job, .attempt = attempt, .offset = offset, .step = step, .data = {data, size}};
    return world_ask (self, MSG_log_append, &ask, answer);
}

// Appends to the first attempt; the offset of the answer.
static inline int64_t append (world_t *self, uint32_t step, int64_t offset, const void *data, size_t size)
{
    log_offset_t answer;
    fault_t fault = append_as (self, 1, step, offset, data, size, &answer);
    if (fault)
        test_fail (__FILE__, __LINE__, "append at %lld: %s: %s", (long long) offset, fault_name (fault),
                   self->turn.detail ? self->turn.detail : "");
    return answer.offset;
}

// Appends all, in pieces of `part` bytes.
static inline void append_all (world_t *self, const char *data, size_t size, size_t part)
{
    for (size_t at = 0; at < size; at += part) {
        arena_reset (self->arena);
        size_t now = size - at < part ? size - at : part;
        CHECK_INT (append (self, 1, (int64_t) at, data + at, now), at + now);
    }
}

static inline const char *sum_of (world_t *self, const void *data, size_t size)
{
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, data, size);
    return sha256_hex (&sha, self->arena);
}

static inline fault_t seal (world_t *self, int64_t size, const char *sha256)
{
    log_offset_t answer;
    log_seal_t ask = {.job = self->job, .attempt = 1, .size = size, .sha256 = sha256};
    return world_ask (self, MSG_log_seal, &ask, &answer);
}

static inline log_window_t read_log (world_t *self, log_read_t ask)
{
    log_window_t window = {0};
    ask.job = self->job;
    fault_t fault = world_ask (self, MSG_log_read, &ask, &window);
    if (fault)
        test_fail (__FILE__, __LINE__, "read: %s: %s", fault_name (fault),
                   self->turn.detail ? self->turn.detail : "");
    return window;
}

static inline log_info_t show_log (world_t *self)
{
    log_info_t info = {0};
    CHECK_INT (world_ask (self, MSG_log_show, &(log_show_t){.job = self->job}, &info), OK);
    return info;
}

// Reads all by offset and compares.
static inline void check_whole (world_t *self, const char *data, size_t size)
{
    int64_t at = 0;
    log_window_t window;
    do {
        arena_reset (self->arena);
        window = read_log (self, (log_read_t){.offset = at});
        CHECK_INT (window.offset, at);
        CHECK_INT (window.size, size);
        CHECK (at + (int64_t) window.data.size <= (int64_t) size);
        CHECK (window.data.size == 0 || memcmp (window.data.data, data + at, window.data.size) == 0);
        at = window.next_offset;
    } while (window.data.size > 0);
    CHECK_INT (at, size);
}

#endif
