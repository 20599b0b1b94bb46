/* http_agent.h - an agent's HTTP server, pretended: answers with the statuses that a test lines up, and keeps what it was told. */

#ifndef OPENCICD_TEST_HTTP_AGENT_H
#define OPENCICD_TEST_HTTP_AGENT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct http_agent http_agent_t;

http_agent_t *http_agent_new (void); // Answers 202
void http_agent_destroy (http_agent_t **self_p);
const char *http_agent_url (const http_agent_t *self);
void http_agent_answer (http_agent_t *self, int status, int times); // Then 202 again; 0 answers nothing
void http_agent_hold (http_agent_t *self, bool held); // Takes requests, and answers when it is false again
size_t http_agent_requests (http_agent_t *self);      // So far
// Does the last request hold this text? Waits for `count` requests in all first; fails the test where they do not come.
void http_agent_wait (http_agent_t *self, size_t count, const char *text);
const char *http_agent_last (http_agent_t *self); // The last request, until the next comes

#endif
