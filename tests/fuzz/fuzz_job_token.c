/* A job's token from outside. The first byte says whether it is signed, as though the key had leaked or an older version had signed it: then
 * it is read to the end. What is accepted says a job and a time that has not come. */

#include "common/base/job_token.h"
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

#define NOW SECONDS (1900000000)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const secret_key_t key = {.bytes = {1}, .older = {{2}}, .older_count = 1};
    unsigned char mac[32];
    char sum[64];
    job_token_t token;
    if (size == 0 || size > 1000)
        return 0;
    arena_t *arena = arena_new ();
    const char *text = arena_strndup (arena, (const char *) data + 1, size - 1);
    if (data[0] & 1) {
        text = arena_printf (arena, "ocj_%s", text);
        crypto_generichash (mac, sizeof (mac), (const unsigned char *) text, strlen (text),
                            data[0] & 2 ? key.bytes : key.older[0], SECRET_KEY_SIZE);
        sodium_bin2base64 (sum, sizeof (sum), mac, sizeof (mac), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        text = arena_printf (arena, "%s.%s", text, sum);
    }
    fault_t fault = job_token_check (&key, arena, text, NOW, &token);
    FUZZ_CHECK (fault == OK || fault == UNAUTHORIZED);
    FUZZ_CHECK (fault != OK || (token.job[0] && token.expires_us > NOW));
    arena_destroy (&arena);
    return 0;
}
