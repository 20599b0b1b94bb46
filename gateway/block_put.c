/* block_put.c - see block_put.h. */

#include "gateway/block_put.h"

#include "common/base/id.h"
#include "common/base/sha256.h"
#include "gateway/block_list.h"
#include "gateway/call.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
    request_t *request;
    artifact_block_t ask;
    arena_t *window;
    int64_t size, got;
} block_t;

static fault_t put_piece (void *to, const void *data, size_t size, bool last)
{
    block_t *self = to;
    done_t answer;
    self->got += (int64_t) size;
    // Before the piece that would complete the block
    if (self->size != SIZE_UNKNOWN && (self->got > self->size || (last && self->got != self->size)))
        return turn_fail (&self->request->turn, BAD_INPUT,
                          "the body must have %" PRId64 " bytes, as Content-Range says", self->size);
    self->ask.data = (bytes_t){data, size};
    self->ask.last = last;
    TRY (gateway_call_in (self->request, self->window, MESSAGE (artifact_block), &self->ask, &answer, 0));
    self->ask.piece++;
    return OK;
}

fault_t block_put (request_t *self, const char *upload, const char *name, int64_t size)
{
    TRY (block_name_check (&self->turn, name));
    block_t block = {.request = self, .window = arena_new (), .size = size};
    block.ask = (artifact_block_t){
        .artifact = upload, .block = name, .take = id_new (self->turn.arena, 'q', self->turn.now_us)};
    fault_t fault = request_pieces (self, MAX_PART, put_piece, &block);
    arena_destroy (&block.window);
    return fault;
}

// Chunks that the project has need not be read. *skip: so many bytes are to be read before some can be taken.
static fault_t take_chunks (block_t *self, const char *cache, int64_t from, int64_t *skip)
{
    copied_t copied = {0};
    const cache_copy_t ask = {.artifact = self->ask.artifact,
                              .block = self->ask.block,
                              .take = self->ask.take,
                              .piece = self->ask.piece,
                              .last = true,
                              .cache = cache,
                              .offset = from + self->got,
                              .size = self->size - self->got};
    TRY (gateway_call_in (self->request, self->window, MESSAGE (cache_copy), &ask, &copied, 0));
    self->got += copied.bytes;
    self->ask.piece += copied.bytes > 0;
    *skip = copied.bytes > 0 ? 0 : copied.skip;
    return OK;
}

// As whoever downloads it: what was signed decides, not what the job that saves may read by id.
static fault_t read_source (block_t *self, const cache_read_t *ask, arena_t *window, artifact_bytes_t *out)
{
    turn_t *turn = &self->request->turn;
    const caller_t caller = turn->caller;
    turn->caller = (caller_t){.role = ROLE_VIEWER, .subject = "signed"};
    fault_t fault = gateway_call_in (self->request, window, MESSAGE (cache_read), ask, out, 0);
    turn->caller = caller;
    return fault;
}

static fault_t read_piece (block_t *self, const char *cache, int64_t from, int64_t *skip)
{
    arena_t *window = arena_new ();
    artifact_bytes_t bytes = {.data = {0}};
    const cache_read_t ask = {
        .cache = cache, .offset = from + self->got, .size = *skip < MAX_CHUNK ? (uint32_t) *skip : MAX_CHUNK};
    fault_t fault = read_source (self, &ask, window, &bytes);
    if (fault == OK && bytes.data.size == 0)
        fault = turn_fail (&self->request->turn, BAD_RANGE, "x-ms-source-range: the cache has no such bytes");
    if (fault == OK)
        fault = put_piece (self, bytes.data.data, bytes.data.size,
                           self->got + (int64_t) bytes.data.size >= self->size);
    *skip -= (int64_t) bytes.data.size;
    arena_destroy (&window);
    return fault;
}

fault_t block_copy (request_t *self, const char *upload, const char *name, const char *cache, int64_t from,
                    int64_t size)
{
    TRY (block_name_check (&self->turn, name));
    TRY (request_body (self, 0));
    TRY (request_stay (self, SLOT_UPLOAD));
    block_t block = {.request = self, .window = arena_new (), .size = size};
    block.ask = (artifact_block_t){
        .artifact = upload, .block = name, .take = id_new (self->turn.arena, 'q', self->turn.now_us)};
    int64_t skip = 0;
    fault_t fault = OK;
    while (fault == OK && block.got < size)
        fault = skip > 0 ? read_piece (&block, cache, from, &skip) : take_chunks (&block, cache, from, &skip);
    arena_destroy (&block.window);
    return fault;
}

static const char *sum_of_list (arena_t *arena, const strs_t *names)
{
    sha256_t sha;
    sha256_init (&sha);
    for (size_t i = 0; i < names->count; i++)
        sha256_add (&sha, names->items[i], strlen (names->items[i]) + 1);
    return sha256_hex (&sha, arena);
}

fault_t block_gather (request_t *self, const char *upload, const strs_t *names, size_t most)
{
    const char *list = sum_of_list (self->turn.arena, names);
    TRY (request_stay (self, SLOT_UPLOAD));
    arena_t *window = arena_new ();
    size_t first = 0;
    fault_t fault = OK;
    do {
        gathered_t answer;
        size_t some = names->count - first < most ? names->count - first : most;
        artifact_gather_t ask = {.artifact = upload,
                                 .list = list,
                                 .first = (uint32_t) first,
                                 .blocks = {names->items + first, some},
                                 .last = first + some == names->count};
        fault = gateway_call_in (self, window, MESSAGE (artifact_gather), &ask, &answer, 0);
        if (fault == OK && (size_t) answer.blocks <= first && some > 0)
            fault = turn_fail (&self->turn, BROKEN, "the blocks after %zu get no place", first);
        first = fault == OK ? (size_t) answer.blocks : first;
    } while (fault == OK && first < names->count);
    arena_destroy (&window);
    return fault;
}
