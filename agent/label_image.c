/* label_image.c - see label_image.h. */

#include "agent/label_image.h"

#include <string.h>
#include <strings.h>

#define DOCKER "docker:"

// The next one without the blanks around it, and what it maps to, NULL for none. False after the last.
static bool next (arena_t *arena, const char **at, const char **label, const char **target)
{
    *at += strspn (*at, ", ");
    if (!**at)
        return false;
    size_t size = strcspn (*at, ",");
    char *text = arena_strndup (arena, *at, size);
    *at += size;
    for (size_t end = strlen (text); end > 0 && text[end - 1] == ' '; end--)
        text[end - 1] = 0;
    char *equals = strchr (text, '=');
    *target = equals ? equals + 1 : NULL;
    if (equals)
        *equals = 0;
    *label = text;
    return true;
}

const char *label_image (arena_t *arena, const char *labels, const strs_t *asked)
{
    for (size_t i = 0; i < asked->count; i++) {
        const char *at = labels, *label, *target;
        while (next (arena, &at, &label, &target))
            if (target && strcasecmp (label, asked->items[i]) == 0)
                return strncmp (target, DOCKER, strlen (DOCKER)) == 0 ? target + strlen (DOCKER) : "";
    }
    return "";
}

bool label_images_ok (arena_t *arena, const char *labels, const char **wrong)
{
    const char *label, *target;
    while (next (arena, &labels, &label, &target)) {
        bool good = !target || strcmp (target, "host") == 0 ||
                    (strncmp (target, DOCKER, strlen (DOCKER)) == 0 && target[strlen (DOCKER)]);
        *wrong = good ? "" : arena_printf (arena, "%s=%s", label, target);
        if (!good)
            return false;
    }
    return true;
}
