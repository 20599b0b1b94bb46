/* s3_place.h - which bucket at which endpoint, and the addresses of what is in it. Pure functions.
 *
 * An address names the bucket in its path, https://s3.example.org/BUCKET/KEY, or in its host, https://BUCKET.s3.example.org/KEY. Amazon wants
 * the second, and a certificate of *.s3.amazonaws.com does not cover a bucket with dots in its name; other servers know the first best. */

#ifndef OPENCICD_S3_PLACE_H
#define OPENCICD_S3_PLACE_H

#include "common/base/turn.h"

typedef enum { S3_STYLE_AUTO, S3_STYLE_PATH, S3_STYLE_HOST } s3_style_t; // As the setting's choices

typedef struct {
    const char *url;      // s3://BUCKET/PREFIX, or without the prefix
    const char *endpoint; // "": Amazon's of the region
    const char *region;   // "": us-east-1
    s3_style_t style;
} s3_options_t;

typedef struct {
    const char *bucket, *prefix; // The prefix is empty or ends with `/`
    const char *region;
    const char *origin; // https://s3.example.org:9000, the bucket in it or not
    const char *host;   // Of the header, likewise
    const char *base;   // Of each path: "/", or "/BUCKET/"
} s3_place_t;

// BAD_INPUT: the detail names the setting. The strings live in the turn's arena, or are the options' own.
MUST_USE fault_t s3_place_make (s3_place_t *out, turn_t *turn, const s3_options_t *options);
// "/BUCKET/PREFIXkey", encoded; of the bucket itself where `key` is NULL.
const char *s3_place_path (arena_t *arena, const s3_place_t *self, const char *key);

#endif
