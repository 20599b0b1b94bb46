/* mask_forms.h - the other forms in which a secret is printed: base64, JSON, a URL, XML, quoted for a shell.
 *
 * Those of GitHub's runner (ValueEncoders.cs), and beyond them base64url, form encoding and the shell's own quotes. Base64 has one form for
 * each place at which the secret may begin within three bytes, as far as the secret alone decides it, so that "user:secret" is covered too. */

#ifndef OPENCICD_AGENT_ENGINE_MASK_FORMS_H
#define OPENCICD_AGENT_ENGINE_MASK_FORMS_H

#include "common/base/fault.h"

#include <stddef.h>

#define MASK_FORMS     24         // Of one value, at most
#define MASK_FORM_FROM (16 << 10) // Bytes; a longer value is masked as it is alone

typedef fault_t (*mask_form_fn) (void *self, const char *form, size_t size);

// Gives each form that differs from the value, some perhaps twice.
MUST_USE fault_t mask_forms (const char *value, size_t size, mask_form_fn add, void *self);

#endif
