/* gateway.h - HTTP/JSON in front of the services. Holds no state; only it serves public HTTP.
 *
 * common/http/http_server.h reads requests; routes.h says what each route asks, who may, how large it may be; the bus
 * carries the ask. TLS is for the proxy in front. */

#ifndef OPENCICD_GATEWAY_H
#define OPENCICD_GATEWAY_H

#include "common/base/job_token.h"
#include "gateway/config.h"

// Listens and serves from now on. Borrows bus and key; reads the pages. BAD_INPUT for a bad address, CONFLICT where it is taken, naming it.
MUST_USE fault_t gateway_new (gateway_t **out, turn_t *turn, const gateway_config_t *config, bus_t *bus,
                              const secret_key_t *key);
// Fails readiness, waits for requests in progress, ends streams, then stops. Before the actors that it calls.
void gateway_destroy (gateway_t **self_p);
const char *gateway_address (const gateway_t *self); // "127.0.0.1:41503", with the port that was chosen

#endif
