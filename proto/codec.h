/* codec.h - the messages of proto/, as the table that common/'s bus and actors work with. */

#ifndef OPENCICD_PROTO_CODEC_H
#define OPENCICD_PROTO_CODEC_H

#include "common/bus/codec.h"

extern const codec_t proto_codec;

#endif
