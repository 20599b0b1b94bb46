/* test.h - the test language. A test's name is the sentence it proves.
 *
 *     TEST (an_empty_buffer_is_an_empty_string) { CHECK_STR (buffer_text (b), ""); }
 *
 * A failed check prints its place, fails the test and leaves it; so it may be made in the test's own thread only. A test that hangs
 * (OPENCICD_TEST_SECONDS, 120, under ThreadSanitizer 240) fails with the last check that it made. What a failed test leaves behind (threads, locks) the next one
 * does not meet: the program begins anew behind it. `unit-x [-v] [part of a name]` runs what matches. */

#ifndef OPENCICD_TEST_H
#define OPENCICD_TEST_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

extern _Atomic (const char *) test_place; // "FILE:LINE" of the last check

void test_add (const char *name, const char *file, void (*run) (void));
_Noreturn void test_fail (const char *file, int line, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
void test_same_text (const char *file, int line, const char *what, const char *got, const char *want);
void test_same_number (const char *file, int line, const char *what, int64_t got, int64_t want);

// When a test gives up to wait for a condition, on common/base/clock.h's monotonic clock. Far off: a busy machine is no failure.
int64_t test_until_us (void);

#define TEST(name)                                              \
    static void name (void);                                    \
    __attribute__ ((constructor)) static void name##_add (void) \
    {                                                           \
        test_add (#name, __FILE__, name);                       \
    }                                                           \
    static void name (void)

#define TEST_TEXT_OF(line) #line
#define TEST_LINE(line)    TEST_TEXT_OF (line)
#define TEST_AT()          atomic_store_explicit (&test_place, __FILE__ ":" TEST_LINE (__LINE__), memory_order_relaxed)

#define CHECK(what)                                      \
    do {                                                 \
        TEST_AT ();                                      \
        if (!(what))                                     \
            test_fail (__FILE__, __LINE__, "%s", #what); \
    } while (0)
#define CHECK_STR(got, want) (TEST_AT (), test_same_text (__FILE__, __LINE__, #got, got, want))
#define CHECK_INT(got, want) \
    (TEST_AT (), test_same_number (__FILE__, __LINE__, #got, (int64_t) (got), (int64_t) (want)))

// A number below `below` from a generator of the test's own: equal seeds give equal numbers, so that a failure can be made again.
uint32_t test_any (uint64_t *seed, uint32_t below);

#endif
