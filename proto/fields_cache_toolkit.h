/* fields_cache_toolkit.h - caches as GitHub's toolkit speaks of them, in two versions: JSON alone, never on the bus. The names are the
 * toolkit's. Sources: @actions/cache 3.2 to 6.3, recorded; go-actions-cache, read. */

#ifndef OPENCICD_FIELDS_CACHE_TOOLKIT_H
#define OPENCICD_FIELDS_CACHE_TOOLKIT_H

#include "proto/fields_cache.h"

// Version 2, Twirp. A number may come as a text or, from Go, as a number.
#define CACHE_CREATE_ENTRY(F, T)       \
    F (T, KEY, key, MAX_CACHE_KEY, "") \
    F (T, KEY, version, MAX_NAME, "")
#define CACHE_ENTRY_CREATED(F, T)                                              \
    F (T, BOOL, ok, 1, "")                                                     \
    F (T, STR, signed_upload_url, MAX_URL, "where it is put, without a token") \
    F (T, STR, message, MAX_TEXT, "why it is not")
#define CACHE_FINALIZE_ENTRY(F, T)     \
    F (T, KEY, key, MAX_CACHE_KEY, "") \
    F (T, KEY, version, MAX_NAME, "")  \
    F (T, JSON, size_bytes, 24, "a decimal number, or a text of one")
#define CACHE_ENTRY_FINALIZED(F, T)              \
    F (T, BOOL, ok, 1, "")                       \
    F (T, STR, entry_id, 20, "a decimal number") \
    F (T, STR, message, MAX_TEXT, "why not")
#define CACHE_ENTRY_URL(F, T)                                                         \
    F (T, KEY, key, MAX_CACHE_KEY, "")                                                \
    F (T, STRS, restore_keys, MAX_CACHE_KEYS, "what others may begin with, in order") \
    F (T, KEY, version, MAX_NAME, "")
#define CACHE_ENTRY_FOUND(F, T)                                                         \
    F (T, BOOL, ok, 1, "false: there is none")                                          \
    F (T, STR, signed_download_url, MAX_URL, "where it is downloaded, without a token") \
    F (T, STR, matched_key, MAX_CACHE_KEY, "")

// Version 1, REST.
#define CACHE_V1_QUERY(F, T)                                 \
    F (T, STRS, keys, MAX_CACHE_KEYS, "separated by commas") \
    F (T, KEY, version, MAX_NAME, "")
#define CACHE_V1_RESERVE(F, T)         \
    F (T, KEY, key, MAX_CACHE_KEY, "") \
    F (T, KEY, version, MAX_NAME, "")  \
    F (T, I64, cacheSize, INT64_MAX, "bytes; 0: not known")
#define CACHE_V1_CHUNK(F, T) F (T, KEY, cache, 20, "its number")
#define CACHE_V1_COMMIT(F, T)           \
    F (T, KEY, cache, 20, "its number") \
    F (T, I64, size, INT64_MAX, "bytes")

#define CACHE_TOOLKIT_MESSAGES(M)                                              \
    M (320, cache_create_entry, CACHE_CREATE_ENTRY, "begin to save a cache")   \
    M (321, cache_entry_created, CACHE_ENTRY_CREATED, "where its bytes go")    \
    M (322, cache_finalize_entry, CACHE_FINALIZE_ENTRY, "its bytes are there") \
    M (323, cache_entry_finalized, CACHE_ENTRY_FINALIZED, "which cache it is") \
    M (324, cache_entry_url, CACHE_ENTRY_URL, "find a cache")                  \
    M (325, cache_entry_found, CACHE_ENTRY_FOUND, "where it is downloaded")    \
    M (326, cache_v1_query, CACHE_V1_QUERY, "find a cache, as of version 1")   \
    M (327, cache_v1_reserve, CACHE_V1_RESERVE, "begin to save one")           \
    M (328, cache_v1_chunk, CACHE_V1_CHUNK, "bytes of it")                     \
    M (329, cache_v1_commit, CACHE_V1_COMMIT, "its bytes are there")

#endif
