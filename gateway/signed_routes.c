/* signed_routes.c - the bytes of artifacts and caches for GitHub's toolkit: blocks in, as Azure's block blobs take them; a zip, one file or a
 * cache out.
 *
 * Writes are answered 201: Azure's client takes nothing else for a success. Sources: Azure's documentation of Put Blob, Put Block and Put
 * Block List; recorded. */

#include "common/base/id.h"
#include "gateway/artifact_routes.h"
#include "gateway/block_list.h"
#include "gateway/block_put.h"
#include "gateway/cache_routes.h"
#include "gateway/reply.h"
#include "gateway/signed.h"

#include <string.h>

#define LIST_BYTES (2 << 20) // Of a list of blocks, as XML
#define WHOLE      "whole"   // The name of the only block of what is put at once

static bool is (const char *text, const char *other)
{
    return text && strcmp (text, other) == 0;
}

static fault_t put_block (request_t *self, const char *upload, const char *name)
{
    if (http_head_length (self->info) > MAX_BLOCK)
        return turn_fail (&self->turn, TOO_LARGE, "a block has at most %d bytes", MAX_BLOCK);
    return block_put (self, upload, name, SIZE_UNKNOWN);
}

// Put Block From URL: bytes of a cache that this job may read, by a signed address that it got.
static fault_t copy_block (request_t *self, const char *upload, const char *name, const char *source)
{
    const char *cache;
    int64_t first, last;
    const char *range = http_head_get (self->info, "x-ms-source-range");
    TRY (signed_check_source (self, source, &cache));
    if (!id_is (cache, CACHE_ID))
        return turn_fail (&self->turn, BAD_INPUT, "x-ms-copy-source: only caches are copied from");
    if (header_range (range ? range : "", INT64_MAX, &first, &last) != RANGE_GOOD ||
        last - first >= MAX_BLOCK)
        return turn_fail (&self->turn, BAD_INPUT,
                          "x-ms-source-range: must be: bytes=FIRST-LAST, at most %d bytes", MAX_BLOCK);
    return block_copy (self, upload, name, cache, first, last - first + 1);
}

static fault_t put_list (request_t *self, const char *upload)
{
    strs_t names;
    TRY (request_body (self, LIST_BYTES));
    TRY (block_list_read (&self->turn, self->body, self->body_size, &names));
    return block_gather (self, upload, &names, MAX_GATHER);
}

// Put Blob: the bytes and their end in one request, as clients do with what is small to them (up to 128 MiB).
static fault_t put_whole (request_t *self, const char *upload)
{
    const char *name = WHOLE;
    bool empty = http_head_length (self->info) == 0;
    if (empty)
        TRY (request_body (self, 0));
    else
        TRY (block_put (self, upload, name, SIZE_UNKNOWN));
    return block_gather (self, upload, &(strs_t){&name, empty ? 0 : 1}, 1);
}

fault_t signed_put (request_t *self)
{
    const char *what = pairs_get (&self->query, "comp"), *name = pairs_get (&self->query, "blockid");
    const char *upload = pairs_get (&self->path, "artifact");
    TRY (signed_check_upload (self));
    const char *source = http_head_get (self->info, "x-ms-copy-source");
    if (is (what, "block") && name && source)
        TRY (copy_block (self, upload, name, source));
    else if (is (what, "block") && name)
        TRY (put_block (self, upload, name));
    else if (is (what, "blocklist"))
        TRY (put_list (self, upload));
    else if (!what && is (http_head_get (self->info, "x-ms-blob-type"), "BlockBlob"))
        TRY (put_whole (self, upload));
    else
        return turn_fail (&self->turn, BAD_INPUT,
                          "comp: must be block, with a blockid, or blocklist; or x-ms-blob-type: BlockBlob");
    reply_header (self, "x-ms-request-id", "%s", self->turn.request_id);
    reply_bytes (self, 201, NULL, "", 0);
    return OK;
}

fault_t signed_get (request_t *self)
{
    artifact_t artifact;
    TRY (signed_check_download (self));
    if (id_is (pairs_get (&self->path, "artifact"), CACHE_ID))
        return is (pairs_get (&self->query, "comp"), "chunks")
                   ? cache_send_chunks (self, pairs_get (&self->path, "artifact"))
                   : cache_send (self, pairs_get (&self->path, "artifact"));
    TRY (artifact_find (self, &artifact));
    return artifact_send_whole (self, &artifact);
}
