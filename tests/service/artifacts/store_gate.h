/* store_gate.h - what a blob store's folder does at a moment that a test chooses: it takes the place of two calls of the C library. */

#ifndef OPENCICD_TEST_STORE_GATE_H
#define OPENCICD_TEST_STORE_GATE_H

// The next `count` blobs get their keys together, none before all of them are written.
void gate_meet (int count);
// Each sync of a file fails with this error, until it is 0.
void gate_fail (int error);

#endif
