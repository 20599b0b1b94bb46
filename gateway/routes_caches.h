/* routes_caches.h - the rows of routes.h about caches: for people, and as GitHub's toolkit knows them in two versions (docs/toolkit.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_CACHES_H
#define OPENCICD_GATEWAY_ROUTES_CACHES_H

#define CACHE_HANDLERS(H)                                         \
    H (cache_entry_create, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)   \
    H (cache_entry_finalize, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT) \
    H (cache_entry_find, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)     \
    H (cache_v1_find, NULL, JSON_TYPE, NULL, TOOLKIT)             \
    H (cache_v1_create, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)      \
    H (cache_v1_put, BYTES_TYPE, NULL, NULL, TOOLKIT | STREAMS)   \
    H (cache_v1_commit_all, JSON_TYPE, NULL, NULL, TOOLKIT)

#define CACHE_SERVICE "/twirp/github.actions.results.api.v1.CacheService/"
#define CACHE_V1      "/_apis/artifactcache/"
#define CACHE_ROUTES(R)                                                                              \
    R (GET, "/projects/{project}/caches", cache_list, MAY_VIEW, 0, 200, api_call,                    \
       "the caches of a project, the latest first")                                                  \
    R (DELETE, "/projects/{project}/caches", cache_remove, MAY_DEVELOP, 0, 200, api_call,            \
       "remove those of a key or a ref, one, or all")                                                \
    R (POST, CACHE_SERVICE "CreateCacheEntry", cache_create_entry, MAY_JOB, 16 * KIB, 200,           \
       cache_entry_create, "an action begins to save a cache")                                       \
    R (POST, CACHE_SERVICE "FinalizeCacheEntryUpload", cache_finalize_entry, MAY_JOB, 16 * KIB, 200, \
       cache_entry_finalize, "... and has uploaded it")                                              \
    R (POST, CACHE_SERVICE "GetCacheEntryDownloadURL", cache_entry_url, MAY_JOB, 64 * KIB, 200,      \
       cache_entry_find, "an action looks for a cache")                                              \
    R (GET, CACHE_V1 "cache", cache_v1_query, MAY_JOB, 0, 200, cache_v1_find,                        \
       "an action looks for a cache; 204: there is none")                                            \
    R (POST, CACHE_V1 "caches", cache_v1_reserve, MAY_JOB, 16 * KIB, 201, cache_v1_create,           \
       "an action begins to save a cache")                                                           \
    R (PATCH, CACHE_V1 "caches/{cache}", cache_v1_chunk, MAY_JOB, MAX_PUT, 204, cache_v1_put,        \
       "a range of its bytes, in any order")                                                         \
    R (POST, CACHE_V1 "caches/{cache}", cache_v1_commit, MAY_JOB, 4 * KIB, 204, cache_v1_commit_all, \
       "all of them are there")

#endif
