/* action_pins.c - see action_pins.h. Asking twice writes once: a lost answer loses nothing. */

#include "agent/action_pins.h"

#include "common/base/clock.h"

#include <poll.h>

#define PAUSE_MS 500 // Between two tries, for at most ARTIFACT_RETRY_SECONDS; a cancel ends it at once

// The engine names them itself, as it knows no messages.
_Static_assert((int) PIN_NONE == (int) pin_none && (int) PIN_RECORD == (int) pin_record &&
                   (int) PIN_FILE == (int) pin_file && (int) PIN_MISSING == (int) pin_missing,
               "proto/states.h and agent/engine/action_settings.h");

static bool may_retry (const server_pins_t *self, fault_t fault, int64_t until_us)
{
    struct pollfd cancel = {self->cancel, POLLIN, 0};
    return fault_is_transient (fault) && clock_monotonic_us () < until_us && poll (&cancel, 1, PAUSE_MS) == 0;
}

static fault_t look (void *self_, turn_t *turn, const char *key, const char *commit, pin_t *out)
{
    const server_pins_t *self = self_;
    const action_look_t ask = {
        .job = self->job, .attempt = self->attempt, .reference = key, .commit = commit};
    action_pin_t pin;
    int64_t until_us = clock_monotonic_us () + SECONDS (ARTIFACT_RETRY_SECONDS);
    fault_t fault;
    do {
        pin = (action_pin_t){.commit = ""};
        fault = server_action (self->server, turn, self->token, &ask, &pin);
    } while (may_retry (self, fault, until_us));
    *out = (pin_t){(pin_source_t) state_known (&states_pin, pin.source), pin.commit};
    return fault;
}

action_pins_t server_action_pins (server_pins_t *self)
{
    return (action_pins_t){.self = self, .look = look, .accept_command = self->accept_command};
}
