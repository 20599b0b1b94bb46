/* store.c - see store.h. */

#include "common/s3/store.h"

#include "common/s3/blob_s3.h"

#include <stdlib.h>
#include <string.h>

// As AWS's own tools take it where the settings say nothing.
static const char *or_variable (const char *setting, const char *name, const char *other)
{
    const char *value = *setting ? setting : getenv (name);
    if ((!value || !*value) && other)
        value = getenv (other);
    return value ? value : "";
}

static fault_t open_s3 (blob_t **out, turn_t *turn, const settings_t *settings)
{
    const blob_s3_options_t options = {
        .place = {.url = settings->blob_url,
                  .endpoint =
                      or_variable (settings->blob_endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
                  .region = or_variable (settings->blob_region, "AWS_REGION", "AWS_DEFAULT_REGION"),
                  .style = (s3_style_t) settings->blob_style},
        .credentials = {.access_key = settings->blob_access_key,
                        .secret_key = settings->blob_secret_key,
                        .secret_key_file = settings->blob_secret_key_file,
                        .profile = settings->blob_profile},
        .ca_file = settings->blob_ca_file,
        .total_ms = 1000 * settings->blob_timeout_seconds};
    return blob_s3_open (out, turn, &options);
}

fault_t store_open (blob_t **out, turn_t *turn, const settings_t *settings)
{
    bool s3 = strncmp (settings->blob_url, "s3:", 3) == 0;
    fault_t fault = s3 ? open_s3 (out, turn, settings) : blob_open (out, settings->blob_url, turn);
    if (fault == OK)
        fault = blob_check (*out, turn);
    if (fault)
        blob_close (out);
    return fault;
}
