/* turn.c - see turn.h. */

#include "common/base/turn.h"

#include <stdarg.h>

void turn_init (turn_t *self, arena_t *arena, const char *request_id, int64_t now_us)
{
    *self = (turn_t){.arena = arena,
                     .request_id = request_id,
                     .caller = {.role = ROLE_SERVICE, .subject = ""},
                     .now_us = now_us,
                     .deadline_us = INT64_MAX};
}

fault_t turn_fail (turn_t *self, fault_t fault, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    self->detail = arena_vprintf (self->arena, format, args);
    va_end (args);
    return fault;
}

fault_t turn_room (turn_t *self)
{
    if (!self->arena || arena_used (self->arena) <= TURN_MEMORY)
        return OK;
    return turn_fail (self, TOO_LARGE, "this takes more than %d MiB of memory", TURN_MEMORY >> 20);
}

fault_t fault_with (arena_t *arena, const char **error, fault_t fault, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    *error = arena_vprintf (arena, format, args);
    va_end (args);
    return fault;
}
