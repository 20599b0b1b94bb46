/* certificate.h - a certificate that signs itself, for a peer that speaks TLS. */

#ifndef OPENCICD_TEST_CERTIFICATE_H
#define OPENCICD_TEST_CERTIFICATE_H

typedef struct {
    char cert_file[300], key_file[300]; // PEM
} certificate_t;

certificate_t certificate_make (const char *folder, const char *name,
                                const char *address); // Of "127.0.0.1", say

#endif
