/* badge.c - see badge.h.
 *
 * Nobody can ask how wide a text is where the picture is made: a table has the widths of Verdana, and textLength makes any other font fit. */

#include "gateway/badge.h"

#include "common/base/utf8.h"
#include "gateway/xml.h"

#include <string.h>

#define FONT    11   // Pixels
#define UNITS   2048 // Of an em
#define WIDE    1300 // Units of what is not ASCII
#define PADDING 6
#define HEIGHT  20

// Advance widths of ' ' to '~'.
static const unsigned short widths[] = {
    720,  806,  940,  1676, 1302, 2204, 1488, 550,  930,  930,  1302, 1676, 745,  930,  745,  930,
    1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930,  930,  1676, 1676, 1676, 1117,
    2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862,  931,  1419, 1140, 1726, 1532, 1612,
    1235, 1612, 1424, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930,  930,  930,  1676, 1302,
    1302, 1230, 1276, 1067, 1276, 1220, 720,  1276, 1296, 562,  705,  1212, 562,  1992, 1296, 1243,
    1276, 1276, 874,  1067, 807,  1296, 1212, 1676, 1212, 1212, 1076, 1300, 930,  1300, 1676};

static const struct {
    const char *text, *colour;
} results[] = {[result_none] = {"running", "#9a6700"},
               [result_success] = {"passing", "#1a7f37"},
               [result_failure] = {"failing", "#cf222e"},
               [result_cancelled] = {"cancelled", "#57606a"},
               [result_skipped] = {"skipped", "#57606a"}};

int badge_width (const char *text)
{
    size_t units = 0;
    for (const unsigned char *p = (const unsigned char *) text; *p; p++)
        if (*p >= ' ' && *p <= '~')
            units += widths[*p - ' '];
        else if ((*p & 0xC0) != 0x80) // The first byte of another character
            units += WIDE;
    return (int) ((units * FONT + UNITS - 1) / UNITS);
}

// At most BADGE_LABEL characters, of UTF-8.
static const char *cut (arena_t *arena, const char *label)
{
    const char *whole = utf8_repair (arena, label, strlen (label), 4 * BADGE_LABEL), *end = whole;
    for (size_t count = 0; *end && count < BADGE_LABEL; count++)
        end += utf8_length (end, strlen (end));
    return *end ? arena_printf (arena, "%.*s...", (int) (end - whole), whole) : whole;
}

static void print_text (buffer_t *into, const char *text, int x, int width)
{
    buffer_printf (into, "<text x=\"%d\" y=\"14\" textLength=\"%d\">", x, width);
    xml_put (into, text);
    buffer_puts (into, "</text>");
}

void badge_print (const char *label, bool ran, result_t result, buffer_t *into)
{
    arena_t *arena = arena_new ();
    const char *left = cut (arena, label), *right = "no runs", *colour = "#57606a";
    if (ran && (size_t) result < sizeof results / sizeof results[0]) {
        right = results[result].text;
        colour = results[result].colour;
    }
    int left_width = badge_width (left), right_width = badge_width (right);
    int middle = left_width + 2 * PADDING, width = middle + right_width + 2 * PADDING;
    buffer_printf (
        into,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"",
        width, HEIGHT);
    xml_put (into, left);
    buffer_printf (into, ": %s\"><title>", right);
    xml_put (into, left);
    buffer_printf (into,
                   ": %s</title><clipPath id=\"r\"><rect width=\"%d\" height=\"%d\" rx=\"3\"/></clipPath>",
                   right, width, HEIGHT);
    buffer_printf (into, "<g clip-path=\"url(#r)\"><rect width=\"%d\" height=\"%d\" fill=\"#24292f\"/>",
                   middle, HEIGHT);
    buffer_printf (into, "<rect x=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/></g>", middle,
                   width - middle, HEIGHT, colour);
    buffer_puts (into, "<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">");
    print_text (into, left, PADDING, left_width);
    print_text (into, right, middle + PADDING, right_width);
    buffer_puts (into, "</g></svg>\n");
    arena_destroy (&arena);
}
