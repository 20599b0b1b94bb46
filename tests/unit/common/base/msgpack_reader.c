/* Values as the msgpack specification writes them, and bytes that are none. */

#include "common/base/msgpack_reader.h"

#include "tests/unit/test.h"

#include <string.h>

static msgpack_reader_t reader_of (const char *bytes, size_t size)
{
    msgpack_reader_t reader;
    msgpack_reader_init (&reader, bytes, size);
    return reader;
}

// Of a literal with NULs in it.
#define READER(bytes) reader_of (bytes, sizeof (bytes) - 1)

TEST (a_number_is_the_same_in_every_form_that_msgpack_has_for_it)
{
    static const struct {
        const char *bytes;
        size_t size;
        msgpack_kind_t kind;
        int64_t number;
    } rows[] = {
        {"\x07", 1, ITEM_POSITIVE, 7},
        {"\xcc\x07", 2, ITEM_POSITIVE, 7},
        {"\xcd\x00\x07", 3, ITEM_POSITIVE, 7},
        {"\xce\x00\x00\x00\x07", 5, ITEM_POSITIVE, 7},
        {"\xcf\x00\x00\x00\x00\x00\x00\x00\x07", 9, ITEM_POSITIVE, 7},
        {"\xd0\x07", 2, ITEM_POSITIVE, 7},
        {"\xd3\x00\x00\x00\x00\x00\x00\x00\x07", 9, ITEM_POSITIVE, 7},
        {"\xff", 1, ITEM_NEGATIVE, -1},
        {"\xe0", 1, ITEM_NEGATIVE, -32},
        {"\xd0\xff", 2, ITEM_NEGATIVE, -1},
        {"\xd1\xff\x7f", 3, ITEM_NEGATIVE, -129},
        {"\xd2\x80\x00\x00\x00", 5, ITEM_NEGATIVE, INT32_MIN},
        {"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9, ITEM_NEGATIVE, INT64_MIN},
        {"\x7f", 1, ITEM_POSITIVE, 127},
        {"\xcd\xff\xff", 3, ITEM_POSITIVE, 65535},
        {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, ITEM_POSITIVE, -1}, // 2^64 - 1
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        msgpack_reader_t reader = reader_of (rows[i].bytes, rows[i].size);
        const msgpack_item_t item = msgpack_read (&reader);
        CHECK_INT ((int) item.kind, (int) rows[i].kind);
        CHECK_INT ((int64_t) item.number, rows[i].number);
        CHECK (msgpack_at_end (&reader));
    }
}

TEST (texts_and_bytes_of_each_width_point_into_the_bytes_read)
{
    static const struct {
        const char *bytes;
        size_t size;
        msgpack_kind_t kind;
    } rows[] = {{"\xa3"
                 "abc",
                 4, ITEM_STR},
                {"\xd9\x03"
                 "abc",
                 5, ITEM_STR},
                {"\xda\x00\x03"
                 "abc",
                 6, ITEM_STR},
                {"\xdb\x00\x00\x00\x03"
                 "abc",
                 8, ITEM_STR},
                {"\xc4\x03"
                 "abc",
                 5, ITEM_BIN},
                {"\xc5\x00\x03"
                 "abc",
                 6, ITEM_BIN},
                {"\xc6\x00\x00\x00\x03"
                 "abc",
                 8, ITEM_BIN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        msgpack_reader_t reader = reader_of (rows[i].bytes, rows[i].size);
        const msgpack_item_t item = msgpack_read (&reader);
        CHECK_INT ((int) item.kind, (int) rows[i].kind);
        CHECK_INT ((int64_t) item.size, 3);
        CHECK (item.data == rows[i].bytes + rows[i].size - 3);
        CHECK (msgpack_at_end (&reader));
    }
}

TEST (every_beginning_of_a_value_is_refused)
{
    // An array of: a map, a text, bytes, a float, extensions of each form, numbers
    static const char whole[] =
        "\x98\x81\xa1k\xc0\xa2hi\xc4\x01z\xcb\x00\x00\x00\x00\x00\x00\x00\x00\xd4\x01x\xc7\x02\x01xy"
        "\xd8\x01"
        "0123456789abcdef\xd2\x00\x00\x00\x01";
    for (size_t size = 0; size < sizeof whole; size++) {
        msgpack_reader_t reader = reader_of (whole, size);
        const msgpack_item_t item = msgpack_read (&reader);
        CHECK_INT (msgpack_pass (&reader, &item, 3), size == sizeof whole - 1 ? true : false);
        if (size == sizeof whole - 1)
            break;
    }
}

TEST (a_count_of_more_values_than_there_are_bytes_is_refused)
{
    msgpack_reader_t reader = READER ("\xdd\xff\xff\xff\xff\xc0");
    CHECK_INT (msgpack_read (&reader).kind, ITEM_NONE);
    reader = READER ("\xdf\xff\xff\xff\xff\xc0");
    CHECK_INT (msgpack_read (&reader).kind, ITEM_NONE);
    reader = READER ("\x93\xc0\xc0");
    CHECK_INT (msgpack_read (&reader).kind, ITEM_NONE);
}

TEST (a_size_that_would_wrap_around_is_refused)
{
    msgpack_reader_t reader = READER ("\xc9\xff\xff\xff\xff\x01");
    CHECK_INT (msgpack_read (&reader).kind, ITEM_NONE);
    reader = READER ("\xc1");
    CHECK_INT (msgpack_read (&reader).kind, ITEM_NONE);
}

TEST (what_nests_deeper_than_its_reader_wants_is_not_passed_over)
{
    msgpack_reader_t reader = READER ("\x91\x91\x91\xc0");
    msgpack_item_t item = msgpack_read (&reader);
    CHECK (!msgpack_pass (&reader, &item, 2));
    reader = READER ("\x91\x91\x91\xc0");
    item = msgpack_read (&reader);
    CHECK (msgpack_pass (&reader, &item, 3) && msgpack_at_end (&reader));
}
