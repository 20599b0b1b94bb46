/* groovy_text.c - see groovy_text.h. */

#include "cli/import/groovy_text.h"

#include <ctype.h>
#include <string.h>

#define BRACES_MAX 4000 // Bytes of one ${}: each may be looked for the end of

int groovy_line (groovy_reader_t *self, const char *at)
{
    if (at < self->counted) { // Going back is rare: a statement that turned out to be code
        for (const char *p = at; p < self->counted; p++)
            self->line -= *p == '\n';
        self->counted = at;
    }
    for (; self->counted < at; self->counted++)
        self->line += *self->counted == '\n';
    return self->line;
}

bool groovy_fail (groovy_reader_t *self, const char *at, const char *what)
{
    if (!self->error)
        self->error = arena_printf (self->arena, "%d: %s", groovy_line (self, at), what);
    return false;
}

bool groovy_at (const groovy_reader_t *self, const char *what)
{
    size_t size = strlen (what);
    return (size_t) (self->end - self->p) >= size && memcmp (self->p, what, size) == 0;
}

bool groovy_is_name (char c, bool first)
{
    return isalpha ((unsigned char) c) || c == '_' || c == '$' || (!first && isdigit ((unsigned char) c));
}

static bool skip_comment (groovy_reader_t *self)
{
    const char *from = self->p;
    if (groovy_at (self, "//")) {
        while (self->p < self->end && *self->p != '\n')
            self->p++;
        return true;
    }
    const char *end = memmem (from + 2, (size_t) (self->end - from - 2), "*/", 2);
    if (!end)
        return groovy_fail (self, from, "this comment does not end");
    self->p = end + 2;
    return true;
}

bool groovy_skip_blank (groovy_reader_t *self, bool newlines)
{
    while (self->p < self->end) {
        if (groovy_at (self, "//") || groovy_at (self, "/*")) {
            if (!skip_comment (self))
                return false;
        } else if (groovy_at (self, "\\\n"))
            self->p += 2;
        else if (isblank ((unsigned char) *self->p) || *self->p == '\r' || (newlines && *self->p == '\n'))
            self->p++;
        else
            break;
    }
    return true;
}

bool groovy_is_quote (const groovy_reader_t *self)
{
    return self->p < self->end && (*self->p == '\'' || *self->p == '"' || groovy_at (self, "$/"));
}

// What closes the string that begins here.
static const char *closing (const groovy_reader_t *self)
{
    static const char *const marks[] = {"'''", "\"\"\"", "'", "\""};
    if (groovy_at (self, "$/"))
        return "/$";
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (groovy_at (self, marks[i]))
            return marks[i];
    return "/";
}

const char *groovy_braces_end (const char *p, const char *end)
{
    size_t depth = 0;
    char quote = '\0';
    end = end - p > BRACES_MAX ? p + BRACES_MAX : end;
    for (; p < end; p++) {
        if (*p == '\\' && p + 1 < end)
            p++;
        else if (quote)
            quote = *p == quote ? '\0' : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '{')
            depth++;
        else if (*p == '}' && --depth == 0)
            return p + 1;
    }
    return NULL;
}

bool groovy_skip_string (groovy_reader_t *self, groovy_quoted_t *out)
{
    const char *close = closing (self), *from = self->p;
    size_t size = strlen (close);
    bool slashy = *close == '/';
    bool lines = size == 3 || slashy;
    self->p += size;
    *out = (groovy_quoted_t){.from = self->p, .interpolates = *close != '\'', .raw = slashy};
    while (self->p < self->end && !groovy_at (self, close)) {
        const char *inner = out->interpolates && !slashy && groovy_at (self, "${")
                                ? groovy_braces_end (self->p + 1, self->end)
                                : NULL;
        if (inner) { // What is in it may have quotes of its own
            self->p = inner;
            continue;
        }
        if (*self->p == '\n' && !lines)
            return groovy_fail (self, from, "this string does not end in its line");
        bool escape = *self->p == '\\' && self->p + 1 < self->end && (!slashy || self->p[1] == '/');
        self->p += escape ? 2 : 1;
    }
    if (self->p >= self->end)
        return groovy_fail (self, from, "this string does not end");
    out->size = (size_t) (self->p - out->from);
    self->p += size;
    return true;
}

// After an operator, or where a value begins, a slash begins a string; after a value it divides.
static bool is_slashy (const char *start, const char *p)
{
    while (p > start && isblank ((unsigned char) p[-1]))
        p--;
    return p == start || strchr ("(,=:[!&|?{};~\n", p[-1]) != NULL;
}

// Does what came so far need more, or what comes next belong to it?
static bool goes_on (groovy_reader_t *self, const char *start, const char *newline)
{
    static const char *const heads[] = {".", "?", ":", "&&", "||", "+", "else", "catch", "finally"};
    const char *p = newline;
    while (p > start && isspace ((unsigned char) p[-1]))
        p--;
    if (p > start && strchr (",=+-&|?:.", p[-1]))
        return true;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (groovy_at (self, heads[i]))
            return true;
    return false;
}

// Over a newline where the code goes on after it.
static bool cross_newline (groovy_reader_t *self, const char *start)
{
    const char *newline = self->p;
    if (!groovy_skip_blank (self, true))
        return false;
    if (goes_on (self, start, newline))
        return true;
    self->p = newline;
    return false;
}

static char pair_of (char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : '}';
}

typedef struct {
    const char *start;
    bool within;             // See groovy_skip_code
    char open[GROOVY_DEPTH]; // What closes each bracket
    size_t depth;
} code_t;

// False at the end of the code, or at an error.
static bool step_bracket (groovy_reader_t *self, code_t *code)
{
    char c = *self->p;
    if (strchr ("([{", c)) {
        if (code->depth == GROOVY_DEPTH)
            return groovy_fail (self, self->p, "nested too deeply");
        code->open[code->depth++] = pair_of (c);
    } else {
        if (code->depth == 0)
            return false;
        if (code->open[--code->depth] != c)
            return groovy_fail (self, self->p, "this bracket closes another one than was opened");
    }
    self->p++;
    return true;
}

// One character, string, comment or newline of code; false at its end, or at an error.
static bool step_code (groovy_reader_t *self, code_t *code)
{
    groovy_quoted_t quoted;
    char c = *self->p;
    if (groovy_at (self, "//") || groovy_at (self, "/*"))
        return groovy_skip_blank (self, false);
    if (groovy_is_quote (self) || (c == '/' && is_slashy (code->start, self->p)))
        return groovy_skip_string (self, &quoted);
    if (c && strchr ("()[]{}", c))
        return step_bracket (self, code);
    if (code->depth == 0 && (c == ';' || (code->within && c == ',')))
        return false;
    if (code->depth == 0 && c == '\n' && !code->within)
        return cross_newline (self, code->start);
    self->p++;
    return true;
}

bool groovy_skip_code (groovy_reader_t *self, bool within)
{
    code_t code = {.start = self->p, .within = within};
    while (self->p < self->end && step_code (self, &code))
        ;
    if (!self->error && code.depth > 0)
        return groovy_fail (self, code.start, "a bracket that is opened here is not closed");
    return !self->error;
}
