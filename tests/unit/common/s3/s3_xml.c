/* s3_xml.c - what stores say in XML, and what only looks like it. */

#include "common/s3/s3_xml.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *const names[] = {"Key", "UploadId", "Initiated", NULL};

TEST (rows_have_what_is_directly_in_them)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Key>not this</Key>\n"
        "  <Upload><Key>a&amp;b</Key><UploadId>u1</UploadId><Owner><Key>nor this</Key></Owner></Upload>\n"
        "  <Upload><UploadId><![CDATA[u<2]]></UploadId><Initiated/></Upload></R>";
    arena_t *arena = arena_new ();
    turn_t turn;
    s3_xml_row_t *rows;
    size_t count;
    bool more;
    turn_init (&turn, arena, "test", 1);
    CHECK_INT (s3_xml_rows (&turn, text, strlen (text), "Upload", names, 5, &rows, &count, &more), OK);
    CHECK_INT (count, 2);
    CHECK (!more);
    CHECK_STR (rows[0].fields[0], "a&b");
    CHECK_STR (rows[0].fields[1], "u1");
    CHECK_STR (rows[0].fields[2], "");
    CHECK_STR (rows[1].fields[1], "u<2");
    CHECK_STR (s3_xml_value (arena, text, strlen (text), "Key"), "not this");
    CHECK_STR (s3_xml_value (arena, text, strlen (text), "Absent"), "");
    CHECK_INT (s3_xml_rows (&turn, text, strlen (text), "Upload", names, 1, &rows, &count, &more), OK);
    CHECK (count == 1 && more);
    arena_destroy (&arena);
}

TEST (what_is_not_well_formed_is_refused_with_its_line)
{
    static const char *const wrong[] = {
        "", "<html><br></html>", "<!DOCTYPE a><a/>", "<a><Upload></a>", "<a>\n</b>", "text"};
    arena_t *arena = arena_new ();
    turn_t turn;
    s3_xml_row_t *rows;
    size_t count;
    bool more;
    turn_init (&turn, arena, "test", 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (s3_xml_rows (&turn, wrong[i], strlen (wrong[i]), "Upload", names, 5, &rows, &count, &more) !=
            INVALID)
            test_fail (__FILE__, __LINE__, "\"%s\" was taken", wrong[i]);
        CHECK_STR (s3_xml_value (arena, wrong[i], strlen (wrong[i]), "Code"), "");
    }
    CHECK (strstr (turn.detail, "line 1"));
    arena_destroy (&arena);
}
