/* settings_blob.h - the rows of settings_table.h about the blob store, where it is a bucket (docs/operating.md). */

#ifndef OPENCICD_SETTINGS_BLOB_H
#define OPENCICD_SETTINGS_BLOB_H

// clang-format off
#define BLOB_SETTINGS(S)                                                                                             \
    S (URL, blob_url, SERVER, "Where logs and artifacts are stored: dir:FOLDER, or s3://BUCKET/PREFIX.",             \
       .schemes = "dir|s3", .initial = "dir:{data_dir}/blobs")                                                       \
    S (URL, blob_endpoint, SERVER, "The S3 server; empty: AWS_ENDPOINT_URL_S3, else Amazon's.", .schemes = "http|https") \
    S (STR, blob_region, SERVER, "The bucket's region; empty: AWS_REGION, else us-east-1.", .metavar = "REGION")     \
    S (ENUM, blob_style, SERVER, "Where an address has the bucket's name; `auto`: at Amazon in the host, elsewhere in the path.", \
       .choices = "auto|path|virtual", .initial = "auto")                                                            \
    S (STR, blob_access_key, SERVER, "The access key; empty: as AWS's tools find it (AWS_ACCESS_KEY_ID, web identity, ~/.aws/credentials).", \
       .metavar = "KEY")                                                                                             \
    S (SECRET, blob_secret_key, SERVER, "Its secret key; safer in a file (--blob-secret-key-file).", .metavar = "KEY") \
    S (PATH, blob_secret_key_file, SERVER, "The file with that secret key.", .metavar = "FILE")                      \
    S (STR, blob_profile, SERVER, "The profile in the shared credentials file; empty: AWS_PROFILE, else default.",   \
       .metavar = "NAME")                                                                                            \
    S (PATH, blob_ca_file, SERVER, "Authorities that the S3 server's certificate is checked against; empty: the system's.", \
       .metavar = "FILE")                                                                                            \
    S (U32, blob_timeout_seconds, SERVER, "How long a request to the S3 server may take, all attempts together.",    \
       .metavar = "SECONDS", .initial = "60", .least = 1, .most = 600)
// clang-format on

#endif
