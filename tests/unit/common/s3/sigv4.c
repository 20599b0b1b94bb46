/* sigv4.c - Amazon's published examples of Signature Version 4 for S3, with their keys, dates and signatures. */

#include "common/s3/sigv4.h"
#include "tests/unit/test.h"

#include <string.h>

#define NOW   INT64_C (1369353600000000) // 2013-05-24T00:00:00Z
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const sigv4_key_t key = {.access_key = "AKIAIOSFODNN7EXAMPLE",
                                .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                .token = "",
                                .region = "us-east-1",
                                .service = "s3"};

static void check_signature (const sigv4_request_t *request, const char *names, const char *signature)
{
    arena_t *arena = arena_new ();
    const char *const *headers = sigv4_headers (arena, &key, request);
    while (headers[1])
        headers++;
    CHECK_STR (
        *headers,
        arena_printf (
            arena,
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=%s,Signature=%s",
            names, signature));
    arena_destroy (&arena);
}

TEST (the_documented_get_of_a_range_has_the_documented_signature)
{
    const sigv4_request_t request = {.method = "GET",
                                     .host = "examplebucket.s3.amazonaws.com",
                                     .path = "/test.txt",
                                     .query = "",
                                     .headers = (const char *const[]){"range: bytes=0-9", NULL},
                                     .sum = EMPTY,
                                     .now_us = NOW};
    check_signature (&request, "host;range;x-amz-content-sha256;x-amz-date",
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST (the_documented_put_has_the_documented_signature)
{
    arena_t *arena = arena_new ();
    const char *path = sigv4_escape (arena, "/test$file.text", true);
    const sigv4_request_t request = {
        .method = "PUT",
        .host = "examplebucket.s3.amazonaws.com",
        .path = path,
        .query = "",
        .headers = (const char *const[]){"date: Fri, 24 May 2013 00:00:00 GMT",
                                         "x-amz-storage-class: REDUCED_REDUNDANCY", NULL},
        .sum =
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", // Of "Welcome to Amazon S3."
        .now_us = NOW};
    CHECK_STR (path, "/test%24file.text");
    check_signature (&request, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    arena_destroy (&arena);
}

TEST (a_parameter_without_a_value_is_signed_with_an_equals_sign)
{
    const sigv4_request_t request = {.method = "GET",
                                     .host = "examplebucket.s3.amazonaws.com",
                                     .path = "/",
                                     .query = "lifecycle",
                                     .sum = EMPTY,
                                     .now_us = NOW};
    check_signature (&request, "host;x-amz-content-sha256;x-amz-date",
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST (parameters_are_signed_in_the_order_of_their_names)
{
    const sigv4_request_t request = {.method = "GET",
                                     .host = "examplebucket.s3.amazonaws.com",
                                     .path = "/",
                                     .query = "prefix=J&max-keys=2",
                                     .sum = EMPTY,
                                     .now_us = NOW};
    check_signature (&request, "host;x-amz-content-sha256;x-amz-date",
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST (the_documented_signed_address_has_the_documented_signature)
{
    arena_t *arena = arena_new ();
    const sigv4_request_t request = {.method = "GET",
                                     .host = "examplebucket.s3.amazonaws.com",
                                     .path = "/test.txt",
                                     .query = "",
                                     .now_us = NOW};
    CHECK_STR (
        sigv4_query (arena, &key, &request, 86400),
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    arena_destroy (&arena);
}

TEST (an_address_is_never_signed_for_longer_than_a_week_and_names_its_session)
{
    arena_t *arena = arena_new ();
    sigv4_key_t session = key;
    session.token = "a/b+c=";
    const sigv4_request_t request = {
        .method = "GET", .host = "h", .path = "/k", .query = "x=1", .now_us = NOW};
    const char *query = sigv4_query (arena, &session, &request, 86400 * 30);
    CHECK (strstr (query, "X-Amz-Expires=604800&"));
    CHECK (strstr (query, "X-Amz-Security-Token=a%2Fb%2Bc%3D&"));
    CHECK (strstr (query, "&x=1&X-Amz-Signature="));
    arena_destroy (&arena);
}

TEST (what_is_signed_has_its_blanks_trimmed_and_its_headers_sorted)
{
    arena_t *arena = arena_new ();
    const char *names;
    const sigv4_request_t request = {
        .method = "PUT",
        .host = "h:1",
        .path = "/a",
        .query = "b=&a=2&a=1",
        .headers = (const char *const[]){"x-amz-meta-b:  one \t two  ", "content-md5: =", NULL},
        .sum = "s",
        .now_us = NOW};
    CHECK_STR (
        sigv4_canonical (arena, &request, &names),
        "PUT\n/a\na=1&a=2&b=\ncontent-md5:=\nhost:h:1\nx-amz-meta-b:one two\n\ncontent-md5;host;x-amz-meta-b\ns");
    CHECK_STR (names, "content-md5;host;x-amz-meta-b");
    arena_destroy (&arena);
}
