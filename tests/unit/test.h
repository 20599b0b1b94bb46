/* test.h - the test language. A test's name is the sentence it proves.
 *
 *     TEST (an_empty_buffer_is_an_empty_string) { CHECK_STR (buffer_text (b), ""); }
 *
 * A failed check prints its place, fails the test and leaves it. `unit-x [-v] [part of a name]` runs what matches. */

#ifndef OPENCICD_TEST_H
#define OPENCICD_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

void test_add (const char *name, const char *file, void (*run) (void));
_Noreturn void test_fail (const char *file, int line, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
void test_same_text (const char *file, int line, const char *what, const char *got, const char *want);
void test_same_number (const char *file, int line, const char *what, int64_t got, int64_t want);

#define TEST(name)                                              \
    static void name (void);                                    \
    __attribute__ ((constructor)) static void name##_add (void) \
    {                                                           \
        test_add (#name, __FILE__, name);                       \
    }                                                           \
    static void name (void)

#define CHECK(what)                                      \
    do {                                                 \
        if (!(what))                                     \
            test_fail (__FILE__, __LINE__, "%s", #what); \
    } while (0)
#define CHECK_STR(got, want) test_same_text (__FILE__, __LINE__, #got, got, want)
#define CHECK_INT(got, want) test_same_number (__FILE__, __LINE__, #got, (int64_t) (got), (int64_t) (want))

#endif
