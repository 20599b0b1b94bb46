/* stores.c - see stores.h. */

#include "tests/http/stores.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *variable (const char *name)
{
    const char *value = getenv (name);
    return value ? value : "";
}

bool store_is_there (store_kind_t kind)
{
    return kind != STORE_REAL || *variable ("OPENCICD_TEST_S3");
}

void test_store_begin (test_store_t *self, store_kind_t kind)
{
    *self = (test_store_t){.kind = kind, .arena = arena_new ()};
    const char *own = id_new (self->arena, 't',
                              clock_now_us (clock_system ())); // Of this test alone, in a bucket that stays
    if (kind == STORE_DIRECTORY) {
        test_folder (self->folder, sizeof self->folder);
        snprintf (self->url, sizeof self->url, "dir:%s/deep/store", self->folder);
    } else if (kind == STORE_PLAYED) {
        self->peer = s3_peer_new ();
        snprintf (self->url, sizeof self->url, "s3://bucket/of/%s", own);
    } else
        snprintf (self->url, sizeof self->url, "%s/%s", variable ("OPENCICD_TEST_S3"), own);
}

void test_store_end (test_store_t *self)
{
    s3_peer_destroy (&self->peer);
    if (*self->folder)
        test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

blob_s3_options_t test_store_options (test_store_t *self)
{
    bool played = self->kind == STORE_PLAYED;
    return (blob_s3_options_t){
        .place = {.url = self->url,
                  .endpoint = played ? s3_peer_url (self->peer) : variable ("AWS_ENDPOINT_URL_S3"),
                  .region = played ? S3_PEER_REGION : variable ("AWS_REGION"),
                  .style = S3_STYLE_PATH},
        .credentials = {.access_key = played ? S3_PEER_ACCESS : "",
                        .secret_key = played ? S3_PEER_SECRET : "",
                        .secret_key_file = "",
                        .profile = ""},
        .ca_file = "",
        .total_ms = 20000};
}

blob_t *test_store_open (test_store_t *self)
{
    blob_t *blob = NULL;
    turn_t turn;
    turn_init (&turn, self->arena, "test", clock_now_us (clock_system ()));
    blob_s3_options_t options;
    if (self->kind == STORE_DIRECTORY) {
        CHECK_INT (blob_open (&blob, self->url, &turn), OK);
    } else {
        options = test_store_options (self);
        CHECK_INT (blob_s3_open (&blob, &turn, &options), OK);
    }
    return blob;
}
