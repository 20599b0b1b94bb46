/* rsa_key.c - see rsa_key.h. */

#include "services/identity/rsa_key.h"

#include "common/base/bytes.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#define BITS 2048

static const char *number_of (arena_t *arena, const EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    if (!EVP_PKEY_get_bn_param (key, name, &number))
        return NULL;
    size_t size = (size_t) BN_num_bytes (number);
    unsigned char *bytes = arena_alloc (arena, size + 1);
    BN_bn2bin (number, bytes);
    BN_free (number);
    return bytes_base64url (arena, bytes, size);
}

static const char *pem_of (arena_t *arena, const EVP_PKEY *key)
{
    char *text = NULL;
    BIO *bio = BIO_new (BIO_s_secmem ());
    bool written = bio && PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
    long size = written ? BIO_get_mem_data (bio, &text) : 0;
    const char *pem = size > 0 ? arena_strndup (arena, text, (size_t) size) : NULL;
    BIO_free (bio);
    return pem;
}

bool rsa_key_make (arena_t *arena, rsa_key_t *out)
{
    EVP_PKEY *key = EVP_RSA_gen (BITS);
    *out = (rsa_key_t){0};
    if (!key)
        return false;
    *out = (rsa_key_t){.pem = pem_of (arena, key),
                       .modulus = number_of (arena, key, OSSL_PKEY_PARAM_RSA_N),
                       .exponent = number_of (arena, key, OSSL_PKEY_PARAM_RSA_E)};
    EVP_PKEY_free (key);
    return out->pem && out->modulus && out->exponent;
}

static const char *sign (arena_t *arena, EVP_PKEY *key, const char *text)
{
    const char *signature = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new ();
    size_t size = (size_t) EVP_PKEY_get_size (key);
    unsigned char *bytes = arena_alloc (arena, size + 1);
    if (context && EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key) == 1 &&
        EVP_DigestSign (context, bytes, &size, (const unsigned char *) text, strlen (text)) == 1)
        signature = bytes_base64url (arena, bytes, size);
    EVP_MD_CTX_free (context);
    return signature;
}

const char *rsa_key_sign (arena_t *arena, const char *pem, const char *text)
{
    BIO *bio = BIO_new_mem_buf (pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL) : NULL;
    const char *signature =
        key && EVP_PKEY_get_base_id (key) == EVP_PKEY_RSA ? sign (arena, key, text) : NULL;
    EVP_PKEY_free (key);
    BIO_free (bio);
    return signature;
}
