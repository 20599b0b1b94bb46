/* limits.h - the bounds that messages share, and the fields of every page of a list. */

#ifndef OPENCICD_LIMITS_H
#define OPENCICD_LIMITS_H

#define MAX_ID    64
#define MAX_NAME  255
#define MAX_TEXT  4096
#define MAX_URL   2048
#define MAX_DOC   (1 << 20)  // A workflow file, a job's definition, a payload
#define MAX_PAGE  200        // Rows of one page
#define MAX_PART  (4 << 20)  // Bytes of one part of an artifact
#define MAX_CHUNK (1 << 20)  // Bytes of one piece of a log
#define MAX_REST  (16 << 10) // Bytes of a log that may come with its last word
#define MAX_RESTS 64         // Pieces of them, one a step

#define NO_FIELDS(F, T)

#define PAGE(F, T)                                            \
    F (T, STR, cursor, MAX_TEXT, "`next` of the page before") \
    F (T, U32, limit, MAX_PAGE, "rows of the page; 50 where it is missing")
#define PAGE_OF(F, T, m)                         \
    F (T, LIST (m), items, MAX_PAGE, "one page") \
    F (T, STR, next, MAX_TEXT, "cursor of the next page; empty on the last")

#endif
