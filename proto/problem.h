/* problem.h - why a request over HTTP was refused, as application/problem+json (RFC 9457) with our `code`: a fault's name. */

#ifndef OPENCICD_PROBLEM_H
#define OPENCICD_PROBLEM_H

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define PROBLEM_MAX 65536 // Bytes that are read as one

typedef struct {
    bool ours;        // An open-cicd server or agent said it: it has a code
    fault_t fault;    // What the code says, else what the status does
    const char *text; // Its detail, else its title, else ""
} problem_t;

// Of an answer that is not a 2xx, whoever gave it: a proxy's page is a problem too, but not ours.
problem_t problem_read (arena_t *arena, int status, const char *body, size_t size);

// `detail` is cut where it is long; request_id NULL: none.
void problem_print (buffer_t *into, int status, const char *title, const char *detail, const char *code,
                    const char *request_id);

#endif
