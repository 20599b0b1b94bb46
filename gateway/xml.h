/* xml.h - text in XML, as content or in a quoted attribute. What XML does not allow is U+FFFD. */

#ifndef OPENCICD_GATEWAY_XML_H
#define OPENCICD_GATEWAY_XML_H

#include "common/base/buffer.h"

void xml_put (buffer_t *into, const char *text);

#endif
