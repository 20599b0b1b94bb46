/* problem.c - see problem.h. */

#include "proto/problem.h"

#include "common/base/json_reader.h"

#include <string.h>

#define DETAIL_MAX 2048 // Bytes that are printed
#define KEY_MAX    16

static fault_t fault_of_status (int status)
{
    if (status == 503)
        return OVERLOADED; // Of the two: it passes
    for (int fault = BAD_INPUT; fault < FAULT_COUNT; fault++)
        if (fault_http ((fault_t) fault) == status)
            return (fault_t) fault;
    return status >= 400 && status < 500 ? BAD_INPUT : BROKEN;
}

static fault_t fault_of (const char *code, int status)
{
    for (int fault = OK + 1; fault < FAULT_COUNT; fault++)
        if (strcmp (fault_name ((fault_t) fault), code) == 0)
            return (fault_t) fault;
    return fault_of_status (status); // A newer server's code
}

typedef struct {
    const char *code, *detail, *title;
} problem_texts_t;

static bool read_texts (arena_t *arena, const char *body, size_t size, problem_texts_t *out)
{
    json_reader_t reader;
    char key[KEY_MAX];
    size_t ignored;
    json_reader_begin (&reader, body, size);
    bool good = json_reader_next (&reader) == JSON_IS_OBJECT && json_reader_enter (&reader);
    while (good && json_reader_more (&reader, '}') && (good = json_reader_key (&reader, key, sizeof key))) {
        const char **text = strcmp (key, "code") == 0     ? &out->code
                            : strcmp (key, "detail") == 0 ? &out->detail
                            : strcmp (key, "title") == 0  ? &out->title
                                                          : NULL;
        bool taken = text && json_reader_next (&reader) == JSON_IS_STRING;
        good = taken ? json_reader_string (&reader, arena, text, &ignored) : json_reader_skip (&reader);
    }
    return json_reader_end (&reader) && good;
}

problem_t problem_read (arena_t *arena, int status, const char *body, size_t size)
{
    problem_texts_t texts = {"", "", ""};
    bool fits = size <= PROBLEM_MAX && json_nesting (body, size) <= JSON_DEPTH;
    if (!fits || !read_texts (arena, body, size, &texts))
        texts = (problem_texts_t){"", "", ""};
    return (problem_t){.ours = *texts.code != 0,
                       .fault = fault_of (texts.code, status),
                       .text = *texts.detail ? texts.detail : texts.title};
}

static void put_text (buffer_t *into, const char *name, const char *text)
{
    size_t size = strlen (text);
    buffer_printf (into, "\"%s\":", name);
    json_put (into, text, size < DETAIL_MAX ? size : DETAIL_MAX);
}

void problem_print (buffer_t *into, int status, const char *title, const char *detail, const char *code,
                    const char *request_id)
{
    buffer_puts (into, "{\"type\":\"about:blank\",");
    put_text (into, "title", title);
    buffer_printf (into, ",\"status\":%d,", status);
    put_text (into, "detail", detail);
    buffer_putc (into, ',');
    put_text (into, "code", code);
    if (request_id) {
        buffer_putc (into, ',');
        put_text (into, "request_id", request_id);
    }
    buffer_puts (into, "}\n");
}
