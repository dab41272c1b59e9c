/*
 * Whether this process was started as "second-look". Static: each library has its own copy and exports none.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int is_second_look(void)
{
    char line[4096];
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, line, sizeof line - 1);
    if (file >= 0)
        close(file);
    for (ssize_t i = 0; i < length; i++)
        if (!line[i])
            line[i] = ' ';
    line[length > 0 ? length : 0] = 0;
    return strstr(line, " second-look ") != NULL;
}
