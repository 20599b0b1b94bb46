/* own_mounts.h - a part of a test on a thread with a mount namespace of its own, which its processes share. */

#ifndef OPENCICD_TEST_OWN_MOUNTS_H
#define OPENCICD_TEST_OWN_MOUNTS_H

#include <stdbool.h>

// NULL: it is as it should be; else what is wrong. It may not use CHECK, which belongs to the test's own thread.
typedef const char *(*own_mounts_fn) (void *context);

// Fails the test where `act` says what is wrong. False, with a line that says so, where we may not have one.
bool in_own_mounts (own_mounts_fn act, void *context);

#endif
