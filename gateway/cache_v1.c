/* cache_v1.c - caches in version 1 of the toolkit's protocol, which all its packages speak where the server is not GitHub's: REST. Its bytes
 * come in ranges, in any order, several at once, and are put in their place when the client says that all are there.
 *
 * A range becomes a block whose name is its first byte: so the list of blocks, which this client does not send, is what has arrived, in
 * the order of its names. Connections are closed after each answer: an action lives on until those that it keeps are. Sources:
 * @actions/cache 3.2 to 6.3, recorded. */

#include "gateway/ask.h"
#include "gateway/block_put.h"
#include "gateway/cache_routes.h"
#include "gateway/call.h"
#include "gateway/reply.h"
#include "gateway/signed.h"

#include "common/base/json.h"

#include <inttypes.h>
#include <string.h>

#define ANSWER_MAX (64 << 10)

static fault_t reply_json (request_t *self, int status, buffer_t *body)
{
    fault_t fault = buffer_full (body) ? turn_fail (&self->turn, TOO_LARGE, "the answer is too long") : OK;
    self->keep = false;
    if (fault == OK)
        reply_bytes (self, status, JSON_TYPE, buffer_text (body), buffer_size (body));
    buffer_destroy (&body);
    return fault;
}

static fault_t reply_nothing (request_t *self)
{
    self->keep = false;
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

static void put_text (buffer_t *into, const char *before, const char *text)
{
    buffer_puts (into, before);
    json_put (into, text, strlen (text));
}

fault_t cache_v1_find (request_t *self)
{
    cache_v1_query_t ask = {0};
    const cache_t *cache;
    TRY (request_fields (self, &ask));
    TRY (cache_look_up (self, &ask.keys, ask.version, &cache));
    if (!cache)
        return reply_nothing (self);
    buffer_t *body = buffer_new (ANSWER_MAX);
    put_text (body, "{\"archiveLocation\":", signed_download_url (self, cache->id, "cache"));
    put_text (body, ",\"cacheKey\":", cache->key);
    put_text (body, ",\"cacheVersion\":", cache->version);
    put_text (body, ",\"scope\":", cache->ref);
    put_text (body, ",\"creationTime\":", clock_format (self->turn.arena, cache->created_at));
    buffer_puts (body, "}\n");
    return reply_json (self, 200, body);
}

fault_t cache_v1_create (request_t *self)
{
    cache_v1_reserve_t ask = {0};
    cache_t cache;
    TRY (message_read_newer (self->route->ask, &self->turn, self->body, self->body_size, &ask));
    TRY (message_check (self->route->ask, &self->turn, &ask));
    TRY (cache_begin (self, ask.key, ask.version, ask.cacheSize, &cache));
    buffer_t *body = buffer_new (ANSWER_MAX);
    buffer_printf (body, "{\"cacheId\":%" PRId64 "}\n", cache.number);
    return reply_json (self, 201, body);
}

// By its number, of which only the job that saves it learns more.
static fault_t find_saved (request_t *self, cache_t *out)
{
    *out = (cache_t){0};
    return gateway_call (self, MESSAGE (cache_show),
                         &(cache_show_t){.cache = pairs_get (&self->path, "cache")}, out, 0);
}

static const char *name_of_range (arena_t *arena, int64_t first)
{
    return arena_printf (arena, "%020" PRId64, first); // Of one width: their order is that of the bytes
}

fault_t cache_v1_put (request_t *self)
{
    cache_t cache;
    int64_t first, last;
    if (!header_content_range (http_head_get (self->info, "Content-Range"), &first, &last))
        return turn_fail (&self->turn, BAD_INPUT, "Content-Range: must be: bytes FIRST-LAST/*");
    if (last - first >= MAX_PUT)
        return turn_fail (&self->turn, TOO_LARGE, "Content-Range: a range has at most %d bytes", MAX_PUT);
    TRY (find_saved (self, &cache));
    TRY (block_put (self, cache.id, name_of_range (self->turn.arena, first), last - first + 1));
    return reply_nothing (self);
}

// Do the ranges follow one another, from the first byte to the last?
static fault_t names_of (request_t *self, const staged_blocks_t *staged, int64_t size, strs_t *names)
{
    int64_t at = 0;
    *names = (strs_t){arena_array (self->turn.arena, staged->blocks.count + 1, sizeof (char *)), 0};
    for (size_t i = 0; i < staged->blocks.count; i++) {
        const staged_block_t *block = &staged->blocks.items[i];
        if (strcmp (block->name, name_of_range (self->turn.arena, at)) != 0)
            break;
        names->items[names->count++] = block->name;
        at += block->size;
    }
    if (names->count == staged->blocks.count && at == size)
        return OK;
    return turn_fail (&self->turn, BAD_INPUT,
                      "size: %" PRId64 " bytes were announced; of those that came %" PRId64
                      " follow one another",
                      size, at);
}

// So much at once that a step reads no more than four of the largest blocks of version 2 have.
static size_t at_once (const staged_blocks_t *staged)
{
    for (size_t i = 0; i < staged->blocks.count; i++)
        if (staged->blocks.items[i].size > MAX_BLOCK)
            return 1;
    return MAX_GATHER;
}

fault_t cache_v1_commit_all (request_t *self)
{
    const caller_t *caller = &self->turn.caller;
    cache_v1_commit_t ask = {0};
    staged_blocks_t staged = {0};
    strs_t names;
    cache_t cache = {0};
    TRY (request_ask (self, &ask));
    TRY (gateway_call (self, MESSAGE (cache_staged), &(cache_staged_t){.cache = ask.cache}, &staged, 0));
    // None are left where this is the same request again, whose answer was lost after they got their place
    if (staged.blocks.count > 0 || ask.size == 0) {
        TRY (names_of (self, &staged, ask.size, &names));
        TRY (block_gather (self, staged.cache, &names, at_once (&staged)));
    }
    cache_close_t close = {.job = caller->subject,
                           .attempt = caller->attempt,
                           .cache = staged.cache,
                           .key = "",
                           .version = "",
                           .size = ask.size};
    TRY (gateway_call (self, MESSAGE (cache_close), &close, &cache, 0));
    return reply_nothing (self);
}
