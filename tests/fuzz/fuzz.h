/* fuzz.h - what every fuzz target has: the entry that libFuzzer calls, and a check that ends the program. */

#ifndef OPENCICD_TESTS_FUZZ_H
#define OPENCICD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define FUZZ_CHECK(what)       \
    do {                       \
        if (!(what))           \
            __builtin_trap (); \
    } while (0)

#endif
