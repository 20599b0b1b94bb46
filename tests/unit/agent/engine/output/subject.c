/* subject.c - lines of GITHUB_ARTIFACTS: which are files, which are images, and which are refused. */

#include "agent/engine/output/subject.h"

#include "tests/unit/test.h"

#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA384 \
    "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"

// "file PATH", "image NAME DIGEST" or the error.
static const char *parse (arena_t *arena, const char *text)
{
    subject_line_t line;
    const char *error = "";
    if (subject_line_parse (arena, text, &line, &error) != OK)
        return error;
    return line.path ? arena_printf (arena, "file %s", line.path)
                     : arena_printf (arena, "image %s %s", line.name, line.digest);
}

TEST (a_line_of_artifacts_is_a_file_unless_it_ends_in_a_whole_digest)
{
    static const char *const rows[][2] = {
        {"dist/app.tar.gz", "file dist/app.tar.gz"},
        {"/abs/app", "file /abs/app"},
        {"a b.txt", "file a b.txt"},
        {"file://dist/app", "file dist/app"},
        {"FILE:///abs/app", "file /abs/app"},
        {"file://x@sha256:" SHA256, "file x@sha256:" SHA256},
        {"ghcr.io/o/app:1@sha256:" SHA256, "image ghcr.io/o/app:1 sha256:" SHA256},
        {"oci://ghcr.io/o/app@sha384:" SHA384, "image ghcr.io/o/app sha384:" SHA384},
        {"app@sha256:ABC", "file app@sha256:ABC"},
        {"app@sha256:" SHA384, "file app@sha256:" SHA384},
        {"a@b@sha256:" SHA256, "image a@b sha256:" SHA256},
        {"@sha256:" SHA256, "file @sha256:" SHA256},
        {"app@md5:" SHA256, "file app@md5:" SHA256},
        {"app@sha256:" SHA256 "x", "file app@sha256:" SHA256 "x"},
        {"a://b", "only file:// and oci:// are known"},
        {"https://host/app", "only file:// and oci:// are known"},
        {"1a://b", "file 1a://b"},
        {"file://", "file:// names no file"},
        {"file://  ", "file:// names no file"},
        {"oci://app", "oci:// needs a digest at its end, @sha256:HEX, @sha384:HEX or @sha512:HEX"},
        {"oci://app@sha256:", "oci:// needs a digest at its end, @sha256:HEX, @sha384:HEX or @sha512:HEX"},
        {"oci://app@sha512:abc", "a sha512 has 128 digits, not 3"},
        {"name=value", "entries that have a = are reserved"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++)
        CHECK_STR (parse (arena, rows[i][0]), rows[i][1]);
    arena_destroy (&arena);
}

TEST (the_digest_of_an_image_is_kept_in_lower_case)
{
    arena_t *arena = arena_new ();
    CHECK_STR (parse (arena, "app@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"),
               "image app sha256:" SHA256);
    arena_destroy (&arena);
}
