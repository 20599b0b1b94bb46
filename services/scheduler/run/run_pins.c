/* run_pins.c - see run_pins.h. Every line begins after a newline, so that strstr finds whole ones. */

#include "services/scheduler/run/run_pins.h"

#include "common/base/buffer.h"
#include "workflow/model/action_lock.h"

#include <string.h>

#define PINS_BYTES (1 << 20)

fault_t run_pins_make (turn_t *turn, const char *file, size_t size, const char **out)
{
    findings_t findings;
    const action_lock_t *lock;
    *out = "";
    if (size == 0)
        return OK;
    findings_init (&findings, turn->arena, ACTION_LOCK_PATH);
    if (action_lock_load (turn->arena, file, size, &findings, &lock) != OK) {
        *out = NULL;
        return turn_fail (turn, INVALID, ACTION_LOCK_PATH ":%d:%d: %s", findings.items[0].line,
                          findings.items[0].column, findings.items[0].message);
    }
    if (lock->workflow_count == 0)
        return OK;
    buffer_t *lines = buffer_new (PINS_BYTES);
    for (size_t i = 0; i < lock->workflow_count; i++)
        if (!strpbrk (lock->workflows[i], "\r\n"))
            buffer_printf (lines, "\nworkflow %s", lock->workflows[i]);
    for (size_t i = 0; i < lock->pin_count; i++)
        buffer_printf (lines, "\npin %s %s", lock->pins[i].key, lock->pins[i].commit);
    buffer_putc (lines, '\n');
    bool full = buffer_full (lines);
    *out = arena_copy (turn->arena, buffer_text (lines), buffer_size (lines));
    buffer_destroy (&lines);
    return full ? turn_fail (turn, TOO_LARGE, ACTION_LOCK_PATH " has more than %d bytes", PINS_BYTES) : OK;
}

bool run_pins_cover (arena_t *arena, const char *pins, const char *workflow)
{
    if (!*pins || strncmp (workflow, "./", 2) != 0 ||
        strchr (workflow, '\n')) // Another repository's has its own lock
        return false;
    return strstr (pins, arena_printf (arena, "\nworkflow %s\n", workflow + 2)) != NULL;
}

const char *run_pins_find (arena_t *arena, const char *pins, const char *reference)
{
    const char *line = arena_printf (arena, "\npin %s ", reference), *found = strstr (pins, line);
    if (!found)
        return "";
    found += strlen (line);
    return arena_strndup (arena, found, strcspn (found, "\n"));
}
