/* A store's XML comes from the network: any bytes become rows within the bounds, or are refused with a reason; every value is UTF-8. */

#include "common/base/utf8.h"
#include "common/s3/s3_xml.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ROWS 5

static void check_value (const char *value)
{
    size_t size = strlen (value);
    FUZZ_CHECK (size <= S3_XML_VALUE && utf8_valid (value, size));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const char *const names[] = {"Key", "Code", "Message", "UploadId", NULL};
    const char *text = (const char *) data;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "fuzz", 1);
    for (size_t i = 0; i < 2; i++) {
        s3_xml_row_t *rows;
        size_t count;
        bool more;
        fault_t fault = s3_xml_rows (&turn, text, size, i ? "*" : "Error", names, ROWS, &rows, &count, &more);
        FUZZ_CHECK (fault == OK || (fault == INVALID && turn.detail));
        FUZZ_CHECK (count <= (i ? 1 : ROWS) && (!more || count == ROWS));
        for (size_t row = 0; row < count; row++)
            for (size_t field = 0; field < S3_XML_FIELDS; field++)
                check_value (rows[row].fields[field]);
    }
    check_value (s3_xml_value (arena, text, size, "Code"));
    arena_destroy (&arena);
    return 0;
}
