/* on_engines.h - a test that is run on each database engine. Who includes it has a world_t, and an on_each_engine (test) that makes one
 * for SQLite and, where there is one, for PostgreSQL, and plays the test in each. */

#ifndef OPENCICD_TEST_ON_ENGINES_H
#define OPENCICD_TEST_ON_ENGINES_H

#include "tests/unit/test.h"

#define TEST_ON_ENGINES(name)               \
    static void name##_on (world_t *world); \
    TEST (name)                             \
    {                                       \
        on_each_engine (name##_on);         \
    }                                       \
    static void name##_on (world_t *world)

#endif
