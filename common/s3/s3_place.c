/* s3_place.c - see s3_place.h. */

#include "common/s3/s3_place.h"

#include "common/base/url.h"
#include "common/s3/sigv4.h"

#include <stdbool.h>
#include <string.h>

#define BUCKET_MAX 63
#define PREFIX_MAX 256
#define REGION     "us-east-1"

static const char bucket_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
static const char prefix_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";

// s3://BUCKET/PREFIX
static fault_t take_url (s3_place_t *self, turn_t *turn, const char *url)
{
    const char *begin = url + strlen ("s3://"), *end = begin;
    if (strncmp (url, "s3://", 5) != 0)
        return turn_fail (turn, BAD_INPUT, "blob_url: write s3://BUCKET or s3://BUCKET/PREFIX");
    end += strspn (begin, bucket_letters);
    size_t size = (size_t) (end - begin);
    if (size < 3 || size > BUCKET_MAX || (*end && *end != '/'))
        return turn_fail (
            turn, BAD_INPUT,
            "blob_url: a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens");
    self->bucket = arena_strndup (turn->arena, begin, size);
    const char *prefix = *end ? end + 1 : end;
    size = strlen (prefix);
    while (size > 0 && prefix[size - 1] == '/')
        size--;
    if (size > PREFIX_MAX || strspn (prefix, prefix_letters) < size || *prefix == '/' ||
        strstr (prefix, "//"))
        return turn_fail (turn, BAD_INPUT,
                          "blob_url: a prefix has at most %d letters, digits and `._-`, with single `/`",
                          PREFIX_MAX);
    self->prefix = size ? arena_printf (turn->arena, "%.*s/", (int) size, prefix) : "";
    return OK;
}

static fault_t take_endpoint (s3_place_t *self, turn_t *turn, const char *endpoint, bool in_host)
{
    url_t url;
    size_t size = strlen (endpoint);
    while (size > 0 && endpoint[size - 1] == '/')
        size--;
    endpoint = arena_strndup (turn->arena, endpoint, size);
    if (url_check_base (turn, "blob_endpoint", endpoint) != OK)
        return BAD_INPUT;
    TRY (url_parse (turn, endpoint, &url));
    if (*url.path)
        return turn_fail (turn, BAD_INPUT, "blob_endpoint: it has a path; the bucket belongs into blob_url");
    bool secure = strcmp (url.scheme, "https") == 0;
    bool own = url.port == 0 || url.port == (secure ? 443 : 80);
    const char *host = strchr (url.host, ':') ? arena_printf (turn->arena, "[%s]", url.host) : url.host;
    if (!own)
        host = arena_printf (turn->arena, "%s:%u", host, url.port);
    self->host = in_host ? arena_printf (turn->arena, "%s.%s", self->bucket, host) : host;
    self->origin = arena_printf (turn->arena, "%s://%s", url.scheme, self->host);
    self->base = in_host ? "/" : arena_printf (turn->arena, "/%s/", self->bucket);
    return OK;
}

fault_t s3_place_make (s3_place_t *out, turn_t *turn, const s3_options_t *options)
{
    *out = (s3_place_t){.region = *options->region ? options->region : REGION};
    TRY (take_url (out, turn, options->url));
    bool amazon = !*options->endpoint;
    bool in_host = options->style == S3_STYLE_HOST ||
                   (options->style == S3_STYLE_AUTO && amazon && !strchr (out->bucket, '.'));
    return take_endpoint (out, turn,
                          amazon ? arena_printf (turn->arena, "https://s3.%s.amazonaws.com", out->region)
                                 : options->endpoint,
                          in_host);
}

const char *s3_place_path (arena_t *arena, const s3_place_t *self, const char *key)
{
    if (key)
        return arena_printf (arena, "%s%s%s", self->base, self->prefix, sigv4_escape (arena, key, true));
    size_t size = strlen (self->base); // Of a bucket in the path: without the slash at its end
    return size > 1 ? arena_strndup (arena, self->base, size - 1) : self->base;
}
