/* label_image.c - which image a job's labels stand for. */

#include "agent/label_image.h"

#include "tests/unit/test.h"

TEST (the_first_label_of_a_job_that_maps_to_something_decides)
{
    static const struct {
        const char *labels, *asked[3], *image;
    } rows[] = {
        {"", {"linux"}, ""},
        {"gpu,linux", {"gpu"}, ""},
        {"ubuntu-latest=docker:deb:12,gpu", {"ubuntu-latest"}, "deb:12"},
        {"gpu, Ubuntu-Latest=docker:reg:5000/a/b@sha256:1 ",
         {"self-hosted", "ubuntu-latest"},
         "reg:5000/a/b@sha256:1"},
        {"a=docker:x,fast=host", {"fast", "a"}, ""},
        {"a=docker:x,fast=host", {"a", "fast"}, "x"},
        {"ubuntu-latest,ubuntu-latest=docker:x", {"ubuntu-latest"}, "x"},
        {"ubuntu=docker:x", {"ubuntu-latest"}, ""},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        strs_t asked = {.items = (const char **) rows[i].asked};
        while (asked.count < 3 && rows[i].asked[asked.count])
            asked.count++;
        CHECK_STR (label_image (arena, rows[i].labels, &asked), rows[i].image);
    }
    arena_destroy (&arena);
}

TEST (a_label_maps_to_the_machine_or_to_an_image)
{
    static const char *const good[] = {"", "a", "a,b=host", "a=docker:x, b", "a,,b"};
    static const char *const bad[][2] = {
        {"a=", "a="}, {"b,a=docker:", "a=docker:"}, {"a=podman:x", "a=podman:x"}, {"a=Host", "a=Host"}};
    const char *wrong;
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (good) / sizeof (good[0]); i++)
        CHECK (label_images_ok (arena, good[i], &wrong));
    for (size_t i = 0; i < sizeof (bad) / sizeof (bad[0]); i++) {
        CHECK (!label_images_ok (arena, bad[i][0], &wrong));
        CHECK_STR (wrong, bad[i][1]);
    }
    arena_destroy (&arena);
}
