/* memory.h - how much memory a benchmark had. */

#ifndef OPENCICD_BENCH_MEMORY_H
#define OPENCICD_BENCH_MEMORY_H

#include <stdio.h>

// The most that this process had until now: ru_maxrss would also tell of the program that started it.
static inline double most_megabytes (void)
{
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen ("/proc/self/status", "re");
    while (status && fgets (line, sizeof line, status) && sscanf (line, "VmHWM: %ld", &kilobytes) != 1)
        continue;
    if (status)
        fclose (status);
    return (double) kilobytes / 1024;
}

#endif
