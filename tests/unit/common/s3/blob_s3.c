/* blob_s3.c - a bucket whose server or network fails: what is tried again, what is not, what is said. What holds for every store is in
 * tests/unit/common/blob/stores.c. */

#include "common/s3/blob_s3.h"

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "tests/http/stores.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    test_store_t store;
    s3_peer_t *peer;
    arena_t *arena;
    turn_t turn;
    blob_t *blob;
} s3_world_t;

static s3_world_t *world_new (void)
{
    s3_world_t *world = calloc (1, sizeof *world);
    world->arena = arena_new ();
    turn_init (&world->turn, world->arena, "test", 1);
    test_store_begin (&world->store, STORE_PLAYED);
    world->peer = world->store.peer;
    world->blob = test_store_open (&world->store);
    return world;
}

static void world_destroy (s3_world_t **world_p)
{
    s3_world_t *world = *world_p;
    blob_close (&world->blob);
    test_store_end (&world->store);
    arena_destroy (&world->arena);
    free (world);
    *world_p = NULL;
}

static void open_with (s3_world_t *world, const blob_s3_options_t *options)
{
    blob_close (&world->blob);
    CHECK_INT (blob_s3_open (&world->blob, &world->turn, options), OK);
}

static void check_says (s3_world_t *world, const char *what)
{
    if (!world->turn.detail || !strstr (world->turn.detail, what))
        test_fail (__FILE__, __LINE__, "\"%s\" is not in: %s", what,
                   world->turn.detail ? world->turn.detail : "no detail");
    CHECK (!strstr (world->turn.detail, S3_PEER_SECRET));
}

// ---- what is tried again

TEST (what_passes_is_tried_again_until_it_has_passed)
{
    static const s3_peer_harm_t harms[] = {S3_ERROR_500, S3_SLOW_DOWN, S3_CUT, S3_CUT_AFTER, S3_NO_XML};
    s3_world_t *world = world_new ();
    char bytes[8];
    size_t got;
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        const char *key = arena_printf (world->arena, "k%zu", i);
        s3_peer_harm (world->peer, harms[i], "PUT", 2);
        CHECK_INT (blob_put (world->blob, &world->turn, key, "bytes", 5), OK);
        s3_peer_harm (world->peer, harms[i], "GET", 2);
        CHECK_INT (blob_get (world->blob, &world->turn, key, 0, bytes, 8, &got), OK);
        CHECK (got == 5 && memcmp (bytes, "bytes", 5) == 0);
        s3_peer_harm (world->peer, harms[i], "DELETE", 1);
        CHECK_INT (blob_delete (world->blob, &world->turn, key), OK);
    }
    CHECK_INT (s3_peer_objects (world->peer), 0);
    world_destroy (&world);
}

TEST (a_body_that_was_cut_is_read_again_and_no_half_is_given)
{
    s3_world_t *world = world_new ();
    char bytes[64] = "";
    size_t got;
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "0123456789abcdef", 16), OK);
    s3_peer_harm (world->peer, S3_CUT_BODY, "GET", 2);
    CHECK_INT (blob_get (world->blob, &world->turn, "a", 0, bytes, sizeof bytes, &got), OK);
    CHECK_INT (got, 16);
    CHECK (memcmp (bytes, "0123456789abcdef", 16) == 0);
    world_destroy (&world);
}

TEST (a_put_whose_answer_was_lost_is_not_a_conflict_with_itself)
{
    s3_world_t *world = world_new ();
    s3_peer_harm (world->peer, S3_CUT_AFTER, "PUT", 1);
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OK);
    CHECK_INT (s3_peer_requests (world->peer, "HEAD"), 1); // It has looked at what is there
    world_destroy (&world);
}

TEST (attempts_have_a_bound_and_the_last_answer_is_said)
{
    s3_world_t *world = world_new ();
    s3_peer_harm (world->peer, S3_SLOW_DOWN, "PUT", 100);
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OVERLOADED);
    CHECK_INT (s3_peer_requests (world->peer, "PUT"), 6);
    check_says (world, "blob store s3://bucket at http://127.0.0.1:");
    check_says (world, "PUT of/");
    check_says (world, "/a: 503 SlowDown: It is \"SlowDown\". (it wants fewer requests)");
    CHECK_INT (s3_peer_objects (world->peer), 0);
    world_destroy (&world);
}

TEST (all_attempts_together_have_a_deadline)
{
    s3_world_t *world = world_new ();
    blob_s3_options_t options = test_store_options (&world->store);
    options.total_ms = 300;
    open_with (world, &options);
    s3_peer_harm (world->peer, S3_SILENT, "GET", 100);
    char byte;
    size_t got;
    int64_t begun_us = clock_monotonic_us ();
    CHECK_INT (blob_get (world->blob, &world->turn, "a", 0, &byte, 1, &got), TIMEOUT);
    int64_t taken_us = clock_monotonic_us () - begun_us;
    CHECK (taken_us >= MILLISECONDS (290) && taken_us < SECONDS (8));
    check_says (world, "GET of/");
    world_destroy (&world);
}

// ---- what is not, and what is said of it

TEST (what_an_operator_must_mend_is_said_once_and_says_how)
{
    static const struct {
        s3_peer_harm_t harm;
        fault_t fault;
        const char *says;
    } rows[] = {{S3_DENIED, UNAVAILABLE,
                 "403 AccessDenied: It is \"AccessDenied\". (the credentials may not do this"},
                {S3_SKEWED, UNAVAILABLE, "this machine's clock"},
                {S3_NO_BUCKET, UNAVAILABLE, "there is no such bucket at this endpoint: create it"},
                {S3_OTHER_REGION, UNAVAILABLE, "set blob_region; it says eu-test-1"},
                {S3_FULL, NO_SPACE, "disks are full"}};
    s3_world_t *world = world_new ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t before = s3_peer_requests (world->peer, "");
        s3_peer_harm (world->peer, rows[i].harm, "", 100);
        CHECK_INT (blob_check (world->blob, &world->turn), rows[i].fault);
        CHECK_INT (s3_peer_requests (world->peer, "") - before, 1);
        check_says (world, rows[i].says);
    }
    world_destroy (&world);
}

TEST (wrong_keys_region_and_endpoint_are_told_apart)
{
    s3_world_t *world = world_new ();
    blob_s3_options_t good = test_store_options (&world->store), options = good;
    options.credentials.secret_key = "another";
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "403 SignatureDoesNotMatch");
    check_says (world, "the secret key does not belong to the access key");
    options = good;
    options.credentials.access_key = "AKOTHER";
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "the store does not know this access key");
    options = good;
    options.place.region = "us-east-1";
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "set blob_region");
    options = good;
    options.place.url = "s3://other-bucket";
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "there is no such bucket");
    options = good;
    options.place.endpoint = "http://127.0.0.1:1";
    options.total_ms = 200;
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "blob store s3://bucket at http://127.0.0.1:1: GET the bucket:");
    world_destroy (&world);
}

TEST (a_store_that_serves_no_ranges_gives_no_wrong_bytes)
{
    s3_world_t *world = world_new ();
    char bytes[16];
    size_t got;
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "0123456789", 10), OK);
    s3_peer_harm (world->peer, S3_WHOLE, "GET", 1);
    CHECK_INT (blob_get (world->blob, &world->turn, "a", 5, bytes, 16, &got), BROKEN);
    CHECK_INT (got, 0);
    s3_peer_harm (world->peer, S3_WHOLE, "GET", 1);
    CHECK_INT (blob_get (world->blob, &world->turn, "a", 0, bytes, 4, &got), BROKEN);
    world_destroy (&world);
}

TEST (a_store_without_conditions_and_batches_is_asked_without_them)
{
    s3_world_t *world = world_new ();
    const char *keys[] = {"a", "b"};
    fault_t faults[2];
    s3_peer_harm (world->peer, S3_UNKNOWN, "", 100);
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "one", 3), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "b", "two", 3), OK);
    CHECK_INT (s3_peer_requests (world->peer, "PUT"), 3); // One of them told it
    CHECK_INT (blob_delete_many (world->blob, &world->turn, keys, 2, faults), OK);
    CHECK_INT (s3_peer_requests (world->peer, "DELETE"), 2);
    CHECK_INT (s3_peer_objects (world->peer), 0);
    world_destroy (&world);
}

TEST (what_a_batch_could_not_remove_is_named)
{
    s3_world_t *world = world_new ();
    const char *keys[] = {"a", "b"};
    fault_t faults[2];
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "one", 3), OK);
    s3_peer_harm (world->peer, S3_LATE_ERROR, "POST", 1);
    CHECK_INT (blob_delete_many (world->blob, &world->turn, keys, 2, faults), UNAVAILABLE);
    CHECK_INT (faults[0], UNAVAILABLE);
    CHECK_INT (faults[1], UNAVAILABLE);
    check_says (world, "a cannot be removed: InternalError");
    CHECK_INT (s3_peer_objects (world->peer), 1);
    world_destroy (&world);
}

// ---- in pieces

static fault_t write_twenty (s3_world_t *world, const char *key)
{
    blob_writer_t *writer;
    sha256_t sum;
    size_t size = 20 << 20;
    char *bytes = calloc (1, size);
    sha256_init (&sum);
    sha256_add (&sum, bytes, size);
    CHECK_INT (blob_writer_new (&writer, world->blob, &world->turn, key), OK);
    fault_t fault = blob_write (writer, &world->turn, bytes, size);
    if (!fault)
        fault = blob_writer_end (writer, &world->turn, sha256_hex (&sum, world->arena));
    blob_writer_destroy (&writer);
    free (bytes);
    return fault;
}

TEST (an_upload_in_parts_survives_failures_and_an_answer_that_was_lost)
{
    s3_world_t *world = world_new ();
    s3_peer_harm (world->peer, S3_ERROR_500, "PUT", 2);
    CHECK_INT (write_twenty (world, "a"), OK);
    s3_peer_harm (world->peer, S3_LATE_ERROR, "POST", 2); // Of which the first begins the upload
    CHECK_INT (write_twenty (world, "b"), OK);
    s3_peer_harm (world->peer, S3_CUT_AFTER, "POST", 2);
    CHECK_INT (write_twenty (world, "c"), OK);
    CHECK_INT (s3_peer_objects (world->peer), 3);
    world_destroy (&world);
}

TEST (a_part_with_a_wrong_etag_fails_the_upload_and_leaves_nothing)
{
    s3_world_t *world = world_new ();
    s3_peer_harm (world->peer, S3_WRONG_ETAG, "PUT", 1);
    CHECK_INT (write_twenty (world, "a"), BROKEN);
    check_says (world, "InvalidPart");
    CHECK_INT (s3_peer_objects (world->peer), 0);
    CHECK_INT (s3_peer_uploads (world->peer), 0);
    world_destroy (&world);
}

TEST (uploads_that_a_killed_process_left_are_ended_when_nobody_can_be_writing_them)
{
    s3_world_t *world = world_new ();
    blob_writer_t *writer;
    char *bytes = calloc (1, 33 << 20);
    CHECK_INT (blob_writer_new (&writer, world->blob, &world->turn, "a"), OK);
    CHECK_INT (blob_write (writer, &world->turn, bytes, 33 << 20), OK);
    free (bytes);
    CHECK_INT (s3_peer_uploads (world->peer), 1);
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    CHECK_INT (s3_peer_uploads (world->peer), 1); // It may still be written
    s3_peer_age_uploads (world->peer);
    s3_peer_harm (world->peer, S3_STALE_LIST, "GET", 2); // It lists one more, which has ended
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    CHECK_INT (s3_peer_uploads (world->peer), 0);
    blob_writer_destroy (&writer);
    world_destroy (&world);
}

// ---- keys

static void set_file (s3_world_t *world, const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    CHECK (file && fputs (text, file) >= 0 && fclose (file) == 0);
    (void) world;
}

static const char *const aws[] = {"AWS_ACCESS_KEY_ID",
                                  "AWS_SECRET_ACCESS_KEY",
                                  "AWS_SESSION_TOKEN",
                                  "AWS_WEB_IDENTITY_TOKEN_FILE",
                                  "AWS_ROLE_ARN",
                                  "AWS_ENDPOINT_URL_STS",
                                  "AWS_SHARED_CREDENTIALS_FILE",
                                  "AWS_PROFILE"};

// Those of this machine count for nothing meanwhile.
static void forget_variables (char *kept[])
{
    for (size_t i = 0; i < sizeof aws / sizeof *aws; i++) {
        const char *value = getenv (aws[i]);
        kept[i] = value ? strdup (value) : NULL;
        unsetenv (aws[i]);
    }
}

static void restore_variables (char *kept[])
{
    for (size_t i = 0; i < sizeof aws / sizeof *aws; i++) {
        if (kept[i])
            setenv (aws[i], kept[i], 1);
        else
            unsetenv (aws[i]);
        free (kept[i]);
    }
}

TEST (keys_come_from_variables_files_and_a_web_identity)
{
    s3_world_t *world = world_new ();
    char folder[256], *kept[sizeof aws / sizeof *aws];
    blob_s3_options_t options = test_store_options (&world->store);
    options.credentials.access_key = options.credentials.secret_key = "";
    test_folder (folder, sizeof folder);
    const char *file = arena_printf (world->arena, "%s/credentials", folder),
               *token = arena_printf (world->arena, "%s/token", folder);
    forget_variables (kept);
    setenv ("AWS_SHARED_CREDENTIALS_FILE", file, 1);
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "there are no credentials: set blob_access_key");
    set_file (world, file,
              "# of AWS\n[default]\naws_access_key_id=AKOTHER\naws_secret_access_key=x\n\n[ci]\n"
              "aws_access_key_id = " S3_PEER_ACCESS "\r\naws_secret_access_key = " S3_PEER_SECRET
              "\n[more]\naws_access_key_id=z\n");
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "does not know this access key");
    options.credentials.profile = "ci";
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    options.credentials.profile = "";
    set_file (world, token, "good+token\n");
    setenv ("AWS_WEB_IDENTITY_TOKEN_FILE", token, 1);
    setenv ("AWS_ROLE_ARN", "arn:aws:iam::1:role/ci", 1);
    setenv ("AWS_ENDPOINT_URL_STS", s3_peer_url (world->peer), 1);
    s3_peer_temporary (world->peer, true);
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    set_file (world, token, "bad\n");
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "STS refused the web identity (400)");
    setenv ("AWS_ACCESS_KEY_ID", S3_PEER_ACCESS, 1);
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), UNAVAILABLE);
    check_says (world, "only one is set");
    setenv ("AWS_SECRET_ACCESS_KEY", S3_PEER_SECRET, 1);
    setenv ("AWS_SESSION_TOKEN", S3_PEER_TOKEN, 1);
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    restore_variables (kept);
    test_folder_remove (folder);
    world_destroy (&world);
}

// ---- address styles and signed addresses

TEST (the_bucket_may_be_in_the_host)
{
    s3_world_t *world = world_new ();
    blob_s3_options_t options = test_store_options (&world->store);
    const char *port = strrchr (s3_peer_url (world->peer), ':');
    options.place.endpoint =
        arena_printf (world->arena, "http://localhost%s", port); // Of which curl knows all subdomains
    options.place.style = S3_STYLE_HOST;
    open_with (world, &options);
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OK);
    CHECK_INT (s3_peer_objects (world->peer), 1);
    world_destroy (&world);
}

static fault_t fetch (s3_world_t *world, const char *url, http_answer_t *answer)
{
    http_client_t *client = http_client_new (NULL);
    fault_t fault = http_client_send (client, &world->turn, &(http_request_t){.url = url}, answer);
    http_client_destroy (&client);
    return fault;
}

TEST (a_signed_address_gives_everybody_one_blob_and_only_that)
{
    s3_world_t *world = world_new ();
    const char *url;
    http_answer_t answer;
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "b", "secret", 6), OK);
    const blob_link_t link = {
        .key = "a", .name = "Bericht \xc3\xa4 1.zip", .type = "application/zip", .seconds = 60};
    CHECK_INT (blob_link (world->blob, &world->turn, &link, &url), OK);
    CHECK (strstr (
        url,
        "response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27Bericht%2520%25C3%25A4%25201.zip"));
    CHECK_INT (fetch (world, url, &answer), OK);
    CHECK_INT (answer.status, 200);
    CHECK_STR (answer.body, "bytes");
    char *other = arena_strdup (world->arena, url);
    strstr (other, "/a?")[1] = 'b';
    CHECK_INT (fetch (world, other, &answer), OK);
    CHECK_INT (answer.status, 403);
    world_destroy (&world);
}

// ---- its state

TEST (a_store_that_fails_is_not_ready_until_it_is_asked_and_answers)
{
    s3_world_t *world = world_new ();
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OK);
    size_t before = s3_peer_requests (world->peer, "");
    CHECK_INT (blob_ready (world->blob, &world->turn), OK);
    CHECK_INT (s3_peer_requests (world->peer, "") - before, 0); // While all goes well nothing is asked
    s3_peer_harm (world->peer, S3_DENIED, "", 2);
    CHECK_INT (blob_put (world->blob, &world->turn, "b", "bytes", 5), UNAVAILABLE);
    CHECK_INT (blob_ready (world->blob, &world->turn), UNAVAILABLE); // Asked, and still denied
    check_says (world, "AccessDenied");
    before = s3_peer_requests (world->peer, "");
    CHECK_INT (blob_ready (world->blob, &world->turn), UNAVAILABLE); // Not asked again so soon
    CHECK_INT (s3_peer_requests (world->peer, "") - before, 0);
    CHECK_INT (blob_put (world->blob, &world->turn, "b", "bytes", 5), OK);
    CHECK_INT (blob_ready (world->blob, &world->turn), OK);
    world_destroy (&world);
}

TEST (requests_of_one_call_are_under_way_together_and_not_without_bound)
{
    s3_world_t *world = world_new ();
    blob_range_t ranges[100];
    char bytes[100];
    CHECK_INT (blob_put (world->blob, &world->turn, "a", "bytes", 5), OK);
    for (int i = 0; i < 100; i++)
        ranges[i] = (blob_range_t){.key = "a", .into = &bytes[i], .size = 1};
    s3_peer_delay (world->peer, 20);
    CHECK_INT (blob_get_many (world->blob, &world->turn, ranges, 100), OK);
    CHECK (s3_peer_at_once (world->peer) > 4);
    CHECK (s3_peer_at_once (world->peer) <= blob_parallel (world->blob));
    world_destroy (&world);
}

static void *put_one (void *world_)
{
    s3_world_t *world = world_;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    intptr_t fault = (intptr_t) blob_put (world->blob, &turn, "late", "bytes", 5);
    arena_destroy (&arena);
    return (void *) fault;
}

TEST (a_process_that_ends_does_not_wait_for_a_store_that_fails)
{
    s3_world_t *world = world_new ();
    pthread_t thread;
    void *fault;
    s3_peer_harm (world->peer, S3_SILENT, "PUT", 100);
    CHECK_INT (pthread_create (&thread, NULL, put_one, world), 0);
    int64_t until_us = test_until_us ();
    while (s3_peer_requests (world->peer, "PUT") == 0 && clock_monotonic_us () < until_us)
        sched_yield ();
    int64_t begun_us = clock_monotonic_us ();
    blob_leave (world->blob);
    pthread_join (thread, &fault);
    CHECK_INT ((intptr_t) fault, UNAVAILABLE);
    CHECK (clock_monotonic_us () - begun_us < SECONDS (9)); // One attempt would take ten, all of them twenty
    world_destroy (&world);
}
