/* cache_routes.c - caches for GitHub's toolkit: see cache_routes.h; and version 2 of its protocol, Twirp in JSON, whose bytes go by signed
 * URLs (signed_routes.c). Version 1 is in cache_v1.c.
 *
 * A client whose request fails goes on without its cache, so a failure is never more than a warning in a job's log. Sources: the packages
 * @actions/cache 4.0 to 6.3 and go-actions-cache, and what they were seen to send. */

#include "gateway/cache_routes.h"

#include "common/base/utf8.h"
#include "gateway/call.h"
#include "gateway/reply.h"
#include "gateway/signed.h"
#include "gateway/transfer.h"

#include <inttypes.h>
#include <string.h>

static fault_t read_window (request_t *self, arena_t *window, void *source, int64_t offset, uint32_t want,
                            bytes_t *out)
{
    cache_read_t ask = {.cache = source, .offset = offset, .size = want};
    artifact_bytes_t answer;
    fault_t fault = gateway_call_in (self, window, MESSAGE (cache_read), &ask, &answer, 0);
    *out = answer.data;
    return fault;
}

fault_t cache_send (request_t *self, const char *id)
{
    cache_t cache = {0};
    TRY (gateway_call (self, MESSAGE (cache_show), &(cache_show_t){.cache = id}, &cache, 0));
    if (!cache.complete)
        return turn_fail (&self->turn, CONFLICT, "this cache is still being saved");
    transfer_t transfer = {.read = read_window,
                           .source = (char *) (uintptr_t) id,
                           .size = cache.size,
                           .type = BYTES_TYPE,
                           .etag = arena_printf (self->turn.arena, "\"%s\"", cache.sha256)};
    // An action that restored a cache lives on until the connection that it keeps is closed
    self->keep = false;
    return transfer_send (self, &transfer);
}

fault_t cache_send_chunks (request_t *self, const char *id)
{
    const char *offset = pairs_get (&self->query, "offset");
    cache_chunks_t ask = {.cache = id};
    chunk_page_t page = {.size = 0};
    if (offset && !http_number (offset, strlen (offset), &ask.offset))
        return turn_fail (&self->turn, BAD_INPUT, "offset: must be a number of bytes");
    TRY (gateway_call (self, MESSAGE (cache_chunks), &ask, &page, 0));
    return reply_message (self, 200, MESSAGE (chunk_page), &page, false);
}

fault_t cache_look_up (request_t *self, const strs_t *keys, const char *version, const cache_t **out)
{
    const caller_t *caller = &self->turn.caller;
    cache_look_t ask = {
        .job = caller->subject, .attempt = caller->attempt, .keys = *keys, .version = version};
    cache_found_t *found = arena_alloc (self->turn.arena, sizeof *found);
    *found = (cache_found_t){0};
    TRY (gateway_call (self, MESSAGE (cache_look), &ask, found, 0));
    *out = found->caches.count > 0 ? &found->caches.items[0] : NULL;
    return OK;
}

fault_t cache_begin (request_t *self, const char *key, const char *version, int64_t size, cache_t *out)
{
    const caller_t *caller = &self->turn.caller;
    cache_reserve_t ask = {
        .job = caller->subject, .attempt = caller->attempt, .key = key, .version = version, .size = size};
    *out = (cache_t){0};
    return gateway_call (self, MESSAGE (cache_reserve), &ask, out, 0);
}

// ---- version 2 ----

// What others than the key may begin with comes first in no look-up.
static strs_t all_keys (arena_t *arena, const char *key, const strs_t *others)
{
    strs_t all = {arena_array (arena, others->count + 1, sizeof (char *)), 0};
    all.items[all.count++] = key;
    for (size_t i = 0; i < others->count; i++)
        all.items[all.count++] = others->items[i];
    return all;
}

static fault_t read_ask (request_t *self, void *ask)
{
    if (!utf8_valid (self->body, self->body_size))
        return turn_fail (&self->turn, BAD_INPUT, "the body is not UTF-8");
    // A newer client may say more
    TRY (message_read_newer (self->route->ask, &self->turn, self->body, self->body_size, ask));
    return message_check (self->route->ask, &self->turn, ask);
}

static fault_t reply (request_t *self, const message_t *message, const void *answer)
{
    return reply_message (self, 200, message, answer, false);
}

fault_t cache_entry_create (request_t *self)
{
    cache_create_entry_t ask = {0};
    cache_t cache;
    cache_entry_created_t answer = {.signed_upload_url = "", .message = ""};
    TRY (read_ask (self, &ask));
    fault_t fault = cache_begin (self, ask.key, ask.version, 0, &cache);
    if (fault == CONFLICT) { // As an answer: clients try some errors again, and this one stays
        answer.message = self->turn.detail;
        return reply (self, MESSAGE (cache_entry_created), &answer);
    }
    TRY (fault);
    answer.ok = true;
    answer.signed_upload_url = signed_upload_url (self, cache.id);
    return reply (self, MESSAGE (cache_entry_created), &answer);
}

// "990" or 990.
static fault_t read_size (request_t *self, const char *json, int64_t *size)
{
    size_t length = json ? strlen (json) : 0,
           quoted = length >= 2 && json[0] == '"' && json[length - 1] == '"';
    if (length > 2 * quoted && http_number (json + quoted, length - 2 * quoted, size))
        return OK;
    return turn_fail (&self->turn, INVALID, "size_bytes: must be a number of bytes");
}

fault_t cache_entry_finalize (request_t *self)
{
    const caller_t *caller = &self->turn.caller;
    cache_finalize_entry_t ask = {0};
    cache_t cache = {0};
    TRY (read_ask (self, &ask));
    cache_close_t close = {.job = caller->subject,
                           .attempt = caller->attempt,
                           .cache = "",
                           .key = ask.key,
                           .version = ask.version};
    TRY (read_size (self, ask.size_bytes, &close.size));
    TRY (gateway_call (self, MESSAGE (cache_close), &close, &cache, 0));
    const char *number = arena_printf (self->turn.arena, "%" PRId64, cache.number);
    return reply (self, MESSAGE (cache_entry_finalized),
                  &(cache_entry_finalized_t){.ok = true, .entry_id = number, .message = ""});
}

fault_t cache_entry_find (request_t *self)
{
    cache_entry_url_t ask = {0};
    const cache_t *cache;
    cache_entry_found_t answer = {.signed_download_url = "", .matched_key = ""};
    TRY (read_ask (self, &ask));
    strs_t keys = all_keys (self->turn.arena, ask.key, &ask.restore_keys);
    TRY (cache_look_up (self, &keys, ask.version, &cache));
    if (cache) {
        answer.ok = true;
        answer.signed_download_url = signed_download_url (self, cache->id, "cache");
        answer.matched_key = cache->key;
    }
    return reply (self, MESSAGE (cache_entry_found), &answer);
}
