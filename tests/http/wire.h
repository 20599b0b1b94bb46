/* wire.h - an HTTP client for tests that writes exactly what it is told, byte by byte, and reads answers with a deadline. */

#ifndef OPENCICD_TEST_WIRE_H
#define OPENCICD_TEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define WIRE_HEAD 16384

typedef struct {
    int fd;
    char *data; // Received and not yet used
    size_t size, capacity;
} wire_t;

typedef struct {
    int status; // 0 where no whole answer came
    char head[WIRE_HEAD];
    char *body; // With a NUL behind it; freed by wire_forget
    size_t size;
} wire_answer_t;

wire_t wire_open (const char *address);                          // "127.0.0.1:8080"
wire_t wire_open_from (const char *address, const char *source); // From 127.0.0.2, for example
void wire_close (wire_t *self);
void wire_send (wire_t *self, const char *text);
void wire_send_bytes (wire_t *self, const void *data, size_t size); // An end of the other side is no failure
void wire_finish (wire_t *self);                                    // Sends nothing more
wire_answer_t wire_answer (wire_t *self);
wire_answer_t wire_answer_head (wire_t *self); // Without a body, whatever the head says
// Reads until the text has come; NULL where it did not. What came before is gone with wire_drop.
const char *wire_until (wire_t *self, const char *text);
void wire_drop (wire_t *self, size_t size);
bool wire_ended (wire_t *self);              // The other side closed
bool wire_comes (wire_t *self, int wait_ms); // Is there something to read, or the end?

// One request on a connection of its own: method, path, token (NULL for none), more headers ("A: b\r\n" or ""), body.
wire_answer_t wire_ask (const char *address, const char *method, const char *path, const char *token,
                        const char *headers, const char *body);
const char *wire_header (const wire_answer_t *self, const char *name, char *into,
                         size_t size); // NULL: not there
void wire_forget (wire_answer_t *self);

#endif
