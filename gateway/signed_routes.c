/* signed_routes.c - the bytes of artifacts for GitHub's toolkit: blocks in, as Azure's block blobs take them; a zip or one file out.
 *
 * A block goes on to the store piece by piece as it comes, so that a request holds MAX_PART bytes, however large its block is. Writes are answered
 * 201: Azure's client takes nothing else for a success. Sources: Azure's documentation of Put Block and Put Block List; recorded. */

#include "common/base/id.h"
#include "common/base/sha256.h"
#include "gateway/artifact_routes.h"
#include "gateway/block_list.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/signed.h"

#include <string.h>

#define LIST_BYTES (2 << 20) // Of a list of blocks, as XML

typedef struct {
    request_t *request;
    artifact_block_t ask;
    arena_t *window;
} block_t;

static fault_t put_piece (void *to, const void *data, size_t size, bool last)
{
    block_t *self = to;
    done_t answer;
    self->ask.data = (bytes_t){data, size};
    self->ask.last = last;
    TRY (gateway_call_in (self->request, self->window, MESSAGE (artifact_block), &self->ask, &answer, 0));
    self->ask.piece++;
    return OK;
}

static fault_t put_block (request_t *self, const char *name)
{
    TRY (block_name_check (&self->turn, name));
    block_t block = {.request = self, .window = arena_new ()};
    block.ask = (artifact_block_t){.artifact = pairs_get (&self->path, "artifact"),
                                   .block = name,
                                   .take = id_new (self->turn.arena, 'q', self->turn.now_us)};
    fault_t fault = request_pieces (self, MAX_PART, put_piece, &block);
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

static fault_t gather (request_t *self, const strs_t *names)
{
    const char *list = sum_of_list (self->turn.arena, names);
    arena_t *window = arena_new ();
    size_t first = 0;
    fault_t fault = OK;
    do {
        gathered_t answer;
        size_t some = names->count - first < MAX_GATHER ? names->count - first : MAX_GATHER;
        artifact_gather_t ask = {.artifact = pairs_get (&self->path, "artifact"),
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

static fault_t put_list (request_t *self)
{
    strs_t names;
    TRY (request_body (self, LIST_BYTES));
    TRY (block_list_read (&self->turn, self->body, self->body_size, &names));
    TRY (request_stay (self, SLOT_UPLOAD)); // Its checksum is taken: it may take minutes
    return gather (self, &names);
}

fault_t signed_put (request_t *self)
{
    const char *what = pairs_get (&self->query, "comp"), *name = pairs_get (&self->query, "blockid");
    TRY (signed_check_upload (self));
    if (what && strcmp (what, "block") == 0 && name)
        TRY (put_block (self, name));
    else if (what && strcmp (what, "blocklist") == 0)
        TRY (put_list (self));
    else
        return turn_fail (&self->turn, BAD_INPUT, "comp: must be block, with a blockid, or blocklist");
    reply_header (self, "x-ms-request-id", "%s", self->turn.request_id);
    reply_bytes (self, 201, NULL, "", 0);
    return OK;
}

fault_t signed_get (request_t *self)
{
    artifact_t artifact;
    TRY (signed_check_download (self));
    TRY (artifact_find (self, &artifact));
    return artifact_send_whole (self, &artifact);
}
