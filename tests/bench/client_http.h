/* client_http.h - one keep-alive connection of the measuring client: ask, wait, read. A connection belongs to one thread.
 *
 * What cannot be measured ends the program: a server that is gone, an answer without a length, one larger than ANSWER_MAX. */

#ifndef OPENCICD_CLIENT_HTTP_H
#define OPENCICD_CLIENT_HTTP_H

#include <stdint.h>

#define ANSWER_MAX (4 << 20)

typedef struct client client_t;

client_t *client_new (const char *url, const char *token); // http://ADDRESS:PORT; an empty token sends none
void client_destroy (client_t **self_p);
int client_ask (client_t *self, const char *method, const char *path, const char *body); // The status
const char *client_body (const client_t *self); // Of the last answer, with a zero byte behind it

// The first value of that key in the last answer, as text. False where there is none or it does not fit.
int client_value (const client_t *self, const char *key, char *into, unsigned size);

int64_t now_ns (void); // Monotonic
_Noreturn void client_give_up (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif
