/* pattern.c - a pattern becomes a row of atoms, and the text is walked once with the set of places in that row where
 * it can be (Thompson's NFA), so that no pattern is slow. */

#include "workflow/schema/pattern.h"
#include "workflow/expression/text.h"

#include <string.h>

#define ATOMS_MAX PATTERN_LENGTH // No byte makes more than one atom

typedef enum {
    ATOM_CHARACTER,
    ATOM_CLASS,   // [...]
    ATOM_SEGMENT, // Any character but '/'
    ATOM_ANY,
    ATOM_SKIP // Matches nothing; the two atoms after it may be left out
} atom_kind_t;

typedef struct {
    atom_kind_t kind;
    bool optional;      // It may be left out
    bool repeat;        // It may match again
    uint32_t character; // ATOM_CHARACTER
    const char *class;  // ATOM_CLASS: what is in the brackets
    size_t size;
} atom_t;

typedef struct {
    atom_t atoms[ATOMS_MAX];
    size_t count;
} program_t;

// Reads one character, which `\` may precede.
static uint32_t read_character (const char *text, size_t size, size_t *at)
{
    size_t length;
    if (text[*at] == '\\' && *at + 1 < size)
        ++*at;
    uint32_t character = text_decode (text + *at, size - *at, &length);
    *at += length;
    return character;
}

// Where the ']' of the '[' at `start` is; `size` where there is none.
static size_t class_end (const char *text, size_t size, size_t start)
{
    size_t at = start + 1;
    while (at < size && text[at] != ']')
        at += text[at] == '\\' && at + 1 < size ? 2 : 1;
    return at < size ? at : size;
}

static bool class_has (const atom_t *atom, uint32_t character)
{
    for (size_t at = 0; at < atom->size;) {
        uint32_t from = read_character (atom->class, atom->size, &at), to = from;
        if (at + 1 < atom->size && atom->class[at] == '-') {
            at++;
            to = read_character (atom->class, atom->size, &at);
        }
        if (character >= from && character <= to)
            return true;
    }
    return false;
}

static atom_t *add (program_t *self, atom_kind_t kind)
{
    atom_t *atom = &self->atoms[self->count++];
    *atom = (atom_t){.kind = kind};
    return atom;
}

static void add_run (program_t *self, atom_kind_t kind)
{
    atom_t *run = add (self, kind);
    run->optional = run->repeat = true;
}

// `*`, `**`, or `**` as a whole segment before '/'.
static size_t add_stars (program_t *self, const char *text, size_t at)
{
    if (text[at + 1] != '*') {
        add_run (self, ATOM_SEGMENT);
        return at + 1;
    }
    bool segment = (at == 0 || text[at - 1] == '/') && text[at + 2] == '/';
    if (segment)
        add (self, ATOM_SKIP);
    add_run (self, ATOM_ANY);
    if (segment)
        add (self, ATOM_CHARACTER)->character = '/';
    return segment ? at + 3 : at + 2;
}

static size_t add_class (program_t *self, const char *text, size_t size, size_t at)
{
    size_t end = class_end (text, size, at);
    atom_t *atom = add (self, ATOM_CLASS);
    atom->class = text + at + 1;
    atom->size = end - at - 1;
    return end < size ? end + 1 : size;
}

// `?` and `+` mean something only after one character or brackets.
static bool can_repeat (const program_t *self)
{
    const atom_t *last = self->count ? &self->atoms[self->count - 1] : NULL;
    return last && last->kind <= ATOM_CLASS && !last->optional && !last->repeat;
}

static void compile (program_t *self, const char *text, size_t size)
{
    bool fresh = false; // Did the last step add one character or brackets?
    self->count = 0;
    for (size_t at = 0; at < size;) {
        char c = text[at];
        if (c == '*') {
            at = add_stars (self, text, at);
            fresh = false;
        } else if ((c == '?' || c == '+') && fresh && can_repeat (self)) {
            *(c == '?' ? &self->atoms[self->count - 1].optional : &self->atoms[self->count - 1].repeat) =
                true;
            at++;
        } else if (c == '[') {
            at = add_class (self, text, size, at);
            fresh = true;
        } else {
            add (self, ATOM_CHARACTER)->character = read_character (text, size, &at);
            fresh = true;
        }
    }
}

static bool takes (const atom_t *atom, uint32_t character)
{
    switch (atom->kind) {
    case ATOM_CHARACTER: return character == atom->character;
    case ATOM_CLASS: return class_has (atom, character);
    case ATOM_SEGMENT: return character != '/';
    case ATOM_ANY: return true;
    case ATOM_SKIP: break;
    }
    return false;
}

// places[i]: the text so far can precede atom i. Adds what can be reached without a character.
static void spread (const program_t *self, unsigned char *places)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!places[i])
            continue;
        if (self->atoms[i].kind == ATOM_SKIP)
            places[i + 1] = places[i + 3] = 1;
        else if (self->atoms[i].optional)
            places[i + 1] = 1;
    }
}

static bool step (const program_t *self, const unsigned char *now, unsigned char *next, uint32_t character)
{
    bool alive = false;
    memset (next, 0, self->count + 1);
    for (size_t i = 0; i < self->count; i++) {
        if (!now[i] || !takes (&self->atoms[i], character))
            continue;
        alive = true;
        next[i + 1] = 1;
        if (self->atoms[i].repeat)
            next[i] = 1;
    }
    spread (self, next);
    return alive;
}

// A push of thousands of files against thousands of patterns would take minutes: one budget for all of them together.
// False, and *steps is 0, where they do not suffice.
static bool take_steps (size_t *steps, size_t count)
{
    if (!steps)
        return true;
    *steps = *steps > count ? *steps - count : 0;
    return *steps > 0;
}

static bool match (const char *pattern, size_t size, const char *text, size_t *steps)
{
    program_t program;
    unsigned char rooms[2][ATOMS_MAX + 1], *now = rooms[0], *next = rooms[1];
    size_t left = strlen (text), length;
    if (size > PATTERN_LENGTH || !take_steps (steps, size + 1))
        return false;
    compile (&program, pattern, size);
    memset (now, 0, program.count + 1);
    now[0] = 1;
    spread (&program, now);
    for (; left; left -= length, text += length) {
        if (!take_steps (steps, program.count + 1) ||
            !step (&program, now, next, text_decode (text, left, &length)))
            return false;
        unsigned char *spare = now;
        now = next;
        next = spare;
    }
    return now[program.count];
}

bool pattern_match (const char *pattern, const char *text)
{
    return match (pattern, strlen (pattern), text, NULL);
}

bool patterns_match (const char *const *patterns, size_t count, const char *text, size_t *steps)
{
    bool matched = false;
    for (size_t i = 0; i < count && (!steps || *steps > 0); i++) {
        bool against = patterns[i][0] == '!';
        const char *pattern = patterns[i] + against;
        // Only a pattern that would change the answer is matched
        if (matched == against && match (pattern, strlen (pattern), text, steps))
            matched = !against;
    }
    return matched;
}

static fault_t fail (pattern_error_t *error, const char *pattern, size_t at, const char *message)
{
    error->offset = text_length (pattern, at);
    error->message = message;
    return INVALID;
}

static bool is_between (uint32_t character, char from, char to)
{
    return character >= (uint32_t) from && character <= (uint32_t) to;
}

// a-z, A-Z, 0-9, and parts of these.
static bool is_range (uint32_t from, uint32_t to)
{
    static const char kinds[][2] = {{'a', 'z'}, {'A', 'Z'}, {'0', '9'}};
    for (size_t i = 0; i < 3; i++)
        if (is_between (from, kinds[i][0], kinds[i][1]))
            return is_between (to, kinds[i][0], kinds[i][1]) && from <= to;
    return false;
}

static fault_t check_class (const char *pattern, size_t size, size_t *at, pattern_error_t *error)
{
    size_t start = *at, end = class_end (pattern, size, start);
    if (end == size)
        return fail (error, pattern, start, "the '[' has no ']'; write '\\[' for a literal '['");
    if (end == start + 1)
        return fail (error, pattern, start,
                     "the brackets are empty: they match one of the characters in them");
    for (size_t i = start + 1; i < end;) {
        size_t from_at = i;
        uint32_t from = read_character (pattern, end, &i);
        if (i + 1 >= end || pattern[i] != '-')
            continue;
        i++;
        uint32_t to = read_character (pattern, end, &i);
        if (!is_range (from, to))
            return fail (error, pattern, from_at,
                         "this is not a range: it must ascend within a-z, A-Z or 0-9");
    }
    *at = end + 1;
    return OK;
}

fault_t pattern_check (arena_t *arena, const char *pattern, pattern_error_t *error)
{
    size_t size = strlen (pattern), at = pattern[0] == '!';
    bool fresh = false;
    if (size == at)
        return fail (error, pattern, 0, "the pattern is empty");
    if (size - at > PATTERN_LENGTH)
        return fail (error, pattern, 0,
                     arena_printf (arena, "the pattern is longer than %d bytes", PATTERN_LENGTH));
    while (at < size) {
        char c = pattern[at];
        if ((c == '?' || c == '+') && !fresh)
            return fail (
                error, pattern, at,
                arena_printf (
                    arena, "'%c' needs one character or brackets before it; write '\\%c' for a literal '%c'",
                    c, c, c));
        if (c == '\\' && at + 1 == size)
            return fail (error, pattern, at, "the '\\' has nothing after it to escape");
        fresh = c != '*' && c != '?' && c != '+';
        if (c != '[') {
            (void) read_character (pattern, size, &at);
            continue;
        }
        fault_t fault = check_class (pattern, size, &at, error);
        if (fault != OK)
            return fault;
    }
    return OK;
}
