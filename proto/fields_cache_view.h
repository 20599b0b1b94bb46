/* fields_cache_view.h - fields of caches as people list and remove them, and as they go with their project. */

#ifndef OPENCICD_FIELDS_CACHE_VIEW_H
#define OPENCICD_FIELDS_CACHE_VIEW_H

#include "proto/fields_cache.h"

#define CACHE_LIST(F, T)                                             \
    PAGE (F, T)                                                      \
    F (T, KEY, project, MAX_NAME, "id or name")                      \
    F (T, STR, key, MAX_CACHE_KEY, "only those whose key begins so") \
    F (T, STR, ref, MAX_TEXT, "only of this branch or tag, or full ref")
#define CACHE_PAGE(F, T)                                                          \
    PAGE_OF (F, T, cache)                                                         \
    F (T, I64, count, INT64_MAX, "all caches of the project")                     \
    F (T, I64, bytes, INT64_MAX, "their bytes")                                   \
    F (T, I64, limit_bytes, INT64_MAX, "as many as are kept; 0: without a limit") \
    F (T, I64, stored_bytes, INT64_MAX,                                           \
       "what counts against the limit: bytes that several caches have are kept once")
#define CACHE_REMOVE(F, T)                                                \
    F (T, KEY, project, MAX_NAME, "id or name")                           \
    F (T, STR, cache, MAX_ID, "this one, by its id or number")            \
    F (T, STR, key, MAX_CACHE_KEY, "those whose key is this")             \
    F (T, STR, ref, MAX_TEXT, "those of this branch or tag, or full ref") \
    F (T, BOOL, all, 1, "all of the project")
#define CACHE_REMOVED(F, T)                \
    F (T, I64, count, INT64_MAX, "caches") \
    F (T, I64, bytes, INT64_MAX, "of them")
#define CACHE_PURGE(F, T) F (T, KEY, project, MAX_ID, "all of this removed project")

//     number, name, fields, meaning (messages.h)
#define CACHE_VIEW_MESSAGES(M)                                                   \
    M (310, cache_list, CACHE_LIST, "the caches of a project, the latest first") \
    M (311, cache_page, CACHE_PAGE, "caches")                                    \
    M (312, cache_remove, CACHE_REMOVE, "remove caches of a project")            \
    M (313, cache_removed, CACHE_REMOVED, "what was removed")                    \
    M (314, cache_purge, CACHE_PURGE, "remove those of a project")

#endif
