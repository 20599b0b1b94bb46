/* support.c - see support.h. */

#include "workflow/model/support.h"

#include <stddef.h>

#define FEATURE_ROW(name, runs, text) {runs, text},
static const struct {
    bool runs;
    const char *text;
} features[] = {FEATURES (FEATURE_ROW)};
#undef FEATURE_ROW

const char *feature_refusal (feature_t feature)
{
    return features[feature].runs ? NULL : features[feature].text;
}
