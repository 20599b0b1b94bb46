/* floor_http.h - the least HTTP/1.1 that a measuring client needs: an epoll loop, keep-alive, bodies with a length.
 *
 * It is no server for the world: a request that does not fit its buffer, or is not understood, ends the connection. */

#ifndef OPENCICD_FLOOR_HTTP_H
#define OPENCICD_FLOOR_HTTP_H

#include <stdbool.h>
#include <stddef.h>

// Whatever waits in the loop begins with one of these.
typedef struct source source_t;
struct source {
    void (*ready) (source_t *self);
    int fd;
};

void loop_add (source_t *source);
void loop_forget (source_t *source); // Does not close
_Noreturn void loop_run (void);

// A request: the method, the path and a body that ends with a zero byte. Write the answer with http_answer, once.
typedef struct connection connection_t;
typedef void http_handler_t (connection_t *connection, const char *method, const char *path,
                             const char *body);
void http_answer (connection_t *connection, int status, const char *json);

int http_listen (http_handler_t *handler); // The port, chosen by the system, on 127.0.0.1

#endif
