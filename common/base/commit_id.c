/* commit_id.c - see commit_id.h. */

#include "common/base/commit_id.h"

#include <string.h>

static bool is_whole (size_t digits)
{
    return digits == 40 || digits == 64;
}

size_t commit_id_size (const char *text)
{
    size_t digits = strspn (text, "0123456789abcdef");
    return is_whole (digits) ? digits : 0;
}

bool commit_id_is (const char *text)
{
    size_t size = commit_id_size (text);
    return size > 0 && !text[size];
}

bool commit_id_is_meant (const char *text)
{
    size_t digits = strspn (text, "0123456789abcdefABCDEF");
    return is_whole (digits) && !text[digits];
}
