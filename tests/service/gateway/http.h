/* http.h - an HTTP client for tests that writes exactly what it is told, byte by byte, and reads answers with a deadline. */

#ifndef OPENCICD_TESTS_HTTP_H
#define OPENCICD_TESTS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD 16384
#define HTTP_WAIT 10 // Seconds

typedef struct {
    int fd;
    char *data; // Received and not yet used
    size_t size, capacity;
} http_t;

typedef struct {
    int status; // 0 where no whole answer came
    char head[HTTP_HEAD];
    char *body; // With a NUL behind it; freed by http_forget
    size_t size;
} answer_t;

http_t http_open (const char *address); // "127.0.0.1:8080"
void http_close (http_t *self);
void http_send (http_t *self, const char *text);
void http_send_bytes (http_t *self, const void *data, size_t size); // An end of the other side is no failure
void http_finish (http_t *self);                                    // Sends nothing more
answer_t http_answer (http_t *self);
answer_t http_answer_head (http_t *self); // Without a body, whatever the head says
// Reads until the text has come; NULL where it did not. What came before is gone with http_drop.
const char *http_until (http_t *self, const char *text);
void http_drop (http_t *self, size_t size);
bool http_ended (http_t *self);              // The other side closed
bool http_comes (http_t *self, int wait_ms); // Is there something to read, or the end?

// One request on a connection of its own: method, path, token (NULL for none), more headers ("A: b\r\n" or ""), body.
answer_t http_ask (const char *address, const char *method, const char *path, const char *token,
                   const char *headers, const char *body);
const char *answer_header (const answer_t *self, const char *name, char *into,
                           size_t size); // NULL: not there
void http_forget (answer_t *self);

#endif
