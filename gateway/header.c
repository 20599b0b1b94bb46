/* header.c - see header.h. */

#include "gateway/header.h"

#include <string.h>
#include <strings.h>

const char *header_get (const struct mg_request_info *info, const char *name)
{
    for (int i = 0; i < info->num_headers; i++)
        if (strcasecmp (info->http_headers[i].name, name) == 0)
            return info->http_headers[i].value;
    return NULL;
}

static int header_count (const struct mg_request_info *info, const char *name)
{
    int count = 0;
    for (int i = 0; i < info->num_headers; i++)
        count += strcasecmp (info->http_headers[i].name, name) == 0;
    return count;
}

bool header_has (const struct mg_request_info *info, const char *name, const char *token)
{
    const char *at = header_get (info, name);
    size_t length = strlen (token);
    while (at && *at) {
        at += strspn (at, ", \t");
        size_t size = strcspn (at, ", \t;");
        if (size == length && strncasecmp (at, token, size) == 0)
            return true;
        at += strcspn (at, ",");
    }
    return false;
}

bool header_keeps (const struct mg_request_info *info)
{
    if (header_get (info, "Connection"))
        return header_has (info, "Connection", "keep-alive");
    return strcmp (info->http_version, "1.1") == 0;
}

bool header_number (const char *text, size_t size, int64_t *out)
{
    int64_t number = 0;
    if (size == 0 || size > 18) // 18 digits always fit
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *out = number;
    return true;
}

int64_t header_length (const struct mg_request_info *info)
{
    const char *length = header_get (info, "Content-Length");
    int64_t size = 0;
    if (header_get (info, "Transfer-Encoding"))
        return -1;
    return length && header_number (length, strlen (length), &size) ? size : 0;
}

bool header_id_valid (const char *id)
{
    size_t size = strlen (id);
    return size >= 1 && size <= 64 &&
           strspn (id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

// ---- how the lines were written ----

// Behind a text that ended with CRLF stand two NULs: behind a bare LF only one.
static const char *line_after (const char *text)
{
    const char *end = text + strlen (text);
    return end[1] == '\0' ? end + 2 : NULL;
}

static fault_t name_check (turn_t *turn, const struct mg_header *header)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t size = strlen (header->name);
    if (size == 0 || strspn (header->name, token) != size)
        return turn_fail (turn, BAD_INPUT, "a header's name has a character that it may not have");
    for (const char *at = header->name + size + 1; at < header->value; at++)
        if (*at != ' ' && *at != '\t')
            return turn_fail (turn, BAD_INPUT, "a header has a blank before its colon");
    for (const char *at = header->value; *at; at++)
        if ((unsigned char) *at < 0x20 && *at != '\t')
            return turn_fail (turn, BAD_INPUT, "a header has a control character");
    return OK;
}

// Walks the head as it lies in memory: each line must begin right behind the CRLF of the one before.
static fault_t lines_check (turn_t *turn, const struct mg_request_info *info)
{
    const char *line = line_after (info->http_version);
    for (int i = 0; i < info->num_headers; i++) {
        const struct mg_header *header = &info->http_headers[i];
        if (line != header->name)
            return turn_fail (turn, BAD_INPUT, "a line of the head does not end with CR LF, or is folded");
        fault_t fault = name_check (turn, header);
        if (fault != OK)
            return fault;
        line = line_after (header->value);
    }
    if (!line)
        return turn_fail (turn, BAD_INPUT, "a line of the head does not end with CR LF");
    if (info->num_headers == MG_MAX_HEADERS && *line != '\r')
        return turn_fail (turn, BAD_INPUT, "more than %d headers", MG_MAX_HEADERS);
    // The parser has put a NUL in the place of the head's last LF
    if (info->num_headers && (line[0] != '\r' || line[1] != '\0'))
        return turn_fail (turn, BAD_INPUT, "a line of the head is folded or does not end with CR LF");
    return OK;
}

// ---- what they say together ----

static fault_t length_check (turn_t *turn, const struct mg_request_info *info)
{
    const char *length = header_get (info, "Content-Length");
    const char *coding = header_get (info, "Transfer-Encoding");
    int64_t size;
    if (header_count (info, "Content-Length") > 1 || header_count (info, "Transfer-Encoding") > 1)
        return turn_fail (turn, BAD_INPUT, "Content-Length or Transfer-Encoding is given twice");
    if (length && coding)
        return turn_fail (turn, BAD_INPUT, "Content-Length beside Transfer-Encoding");
    if (length && !header_number (length, strlen (length), &size))
        return turn_fail (turn, BAD_INPUT, "Content-Length is not a number");
    if (coding && (strcasecmp (coding, "chunked") != 0 || strcmp (info->http_version, "1.1") != 0))
        return turn_fail (turn, BAD_INPUT, "Transfer-Encoding may only be chunked, in HTTP/1.1");
    return OK;
}

fault_t header_check (turn_t *turn, const struct mg_request_info *info)
{
    const char *version = info->http_version;
    if (!version || (strcmp (version, "1.1") != 0 && strcmp (version, "1.0") != 0))
        return turn_fail (turn, BAD_INPUT, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    fault_t fault = lines_check (turn, info);
    if (fault == OK)
        fault = length_check (turn, info);
    if (fault != OK)
        return fault;
    int hosts = header_count (info, "Host");
    if (hosts > 1 || (hosts == 0 && strcmp (version, "1.1") == 0))
        return turn_fail (turn, BAD_INPUT, "exactly one Host header is needed");
    if (header_count (info, "Authorization") > 1)
        return turn_fail (turn, BAD_INPUT, "Authorization is given twice");
    const char *expect = header_get (info, "Expect");
    if (expect && strcasecmp (expect, "100-continue") != 0)
        return turn_fail (turn, BAD_INPUT, "Expect may only be 100-continue");
    return OK;
}

// ---- ranges ----

// "FIRST-LAST", "FIRST-", "-SUFFIX"; -1 for the number that is not there. Not both may be missing.
static bool range_parse (const char *text, int64_t *first, int64_t *last)
{
    const char *dash = strchr (text, '-');
    *first = *last = -1;
    if (!dash)
        return false;
    bool from = dash == text || header_number (text, (size_t) (dash - text), first);
    bool to = !dash[1] || header_number (dash + 1, strlen (dash + 1), last);
    return from && to && (*first >= 0 || *last >= 0);
}

range_t header_range (const char *text, int64_t size, int64_t *first, int64_t *last)
{
    if (!text || strncmp (text, "bytes=", 6) != 0 || !range_parse (text + 6, first, last))
        return RANGE_NONE; // Other units and several ranges may be answered with the whole (RFC 9110 14.2)
    bool suffix = *first < 0, open = *last < 0;
    if (!suffix && !open && *last < *first)
        return RANGE_NONE;
    if (suffix) {
        *first = *last < size ? size - *last : 0;
        *last = *last == 0 ? -1 : size - 1;
    } else if (open || *last >= size)
        *last = size - 1;
    return *first <= *last && *first < size ? RANGE_GOOD : RANGE_BAD;
}

bool header_content_range (const char *text, int64_t *first, int64_t *last)
{
    if (!text || strncmp (text, "bytes ", 6) != 0)
        return false;
    text += 6;
    const char *dash = strchr (text, '-');
    const char *slash = dash ? strchr (dash, '/') : NULL;
    return slash && strcmp (slash, "/*") == 0 && header_number (text, (size_t) (dash - text), first) &&
           header_number (dash + 1, (size_t) (slash - dash - 1), last) && *last >= *first;
}
