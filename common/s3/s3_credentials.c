/* s3_credentials.c - see s3_credentials.h. One lock is held while keys are fetched, so that of many requests one asks STS. */

#include "common/s3/s3_credentials.h"

#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/os/file.h"
#include "common/s3/s3_xml.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX    (256 << 10)
#define TOKEN_MAX   (32 << 10)
#define STS_MS      10000
#define EARLY       SECONDS (300) // Before a key expires another is fetched
#define FETCH_PAUSE SECONDS (5)   // Between two times that refused keys are looked for again

typedef struct {
    char *access_key, *secret_key, *token;
    int64_t until_us; // NEVER: as long as the store takes it
} s3_keys_t;

struct s3_credentials {
    http_client_t *client;
    char *access_key, *secret_key, *secret_key_file, *profile, *region;
    pthread_mutex_t lock; // Of what follows
    s3_keys_t keys;
    bool found;
    int64_t fetched_us; // Steady
};

static char *copy (const char *text)
{
    char *made = strdup (text ? text : "");
    if (!made)
        abort ();
    return made;
}

static void forget (char **text)
{
    if (*text)
        explicit_bzero (*text, strlen (*text));
    free (*text);
    *text = NULL;
}

s3_credentials_t *s3_credentials_new (http_client_t *client, const s3_credentials_options_t *options)
{
    s3_credentials_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->client = client;
    self->access_key = copy (options->access_key);
    self->secret_key = copy (options->secret_key);
    self->secret_key_file = copy (options->secret_key_file);
    self->profile = copy (options->profile);
    self->region = copy (options->region);
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

static void forget_keys (s3_keys_t *keys)
{
    forget (&keys->access_key);
    forget (&keys->secret_key);
    forget (&keys->token);
}

void s3_credentials_destroy (s3_credentials_t **self_p)
{
    s3_credentials_t *self = *self_p;
    if (!self)
        return;
    forget_keys (&self->keys);
    forget (&self->secret_key);
    free (self->access_key);
    free (self->secret_key_file);
    free (self->profile);
    free (self->region);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

static const char *variable (const char *name)
{
    const char *value = getenv (name);
    return value ? value : "";
}

static void set_keys (s3_credentials_t *self, const char *access_key, const char *secret_key,
                      const char *token, int64_t until_us)
{
    forget_keys (&self->keys);
    self->keys = (s3_keys_t){copy (access_key), copy (secret_key), copy (token), until_us};
}

// The first word of a file. What is wrong with it is no reason to look elsewhere: somebody named the file.
static fault_t read_secret (turn_t *turn, const char *path, const char **out)
{
    fault_t fault = file_read (turn, path, TOKEN_MAX, out);
    if (fault)
        return turn_fail (turn, INVALID, "%s", turn->detail ? turn->detail : fault_text (fault));
    *out = arena_strndup (turn->arena, *out, strcspn (*out, " \t\r\n"));
    return OK;
}

// ---- settings and variables

static fault_t from_settings (s3_credentials_t *self, turn_t *turn)
{
    const char *secret = self->secret_key;
    if (!*self->access_key)
        return *secret || *self->secret_key_file
                   ? turn_fail (turn, INVALID, "blob_secret_key is set and blob_access_key is not")
                   : NOT_FOUND;
    if (*self->secret_key_file)
        TRY (read_secret (turn, self->secret_key_file, &secret));
    if (!*secret)
        return turn_fail (turn, INVALID,
                          "blob_access_key is set, and neither blob_secret_key nor blob_secret_key_file");
    set_keys (self, self->access_key, secret, "", NEVER);
    return OK;
}

static fault_t from_variables (s3_credentials_t *self, turn_t *turn)
{
    const char *access = variable ("AWS_ACCESS_KEY_ID"), *secret = variable ("AWS_SECRET_ACCESS_KEY");
    if (!*access && !*secret)
        return NOT_FOUND;
    if (!*access || !*secret)
        return turn_fail (turn, INVALID, "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set");
    set_keys (self, access, secret, variable ("AWS_SESSION_TOKEN"), NEVER);
    return OK;
}

// ---- a web identity

static const char *sts_body (turn_t *turn, const char *token)
{
    arena_t *arena = turn->arena;
    const char *session =
        *variable ("AWS_ROLE_SESSION_NAME") ? variable ("AWS_ROLE_SESSION_NAME") : "open-cicd";
    return arena_printf (
        arena,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=%s&RoleSessionName=%s&WebIdentityToken=%s",
        sigv4_escape (arena, variable ("AWS_ROLE_ARN"), false), sigv4_escape (arena, session, false),
        sigv4_escape (arena, token, false));
}

static fault_t take_role (s3_credentials_t *self, turn_t *turn, const http_answer_t *answer)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", NULL};
    s3_xml_row_t *row;
    size_t count;
    bool more;
    int64_t until_us;
    if (answer->status != 200)
        return turn_fail (turn, answer->status >= 500 || answer->status == 429 ? UNAVAILABLE : INVALID,
                          "STS refused the web identity (%d): %.300s", answer->status,
                          s3_xml_value (turn->arena, answer->body, answer->size, "Message"));
    TRY (s3_xml_rows (turn, answer->body, answer->size, "Credentials", names, 1, &row, &count, &more));
    if (count == 0 || !*row->fields[0] || !*row->fields[1] || clock_parse (row->fields[3], &until_us) != OK)
        return turn_fail (turn, INVALID, "STS's answer has no credentials");
    set_keys (self, row->fields[0], row->fields[1], row->fields[2], until_us);
    return OK;
}

static fault_t from_web_identity (s3_credentials_t *self, turn_t *turn)
{
    const char *file = variable ("AWS_WEB_IDENTITY_TOKEN_FILE"), *token;
    if (!*file || !*variable ("AWS_ROLE_ARN"))
        return NOT_FOUND;
    TRY (read_secret (turn, file, &token));
    const char *endpoint = variable ("AWS_ENDPOINT_URL_STS"), *body = sts_body (turn, token);
    if (!*endpoint)
        endpoint = arena_printf (turn->arena, "https://sts.%s.amazonaws.com", self->region);
    const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    const http_request_t request = {.method = "POST",
                                    .url = arena_printf (turn->arena, "%s/", endpoint),
                                    .headers = headers,
                                    .body = body,
                                    .size = strlen (body),
                                    .answer_max = FILE_MAX,
                                    .total_ms = STS_MS};
    http_answer_t answer;
    if (http_client_send (self->client, turn, &request, &answer) != OK)
        return turn_fail (turn, UNAVAILABLE, "STS cannot be reached: %s", turn->detail ? turn->detail : "");
    return take_role (self, turn, &answer);
}

// ---- the shared file

// "[name]"
static bool begins_profile (const line_t *line, const char *profile)
{
    size_t size = strlen (profile);
    return line->size == size + 2 && memcmp (line->text + 1, profile, size) == 0 &&
           line->text[size + 1] == ']';
}

// "key = value", trimmed; NULL where it is another key.
static const char *value_of (arena_t *arena, const line_t *line, const char *key)
{
    size_t size = strlen (key);
    const char *equals = memchr (line->text, '=', line->size);
    line_t name = {.text = line->text, .size = equals ? (size_t) (equals - line->text) : 0};
    line_trim (&name);
    if (!equals || name.size != size || memcmp (name.text, key, size) != 0)
        return NULL;
    line_t value = {.text = equals + 1, .size = line->size - (size_t) (equals + 1 - line->text)};
    line_trim (&value);
    return arena_strndup (arena, value.text, value.size);
}

static fault_t from_file (s3_credentials_t *self, turn_t *turn)
{
    static const char *const keys[] = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"};
    const char *values[3] = {"", "", ""}, *text, *path = variable ("AWS_SHARED_CREDENTIALS_FILE"),
               *profile = self->profile;
    bool inside = false;
    if (!*path)
        path = arena_printf (turn->arena, "%s/.aws/credentials", variable ("HOME"));
    if (!*profile)
        profile = *variable ("AWS_PROFILE") ? variable ("AWS_PROFILE") : "default";
    TRY (file_read_plain (turn, path, FILE_MAX, &text));
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);) {
        line_trim (&line);
        if (line.size == 0 || *line.text == '#')
            continue;
        inside = *line.text == '[' ? begins_profile (&line, profile) : inside;
        for (size_t i = 0; inside && i < 3; i++) {
            const char *value = value_of (turn->arena, &line, keys[i]);
            values[i] = value ? value : values[i];
        }
    }
    if (!*values[0] || !*values[1])
        return turn_fail (turn, INVALID, "%s has no aws_access_key_id and aws_secret_access_key in [%s]",
                          path, profile);
    set_keys (self, values[0], values[1], values[2], NEVER);
    return OK;
}

// ----

// Under the lock.
static fault_t fetch (s3_credentials_t *self, turn_t *turn)
{
    fault_t fault = from_settings (self, turn);
    if (fault == NOT_FOUND)
        fault = from_variables (self, turn);
    if (fault == NOT_FOUND)
        fault = from_web_identity (self, turn);
    if (fault == NOT_FOUND)
        fault = from_file (self, turn);
    self->fetched_us = clock_monotonic_us ();
    if (fault == NOT_FOUND)
        return turn_fail (
            turn, INVALID,
            "there are no credentials: set blob_access_key and blob_secret_key_file, the variables"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a web identity, or write ~/.aws/credentials");
    return fault;
}

fault_t s3_credentials_find (s3_credentials_t *self, turn_t *turn, sigv4_key_t *out)
{
    int64_t now_us = clock_now_us (clock_system ());
    fault_t fault = OK;
    pthread_mutex_lock (&self->lock);
    bool early = self->found && self->keys.until_us != NEVER && self->keys.until_us - EARLY <= now_us;
    if (!self->found || (early && clock_monotonic_us () - self->fetched_us > FETCH_PAUSE))
        fault = fetch (self, turn);
    if (fault && early && now_us < self->keys.until_us) { // Still good: a later request tries again
        fault = OK;
        turn->detail = NULL;
    }
    self->found = fault == OK;
    if (fault == OK) {
        out->access_key = arena_strdup (turn->arena, self->keys.access_key);
        out->secret_key = arena_strdup (turn->arena, self->keys.secret_key);
        out->token = arena_strdup (turn->arena, self->keys.token);
    }
    pthread_mutex_unlock (&self->lock);
    return fault;
}

bool s3_credentials_refused (s3_credentials_t *self, const char *access_key)
{
    pthread_mutex_lock (&self->lock);
    bool other = !self->found || strcmp (self->keys.access_key, access_key) != 0;
    bool again = !other && clock_monotonic_us () - self->fetched_us > FETCH_PAUSE;
    if (again)
        self->found = false;
    pthread_mutex_unlock (&self->lock);
    return other || again;
}
