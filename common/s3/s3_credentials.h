/* s3_credentials.h - the keys with which requests are signed, from wherever there are some, and new ones before they expire.
 *
 * Looked for in this order, and the first place that has any is the one that counts: the settings blob_access_key and blob_secret_key; AWS_ACCESS_KEY_ID
 * and AWS_SECRET_ACCESS_KEY; a web identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as Kubernetes sets them), which is exchanged at
 * STS; the shared credentials file. Files are read anew when a store refuses a key, and before a key expires. Sources: "AWS SDKs and Tools
 * Reference Guide", standardized credential providers; "AssumeRoleWithWebIdentity", AWS STS API Reference. Thread safe. */

#ifndef OPENCICD_S3_CREDENTIALS_H
#define OPENCICD_S3_CREDENTIALS_H

#include "common/http/http_client.h"
#include "common/s3/sigv4.h"

typedef struct s3_credentials s3_credentials_t;

typedef struct {
    const char *access_key, *secret_key, *secret_key_file; // Settings; "" for none
    const char *profile; // Of the shared file; "": AWS_PROFILE, or `default`
    const char *region;  // Of STS
} s3_credentials_options_t;

s3_credentials_t *
s3_credentials_new (http_client_t *client,
                    const s3_credentials_options_t *options); // Copies them; borrows the client
void s3_credentials_destroy (s3_credentials_t **self_p);

// Fills in the key's three strings, in the turn's arena. INVALID: none are there, or they are incomplete; UNAVAILABLE: STS gives none.
MUST_USE fault_t s3_credentials_find (s3_credentials_t *self, turn_t *turn, sigv4_key_t *out);
// A store refused this one: the next find looks for another, unless somebody else has found one since. False where it cannot be another.
bool s3_credentials_refused (s3_credentials_t *self, const char *access_key);

#endif
