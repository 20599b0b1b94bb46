/* fuzz_command_file.c - any bytes as what a step left in GITHUB_ENV and its like, and its lines as those of GITHUB_ARTIFACTS.
 *
 * Holds: a refusal names its line; what was read can be written, each as a value of several lines, and is read as the same. */

#include "agent/engine/output/command_file.h"
#include "agent/engine/output/subject.h"
#include "common/base/buffer.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

// A delimiter that is in no value: longer than any run of its letter.
static const char *delimiter_of (arena_t *arena, const assignments_t *items)
{
    size_t longest = 0;
    for (size_t i = 0; i < items->count; i++)
        for (const char *at = items->items[i].value; *at; at++) {
            size_t run = strspn (at, "E");
            longest = run > longest ? run : longest;
            at += run ? run - 1 : 0;
        }
    char *text = arena_alloc (arena, longest + 2);
    memset (text, 'E', longest + 1);
    text[longest + 1] = 0;
    return text;
}

static void check_again (arena_t *arena, const assignments_t *first)
{
    for (size_t i = 0; i < first->count; i++) {
        const char *value = first->items[i].value;
        if (strchr (first->items[i].name, '<')) // In the other form it would end there
            return;
        if (*value && value[strlen (value) - 1] == '\r') // It would be a part of the last line's end
            return;
    }
    assignments_t again = {.count = 0};
    const char *error = NULL, *end = delimiter_of (arena, first);
    buffer_t *text = buffer_new (4 << 20);
    buffer_add (text, "\n", 1); // A mark of the byte order is one at the very beginning alone
    for (size_t i = 0; i < first->count; i++)
        buffer_printf (text, "%s<<%s\n%s%s%s\n", first->items[i].name, end, first->items[i].value,
                       first->items[i].value[0] ? "\n" : "", end);
    if (buffer_size (text) < COMMAND_FILE_MAX) {
        FUZZ_CHECK (command_file_parse (arena, buffer_text (text), buffer_size (text), &again, &error) == OK);
        FUZZ_CHECK (again.count == first->count);
        for (size_t i = 0; i < again.count; i++) {
            FUZZ_CHECK (strcmp (again.items[i].name, first->items[i].name) == 0);
            FUZZ_CHECK (strcmp (again.items[i].value, first->items[i].value) == 0);
        }
    }
    buffer_destroy (&text);
}

// A line of GITHUB_ARTIFACTS is a file, an image with a whole digest, or refused with a reason.
static void check_subject (arena_t *arena, const char *line)
{
    subject_line_t found;
    const char *error = NULL;
    if (subject_line_parse (arena, line, &found, &error) != OK) {
        FUZZ_CHECK (error && error[0]);
    } else if (found.path) {
        FUZZ_CHECK (found.path[0] && strstr (line, found.path));
    } else {
        const char *hex = strchr (found.digest, ':');
        FUZZ_CHECK (found.name[0] && hex && strlen (hex + 1) >= 64);
        FUZZ_CHECK (!hex[1 + strspn (hex + 1, "0123456789abcdef")]);
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    assignments_t found = {.count = 0}, lines = {.count = 0};
    const char *error = NULL;
    if (command_file_parse (arena, (const char *) data, size, &found, &error) == OK)
        check_again (arena, &found);
    else
        FUZZ_CHECK (error && error[0]);
    command_file_lines (arena, (const char *) data, size, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        FUZZ_CHECK (lines.items[i].name[0] && !strchr (lines.items[i].name, '\n'));
        check_subject (arena, lines.items[i].name);
    }
    arena_destroy (&arena);
    return 0;
}
