/* fault.c - the fault table as functions. */

#include "common/base/fault.h"

#include <errno.h>

#define FAULT_ROW(name, http, text) {#name, text, http},
static const struct {
    const char *name;
    const char *text;
    int http;
} table[FAULT_COUNT] = {FAULTS (FAULT_ROW)};

const char *fault_name (fault_t fault)
{
    return table[fault].name;
}

const char *fault_text (fault_t fault)
{
    return table[fault].text;
}

const char *fault_own_text (fault_t fault)
{
    return fault == BROKEN ? "something failed that should not; a line before this one may say what"
                           : fault_text (fault);
}

int fault_http (fault_t fault)
{
    return table[fault].http;
}

bool fault_is_transient (fault_t fault)
{
    return fault == UNAVAILABLE || fault == TIMEOUT || fault == OVERLOADED || fault == BROKEN;
}

fault_t fault_from_errno (int error)
{
    switch (error) {
    case 0: return OK;
    case ENOSPC:
    case EDQUOT: return NO_SPACE;
    case ENOENT:
    case ENOTDIR: return NOT_FOUND;
    case EEXIST: return CONFLICT;
    case EACCES:
    case EPERM: return FORBIDDEN;
    default: return BROKEN;
    }
}

fault_t fault_from_wire (unsigned int number)
{
    return number < FAULT_COUNT ? (fault_t) number : BROKEN;
}
