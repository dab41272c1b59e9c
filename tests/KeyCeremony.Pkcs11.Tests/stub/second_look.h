/*
 * Which of the program's processes this is: each has its command in its arguments. Static: each library has its own copy and
 * exports none.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int was_started_as(const char *command)
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
    return strstr(line, command) != NULL;
}

static int is_second_look(void)
{
    return was_started_as(" second-look ");
}
