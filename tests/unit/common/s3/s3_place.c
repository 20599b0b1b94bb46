/* s3_place.c - addresses of a bucket and of its objects; what is refused, and by which setting's name. */

#include "common/s3/s3_place.h"
#include "tests/unit/test.h"

#include <string.h>

static s3_place_t place_of (turn_t *turn, const char *url, const char *endpoint, const char *region,
                            s3_style_t style)
{
    s3_place_t place;
    CHECK_INT (s3_place_make (&place, turn, &(s3_options_t){url, endpoint, region, style}), OK);
    return place;
}

TEST (amazon_wants_the_bucket_in_the_host_unless_its_name_has_dots)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    s3_place_t place = place_of (&turn, "s3://artifacts/ci/one/", "", "eu-west-1", S3_STYLE_AUTO);
    CHECK_STR (place.origin, "https://artifacts.s3.eu-west-1.amazonaws.com");
    CHECK_STR (s3_place_path (arena, &place, "uploads/b0"), "/ci/one/uploads/b0");
    CHECK_STR (s3_place_path (arena, &place, NULL), "/");
    place = place_of (&turn, "s3://my.dots", "", "", S3_STYLE_AUTO);
    CHECK_STR (place.origin, "https://s3.us-east-1.amazonaws.com");
    CHECK_STR (s3_place_path (arena, &place, "a"), "/my.dots/a");
    arena_destroy (&arena);
}

TEST (another_server_has_the_bucket_in_the_path_unless_the_setting_says_otherwise)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    s3_place_t place = place_of (&turn, "s3://ci-blobs", "http://Minio.local:9000/", "", S3_STYLE_AUTO);
    CHECK_STR (place.origin, "http://minio.local:9000");
    CHECK_STR (place.host, "minio.local:9000");
    CHECK_STR (s3_place_path (arena, &place, NULL), "/ci-blobs");
    place = place_of (&turn, "s3://ci-blobs", "https://s3.example.org:443", "", S3_STYLE_HOST);
    CHECK_STR (place.host, "ci-blobs.s3.example.org"); // As curl writes it: without the scheme's own port
    place = place_of (&turn, "s3://ci-blobs", "http://[::1]:9000", "", S3_STYLE_PATH);
    CHECK_STR (place.origin, "http://[::1]:9000");
    arena_destroy (&arena);
}

TEST (what_is_wrong_is_named_by_its_setting)
{
    static const struct {
        const char *url, *endpoint, *says;
    } rows[] = {{"s3:bucket", "", "blob_url: write s3://BUCKET"},
                {"s3://ab", "", "blob_url: a bucket's name"},
                {"s3://Bucket", "", "blob_url: a bucket's name"},
                {"s3://bucket/a b", "", "blob_url: a prefix"},
                {"s3://bucket//a", "", "blob_url: a prefix"},
                {"s3://bucket", "ftp://host", "blob_endpoint"},
                {"s3://bucket", "http://host/path", "blob_endpoint: it has a path"},
                {"s3://bucket", "http://user:geheim@host", "blob_endpoint"}};
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s3_place_t place;
        turn.detail = NULL;
        CHECK_INT (
            s3_place_make (&place, &turn, &(s3_options_t){rows[i].url, rows[i].endpoint, "", S3_STYLE_AUTO}),
            BAD_INPUT);
        if (!turn.detail || !strstr (turn.detail, rows[i].says) || strstr (turn.detail, "geheim"))
            test_fail (__FILE__, __LINE__, "%s %s: %s", rows[i].url, rows[i].endpoint,
                       turn.detail ? turn.detail : "no detail");
    }
    arena_destroy (&arena);
}
