/* jenkins_shell.c - what Groovy's strings are for a shell. See jenkins.h.
 *
 * Groovy puts values into a script before a shell reads it; here they are variables of the shell, so that what a branch or a pull request is
 * called is never code. Between single quotes a shell knows no variables: they are closed around one. So the script is followed through its
 * quotes, comments and here-documents, as far as that needs. A value that the file sets itself is written into the script, as Groovy does,
 * where a shell could read it in another way. What would not come to the same is a problem with a name. */

#include "cli/import/jenkins.h"

#include <ctype.h>
#include <string.h>

#define NESTED_MAX 30 // $( in $(, and quotes around them
#define WORD_MAX   80 // Bytes of the word that ends a here-document

#define PROBLEM_CODE "this script holds code of Groovy; it is in the next step as it was"
#define PROBLEM_QUOTES \
    "a variable of this script is where a shell knows none; it is in the next step as it was"
#define PROBLEM_COMMAND \
    "this script is what a variable holds; the next step reads neither quotes nor operators in it"

// Characters that are the same with and without a shell's reading of a variable.
static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";

typedef enum {
    SHELL_PLAIN,
    SHELL_SINGLE,  // '...'
    SHELL_DOUBLE,  // "..."
    SHELL_COMMENT, // To the end of the line
    SHELL_HERE,    // A here-document with variables
    SHELL_LITERAL  // One without, or the script of another interpreter
} shell_state_t;

typedef struct {
    buffer_t *out;
    shell_state_t state;
    shell_state_t outer[NESTED_MAX]; // What is around each $( and `
    char close[NESTED_MAX];          // What ends it
    size_t depth;
    char word[WORD_MAX + 1]; // That ends the here-document which begins with the next line; "": none begins
    bool literal, tabs;      // It is without variables; <<-
    size_t line;             // Where the line begins in `out`
    char before;             // The last character; a backslash only where it escapes the next one
} shell_reader_t;

static void nest (shell_reader_t *self, char close)
{
    if (self->depth == NESTED_MAX)
        return;
    self->outer[self->depth] = self->state;
    self->close[self->depth++] = close;
    self->state = SHELL_PLAIN;
}

// The word after << at p, which is after the second <.
static void begin_here (shell_reader_t *self, const char *p)
{
    size_t count = 0;
    self->literal = false;
    self->tabs = *p == '-';
    p += self->tabs;
    p += strspn (p, " \t");
    for (; *p && !isspace ((unsigned char) *p) && !strchr (";&|<>()", *p) && count < WORD_MAX; p++) {
        bool quote = strchr ("'\"\\", *p) != NULL;
        self->literal = self->literal || quote;
        if (!quote)
            self->word[count++] = *p;
    }
    self->word[count] = '\0';
}

// At the end of a line of a here-document: was it the last one?
static void end_here (shell_reader_t *self)
{
    const char *line = buffer_text (self->out) + self->line;
    size_t size = buffer_size (self->out) - self->line;
    while (self->tabs && size && *line == '\t') {
        line++;
        size--;
    }
    if (size == strlen (self->word) && memcmp (line, self->word, size) == 0) {
        self->state = SHELL_PLAIN;
        self->word[0] = '\0';
    }
}

static void read_newline (shell_reader_t *self)
{
    bool here = self->state == SHELL_HERE || self->state == SHELL_LITERAL;
    if (here && *self->word)
        end_here (self);
    else if (self->state == SHELL_COMMENT || self->state == SHELL_PLAIN)
        self->state = !*self->word ? SHELL_PLAIN : self->literal ? SHELL_LITERAL : SHELL_HERE;
    self->line = buffer_size (self->out) + 1;
}

static bool is_word_start (char before)
{
    return !before || isspace ((unsigned char) before) || strchr (";&|(", before);
}

// One character where quotes, comments and commands may begin or end; `p` is it.
static void read_plain (shell_reader_t *self, const char *p)
{
    if (self->depth && *p == self->close[self->depth - 1])
        self->state = self->outer[--self->depth];
    else if (*p == '\'')
        self->state = SHELL_SINGLE;
    else if (*p == '"')
        self->state = SHELL_DOUBLE;
    else if (*p == '#' && is_word_start (self->before))
        self->state = SHELL_COMMENT;
    else if (*p == '(' || *p == '`')
        nest (self, *p == '(' ? ')' : '`');
    else if (*p == '<' && self->before == '<' && !strchr ("<0123456789", p[1]) && !*self->word) // No shift
        begin_here (self, p + 1);
}

static void read_double (shell_reader_t *self, char c)
{
    if (c == '"')
        self->state = SHELL_PLAIN;
    else if (c == '`' || (c == '(' && self->before == '$'))
        nest (self, c == '(' ? ')' : '`');
}

static void read_char (shell_reader_t *self, const char *p)
{
    char c = *p;
    bool escaped = self->before == '\\' && self->state != SHELL_SINGLE && self->state != SHELL_LITERAL;
    if (c == '\n')
        read_newline (self);
    else if (self->state == SHELL_SINGLE && c == '\'')
        self->state = SHELL_PLAIN;
    else if (!escaped && self->state == SHELL_PLAIN)
        read_plain (self, p);
    else if (!escaped && self->state == SHELL_DOUBLE)
        read_double (self, c);
    self->before = escaped ? 'x' : c; // An escaped backslash escapes nothing
    buffer_putc (self->out, c);
}

static void read_text (shell_reader_t *self, const char *text)
{
    for (; *text; text++)
        read_char (self, text);
}

// A variable where the script is now. NULL, or why it is not the same there.
static const char *put_variable (shell_reader_t *self, const char *name)
{
    bool single = self->state == SHELL_SINGLE, eaten = self->before == '\\' || self->before == '$';
    buffer_printf (self->out, single ? "'\"${%s}\"'" : "${%s}", name);
    const char *problem = self->state == SHELL_LITERAL || (eaten && !single && self->state != SHELL_COMMENT)
                              ? PROBLEM_QUOTES
                              : NULL;
    self->before = 'x';
    return problem;
}

// X of ${X}, if the shell has it. `env` has what it has; another name may be a variable of Groovy.
static const char *shell_name (jenkins_t *self, const char *code, const jenkins_binding_t **bound)
{
    const char *name = jenkins_name (self->arena, code);
    *bound = name ? jenkins_bound (self, name) : NULL;
    code += strspn (code, " \t\r\n");
    return *bound || strncmp (code, "env.", 4) == 0 ? name : NULL;
}

// Is a value here the command itself, whatever it holds? `next`: what comes after it.
static bool is_command (const shell_reader_t *self, const char *next)
{
    const char *text = buffer_text (self->out), *end = text + buffer_size (self->out);
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return self->state == SHELL_PLAIN && (end == text || strchr ("\n;&|(`", end[-1])) &&
           (!*next || isspace ((unsigned char) *next));
}

static const char *put_code (jenkins_t *self, shell_reader_t *shell, const groovy_t *part, const char *next)
{
    const jenkins_binding_t *bound;
    const char *name = shell_name (self, part->text, &bound);
    if (!name) {
        buffer_printf (shell->out, "${%s}", part->text);
        shell->before = 'x';
        return PROBLEM_CODE;
    }
    const char *constant = bound ? bound->constant : NULL;
    if (constant && (shell->state == SHELL_LITERAL || constant[strspn (constant, harmless)])) {
        read_text (shell, constant);
        return NULL;
    }
    bool command = !constant && is_command (shell, next);
    const char *problem = put_variable (shell, name);
    return problem ? problem : command ? PROBLEM_COMMAND : NULL;
}

// Another interpreter than a shell knows none of its variables.
static bool is_foreign (const char *text)
{
    text += strspn (text, "\r\n");
    size_t size = strcspn (text, "\n");
    return strncmp (text, "#!", 2) == 0 && !memmem (text, size, "sh", 2);
}

const char *jenkins_script (jenkins_t *self, const groovy_t *value, const char **problem)
{
    shell_reader_t shell = {.out = buffer_new (DRAFT_MAX)};
    *problem = NULL;
    if (value->kind == GROOVY_NAME)
        *problem = put_code (self, &shell, value, "");
    else if (value->kind != GROOVY_TEMPLATE)
        buffer_puts (shell.out, value->text);
    else if (value->items[0]->kind == GROOVY_STRING && is_foreign (value->items[0]->text))
        shell.state = SHELL_LITERAL;
    for (size_t i = 0; value->kind == GROOVY_TEMPLATE && i < value->count; i++) {
        const groovy_t *part = value->items[i];
        const char *what = NULL;
        if (part->kind == GROOVY_STRING)
            read_text (&shell, part->text);
        else
            what = put_code (self, &shell, part, i + 1 < value->count ? value->items[i + 1]->text : "");
        *problem = *problem ? *problem : what;
    }
    return draft_escape (self->arena, import_taken (self->import, value->line, &shell.out));
}

// ---- words ----

static void quote_plain (buffer_t *into, const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            buffer_puts (into, "'\\''");
        else
            buffer_putc (into, *text);
}

static void quote_double (buffer_t *into, const char *text)
{
    for (; *text; text++) {
        if (strchr ("\"\\`$", *text))
            buffer_putc (into, '\\');
        buffer_putc (into, *text);
    }
}

const char *jenkins_quoted (jenkins_t *self, const char *text, int line)
{
    buffer_t *out = buffer_new (DRAFT_MAX);
    buffer_putc (out, '\'');
    quote_plain (out, text);
    buffer_putc (out, '\'');
    return draft_escape (self->arena, import_taken (self->import, line, &out));
}

const char *jenkins_word (jenkins_t *self, const groovy_t *value)
{
    if (value->kind == GROOVY_STRING || value->kind == GROOVY_NUMBER)
        return jenkins_quoted (self, value->text, value->line);
    if (value->kind != GROOVY_TEMPLATE && value->kind != GROOVY_NAME)
        return NULL;
    buffer_t *out = buffer_new (DRAFT_MAX);
    bool known = true;
    buffer_putc (out, '"');
    for (size_t i = 0; i < (value->kind == GROOVY_NAME ? 1 : value->count); i++) {
        const groovy_t *part = value->kind == GROOVY_NAME ? value : value->items[i];
        const jenkins_binding_t *bound;
        const char *name = part->kind == GROOVY_STRING ? "" : shell_name (self, part->text, &bound);
        if (part->kind == GROOVY_STRING)
            quote_double (out, part->text);
        else if (name)
            buffer_printf (out, "${%s}", name);
        known = known && name;
    }
    buffer_putc (out, '"');
    const char *text = import_taken (self->import, value->line, &out);
    return known ? draft_escape (self->arena, text) : NULL;
}
