/* openapi.h - the API as an OpenAPI 3.1 document, from the tables of routes and messages alone. */

#ifndef OPENCICD_GATEWAY_OPENAPI_H
#define OPENCICD_GATEWAY_OPENAPI_H

#include "common/base/buffer.h"

#define OPENAPI_MAX (1 << 20) // Bytes of the document

void openapi_print (buffer_t *into);

#endif
