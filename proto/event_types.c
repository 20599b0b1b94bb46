/* event_types.c - see event_types.h. */

#include "proto/event_types.h"

#define NAME(thing, change, meaning) #thing "." #change,
static const char *const names[] = {EVENT_TYPES (NAME)};

const char *event_type_name (event_type_t type)
{
    return names[type];
}
