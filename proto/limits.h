/* limits.h - the bounds that messages share, and the fields of every page of a list. */

#ifndef OPENCICD_LIMITS_H
#define OPENCICD_LIMITS_H

#define MAX_ID   64
#define MAX_NAME 255
#define MAX_TEXT 4096
#define MAX_URL  2048
#define MAX_NESTING \
    26 // Of a payload, and of a matrix's values: an offer puts them deeper, and all of it is at most JSON_DEPTH deep
#define MAX_SECRET    4096        // A token or code that somebody presents
#define MAX_DOC       (1 << 20)   // A workflow file, a job's definition, a payload
#define MAX_PAGE      200         // Rows of one page
#define MAX_WORKFLOWS 300         // Workflow files of one commit
#define MAX_PART      (4 << 20)   // Bytes of one part of an artifact
#define MAX_CHUNK     (1 << 20)   // Bytes of one chunk of a log
#define MAX_TRAILER   (16 << 10)  // Bytes of a log that may come with the final status
#define MAX_TIMES     1000        // Of one answer
#define MAX_TRAILERS  64          // Its parts, one per step
#define MAX_BLOCK     (64 << 20)  // Bytes of one block of an artifact's upload
#define MAX_BLOCKS    10000       // Of one upload
#define MAX_BLOCK_ID  88          // Characters of a block's name
#define MAX_PIECES    64          // Messages that carry one block
#define MAX_PUT       (256 << 20) // Bytes that one request puts at once: so many pieces
#define MAX_GATHER    4           // Blocks that are put in their place at once

#define NO_FIELDS(F, T)

#define PAGE(F, T)                                            \
    F (T, STR, cursor, MAX_TEXT, "`next` of the page before") \
    F (T, U32, limit, MAX_PAGE, "rows of the page; default: 50")
#define PAGE_OF(F, T, m)                         \
    F (T, ROWS (m), items, MAX_PAGE, "one page") \
    F (T, STR, next, MAX_TEXT, "cursor of the next page; empty on the last")

#endif
