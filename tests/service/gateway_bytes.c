/* The gateway carries bytes unchanged: logs in and out, parts of artifacts, single files, ranges, zips. */

#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static wire_answer_t patch_log (world_t *world, const char *range, const char *body)
{
    char headers[200];
    snprintf (headers, sizeof (headers), "Content-Range: %s\r\nLog-Step: 2\r\n", range);
    return wire_ask (world->address, "PATCH", "/jobs/j1/log", world_job_token (world, "j1", 1), headers,
                     body);
}

TEST (a_piece_of_a_log_is_acknowledged_with_the_offset)
{
    char offset[32];
    world_t *world = world_new ();
    wire_answer_t answer = patch_log (world, "bytes 0-5/*", "hello\n");
    CHECK_INT (answer.status, 202);
    CHECK_STR (wire_header (&answer, "Log-Offset", offset, sizeof (offset)), "6");
    CHECK_STR (answer.body, "{\"offset\":6,\"sealed\":false}\n");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_chunk_that_leaves_a_gap_is_answered_with_the_offset_to_go_back_to)
{
    char offset[32];
    world_t *world = world_new ();
    wire_answer_t answer = patch_log (world, "bytes 0-5/*", "hello\n");
    wire_forget (&answer);
    answer = patch_log (world, "bytes 9-14/*", "world\n");
    CHECK_INT (answer.status, 416);
    CHECK_STR (wire_header (&answer, "Log-Offset", offset, sizeof (offset)), "6");
    CHECK_STR (wire_header (&answer, "Content-Range", offset, sizeof (offset)), "bytes */6");
    CHECK_STR (answer.body, "{\"offset\":6,\"sealed\":false}\n");
    wire_forget (&answer);
    answer = patch_log (world, "bytes 3-11/*", "lo\nworld\n"); // An overlap is no gap
    CHECK_INT (answer.status, 202);
    CHECK_STR (answer.body, "{\"offset\":12,\"sealed\":false}\n");
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_content_range_that_lies_is_refused)
{
    static const char *const ranges[] = {"bytes 0-4/*",
                                         "bytes 0-6/*",
                                         "bytes 5-0/*",
                                         "bytes 0-5/6",
                                         "bytes -5/*",
                                         "lines 0-5/*",
                                         "bytes 0-5",
                                         "bytes a-b/*",
                                         "",
                                         "bytes 0-/*",
                                         "bytes 99999999999999999999-99999999999999999999/*"};
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof (ranges) / sizeof (ranges[0]); i++) {
        wire_answer_t answer = patch_log (world, ranges[i], "hello\n");
        if (answer.status != 400)
            test_fail (__FILE__, __LINE__, "%s is %d", ranges[i], answer.status);
        wire_forget (&answer);
    }
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log/info", "viewer", "", "");
    CHECK_INT (answer.status, 404); // Nothing was taken
    wire_forget (&answer);
    world_destroy (&world);
}

// Lines with colours, bytes that are not UTF-8, NULs.
static char *strange_log (size_t size)
{
    char *log = malloc (size);
    for (size_t i = 0; i < size; i++)
        log[i] = i % 81 == 80 ? '\n' : (char) (i * 7 + i / 81);
    return log;
}

TEST (a_whole_log_comes_back_byte_by_byte)
{
    char text[64];
    const size_t size = 3000000;
    char *log = strange_log (size);
    world_t *world = world_new ();
    for (int sealed = 0; sealed < 2; sealed++) {
        world_log (world, log, sealed ? 0 : size, sealed);
        wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log", "viewer", "", "");
        CHECK_INT (answer.status, 200);
        CHECK_INT (answer.size, size);
        CHECK (memcmp (answer.body, log, size) == 0);
        CHECK_STR (wire_header (&answer, "Log-Complete", text, sizeof (text)), sealed ? "true" : "false");
        CHECK_STR (wire_header (&answer, "Log-Size", text, sizeof (text)), "3000000");
        CHECK (sealed == !!wire_header (&answer, "ETag", text, sizeof (text)));
        wire_forget (&answer);
    }
    free (log);
    world_destroy (&world);
}

TEST (the_log_of_a_step_comes_whole)
{
    char text[64];
    const size_t size = 3000000;
    char *log = strange_log (size);
    world_t *world = world_new ();
    world_log (world, log, size, true);
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log?step=1", "viewer", "", "");
    CHECK_INT (answer.size, WORLD_STEP_3);
    CHECK (memcmp (answer.body, log, WORLD_STEP_3) == 0);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1/log?step=3", "viewer", "", "");
    CHECK_INT (answer.size, size - WORLD_STEP_3);
    CHECK (memcmp (answer.body, log + WORLD_STEP_3, size - WORLD_STEP_3) == 0);
    CHECK_STR (wire_header (&answer, "Log-Line", text, sizeof (text)), "5");
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1/log?step=2", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    free (log);
    world_destroy (&world);
}

TEST (a_range_of_a_log_is_that_range)
{
    static const struct {
        const char *range;
        int status;
        size_t first, size;
    } cases[] = {{"bytes=0-0", 206, 0, 1},
                 {"bytes=699990-700009", 206, 699990, 20},
                 {"bytes=2999999-", 206, 2999999, 1},
                 {"bytes=-5", 206, 2999995, 5},
                 {"bytes=0-99999999", 206, 0, 3000000},
                 {"bytes=3000000-", 416, 0, 0},
                 {"bytes=-0", 416, 0, 0},
                 {"bytes=5-2", 200, 0, 3000000},
                 {"bytes=0-1,5-6", 200, 0, 3000000},
                 {"lines=1-2", 200, 0, 3000000}};
    const size_t size = 3000000;
    char *log = strange_log (size);
    world_t *world = world_new ();
    world_log (world, log, size, true);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        char header[100];
        snprintf (header, sizeof (header), "Range: %s\r\n", cases[i].range);
        wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log", "viewer", header, "");
        CHECK_INT (answer.status, cases[i].status);
        if (answer.status != 416) {
            CHECK_INT (answer.size, cases[i].size);
            CHECK (memcmp (answer.body, log + cases[i].first, cases[i].size) == 0);
        }
        wire_forget (&answer);
    }
    free (log);
    world_destroy (&world);
}

TEST (a_window_of_a_log_as_json_replaces_what_is_not_utf8)
{
    world_t *world = world_new ();
    world_log (world, "a\xff\xc3\xbc\n\xe2\x82", 7, false);
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log?format=json", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    // The euro sign that has only begun waits for the next window
    CHECK (strstr (answer.body, "\"data\":\"a\xef\xbf\xbd\xc3\xbc\\n\"}"));
    CHECK (strstr (answer.body, "\"next_offset\":5,"));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1/log", "viewer", "Accept: application/json\r\n", "");
    CHECK (strstr (answer.head, "application/json"));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1/log?offset=2", "viewer", "", "");
    CHECK_INT (answer.size, 5);
    CHECK (memcmp (answer.body, "\xc3\xbc\n\xe2\x82", 5) == 0);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/jobs/j1/log?format=xml", "viewer", "", "");
    CHECK_INT (answer.status, 400);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (a_part_of_an_artifact_goes_in_as_it_is)
{
    world_t *world = world_new ();
    const char *token = world_job_token (world, "j1", 1);
    wire_answer_t answer = wire_ask (world->address, "PUT", "/artifacts/f1/parts/3", token, "", "0123456789");
    CHECK_INT (answer.status, 200);
    CHECK (strstr (answer.body, "\"parts\":4"));
    CHECK_INT (world->parts, 10);
    wire_forget (&answer);
    answer = wire_ask (world->address, "PUT", "/artifacts/f1/parts/x", token, "", "0");
    CHECK_INT (answer.status, 422);
    wire_forget (&answer);
    world_destroy (&world);
}

static bool is_big_file (const char *data, size_t first, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != world_byte (first + i))
            return false;
    return true;
}

TEST (one_file_comes_out_of_an_artifact)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/artifacts/f1/files/a.txt", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_STR (answer.body, "hello");
    CHECK (strstr (answer.head, "Content-Disposition: attachment; filename=\"a.txt\""));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/files/b/%C3%BC.bin", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_INT (answer.size, BIG_FILE);
    CHECK (is_big_file (answer.body, 0, BIG_FILE));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/files/b/%C3%BC.bin", "viewer",
                       "Range: bytes=1048570-1048589\r\n", "");
    CHECK_INT (answer.status, 206);
    CHECK_INT (answer.size, 20);
    CHECK (is_big_file (answer.body, 1048570, 20));
    CHECK (strstr (answer.head, "Content-Range: bytes 1048570-1048589/3145728\r\n"));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/files/empty", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_INT (answer.size, 0);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/files/b", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/files/b/../a.txt", "viewer", "", "");
    CHECK_INT (answer.status, 400);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (the_whole_artifact_comes_as_its_bytes)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/artifacts/f1/content", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK_INT (answer.size, 5 + BIG_FILE);
    CHECK (memcmp (answer.body, "hello", 5) == 0);
    CHECK (is_big_file (answer.body + 5, 0, BIG_FILE));
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/content", "viewer",
                       "If-None-Match: \"ab12\"\r\n", "");
    CHECK_INT (answer.status, 304);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/content", "viewer",
                       "Range: bytes=0-4\r\nIf-Range: \"other\"\r\n", "");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    world_destroy (&world);
}

// Its length was said already: only the end of the connection tells the client that bytes are missing.
TEST (a_download_of_which_bytes_are_missing_ends_with_its_connection)
{
    world_t *world = world_new ();
    wire_t http = wire_open (world->address);
    world->there = 1 << 20;
    wire_send (
        &http,
        "GET /artifacts/f1/content HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer viewer\r\n\r\n"
        "GET /jobs/j1 HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer viewer\r\nConnection: close\r\n\r\n");
    wire_answer_t answer = wire_answer_head (&http);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    CHECK (wire_ended (&http));
    CHECK_INT (http.size, 1 << 20); // And no answer to the next request, which would be taken for the rest
    wire_close (&http);
    world_destroy (&world);
}

static uint32_t little (const char *at)
{
    const unsigned char *bytes = (const unsigned char *) at;
    return bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16 | (uint32_t) bytes[3] << 24;
}

TEST (the_whole_artifact_comes_as_a_zip)
{
    world_t *world = world_new ();
    wire_answer_t answer = wire_ask (world->address, "GET", "/artifacts/f1/zip", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    CHECK (strstr (answer.head, "filename=\"build _x_.zip\""));
    const char *end = answer.body + answer.size - 22;
    CHECK_INT (little (end), 0x06054b50);
    const char *entry = answer.body + little (end + 16); // The directory
    static const char *const names[] = {"a.txt", "b/\xc3\xbc.bin", "empty"};
    for (int i = 0; i < 3; i++) {
        CHECK_INT (little (entry), 0x02014b50);
        size_t length = strlen (names[i]), size = little (entry + 24);
        CHECK (memcmp (entry + 46, names[i], length) == 0);
        const char *data = answer.body + little (entry + 42) + 30 + length;
        CHECK_INT (crc32 (crc32 (0, NULL, 0), (const unsigned char *) data, (uInt) size),
                   little (entry + 16));
        CHECK (i != 1 || is_big_file (data, 0, size));
        entry += 46 + length + (little (entry + 28) >> 16);
    }
    CHECK (entry == end);
    wire_forget (&answer);
    world_destroy (&world);
}
