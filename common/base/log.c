/* log.c - see log.h.
 *
 * A line is built on the stack and written at once, so that lines of several threads and processes do not mix. A
 * value longer than VALUE_MAX_BYTES ends in "..."; a pair that no longer fits the line is left out and the line says
 * cut=yes. Times are UTC. */

#include "common/base/log.h"

#include "common/base/utf8.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES  4096
#define VALUE_MAX_BYTES 1024 // Of one value, its escapes counted
#define MAX_PAIRS       16   // Of one call
#define TAIL_BYTES      24   // Reserved for the end of a line

static _Atomic int least_level = LEVEL_INFO;
static atomic_bool as_json;
static _Thread_local char part_name[24] = "main";
static _Thread_local const char *acts_as; // NULL for what the thread is named after
static const char *const level_names[] = {"debug", "info", "warn", "error"};

typedef struct {
    char text[LINE_MAX_BYTES];
    size_t size;
    bool cut;
} log_line_t;

void log_setup (log_level_t least, bool json)
{
    atomic_store (&least_level, (int) least);
    atomic_store (&as_json, json);
}

void log_name_thread (const char *part)
{
    snprintf (part_name, sizeof (part_name), "%s", part);
    if (gettid () != getpid ()) { // The first thread's name is its program's
        char shown[16];           // The kernel's limit
        snprintf (shown, sizeof (shown), "%.15s", part_name);
        pthread_setname_np (pthread_self (), shown);
    }
}

const char *log_as (const char *part)
{
    const char *before = acts_as;
    acts_as = part;
    return before;
}

static void put (log_line_t *line, const char *text, size_t size)
{
    if (size > sizeof (line->text) - TAIL_BYTES - line->size) {
        line->cut = true;
        return;
    }
    memcpy (line->text + line->size, text, size);
    line->size += size;
}

static void puts_to (log_line_t *line, const char *text)
{
    put (line, text, strlen (text));
}

// Inside quotes, with JSON's escapes, which people can read as well.
static void put_escaped (log_line_t *line, const char *text)
{
    bool valid = utf8_valid (text, strlen (text));
    size_t first = line->size;
    for (; *text && !line->cut; text++) {
        unsigned char c = (unsigned char) *text;
        char code[8];
        if (line->size - first >= VALUE_MAX_BYTES && (c & 0xc0) != 0x80) {
            put (line, "...", 3);
            return;
        }
        if (c == '"' || c == '\\')
            put (line, (char[]){'\\', (char) c}, 2);
        else if (c == '\n')
            put (line, "\\n", 2);
        else if (c < 0x20 || c == 0x7f)
            put (line, code, (size_t) snprintf (code, sizeof (code), "\\u%04x", c));
        else
            put (line, c < 0x80 || valid ? text : "?", 1);
    }
}

static void put_quoted (log_line_t *line, const char *text)
{
    put (line, "\"", 1);
    put_escaped (line, text);
    put (line, "\"", 1);
}

static bool is_plain (const char *text)
{
    if (!*text)
        return false;
    if (strlen (text) >= VALUE_MAX_BYTES || !utf8_valid (text, strlen (text)))
        return false;
    for (; *text; text++)
        if ((unsigned char) *text <= ' ' || *text == '"' || *text == '=' || *text == '\\' || *text == 0x7f)
            return false;
    return true;
}

static void put_head (log_line_t *line, log_level_t level, const char *text)
{
    struct timespec now;
    struct tm tm;
    char stamp[64];
    clock_gettime (CLOCK_REALTIME, &now);
    gmtime_r (&now.tv_sec, &tm);
    strftime (stamp, sizeof (stamp), as_json ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &tm);
    puts_to (line, as_json ? "{\"time\":\"" : "");
    puts_to (line, stamp);
    snprintf (stamp, sizeof (stamp), ".%03d", (int) (now.tv_nsec / 1000000));
    puts_to (line, stamp);
    if (as_json) {
        puts_to (line, "Z\",\"level\":\"");
        puts_to (line, level_names[level]);
        puts_to (line, "\",\"part\":");
        put_quoted (line, acts_as ? acts_as : part_name);
        puts_to (line, ",\"text\":");
        put_quoted (line, text);
        return;
    }
    char names[48];
    snprintf (names, sizeof (names), " %-5s %-10s ", level_names[level], acts_as ? acts_as : part_name);
    puts_to (line, names);
    put_escaped (line, text);
}

static void put_pair (log_line_t *line, const char *key, const char *value)
{
    size_t before = line->size;
    puts_to (line, as_json ? "," : " ");
    if (as_json)
        put_quoted (line, key);
    else
        puts_to (line, key);
    puts_to (line, as_json ? ":" : "=");
    if (!as_json && is_plain (value))
        puts_to (line, value);
    else
        put_quoted (line, value);
    if (line->cut)
        line->size = before;
}

static void finish (log_line_t *line)
{
    static const char *const ends[2][2] = {{"\n", " cut=yes\n"}, {"}\n", ",\"cut\":\"yes\"}\n"}};
    const char *end = ends[as_json][line->cut];
    size_t size = strlen (end);
    memcpy (line->text + line->size, end, size);
    line->size += size;
}

void log_write (log_level_t level, const char *text, ...)
{
    if ((int) level < atomic_load (&least_level))
        return;
    log_line_t line = {.size = 0};
    put_head (&line, level, text);
    va_list args;
    va_start (args, text);
    for (int i = 0; i < MAX_PAIRS && !line.cut; i++) {
        const char *key = va_arg (args, const char *);
        if (!key)
            break;
        const char *value = va_arg (args, const char *);
        put_pair (&line, key, value ? value : "");
    }
    va_end (args);
    finish (&line);
    ssize_t ignored =
        write (STDERR_FILENO, line.text, line.size); // There is nowhere left to report a failure
    (void) ignored;
}
