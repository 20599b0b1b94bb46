/* retention.h - the rows of a service's answer to "how long do you keep things?". */

#ifndef OPENCICD_RETENTION_H
#define OPENCICD_RETENTION_H

#include "proto/messages.h"

void retention_fill (turn_t *turn, retention_t *out, const retention_item_t *rows, size_t count);
int64_t retention_days (int64_t us); // Of a duration

#endif
