/* password.c - which passwords may be chosen. */

#include "services/identity/people/password.h"
#include "services/identity/people/common_passwords.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static const char *refusal (const char *password, const char *name)
{
    static char text[200];
    arena_t *arena = arena_new ();
    const char *found = password_refusal (arena, password, name);
    strncpy (text, found ? found : "", sizeof text - 1);
    arena_destroy (&arena);
    return text;
}

TEST (a_password_has_8_to_256_characters_of_any_kind)
{
    char long_one[600] = "";
    size_t size = 0;
    CHECK_STR (refusal ("7 chars", "ada"), "has 7 characters, at least 8 are needed");
    CHECK_STR (refusal ("8 signs!", "ada"), "");
    CHECK_STR (refusal ("äöü€ßéèñ", "ada"), ""); // Characters, not bytes
    CHECK_STR (refusal ("äöü€ßéè", "ada"), "has 7 characters, at least 8 are needed");
    CHECK_STR (refusal ("    q z    ", "ada"), "");
    for (int i = 0; i < 128; i++) // 256 characters, half of them of two bytes
        size += (size_t) snprintf (long_one + size, sizeof long_one - size, "é%c", 'a' + i * i % 23);
    CHECK_STR (refusal (long_one, "ada"), "");
    snprintf (long_one + size, sizeof long_one - size, "!");
    CHECK_STR (refusal (long_one, "ada"), "has 257 characters, at most 256 are allowed");
}

TEST (what_is_guessed_first_is_refused)
{
    static const char *const bad[] = {
        "password",    "Password1",   "P@ssw0rd",      "passw0rd!",  "password123!", "123password",
        "12345678",    "123456789",   "87654321",      "11111111",   "aaaaaaaa",     "abababab",
        "abcabcabc",   "qwertyui",    "QWERTYUIOP",    "1q2w3e4r",   "1qaz2wsx",     "iloveyou",
        "Il0vey0u",    "sunshine1",   "letmein123",    "Admin2024!", "Winter2025",   "baseball",
        "trustno1",    "football99",  "changeme",      "opencicd1",  "superman7",    "dragon123",
        "welcome2026", "abcdefgh",    "zyxwvuts",      "20241224",   "11223344",     "asdfghjkl",
        "!@#$%^&*",    "Jenkins2024", "administrator", "starwars"};
    static const char *const good[] = {
        "seventeen green kettles", "correct horse battery staple", "tr0ub4dor&3", "Xk9-vQ2p",
        "mango tango 81",          "passwords are a nuisance",     "83920174655", "dragonfly-orchard"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_STR (refusal (bad[i], "eve"), "is one of those that are guessed first");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_STR (refusal (good[i], "eve"), "");
}

TEST (the_name_with_little_else_is_refused)
{
    CHECK_STR (refusal ("ada.lovelace1", "ada.lovelace"), "is little more than the name");
    CHECK_STR (refusal ("2024-Lovelace", "lovelace"), "is little more than the name");
    CHECK_STR (refusal ("lovelace and Babbage met", "lovelace"), "");
    CHECK_STR (refusal ("bo and the boat", "bo"), ""); // Short names are in many words
}

TEST (every_common_word_is_found)
{
    CHECK (common_password_word ("password", 8));
    CHECK (!common_password_word ("passwor", 7));
    CHECK (!common_password_word ("passwords", 9));
    CHECK (common_password_word ("aaa", 3)); // The first
    CHECK (common_password_word ("zzz", 3)); // The last
    CHECK (!common_password_word ("", 0));
}
