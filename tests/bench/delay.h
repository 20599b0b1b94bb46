/* delay.h - a network that is far away: forwards TCP connections of 127.0.0.1 and holds each byte back for half a round trip. */

#ifndef OPENCICD_BENCH_DELAY_H
#define OPENCICD_BENCH_DELAY_H

#include <stdint.h>

typedef struct delay delay_t;

delay_t *delay_new (uint16_t target);  // A port of 127.0.0.1
void delay_destroy (delay_t **self_p); // Cuts all connections
uint16_t delay_port (const delay_t *self);
void delay_set (delay_t *self, uint32_t round_trip_ms); // Of what comes from now on

#endif
