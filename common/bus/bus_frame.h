/* bus_frame.h - a message as the body frame that the bus carries. Internal to the bus. */

#ifndef OPENCICD_BUS_FRAME_H
#define OPENCICD_BUS_FRAME_H

#include "common/bus/bus.h"

#include <czmq.h>

#define FRAME_MAX (9 << 20) // Bytes of one body; the most that proto/ unpacks
#define FRAME_ON_WIRE \
    (FRAME_MAX +      \
     1024) // With the overhead of encryption; a peer that sends more is cut off, even before it is authenticated

MUST_USE fault_t bus_pack (bus_t *bus, uint16_t number, const void *message, zframe_t **out); // TOO_LARGE

#endif
