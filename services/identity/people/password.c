/* password.c - see password.h. */

#include "services/identity/people/password.h"

#include "common/base/utf8.h"
#include "services/identity/people/common_passwords.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define DECORATED_MOST 16 // A common word in a password of so many characters is most of it

static size_t characters (const char *text)
{
    size_t count = 0, size = strlen (text);
    for (size_t at = 0, step; at < size; at += step ? step : 1, count++)
        step = utf8_length (text + at, size - at);
    return count;
}

static char letter_of (char sign)
{
    static const char signs[] = "0134578@$!|", letters[] = "oieastbasil";
    const char *found = sign ? strchr (signs, sign) : NULL;
    return found ? letters[found - signs] : (char) tolower ((unsigned char) sign);
}

static bool is_common_part (arena_t *arena, const char *text, size_t size)
{
    char *word = arena_strndup (arena, text, size);
    for (size_t i = 0; i < size; i++)
        word[i] = letter_of (text[i]);
    return common_password_word (word, size);
}

// "P4ssw0rd!!2024" is the word "password" with signs around it. Each way to cut these off is tried, for they may also stand for letters.
static bool is_decorated_word (arena_t *arena, const char *password)
{
    size_t size = strlen (password), first = 0, last = size;
    if (size > DECORATED_MOST)
        return is_common_part (arena, password, size);
    while (first < size && !isalpha ((unsigned char) password[first]) &&
           (unsigned char) password[first] < 128)
        first++;
    while (last > first && !isalpha ((unsigned char) password[last - 1]) &&
           (unsigned char) password[last - 1] < 128)
        last--;
    for (size_t begin = 0; begin <= first; begin++)
        for (size_t end = last; end <= size; end++)
            if (end > begin && is_common_part (arena, password + begin, end - begin))
                return true;
    return false;
}

// "abababab", "passpass": one part of at most half the length, again and again.
static bool is_repetition (const char *password)
{
    size_t size = strlen (password);
    for (size_t part = 1; part <= size / 2 && part <= PASSWORD_LEAST; part++) {
        size_t at = part;
        while (at < size && password[at] == password[at - part])
            at++;
        if (at == size)
            return true;
    }
    return false;
}

static bool is_in_row (const char *row, size_t size, const char *text, size_t count)
{
    for (size_t from = 0; from < size; from++) {
        size_t up = 0, down = 0;
        while (up < count && from + up < size && row[from + up] == text[up])
            up++;
        while (down < count && down <= from && row[from - down] == text[down])
            down++;
        if (up == count || down == count)
            return true;
    }
    return false;
}

// "12345678", "qwertyuiop", "87654321", "1q2w3e4r": neighbours on the keyboard, in the alphabet, or among the digits.
static bool is_row (arena_t *arena, const char *password)
{
    static const char *const rows[] = {"abcdefghijklmnopqrstuvwxyz",
                                       "01234567890",
                                       "qwertyuiopasdfghjklzxcvbnm",
                                       "qwertzuiopasdfghjklyxcvbnm",
                                       "azertyuiopqsdfghjklmwxcvbn",
                                       "1q2w3e4r5t6y7u8i9o0p",
                                       "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                                       "qazwsxedcrfvtgbyhnujm",
                                       "!@#$%^&*()_+"};
    size_t size = strlen (password);
    char *lower = arena_strdup (arena, password);
    for (char *at = lower; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    for (size_t i = 0; i < sizeof (rows) / sizeof (*rows); i++)
        if (is_in_row (rows[i], strlen (rows[i]), lower, size))
            return true;
    return false;
}

static bool is_all_digits_of_few (const char *password)
{
    bool seen[10] = {false};
    int kinds = 0;
    for (const char *at = password; *at; at++) {
        if (!isdigit ((unsigned char) *at))
            return false;
        kinds += !seen[*at - '0'];
        seen[*at - '0'] = true;
    }
    return kinds <= 3 || strlen (password) <= PASSWORD_LEAST; // 11223344, 20241224
}

// The name with little else: "ada.lovelace1", "Ada_2024".
static bool is_mostly_name (const char *password, const char *name)
{
    size_t size = strlen (name);
    if (size < 3 || strlen (password) > size + PASSWORD_LEAST)
        return false;
    for (const char *at = password; *at; at++)
        if (strncasecmp (at, name, size) == 0)
            return true;
    return false;
}

const char *password_refusal (arena_t *arena, const char *password, const char *name)
{
    size_t count = characters (password);
    if (count < PASSWORD_LEAST)
        return arena_printf (arena, "has %zu characters, at least %d are needed", count, PASSWORD_LEAST);
    if (count > PASSWORD_MOST)
        return arena_printf (arena, "has %zu characters, at most %d are allowed", count, PASSWORD_MOST);
    if (is_mostly_name (password, name))
        return "is little more than the name";
    if (is_decorated_word (arena, password) || is_repetition (password) || is_row (arena, password) ||
        is_all_digits_of_few (password))
        return "is one of those that are guessed first";
    return NULL;
}
