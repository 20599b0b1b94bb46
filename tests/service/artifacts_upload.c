/* An upload is taken in by parts, runs_when_cancelled restarts, is checked, and is seen only when it is whole. */

#include "tests/service/artifacts/world.h"

#include <string.h>

TEST_ON_ENGINES (an_upload_resumes_after_restarts_and_comes_back_byte_for_byte)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (artifact.part_size, MAX_PART);
    for (uint32_t part = 0; part < 3; part++) {
        arena_reset (world->arena);
        CHECK_INT (put (world, id, &load, part, &artifact), OK);
        replica_stop (&world->one);
        replica_start (world, &world->one);
        CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
        CHECK_STR (artifact.id, id);
        CHECK_INT (artifact.parts, part + 1);
        CHECK_INT (put (world, id, &load, part, &artifact), OK); // Once more is harmless
        CHECK_INT (artifact.parts, part + 1);
    }
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK (artifact.complete);
    check_bytes (world, id, &load);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (artifact.files.count, FILES);
    CHECK_STR (artifact.files.items[4].path, "folder/4.bin");
    CHECK_STR (artifact.sha256, load.sum);
    CHECK_INT (artifact.size, BYTES);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
}

TEST_ON_ENGINES (parts_come_in_order_and_with_their_size)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (put (world, id, &load, 1, &artifact), CONFLICT);
    CHECK_INT (finish (world, id, load.sum, &artifact), CONFLICT);
    artifact_put_t small = {.artifact = id, .data = {load.bytes, 10}};
    CHECK_INT (tell (world, MSG_artifact_put, &small, &artifact), INVALID);
    artifact_put_t beyond = {.artifact = id, .part = 3, .data = {load.bytes, 10}};
    CHECK_INT (tell (world, MSG_artifact_put, &beyond, &artifact), INVALID);
    CHECK_INT (put (world, "f000", &load, 0, &artifact), NOT_FOUND);
}

TEST_ON_ENGINES (a_wrong_checksum_is_not_published_and_the_file_is_named)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    load.files[2].sha256 = load.files[4].sha256;
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < 3; part++)
        CHECK_INT (put (world, id, &load, part, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), INVALID);
    CHECK (strstr (world->turn.detail, "folder/2.bin"));
    // Beginning again begins anew.
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK (strcmp (artifact.id, id) != 0);
    CHECK_INT (artifact.parts, 0);

    load_t good = load_new (world, 2);
    CHECK_INT (begin (world, &good, "app", false, &artifact), OK);
    id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < 3; part++)
        CHECK_INT (put (world, id, &good, part, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), INVALID);
    CHECK_INT (finish (world, id, "", &artifact), INVALID);
    CHECK_INT (finish (world, id, good.sum, &artifact), OK);
}

TEST_ON_ENGINES (a_name_is_taken_once_in_a_run_unless_it_is_overwritten_or_the_job_tried_again)
{
    artifact_t artifact;
    load_t load = load_small (world, 1), other = load_small (world, 2);
    upload (world, &load, "app", false);
    CHECK_INT (begin (world, &other, "app", false, &artifact), CONFLICT);
    const char *second = upload (world, &other, "app", true);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
    check_bytes (world, second, &other);
    world->attempt = world->caller.attempt = 2;
    upload (world, &load, "app", false);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job, .name = "app"}), 1);
}

TEST_ON_ENGINES (a_job_uploads_for_itself_and_reads_within_its_run)
{
    artifact_t artifact;
    artifact_bytes_t bytes;
    load_t load = load_small (world, 1);
    const char *id = upload (world, &load, "app", false), *own = world->caller.subject;
    artifact_begin_t ask = {.job = own, .run = "run-other", .attempt = 1, .name = "x"};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), FORBIDDEN);
    ask = (artifact_begin_t){.job = "someone-else", .attempt = 1, .name = "x"};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), FORBIDDEN);

    world->caller.subject =
        arena_printf (world->own, "%.*s-2", (int) strcspn (own, "-"), own); // Of the same run
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (put (world, id, &load, 0, &artifact), FORBIDDEN);
    CHECK_INT (count_listed (world, (artifact_list_t){0}), 1);

    world->caller.subject = "stranger-1";
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), NOT_FOUND);
    CHECK_INT (count_listed (world, (artifact_list_t){0}), 0);
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = ""};
    check_bytes (world, id, &load);
}

TEST_ON_ENGINES (what_is_removed_expired_or_given_up_leaves_no_blob)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    const char *id = upload (world, &load, "first", false);
    CHECK_INT (count_blobs (world), 3);
    world->caller.role = ROLE_DEVELOPER;
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), OK);
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), OK);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    wait_for_blobs (world, 0);

    world->caller.role = ROLE_JOB;
    upload (world, &load, "second", false);
    CHECK_INT (begin (world, &load, "given up", false, &artifact), OK);
    CHECK_INT (put (world, artifact.id, &load, 0, &artifact), OK);
    CHECK_INT (count_blobs (world), 4);
    clock_turn (world->clock, 2 * DAY);
    wait_for_blobs (world, 3);
    clock_turn (world->clock, 90 * DAY);
    wait_for_blobs (world, 0);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn,
                         "select (select count(*) from artifacts), (select count(*) from uploads),"
                         " (select count(*) from upload_manifests), (select count(*) from upload_parts)"
                         " where 1 = $1",
                         &rows, P_I64 (1)),
               OK);
    for (int i = 0; i < 4; i++)
        CHECK_INT (rows_i64 (rows, 0, i), 0);
}

TEST_ON_ENGINES (a_viewer_removes_nothing)
{
    static const role_t refused[] = {ROLE_AGENT, ROLE_REGISTRAR, ROLE_VIEWER};
    load_t load = load_small (world, 1);
    const char *id = upload (world, &load, "app", false);
    for (size_t i = 0; i < sizeof (refused) / sizeof (refused[0]); i++) {
        world->caller = (caller_t){.role = refused[i], .subject = ""};
        CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), FORBIDDEN);
    }
    check_bytes (world, id, &load);
}

TEST_ON_ENGINES (an_artifact_without_bytes_is_one_too)
{
    artifact_t artifact;
    artifact_file_t empty = {.path = "empty"};
    artifact_begin_t ask = {.job = world->job, .attempt = 1, .name = "none", .files = {&empty, 1}};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (finish (world, id, sum_of (world->own, "", 0), &artifact), OK);
    artifact_bytes_t bytes;
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), OK);
    CHECK_INT (bytes.data.size, 0);
}

TEST_ON_ENGINES (a_list_comes_in_pages_without_files)
{
    artifact_t artifact;
    artifact_page_t page;
    const char *sum = sum_of (world->own, "", 0), *cursor = "";
    for (int i = 0; i < 7; i++) {
        artifact_begin_t ask = {.job = world->job, .attempt = 1, .name = arena_printf (world->own, "n%d", i)};
        CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
        CHECK_INT (finish (world, arena_strdup (world->own, artifact.id), sum, &artifact), OK);
        clock_turn (world->clock, SECONDS (1));
    }
    size_t seen = 0;
    do {
        artifact_list_t ask = {.job = world->job, .limit = 3, .cursor = cursor};
        CHECK_INT (tell (world, MSG_artifact_list, &ask, &page), OK);
        for (size_t i = 0; i < page.items.count; i++)
            CHECK_STR (page.items.items[i].name, arena_printf (world->own, "n%zu", seen++));
        cursor = arena_strdup (world->own, page.next);
    } while (cursor[0]);
    CHECK_INT (seen, 7);
    CHECK_INT (tell (world, MSG_artifact_list, &(artifact_list_t){.job = world->job, .limit = 7}, &page), OK);
    CHECK_INT (page.items.count, 7);
    CHECK_STR (page.next, ""); // The last page is full, and the last all the same
}

// `count` files of no bytes; the path of the one in the middle is `odd`.
static artifact_begin_t many_files (world_t *world, size_t count, const char *odd)
{
    artifact_file_t *files = arena_array (world->own, count, sizeof (*files));
    for (size_t i = 0; i < count; i++)
        files[i] = (artifact_file_t){.path = arena_printf (world->own, "f/%zu", i), .sha256 = ""};
    files[count / 2].path = odd;
    return (artifact_begin_t){.job = world->job,
                              .attempt = 1,
                              .name = arena_printf (world->own, "n%zu", count),
                              .files = {files, count}};
}

TEST_ON_ENGINES (a_list_of_many_files_is_checked_like_a_short_one)
{
    static const size_t counts[] = {256, 257, 20000};
    for (size_t i = 0; i < sizeof (counts) / sizeof (counts[0]); i++) {
        artifact_t artifact;
        artifact_begin_t wrong = many_files (world, counts[i], "f/../x");
        CHECK_INT (tell (world, MSG_artifact_begin, &wrong, &artifact), INVALID);
        CHECK (strstr (world->turn.detail, "f/../x"));
        artifact_begin_t right = many_files (world, counts[i], "g");
        world->turn.request_id = arena_printf (world->own, "r%zu", counts[i]);
        CHECK_INT (tell (world, MSG_artifact_begin, &right, &artifact), OK);
        const char *id = arena_strdup (world->own, artifact.id);
        CHECK_INT (tell (world, MSG_artifact_begin, &right, &artifact), OK);
        CHECK_STR (artifact.id, id);
        CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
        CHECK_INT (artifact.files.count, counts[i]);
        world->turn.request_id = "test";
    }
}

TEST_ON_ENGINES (an_artifact_is_kept_as_long_as_its_job_asked_or_else_the_servers_setting)
{
    static const struct {
        uint32_t days;
        int64_t kept;
    } cases[] = {{0, 90 * DAY}, {1, DAY}, {400, 400 * DAY}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        artifact_t artifact;
        artifact_begin_t ask = {.job = world->job,
                                .attempt = 1,
                                .name = arena_printf (world->own, "n%zu", i),
                                .retention_days = cases[i].days};
        CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
        CHECK_INT (artifact.expires_at - artifact.created_at, cases[i].kept);
    }
}

TEST_ON_ENGINES (the_same_files_begun_again_under_another_name_are_another_artifact)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    const char *first = upload_parts (world, &load, "app"), *second = upload_parts (world, &load, "other");
    CHECK (strcmp (first, second) != 0);
    CHECK_INT (finish (world, first, load.sum, &artifact), OK);
    CHECK_INT (finish (world, second, load.sum, &artifact), OK);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 2);
}

TEST_ON_ENGINES (an_artifact_is_gone_when_it_expires_not_when_it_is_swept)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    const char *id = upload (world, &load, "app", false);
    clock_turn (world->clock, 90 * DAY - 1);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
    clock_turn (world->clock, 1);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    CHECK (strcmp (upload (world, &load, "app", false), id) != 0); // And its name is free
}

static fault_t purge (world_t *world, const char *run, const char *project)
{
    caller_t caller = world->caller;
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    fault_t fault =
        tell (world, MSG_artifact_purge, &(artifact_purge_t){.run = run, .project = project}, &(done_t){0});
    world->caller = caller;
    return fault;
}

TEST_ON_ENGINES (a_purge_takes_all_of_a_run_or_project_and_nothing_else)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    const char *first = world->job;
    const char *run = arena_printf (world->own, "run-%.*s", (int) strcspn (first, "-"), first);
    const char *id = upload (world, &load, "app", false), *open = upload_parts (world, &load, "open");
    world->caller.subject = world->job = arena_printf (world->own, "%s-1", id_new (world->own, 'j', BEGINS));
    upload (world, &load, "app", false);
    CHECK_INT (count_blobs (world), 3 * PARTS);
    CHECK_INT (purge (world, "run-none", ""), OK);
    CHECK_INT (purge (world, "", "p-none"), OK);
    CHECK_INT (purge (world, "", ""), INVALID);
    CHECK_INT (purge (world, run, "p-1"), INVALID);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
    world->caller.subject = first;
    for (int i = 0; i < 2; i++) // Once more is harmless
        CHECK_INT (purge (world, run, ""), OK);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    CHECK_INT (finish (world, open, load.sum, &artifact), NOT_FOUND);
    world->caller.subject = world->job;
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
    wait_for_blobs (world, PARTS);
    CHECK_INT (purge (world, "", "p-1"), OK);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    wait_for_blobs (world, 0);
    world->caller.role = ROLE_ADMIN;
    CHECK_INT (tell (world, MSG_artifact_purge, &(artifact_purge_t){.run = run, .project = ""}, &(done_t){0}),
               FORBIDDEN);
}

TEST_ON_ENGINES (an_attempt_has_at_most_500_artifacts)
{
    artifact_t artifact;
    for (int i = 0; i <= 500; i++) {
        arena_reset (world->arena);
        artifact_begin_t ask = {
            .job = world->job, .attempt = 1, .name = arena_printf (world->arena, "n%d", i)};
        CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), i < 500 ? OK : CONFLICT);
    }
}

TEST_ON_ENGINES (the_files_of_an_artifact_are_listed_page_by_page_and_folder_by_folder)
{
    artifact_t artifact;
    artifact_file_page_t page;
    const char *sum = sum_of (world->own, "", 0);
    artifact_file_t files[] = {{.path = "a.txt", .sha256 = sum},
                               {.path = "b/c/d.txt", .sha256 = sum},
                               {.path = "b/e.txt", .sha256 = sum},
                               {.path = "bc.txt", .sha256 = sum}};
    artifact_begin_t ask = {.job = world->job, .attempt = 1, .name = "many", .files = {files, 4}};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (finish (world, id, sum, &artifact), OK);
    artifact_files_t some = {.artifact = id, .cursor = "", .under = "", .path = "", .limit = 3};
    CHECK_INT (tell (world, MSG_artifact_files, &some, &page), OK);
    CHECK_STR (page.name, "many");
    CHECK_INT (page.count, 4);
    CHECK_INT (page.items.count, 3);
    some.cursor = arena_strdup (world->own, page.next);
    CHECK_INT (tell (world, MSG_artifact_files, &some, &page), OK);
    CHECK_STR (page.items.items[0].path, "bc.txt");
    CHECK_STR (page.next, "");
    some = (artifact_files_t){.artifact = id, .cursor = "", .under = "b/", .path = ""};
    CHECK_INT (tell (world, MSG_artifact_files, &some, &page), OK);
    CHECK_INT (page.items.count, 2);
    some = (artifact_files_t){.artifact = id, .cursor = "", .under = "", .path = "b/e.txt"};
    CHECK_INT (tell (world, MSG_artifact_files, &some, &page), OK);
    CHECK_INT (page.items.count, 1);
    some = (artifact_files_t){.artifact = id, .cursor = "x", .under = "", .path = ""};
    CHECK_INT (tell (world, MSG_artifact_files, &some, &page), INVALID);
}
