/* Messages go over the wire and into JSON and come back the same; hostile bytes and wrong documents are refused. */

#include "proto/messages.h"
#include "proto/codec.h"
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

static run_t example (void)
{
    static const char *labels[] = {"linux", "x64"};
    static step_row_t steps[] = {{.number = 1, .name = "build \"it\"", .exit_code = -1}};
    static job_t jobs[] = {{.id = "j1",
                            .state = job_running,
                            .labels = {labels, 2},
                            .matrix = "{\"os\":\"linux\"}",
                            .steps = {steps, 1},
                            .created_at = 1700000000000001}};
    return (run_t){.id = "r1", .number = INT64_MAX, .result = result_failure, .jobs = {jobs, 1}};
}

static const char *print (const message_t *message, const void *from)
{
    buffer_t *text = buffer_new (1 << 20);
    message_print (message, from, text);
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

static bytes_t pack (const message_t *message, const void *from)
{
    buffer_t *packed = buffer_new (MESSAGE_MAX);
    CHECK_INT (message_pack (message, from, packed), OK);
    bytes_t copy = {arena_copy (arena, buffer_text (packed), buffer_size (packed)), buffer_size (packed)};
    buffer_destroy (&packed);
    return copy;
}

TEST (a_message_comes_back_from_msgpack_as_it_was)
{
    begin ();
    run_t run = example (), back;
    bytes_t packed = pack (MESSAGE (run), &run);
    CHECK_INT (message_unpack (MESSAGE (run), &turn, packed.data, packed.size, &back), OK);
    CHECK_STR (print (MESSAGE (run), &back), print (MESSAGE (run), &run));
    CHECK_STR (back.title, "");
    CHECK_INT (back.jobs.items[0].steps.items[0].exit_code, -1);
}

TEST (a_message_comes_back_from_json_as_it_was)
{
    begin ();
    run_t run = example (), back = {0};
    const char *json = print (MESSAGE (run), &run);
    CHECK_INT (message_read (MESSAGE (run), &turn, json, strlen (json), &back), OK);
    CHECK_STR (print (MESSAGE (run), &back), json);
}

TEST (what_has_not_happened_is_null_in_json)
{
    begin ();
    job_t job = {.id = "j1"};
    const char *json = print (MESSAGE (job), &job);
    CHECK (strstr (json, "\"result\":null"));
    CHECK (strstr (json, "\"finished_at\":null"));
    CHECK (strstr (json, "\"state\":\"pending\""));
    CHECK (strstr (json, "\"matrix\":null"));
}

TEST (bytes_that_are_not_utf8_are_replaced_in_json)
{
    begin ();
    project_t project = {.id = "p", .name = "a\xff\xc3(\n\x01"};
    CHECK (strstr (print (MESSAGE (project), &project), "\"name\":\"a\xEF\xBF\xBD\xEF\xBF\xBD(\\n\\u0001\""));
}

TEST (a_newer_peer_may_have_appended_fields)
{
    begin ();
    run_show_t back;
    static const unsigned char more[] = {0x93, 0xA2, 'r', '1', 0xC3, 0x81, 0xA1, 'k', 0x01};
    CHECK_INT (message_unpack (MESSAGE (run_show), &turn, more, sizeof more, &back), OK);
    CHECK_STR (back.run, "r1");
}

TEST (an_older_peer_may_leave_fields_out)
{
    begin ();
    run_cancel_t back;
    static const unsigned char fewer[] = {0x91, 0xA2, 'r', '1'};
    CHECK_INT (message_unpack (MESSAGE (run_cancel), &turn, fewer, sizeof fewer, &back), OK);
    CHECK (!back.hard);
}

TEST (hostile_msgpack_is_refused_before_it_costs_memory)
{
    static const struct {
        const char *bytes;
        size_t size;
    } hostile[] = {
        {"", 0},
        {"\xC1", 1},
        {"\xDD\xFF\xFF\xFF\xFF", 5},      // An array of four thousand million
        {"\xDF\x7F\xFF\xFF\xFF\x01", 6},  // A map likewise
        {"\x91\xDB\xFF\xFF\xFF\xFF", 6},  // A string likewise
        {"\x91\xC6\x00\x00\x00\x09x", 7}, // Bytes that are not there
        {"\x91\xA1", 2},                  // Cut off
        {"\x91\x01", 2},                  // A number where text must be
        {"\x91\xA2r\x00", 4},             // NUL in a text
        {"\x91\xA2r1\x01", 5},            // More than one value
        {"\x80", 1},                      // A map where an array must be
        {"\x92\xA2r1\xA1x", 6},           // Text where a boolean must be
    };
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        begin ();
        run_cancel_t back;
        CHECK_INT (message_unpack (MESSAGE (run_cancel), &turn, hostile[i].bytes, hostile[i].size, &back),
                   BAD_INPUT);
        CHECK (turn.detail);
    }
    char deep[200];
    memset (deep, 0x91, sizeof deep);
    run_cancel_t back;
    CHECK_INT (message_unpack (MESSAGE (run_cancel), &turn, deep, sizeof deep, &back), BAD_INPUT);
}

TEST (no_single_changed_byte_of_a_message_does_harm)
{
    begin ();
    run_t run = example ();
    bytes_t packed = pack (MESSAGE (run), &run);
    unsigned char *bytes = malloc (packed.size);
    for (size_t i = 0; i < packed.size; i++)
        for (unsigned value = 0; value < 256; value += 5) {
            memcpy (bytes, packed.data, packed.size);
            bytes[i] = (unsigned char) value;
            arena_t *own = arena_new ();
            turn_t mine;
            turn_init (&mine, own, "test", 0);
            run_t back;
            fault_t fault = message_unpack (MESSAGE (run), &mine, bytes, packed.size, &back);
            CHECK (fault == OK || (fault == BAD_INPUT && mine.detail));
            arena_destroy (&own);
        }
    free (bytes);
}

TEST (a_wrong_document_is_refused_by_name)
{
    static const struct {
        const char *json, *detail;
        fault_t fault;
    } cases[] = {
        {"{\"jobb\":\"x\"}", "unknown field jobb of job_status", INVALID},
        {"{\"job\":1}", "job: must be a string", INVALID},
        {"{\"attempt\":-1}", "attempt: must be a non-negative number", INVALID},
        {"{\"attempt\":1.5}", "attempt: must be a whole number", INVALID},
        {"{\"attempt\":4294967296}", "attempt: is 4294967296, at most 4294967295 is allowed", INVALID},
        {"{\"steps\":{}}", "steps: must be a list", INVALID},
        {"{\"steps\":[{\"number\":\"1\"}]}", "steps[0].number: must be a whole number", INVALID},
        {"{\"steps\":[{\"started_at\":\"noon\"}]}",
         "steps[0].started_at: must be a time, such as 2026-11-23T18:08:00Z", INVALID},
        {"{\"result\":\"good\"}", "result: must be one of none, success, failure, cancelled, skipped",
         INVALID},
        {"{\"job\":\"a\\u0000b\"}", "job: must be text without NUL", INVALID},
        {"{\"job\\u0000x\":\"y\"}", "malformed JSON at line 1, column 2: a key may not contain NUL",
         BAD_INPUT},
        {"[]", "job_status: must be an object", INVALID},
        {"{\"job\":\"x\",\"job\":\"y\"}", "malformed JSON at line 1, column 12: duplicate key", BAD_INPUT},
        {"", "malformed JSON at line 1, column 1: expected a value", BAD_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin ();
        job_status_t ask = {0};
        CHECK_INT (message_read (MESSAGE (job_status), &turn, cases[i].json, strlen (cases[i].json), &ask),
                   cases[i].fault);
        CHECK_STR (turn.detail, cases[i].detail);
    }
}

TEST (what_a_newer_server_says_is_read_as_far_as_it_is_known)
{
    begin ();
    static const char json[] = "{\"job\":\"j1\",\"mood\":{\"a\":[1]},\"attempt\":2}";
    job_offer_t offer = {0};
    CHECK_INT (message_read_newer (MESSAGE (job_offer), &turn, json, sizeof json - 1, &offer), OK);
    CHECK_STR (offer.job, "j1");
    CHECK_INT (offer.attempt, 2);
    CHECK_INT (message_read (MESSAGE (job_offer), &turn, json, sizeof json - 1, &offer), INVALID);
}

TEST (deep_json_is_refused_before_it_is_parsed)
{
    begin ();
    char json[4000];
    memset (json, '[', sizeof json);
    run_trigger_t ask = {0};
    CHECK_INT (message_read (MESSAGE (run_trigger), &turn, json, sizeof json, &ask), BAD_INPUT);
    CHECK_STR (turn.detail, "the JSON is nested 4000 deep, deeper than the allowed 32");
}

TEST (one_field_is_set_from_text)
{
    begin ();
    log_read_t ask = {0};
    CHECK_INT (message_set (MESSAGE (log_read), &turn, "job", "j1", &ask), OK);
    CHECK_INT (message_set (MESSAGE (log_read), &turn, "line", "12", &ask), OK);
    CHECK_STR (ask.job, "j1");
    CHECK_INT (ask.line, 12);
    CHECK_INT (message_set (MESSAGE (log_read), &turn, "line", "12x", &ask), INVALID);
    CHECK_INT (message_set (MESSAGE (log_read), &turn, "wait", "61", &ask), INVALID);
    CHECK_STR (turn.detail, "wait: is 61, at most 60 is allowed");
    job_submit_t submit = {0};
    CHECK_INT (message_set (MESSAGE (job_submit), &turn, "runs_on", "linux,x64", &submit), OK);
    CHECK_INT (submit.runs_on.count, 2);
    CHECK_STR (submit.runs_on.items[1], "x64");
    CHECK_INT (message_check (MESSAGE (job_submit), &turn, &submit), INVALID);
    CHECK_STR (turn.detail, "name: is missing");
}

TEST (every_message_has_its_own_number_and_every_call_its_service)
{
    for (const message_t *const *message = all_messages; *message; message++) {
        CHECK (message_by_number ((*message)->number) == *message);
        const call_t *call = call_of (*message);
        if (!call)
            continue;
        bool known = false;
        for (const char *const *service = all_services; *service; service++)
            known = known || strcmp (*service, call->service) == 0;
        CHECK (known);
    }
}

TEST (legal_moves_are_what_the_table_says)
{
    CHECK (state_may (&states_job, job_queued, job_assigned));
    CHECK (!state_may (&states_job, job_finished, job_running));
    CHECK (!state_may (&states_run, 99, run_running));
    CHECK_STR (state_name (&states_job, 99), "unknown");
}
