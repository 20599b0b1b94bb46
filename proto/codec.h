/* codec.h - the messages of proto/ as a codec_t, which is all that common/'s bus and actors know of them. */

#ifndef OPENCICD_PROTO_CODEC_H
#define OPENCICD_PROTO_CODEC_H

#include "common/bus/codec.h"

extern const codec_t proto_codec;

#endif
