/* certificate.c - see certificate.h. */

#include "tests/http/certificate.h"

#include "tests/unit/test.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define DAY 86400

static void extend (X509 *certificate, int what, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb (&context);
    X509V3_set_ctx (&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, &context, what, value);
    CHECK (extension && X509_add_ext (certificate, extension, -1) == 1);
    X509_EXTENSION_free (extension);
}

static X509 *make (EVP_PKEY *key, const char *name, const char *address)
{
    char alternative[64];
    X509 *made = X509_new ();
    X509_set_version (made, 2);
    ASN1_INTEGER_set (X509_get_serialNumber (made), 1);
    X509_gmtime_adj (X509_getm_notBefore (made), -DAY);
    X509_gmtime_adj (X509_getm_notAfter (made), DAY);
    X509_set_pubkey (made, key);
    X509_NAME *subject = X509_get_subject_name (made);
    X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const unsigned char *) name, -1, -1, 0);
    X509_set_issuer_name (made, subject);
    snprintf (alternative, sizeof alternative, "IP:%s", address);
    extend (made, NID_basic_constraints, "critical,CA:TRUE");
    extend (made, NID_subject_alt_name, alternative);
    CHECK (X509_sign (made, key, EVP_sha256 ()) > 0);
    return made;
}

certificate_t certificate_make (const char *folder, const char *name, const char *address)
{
    certificate_t self;
    EVP_PKEY *key = EVP_EC_gen ("P-256");
    CHECK (key);
    X509 *made = make (key, name, address);
    snprintf (self.cert_file, sizeof self.cert_file, "%s/%s.pem", folder, name);
    snprintf (self.key_file, sizeof self.key_file, "%s/%s.key", folder, name);
    FILE *file = fopen (self.cert_file, "w");
    CHECK (file && PEM_write_X509 (file, made) == 1 && fclose (file) == 0);
    file = fopen (self.key_file, "w");
    CHECK (file && PEM_write_PrivateKey (file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose (file) == 0);
    X509_free (made);
    EVP_PKEY_free (key);
    return self;
}
