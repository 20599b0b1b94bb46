/* Rows are held against the limits of the messages that carry them, and what breaks them all the same never fails a page. */

#include "proto/messages.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static arena_t *arena;
static turn_t turn;

static void begin (void)
{
    if (!arena)
        arena = arena_new ();
    arena_reset (arena);
    turn_init (&turn, arena, "test", 0);
}

static const char *text_of_size (size_t size)
{
    char *text = arena_alloc (arena, size + 1);
    memset (text, 'x', size);
    return text;
}

static strs_t strs_of (size_t count)
{
    strs_t strs = {arena_array (arena, count, sizeof (char *)), count};
    for (size_t i = 0; i < count; i++)
        strs.items[i] = "a";
    return strs;
}

static void unpack_again (const message_t *message, const void *from, void *back)
{
    buffer_t *packed = buffer_new (MESSAGE_MAX);
    CHECK_INT (message_pack (message, from, packed), OK);
    const char *copy = arena_copy (arena, buffer_text (packed), buffer_size (packed));
    fault_t fault = message_unpack (message, &turn, copy, buffer_size (packed), back);
    buffer_destroy (&packed);
    if (fault)
        test_fail (__FILE__, __LINE__, "%s", turn.detail);
}

TEST (a_value_past_a_limit_is_refused_with_its_path_its_limit_and_what_was_found)
{
    static const char *const long_label[] = {"ok", NULL};
    begin ();
    job_t job = {
        .id = "j", .needs = strs_of (256), .name = text_of_size (MAX_TEXT), .matrix = text_of_size (MAX_DOC)};
    CHECK_INT (message_check (MESSAGE (job), &turn, &job), OK);
    job.needs = strs_of (257);
    CHECK_INT (message_check (MESSAGE (job), &turn, &job), INVALID);
    CHECK_STR (turn.detail, "needs: has 257 entries, at most 256 are allowed");
    job.needs = strs_of (0);
    job.name = text_of_size (MAX_TEXT + 1);
    run_t run = {.id = "r", .jobs = {&job, 1}};
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), INVALID);
    CHECK_STR (turn.detail, "jobs[0].name: has 4097 bytes, at most 4096 are allowed");
    job.name = "n";
    job.matrix = text_of_size (MAX_DOC + 1);
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), INVALID);
    CHECK_STR (turn.detail, "jobs[0].matrix: has 1048577 bytes, at most 1048576 are allowed");
    job.matrix = "null";
    const char *labels[] = {long_label[0], text_of_size (MESSAGE_STR_MAX + 1)};
    job.labels = (strs_t){labels, 2};
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), INVALID);
    CHECK_STR (turn.detail, "jobs[0].labels[1]: has 4097 bytes, at most 4096 are allowed");
    job.labels.count = 1;
    step_row_t step = {.number = 10001};
    job.steps = (step_row_items_t){&step, 1};
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), INVALID);
    CHECK_STR (turn.detail, "jobs[0].steps[0].number: is 10001, at most 10000 is allowed");
    step.number = 10000;
    job.id = "";
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), INVALID);
    CHECK_STR (turn.detail, "jobs[0].id: is missing");
    job.id = "j";
    CHECK_INT (message_check (MESSAGE (run), &turn, &run), OK);
}

TEST (a_message_whose_fields_fit_but_not_all_of_them_together_is_refused)
{
    begin ();
    size_t count = MAX_TRAILERS;
    log_trailer_t *rest = arena_array (arena, count, sizeof (log_trailer_t));
    job_status_t status = {.job = "j", .outputs = text_of_size (MAX_DOC), .log = {rest, count}};
    CHECK_INT (message_check (MESSAGE (job_status), &turn, &status), OK);
    step_row_t *steps = arena_array (arena, 1000, sizeof (step_row_t));
    for (size_t i = 0; i < 1000; i++)
        steps[i].name = text_of_size (MAX_TEXT);
    status.steps = (step_row_items_t){steps, 1000};
    CHECK_INT (message_check (MESSAGE (job_status), &turn, &status), OK); // 5 MB
    file_text_t files[12];
    for (size_t i = 0; i < 12; i++)
        files[i] = (file_text_t){.path = "p", .text = {text_of_size (MAX_DOC), MAX_DOC}};
    scm_tree_t tree = {.files = {files, 12}};
    CHECK_INT (message_check (MESSAGE (scm_tree), &turn, &tree), INVALID);
    CHECK (strstr (turn.detail, "scm_tree: has 12") && strstr (turn.detail, "at most 9437184 are allowed"));
    tree.files.count = 8;
    CHECK_INT (message_check (MESSAGE (scm_tree), &turn, &tree), OK);
}

TEST (a_page_shows_what_fits_of_a_row_that_passes_its_limits)
{
    begin ();
    char *accents = arena_alloc (arena, 5001);
    for (size_t i = 0; i < 5000; i += 2)
        memcpy (accents + i, "\xC3\xA9", 2);
    job_t jobs[] = {{.id = "good", .name = "n", .needs = strs_of (2)},
                    {.id = "bad",
                     .name = accents,
                     .needs = strs_of (300),
                     .matrix = text_of_size (MAX_DOC + 1),
                     .labels = strs_of (64),
                     .title = text_of_size (MAX_TEXT)}};
    job_page_t page = {.items = {jobs, 2}, .next = "more"}, back;
    unpack_again (MESSAGE (job_page), &page, &back);
    CHECK_INT (back.items.count, 2);
    CHECK_STR (back.next, "more");
    CHECK_STR (back.items.items[0].name, "n");
    CHECK_INT (back.items.items[0].needs.count, 2);
    const job_t *bad = &back.items.items[1];
    CHECK_STR (bad->id, "bad");
    CHECK_INT (strlen (bad->name), 4095); // 4093 would be half a character
    CHECK_STR (bad->name + 4092, "...");
    CHECK_INT (bad->needs.count, 256);
    CHECK_STR (bad->needs.items[254], "a");
    CHECK_STR (bad->needs.items[255], "... and 45 more");
    CHECK_STR (bad->matrix, "\"... 1048577 bytes are too many to be shown here\"");
    CHECK_INT (bad->labels.count, 64);
    CHECK_INT (strlen (bad->title), MAX_TEXT);
}

TEST (a_page_whose_rows_are_too_large_together_shows_all_of_them_cut_shorter)
{
    begin ();
    job_t *jobs = arena_array (arena, MAX_PAGE, sizeof (job_t));
    const char *outputs = text_of_size (100000);
    for (size_t i = 0; i < MAX_PAGE; i++)
        jobs[i] =
            (job_t){.id = arena_printf (arena, "j%zu", i), .outputs = outputs, .attempt = 7, .title = "t"};
    job_page_t page = {.items = {jobs, MAX_PAGE}}, back;
    unpack_again (MESSAGE (job_page), &page, &back);
    CHECK_INT (back.items.count, MAX_PAGE);
    CHECK_STR (back.items.items[MAX_PAGE - 1].id, "j199");
    CHECK_STR (back.items.items[0].outputs, "\"... 100000 bytes are too many to be shown here\"");
    CHECK_STR (back.items.items[0].title, "t");
    CHECK_INT (back.items.items[0].attempt, 7);
}

TEST (an_id_is_never_cut_however_short_all_else_has_to_be)
{
    begin ();
    const char *sha = text_of_size (MAX_ID), *outputs = text_of_size (1000);
    job_t *jobs = arena_array (arena, 10000, sizeof (job_t));
    for (size_t i = 0; i < 10000; i++)
        jobs[i] =
            (job_t){.id = "j01m8hb5aenav8e4p3295", .log_sha256 = sha, .outputs = outputs, .name = outputs};
    run_t run = {.id = "r", .jobs = {jobs, 10000}}, back;
    unpack_again (MESSAGE (run), &run, &back);
    CHECK_STR (back.jobs.items[9999].id, "j01m8hb5aenav8e4p3295");
    CHECK_STR (back.jobs.items[9999].log_sha256, sha);
    CHECK (strlen (back.jobs.items[9999].name) <= 256);
    job_t wrong = {
        .id = text_of_size (MAX_ID + 1)}; // One that breaks its limit is cut, or nobody could read the page
    job_page_t page = {.items = {&wrong, 1}}, read;
    unpack_again (MESSAGE (job_page), &page, &read);
    CHECK_INT (strlen (read.items.items[0].id), MAX_ID);
}

TEST (a_run_of_as_many_jobs_as_there_may_be_is_shown_whatever_they_hold)
{
    begin ();
    step_row_t *steps = arena_array (arena, 50, sizeof (step_row_t));
    for (size_t i = 0; i < 50; i++)
        steps[i].name = "a step of some length";
    job_t *jobs = arena_array (arena, 10000, sizeof (job_t));
    for (size_t i = 0; i < 10000; i++)
        jobs[i] = (job_t){.id = "j01m8hb5aenav8e4p3295", .name = "a", .steps = {steps, 50}};
    run_t run = {.id = "r", .jobs = {jobs, 10000}}, back;
    unpack_again (MESSAGE (run), &run, &back);
    CHECK_INT (back.jobs.count, 10000);
    CHECK_INT (back.jobs.items[9999].steps.count, 0);
}

TEST (what_is_acted_upon_is_never_cut_but_refused)
{
    begin ();
    job_offer_t offer = {.job = "j", .definition = text_of_size (MAX_DOC + 1)}, back;
    buffer_t *packed = buffer_new (MESSAGE_MAX);
    CHECK_INT (message_pack (MESSAGE (job_offer), &offer, packed), OK);
    fault_t fault =
        message_unpack (MESSAGE (job_offer), &turn, buffer_text (packed), buffer_size (packed), &back);
    buffer_destroy (&packed);
    CHECK_INT (fault, BAD_INPUT);
    CHECK_STR (turn.detail, "job_offer.definition: has 1048577 bytes, at most 1048576 are allowed");
}

TEST (a_state_that_a_newer_peer_has_fails_no_message_and_reaches_the_reader)
{
    begin ();
    job_t job = {.id = "j", .state = 17, .result = 9};
    job_page_t page = {.items = {&job, 1}}, back;
    unpack_again (MESSAGE (job_page), &page, &back); // As an old gateway gets it
    CHECK_INT (back.items.items[0].state, 17);       // And hands it on
    CHECK (back.items.items[0].state != job_finished);
    buffer_t *text = buffer_new (1 << 16);
    message_print (MESSAGE (job_page), &back, text);
    CHECK (strstr (buffer_text (text), "\"state\":\"unknown\",\"result\":\"unknown\""));
    job_page_t read = {0};
    CHECK_INT (message_read_newer (MESSAGE (job_page), &turn, buffer_text (text), buffer_size (text), &read),
               OK);
    CHECK_INT (read.items.items[0].state, STATE_UNKNOWN);
    job_page_t strict = {0};
    CHECK_INT (message_read (MESSAGE (job_page), &turn, buffer_text (text), buffer_size (text), &strict),
               INVALID);
    buffer_destroy (&text);
    CHECK_INT (message_check (MESSAGE (job), &turn, &job), OK);
}

TEST (a_state_that_is_not_known_is_taken_for_the_one_that_changes_nothing)
{
    CHECK_INT (state_known (&states_job, job_finished), job_finished);
    CHECK_INT (state_known (&states_job, job_state_count), job_running);
    CHECK_INT (state_known (&states_run, STATE_UNKNOWN), run_running);
    CHECK_INT (state_known (&states_step, 99), step_running);
    CHECK_INT (state_known (&states_result, 99), result_failure);
    CHECK_INT (state_known (&states_agent, 99), agent_busy);
    CHECK_INT (state_known (&states_order, 99), order_go_on);
}

static const char *repeat (const char *before, const char *item, size_t count, const char *after)
{
    buffer_t *text = buffer_new (SIZE_MAX / 4);
    buffer_puts (text, before);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buffer_putc (text, ',');
        buffer_puts (text, item);
    }
    buffer_puts (text, after);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// What reading it takes; a message that is refused says so in the API's words.
static size_t cost (const message_t *message, const char *json, fault_t fault)
{
    arena_t *own = arena_new ();
    turn_t mine;
    turn_init (&mine, own, "test", 0);
    fault_t got = message_read (message, &mine, json, strlen (json), arena_alloc (own, message->size));
    if (got != fault)
        test_fail (__FILE__, __LINE__, "%s: %s", fault_name (got), mine.detail ? mine.detail : "");
    turn.detail = arena_strdup (arena, mine.detail);
    size_t used = arena_used (own);
    arena_destroy (&own);
    return used;
}

TEST (json_with_more_values_than_its_message_holds_is_refused_before_it_costs_memory)
{
    begin ();
    const char *bomb = repeat ("{\"attempt\":1,\"outputs\":[", "{}", 2700000, "]}"); // 8.1 MB
    CHECK (cost (MESSAGE (job_status), bomb, TOO_LARGE) < 4096);
    CHECK (strstr (turn.detail, "the JSON has 2700003 values, at most 83993"));
    bomb = repeat ("{\"job\":\"j\",\"steps\":[", "{}", 3003, "]}");
    CHECK (cost (MESSAGE (job_status), bomb, INVALID) < 4096);
    CHECK_STR (turn.detail, "steps: has 3003 entries, at most 3002 are allowed");
    bomb = repeat ("{\"labels\":[", "\"\"", 65, "]}");
    CHECK (cost (MESSAGE (agent_register), bomb, INVALID) < 4096);
    CHECK_STR (turn.detail, "labels: has 65 entries, at most 64 are allowed");
    bomb = repeat ("{\"run\":\"r\",\"more\":[", "1", 1000000, "]}");
    CHECK (cost (MESSAGE (run_show), bomb, TOO_LARGE) < 4096);
}

TEST (json_that_is_read_costs_no_more_than_eight_times_its_bytes)
{
    static const char *const items[] = {"{}",        "[]",       "\"\"",        "0",
                                        "{\"a\":1}", "[[[[]]]]", "\"\\u0041\"", "null"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        begin ();
        const char *json = repeat ("{\"job\":\"j\",\"outputs\":[", items[i], 10000, "]}");
        size_t used = cost (MESSAGE (job_status), json, OK);
        if (used > 8 * strlen (json))
            test_fail (__FILE__, __LINE__, "%s: %zu bytes for %zu", items[i], used, strlen (json));
    }
    begin ();
    const char *files = repeat ("{\"name\":\"n\",\"files\":[", "{\"path\":\"a\",\"size\":1}", 50000, "]}");
    CHECK (cost (MESSAGE (artifact_begin), files, OK) <= 8 * strlen (files));
}

TEST (no_message_has_more_fields_than_its_reader_can_tell_apart)
{
    for (const message_t *const *message = all_messages; *message; message++)
        CHECK ((*message)->count <= 64);
}
