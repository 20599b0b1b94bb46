/* mask_forms.h - the other forms in which a secret may be printed: base64, JSON, a URL, XML, quoted for a shell.
 *
 * Those of GitHub's runner (ValueEncoders.cs), plus base64url, form encoding and the shell's own quotes. Base64 has one form for
 * each of the three offsets at which the secret may begin within a group of bytes, so that "user:secret" is masked, too. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_MASK_FORMS_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_MASK_FORMS_H

#include "common/base/fault.h"

#include <stddef.h>

#define MASK_FORMS     24         // Of one value, at most
#define MASK_FORM_FROM (16 << 10) // Bytes; of a longer value no other forms are masked

typedef fault_t (*mask_form_fn) (void *self, const char *form, size_t size);

// Calls `add` with each form that differs from the value; some may come twice. Its fault ends the search.
MUST_USE fault_t mask_forms (const char *value, size_t size, mask_form_fn add, void *self);

#endif
