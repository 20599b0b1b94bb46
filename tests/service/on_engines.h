/* on_engines.h - a test that is run on each database engine. Who includes it has a world_t, and an on_each_engine (test) that makes one
 * for SQLite and, where there is one, for PostgreSQL, and plays the test in each. */

#ifndef OPENCICD_TEST_ON_ENGINES_H
#define OPENCICD_TEST_ON_ENGINES_H

#include "tests/unit/test.h"

#include <stdlib.h>

// on_each_engine for a world that begin (&world, URL of PostgreSQL or NULL) makes and end (&world) removes.
#define ON_EACH_ENGINE(begin, end)                                         \
    static void on_each_engine (void (*test) (world_t * world))            \
    {                                                                      \
        const char *engines[] = {NULL, getenv ("OPENCICD_TEST_POSTGRES")}; \
        for (int i = 0; i < (engines[1] ? 2 : 1); i++) {                   \
            world_t world;                                                 \
            begin (&world, engines[i]);                                    \
            test (&world);                                                 \
            end (&world);                                                  \
        }                                                                  \
    }

#define TEST_ON_ENGINES(name)               \
    static void name##_on (world_t *world); \
    TEST (name)                             \
    {                                       \
        on_each_engine (name##_on);         \
    }                                       \
    static void name##_on (world_t *world)

#endif
